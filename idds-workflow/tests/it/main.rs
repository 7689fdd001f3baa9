//! The neutral form of definitions, and its schemas.

mod agreement;
mod neutral;
mod random;
mod samples;
