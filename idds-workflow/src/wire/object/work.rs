//! What the works of all classes share on the wire.

use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};

use super::collection::CollectionObject;
use crate::wire::envelope::Object;
use crate::wire::family::{Entries, Form};
use crate::wire::run::{EntryMap, entries};
use crate::wire::{Common, CommonName, Family, Mode, Remedies, zip};
use crate::work::base::{Attribute, Base, TASK_NAME};
use crate::work::class::{Class, Role};
use crate::work::fields::Fields;
use crate::work::part::Part as _;
use crate::{AttributeForm, InternalId, Stamp};

/// A work as an object of its Python class.
pub(in crate::wire) struct WorkObject<'a, W> {
    /// Its name in its workflow.
    pub(in crate::wire) name: &'a str,
    pub(in crate::wire) work: &'a W,
    pub(in crate::wire) stamp: &'a Stamp,
    pub(in crate::wire) form: Form<'a>,
    pub(in crate::wire) remedies: Remedies,
    pub(in crate::wire) id: InternalId,
    /// Number of the id of its first collection.
    pub(in crate::wire) collections: u32,
    /// Number of its first random draw.
    pub(in crate::wire) draw: u32,
    pub(in crate::wire) is_build_work: bool,
    /// Whether the work is part of a workflow that is sent in steps.
    pub(in crate::wire) is_aside: bool,
}

impl<W: Class> Serialize for WorkObject<'_, W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let class = self.work.class();
        let Form { family, runs } = self.form;
        let module = match family {
            Family::V2 => self.work.module().into(),
            Family::V1 => self.work.v1_module().ok_or_else(|| {
                S::Error::custom(format_args!(
                    "steps.{}: {class} is no class of the v1 family",
                    self.name
                ))
            })?,
        };
        if family == Family::V1
            && let Some(field) = Fields::only_in_v2(self.work)
        {
            return Err(S::Error::custom(format_args!(
                "steps.{}.{field}: {class} of the v1 family lacks it",
                self.name
            )));
        }
        Object {
            class,
            module: &module,
            attributes: Attributes(self),
            runs,
        }
        .serialize(serializer)
    }
}

struct Attributes<'a, W>(&'a WorkObject<'a, W>);

impl<W: Class> Serialize for Attributes<'_, W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let WorkObject {
            work,
            stamp,
            form,
            remedies,
            id,
            collections,
            draw,
            is_aside,
            ..
        } = *self.0;
        let base = work.base();
        let details = &*base.details;
        let slots = work.collections(stamp, draw);
        let collections = || (collections..).map(|number| stamp.id(number)).zip(&slots);
        let with = |role| {
            collections()
                .filter(move |(_, slot)| slot.0 == role)
                .map(|(id, _)| id)
        };
        let list = |role| with(role).collect::<Vec<_>>();
        let objects = collections().map(|(id, (role, slot))| {
            (
                id,
                CollectionObject {
                    form,
                    id,
                    role: *role,
                    slot,
                },
            )
        });
        let part = work.part();
        let mode = Mode {
            family: form.family,
            // Nothing helps the other family.
            remedies: match form.family {
                Family::V2 => remedies,
                Family::V1 => Remedies::Omit,
            },
            is_aside,
            work: &Common {
                class: work.class(),
                work_type: work.work_type(),
                tag: W::TAG,
                exec_type: W::EXEC_TYPE,
                name: part
                    .work_name()
                    .map_or(CommonName::Id(id), CommonName::Given),
                logs: list(Role::Log),
                release_inputs_after_submitting: part.release_inputs_after_submitting(),
            },
        };
        let metadata = WorkMetadata {
            object: self.0,
            mode,
        };

        let mut map = form.map(serializer)?;
        work.write_first(&mut map)?;
        entries!(map;
            "_collections" => ById(objects),
            "_primary_input_collection" => with(Role::PrimaryInput).next(),
            "_primary_output_collection" => with(Role::PrimaryOutput).next(),
            "_other_input_collections" => list(Role::OtherInput),
            "_other_output_collections" => list(Role::OtherOutput),
            "_processings": {},
        );
        match form.family {
            Family::V2 => {
                // In a workflow that is sent in steps, they are in files of their own, and sent as they are.
                let own = if is_aside { &[] } else { part.compressed() };
                entries!(map;
                    "_zip_items" => Compressed { own, base, only_lazily: false },
                    "_not_auto_unzip_items" => Compressed { own: part.compressed(), base, only_lazily: true },
                    "_loading": false,
                    "_metadata" => form.metadata(metadata),
                );
            }
            Family::V1 => form.write_metadata(&mut map, metadata)?,
        }
        base.encode(mode, &mut map)?;
        details.encode(mode, &mut map)?;
        work.write_own(mode, &mut map)?;
        if !work.has_task_name() {
            match &details.task_name {
                Some(name) => map.serialize_entry(TASK_NAME, name)?,
                None if mode.remedies == Remedies::Add => map.serialize_entry(TASK_NAME, &id)?,
                None => {}
            }
        }
        for Attribute {
            name,
            value,
            form: zipped,
        } in &details.attributes
        {
            match (form.family, zipped) {
                (Family::V1, _) | (_, AttributeForm::Plain) => map.serialize_entry(name, value)?,
                (Family::V2, _) => map.serialize_entry(name, &zip::Zipped(value))?,
            }
        }
        form.write_end(&mut map)?;
        map.end()
    }
}

