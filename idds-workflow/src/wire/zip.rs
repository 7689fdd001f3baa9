//! Compressed values: `idds_zip:` and the base64 of the zlib of their JSON text.

use std::fmt;
use std::io::{self, Write};

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderWriter;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde::{Serialize, Serializer};

/// Beginning of a compressed value.
const PREFIX: &str = "idds_zip:";

/// A value that is sent compressed.
pub(super) struct Zipped<T>(pub(super) T);

impl<T: Serialize> Serialize for Zipped<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Writes the compressed text piece by piece, so that a big value takes no memory.
impl<T: Serialize> fmt::Display for Zipped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        let mut encoder = ZlibEncoder::new(EncoderWriter::new(Ascii(f), &STANDARD), Compression::default());
        serde_json::to_writer(&mut encoder, &self.0).map_err(|_| fmt::Error)?;
        encoder.finish().and_then(|mut base64| base64.finish()).map_err(|_| fmt::Error)?;
        Ok(())
    }
}

/// Hands text on that comes as bytes.
struct Ascii<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Ascii<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = str::from_utf8(bytes).map_err(io::Error::other)?;
        self.0.write_str(text).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
