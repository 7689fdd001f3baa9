//! Definitions as objects of their Python classes, in either family.
//!
//! In the order of the flow: what is to be encoded ([`Encoded`]), the numbers of its ids (`numbering`), the workflow, and what
//! is in it.

mod encoded;

mod workflow;

mod condition;
mod link;
mod slice;
mod state;
mod template;
mod work;

mod collection;
mod numbering;
mod part;

pub(super) use self::condition::{IS_FALSE, IS_TRUE};
pub use self::encoded::Encoded;
pub(super) use self::part::{Maps, Part};
pub(super) use self::workflow::NO_LIMIT;