/// The names of the attributes that are compressed: those of the class, then those of the user.
struct Compressed<'a> {
    own: &'static [&'static str],
    base: &'a Base,
    only_lazily: bool,
}

impl Serialize for Compressed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let added = self
            .base
            .details
            .attributes
            .iter()
            .filter(|attribute| match attribute.form {
                AttributeForm::Plain => false,
                AttributeForm::Compressed => !self.only_lazily,
                AttributeForm::CompressedLazily => true,
            });
        serializer.collect_seq(
            self.own
                .iter()
                .copied()
                .chain(added.map(|attribute| attribute.name.as_str())),
        )
    }
}

/// Collections by their ids.
struct ById<I>(I);

impl<'a, I: Iterator<Item = (InternalId, CollectionObject<'a>)> + Clone> Serialize for ById<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.clone())
    }
}

struct WorkMetadata<'a, W> {
    object: &'a WorkObject<'a, W>,
    mode: Mode<'a>,
}

impl<W: Class> Entries for WorkMetadata<'_, W> {
    fn write<M: EntryMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let WorkObject {
            work,
            stamp,
            form,
            id,
            is_build_work,
            ..
        } = *self.object;
        let base = work.base();
        entries!(map;
            "internal_id" => id,
            "template_work_id" => id,
            "initialized": false,
            "sequence_id": 0,
        );
        base.encode_metadata(self.mode, map)?;
        base.details.encode_metadata(self.mode, map)?;
        entries!(map;
            "transforming": false,
            "workdir": null,
            "has_new_inputs": true,
            "started": false,
            "status": 0,
            "substatus": 0,
            "polling_retries": 0,
            "errors" => work.part().errors(),
            "next_works": [],
            "processings": {},
            "active_processings": [],
            "cancelled_processings": [],
            "suspended_processings": [],
            "old_processings": [],
            "output_data": {},
            "tocancel": false,
            "tosuspend": false,
            "toresume": false,
            "toexpire": false,
            "tofinish": false,
            "toforcefinish": false,
            "last_updated_at" => stamp.date(),
            "to_update_processings": {},
            "num_run": 0,
        );
        if form.family == Family::V2 {
            entries!(map; "is_build_work" => is_build_work);
        }
        work.write_own_metadata(form.family, map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::run::Runs;
    use crate::work::base::common_attributes;
    use crate::{Collection, DomaDataWork, Work};

    #[test]
    fn the_attributes_that_a_user_cannot_have_are_those_that_every_work_has() {
        let work = Work::empty().build().expect("a work");
        let stamp = Stamp::counting(jiff::Timestamp::UNIX_EPOCH, 1, 1);
        let object = WorkObject {
            name: "plain",
            work: &work,
            stamp: &stamp,
            form: Form {
                family: Family::V2,
                runs: Runs::default(),
            },
            remedies: Remedies::Add,
            id: stamp.id(0),
            collections: 1,
            draw: 0,
            is_aside: false,
            is_build_work: false,
        };
        let sent = serde_json::to_value(&object).expect("JSON");
        let names = sent["attributes"]
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str);
        let names: Vec<_> = names.filter(|name| !name.starts_with('_')).collect();
        assert_eq!(names, common_attributes().collect::<Vec<_>>());
    }

    #[test]
    fn a_work_of_a_class_that_v1_lacks_is_named() {
        let input = Collection::new("scope", "name").expect("a collection");
        let work = DomaDataWork::builder(input).build().expect("a work");
        let stamp = Stamp::counting(jiff::Timestamp::UNIX_EPOCH, 1, 1);
        let object = |family| WorkObject {
            name: "skim",
            work: &work,
            stamp: &stamp,
            form: Form {
                family,
                runs: Runs::default(),
            },
            remedies: Remedies::Omit,
            id: stamp.id(0),
            collections: 1,
            draw: 0,
            is_aside: false,
            is_build_work: false,
        };
        assert!(serde_json::to_string(&object(Family::V2)).is_ok());
        let error = serde_json::to_string(&object(Family::V1)).expect_err("no such class");
        insta::assert_snapshot!(error, @"steps.skim: DomaDataWork is no class of the v1 family");
    }
}
