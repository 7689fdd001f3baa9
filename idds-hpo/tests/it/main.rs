//! What this crate makes of bytes from elsewhere, and what its steering does with whatever it is given.

mod found;
mod readers;
mod steer;
