//! Versions of the server: which calls it knows, and over which routes.

mod family;
mod operation;
mod probe;

pub use self::family::ServerFamily;
pub(crate) use self::operation::{Operation, Support};
pub use self::probe::Probe;
