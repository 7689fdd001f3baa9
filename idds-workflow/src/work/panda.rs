//! Tasks of PanDA that are described by JEDI task parameters.

mod collections;
mod parameters;
mod task;

use idds_workflow_derive::Settings;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use self::parameters::{DatasetKind, TaskDataset};
pub(crate) use self::task::HasJediTask;
pub use self::task::JediTask;
use super::class::Class;
use crate::error::Problem;
use crate::wire::Family;
use crate::wire::run::{EntryMap, entries};
use crate::work::base::HasBase as _;
use crate::{Execution, Literal, TransformType, execution};

/// A PanDA task of ATLAS.
///
/// ```
/// use idds_workflow::ATLASPandaWork;
/// use serde_json::json;
///
/// let parameters = json!({
///     "taskName": "user.jdoe.simulation",
///     "jobParameters": [
///         {"type": "constant", "value": "-r ."},
///         {"type": "template", "param_type": "input", "dataset": "mc16:mc16.evgen/", "value": "-i ${IN/T}"},
///     ],
///     "log": {"type": "template", "param_type": "log", "dataset": "user.jdoe.simulation.log/", "value": "log.tgz"},
/// });
/// let work = ATLASPandaWork::builder(parameters.as_object().cloned().unwrap_or_default()).build()?;
/// assert_eq!(work.task_name(), Some("user.jdoe.simulation"));
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Tag, Collections))]
pub struct ATLASPandaWork {
    #[setting(part)]
    task: JediTask,
    /// Number of times that failed jobs are tried again; 5 by default.
    #[setting(default = 5.into(), takes = ANY)]
    num_retries: Literal,
    /// Whether the server asks Rucio for the state of the datasets; false by default.
    #[setting(v2, get = uses_rucio)]
    use_rucio: bool,
}

impl ATLASPandaWork {
    /// Starts a task with these JEDI task parameters.
    ///
    /// The datasets of its `jobParameters` and of its `log` become collections of the work, next to those that are
    /// added here. Of several input or output datasets the last one is the primary collection, and the others are
    /// sent but not used, as the Python package does it. Without any input or output there is a pseudo collection
    /// with a generated name. When there are no parameters at all, nothing is derived from them.
    ///
    /// The work is refused when its `taskName` is no text, empty or longer than 255 characters, when `jobParameters` are
    /// no list, and when a dataset is no text or one that the server cannot store. (The Python package sends such a task,
    /// with the first problem in a list of errors.) A dataset with more than one colon is no problem: as in Python, it is
    /// noted as an error of the work, and what comes after it becomes no collection.
    pub fn builder(task_parameters: Map<String, Value>) -> ATLASPandaWorkBuilder {
        JediTask::builder(task_parameters)
    }
}

impl Class for ATLASPandaWork {
    const TYPE: &'static str = "panda";
    const SCHEMA: &'static str = "PandaWork";
    const MODULE: Option<&'static str> = Some("idds.atlas.workflowv2.atlaspandawork");
    const TAG: Option<&'static str> = Some("atlaspanda");

    fn example() -> Value {
        task::example(Self::TYPE)
    }

    fn work_type(&self) -> Option<TransformType> {
        Some(TransformType::Processing)
    }

    fn execution(&self) -> Result<Execution, Problem> {
        execution::command_of_task(self.base(), &self.task.task_parameters)
    }
}

/// A PanDA task of ATLAS whose output files the server fetches and reads.
///
/// # On the server
///
/// The keys of the JSON object that the task writes become `user_` attributes of the work, which custom conditions and
/// parameter links can use.
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Tag, Collections))]
#[wire("use_rucio" =>? (family == Family::V2).then_some(false))]
pub struct ATLASLocalPandaWork {
    #[setting(part)]
    task: JediTask,
    /// Number of times that failed jobs are tried again; 5 by default.
    #[setting(default = 5.into(), takes = ANY)]
    num_retries: Literal,
}

