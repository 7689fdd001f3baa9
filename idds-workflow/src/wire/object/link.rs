//! Parameter links on the wire.

use indexmap::IndexMap;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::numbering::Scope;
use crate::InternalId;
use crate::wire::envelope::Object;
use crate::wire::family::{Entries, Form};
use crate::wire::run::{EntryMap, entries};
use crate::workflow::LinkEnd;

/// The links that end in the workflow, by their ids.
pub(super) struct Links<'a>(pub(super) Scope<'a>);

impl Serialize for Links<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Scope {
            stamp,
            form,
            first_link,
            ..
        } = self.0;
        serializer.collect_map(ending(self.0).map(|end| {
            let id = stamp.id(first_link + end.number);
            let attributes = Link {
                form,
                id,
                parameters: &end.parameters,
            };
            let (class, module, runs) = ("ParameterLink", form.family.workflow_module(), form.runs);
            (
                id,
                Object {
                    class,
                    module,
                    attributes,
                    runs,
                },
            )
        }))
    }
}

/// The links that have their destination in a workflow.
fn ending<'a>(scope: Scope<'a>) -> impl Iterator<Item = &'a LinkEnd> {
    scope
        .workflow
        .link_ends()
        .iter()
        .filter(|end| end.destination.is_some())
}

struct Link<'a> {
    form: Form<'a>,
    id: InternalId,
    parameters: &'a [(String, String)],
}

impl Serialize for Link<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = self.form.map(serializer)?;
        self.form.write_metadata(&mut map, NoMetadata)?;
        entries!(map;
            "parameters" => LinkParameters(self.parameters),
            "num_parameters" => self.parameters.len(),
            "internal_id" => self.id,
            "template_id" => self.id,
        );
        self.form.write_end(&mut map)?;
        map.end()
    }
}

struct LinkParameters<'a>(&'a [(String, String)]);

impl Serialize for LinkParameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Pair<'a> {
            source: &'a str,
            destination: &'a str,
        }
        serializer.collect_map(
            self.0
                .iter()
                .enumerate()
                .map(|(index, (source, destination))| {
                    (
                        index,
                        Pair {
                            source,
                            destination,
                        },
                    )
                }),
        )
    }
}

struct NoMetadata;

impl Entries for NoMetadata {
    fn write<M: EntryMap>(&self, _: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

/// The metadata of the links that end in a workflow, by their ids.
pub(super) struct LinksMetadata<'a>(pub(super) Scope<'a>);

impl Serialize for LinksMetadata<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Scope {
            stamp,
            form,
            first_link,
            ..
        } = self.0;
        let metadata =
            |end: &LinkEnd| (stamp.id(first_link + end.number), form.metadata(NoMetadata));
        serializer.collect_map(ending(self.0).map(metadata))
    }
}

/// For every step with such an end, the ids of its links.
pub(super) struct LinksOf<'a> {
    pub(super) scope: Scope<'a>,
    pub(super) end: fn(&LinkEnd) -> Option<u32>,
}

impl Serialize for LinksOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Scope {
            workflow,
            stamp,
            first,
            first_link,
            ..
        } = self.scope;
        let mut links: IndexMap<InternalId, Vec<InternalId>> = IndexMap::new();
        for end in workflow.link_ends() {
            if let Some(step) = (self.end)(end) {
                links
                    .entry(stamp.id(first + step))
                    .or_default()
                    .push(stamp.id(first_link + end.number));
            }
        }
        links.serialize(serializer)
    }
}
