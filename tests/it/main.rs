//! What crosses crates.

fn main() {}
