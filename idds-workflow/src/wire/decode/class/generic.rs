//! Reads works without attributes of their own, or with few.

use super::{Decoder, Inherits};
use crate::wire::Member;
use crate::work::base::TakesBase as _;
use crate::{ATLASActuatorWork, ATLASCondorWork, DataWork, ProcessingWork, Work};

macro_rules! generic_class {
    ($work:ident, $module:literal, inherits $inherits:ident) => {
        Decoder {
            class: stringify!($work),
            module: $module,
            own: &[],
            inherits: Inherits::$inherits,
            decode: |base, fields| {
                let work = $work::builder("").base(base);
                Ok(match fields.read("work_type")? {
                    Some(Member(work_type)) => work.work_type(work_type),
                    None => work,
                }
                .build()?
                .into())
            },
        }
    };
}

pub(super) const CLASSES: &[Decoder] = &[
    generic_class!(Work, "idds.workflowv2.work", inherits All),
    generic_class!(DataWork, "idds.workflowv2.datawork", inherits Common),
    generic_class!(ATLASCondorWork, "idds.atlas.workflowv2.atlascondorwork", inherits Common),
    Decoder {
        class: "ProcessingWork",
        module: "idds.workflowv2.processingwork",
        own: &[],
        // Its type is always the same.
        inherits: Inherits::Common,
        decode: |base, _| Ok(ProcessingWork::builder("").base(base).build()?.into()),
    },
    Decoder {
        class: "ATLASActuatorWork",
        module: "idds.atlas.workflowv2.atlasactuatorwork",
        own: &["output_json", "terminated"],
        inherits: Inherits::Common,
        decode: |base, fields| {
            let work = ATLASActuatorWork::builder("").base(base);
            Ok(match fields.read::<String>("output_json")? {
                Some(file) => work.output_json(file),
                None => work,
            }
            .build()?
            .into())
        },
    },
];
