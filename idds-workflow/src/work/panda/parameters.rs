//! What the server reads from the parameters of a JEDI task.

use serde_json::{Map, Value};

use crate::error::Problem;
use crate::work::base::Base;
use crate::{Collection, text};

/// Longest name of a dataset; longer ones are cut.
const MAX_DATASET_CHARS: usize = 255;

/// Number of characters that are left of a name that is cut.
const CUT_DATASET_CHARS: usize = 250;

/// A dataset that task parameters name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TaskDataset {
    pub(crate) kind: DatasetKind,
    pub(crate) collection: Collection,
    /// Pattern of the names of its files, as it stands in the parameters.
    pub(crate) file: Option<Value>,
}

/// What a dataset is to its task.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum DatasetKind {
    Input,
    Output,
    Log,
}

/// What the constructor of Python notes as an error of the work when a dataset has more than one colon.
const TOO_MANY_COLONS: &str = "An unknown IDDS exception occurred.: {}\nDetails: Too many colons. Cannot extract scope and name";

/// The datasets of task parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Datasets {
    /// Those of the jobs in their order, then that of the log.
    pub(crate) list: Vec<TaskDataset>,
    /// What stopped Python on its way through them: there are no datasets after it, and no pseudo collections.
    pub(crate) errors: Vec<String>,
}

/// Returns the datasets of the jobs in their order, then that of the log, as far as Python gets.
pub(super) fn datasets(parameters: &Map<String, Value>, problems: &mut Vec<Problem>) -> Datasets {
    if text::map_is_python_object(parameters) {
        problems.push(text::python_object("task_parameters"));
    }
    let mut datasets = Vec::new();
    let jobs = match parameters.get("jobParameters") {
        Some(Value::Array(jobs)) => jobs.as_slice(),
        Some(other) => {
            problems.push(Problem::new(
                "task_parameters.jobParameters",
                format!("{other} is no list"),
            ));
            &[]
        }
        None => &[],
    };
    for (index, job) in jobs.iter().enumerate() {
        let kind = match job.get("param_type").and_then(Value::as_str) {
            Some("input") => DatasetKind::Input,
            Some("output") => DatasetKind::Output,
            _ => continue,
        };
        let Some(dataset) = job.get("dataset") else {
            continue;
        };
        let place = format!("task_parameters.jobParameters[{index}].dataset");
        let consolidated = job
            .get("consolidate")
            .filter(|_| kind == DatasetKind::Input && is_long(dataset));
        let is_cut = kind == DatasetKind::Input && consolidated.is_none();
        if has_many_colons(consolidated.unwrap_or(dataset)) {
            return Datasets {
                list: datasets,
                errors: vec![TOO_MANY_COLONS.to_owned()],
            };
        }
        match collection(consolidated.unwrap_or(dataset), is_cut) {
            Ok(collection) => datasets.push(TaskDataset {
                kind,
                collection,
                file: job.get("value").cloned(),
            }),
            Err(message) => problems.push(Problem::new(place, message)),
        }
    }
    if let Some(log) = parameters.get("log") {
        let place = "task_parameters.log";
        if log.get("dataset").is_some_and(has_many_colons) {
            return Datasets {
                list: datasets,
                errors: vec![TOO_MANY_COLONS.to_owned()],
            };
        }
        match log.get("dataset").map(|dataset| collection(dataset, false)) {
            Some(Ok(collection)) => datasets.push(TaskDataset {
                kind: DatasetKind::Log,
                collection,
                file: None,
            }),
            Some(Err(message)) => problems.push(Problem::new(format!("{place}.dataset"), message)),
            None => problems.push(Problem::new(
                place,
                format!("{log} is no object with a dataset"),
            )),
        }
    }
    Datasets {
        list: datasets,
        errors: Vec::new(),
    }
}

/// Tells whether a dataset has more than one colon, so that no scope and name can be read from it.
fn has_many_colons(dataset: &Value) -> bool {
    dataset
        .as_str()
        .is_some_and(|text| scope_and_name(text).is_none())
}

