//! What the works of all classes share on the wire.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::Numbers;
use super::collection::{CollectionObject, Role};
use crate::wire::Remedies;
use crate::wire::envelope::{EMPTY_LIST, EMPTY_OBJECT, Entries, Member, NULL, Object, entries, metadata, write_head};
use crate::{Collection, InternalId, Stamp, TransformType};

/// What encoding asks of a class of works.
pub(super) trait EncodeWork {
    /// Name of the Python class.
    const CLASS: &'static str;

    /// Python module of the class.
    const MODULE: &'static str;

    /// What the class does.
    const WORK_TYPE: TransformType;

    /// Returns the values that all classes have an attribute for.
    fn shared(&self) -> Shared<'_>;

    /// Returns the collections, in the order primary input, primary output, other inputs, other outputs, logs.
    fn collections<'a>(&'a self, stamp: &Stamp, numbers: Numbers) -> Vec<(Role, Slot<'a>)>;

    /// Writes the attributes that only this class has.
    fn write_own<M: SerializeMap>(&self, remedies: Remedies, map: &mut M) -> Result<(), M::Error>;

    /// Returns the number of collections.
    fn collection_count(&self) -> u32;

    /// Returns how many random numbers the names of the work take.
    fn draws(&self) -> u32 {
        0
    }

    /// Returns how many ids the work takes.
    fn ids(&self) -> u32 {
        1 + self.collection_count()
    }

    /// Returns scope and name of the primary input collection.
    fn primary_input<'a>(&'a self, stamp: &Stamp, numbers: Numbers) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
        let mut collections = self.collections(stamp, numbers).into_iter();
        collections.find(|(role, _)| *role == Role::PrimaryInput).map(|(_, slot)| (slot.scope, slot.name))
    }
}

/// A collection of a work, with its name as it is sent.
#[derive(Clone, Debug)]
pub(super) struct Slot<'a> {
    pub(super) scope: Cow<'a, str>,
    pub(super) name: Cow<'a, str>,
    pub(super) definition: Option<&'a Collection>,
}

impl<'a> From<&'a Collection> for Slot<'a> {
    fn from(collection: &'a Collection) -> Self {
        let (scope, name) = (collection.scope().into(), collection.name().into());
        Self { scope, name, definition: Some(collection) }
    }
}

/// Values of the attributes that all classes have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shared<'a> {
    pub(super) setup: Option<&'a str>,
    pub(super) executable: Option<&'a str>,
    pub(super) arguments: Option<&'a str>,
    pub(super) parameters: Option<&'a Map<String, Value>>,
    pub(super) exec_type: &'a str,
    pub(super) sandbox: Option<&'a str>,
    pub(super) task_name: Option<&'a str>,
}

impl Default for Shared<'_> {
    fn default() -> Self {
        Self {
            setup: None,
            executable: None,
            arguments: None,
            parameters: None,
            exec_type: "local",
            sandbox: None,
            task_name: None,
        }
    }
}

/// A work as an object of its Python class.
pub(super) struct WorkObject<'a, W> {
    pub(super) work: &'a W,
    pub(super) stamp: &'a Stamp,
    pub(super) numbers: Numbers,
    pub(super) remedies: Remedies,
}

impl<W: EncodeWork> Serialize for WorkObject<'_, W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Object { class: W::CLASS, module: W::MODULE, attributes: Attributes(self) }.serialize(serializer)
    }
}

struct Attributes<'a, W>(&'a WorkObject<'a, W>);

