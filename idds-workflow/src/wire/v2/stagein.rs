//! `ATLASStageinWork` on the wire.

use serde::ser::SerializeMap;

use super::Numbers;
use super::collection::Role;
use super::work::{EncodeWork, Shared, Slot};
use crate::wire::Remedies;
use crate::wire::envelope::entries;
use crate::{ATLASStageinWork, Stamp, TransformType};

impl EncodeWork for ATLASStageinWork {
    const CLASS: &'static str = "ATLASStageinWork";
    const MODULE: &'static str = "idds.atlas.workflowv2.atlasstageinwork";
    const WORK_TYPE: TransformType = TransformType::StageIn;

    fn shared(&self) -> Shared<'_> {
        Shared { task_name: self.task_name(), ..Shared::default() }
    }

    fn collections<'a>(&'a self, _: &Stamp, _: Numbers) -> Vec<(Role, Slot<'a>)> {
        vec![(Role::PrimaryInput, self.input().into()), (Role::PrimaryOutput, self.output().into())]
    }

    fn collection_count(&self) -> u32 {
        2
    }

    fn write_own<M: SerializeMap>(&self, _: Remedies, map: &mut M) -> Result<(), M::Error> {
        let seconds = self.max_waiting_time().as_secs();
        entries!(map;
            "max_waiting_time" => seconds,
            "src_rse" => self.src_rse(),
            "dest_rse" => self.dest_rse(),
            "life_time" => seconds,
            "rule_id" => self.rule_id(),
            "num_mapped_inputs" => 0,
            "total_output_files" => 0,
            "processed_output_files" => 0,
        );
        Ok(())
    }
}
