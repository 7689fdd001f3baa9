//! What is particular to each class of works on the wire. One file a family.

mod doma;
mod hpo;
mod panda;
mod stagein;

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde_json::Value;

pub(super) use self::doma::{DependencyMap, STORAGE, TASK_TYPE, V1_TASK_TYPE};
pub(super) use self::hpo::OUTPUT_JSON;
use super::run::{EntryMap, Runs};
use super::{Family, Remedies};
use crate::work::base::HasBase;
use crate::work::class::{Class, Role, Slot, given_collections, given_count};
use crate::{NullableText, Stamp, TransformType};

/// Returns the attributes of the user's own that the class of a work has by itself.
pub(super) fn repeated_attributes(work: &impl EncodeWork) -> Vec<&str> {
    let attributes = &work.base().details.attributes;
    if attributes.is_empty() {
        return Vec::new();
    }
    let own = || -> Result<Value, serde_json::Error> {
        let mut map = Runs::default().map(serde_json::value::Serializer)?;
        work.write_first(&mut map)?;
        work.write_own_aside(Remedies::Add, &mut map)?;
        map.end()
    };
    let own = own().unwrap_or_default();
    attributes.iter().map(|attribute| attribute.name.as_str()).filter(|name| own.get(*name).is_some()).collect()
}

/// What encoding asks of a class of works.
pub(crate) trait EncodeWork: HasBase {
    /// Returns the name of the Python class.
    fn class(&self) -> &str;

    /// Returns the Python module of the class in the v2 family.
    fn module(&self) -> &str;

    /// Returns the Python module of the class in the v1 family; none when that family has no such class.
    fn v1_module(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// Returns what the class does.
    fn work_type(&self) -> Option<TransformType>;

    /// Returns the tag by which the server chooses settings of its agents.
    fn work_tag(&self) -> Option<&str> {
        self.base().details.work_tag.as_ref().and_then(NullableText::as_text)
    }

    /// Returns where the work runs when its definition does not say.
    fn default_exec_type(&self) -> &'static str {
        "local"
    }

    /// Returns whether the inputs are held back until the work is submitted.
    fn release_inputs_after_submitting(&self) -> bool {
        self.base().release_inputs_after_submitting
    }

    /// Returns the name of the work, when it is not its id.
    fn work_name(&self) -> Option<&str> {
        self.base().details.work_name.as_deref()
    }

    /// Returns the collections, in the order primary input, primary output, other inputs, other outputs, logs.
    ///
    /// Names that are generated come from the stamp, by draws from number `draw` on.
    fn collections<'a>(&'a self, _stamp: &Stamp, _draw: u32) -> Vec<(Role, Slot<'a>)> {
        given_collections(self.base())
    }

    /// Returns the number of collections.
    fn collection_count(&self) -> u32 {
        given_count(self.base())
    }

    /// Returns how many random numbers the names of the work take.
    fn draws(&self) -> u32 {
        0
    }

    /// Returns the names of attributes of the class that are sent compressed, and whether the server leaves them so.
    fn compressed(&self) -> &'static [&'static str] {
        &[]
    }

    /// Writes the attributes that only this class has and that stand before all others.
    fn write_first<M: EntryMap>(&self, _map: &mut M) -> Result<(), M::Error> {
        Ok(())
    }

    /// Writes the attributes that only this class has.
    fn write_own<M: EntryMap>(&self, remedies: Remedies, map: &mut M) -> Result<(), M::Error>;

    /// Writes the attributes that only this class has, for a workflow that is sent in steps: without what is sent before.
    fn write_own_aside<M: EntryMap>(&self, remedies: Remedies, map: &mut M) -> Result<(), M::Error> {
        self.write_own(remedies, map)
    }

    /// Writes the attributes that only this class has in the v1 family.
    fn write_own_v1<M: EntryMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.write_own(Remedies::Omit, map)
    }

    /// Returns a setting of the work that the class has in the v2 family only.
    fn only_in_v2(&self) -> Option<&'static str> {
        None
    }

    /// Writes what only this class has in its metadata.
    fn write_own_metadata<M: EntryMap>(&self, _family: Family, _map: &mut M) -> Result<(), M::Error> {
        Ok(())
    }

    /// Tells whether the class has the attribute `task_name` by itself.
    fn has_task_name(&self) -> bool {
        false
    }

    /// Returns what the constructor of the class notes as errors.
    fn errors(&self) -> &[String] {
        &[]
    }

    /// Returns the site of the work, which the request is sent to.
    fn site(&self) -> Option<&str> {
        None
    }
}

impl<W: Class> EncodeWork for W {
    fn class(&self) -> &str {
        Class::class(self)
    }

    fn module(&self) -> &str {
        Class::module(self)
    }

    fn v1_module(&self) -> Option<Cow<'_, str>> {
        Class::v1_module(self)
    }

    fn work_type(&self) -> Option<TransformType> {
        Class::work_type(self)
    }

    fn work_tag(&self) -> Option<&str> {
        self.base().details.work_tag.as_ref().map_or(W::TAG, NullableText::as_text)
    }

    fn default_exec_type(&self) -> &'static str {
        W::EXEC_TYPE
    }

    fn release_inputs_after_submitting(&self) -> bool {
        Class::release_inputs_after_submitting(self)
    }

    fn work_name(&self) -> Option<&str> {
        Class::work_name(self)
    }

    fn collections<'a>(&'a self, stamp: &Stamp, draw: u32) -> Vec<(Role, Slot<'a>)> {
        Class::collections(self, stamp, draw)
    }

    fn collection_count(&self) -> u32 {
        Class::collection_count(self)
    }

    fn draws(&self) -> u32 {
        Class::draws(self)
    }

    fn compressed(&self) -> &'static [&'static str] {
        Class::compressed(self)
    }

    fn write_first<M: EntryMap>(&self, map: &mut M) -> Result<(), M::Error> {
        Class::write_first(self, map)
    }

    fn write_own<M: EntryMap>(&self, remedies: Remedies, map: &mut M) -> Result<(), M::Error> {
        Class::write_own(self, remedies, map)
    }

    fn write_own_aside<M: EntryMap>(&self, remedies: Remedies, map: &mut M) -> Result<(), M::Error> {
        Class::write_own_aside(self, remedies, map)
    }

    fn write_own_v1<M: EntryMap>(&self, map: &mut M) -> Result<(), M::Error> {
        Class::write_own_v1(self, map)
    }

    fn only_in_v2(&self) -> Option<&'static str> {
        Class::only_in_v2(self)
    }

    fn write_own_metadata<M: EntryMap>(&self, family: Family, map: &mut M) -> Result<(), M::Error> {
        Class::write_own_metadata(self, family, map)
    }

    fn has_task_name(&self) -> bool {
        Class::has_task_name(self)
    }

    fn errors(&self) -> &[String] {
        Class::errors(self)
    }

    fn site(&self) -> Option<&str> {
        Class::site(self)
    }
}
