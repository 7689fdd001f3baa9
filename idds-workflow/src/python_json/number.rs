//! A number that may be written as text.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// A number, also one that is written as text, such as `"0.25"`: the losses that programs and servers hand on.
///
/// Python's `json` writes the numbers of other libraries so when it is told to write what it does not know as text. The texts of
/// `NaN` and infinities are these numbers here.
///
/// ```
/// use idds_workflow::python_json::{self, NumberOrText};
///
/// let losses: [Option<NumberOrText>; 3] = python_json::read(br#"[0.25, "0.25", null]"#)?;
/// assert_eq!(losses.map(|loss| loss.map(|loss| loss.0)), [Some(0.25), Some(0.25), None]);
/// # Ok::<(), python_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NumberOrText(pub f64);

impl<'de> Deserialize<'de> for NumberOrText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;

        impl Visitor<'_> for Numbers {
            type Value = NumberOrText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<NumberOrText, E> {
                Ok(NumberOrText(number as f64))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<NumberOrText, E> {
                Ok(NumberOrText(number as f64))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<NumberOrText, E> {
                Ok(NumberOrText(number))
            }

            // `NaN` and infinities come so, too.
            fn visit_str<E: Error>(self, text: &str) -> Result<NumberOrText, E> {
                let number = text.trim().parse();
                number
                    .map(NumberOrText)
                    .map_err(|_| E::invalid_type(Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(Numbers)
    }
}