/// Gives the work the name of its task.
pub(super) fn name(parameters: &Map<String, Value>, base: &mut Base, problems: &mut Vec<Problem>) {
    let Some(name) = parameters.get("taskName") else {
        return;
    };
    match (name.as_str(), &base.details.task_name) {
        (None, _) => problems.push(Problem::new(
            "task_parameters.taskName",
            format!("{name} is no text"),
        )),
        (Some(""), _) => problems.push(Problem::new("task_parameters.taskName", "is empty")),
        (Some(name), Some(other)) if other != name => {
            let message = format!("{other:?} is not the taskName {name:?} of the task parameters");
            problems.push(Problem::new("task_name", message));
        }
        (Some(name), _) => base.details.task_name = Some(name.to_owned()),
    }
}

/// Tells whether the name of a dataset is longer than the server can store.
fn is_long(dataset: &Value) -> bool {
    let name = dataset
        .as_str()
        .and_then(scope_and_name)
        .map(|(_, name)| name);
    name.is_some_and(|name| name.chars().count() > MAX_DATASET_CHARS)
}

/// Reads a dataset, whose name is cut when it is too long; the error says what is wrong with it.
fn collection(dataset: &Value, is_cut: bool) -> Result<Collection, String> {
    let text = dataset
        .as_str()
        .ok_or_else(|| format!("{dataset} is no text"))?;
    let (scope, name) =
        scope_and_name(text).ok_or_else(|| format!("{text:?} has more than one colon"))?;
    let chars = if is_cut && is_long(dataset) {
        CUT_DATASET_CHARS
    } else {
        usize::MAX
    };
    let name: String = name.chars().take(chars).collect();
    Collection::new(scope, name).map_err(|error| {
        let clauses = error
            .problems()
            .iter()
            .map(|problem| format!("the {} of {text:?} {}", problem.at(), problem.message()));
        clauses.collect::<Vec<_>>().join(", ")
    })
}

/// Splits a dataset at its colon. Without one, its scope is what stands before the first dot, or before the second one for
/// those of users and groups. None when there are several colons.
fn scope_and_name(dataset: &str) -> Option<(&str, &str)> {
    let (scope, name) = match dataset.split_once(':') {
        Some((_, rest)) if rest.contains(':') => return None,
        Some(parts) => parts,
        None => {
            let dots = usize::from(dataset.starts_with("user") || dataset.starts_with("group"));
            let end = dataset
                .match_indices('.')
                .nth(dots)
                .map_or(dataset.len(), |(end, _)| end);
            (&dataset[..end], dataset)
        }
    };
    Some((scope, name.strip_suffix('/').unwrap_or(name)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scope_and_name_are_split_as_python_splits_them() {
        let cases = [
            ("mc16:mc16.input.dataset/", "mc16", "mc16.input.dataset"),
            ("mc16.input.dataset", "mc16", "mc16.input.dataset"),
            ("user.jdoe.out/", "user.jdoe", "user.jdoe.out"),
            (
                "group.phys-susy.out.v1",
                "group.phys-susy",
                "group.phys-susy.out.v1",
            ),
            ("user.jdoe", "user.jdoe", "user.jdoe"),
            ("nodots/", "nodots/", "nodots"),
        ];
        for (dataset, scope, name) in cases {
            assert_eq!(scope_and_name(dataset), Some((scope, name)), "{dataset}");
        }
    }

    #[test]
    fn a_long_input_is_consolidated_or_cut() {
        let long = format!("mc16:{}", "x".repeat(300));
        let parameters = json!({"jobParameters": [
            {"param_type": "input", "dataset": long, "consolidate": "user.jdoe.all"},
            {"param_type": "input", "dataset": long},
        ]});
        let mut problems = Vec::new();
        let datasets = datasets(parameters.as_object().expect("an object"), &mut problems);
        let names: Vec<_> = datasets
            .list
            .iter()
            .map(|dataset| (dataset.collection.scope(), dataset.collection.name().len()))
            .collect();
        assert_eq!(
            (names.as_slice(), problems.len()),
            ([("user.jdoe", 13), ("mc16", 250)].as_slice(), 0)
        );
    }
}
