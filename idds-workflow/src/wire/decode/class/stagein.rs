//! Reads `ATLASStageinWork`, `DomaDataWork` and `DomaRucioWork`.

use super::{Decoder, Inherits};
use crate::wire::decode::DecodeError;
use crate::work::base::TakesBase as _;
use crate::{ATLASStageinWork, DomaDataWork, DomaRucioWork, Literal, Seconds};

macro_rules! stagein_class {
    ($work:ident, $module:literal, |$base:ident| $start:expr) => {
        Decoder {
            class: stringify!($work),
            module: $module,
            own: &[
                "max_waiting_time",
                "src_rse",
                "dest_rse",
                "life_time",
                "rule_id",
                "num_mapped_inputs",
                "total_output_files",
                "processed_output_files",
            ],
            inherits: Inherits::Common,
            decode: |$base, fields| {
                let start = $start.ok_or_else(|| DecodeError::new(fields.at(), "lacks a primary collection"))?;
                let mut work = start.base($base);
                if let Some(seconds) = fields.given::<Literal>("max_waiting_time")? {
                    work = work.max_waiting_time(Seconds::new(seconds));
                }
                if let Some(name) = fields.read::<String>("src_rse")? {
                    work = work.src_rse(name);
                }
                if let Some(name) = fields.read::<String>("dest_rse")? {
                    work = work.dest_rse(name);
                }
                if let Some(rule) = fields.read::<Literal>("rule_id")? {
                    work = work.rule_id(rule);
                }
                Ok(work.build()?.into())
            },
        }
    };
}

pub(super) const CLASSES: &[Decoder] = &[
    stagein_class!(ATLASStageinWork, "idds.atlas.workflowv2.atlasstageinwork", |base| {
        let collections = base.input.clone().zip(base.output.clone());
        collections.map(|(input, output)| ATLASStageinWork::builder(input, output))
    }),
    stagein_class!(DomaDataWork, "idds.doma.workflowv2.domadatawork", |base| {
        base.input.clone().map(DomaDataWork::builder)
    }),
    stagein_class!(DomaRucioWork, "idds.doma.workflowv2.domaruciowork", |base| {
        base.input.clone().map(DomaRucioWork::builder)
    }),
];
