//! What is stored, as the server shows it.

pub(crate) mod catalog;
pub(crate) mod monitor;
pub(crate) mod request;
pub(crate) mod transform;

use crate::pretty::{Cell, Field};

/// Fields in which the server keeps which of its threads works on something.
const THREADS: [&str; 4] = [
    "locking_hostname",
    "locking_pid",
    "locking_thread_id",
    "locking_thread_name",
];

/// Returns these fields, all null.
fn nulls<const N: usize>(names: [&'static str; N]) -> [Field; N] {
    names.map(|name| (name, Cell::Null))
}

/// Shows a date that may not be there.
fn date(moment: Option<i64>) -> Cell {
    Cell::maybe(moment, Cell::Date)
}
