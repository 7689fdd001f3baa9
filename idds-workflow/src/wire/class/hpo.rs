//! `ATLASHPOWork` on the wire.

use std::borrow::Cow;

use super::EncodeWork;
use crate::wire::Remedies;
use crate::wire::run::{EntryMap, entries};
use crate::work::class::{Role, Slot};
use crate::work::hpo::DIALECT;
use crate::{ATLASHPOWork, Method, Stamp, TransformType};

/// File that the points are written to when the definition names none.
pub(in crate::wire) const OUTPUT_JSON: &str = "idds_output.json";

impl EncodeWork for ATLASHPOWork {
    fn class(&self) -> &str {
        "ATLASHPOWork"
    }

    fn module(&self) -> &str {
        "idds.atlas.workflowv2.atlashpowork"
    }

    fn v1_module(&self) -> Option<Cow<'_, str>> {
        Some("idds.atlas.workflow.atlashpowork".into())
    }

    fn work_type(&self) -> Option<TransformType> {
        Some(TransformType::HyperParameterOpt)
    }

    fn collections<'a>(&'a self, stamp: &Stamp, draw: u32) -> Vec<(Role, Slot<'a>)> {
        let name: Cow<'a, str> = match (self.name(), self.workload_id()) {
            (Some(name), _) if !name.is_empty() => name.into(),
            (_, Some(workload)) => stamp.name(&format!("hpo.{workload}"), draw).into(),
            (_, None) => stamp.name("hpo", draw).into(),
        };
        let output = Slot::generated("HPO", format!("{name}output"));
        vec![(Role::PrimaryInput, Slot::generated("HPO", name)), (Role::PrimaryOutput, output)]
    }

    fn collection_count(&self) -> u32 {
        2
    }

    fn draws(&self) -> u32 {
        u32::from(self.name().is_none_or(str::is_empty))
    }

    fn write_own<M: EntryMap>(&self, remedies: Remedies, map: &mut M) -> Result<(), M::Error> {
        let output_json = self.output_json().or((remedies == Remedies::Add).then_some(OUTPUT_JSON));
        entries!(map;
            "method" => self.method().map(Method::name),
            "container_workdir" => self.container_workdir(),
            "opt_space" => self.wire_space(),
            "initial_points" => self.initial_points(),
            "max_points" => self.max_points(),
            "num_points_per_iteration" => self.num_points_per_iteration(),
            "unfinished_points": 0,
            "input_json": null,
            "output_json" => output_json,
            "finished_points": 0,
            "points_to_generate" => self.num_points_per_iteration(),
            "point_index": 0,
            "terminated": false,
        );
        if let Some(dialect) = self.hidden_dialect() {
            map.serialize_entry(DIALECT, &dialect)?;
        }
        let is_given = self.base.details.attributes.iter().any(|attribute| attribute.name == "es");
        if remedies == Remedies::Add && !is_given {
            entries!(map; "es": true);
        }
        Ok(())
    }
}
