//! Compressed values: `idds_zip:` and the base64 of the zlib of their JSON text.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};

/// Beginning of a compressed value.
const PREFIX: &str = "idds_zip:";

/// A value that is sent compressed.
pub(super) struct Zipped<T>(pub(super) T);

impl<T: Serialize> Serialize for Zipped<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        serde_json::to_writer(&mut encoder, &self.0).map_err(S::Error::custom)?;
        encoder.flush().map_err(S::Error::custom)?;
        let bytes = encoder.finish().map_err(S::Error::custom)?;
        serializer.serialize_str(&format!("{PREFIX}{}", STANDARD.encode(bytes)))
    }
}
