//! JSON as Python writes and reads it.
//!
//! Python's `json` takes more than JSON has: `NaN`, `Infinity` and `-Infinity`, integers of any length, a name that an object has
//! twice (the last one counts), halves of surrogate pairs, and a byte order mark in front. A server, a steering program and a
//! program that is given a point all write with it, so everything that comes from outside is read here.
//!
//! What Rust's types cannot hold is read in one of two ways:
//!
//! | in the text | [`read`] | [`read_exact`] |
//! | --- | --- | --- |
//! | `NaN`, infinities, `1e999`, where a number is read (`f64`, [`Number`](crate::Number)) | that number | that number |
//! | the same, where any value is read ([`Value`](serde_json::Value)) | the text `"NaN"`, `"Infinity"` or `"-Infinity"` | an error |
//! | an integer beyond 64 bits | the nearest `f64` | an error, but where an `f64` is read |
//! | a name that an object has twice | the last value | an error |
//! | half of a surrogate pair | U+FFFD | an error |
//!
//! The text `"NaN"` is never a number, but where a [`NumberOrText`] is read. Nesting is limited to [`MAX_DEPTH`] levels, the length by who reads the bytes.
//!
//! ```
//! use idds_workflow::python_json;
//!
//! let (name, loss): (String, f64) = python_json::read(br#"["a", NaN]"#)?;
//! assert!(loss.is_nan());
//!
//! let error = python_json::read_exact::<serde_json::Value>(br#"{"seeds": [1, 1180591620717411303425]}"#).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "line 1, column 15: seeds[1]: the integer 1180591620717411303425 is beyond 64 bits; write it as text"
//! );
//! # Ok::<(), python_json::Error>(())
//! ```

mod deserialize;
mod error;
mod key;
mod number;
mod parse;
mod repr;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;

use serde::de::{DeserializeOwned, Deserializer};

use self::deserialize::{Asked, Limits};
pub use self::error::Error;
use self::error::Step;
pub use self::number::NumberOrText;
use self::parse::{Kind, Node, Parsed};
pub use self::repr::repr;

/// Deepest nesting of a text that is read, the same as that of `serde_json`.
pub const MAX_DEPTH: usize = 127;

/// Reads a text; what the type cannot hold becomes the nearest that it can.
///
/// A text that is nothing but JSON is read as fast as by `serde_json`.
///
/// # Errors
///
/// Names line, column and place of what is no JSON of Python, or does not fit the type.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    if !has_long_number(bytes)
        && let Ok(value) = serde_json::from_slice(bytes)
    {
        return Ok(value);
    }
    Document::parse(bytes)?.root().read()
}

/// Reads a text of which nothing may be lost or altered, such as a definition.
///
/// # Errors
///
/// Names line, column and place of what is no JSON of Python, does not fit the type, or cannot be kept as it stands.
pub fn read_exact<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    Document::parse(bytes)?.root().read_exact()
}

/// Reads a field whose integers must stay what they are, also where the rest is read by [`read`]:
/// `#[serde(deserialize_with = "python_json::exact_integers")]`.
///
/// # Errors
///
/// Those of the deserializer, and an integer beyond 64 bits.
pub fn exact_integers<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(deserialize::EXACT_INTEGERS, Asked::new())
}

/// A text that was read, before it is known what types it has.
///
/// ```
/// use idds_workflow::python_json::Document;
///
/// let document = Document::parse(br#"{"status": 0, "loss": NaN}"#)?;
/// let loss = document.root().member("loss").expect("a loss");
/// assert_eq!(loss.text(), "NaN");
/// assert!(loss.read::<f64>()?.is_nan());
/// # Ok::<(), idds_workflow::python_json::Error>(())
/// ```
pub struct Document<'a> {
    parsed: Parsed<'a>,
}

/// A value of a [`Document`].
#[derive(Clone)]
pub struct Part<'d, 'a> {
    parsed: &'d Parsed<'a>,
    node: &'d Node<'a>,
    place: Vec<Step>,
}

impl<'a> Document<'a> {
    /// Reads a text.
    ///
    /// # Errors
    ///
    /// Names line and column of what is no JSON of Python.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        parse::parse(bytes).map(|parsed| Self { parsed })
    }

    /// Returns the whole value.
    pub fn root(&self) -> Part<'_, 'a> {
        Part {
            parsed: &self.parsed,
            node: &self.parsed.root,
            place: Vec::new(),
        }
    }
}

impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Document")
            .field(&self.root().text())
            .finish()
    }
}

impl<'d, 'a> Part<'d, 'a> {
    /// Reads the value as [`read`] does.
    ///
    /// # Errors
    ///
    /// Names line, column and place of what does not fit the type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.read_within(Limits::LENIENT)
    }

    /// Reads the value as [`read_exact`] does.
    ///
    /// # Errors
    ///
    /// Names line, column and place of what does not fit the type, or cannot be kept as it stands.
    pub fn read_exact<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let range = &self.node.range;
        match self
            .parsed
            .losses
            .iter()
            .find(|loss| range.contains(&loss.at))
        {
            Some(loss) => Err(self.parsed.error(loss.at, Vec::new(), loss.message.clone())),
            None => self.read_within(Limits::EXACT),
        }
    }

    fn read_within<T: DeserializeOwned>(&self, limits: Limits) -> Result<T, Error> {
        T::deserialize(self.node.deserializer(self.parsed.text, limits)).map_err(|fault| {
            let (at, steps, message) = fault.into_parts();
            let place = self
                .place
                .iter()
                .cloned()
                .chain(steps.into_iter().rev())
                .collect();
            self.parsed
                .error(at.unwrap_or(self.node.range.start), place, message)
        })
    }

    /// Returns the value as it stands in the text.
    pub fn text(&self) -> &'a str {
        &self.parsed.text[self.node.range.clone()]
    }

    /// Returns a member of an object, by its name.
    pub fn member(&self, name: &str) -> Option<Self> {
        let Kind::Object(members) = &self.node.kind else {
            return None;
        };
        members
            .get(name)
            .map(|node| self.inner(node, Step::Name(name.into())))
    }

    /// Returns the members of an object in their order; none when it is no object.
    pub fn members(&self) -> impl Iterator<Item = (&'d str, Self)> {
        let members = if let Kind::Object(members) = &self.node.kind {
            Some(members)
        } else {
            None
        };
        members
            .into_iter()
            .flatten()
            .map(|(name, node)| (&**name, self.inner(node, Step::Name((&**name).into()))))
    }

    /// Returns the items of a list; none when it is no list.
    pub fn items(&self) -> impl Iterator<Item = Self> {
        let items: &'d [Node<'a>] = if let Kind::List(items) = &self.node.kind {
            items
        } else {
            &[]
        };
        items
            .iter()
            .enumerate()
            .map(|(index, node)| self.inner(node, Step::Index(index)))
    }

    /// Writes the value as JSON that every reader of JSON reads.
    ///
    /// Numbers stand as they stood, integers of any length included; `NaN` and infinities become the texts `"NaN"`, `"Infinity"` and
    /// `"-Infinity"`.
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        write::value(self.node, self.parsed.text, &mut json);
        json
    }

    /// Tells whether the value is an object.
    pub fn is_object(&self) -> bool {
        matches!(self.node.kind, Kind::Object(_))
    }

    /// Makes an error about this value.
    pub fn error(&self, message: impl Into<String>) -> Error {
        self.parsed
            .error(self.node.range.start, self.place.clone(), message.into())
    }

    fn inner(&self, node: &'d Node<'a>, step: Step) -> Self {
        let place = self.place.iter().cloned().chain([step]).collect();
        Self {
            parsed: self.parsed,
            node,
            place,
        }
    }
}

impl fmt::Debug for Part<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Part").field(&self.text()).finish()
    }
}

/// Digits of the shortest integer that may be beyond 64 bits.
const LONG: usize = 19;

/// Tells whether there may be an integer beyond 64 bits; `serde_json` rounds it without a word.
fn has_long_number(bytes: &[u8]) -> bool {
    // In a run of that many digits one stands at a multiple of the number, and most of these places hold none.
    let mut at = LONG - 1;
    while let Some(byte) = bytes.get(at) {
        if byte.is_ascii_digit() {
            let is_digit = |byte: &&u8| byte.is_ascii_digit();
            let before = bytes[..at].iter().rev().take_while(is_digit).count();
            let after = bytes[at..].iter().take_while(is_digit).count();
            if before + after >= LONG {
                return true;
            }
        }
        at += LONG;
    }
    false
}
