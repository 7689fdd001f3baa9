//! The part that a class of works has in common with others.

use super::base::{Base, HasBase};
use super::class::{Role, Slot, given_collections, given_count};
use super::fields::Fields;
use crate::Stamp;
use crate::error::Problem;
use crate::wire::decode::Fields as WireFields;
use crate::wire::run::EntryMap;
use crate::wire::{DecodeError, Mode};

/// What a class has in common with others: [`Base`], or one of two kinds of tasks of PanDA, which have a `Base` themselves.
///
/// It answers for the class wherever [`Class`](super::class::Class) does not say otherwise.
pub(crate) trait Part: HasBase + Fields {
    /// Where works run by default.
    const EXEC_TYPE: &'static str = "local";

    /// Derives what follows from the settings, and returns what is wrong with them.
    fn finish(&mut self) -> Vec<Problem> {
        self.base().problems()
    }

    /// Reads its attributes, besides those of all works, which are there already.
    fn read(&mut self, _fields: &WireFields<'_>) -> Result<(), DecodeError> {
        Ok(())
    }

    /// Writes its attributes, besides those of all works.
    fn write<M: EntryMap>(&self, _mode: Mode<'_>, _map: &mut M) -> Result<(), M::Error> {
        Ok(())
    }

    /// Returns whether the inputs are held back until the work is submitted.
    fn release_inputs_after_submitting(&self) -> bool {
        self.base().details.release_inputs_after_submitting
    }

    /// Returns the name of the work, when it is not its id.
    fn work_name(&self) -> Option<&str> {
        self.base().details.work_name.as_deref()
    }

    /// Tells whether the class has the attribute `task_name` by itself.
    fn has_task_name(&self) -> bool {
        false
    }

    /// Returns the collections, as [`Class::collections`](super::class::Class::collections) does.
    fn collections<'a>(&'a self, _stamp: &Stamp, _draw: u32) -> Vec<(Role, Slot<'a>)> {
        given_collections(self.base())
    }

    /// Returns the number of collections.
    fn collection_count(&self) -> u32 {
        given_count(self.base())
    }

    /// Returns how many random numbers the names of the collections take.
    fn draws(&self) -> u32 {
        0
    }

    /// Returns the names of attributes that are sent compressed, and that the server leaves so.
    fn compressed(&self) -> &'static [&'static str] {
        &[]
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

impl Part for Base {}
