//! Values of settings as Python programs hand them over: a number, a text, or `None`.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::Number;
use crate::error::Problem;

/// A number, a text, or nothing: the value of a setting that the server hands on as it is.
///
/// Python programs give some settings as `3`, as `3.0`, as `"3"` or as `None`. All of these work, and which of them it is
/// stays as it was given.
///
/// ```
/// use idds_workflow::{DomaPanDAWork, Literal};
///
/// let work = DomaPanDAWork::builder("simulate").task_rss(3073.5).max_attempt("3").max_walltime(None).build()?;
/// assert_eq!(work.task_rss().as_f64(), Some(3073.5));
/// assert_eq!((work.max_attempt(), work.max_walltime()), (&Literal::Text("3".into()), &Literal::Null));
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `None` of Python.
    Null,
    /// An integer.
    Int(i128),
    /// A floating-point number; builders refuse NaN and infinities.
    Float(f64),
    /// A text, such as the digits of a number.
    Text(Box<str>),
}

impl Literal {
    /// Returns the number that it is, or that its digits spell; integers beyond 2^53 are rounded.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Null => None,
            Self::Int(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Text(text) if is_integer(text) => text.parse().ok(),
            Self::Text(_) => None,
        }
    }

    /// Returns the integer from 0 up that it is, or that its digits spell.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Null => None,
            Self::Int(value) => u64::try_from(*value).ok(),
            Self::Float(value) => {
                let is_whole = value.fract() == 0.0 && (0.0..1e15).contains(value);
                is_whole.then_some(*value as u64)
            }
            Self::Text(text) => text.parse().ok(),
        }
    }

    /// Returns the text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Tells whether it is `None` of Python.
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }
}

/// Tells whether `int()` of Python reads the text, in its usual spelling.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

macro_rules! from_integers {
    ($($integer:ty),+) => { $(
        impl From<$integer> for Literal {
            fn from(value: $integer) -> Self {
                Self::Int(value.into())
            }
        }
    )+ };
}

from_integers!(i128, i64, u64, i32, u32, i16, u16, i8, u8);

impl From<f64> for Literal {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<Number> for Literal {
    fn from(value: Number) -> Self {
        match value {
            Number::Int(value) => value.into(),
            Number::Float(value) => value.into(),
        }
    }
}

impl From<Option<Number>> for Literal {
    fn from(value: Option<Number>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Literal {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

/// Writes what stands on the wire.
impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Int(value) => value.fmt(f),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

impl Serialize for Literal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Int(value) => match (i64::try_from(*value), u64::try_from(*value)) {
                (Ok(value), _) => serializer.serialize_i64(value),
                (_, Ok(value)) => serializer.serialize_u64(value),
                _ => serializer.serialize_i128(*value),
            },
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Null => Ok(Self::Null),
            Value::String(text) => Ok(text.into()),
            Value::Number(number) => {
                let integer = number
                    .as_i64()
                    .map(i128::from)
                    .or_else(|| number.as_u64().map(i128::from));
                match (integer, number.as_f64()) {
                    (Some(value), _) => Ok(value.into()),
                    (None, Some(value)) if value.is_finite() => Ok(value.into()),
                    _ => Err(D::Error::custom(format_args!(
                        "{number} is too big for a number"
                    ))),
                }
            }
            other => Err(D::Error::custom(format_args!(
                "{other} is no number and no text"
            ))),
        }
    }
}

/// What a setting takes of the values that there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Takes {
    pub(crate) null: bool,
    /// Whether the digits of an integer do as well as a number.
    pub(crate) digits: bool,
    pub(crate) least: Least,
    /// Whether the number must not have a fraction: `3.0` has none.
    pub(crate) whole: bool,
}

/// The smallest number that a setting takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Least {
    Any,
    /// It is 0.
    Zero,
    /// It is above 0.
    Positive,
}

impl Takes {
    /// An amount that is handed on to PanDA as it is.
    pub(crate) const ANY: Self = Self {
        null: true,
        digits: true,
        least: Least::Any,
        whole: false,
    };
    /// An amount that the server calculates with.
    pub(crate) const NUMBER: Self = Self {
        digits: false,
        ..Self::ANY
    };
    /// A number that the server divides by, unless it is 0.
    pub(crate) const DIVISOR: Self = Self {
        least: Least::Zero,
        ..Self::NUMBER
    };
    /// A time, above 0 where it is limited.
    pub(crate) const TIME: Self = Self {
        least: Least::Positive,
        ..Self::NUMBER
    };
    /// A number that the server makes an integer of, above 0.
    pub(crate) const POSITIVE: Self = Self {
        least: Least::Positive,
        ..Self::ANY
    };
    /// A number of things that is handed on as it is.
    pub(crate) const WHOLE: Self = Self {
        whole: true,
        ..Self::ANY
    };
    /// A number of things that the server compares, or stores as an integer.
    pub(crate) const LIMIT: Self = Self {
        digits: false,
        ..Self::WHOLE
    };
    /// A number of things of which there is at least one.
    pub(crate) const COUNT: Self = Self {
        null: false,
        least: Least::Positive,
        ..Self::LIMIT
    };
    /// The number of a row of the server's database.
    pub(crate) const ROW: Self = Self {
        null: false,
        ..Self::WHOLE
    };

