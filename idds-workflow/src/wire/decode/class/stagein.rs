//! Reads `ATLASStageinWork`.

use std::time::Duration;

use super::Decoder;
use crate::ATLASStageinWork;
use crate::wire::decode::DecodeError;
use crate::work::base::TakesBase as _;

pub(super) const CLASSES: &[Decoder] = &[Decoder {
    class: "ATLASStageinWork",
    module: "idds.atlas.workflowv2.atlasstageinwork",
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
    decode: |base, fields| {
        let (Some(input), Some(output)) = (base.primary_input.clone(), base.primary_output.clone()) else {
            return Err(DecodeError::new(fields.at(), "has no primary input and output").into());
        };
        let mut work = ATLASStageinWork::builder(input, output).base(base);
        if let Some(seconds) = fields.read("max_waiting_time")? {
            work = work.max_waiting_time(Duration::from_secs(seconds));
        }
        if let Some(name) = fields.read::<String>("src_rse")? {
            work = work.src_rse(name);
        }
        if let Some(name) = fields.read::<String>("dest_rse")? {
            work = work.dest_rse(name);
        }
        if let Some(rule) = fields.read::<String>("rule_id")? {
            work = work.rule_id(rule);
        }
        Ok(work.build()?.into())
    },
}];
