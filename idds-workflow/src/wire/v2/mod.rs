//! The v2 family of classes, `idds.workflowv2`: the one that the 2.6.21 server can run.

mod collection;
mod condition;
mod work;
mod workflow;

pub use self::workflow::Encoded;
pub(super) use self::workflow::{Maps, Part};
