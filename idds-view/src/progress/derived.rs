//! The same of a server that does not explain: what follows from the states, counts and errors that it tells.

use std::collections::HashMap;

use idds_client::{CollectionSummary, RequestCollections, TransformId, TransformInfo};
use idds_workflow::wire::Decoded;
use idds_workflow::{Branch, Condition, RequestId, Step, Workflow};
use serde_json::Value;

use super::{Progress, StepProgress, error_message};

/// Puts together how far the steps of a request are; none without a row about it.
pub(crate) fn put_together(
    request: RequestId,
    rows: &[RequestCollections],
    transforms: &[TransformInfo],
    decoded: Option<&Decoded>,
) -> Option<Progress> {
    let first = rows.first()?;
    let status = first.request.status;
    let why = first.request.errors.as_ref().and_then(error_message);
    let why = why.map(str::to_owned);
    let errors: HashMap<TransformId, String> = transforms.iter().filter_map(error_of).collect();
    let mut steps = Vec::new();
    let mut told: Vec<TransformId> = Vec::new();
    if let Some(decoded) = decoded {
        let definition: Value =
            serde_json::from_str(&decoded.workflow.to_json()).unwrap_or_default();
        for info in &decoded.steps {
            let path: Vec<&str> = info.step.as_str().split('/').collect();
            let Some((around, name)) = found(&decoded.workflow, &path) else {
                continue;
            };
            let id = info.id.to_string();
            let what = in_short(&definition, &path);
            let runs = rows.iter().filter(|row| {
                row.transform
                    .as_ref()
                    .is_some_and(|transform| transform.name.as_deref() == Some(&*id))
            });
            let before = steps.len();
            for (run, row) in (1..).zip(runs) {
                steps.push(StepProgress {
                    round: run,
                    ..begun(
                        row,
                        &errors,
                        StepProgress::new(id.clone(), id.clone(), what.clone()),
                    )
                });
                told.extend(steps.last().and_then(|row| row.transform_id));
            }
            if steps.len() > before {
                continue;
            }
            let asked = asked_before(around, name);
            let state = |step: &str| -> Option<String> {
                let path = info.step.as_str().rsplit_once('/');
                let other = path.map_or_else(|| step.to_owned(), |(at, _)| format!("{at}/{step}"));
                let other = decoded
                    .steps
                    .iter()
                    .find(|info| info.step.as_str() == other)?;
                let at: Vec<&str> = other.step.as_str().split('/').collect();
                let what = in_short(&definition, &at);
                let id = other.id.to_string();
                let mut transforms = rows.iter().filter_map(|row| row.transform.as_ref());
                let run = transforms.rfind(|run| run.name.as_deref() == Some(&*id));
                let state =
                    run.map_or_else(|| "not started".to_owned(), |run| run.status.to_string());
                Some(format!("{} ({state})", what.unwrap_or(id)))
            };
            let waits: Vec<_> = asked.iter().filter_map(|step| state(step)).collect();
            let why = match (&*waits, status.is_terminal()) {
                (_, true) => format!("its request was {status} before it could start"),
                ([], false) => {
                    "the server has not started it, and no condition leads to it".to_owned()
                }
                (waits, false) => format!("waits for a condition on {}", waits.join(", ")),
            };
            steps.push(StepProgress {
                status: "New".to_owned(),
                why,
                ..StepProgress::new(id.clone(), id, what)
            });
        }
    }
    for row in rows {
        if let Some(transform) = &row.transform
            && !told.contains(&transform.id)
        {
            let name = transform.name.clone().unwrap_or_default();
            told.push(transform.id);
            steps.push(begun(
                row,
                &errors,
                StepProgress::new(name.clone(), name, None),
            ));
        }
    }
    Some(Progress {
        request_id: request,
        status: status.to_string(),
        why,
        steps,
        left_out: 0,
    })
}

fn error_of(transform: &TransformInfo) -> Option<(TransformId, String)> {
    let why = error_message(transform.errors.as_ref()?)?;
    Some((transform.transform_id, why.to_owned()))
}

/// Says how far a work is that has started.
fn begun(
    row: &RequestCollections,
    errors: &HashMap<TransformId, String>,
    told: StepProgress,
) -> StepProgress {
    let Some(transform) = &row.transform else {
        return told;
    };
    let mut parts: Vec<String> = errors.get(&transform.id).cloned().into_iter().collect();
    if let Some(input) = &row.input {
        parts.extend(of_files(input, "inputs", "available"));
    }
    if let Some(output) = &row.output {
        parts.extend(of_files(output, "outputs", "there"));
    }
    if parts.is_empty() {
        parts.push(match &row.processing {
            Some(processing) => {
                format!("its processing {} is {}", processing.id, processing.status)
            }
            None => "it has no processing yet".to_owned(),
        });
    }
    StepProgress {
        transform_id: Some(transform.id),
        status: transform.status.to_string(),
        why: parts.join("; "),
        ..told
    }
}

/// Counts the files of a collection, if it has any.
fn of_files(of: &CollectionSummary, what: &str, done: &str) -> Option<String> {
    let all = of.total_files.filter(|all| *all > 0)?;
    let mut text = format!(
        "{} of {all} {what} are {done}",
        of.processed_files.unwrap_or(0)
    );
    for (count, state) in [
        (of.processing_files, "being made"),
        (of.failed_files, "failed"),
        (of.missing_files, "missing"),
    ] {
        if let Some(count) = count.filter(|count| *count > 0) {
            text.push_str(&format!(", {count} {state}"));
        }
    }
    Some(text)
}

/// Finds a step: the workflow that it is in, and its name there; none of a sub-workflow.
fn found<'a, 'b>(workflow: &'a Workflow, path: &[&'b str]) -> Option<(&'a Workflow, &'b str)> {
    let (last, way) = path.split_last()?;
    let mut around = workflow;
    for name in way {
        around = match around.step(name)? {
            Step::Workflow(inner) => inner,
            _ => return None,
        };
    }
    matches!(around.step(last)?, Step::Work(_)).then_some((around, last))
}

/// Says what a step of a definition runs, in a few words.
fn in_short(definition: &Value, path: &[&str]) -> Option<String> {
    let step = path
        .iter()
        .try_fold(definition, |at, name| at.get("steps")?.get(name))?;
    let text = |name: &str| step.get(name).and_then(Value::as_str);
    match (text("task_name"), text("executable"), text("arguments")) {
        (Some(task), ..) => Some(task.to_owned()),
        (None, Some(program), Some(arguments)) => Some(format!("{program} {arguments}")),
        (None, program, _) => program.map(str::to_owned),
    }
}

/// Returns the steps that conditions ask, whose branches have this step.
pub fn asked_before(workflow: &Workflow, name: &str) -> Vec<String> {
    let mut asked = Vec::new();
    for condition in workflow.conditions() {
        if has_branch(condition, name) {
            for step in condition.predicate().steps() {
                let step = step.as_str().to_owned();
                if !asked.contains(&step) {
                    asked.push(step);
                }
            }
        }
    }
    asked
}

fn has_branch(condition: &Condition, name: &str) -> bool {
    let branches = condition
        .true_branches()
        .iter()
        .chain(condition.false_branches());
    branches.into_iter().any(|branch| match branch {
        Branch::Step(step) => step.as_str() == name,
        Branch::Condition(inner) => has_branch(inner, name),
        _ => false,
    })
}
