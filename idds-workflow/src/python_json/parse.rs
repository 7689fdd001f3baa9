//! From bytes to a tree that knows where each value stood.

use std::borrow::Cow;
use std::ops::Range;

use indexmap::IndexMap;
use indexmap::map::Entry;

use super::MAX_DEPTH;
use super::error::{Error, Step, quoted, shown};

/// A text and its value.
pub(super) struct Parsed<'a> {
    pub(super) text: &'a str,
    pub(super) root: Node<'a>,
    /// What is not in the tree any more.
    pub(super) losses: Vec<Loss>,
}

/// Something that the tree does not hold as it stood in the text.
#[derive(Debug)]
pub(super) struct Loss {
    pub(super) at: usize,
    pub(super) message: String,
}

/// A value, and the bytes of the text that it was.
pub(super) struct Node<'a> {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind<'a>,
}

pub(super) enum Kind<'a> {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    /// An integer beyond 64 bits, as near as a float comes to it.
    Long(f64),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(IndexMap<Cow<'a, str>, Node<'a>>),
}

impl Parsed<'_> {
    pub(super) fn error(&self, at: usize, place: Vec<Step>, message: String) -> Error {
        Error::new(self.text, at, &place, message)
    }
}

/// Reads a text whole.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed<'_>, Error> {
    let text = text(bytes)?;
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        losses: Vec::new(),
    };
    parser.skip_space();
    if parser.rest().is_empty() {
        return Err(parser.error("the text is empty, a JSON value is expected"));
    }
    let root = parser.value()?;
    parser.skip_space();
    if !parser.rest().is_empty() {
        return Err(parser.error(format!(
            "{} follows after the end of the value",
            parser.next_word()
        )));
    }
    Ok(Parsed {
        text,
        root,
        losses: parser.losses,
    })
}

