//! Definitions as objects of their Python classes, in either family.

mod collection;
mod condition;
mod link;
mod part;
mod state;
mod work;
mod workflow;

pub(super) use self::condition::{IS_FALSE, IS_TRUE};
pub(super) use self::part::{Maps, Part};
pub use self::workflow::Encoded;
pub(super) use self::workflow::NO_LIMIT;
