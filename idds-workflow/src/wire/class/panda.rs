//! `ATLASPandaWork` and `ATLASLocalPandaWork` on the wire.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::EncodeWork;
use crate::wire::Remedies;
use crate::wire::run::{EntryMap, entries};
use crate::work::base::{Base, HasBase};
use crate::work::class::{Role, Slot, given_collections};
use crate::work::{DatasetKind, PandaTask, TaskDataset};
use crate::{ATLASLocalPandaWork, ATLASPandaWork, CollectionType, NullableText, Stamp, TransformType};

/// Scope of the pseudo collections of a task without any dataset.
const PSEUDO_SCOPE: &str = "pseudo.scope";

/// The settings that `panda.cfg` of the machine gives, which a definition leaves to the server.
macro_rules! panda_urls {
    ($map:expr) => {
        entries!($map;
            "panda_url": null,
            "panda_url_ssl": null,
            "panda_monitor": null,
            "panda_auth": null,
            "panda_auth_vo": null,
            "panda_config_root": null,
            "pandacache_url": null,
            "panda_verify_host": null,
        )
    };
}
pub(super) use panda_urls;

macro_rules! panda_class {
    (
        $work:ident,
        $module:literal,
        $v1_module:literal,
        $tag:literal, |$self:ident, $first:ident| $write_first:block, $use_rucio:expr
    ) => {
        impl EncodeWork for $work {
            fn class(&self) -> &str {
                stringify!($work)
            }

            fn module(&self) -> &str {
                $module
            }

            fn v1_module(&self) -> Option<Cow<'_, str>> {
                Some($v1_module.into())
            }

            fn work_type(&self) -> Option<TransformType> {
                Some(TransformType::Processing)
            }

            fn work_tag(&self) -> Option<&str> {
                self.base().details.work_tag.as_ref().map_or(Some($tag), NullableText::as_text)
            }

            fn default_exec_type(&self) -> &'static str {
                "panda"
            }

            fn release_inputs_after_submitting(&self) -> bool {
                true
            }

            fn work_name(&self) -> Option<&str> {
                task_name(self.task_parameters())
            }

            fn collections<'a>(&'a self, stamp: &Stamp, draw: u32) -> Vec<(Role, Slot<'a>)> {
                collections(self.base(), self, stamp, draw)
            }

            fn collection_count(&self) -> u32 {
                crate::work::class::given_count(self.base()) + self.datasets().len() as u32 + pseudo_count(self.base(), self)
            }

            fn draws(&self) -> u32 {
                pseudo_count(self.base(), self)
            }

            fn write_first<M: EntryMap>(&$self, $first: &mut M) -> Result<(), M::Error> {
                $write_first
                Ok(())
            }

            fn only_in_v2(&self) -> Option<&'static str> {
                let use_rucio: fn(&Self) -> bool = $use_rucio;
                use_rucio(self).then_some("use_rucio")
            }

            fn write_own<M: EntryMap>(&self, _: Remedies, map: &mut M) -> Result<(), M::Error> {
                let use_rucio: fn(&Self) -> bool = $use_rucio;
                self.write_own_v1(map)?;
                entries!(map; "use_rucio" => use_rucio(self));
                Ok(())
            }

            fn write_own_v1<M: EntryMap>(&self, map: &mut M) -> Result<(), M::Error> {
                let parameters = self.task_parameters();
                panda_urls!(map);
                match parameters.get("prodSourceLabel") {
                    Some(label) => map.serialize_entry("task_type", label)?,
                    None => map.serialize_entry("task_type", "test")?,
                }
                entries!(map; "task_parameters" => (!parameters.is_empty()).then_some(parameters));
                if let Some(name) = task_name(parameters) {
                    entries!(map; "task_name" => name);
                }
                entries!(map; "retry_number": 0, "num_retries" => self.num_retries());
                Ok(())
            }

            fn errors(&self) -> &[String] {
                PandaTask::errors(self)
            }

            fn has_task_name(&self) -> bool {
                task_name(self.task_parameters()).is_some()
            }
        }
    };
}