impl<W: EncodeWork> Serialize for Attributes<'_, W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let WorkObject { work, stamp, numbers, remedies } = *self.0;
        let id = stamp.id(numbers.id);
        let shared = work.shared();
        let collections: Vec<_> = (numbers.id + 1..)
            .zip(work.collections(stamp, numbers))
            .map(|(number, (role, slot))| CollectionObject { id: stamp.id(number), role, slot })
            .collect();
        let with = |role| collections.iter().filter(move |collection| collection.role == role).map(|c| c.id);
        let list = |role| with(role).collect::<Vec<_>>();

        let mut map = serializer.serialize_map(None)?;
        entries!(map;
            "_collections" => ById(&collections),
            "_primary_input_collection" => with(Role::PrimaryInput).next(),
            "_primary_output_collection" => with(Role::PrimaryOutput).next(),
            "_other_input_collections" => list(Role::OtherInput),
            "_other_output_collections" => list(Role::OtherOutput),
            "_processings" => EMPTY_OBJECT,
        );
        write_head(&mut map)?;
        entries!(map;
            "_metadata" => metadata(WorkMetadata { id, parameters: shared.parameters, date: stamp.date() }),
            "is_template" => false,
            "class_name" => W::CLASS.to_lowercase(),
            "logger" => NULL,
            "setup" => shared.setup,
            "executable" => shared.executable,
            "arguments" => shared.arguments,
            "username" => NULL,
            "work_type" => Member(W::WORK_TYPE),
            "work_tag" => NULL,
            "exec_type" => shared.exec_type,
            "sandbox" => shared.sandbox,
            "request_id" => NULL,
            "log_collections" => list(Role::Log),
            "release_inputs_after_submitting" => false,
            "work_name_to_coll_map" => EMPTY_LIST,
            "terminated_msg" => "",
            "parameters_for_next_task" => NULL,
            "status_statistics" => EMPTY_OBJECT,
            "agent_attributes" => NULL,
            "proxy" => NULL,
            "original_proxy" => NULL,
            "backup_to_release_inputs" => BackupToReleaseInputs::default(),
            "or_custom_conditions" => EMPTY_OBJECT,
            "and_custom_conditions" => EMPTY_OBJECT,
            "sliced_global_parameters" => NULL,
            "func_site_to_cloud" => NULL,
            "dispatch_ext_content" => false,
        );
        work.write_own(remedies, &mut map)?;
        match shared.task_name {
            Some(name) => map.serialize_entry("task_name", name)?,
            None if remedies == Remedies::Add => map.serialize_entry("task_name", &id)?,
            None => {}
        }
        map.end()
    }
}

/// Collections by their ids.
struct ById<'a>(&'a [CollectionObject<'a>]);

impl Serialize for ById<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|collection| (collection.id, collection)))
    }
}

#[derive(Default, Serialize)]
struct BackupToReleaseInputs {
    #[serde(rename = "0")]
    zero: [(); 0],
    #[serde(rename = "1")]
    one: [(); 0],
    #[serde(rename = "2")]
    two: [(); 0],
}

struct WorkMetadata<'a> {
    id: InternalId,
    parameters: Option<&'a Map<String, Value>>,
    date: String,
}

impl Entries for WorkMetadata<'_> {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        entries!(map;
            "internal_id" => self.id,
            "template_work_id" => self.id,
            "initialized" => false,
            "sequence_id" => 0,
            "parameters" => self.parameters,
            "work_id" => NULL,
            "work_name" => self.id,
            "transforming" => false,
            "workdir" => NULL,
            "has_new_inputs" => true,
            "started" => false,
            "status" => 0,
            "substatus" => 0,
            "polling_retries" => 0,
            "errors" => EMPTY_LIST,
            "next_works" => EMPTY_LIST,
            "processings" => EMPTY_OBJECT,
            "active_processings" => EMPTY_LIST,
            "cancelled_processings" => EMPTY_LIST,
            "suspended_processings" => EMPTY_LIST,
            "old_processings" => EMPTY_LIST,
            "output_data" => EMPTY_OBJECT,
            "tocancel" => false,
            "tosuspend" => false,
            "toresume" => false,
            "toexpire" => false,
            "tofinish" => false,
            "toforcefinish" => false,
            "last_updated_at" => self.date,
            "to_update_processings" => EMPTY_OBJECT,
            "num_run" => 0,
            "is_build_work" => false,
        );
        Ok(())
    }
}
