//! The v2 family of classes, `idds.workflowv2`: the one that the 2.6.21 server can run.

mod collection;
mod condition;
mod part;
mod work;
mod workflow;

pub(super) use self::part::{Maps, Part};
pub use self::workflow::Encoded;
