//! Staging data from tape.

use idds_workflow_derive::Settings;
use serde_json::{Value, json};

use super::base::Base;
use super::builder::Builder;
use super::class::Class;
use crate::error::Problem;
use crate::neutral::RuleId;
use crate::work::base::HasBase as _;
use crate::{Collection, Execution, Literal, Seconds, TransformType, execution, text};

/// Staging a dataset from tape to disk, the data carousel of ATLAS: the work follows a rule of Rucio that moves the files.
///
/// ```
/// use std::time::Duration;
///
/// use idds_workflow::{ATLASStageinWork, Collection};
///
/// let raw = Collection::new("data16_13TeV", "data16_13TeV.00298862.physics_Main.daq.RAW")?;
/// let staged = Collection::new("data16_13TeV", "data16_13TeV.00298862.physics_Main.daq.RAW.idds.stagein")?;
/// let work = ATLASStageinWork::builder(raw, staged)
///     .max_waiting_time(Duration::from_secs(3600))
///     .src_rse("NDGF-T1_DATATAPE")
///     .dest_rse("NDGF-T1_DATADISK")
///     .rule_id("236e4bf87e11490291e3259b14724e30")
///     .build()?;
/// assert_eq!(work.max_waiting_time().duration(), Some(Duration::from_secs(3600)));
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Program, Collections))]
#[wire("num_mapped_inputs": 0, "total_output_files": 0, "processed_output_files": 0)]
pub struct ATLASStageinWork {
    base: Base,
    /// Seconds after which the work ends with what is there; 604800, which is 7 days, by default, and null for no end.
    #[setting(default = Seconds::new(604_800), takes = TIME)]
    max_waiting_time: Seconds,
    /// Storage element to stage from.
    #[setting(max_chars)]
    src_rse: Option<String>,
    /// Storage element to stage to.
    #[setting(max_chars)]
    dest_rse: Option<String>,
    /// Rucio rule that moves the files.
    #[setting(form = RuleId, check = rule_problem)]
    #[wire("life_time" => self.max_waiting_time)]
    rule_id: Option<Literal>,
}

impl ATLASStageinWork {
    /// Starts staging `input`; the staged files appear in `output`.
    pub fn builder(input: Collection, output: Collection) -> ATLASStageinWorkBuilder {
        Builder::new().input(input).output(output)
    }
}

impl Class for ATLASStageinWork {
    const TYPE: &'static str = "stage_in";
    const SCHEMA: &'static str = "StageInWork";
    const MODULE: Option<&'static str> = Some("idds.atlas.workflowv2.atlasstageinwork");
    const REQUIRED: &'static [&'static str] = &["input", "output"];

    fn example() -> Value {
        json!({
            "type": "stage_in",
            "input": { "scope": "data16_13TeV", "name": "data16_13TeV.00298862.physics_Main.daq.RAW" },
            "output": { "scope": "data16_13TeV", "name": "data16_13TeV.00298862.physics_Main.daq.RAW.idds.stagein" },
            "max_waiting_time": 3600,
            "src_rse": "NDGF-T1_DATATAPE",
            "dest_rse": "NDGF-T1_DATADISK",
            "rule_id": "236e4bf87e11490291e3259b14724e30"
        })
    }

    fn work_type(&self) -> Option<TransformType> {
        Some(TransformType::StageIn)
    }

    fn execution(&self) -> Result<Execution, Problem> {
        let rses = [self.src_rse(), self.dest_rse()];
        execution::copy(
            self.base(),
            rses,
            self.max_waiting_time(),
            self.rule_id(),
            true,
        )
    }
}

/// Says what is wrong with the id of a Rucio rule.
pub(super) fn rule_problem(field: &str, rule_id: &Literal) -> Option<Problem> {
    match rule_id {
        Literal::Text(rule) => text::optional(field, Some(rule)),
        Literal::Int(_) => None,
        other @ (Literal::Null | Literal::Float(_)) => Some(Problem::new(
            field,
            format!("{other} is neither a text nor an integer"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builder() -> ATLASStageinWorkBuilder {
        let [input, output] =
            ["in", "out"].map(|name| Collection::new("s", name).expect("a collection"));
        ATLASStageinWork::builder(input, output)
    }

    #[test]
    fn two_collections_are_enough() {
        let work = builder().build().expect("a work");
        assert_eq!(
            (work.max_waiting_time(), work.rule_id()),
            (&Seconds::new(604_800), None)
        );
    }

    #[test]
    fn a_time_can_be_a_fraction_or_without_limit_but_not_nothing() {
        let work = |time: Seconds| builder().max_waiting_time(time).rule_id(7).build();
        assert!(work(Seconds::new(1.5)).is_ok() && work(Seconds::new(None)).is_ok());
        let error = work(Seconds::new(0)).expect_err("no time");
        insta::assert_snapshot!(error, @"max_waiting_time: 0 is not above 0");
    }
}
