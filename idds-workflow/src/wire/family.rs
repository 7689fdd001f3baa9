//! The two families of Python classes.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::envelope::{EMPTY_LIST, NULL, Object, entries};

/// Which of the two families of Python classes a workflow is encoded for.
///
/// | | v2 | v1 |
/// | --- | --- | --- |
/// | modules | `idds.workflowv2`, `idds.atlas.workflowv2` | `idds.workflow`, `idds.atlas.workflow` |
/// | a 2.6.21 server | runs it | accepts it with 200; the request then fails, because its agents ask for attributes that v1 lacks |
/// | [`Submission`](super::Submission) | yes | no, as in Python: only [`AddRequest`](super::AddRequest) sends it |
/// | [`Remedies`](super::Remedies) | added | not added, none would help |
/// | build work, campaign values, `max_processing_requests` | yes | encoding fails and names the field |
/// | works of every class | yes | encoding fails and names the work when v1 has no such class |
/// | sliced global parameters | yes | the Python classes lose them, and so does the encoding |
/// | attributes that are sent compressed | yes | sent as they are |
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Family {
    /// The classes that the 2.6.21 server can run.
    #[default]
    V2,
    /// The classes that the documentation of iDDS shows, for servers of their time.
    V1,
}

impl Family {
    /// Returns the module of workflows, conditions and links.
    pub(super) fn workflow_module(self) -> &'static str {
        match self {
            Self::V2 => "idds.workflowv2.workflow",
            Self::V1 => "idds.workflow.workflow",
        }
    }

    /// Returns the module of collections.
    pub(super) fn work_module(self) -> &'static str {
        match self {
            Self::V2 => "idds.workflowv2.work",
            Self::V1 => "idds.workflow.work",
        }
    }

    /// Makes the metadata object of a definition, which the agents change.
    pub(super) fn metadata<A: Entries>(self, entries: A) -> Object<'static, Metadata<A>> {
        let (class, module) = match self {
            Self::V2 => ("DictMetadata", "idds.common.dict_class"),
            Self::V1 => ("IDDSMetadata", "idds.workflow.base"),
        };
        Object { class, module, attributes: Metadata { family: self, entries } }
    }

    /// Writes the metadata of an object, with what objects of the family have around it.
    pub(super) fn write_metadata<M: SerializeMap, A: Entries>(self, map: &mut M, entries: A) -> Result<(), M::Error> {
        match self {
            Self::V2 => {
                write_head(map)?;
                entries!(map; "_metadata" => self.metadata(entries));
            }
            Self::V1 => {
                entries!(map; "_metadata" => self.metadata(entries), "origin_metadata" => NULL);
            }
        }
        Ok(())
    }

    /// Writes what objects of the family end with.
    pub(super) fn write_end<M: SerializeMap>(self, map: &mut M) -> Result<(), M::Error> {
        match self {
            Self::V2 => Ok(()),
            Self::V1 => map.serialize_entry("_loading", &false),
        }
    }
}

/// Attributes of a metadata object, besides those that all metadata objects have.
pub(super) trait Entries {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// The attributes of a metadata object.
pub(super) struct Metadata<A> {
    family: Family,
    entries: A,
}

impl<A: Entries> Serialize for Metadata<A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.family == Family::V2 {
            write_head(&mut map)?;
        }
        self.entries.write(&mut map)?;
        self.family.write_end(&mut map)?;
        map.end()
    }
}

/// Writes what v2 objects and their metadata objects begin with.
fn write_head<M: SerializeMap>(map: &mut M) -> Result<(), M::Error> {
    entries!(map; "_zip_items" => EMPTY_LIST, "_not_auto_unzip_items" => EMPTY_LIST, "_loading" => false);
    Ok(())
}
