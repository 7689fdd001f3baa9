//! Decisions made by a program.

use idds_workflow_derive::Settings;
use serde_json::{Value, json};

use super::base::Base;
use super::builder::Builder;
use super::class::Class;
use crate::error::Problem;
use crate::{Execution, TransformType, execution};

/// A program whose output decides how the workflow goes on.
///
/// The keys of the JSON object that the program writes become `user_` attributes of the work, which custom conditions and
/// parameter links can use.
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Program, Collections))]
#[wire("terminated": false)]
pub struct ATLASActuatorWork {
    base: Base,
    /// File that the program writes its decision to.
    output_json: Option<String>,
}

impl ATLASActuatorWork {
    /// Starts a work that runs this program.
    pub fn builder(executable: impl Into<String>) -> ATLASActuatorWorkBuilder {
        Self::empty().executable(executable)
    }

    /// Starts a work without anything set, as one without arguments of Python is.
    pub fn empty() -> ATLASActuatorWorkBuilder {
        Builder::new()
    }
}

impl Class for ATLASActuatorWork {
    const TYPE: &'static str = "actuator";
    const SCHEMA: &'static str = "ActuatorWork";
    const MODULE: Option<&'static str> = Some("idds.atlas.workflowv2.atlasactuatorwork");

    fn example() -> Value {
        json!({ "type": "actuator", "executable": "decide.sh", "output_json": "decision.json" })
    }

    fn work_type(&self) -> Option<TransformType> {
        Some(TransformType::Actuating)
    }

    fn execution(&self) -> Result<Execution, Problem> {
        execution::own_directory(&self.base, self.output_json(), true)
    }
}
