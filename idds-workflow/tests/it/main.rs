//! What crosses modules: definitions through the wire and back, their neutral form, and its schemas.

mod agreement;
mod decode;
mod documents;
mod neutral;
mod random;
mod samples;
