//! Jobs: what of the works of programs is started, and what becomes of it.

mod disks;
mod elsewhere;
mod noting;
mod place;
mod runner;
#[cfg(test)]
mod scripted;
mod steering;

pub(crate) use self::elsewhere::Elsewhere;
pub(crate) use self::place::{Place, container, quoted};
pub(crate) use self::runner::{Capacity, Runner};
#[cfg(test)]
pub(crate) use self::scripted::Scripted;
