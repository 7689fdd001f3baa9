//! What crosses modules: definitions through the wire and back, their neutral form, and its schemas.

mod agreement;
mod compile_fail;
mod decode;
mod documents;
mod found;
mod neutral;
mod random;
mod readers;
mod samples;
mod typed;