panda_class!(
    ATLASPandaWork,
    "idds.atlas.workflowv2.atlaspandawork",
    "idds.atlas.workflow.atlaspandawork",
    "atlaspanda",
    |self, _map| {},
    |work| work.uses_rucio()
);

panda_class!(
    ATLASLocalPandaWork,
    "idds.atlas.workflowv2.atlaslocalpandawork",
    "idds.atlas.workflow.atlaslocalpandawork",
    "atlaslocalpanda",
    |self, map| {
        entries!(map; "work_dir": "/tmp", "output_files" => OutputFiles(self.datasets()));
    },
    |_| false
);

fn task_name(parameters: &Map<String, Value>) -> Option<&str> {
    parameters.get("taskName").and_then(Value::as_str)
}

/// Tells whether a pseudo output and a pseudo input collection are added.
fn pseudo(base: &Base, task: &impl PandaTask) -> [bool; 2] {
    let lacks = |kind| !task.datasets().iter().any(|dataset| dataset.kind == kind);
    let is_task = !task.task_parameters().is_empty() && task.errors().is_empty();
    [
        is_task && base.output.is_none() && lacks(DatasetKind::Output),
        is_task && base.input.is_none() && lacks(DatasetKind::Input),
    ]
}

fn pseudo_count(base: &Base, task: &impl PandaTask) -> u32 {
    pseudo(base, task).map(u32::from).iter().sum()
}

/// Returns the given collections, then those of the datasets, then pseudo collections for what is missing.
fn collections<'a>(base: &'a Base, task: &'a impl PandaTask, stamp: &Stamp, draw: u32) -> Vec<(Role, Slot<'a>)> {
    let mut slots = given_collections(base);
    for TaskDataset { kind, collection, .. } in task.datasets() {
        let (role, replaced) = match kind {
            DatasetKind::Input => (Role::PrimaryInput, Role::ReplacedInput),
            DatasetKind::Output => (Role::PrimaryOutput, Role::ReplacedOutput),
            DatasetKind::Log => (Role::Log, Role::Log),
        };
        slots.iter_mut().filter(|(other, _)| *other == role).for_each(|(other, _)| *other = replaced);
        slots.push((role, Slot { keeps_name: true, ..collection.into() }));
    }
    let [lacks_output, lacks_input] = pseudo(base, task);
    if lacks_output {
        let scope = slots.first().map_or(Cow::Borrowed(PSEUDO_SCOPE), |(_, slot)| slot.scope.clone());
        slots.push((Role::PrimaryOutput, pseudo_slot(scope, stamp.name("pseudo_output", draw))));
    }
    if lacks_input {
        let output = slots.iter().find(|(role, _)| *role == Role::PrimaryOutput);
        let scope = output.map_or(Cow::Borrowed(PSEUDO_SCOPE), |(_, slot)| slot.scope.clone());
        let name = stamp.name("pseudo_input", draw + u32::from(lacks_output));
        slots.push((Role::PrimaryInput, pseudo_slot(scope, name)));
    }
    slots
}

fn pseudo_slot(scope: Cow<'_, str>, name: String) -> Slot<'_> {
    Slot { coll_type: CollectionType::PseudoDataset, keeps_name: true, ..Slot::generated(scope, name) }
}

/// The output files that the server fetches.
struct OutputFiles<'a>(&'a [TaskDataset]);

impl Serialize for OutputFiles<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct OutputFile<'a> {
            scope: &'a str,
            name: &'a str,
            file: &'a Value,
        }
        let outputs = self.0.iter().filter(|dataset| dataset.kind == DatasetKind::Output);
        serializer.collect_seq(outputs.filter_map(|TaskDataset { collection, file, .. }| {
            Some(OutputFile { scope: collection.scope(), name: collection.name(), file: file.as_ref()? })
        }))
    }
}
