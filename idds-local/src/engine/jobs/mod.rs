//! Jobs: what of the works of programs is started, and what becomes of it.

mod place;
mod runner;

pub(crate) use self::place::Place;
pub(crate) use self::runner::{Capacity, Runner};
