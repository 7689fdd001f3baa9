//! A hyperparameter search.

fn main() {}