    /// Returns what a value on the wire is to the server.
    ///
    /// A bool of Python is a number. An empty text, and 0 where the number has to be above it, is no number: the server asks
    /// `if number`.
    pub(crate) fn on_the_wire(self, value: &Value) -> Result<Option<Literal>, serde_json::Error> {
        let literal = match value {
            Value::Bool(is_true) => u8::from(*is_true).into(),
            other => Literal::deserialize(other)?,
        };
        let is_nothing = match &literal {
            Literal::Text(text) => text.is_empty(),
            number => self.least == Least::Positive && number.as_f64() == Some(0.0),
        };
        Ok(match is_nothing {
            false => Some(literal),
            true => self.null.then_some(Literal::Null),
        })
    }

    /// Says what is wrong with a value.
    pub(crate) fn wrong(self, literal: &Literal) -> Option<String> {
        let is = |least: fn(f64) -> bool| literal.as_f64().is_some_and(least);
        match literal {
            Literal::Null if self.null => None,
            Literal::Null => Some("null is no number; leave it out".to_owned()),
            Literal::Float(value) if !value.is_finite() => {
                Some(format!("{value} is not a finite number"))
            }
            Literal::Text(text) if !is_integer(text) => Some(format!("{text:?} is no number")),
            Literal::Text(text) if !self.digits => Some(format!(
                "{text:?} is a text, and the server calculates with it; write it without quotes"
            )),
            Literal::Float(value) if self.whole && value.fract() != 0.0 => {
                Some(format!("{literal} is not a whole number"))
            }
            _ => match self.least {
                Least::Zero if is(|value| value < 0.0) => Some(format!("{literal} is below 0")),
                Least::Positive if !is(|value| value > 0.0) => {
                    Some(format!("{literal} is not above 0"))
                }
                _ => None,
            },
        }
    }

    /// Names what is wrong with the value of a field.
    pub(crate) fn problem(self, field: &str, literal: &Literal) -> Option<Problem> {
        self.wrong(literal)
            .map(|message| Problem::new(field, message))
    }

    /// Returns the JSON Schema of the values.
    pub(crate) fn schema(self) -> Schema {
        let mut number = json_schema!({ "type": if self.whole { "integer" } else { "number" } });
        match self.least {
            Least::Any => {}
            Least::Zero => drop(number.insert("minimum".to_owned(), 0.into())),
            Least::Positive => drop(number.insert("exclusiveMinimum".to_owned(), 0.into())),
        }
        let mut forms = vec![number];
        if self.digits {
            let pattern = match self.least {
                Least::Any => "^-?[0-9]+$",
                Least::Zero => "^[0-9]+$",
                // Digits that are all 0 are no number above it.
                Least::Positive => "^0*[1-9][0-9]*$",
            };
            forms.push(json_schema!({ "type": "string", "pattern": pattern }));
        }
        if self.null {
            forms.push(json_schema!({ "type": "null" }));
        }
        match <[Schema; 1]>::try_from(forms) {
            Ok([only]) => only,
            Err(forms) => json_schema!({ "anyOf": forms }),
        }
    }
}

/// A text, or nothing where a Python program gives `None`.
///
/// ```
/// use idds_workflow::DomaPanDAWork;
///
/// let work = DomaPanDAWork::builder("simulate").working_group(None).vo("wlcg").build()?;
/// assert_eq!((work.working_group(), work.vo()), (None, Some("wlcg")));
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct NullableText(Option<String>);

impl NullableText {
    /// Returns the text.
    pub fn as_text(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl From<&str> for NullableText {
    fn from(text: &str) -> Self {
        Self(Some(text.to_owned()))
    }
}

impl From<String> for NullableText {
    fn from(text: String) -> Self {
        Self(Some(text))
    }
}

impl From<&String> for NullableText {
    fn from(text: &String) -> Self {
        Self(Some(text.clone()))
    }
}

impl From<Option<String>> for NullableText {
    fn from(text: Option<String>) -> Self {
        Self(text)
    }
}

impl JsonSchema for NullableText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "NullableText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "null"] })
    }
}

