//! What a class of works is: on the wire, in documents, and for the workflow around it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::base::{Base, HasBase as _};
use super::each_class;
use super::fields::Declared;
use super::part::Part;
use crate::error::Problem;
use crate::wire::decode::{Fields as WireFields, Refusal};
use crate::wire::run::EntryMap;
use crate::wire::{DecodeError, Family, Mode};
use crate::{AnyWork, Collection, CollectionType, Execution, Stamp, TransformType};

/// A class of works. Its settings are the fields of the struct; what is particular to it besides is said here.
pub(crate) trait Class: Declared + Into<AnyWork> {
    /// What stands in the field `type` of a document.
    const TYPE: &'static str;
    /// Name of the schema.
    const SCHEMA: &'static str;
    /// Python module of the class in the v2 family; none for classes of the user's own.
    const MODULE: Option<&'static str>;
    /// Whether the v1 family has the class.
    const IS_IN_V1: bool = true;
    /// Where works of the class run by default.
    const EXEC_TYPE: &'static str = <Self::Part as Part>::EXEC_TYPE;
    /// Default of the tag by which the server chooses settings of its agents.
    const TAG: Option<&'static str> = None;
    /// Attributes that the class writes by itself, besides its fields.
    const FURTHER: &'static [&'static str] = &[];
    /// Attributes of the class that its user may set as well.
    const FREE: &'static [&'static str] = &[];
    /// Settings of all works that documents must have.
    const REQUIRED: &'static [&'static str] = &[];

    /// Returns a work, for readers of the schema.
    fn example() -> Value;

    /// Derives what the class derives from its settings, and returns what is wrong with them.
    fn finish(&mut self) -> Vec<Problem> {
        let mut problems = self.part_mut().finish();
        self.check(&mut problems);
        problems
    }

    /// Reads the attributes that only this class has. What works of all classes have is there already.
    fn read_own(&mut self, fields: &WireFields<'_>) -> Result<(), Refusal> {
        let base = self.base();
        let primary = [
            ("input", base.input.is_some()),
            ("output", base.output.is_some()),
        ];
        let lacks = |(name, is_there): (&str, bool)| !is_there && Self::REQUIRED.contains(&name);
        if primary.into_iter().any(lacks) {
            return Err(DecodeError::new(fields.at(), "lacks a primary collection").into());
        }
        self.decode(fields)?;
        Ok(self.part_mut().read(fields)?)
    }

    /// Returns the name of the Python class.
    fn class(&self) -> &str {
        Self::NAME
    }

    /// Returns the Python module of the class in the v2 family.
    fn module(&self) -> &str {
        Self::MODULE.unwrap_or_default()
    }

    /// Returns the Python module of the class in the v1 family; none when that family has no such class.
    fn v1_module(&self) -> Option<Cow<'_, str>> {
        Self::IS_IN_V1.then(|| self.module().replacen("workflowv2", "workflow", 1).into())
    }

    /// Writes the attributes that only this class and its part have.
    fn write_own<M: EntryMap>(&self, mode: Mode<'_>, map: &mut M) -> Result<(), M::Error> {
        self.part().write(mode, map)?;
        self.encode(mode, map)
    }

    /// Returns what the class does.
    fn work_type(&self) -> Option<TransformType>;

    /// Returns the collections, in the order primary input, primary output, other inputs, other outputs, logs.
    ///
    /// Names that are generated come from the stamp, by draws from number `draw` on.
    fn collections<'a>(&'a self, stamp: &Stamp, draw: u32) -> Vec<(Role, Slot<'a>)> {
        self.part().collections(stamp, draw)
    }

    /// Returns the number of collections.
    fn collection_count(&self) -> u32 {
        self.part().collection_count()
    }

    /// Returns how many random numbers the names of the work take.
    fn draws(&self) -> u32 {
        self.part().draws()
    }

    /// Writes the attributes that only this class has and that stand before all others.
    fn write_first<M: EntryMap>(&self, _map: &mut M) -> Result<(), M::Error> {
        Ok(())
    }

    /// Writes what only this class has in its metadata.
    fn write_own_metadata<M: EntryMap>(
        &self,
        _family: Family,
        _map: &mut M,
    ) -> Result<(), M::Error> {
        Ok(())
    }

    /// Tells whether the class has the attribute `task_name` by itself.
    fn has_task_name(&self) -> bool {
        self.part().has_task_name()
    }

    /// Returns what an engine that starts programs itself does to run the work, or why it cannot.
    fn execution(&self) -> Result<Execution, Problem>;
}

