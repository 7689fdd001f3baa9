//! The collections of a task with JEDI task parameters.

use std::borrow::Cow;

use super::parameters::{DatasetKind, TaskDataset};
use super::task::JediTask;
use crate::wire::DecodeError;
use crate::wire::decode::{Fields as WireFields, Side, collection, name, unused_collections};
use crate::work::base::HasBase as _;
use crate::work::class::{Role, Slot, given_collections};
use crate::{Collection, CollectionType, Stamp};

/// Scope of the pseudo collections of a task without any dataset.
const PSEUDO_SCOPE: &str = "pseudo.scope";

impl JediTask {
    /// Tells whether a pseudo output and a pseudo input collection are added.
    pub(super) fn pseudo(&self) -> [bool; 2] {
        let lacks = |kind| {
            !self
                .datasets
                .list
                .iter()
                .any(|dataset| dataset.kind == kind)
        };
        let is_task = !self.task_parameters.is_empty() && self.datasets.errors.is_empty();
        [
            is_task && self.base().output.is_none() && lacks(DatasetKind::Output),
            is_task && self.base().input.is_none() && lacks(DatasetKind::Input),
        ]
    }

    /// Returns the given collections, then those of the datasets, then pseudo collections for what is missing.
    pub(super) fn all_collections<'a>(&'a self, stamp: &Stamp, draw: u32) -> Vec<(Role, Slot<'a>)> {
        let mut slots = given_collections(self.base());
        for TaskDataset {
            kind, collection, ..
        } in &self.datasets.list
        {
            let (role, replaced) = match kind {
                DatasetKind::Input => (Role::PrimaryInput, Role::ReplacedInput),
                DatasetKind::Output => (Role::PrimaryOutput, Role::ReplacedOutput),
                DatasetKind::Log => (Role::Log, Role::Log),
            };
            slots
                .iter_mut()
                .filter(|(other, _)| *other == role)
                .for_each(|(other, _)| *other = replaced);
            slots.push((
                role,
                Slot {
                    keeps_name: true,
                    ..collection.into()
                },
            ));
        }
        let [lacks_output, lacks_input] = self.pseudo();
        if lacks_output {
            let scope = slots
                .first()
                .map_or(Cow::Borrowed(PSEUDO_SCOPE), |(_, slot)| slot.scope.clone());
            slots.push((
                Role::PrimaryOutput,
                pseudo_slot(scope, stamp.name("pseudo_output", draw)),
            ));
        }
        if lacks_input {
            let output = slots.iter().find(|(role, _)| *role == Role::PrimaryOutput);
            let scope = output.map_or(Cow::Borrowed(PSEUDO_SCOPE), |(_, slot)| slot.scope.clone());
            let name = stamp.name("pseudo_input", draw + u32::from(lacks_output));
            slots.push((Role::PrimaryInput, pseudo_slot(scope, name)));
        }
        slots
    }

    /// Takes away what the class derives from the datasets of the task parameters: a name, and collections.
    pub(super) fn take_away(
        &mut self,
        datasets: &[TaskDataset],
        fields: &WireFields<'_>,
    ) -> Result<(), DecodeError> {
        let base = self.base_mut();
        let count = |kind| {
            datasets
                .iter()
                .filter(|dataset| dataset.kind == kind)
                .count()
        };
        let [inputs, outputs, logs] =
            [DatasetKind::Input, DatasetKind::Output, DatasetKind::Log].map(count);
        let given_logs = base.details.logs.len().saturating_sub(logs);
        base.details.logs.truncate(given_logs);
        // What a dataset has replaced is in no list any more: the collection that was given, and the datasets before it.
        let mut replaced = Vec::new();
        for id in unused_collections(fields)? {
            replaced.push((id, collection(fields, "_collections", id, Side::Input)?));
        }
        for TaskDataset {
            collection: dataset,
            ..
        } in datasets.iter().rev()
        {
            let is_dataset = |(_, unused): &(&str, Collection)| {
                (unused.scope(), unused.name()) == (dataset.scope(), dataset.name())
            };
            if let Some(position) = replaced.iter().rposition(is_dataset) {
                replaced.remove(position);
            }
        }
        let is_input = match &replaced[..] {
            [] => false,
            [(_, only)] => {
                inputs > 0 && (outputs == 0 || name::without_runs(only.name()) == only.name())
            }
            _ => inputs > 0,
        };
        let replaced_input = is_input.then(|| replaced.remove(0).1);
        base.input = match inputs {
            0 => base
                .input
                .take()
                .filter(|collection| !is_pseudo(collection, "pseudo_input")),
            _ => replaced_input,
        };
        base.output = match (outputs, replaced.first()) {
            (0, _) => base
                .output
                .take()
                .filter(|collection| !is_pseudo(collection, "pseudo_output")),
            (_, Some((id, _))) => Some(collection(fields, "_collections", id, Side::Output)?),
            (_, None) => None,
        };
        Ok(())
    }
}

fn pseudo_slot(scope: Cow<'_, str>, name: String) -> Slot<'_> {
    Slot {
        coll_type: CollectionType::PseudoDataset,
        keeps_name: true,
        ..Slot::generated(scope, name)
    }
}

/// Tells whether Python made the collection, because the task had none.
fn is_pseudo(collection: &Collection, prefix: &str) -> bool {
    collection.coll_type() == CollectionType::PseudoDataset
        && name::is_generated(prefix, collection.name())
}
