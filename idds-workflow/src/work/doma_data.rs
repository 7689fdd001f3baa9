//! Moving data with Rucio.

use idds_workflow_derive::Settings;
use serde_json::{Value, json};

use super::base::Base;
use super::builder::Builder;
use super::class::Class;
use super::stagein::rule_problem;
use crate::error::Problem;
use crate::neutral::RuleId;
use crate::work::base::HasBase as _;
use crate::{Collection, Execution, Literal, Seconds, TransformType, execution};

/// Moving a dataset, followed by a Rucio rule.
///
/// ```
/// use idds_workflow::{Collection, DomaDataWork};
///
/// let images = Collection::new("hsc", "hsc.raw.images")?;
/// let work = DomaDataWork::builder(images).dest_rse("SLAC_RUBIN").rule_id("236e4bf87e11490291e3259b14724e30").build()?;
/// assert_eq!(*work.max_waiting_time(), idds_workflow::Seconds::new(7 * 24 * 3600));
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Program, Collections))]
#[wire("num_mapped_inputs": 0, "total_output_files": 0, "processed_output_files": 0)]
pub struct DomaDataWork {
    base: Base,
    /// Seconds after which the work ends with what is there; 604800 by default, and null for no end.
    #[setting(default = Seconds::new(604_800), takes = TIME)]
    max_waiting_time: Seconds,
    /// Storage element to move from.
    #[setting(max_chars)]
    src_rse: Option<String>,
    /// Storage element to move to.
    #[setting(max_chars)]
    dest_rse: Option<String>,
    /// Rucio rule that moves the files.
    #[setting(form = RuleId, check = rule_problem)]
    #[wire("life_time" => self.max_waiting_time)]
    rule_id: Option<Literal>,
}

impl DomaDataWork {
    /// Starts moving the files of `input`.
    pub fn builder(input: Collection) -> DomaDataWorkBuilder {
        Builder::new().input(input)
    }
}

impl Class for DomaDataWork {
    const TYPE: &'static str = "doma_data";
    const SCHEMA: &'static str = "DomaDataWork";
    const MODULE: Option<&'static str> = Some("idds.doma.workflowv2.domadatawork");
    const IS_IN_V1: bool = false;
    const REQUIRED: &'static [&'static str] = &["input"];

    fn example() -> Value {
        example(Self::TYPE)
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
            false,
        )
    }
}

/// Waiting until the files of a dataset are where a Rucio rule brings them.
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Program, Collections))]
#[wire("num_mapped_inputs": 0, "total_output_files": 0, "processed_output_files": 0)]
pub struct DomaRucioWork {
    base: Base,
    /// Seconds after which the work ends with what is there; 2592000 by default, and null for no end.
    #[setting(default = Seconds::new(2_592_000), takes = TIME)]
    max_waiting_time: Seconds,
    /// Storage element to move from.
    #[setting(max_chars)]
    src_rse: Option<String>,
    /// Storage element to move to.
    #[setting(max_chars)]
    dest_rse: Option<String>,
    /// Rucio rule that moves the files.
    #[setting(form = RuleId, check = rule_problem)]
    #[wire("life_time" => self.max_waiting_time)]
    rule_id: Option<Literal>,
}

impl DomaRucioWork {
    /// Starts moving the files of `input`.
    pub fn builder(input: Collection) -> DomaRucioWorkBuilder {
        Builder::new().input(input)
    }
}

impl Class for DomaRucioWork {
    const TYPE: &'static str = "doma_rucio";
    const SCHEMA: &'static str = "DomaRucioWork";
    const MODULE: Option<&'static str> = Some("idds.doma.workflowv2.domaruciowork");
    const IS_IN_V1: bool = false;
    const REQUIRED: &'static [&'static str] = &["input"];

    fn example() -> Value {
        example(Self::TYPE)
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
            false,
        )
    }
}

/// Returns an example of a work of this type.
fn example(kind: &str) -> Value {
    json!({
        "type": kind,
        "input": { "scope": "hsc", "name": "hsc.raw.images" },
        "dest_rse": "SLAC_RUBIN",
        "rule_id": "236e4bf87e11490291e3259b14724e30"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_enough() {
        let input = || Collection::new("s", "n").expect("a collection");
        let (data, rucio) = (
            DomaDataWork::builder(input()).build(),
            DomaRucioWork::builder(input()).build(),
        );
        let days = |days: u32| Seconds::new(days * 24 * 3600);
        assert_eq!(
            data.map(|work| work.max_waiting_time().clone()),
            Ok(days(7))
        );
        assert_eq!(
            rucio.map(|work| work.max_waiting_time().clone()),
            Ok(days(30))
        );
    }
}
