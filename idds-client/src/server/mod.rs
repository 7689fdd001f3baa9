//! The kind of server that answers, and how to find out its version.

mod kind;
mod probe;

pub(crate) use self::kind::Seen;
pub use self::kind::Server;
