//! What crosses modules: definitions through the wire and back.

mod decode;
mod random;
