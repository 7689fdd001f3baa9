//! Kinds and versions of the server: which calls it knows, and over which routes.

mod family;
mod kind;
mod operation;
mod probe;

pub use self::family::ServerFamily;
pub(crate) use self::kind::Seen;
pub use self::kind::Server;
pub(crate) use self::operation::{Operation, Support};
pub use self::probe::Probe;