/// A length of time in seconds, or none, as Rucio takes the lifetime of a rule.
///
/// ```
/// use std::time::Duration;
///
/// use idds_workflow::Seconds;
///
/// assert_eq!(Seconds::from(Duration::from_secs(3600)), Seconds::new(3600));
/// assert_eq!(Seconds::new(0.5).duration(), Some(Duration::from_millis(500)));
/// assert_eq!(Seconds::new(None).duration(), None);
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Seconds(pub(crate) Literal);

impl Seconds {
    /// Makes a time of this many seconds; `None` stands for no limit.
    pub fn new(seconds: impl Into<Literal>) -> Self {
        Self(seconds.into())
    }

    /// Returns the time; none when there is no limit.
    pub fn duration(&self) -> Option<Duration> {
        self.0
            .as_f64()
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }
}

impl From<Duration> for Seconds {
    fn from(time: Duration) -> Self {
        Self(if time.subsec_nanos() == 0 {
            time.as_secs().into()
        } else {
            time.as_secs_f64().into()
        })
    }
}

/// A number of a definition, as it is sent.
pub(crate) trait Numeric: From<Literal> {
    /// Returns the number.
    fn literal(&self) -> &Literal;
}

impl Numeric for Literal {
    fn literal(&self) -> &Literal {
        self
    }
}

impl Numeric for Seconds {
    fn literal(&self) -> &Literal {
        &self.0
    }
}

impl From<Literal> for Seconds {
    fn from(seconds: Literal) -> Self {
        Self(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_stays_as_it_is() {
        for text in [
            "null",
            "5",
            "5.0",
            "-0.0",
            "\"5\"",
            "18446744073709551615",
            "-9223372036854775808",
            "1e22",
        ] {
            let literal: Literal = serde_json::from_str(text).expect("a literal");
            let written = serde_json::to_string(&literal).expect("JSON");
            assert_eq!(
                serde_json::from_str::<Value>(&written).expect("JSON"),
                serde_json::from_str::<Value>(text).expect("JSON")
            );
        }
        for text in ["true", "[]", "{}"] {
            assert!(serde_json::from_str::<Literal>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn digits_spell_a_number_and_other_texts_do_not() {
        assert_eq!(Literal::from("-12").as_f64(), Some(-12.0));
        for text in ["", "-", "five", "1.5", "1e3", "0x10", " 1", "nan", "inf"] {
            assert_eq!(Literal::from(text).as_f64(), None, "{text:?}");
        }
        assert_eq!(
            (
                Literal::from(3.0).as_u64(),
                Literal::from(3.5).as_u64(),
                Literal::from(-3).as_u64()
            ),
            (Some(3), None, None)
        );
    }

    #[test]
    fn what_python_takes_for_no_number_is_none() {
        let read = |takes: Takes, value: Value| takes.on_the_wire(&value).expect("a value");
        for value in [Value::from(0), 0.0.into(), "".into(), false.into()] {
            assert_eq!(read(Takes::POSITIVE, value.clone()), Some(Literal::Null));
            assert_eq!(read(Takes::COUNT, value), None);
        }
        assert_eq!(read(Takes::DIVISOR, 0.into()), Some(0.into()));
        assert_eq!(read(Takes::NUMBER, true.into()), Some(1.into()));
        assert_eq!(read(Takes::ANY, "".into()), Some(Literal::Null));
    }

    #[test]
    fn what_a_setting_does_not_take_is_said() {
        let wrong = [
            Takes::NUMBER.wrong(&"5".into()),
            Takes::ANY.wrong(&"five".into()),
            Takes::POSITIVE.wrong(&"0".into()),
            Takes::DIVISOR.wrong(&(-1).into()),
            Takes::COUNT.wrong(&Literal::Null),
            Takes::ANY.wrong(&f64::NAN.into()),
            Takes::WHOLE.wrong(&1.5.into()),
        ];
        insta::assert_snapshot!(wrong.map(Option::unwrap_or_default).join("\n"), @r#"
        "5" is a text, and the server calculates with it; write it without quotes
        "five" is no number
        "0" is not above 0
        -1 is below 0
        null is no number; leave it out
        NaN is not a finite number
        1.5 is not a whole number
        "#);
        let right: [(Takes, Literal); 6] = [
            (Takes::DIVISOR, 0.into()),
            (Takes::POSITIVE, 5.5.into()),
            (Takes::ANY, "-5".into()),
            (Takes::POSITIVE, "5".into()),
            (Takes::NUMBER, Literal::Null),
            (Takes::COUNT, 3.0.into()),
        ];
        assert!(
            right
                .iter()
                .all(|(takes, literal)| takes.wrong(literal).is_none())
        );
    }
}