impl ATLASLocalPandaWork {
    /// Starts a task with these JEDI task parameters, of which [`ATLASPandaWork::builder`] says how they are read.
    pub fn builder(task_parameters: Map<String, Value>) -> ATLASLocalPandaWorkBuilder {
        JediTask::builder(task_parameters)
    }
}

impl Class for ATLASLocalPandaWork {
    const TYPE: &'static str = "local_panda";
    const SCHEMA: &'static str = "LocalPandaWork";
    const MODULE: Option<&'static str> = Some("idds.atlas.workflowv2.atlaslocalpandawork");
    const TAG: Option<&'static str> = Some("atlaslocalpanda");
    const FURTHER: &'static [&'static str] = &["work_dir", "output_files"];

    fn example() -> Value {
        task::example(Self::TYPE)
    }

    fn work_type(&self) -> Option<TransformType> {
        Some(TransformType::Processing)
    }

    fn write_first<M: EntryMap>(&self, map: &mut M) -> Result<(), M::Error> {
        entries!(map; "work_dir": "/tmp", "output_files" => OutputFiles(&self.task.datasets.list));
        Ok(())
    }

    fn execution(&self) -> Result<Execution, Problem> {
        execution::command_of_task(self.base(), &self.task.task_parameters)
    }
}

/// The output files that the server fetches.
struct OutputFiles<'a>(&'a [TaskDataset]);

impl Serialize for OutputFiles<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct OutputFile<'a> {
            scope: &'a str,
            name: &'a str,
            file: &'a Value,
        }
        let outputs = self
            .0
            .iter()
            .filter(|dataset| dataset.kind == DatasetKind::Output);
        serializer.collect_seq(outputs.filter_map(
            |TaskDataset {
                 collection, file, ..
             }| {
                Some(OutputFile {
                    scope: collection.scope(),
                    name: collection.name(),
                    file: file.as_ref()?,
                })
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Error;

    fn build(parameters: &Value) -> Result<ATLASPandaWork, Error> {
        ATLASPandaWork::builder(parameters.as_object().cloned().unwrap_or_default()).build()
    }

    #[test]
    fn task_parameters_are_enough() {
        let work = build(&json!({})).expect("a work");
        assert_eq!(
            (work.num_retries(), work.uses_rucio(), work.task_name()),
            (&5.into(), false, None)
        );
        assert!(ATLASLocalPandaWork::builder(Map::new()).build().is_ok());
    }

    #[test]
    fn every_problem_of_the_task_parameters_is_named() {
        let error = build(&json!({
            "taskName": 7,
            "site": {"class": "C", "module": "m", "attributes": {}},
            "jobParameters": [
                {"param_type": "output", "dataset": null},
                {"param_type": "pseudo_input", "dataset": null},
            ],
            "log": "nowhere",
        }))
        .expect_err("problems");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r#"
        task_parameters: an object with class, module and attributes would become a Python object on the server
        task_parameters.jobParameters[0].dataset: null is no text
        task_parameters.log: "nowhere" is no object with a dataset
        task_parameters.taskName: 7 is no text
        "#);
    }

    #[test]
    fn a_dataset_with_two_colons_stops_python_and_empty_parts_do_not() {
        let dataset = |kind: &str, name: &str| json!({"param_type": kind, "dataset": name});
        let jobs = [
            dataset("input", ":b"),
            dataset("output", "a:b:c"),
            dataset("output", "never:read"),
        ];
        let work = build(&json!({"jobParameters": jobs, "log": {"dataset": "never:read"}}))
            .expect("a work");
        assert_eq!(
            (work.datasets.list.len(), work.datasets.errors.len()),
            (1, 1)
        );
        assert_eq!(work.datasets.list[0].collection.to_string(), ":b");
    }

    #[test]
    fn a_task_has_one_name() {
        let parameters = json!({"taskName": "a"})
            .as_object()
            .cloned()
            .unwrap_or_default();
        let error = ATLASPandaWork::builder(parameters)
            .task_name("b")
            .build()
            .expect_err("two names");
        insta::assert_snapshot!(error, @r#"task_name: "b" is not the taskName "a" of the task parameters"#);
    }
}
