//! How far requests and works are, in words.

use rusqlite::Connection;
use serde_json::Value;

use crate::enumeration::Enumeration;
use crate::state::Stage;
use crate::store::jobs::{self, JobStage};
use crate::store::tally;
use crate::store::transforms::TransformRow;

/// Most tasks, and most jobs that failed, that are named for one work.
const NAMED: usize = 4;

/// Returns the name of a state; the number of one without a name.
pub(super) fn state(of: &Enumeration, code: i64) -> String {
    of.name(code)
        .map_or_else(|| code.to_string(), str::to_owned)
}

/// Says why a request is no further, where it says that itself.
pub(super) fn of_request(status: i64, errors: Option<&str>) -> Option<String> {
    let errors = errors
        .and_then(|errors| serde_json::from_str(errors).ok())
        .and_then(|errors: Value| message(&errors).map(str::to_owned));
    match status {
        _ if status == Stage::New.code() => Some("it is looked at next".to_owned()),
        _ if status == Stage::Building.code() => {
            Some("waits for the build of its workflow".to_owned())
        }
        _ if status == Stage::Suspended.code() => Some(match errors {
            Some(why) => format!("the machine stands in its way: {why}"),
            None => "its user holds it; a resume lets it go on".to_owned(),
        }),
        _ => errors,
    }
}

/// Says how far a work is that has started, and what it waits for.
pub(super) fn of_work(connection: &Connection, row: &TransformRow) -> rusqlite::Result<String> {
    let (transform, status) = (row.transform_id, row.content.status);
    let mut parts = Vec::new();
    let errors = row
        .errors
        .as_deref()
        .and_then(|errors| serde_json::from_str::<Value>(errors).ok());
    let errors = errors.as_ref().and_then(message);
    if status == Stage::Suspended.code() {
        parts.push(match errors {
            Some(why) => format!("the machine stands in its way: {why}"),
            None => "it is held by its user; a resume lets it go on".to_owned(),
        });
    } else if let Some(why) = errors {
        parts.push(why.to_owned());
    }
    if row.has_jobs {
        of_jobs(connection, transform, errors.is_some(), &mut parts)?;
    } else if row.is_search {
        let tally = tally::of(connection, transform)?;
        let (open, evaluated, all) = (tally.open, tally.evaluated, tally.total());
        parts.push(match status {
            _ if status != Stage::Transforming.code() => {
                format!("{evaluated} of {all} points have a loss")
            }
            _ if open == 0 && row.is_steered => {
                format!(
                    "{evaluated} points have a loss, and its steering program is asked for more"
                )
            }
            _ if open == 0 => format!("{evaluated} points have a loss, and further ones are made"),
            _ => format!("waits for losses: {evaluated} of {all} points have one"),
        });
    }
    Ok(parts.join("; "))
}

/// Says what becomes of the jobs of a work.
fn of_jobs(
    connection: &Connection,
    transform: i64,
    has_errors: bool,
    parts: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let tally = tally::of(connection, transform)?;
    let [waiting, ready, running] = [JobStage::Waiting, JobStage::Ready, JobStage::Running]
        .map(|stage| jobs::count(connection, transform, stage));
    let (waiting, ready, running) = (waiting?, ready?, running?);
    if waiting > 0 {
        let awaited = jobs::awaited(connection, transform, NAMED)?;
        let tasks: Vec<_> = awaited
            .iter()
            .map(|(task, there, all)| format!("{task}: {there} of {all} inputs available"))
            .collect();
        let who = match tally.total() {
            1 => String::new(),
            _ => format!(" ({} wait)", jobs_in_words(waiting)),
        };
        parts.push(format!("waits for {}{who}", tasks.join(", ")));
    }
    if running > 0 {
        parts.push(match running {
            1 => "1 job runs".to_owned(),
            count => format!("{count} jobs run"),
        });
    }
    if ready > 0 {
        parts.push(match ready {
            1 => "1 job waits for room on this machine".to_owned(),
            count => format!("{count} jobs wait for room on this machine"),
        });
    }
    if tally.failed > 0 && !has_errors {
        let failed: Vec<_> = jobs::failed(connection, transform, NAMED)?
            .into_iter()
            .map(|job| {
                let again = if job.is_final {
                    ""
                } else {
                    " and is tried again"
                };
                format!(
                    "job {}, attempt {}, failed{again}: {}",
                    job.name, job.attempts, job.how
                )
            })
            .collect();
        parts.extend(failed);
    }
    if tally.missing > 0 {
        parts.push(format!(
            "{} will not run, as what they wait for is not made",
            jobs_in_words(tally.missing.into())
        ));
    }
    parts.push(format!(
        "{} of {} outputs are there",
        tally.evaluated,
        tally.total()
    ));
    Ok(())
}

fn jobs_in_words(count: i64) -> String {
    match count {
        1 => "1 job".to_owned(),
        count => format!("{count} jobs"),
    }
}

/// Returns the first text in what is stored as an error.
fn message(errors: &Value) -> Option<&str> {
    match errors {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()),
        Value::Object(members) => match members.get("msg") {
            Some(msg) => message(msg),
            None => members.values().find_map(message),
        },
        _ => None,
    }
}
