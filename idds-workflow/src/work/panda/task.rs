//! What tasks of PanDA with JEDI task parameters have in common.

use idds_workflow_derive::Settings;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::parameters::{self, Datasets};
use crate::Stamp;
use crate::error::Problem;
use crate::wire::decode::Fields as WireFields;
use crate::wire::run::EntryMap;
use crate::wire::{DecodeError, Mode};
use crate::work::base::Base;
use crate::work::builder::Builder;
use crate::work::class::{Class, Role, Slot, given_count};
use crate::work::fields::{Declared, Fields};
use crate::work::part::Part;

/// What tasks of PanDA with JEDI task parameters have in common.
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(part(HasJediTask, part_mut()))]
#[wire("task_name" =>? self.given_name(), "retry_number": 0)]
pub struct JediTask {
    #[setting(skip)]
    base: Base,
    #[setting(skip)]
    pub(crate) datasets: Datasets,
    /// JEDI task parameters. The datasets of their `jobParameters` and `log` become collections of the work, and
    /// their `taskName` its name.
    #[setting(
        required,
        schema = task_parameters,
        set = none,
        encode = (!self.task_parameters.is_empty()).then_some(&self.task_parameters)
    )]
    #[wire(
        "panda_url": null,
        "panda_url_ssl": null,
        "panda_monitor": null,
        "panda_auth": null,
        "panda_auth_vo": null,
        "panda_config_root": null,
        "pandacache_url": null,
        "panda_verify_host": null,
        "task_type" => self.task_type(),
    )]
    pub(super) task_parameters: Map<String, Value>,
}

/// A class of works with JEDI task parameters.
pub(crate) trait HasJediTask: Declared<Part = JediTask> {}

impl<W: Declared<Part = JediTask>> HasJediTask for W {}

impl Default for JediTask {
    fn default() -> Self {
        Self::standard()
    }
}

impl JediTask {
    /// Starts a work with these parameters.
    pub(super) fn builder<W: Class + HasJediTask>(
        task_parameters: Map<String, Value>,
    ) -> Builder<W> {
        let mut builder = Builder::<W>::new();
        builder.work.part_mut().task_parameters = task_parameters;
        builder
    }

    /// Returns the name of the task, when it has one.
    fn given_name(&self) -> Option<&str> {
        self.task_parameters.get("taskName").and_then(Value::as_str)
    }

    fn task_type(&self) -> Value {
        self.task_parameters
            .get("prodSourceLabel")
            .cloned()
            .unwrap_or_else(|| json!("test"))
    }
}

impl Part for JediTask {
    const EXEC_TYPE: &'static str = "panda";

    /// Derives collections and name from the parameters.
    fn finish(&mut self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.datasets = parameters::datasets(&self.task_parameters, &mut problems);
        parameters::name(&self.task_parameters, &mut self.base, &mut problems);
        problems.extend(self.base.problems());
        problems
    }

    /// Takes away what the class derives from its parameters.
    fn read(&mut self, fields: &WireFields<'_>) -> Result<(), DecodeError> {
        self.decode(fields)?;
        // What is wrong with them is found when the work is checked.
        let datasets = parameters::datasets(&self.task_parameters, &mut Vec::new());
        self.take_away(&datasets.list, fields)
    }

    fn write<M: EntryMap>(&self, mode: Mode<'_>, map: &mut M) -> Result<(), M::Error> {
        self.encode(mode, map)
    }

    fn release_inputs_after_submitting(&self) -> bool {
        true
    }

    fn work_name(&self) -> Option<&str> {
        self.given_name()
    }

    fn has_task_name(&self) -> bool {
        self.given_name().is_some()
    }

    fn collections<'a>(&'a self, stamp: &Stamp, draw: u32) -> Vec<(Role, Slot<'a>)> {
        self.all_collections(stamp, draw)
    }

    fn collection_count(&self) -> u32 {
        given_count(&self.base) + self.datasets.list.len() as u32 + self.draws()
    }

    fn draws(&self) -> u32 {
        self.pseudo().map(u32::from).iter().sum()
    }

    fn errors(&self) -> &[String] {
        &self.datasets.errors
    }
}

/// Returns an example of a work of this type.
pub(super) fn example(kind: &str) -> Value {
    json!({
        "type": kind,
        "task_parameters": {
            "taskName": "user.jdoe.simulation",
            "jobParameters": [
                { "type": "constant", "value": "-r ." },
                { "type": "template", "param_type": "input", "dataset": "mc16:mc16.evgen/", "value": "-i ${IN/T}" }
            ],
            "log": { "type": "template", "param_type": "log", "dataset": "user.jdoe.simulation.log/", "value": "log.tgz" }
        }
    })
}

fn task_parameters(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "taskName": { "description": "Name of the task.", "type": "string", "minLength": 1, "maxLength": 255 },
            "jobParameters": { "description": "What the jobs are given, and the datasets they use.", "type": "array" },
            "log": {
                "description": "Dataset of the logs.",
                "type": "object",
                "properties": { "dataset": { "type": "string" } },
                "required": ["dataset"],
                "additionalProperties": true,
            },
        },
        "additionalProperties": true,
    })
}