impl AnyWork {
    /// Returns what works of all classes have in common.
    pub(crate) fn base(&self) -> &Base {
        each_class!(self, work => work.base())
    }

    /// Returns the name of the Python class.
    pub(crate) fn class(&self) -> &str {
        each_class!(self, work => Class::class(&**work))
    }

    /// Returns the number of collections.
    pub(crate) fn collection_count(&self) -> u32 {
        each_class!(self, work => work.collection_count())
    }

    /// Returns how many random numbers the names of the work take.
    pub(crate) fn draws(&self) -> u32 {
        each_class!(self, work => work.draws())
    }

    /// Returns the attributes of the user's own that the class has by itself.
    pub(crate) fn repeated_attributes(&self) -> Vec<&str> {
        fn of<W: Class>(work: &W) -> Vec<&str> {
            let names = work
                .base()
                .details
                .attributes
                .iter()
                .map(|attribute| attribute.name.as_str());
            let is_own = |name: &&str| W::attributes().contains(name) || W::FURTHER.contains(name);
            names
                .filter(|name| is_own(name) && !W::FREE.contains(name))
                .collect()
        }
        each_class!(self, work => of(&**work))
    }

    /// Returns the site of the work, which the request is sent to.
    pub(crate) fn site(&self) -> Option<&str> {
        each_class!(self, work => work.part().site())
    }

    /// Tells whether the work has no `task_name` unless the remedies add one.
    pub(crate) fn lacks_task_name(&self) -> bool {
        each_class!(self, work => !work.has_task_name() && work.base().details.task_name.is_none())
    }
}

/// Returns the collections that the definition names, in the order primary input, primary output, other inputs, other
/// outputs, logs.
pub(crate) fn given_collections(base: &Base) -> Vec<(Role, Slot<'_>)> {
    fn slots(role: Role, collections: &[Collection]) -> impl Iterator<Item = (Role, Slot<'_>)> {
        collections
            .iter()
            .map(move |collection| (role, collection.into()))
    }
    let details = &*base.details;
    let mut given = Vec::with_capacity(given_count(base) as usize);
    given.extend(slots(Role::PrimaryInput, base.input.as_slice()));
    given.extend(slots(Role::PrimaryOutput, base.output.as_slice()));
    given.extend(slots(Role::OtherInput, &details.other_inputs));
    given.extend(slots(Role::OtherOutput, &details.other_outputs));
    given.extend(slots(Role::Log, &details.logs));
    given
}

/// Returns the number of collections that the definition names.
pub(crate) fn given_count(base: &Base) -> u32 {
    let details = &*base.details;
    let primary = u32::from(base.input.is_some()) + u32::from(base.output.is_some());
    primary + (details.other_inputs.len() + details.other_outputs.len() + details.logs.len()) as u32
}

/// What a collection is to its work.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    PrimaryInput,
    PrimaryOutput,
    OtherInput,
    OtherOutput,
    Log,
    /// No longer the primary input, since the class took a later one.
    ReplacedInput,
    /// No longer the primary output, since the class took a later one.
    ReplacedOutput,
}

/// A collection of a work, with its name as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Slot<'a> {
    pub(crate) scope: Cow<'a, str>,
    pub(crate) name: Cow<'a, str>,
    pub(crate) coll_type: CollectionType,
    pub(crate) metadata: Option<&'a Map<String, Value>>,
    /// Whether the name is sent as it is, although it is that of an output.
    pub(crate) keeps_name: bool,
}

impl<'a> Slot<'a> {
    /// A dataset that the definition does not name.
    pub(crate) fn generated(scope: impl Into<Cow<'a, str>>, name: impl Into<Cow<'a, str>>) -> Self {
        let (scope, name) = (scope.into(), name.into());
        Self {
            scope,
            name,
            coll_type: CollectionType::Dataset,
            metadata: None,
            keeps_name: false,
        }
    }
}

impl<'a> From<&'a Collection> for Slot<'a> {
    fn from(collection: &'a Collection) -> Self {
        let (scope, name) = (collection.scope().into(), collection.name().into());
        let (coll_type, metadata) = (collection.coll_type(), Some(collection.metadata()));
        Self {
            scope,
            name,
            coll_type,
            metadata,
            keeps_name: false,
        }
    }
}
