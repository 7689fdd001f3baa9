//! `ATLASStageinWork` on the wire.

use serde::ser::SerializeMap;

use super::EncodeWork;
use crate::wire::Remedies;
use crate::wire::envelope::entries;
use crate::{ATLASStageinWork, TransformType};

impl EncodeWork for ATLASStageinWork {
    fn class(&self) -> &str {
        "ATLASStageinWork"
    }

    fn module(&self) -> &str {
        "idds.atlas.workflowv2.atlasstageinwork"
    }

    fn v1_module(&self) -> Option<&str> {
        Some("idds.atlas.workflow.atlasstageinwork")
    }

    fn work_type(&self) -> Option<TransformType> {
        Some(TransformType::StageIn)
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