/// Returns the characters of a text, without a byte order mark.
fn text(bytes: &[u8]) -> Result<&str, Error> {
    // JSON begins with two characters of ASCII, so zeros among its first four bytes tell the encoding (RFC 4627, section 3).
    let other = match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, _, ..] | [_, 0, 0, 0, ..] => {
            Some("UTF-32")
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, _, ..] | [_, 0, ..] => Some("UTF-16"),
        _ => None,
    };
    if let Some(other) = other {
        return Err(Error::syntax(
            "",
            0,
            format!("the text is {other}, write it as UTF-8"),
        ));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    str::from_utf8(bytes).map_err(|error| {
        let end = error.valid_up_to();
        let before = str::from_utf8(&bytes[..end]).unwrap_or_default();
        Error::syntax(
            before,
            end,
            format!("the byte 0x{:02x} is not UTF-8", bytes[end]),
        )
    })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    losses: Vec<Loss>,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn skip_space(&mut self) {
        let is_space = |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'\n' | b'\r');
        self.at += self.rest().iter().take_while(is_space).count();
    }

    /// Takes this byte, and the space behind it, when it comes next.
    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.rest().first() == Some(&byte);
        if is_next {
            self.at += 1;
            self.skip_space();
        }
        is_next
    }

    fn error(&self, message: impl Into<String>) -> Error {
        self.error_at(self.at, message)
    }

    fn error_at(&self, at: usize, message: impl Into<String>) -> Error {
        Error::syntax(self.text, at, message.into())
    }

    /// Returns what comes next, as an error shows it.
    fn next_word(&self) -> String {
        let rest = &self.text[self.at..];
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.');
        let word = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let first = rest.chars().next().map_or(0, char::len_utf8);
        if rest.is_empty() {
            "the end of the text".to_owned()
        } else {
            quoted(&rest[..word.max(first)])
        }
    }

    fn value(&mut self) -> Result<Node<'a>, Error> {
        let start = self.at;
        let kind = match self.rest() {
            [b'{', ..] => self.nested(Self::object)?,
            [b'[', ..] => self.nested(Self::list)?,
            [b'"', ..] => Kind::Text(self.string()?),
            [b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..] => self.number()?,
            _ => self.word()?,
        };
        Ok(Node {
            range: start..self.at,
            kind,
        })
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Kind<'a>, Error>,
    ) -> Result<Kind<'a>, Error> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(format!("the text is nested deeper than {MAX_DEPTH} levels")));
        }
        self.depth += 1;
        let kind = read(self);
        self.depth -= 1;
        kind
    }

    fn list(&mut self) -> Result<Kind<'a>, Error> {
        let start = self.at;
        let mut items = Vec::new();
        self.take(b'[');
        while !self.ends_with(b']', items.is_empty(), "list", start)? {
            items.push(self.value()?);
            self.skip_space();
        }
        Ok(Kind::List(items))
    }

    fn object(&mut self) -> Result<Kind<'a>, Error> {
        let start = self.at;
        let mut members = IndexMap::new();
        self.take(b'{');
        while !self.ends_with(b'}', members.is_empty(), "object", start)? {
            let at = self.at;
            if self.rest().first() != Some(&b'"') {
                return Err(self.error(format!("{} is no name in double quotes", self.next_word())));
            }
            let name = self.string()?;
            self.skip_space();
            if !self.take(b':') {
                let what = format!(
                    "{} is given where a colon is expected after {}",
                    self.next_word(),
                    quoted(&name)
                );
                return Err(self.error(what));
            }
            let value = self.value()?;
            self.skip_space();
            match members.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(value);
                }
                // As in Python, the last one counts; where nothing may be lost, it is an error.
                Entry::Occupied(mut place) => {
                    let message = format!("the key {} is given twice", quoted(place.key()));
                    self.losses.push(Loss { at, message });
                    place.insert(value);
                }
            }
        }
        Ok(Kind::Object(members))
    }

    /// Tells whether a list or an object ends here; else takes the comma that stands before all values but the first.
    fn ends_with(
        &mut self,
        end: u8,
        is_first: bool,
        what: &str,
        start: usize,
    ) -> Result<bool, Error> {
        if self.rest().first() == Some(&end) {
            self.at += 1;
            return Ok(true);
        }
        if self.rest().is_empty() {
            return Err(self.error_at(
                start,
                format!("the {what} that begins here has no end: the text is cut off"),
            ));
        }
        let comma = self.at;
        if !is_first && !self.take(b',') {
            let what = format!(
                "{} is given where a comma or the end of the {what} is expected",
                self.next_word()
            );
            return Err(self.error(what));
        }
        if self.rest().first() == Some(&end) {
            return Err(self.error_at(
                comma,
                format!("the comma before the end of the {what} is too much"),
            ));
        }
        Ok(false)
    }

    fn number(&mut self) -> Result<Kind<'a>, Error> {
        let start = self.at;
        let digits = |parser: &mut Self| {
            let count = parser
                .rest()
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            parser.at += count;
            count
        };
        self.at += usize::from(self.rest()[0] == b'-');
        let is_padded = matches!(self.rest(), [b'0', b'0'..=b'9', ..]);
        digits(self);
        let mut is_integer = true;
        let mut is_complete = !is_padded;
        if self.rest().first() == Some(&b'.') {
            self.at += 1;
            is_integer = false;
            is_complete &= digits(self) > 0;
        }
        if let [b'e' | b'E', rest @ ..] = self.rest() {
            self.at += if matches!(rest, [b'+' | b'-', ..]) {
                2
            } else {
                1
            };
            is_integer = false;
            is_complete &= digits(self) > 0;
        }
        let number = &self.text[start..self.at];
        if !is_complete {
            let why = if is_padded {
                "a leading zero"
            } else {
                "no digit where one is expected"
            };
            return Err(self.error_at(start, format!("the number {} has {why}", shown(number))));
        }
        let float = || number.parse().unwrap_or(f64::NAN);
        Ok(match (number.parse(), number.parse()) {
            // `-0` is a float to serde_json, which reads the texts that are nothing but JSON: both must read a text alike.
            _ if !is_integer || number == "-0" => Kind::Float(float()),
            (Ok(signed), _) => Kind::Signed(signed),
            (_, Ok(unsigned)) => Kind::Unsigned(unsigned),
            _ => Kind::Long(float()),
        })
    }

    /// Reads what is neither a number nor in quotes or brackets.
    fn word(&mut self) -> Result<Kind<'a>, Error> {
        let start = self.at;
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'-');
        self.at += self.rest().iter().take_while(is_part).count();
        let instead = match &self.text[start..self.at] {
            "null" => return Ok(Kind::Null),
            "true" => return Ok(Kind::Bool(true)),
            "false" => return Ok(Kind::Bool(false)),
            "NaN" => return Ok(Kind::Float(f64::NAN)),
            "Infinity" => return Ok(Kind::Float(f64::INFINITY)),
            "-Infinity" => return Ok(Kind::Float(f64::NEG_INFINITY)),
            "None" => "; write null",
            "True" => "; write true",
            "False" => "; write false",
            "nan" => "; write NaN",
            "inf" => "; write Infinity",
            "-inf" => "; write -Infinity",
            "" if self.rest().first() == Some(&b'\'') => "; write text in double quotes",
            _ => "",
        };
        self.at = start;
        Err(self.error(format!(
            "{} is given where a JSON value is expected{instead}",
            self.next_word()
        )))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        let start = self.at;
        self.at += 1;
        let mut text = Cow::Borrowed("");
        loop {
            let plain = self
                .rest()
                .iter()
                .take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20))
                .count();
            let part = &self.text[self.at..self.at + plain];
            self.at += plain;
            if text.is_empty() {
                text = part.into();
            } else {
                text.to_mut().push_str(part);
            }
            match self.rest() {
                [b'"', ..] => {
                    self.at += 1;
                    return Ok(text);
                }
                [b'\\', ..] => {
                    let c = self.escape(start)?;
                    text.to_mut().push(c);
                }
                [byte, ..] => {
                    let what = format!(
                        "the control character 0x{byte:02x} stands in a text, write it as \\u{byte:04x}"
                    );
                    return Err(self.error(what));
                }
                [] => return Err(self.cut_off(start)),
            }
        }
    }

    fn cut_off(&self, start: usize) -> Error {
        self.error_at(start, "the text that begins here has no closing quote")
    }

    /// Reads an escaped character.
    fn escape(&mut self, start: usize) -> Result<char, Error> {
        let at = self.at;
        let Some(&letter) = self.rest().get(1) else {
            return Err(self.cut_off(start));
        };
        self.at += 2;
        Ok(match letter {
            b'"' | b'\\' | b'/' => letter.into(),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hexadecimal(at)?;
                let low = match self.rest() {
                    [b'\\', b'u', ..] if (0xD800..0xDC00).contains(&high) => {
                        self.at += 2;
                        let low = self.hexadecimal(at)?;
                        if !(0xDC00..0xE000).contains(&low) {
                            self.at -= 6;
                        }
                        low
                    }
                    _ => 0,
                };
                let pair = (0xDC00..0xE000)
                    .contains(&low)
                    .then(|| 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
                char::from_u32(pair.unwrap_or(high)).unwrap_or_else(|| {
                    let message = format!("\\u{high:04x} is half of a character");
                    self.losses.push(Loss { at, message });
                    char::REPLACEMENT_CHARACTER
                })
            }
            _ => {
                let after = self.text[at..].chars().nth(1).unwrap_or_default();
                return Err(self.error_at(
                    at,
                    format!("the escape {:?} is unknown", format!("\\{after}")),
                ));
            }
        })
    }

    /// Reads the four digits of an escaped character.
    fn hexadecimal(&mut self, at: usize) -> Result<u32, Error> {
        let digits = self
            .rest()
            .get(..4)
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let code =
            digits.and_then(|digits| u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok());
        self.at += 4;
        code.ok_or_else(|| self.error_at(at, "four hexadecimal digits are expected after \\u"))
    }
}
