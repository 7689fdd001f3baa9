//! What a definition says of its fields, for whatever reads and writes them.

use schemars::{Schema, SchemaGenerator};
use serde::ser::SerializeMap;
use serde_json::Value;

use super::base::HasBase;
use crate::NullableText;
use crate::error::Problem;
use crate::neutral::Reading;
use crate::wire::decode::Fields as WireFields;
use crate::wire::run::EntryMap;
use crate::wire::{DecodeError, Remedies};

/// The settings of a work, or of a part of it. `#[derive(Settings)]` makes it of the fields of a struct.
pub(crate) trait Fields: Sized + 'static {
    /// Names of the attributes on the wire.
    const ATTRIBUTES: &'static [&'static str];

    /// Returns what is said of the fields, in the order of documents: those of the struct, then those of its parts.
    fn specs() -> &'static [Spec];

    /// Makes a value without anything set.
    fn standard() -> Self;

    /// Reads the field with this index from a document.
    fn read_field(&mut self, index: usize, value: Value, reading: &mut Reading<'_>);

    /// Writes the field with this index to a document, unless it has its standard value.
    fn write_field<M: SerializeMap>(&self, index: usize, map: &mut M) -> Result<(), M::Error>;

    /// Adds what is wrong with each field by itself.
    fn check(&self, problems: &mut Vec<Problem>);

    /// Writes the attributes on the wire.
    fn encode<M: EntryMap>(&self, remedies: Remedies, map: &mut M) -> Result<(), M::Error>;

    /// Reads the attributes on the wire.
    fn decode(&mut self, fields: &WireFields<'_>) -> Result<(), DecodeError>;
}

/// What `#[derive(Settings)]` knows of a class of works besides its fields.
pub(crate) trait Declared: Fields {
    /// Name of the class.
    const NAME: &'static str;
    /// What the class is, for readers of its schema.
    const ABOUT: &'static str;
    /// The groups of settings of all works that it has.
    const GROUPS: &'static [Group];
}

/// A field in documents.
#[derive(Clone, Copy)]
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) schema: fn(&mut SchemaGenerator) -> Schema,
    pub(crate) is_required: bool,
    /// Whether the server has room for 255 characters.
    pub(crate) has_max_chars: bool,
    /// The works that have it; all unless given.
    pub(crate) group: Option<Group>,
    /// The field that it stands before; after the one before it in the struct unless given.
    pub(crate) before: Option<&'static str>,
}

/// Settings that not all works have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Group {
    /// The program that the work runs.
    Program,
    /// The collections that it reads and writes.
    Collections,
    /// The tag by which the server chooses settings of its agents.
    Tag,
    /// What `Work` of Python lets its user set, and its subclasses in the packages of iDDS lose.
    Unrestricted,
}

impl Group {
    /// Tells whether a list of groups has this one.
    pub(crate) const fn is_in(self, groups: &[Self]) -> bool {
        let mut index = 0;
        while index < groups.len() {
            if groups[index] as u8 == self as u8 {
                return true;
            }
            index += 1;
        }
        false
    }
}

/// A class of works with the settings of this group, so that its builder has their setters.
pub(crate) trait Has<G>: HasBase {}

/// [`Group::Program`], as a type.
pub(crate) enum Program {}

/// [`Group::Collections`], as a type.
pub(crate) enum Collections {}

/// [`Group::Tag`], as a type.
pub(crate) enum Tag {}

/// [`Group::Unrestricted`], as a type.
pub(crate) enum Unrestricted {}

/// A text that may be missing.
pub(crate) trait Chars {
    fn chars(&self) -> Option<&str>;
}

impl Chars for String {
    fn chars(&self) -> Option<&str> {
        Some(self)
    }
}

impl Chars for NullableText {
    fn chars(&self) -> Option<&str> {
        self.as_text()
    }
}
