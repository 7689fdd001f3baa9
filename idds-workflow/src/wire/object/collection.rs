//! Collections on the wire.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::wire::Family;
use crate::wire::empty::EMPTY_OBJECT;
use crate::wire::family::{Entries, Form};
use crate::wire::run::{EntryMap, entries};
use crate::work::class::{Role, Slot};
use crate::{CollectionType, InternalId};

/// A collection as an object of its Python class.
#[derive(Clone, Debug)]
pub(super) struct CollectionObject<'a> {
    pub(super) form: Form<'a>,
    pub(super) id: InternalId,
    pub(super) role: Role,
    pub(super) slot: &'a Slot<'a>,
}

impl CollectionObject<'_> {
    /// Returns the name as Python's constructor leaves it: in v2 an output gets the number of the run, which is 0.
    fn name(&self) -> Cow<'_, str> {
        let name = &self.slot.name;
        let is_output = matches!(
            self.role,
            Role::PrimaryOutput | Role::OtherOutput | Role::ReplacedOutput
        );
        if self.form.family == Family::V2
            && is_output
            && !self.slot.keeps_name
            && !name.contains("___idds___")
        {
            Cow::Owned([name, ".0"].concat())
        } else {
            Cow::Borrowed(name)
        }
    }
}

impl Serialize for CollectionObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = self.form.map(serializer)?;
        let attributes = Attributes(self);
        match self.form.family {
            Family::V2 => {
                entries!(map; "class": "Collection", "module": "idds.workflowv2.work", "attributes" => attributes);
            }
            Family::V1 => {
                entries!(map; "class": "Collection", "module": "idds.workflow.work", "attributes" => attributes);
            }
        }
        map.end()
    }
}

struct Attributes<'a>(&'a CollectionObject<'a>);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let CollectionObject { form, id, slot, .. } = *self.0;
        let mut map = form.map(serializer)?;
        form.write_metadata(
            &mut map,
            CollectionMetadata {
                id,
                coll_type: slot.coll_type,
            },
        )?;
        entries!(map;
            "scope" => slot.scope,
            "name" => self.0.name(),
        );
        match slot.metadata {
            Some(metadata) => map.serialize_entry("coll_metadata", metadata)?,
            None => map.serialize_entry("coll_metadata", &EMPTY_OBJECT)?,
        }
        entries!(map;
            "_collection": null,
            "total_files": 0,
            "processed_files": 0,
            "processing_files": 0,
        );
        if form.family == Family::V2 {
            entries!(map; "activated_files": 0, "preprocessing_files": 0);
        }
        entries!(map;
            "bytes": 0,
            "new_files": 0,
            "failed_files": 0,
            "missing_files": 0,
            "ext_files": 0,
            "processed_ext_files": 0,
            "failed_ext_files": 0,
            "missing_ext_files": 0,
        );
        form.write_end(&mut map)?;
        map.end()
    }
}

struct CollectionMetadata {
    id: InternalId,
    coll_type: CollectionType,
}

impl Entries for CollectionMetadata {
    fn write<M: EntryMap>(&self, map: &mut M) -> Result<(), M::Error> {
        entries!(map;
            "internal_id" => self.id,
            "coll_id": null,
            "coll_type" => self.coll_type.code(),
            "status": 0,
            "substatus": 0,
        );
        Ok(())
    }
}
