//! Reads works without attributes of their own, or with few.

use super::Decoder;
use crate::wire::Member;
use crate::work::base::TakesBase as _;
use crate::{ATLASActuatorWork, ATLASCondorWork, DataWork, ProcessingWork, Work};

macro_rules! generic_class {
    ($work:ident, $module:literal, unrestricted $is_unrestricted:literal) => {
        Decoder {
            class: stringify!($work),
            module: $module,
            own: &[],
            is_unrestricted: $is_unrestricted,
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
    generic_class!(Work, "idds.workflowv2.work", unrestricted true),
    generic_class!(DataWork, "idds.workflowv2.datawork", unrestricted false),
    generic_class!(ATLASCondorWork, "idds.atlas.workflowv2.atlascondorwork", unrestricted false),
    Decoder {
        class: "ProcessingWork",
        module: "idds.workflowv2.processingwork",
        own: &[],
        // Its type is always the same.
        is_unrestricted: false,
        decode: |base, _| Ok(ProcessingWork::builder("").base(base).build()?.into()),
    },
    Decoder {
        class: "ATLASActuatorWork",
        module: "idds.atlas.workflowv2.atlasactuatorwork",
        own: &["output_json", "terminated"],
        is_unrestricted: false,
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
