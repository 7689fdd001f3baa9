//! Descriptions of fields, for the code that reads and writes them.

use schemars::{Schema, SchemaGenerator};
use serde::ser::SerializeMap;
use serde_json::Value;

use super::base::HasBase;
use super::part::Part;
use crate::NullableText;
use crate::error::Problem;
use crate::neutral::Reading;
use crate::wire::decode::Fields as WireFields;
use crate::wire::run::EntryMap;
use crate::wire::{DecodeError, Mode};

/// The settings of a work, or of a part of it. `#[derive(Settings)]` makes it of the fields of a struct.
pub(crate) trait Fields: Sized + 'static {
    /// Returns the names of the attributes on the wire, with those of the part.
    fn attributes() -> &'static [&'static str];

    /// Returns those of them that the server keeps its state in.
    fn state() -> &'static [&'static str];

    /// Returns what is said of the fields, in the order of documents: those of the struct and those of its part.
    fn specs() -> &'static [Spec];

    /// Makes a value without anything set.
    fn standard() -> Self;

    /// Reads the field with this index from a document.
    fn read_field(&mut self, index: usize, value: Value, reading: &mut Reading<'_>);

    /// Writes the field with this index to a document, unless it has its standard value.
    fn write_field<M: SerializeMap>(&self, index: usize, map: &mut M) -> Result<(), M::Error>;

    /// Returns a field that is set and that only the v2 family has.
    fn only_in_v2(&self) -> Option<&'static str>;

    /// Adds what is wrong with each field by itself; not of the part.
    fn check(&self, problems: &mut Vec<Problem>);

    /// Writes the attributes on the wire; not those of the part.
    fn encode<M: EntryMap>(&self, mode: Mode<'_>, map: &mut M) -> Result<(), M::Error>;

    /// Writes the attributes of the metadata object; not those of the part.
    fn encode_metadata<M: EntryMap>(&self, mode: Mode<'_>, map: &mut M) -> Result<(), M::Error>;

    /// Reads the attributes on the wire; not those of the part.
    fn decode(&mut self, fields: &WireFields<'_>) -> Result<(), DecodeError>;
}

/// What `#[derive(Settings)]` knows of a class of works besides its fields.
pub(crate) trait Declared: Fields + HasBase {
    /// What the class has in common with others.
    type Part: Part;

    /// Name of the class.
    const NAME: &'static str;
    /// What the class is, for readers of its schema.
    const ABOUT: &'static str;
    /// The groups of settings of all works that it has.
    const GROUPS: &'static [Group];

    fn part(&self) -> &Self::Part;
    fn part_mut(&mut self) -> &mut Self::Part;
}

/// A field in documents.
#[derive(Clone, Copy)]
pub(crate) struct Spec {
    /// By which [`Fields::read_field`] and [`Fields::write_field`] know it.
    pub(crate) index: usize,
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) schema: fn(&mut SchemaGenerator) -> Schema,
    pub(crate) is_required: bool,
    /// Whether the server has room for 255 characters.
    pub(crate) has_max_chars: bool,
    /// The works that have it; all by default.
    pub(crate) group: Option<Group>,
    /// The field that it stands before; by default it follows the one before it in the struct.
    pub(crate) before: Option<&'static str>,
}

/// Puts the fields of a struct and those of its part in the order of documents, and gives them their indices.
pub(crate) fn in_order(own: Vec<Spec>, part: &[Spec], is_part_first: bool) -> Vec<Spec> {
    let count = own.len();
    let own = own
        .into_iter()
        .enumerate()
        .map(|(index, spec)| Spec { index, ..spec });
    let part = part.iter().map(|spec| Spec {
        index: count + spec.index,
        before: None,
        ..*spec
    });
    let declared: Vec<_> = if is_part_first {
        part.chain(own).collect()
    } else {
        own.chain(part).collect()
    };
    let (placed, free): (Vec<_>, Vec<_>) =
        declared.into_iter().partition(|spec| spec.before.is_some());
    let mut ordered = Vec::with_capacity(placed.len() + free.len());
    for spec in free {
        ordered.extend(
            placed
                .iter()
                .filter(|other| other.before == Some(spec.name)),
        );
        ordered.push(spec);
    }
    ordered
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
    /// What only a task that is given job by job sets.
    JobByJob,
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

/// [`Group::JobByJob`], as a type.
pub(crate) enum JobByJob {}

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
