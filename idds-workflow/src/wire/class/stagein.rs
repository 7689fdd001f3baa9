//! `ATLASStageinWork`, `DomaDataWork` and `DomaRucioWork` on the wire.

use std::borrow::Cow;

use super::EncodeWork;
use crate::wire::Remedies;
use crate::wire::run::{EntryMap, entries};
use crate::{ATLASStageinWork, DomaDataWork, DomaRucioWork, TransformType};

macro_rules! stagein_class {
    ($work:ident, $module:literal, $v1_module:expr) => {
        impl EncodeWork for $work {
            fn class(&self) -> &str {
                stringify!($work)
            }

            fn module(&self) -> &str {
                $module
            }

            fn v1_module(&self) -> Option<Cow<'_, str>> {
                $v1_module.map(Cow::Borrowed)
            }

            fn work_type(&self) -> Option<TransformType> {
                Some(TransformType::StageIn)
            }

            fn write_own<M: EntryMap>(&self, _: Remedies, map: &mut M) -> Result<(), M::Error> {
                let seconds = self.max_waiting_time();
                entries!(map;
                    "max_waiting_time" => seconds,
                    "src_rse" => self.src_rse(),
                    "dest_rse" => self.dest_rse(),
                    "life_time" => seconds,
                    "rule_id" => self.rule_id(),
                    "num_mapped_inputs": 0,
                    "total_output_files": 0,
                    "processed_output_files": 0,
                );
                Ok(())
            }
        }
    };
}

stagein_class!(
    ATLASStageinWork,
    "idds.atlas.workflowv2.atlasstageinwork",
    Some("idds.atlas.workflow.atlasstageinwork")
);
stagein_class!(DomaDataWork, "idds.doma.workflowv2.domadatawork", None);
stagein_class!(DomaRucioWork, "idds.doma.workflowv2.domaruciowork", None);
