//! Definitions as objects of their Python classes, in either family.

mod collection;
mod condition;
mod link;
mod state;
mod work;
mod workflow;

pub use self::workflow::Encoded;
