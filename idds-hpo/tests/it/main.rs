//! What this crate makes of bytes from elsewhere.

mod found;
mod readers;
