//! The same of a server that does not explain: what follows from the states, counts and errors that it tells.

use std::collections::HashMap;

use anyhow::Result;
use idds::client::{Client, CollectionSummary, RequestCollections, TransformInfo};
use idds::workflow::{RequestId, Step, Workflow};
use serde_json::Value;

use super::{WhyReport, WhyRow};
use crate::cli::request::cause::message;
use crate::cli::request::target::unknown;
use crate::cli::run::asked_before;

/// Puts together how far the steps of a request are.
pub async fn report(client: &Client, request: RequestId) -> Result<WhyReport> {
    let rows = client.requests().get(request).collections().await?;
    let Some(first) = rows.first() else {
        return Err(unknown(request.into()));
    };
    let status = first.request.status;
    let why = first.request.errors.as_ref().and_then(message);
    let why = why.map(str::to_owned);
    // Servers before 2.2 do not list transforms, and their errors are not known then.
    let transforms = client.transforms().list(request).await.unwrap_or_default();
    let errors: HashMap<u64, String> = transforms.iter().filter_map(error_of).collect();
    let stored = client.requests().get(request).metadata().await?;
    let decoded = stored.first().and_then(|stored| stored.decode().ok());
    let mut steps = Vec::new();
    let mut told: Vec<u64> = Vec::new();
    if let Some(decoded) = &decoded {
        let definition: Value = serde_json::from_str(&decoded.workflow.to_json())?;
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
                steps.push(WhyRow {
                    round: run,
                    ..begun(
                        row,
                        &errors,
                        WhyRow::of(id.clone(), id.clone(), what.clone()),
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
                let state = other
                    .latest()
                    .map_or_else(|| "not started".to_owned(), |run| run.status.to_string());
                Some(format!(
                    "{} ({state})",
                    what.unwrap_or_else(|| other.id.to_string())
                ))
            };
            let waits: Vec<_> = asked.iter().filter_map(|step| state(step)).collect();
            let why = match (&*waits, status.is_terminal()) {
                (_, true) => format!("its request was {status} before it could start"),
                ([], false) => {
                    "the server has not started it, and no condition leads to it".to_owned()
                }
                (waits, false) => format!("waits for a condition on {}", waits.join(", ")),
            };
            steps.push(WhyRow {
                status: "New".to_owned(),
                why,
                ..WhyRow::of(id.clone(), id, what)
            });
        }
    }
    for row in &rows {
        if let Some(transform) = &row.transform
            && !told.contains(&transform.id.get())
        {
            let name = transform.name.clone().unwrap_or_default();
            told.push(transform.id.get());
            steps.push(begun(row, &errors, WhyRow::of(name.clone(), name, None)));
        }
    }
    Ok(WhyReport {
        request_id: request.get(),
        status: status.to_string(),
        why,
        steps,
        left_out: 0,
    })
}

fn error_of(transform: &TransformInfo) -> Option<(u64, String)> {
    let why = message(transform.errors.as_ref()?)?;
    Some((transform.transform_id.get(), why.to_owned()))
}

/// Says how far a work is that has started.
fn begun(row: &RequestCollections, errors: &HashMap<u64, String>, told: WhyRow) -> WhyRow {
    let Some(transform) = &row.transform else {
        return told;
    };
    let mut parts: Vec<String> = errors
        .get(&transform.id.get())
        .cloned()
        .into_iter()
        .collect();
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
    WhyRow {
        transform_id: Some(transform.id.get()),
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
