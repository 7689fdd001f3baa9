//! Compressed values: `idds_zip:` and the base64 of the zlib of their JSON text.

use std::fmt;
use std::io::{self, Read as _, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderWriter;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Beginning of a compressed value.
const PREFIX: &str = "idds_zip:";

/// Bytes that are unpacked at a time.
const CHUNK: usize = 64 << 10;

/// Fewest bytes for each value, on average: a value in memory is many times as long as a short text of it.
const BYTES_PER_VALUE: usize = 16;

/// Unpacks a compressed value, of which at most `limit` bytes are made; returns it with its size.
///
/// None when the text is no compressed value at all.
///
/// # Errors
///
/// A clause that says why it cannot be unpacked.
pub(super) fn unpack(text: &str, limit: usize) -> Option<Result<(Value, usize), String>> {
    Some(unpack_base64(text.strip_prefix(PREFIX)?, limit))
}

fn unpack_base64(text: &str, limit: usize) -> Result<(Value, usize), String> {
    let packed = STANDARD
        .decode(text)
        .map_err(|error| format!("is no base64 after {PREFIX}: {error}"))?;
    let (mut bytes, mut values) = (Vec::new(), 0);
    let mut decoder = ZlibDecoder::new(&*packed);
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = decoder
            .read(&mut chunk)
            .map_err(|error| format!("cannot be unpacked: {error}"))?;
        if count == 0 {
            break;
        }
        // At most so many: commas and brackets in texts are counted, too.
        values += chunk[..count]
            .iter()
            .filter(|byte| matches!(byte, b',' | b'[' | b'{'))
            .count();
        bytes.extend_from_slice(&chunk[..count]);
        if bytes.len() > limit {
            return Err(format!(
                "unpacks to more than the {limit} bytes that are left of the limit"
            ));
        }
        if values > limit / BYTES_PER_VALUE {
            return Err(format!(
                "unpacks to more than {} values",
                limit / BYTES_PER_VALUE
            ));
        }
    }
    let value = serde_json::from_slice(&bytes)
        .map_err(|error| format!("is no compressed JSON: {error}"))?;
    Ok((value, bytes.len()))
}

/// A value that is sent compressed.
pub(crate) struct Zipped<T>(pub(crate) T);

impl<T: Serialize> Serialize for Zipped<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Writes the compressed text piece by piece, so that a big value takes no memory.
impl<T: Serialize> fmt::Display for Zipped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        let mut encoder = ZlibEncoder::new(
            EncoderWriter::new(Ascii(f), &STANDARD),
            Compression::default(),
        );
        serde_json::to_writer(&mut encoder, &self.0).map_err(|_| fmt::Error)?;
        encoder
            .finish()
            .and_then(|mut base64| base64.finish())
            .map_err(|_| fmt::Error)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(value: &Value) -> String {
        let text = serde_json::to_value(Zipped(value)).expect("JSON");
        text.as_str().expect("text").to_owned()
    }

    #[test]
    fn a_value_comes_back_with_its_size() {
        let value = serde_json::json!({"a": [1, 2.5, null]});
        assert_eq!(unpack(&packed(&value), 100), Some(Ok((value, 18))));
        assert_eq!(unpack("other text", 100), None);
    }

    #[test]
    fn a_zip_bomb_is_refused_before_it_is_unpacked() {
        let bomb = packed(&"x".repeat(1 << 20).into());
        assert!(bomb.len() < 2000);
        let message = unpack(&bomb, 1000)
            .expect("compressed")
            .expect_err("too big");
        insta::assert_snapshot!(message, @"unpacks to more than the 1000 bytes that are left of the limit");
    }

    #[test]
    fn a_bomb_of_values_is_refused_before_they_are_made() {
        let bomb = packed(&vec![serde_json::json!({}); 100_000].into());
        let message = unpack(&bomb, 1 << 20)
            .expect("compressed")
            .expect_err("too many");
        insta::assert_snapshot!(message, @"unpacks to more than 65536 values");
    }

    #[test]
    fn garbage_is_named() {
        let messages = ["idds_zip:!", "idds_zip:AAAA", "idds_zip:"]
            .map(|text| unpack(text, 9).expect("compressed"));
        assert!(messages.iter().all(Result::is_err), "{messages:?}");
    }
}
