//! Reads `ATLASPandaWork` and `ATLASLocalPandaWork`.

use serde_json::{Map, Value};

use super::{Decoder, Inherits, panda_base};
use crate::wire::decode::DecodeError;
use crate::wire::decode::fields::Fields;
use crate::wire::decode::name;
use crate::wire::decode::work::{Side, collection, unused_collections};
use crate::work::base::{Base, TakesBase as _};
use crate::work::{DatasetKind, PandaTask as _, TaskDataset};
use crate::{ATLASLocalPandaWork, ATLASPandaWork, Collection, CollectionType};

/// Attributes of the classes: their settings, and what the server keeps there.
const OWN: &[&str] = &[
    "work_dir",
    "output_files",
    "panda_url",
    "panda_url_ssl",
    "panda_monitor",
    "panda_auth",
    "panda_auth_vo",
    "panda_config_root",
    "pandacache_url",
    "panda_verify_host",
    "task_type",
    "task_parameters",
    "task_name",
    "retry_number",
    "num_retries",
    "use_rucio",
];

pub(super) const CLASSES: &[Decoder] = &[
    Decoder {
        class: "ATLASPandaWork",
        module: "idds.atlas.workflowv2.atlaspandawork",
        own: OWN,
        inherits: Inherits::Placement,
        decode: |base, fields| {
            let parameters: Map<String, Value> = fields.or_default("task_parameters")?;
            let plain = ATLASPandaWork::builder(parameters.clone()).build()?;
            let base = given(panda_base(base, fields, "atlaspanda")?, fields, plain.datasets())?;
            let work = ATLASPandaWork::builder(parameters).base(base).use_rucio(fields.or_default("use_rucio")?);
            Ok(work
                .num_retries(fields.given("num_retries")?.unwrap_or_else(|| plain.num_retries().clone()))
                .build()?
                .into())
        },
    },
    Decoder {
        class: "ATLASLocalPandaWork",
        module: "idds.atlas.workflowv2.atlaslocalpandawork",
        own: OWN,
        inherits: Inherits::Placement,
        decode: |base, fields| {
            let parameters: Map<String, Value> = fields.or_default("task_parameters")?;
            let plain = ATLASLocalPandaWork::builder(parameters.clone()).build()?;
            let base = given(panda_base(base, fields, "atlaslocalpanda")?, fields, plain.datasets())?;
            let work = ATLASLocalPandaWork::builder(parameters).base(base);
            Ok(work
                .num_retries(fields.given("num_retries")?.unwrap_or_else(|| plain.num_retries().clone()))
                .build()?
                .into())
        },
    },
];

/// Takes away what the class derives from the datasets of the task parameters: a name, and collections.
fn given(mut base: Base, fields: &Fields<'_>, datasets: &[TaskDataset]) -> Result<Base, DecodeError> {
    let count = |kind| datasets.iter().filter(|dataset| dataset.kind == kind).count();
    let [inputs, outputs, logs] = [DatasetKind::Input, DatasetKind::Output, DatasetKind::Log].map(count);
    let given_logs = base.details.logs.len().saturating_sub(logs);
    base.details.logs.truncate(given_logs);
    // What a dataset has replaced is in no list any more: the collection that was given, and the datasets before it.
    let mut replaced = Vec::new();
    for id in unused_collections(fields)? {
        replaced.push((id, collection(fields, "_collections", id, Side::Input)?));
    }
    for TaskDataset { collection: dataset, .. } in datasets.iter().rev() {
        let is_dataset =
            |(_, unused): &(&str, Collection)| (unused.scope(), unused.name()) == (dataset.scope(), dataset.name());
        if let Some(position) = replaced.iter().rposition(is_dataset) {
            replaced.remove(position);
        }
    }
    let is_input = match &replaced[..] {
        [] => false,
        [(_, only)] => inputs > 0 && (outputs == 0 || name::without_runs(only.name()) == only.name()),
        _ => inputs > 0,
    };
    let replaced_input = is_input.then(|| replaced.remove(0).1);
    base.input = match inputs {
        0 => base.input.filter(|collection| !is_pseudo(collection, "pseudo_input")),
        _ => replaced_input,
    };
    base.output = match (outputs, replaced.first()) {
        (0, _) => base.output.filter(|collection| !is_pseudo(collection, "pseudo_output")),
        (_, Some((id, _))) => Some(collection(fields, "_collections", id, Side::Output)?),
        (_, None) => None,
    };
    Ok(base)
}

/// Tells whether Python made the collection, because the task had none.
fn is_pseudo(collection: &Collection, prefix: &str) -> bool {
    collection.coll_type() == CollectionType::PseudoDataset && name::is_generated(prefix, collection.name())
}
