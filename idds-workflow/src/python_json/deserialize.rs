//! From the tree to a type.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::error::{Fault, Step, shown};
use super::key::Key;
use super::parse::{Kind, Node};

/// What is read as the nearest that there is, or refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Refuses integers beyond 64 bits.
    has_exact_integers: bool,
    /// Refuses numbers without end where any value is read.
    is_finite: bool,
}

impl Limits {
    pub(super) const LENIENT: Self = Self {
        has_exact_integers: false,
        is_finite: false,
    };
    pub(super) const EXACT: Self = Self {
        has_exact_integers: true,
        is_finite: true,
    };
}

/// Name by which a type asks for exact integers; other deserializers do not look at such names.
pub(super) const EXACT_INTEGERS: &str = "$idds::ExactIntegers";

/// Reads the type that has asked for something by a name.
pub(super) struct Asked<T>(PhantomData<T>);

impl<T> Asked<T> {
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Asked<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

impl<'a> Node<'a> {
    pub(super) fn deserializer<'d>(&'d self, text: &'a str, limits: Limits) -> Reader<'d, 'a> {
        Reader {
            node: self,
            text,
            limits,
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Reader<'d, 'a> {
    node: &'d Node<'a>,
    text: &'a str,
    limits: Limits,
}

impl<'d, 'a> Reader<'d, 'a> {
    fn of(self, node: &'d Node<'a>) -> Self {
        Self { node, ..self }
    }

    /// Returns the value as it stands in the text.
    fn shown(self) -> String {
        shown(&self.text[self.node.range.clone()])
    }

    fn fault(self, message: String) -> Fault {
        Fault::new(self.node.range.start, message)
    }

    fn mismatch<'de, V: Visitor<'de>>(self, visitor: &V) -> Fault {
        let found = match &self.node.kind {
            Kind::Null => Unexpected::Unit,
            Kind::Bool(value) => Unexpected::Bool(*value),
            Kind::Signed(value) => Unexpected::Signed(*value),
            Kind::Unsigned(value) => Unexpected::Unsigned(*value),
            Kind::Long(value) | Kind::Float(value) => Unexpected::Float(*value),
            Kind::Text(text) => Unexpected::Str(text),
            Kind::List(_) => Unexpected::Seq,
            Kind::Object(_) => Unexpected::Map,
        };
        Fault::invalid_type(found, visitor).at(self.node.range.start)
    }

    fn number<'de, V: Visitor<'de>>(self, value: f64, visitor: V) -> Result<V::Value, Fault> {
        visitor
            .visit_f64(value)
            .map_err(|fault: Fault| fault.at(self.node.range.start))
    }
}

impl<'de> Deserializer<'de> for Reader<'_, '_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let result = match &self.node.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool(value) => visitor.visit_bool(*value),
            Kind::Signed(value) => visitor.visit_i64(*value),
            Kind::Unsigned(value) => visitor.visit_u64(*value),
            Kind::Long(_) if self.limits.has_exact_integers => Err(self.fault(format!(
                "the integer {} is beyond 64 bits; write it as text",
                self.shown()
            ))),
            Kind::Long(value) | Kind::Float(value) if value.is_finite() => {
                visitor.visit_f64(*value)
            }
            Kind::Long(_) | Kind::Float(_) if self.limits.is_finite => {
                Err(self.fault(format!("{} is no finite number", self.shown())))
            }
            Kind::Long(value) | Kind::Float(value) => visitor.visit_str(word(*value)),
            Kind::Text(text) => visitor.visit_str(text),
            Kind::List(items) => {
                let mut access = Items {
                    reader: self,
                    items: items.iter().enumerate(),
                };
                let value = visitor
                    .visit_seq(&mut access)
                    .map_err(|fault| fault.at(self.node.range.start))?;
                match access.items.next() {
                    Some((index, _)) => Err(self.fault(format!(
                        "a list of {} is given where {index} are expected",
                        items.len()
                    ))),
                    None => Ok(value),
                }
            }
            Kind::Object(members) => visitor.visit_map(Members {
                reader: self,
                members: members.iter(),
                value: None,
            }),
        };
        result.map_err(|fault| fault.at(self.node.range.start))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.kind {
            Kind::Long(value) | Kind::Float(value) => self.number(value, visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.kind {
            Kind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let limits = Limits {
            has_exact_integers: self.limits.has_exact_integers || name == EXACT_INTEGERS,
            ..self.limits
        };
        visitor.visit_newtype_struct(Self { limits, ..self })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let variant = match &self.node.kind {
            Kind::Text(name) => Variant {
                reader: self,
                name,
                content: None,
            },
            Kind::Object(members) if members.len() == 1 => {
                let (name, content) = &members[..].iter().next().expect("it has one member");
                Variant {
                    reader: self,
                    name,
                    content: Some(content),
                }
            }
            _ => return Err(self.mismatch(&visitor)),
        };
        visitor
            .visit_enum(variant)
            .map_err(|fault| fault.at(self.node.range.start))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct
        map struct identifier
    }
}

/// Returns what Python writes for a number without end.
pub(super) fn word(value: f64) -> &'static str {
    match value {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => "NaN",
    }
}

struct Items<'d, 'a> {
    reader: Reader<'d, 'a>,
    items: std::iter::Enumerate<std::slice::Iter<'d, Node<'a>>>,
}

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some((index, node)) = self.items.next() else {
            return Ok(None);
        };
        let read = seed.deserialize(self.reader.of(node));
        read.map(Some)
            .map_err(|fault| fault.at(node.range.start).within(Step::Index(index)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Members<'d, 'a> {
    reader: Reader<'d, 'a>,
    members: indexmap::map::Iter<'d, std::borrow::Cow<'a, str>, Node<'a>>,
    value: Option<(&'d str, &'d Node<'a>)>,
}

impl<'de> MapAccess<'de> for Members<'_, '_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some((name, node)) = self.members.next() else {
            return Ok(None);
        };
        self.value = Some((name, node));
        seed.deserialize(Key(name))
            .map(Some)
            .map_err(|fault| fault.at(node.range.start))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (name, node) = self
            .value
            .take()
            .expect("serde asks for a value after its name");
        let read = seed.deserialize(self.reader.of(node));
        read.map_err(|fault| {
            fault
                .at(node.range.start)
                .within(Step::Name(name.to_owned()))
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.members.len())
    }
}

/// A value of an enumeration: its name, or an object of its name and its content.
struct Variant<'d, 'a> {
    reader: Reader<'d, 'a>,
    name: &'d str,
    content: Option<&'d Node<'a>>,
}

impl<'d, 'a> Variant<'d, 'a> {
    fn content(self) -> Result<Reader<'d, 'a>, Fault> {
        let missing = || {
            self.reader.fault(format!(
                "{:?} is given without what belongs to it",
                self.name
            ))
        };
        self.content
            .map(|node| self.reader.of(node))
            .ok_or_else(missing)
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        seed.deserialize(Key(self.name)).map(|name| (name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        self.content.map_or(Ok(()), |node| {
            serde::Deserialize::deserialize(self.reader.of(node))
        })
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.content()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.content()?.deserialize_any(visitor)
    }
}
