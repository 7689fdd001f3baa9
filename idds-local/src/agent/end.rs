//! How works and requests end.

use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::{Inner, Step};
use crate::engine::flow::{FlowEvent, Status};
use crate::state::{Stage, Tally};
use crate::store::attempts::{self, Due};
use crate::store::{StoreError, events, files, jobs, requests, transforms};

/// Most jobs whose endings are told with the work.
const MOST_ENDINGS: usize = 3;

impl Inner {
    /// Ends a work, with what went wrong if something did (JSON); the flow of its workflow goes on from there.
    pub(super) async fn end(
        &self,
        step: &Step,
        (request, transform): (i64, i64),
        stage: Stage,
        errors: Option<String>,
    ) -> Result<(), StoreError> {
        let due = step.due;
        self.known().remove(&transform);
        let end = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            attempts::release(&transaction, due)?;
            if transforms::is_in(&transaction, transform, Stage::Transforming)? {
                end_work(&transaction, (request, transform), stage, now)?;
                if let Some(errors) = errors {
                    transforms::set_errors(&transaction, transform, &errors)?;
                }
            }
            transaction.commit()
        };
        self.store.call(end).await?;
        self.wake.notify_one();
        Ok(())
    }

    /// Ends a work of programs, none of whose jobs is left.
    pub(super) async fn conclude(
        &self,
        step: &Step,
        (request, transform): (i64, i64),
    ) -> Result<(), StoreError> {
        let due = step.due;
        let end = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            attempts::release(&transaction, due)?;
            conclude(&transaction, (request, transform), now)?;
            transaction.commit()
        };
        self.store.call(end).await?;
        self.wake.notify_one();
        Ok(())
    }

    /// Ends a work that moves files, none of which is left: by how many of them are there.
    pub(super) async fn conclude_files(
        &self,
        step: &Step,
        (request, transform): (i64, i64),
    ) -> Result<(), StoreError> {
        let read = move |connection: &mut Connection| {
            files::set_over(connection, transform)?;
            let tally = files::tally(connection, transform)?;
            let endings = files::endings(connection, transform, MOST_ENDINGS)?;
            Ok((tally, endings))
        };
        let (tally, endings) = self.store.call(read).await?;
        let total = tally.total();
        tracing::info!(
            request,
            transform,
            "{} of {total} files are there",
            tally.evaluated
        );
        if total == 0 {
            // As the package has it: nothing failed, and nothing is there.
            let errors = json!({ "msg": "the dataset has no files" }).to_string();
            return self
                .end(step, (request, transform), Stage::SubFinished, Some(errors))
                .await;
        }
        let errors = told("file", tally, &endings);
        self.end(step, (request, transform), tally.verdict(), errors)
            .await
    }

    /// Fails a transform that a client has added: it is for PanDA, and there is none here.
    pub(super) async fn decline(&self, request: i64, transform: i64) -> Result<(), StoreError> {
        let message = "the embedded server has no PanDA to run this on; it runs ATLASHPOWork in a workflow; an iDDS server \
                       with PanDA runs this";
        let errors = json!({ "submit_err": { "msg": message } }).to_string();
        let decline = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            attempts::release(&transaction, Due::Added { request, transform })?;
            // Somebody may have ended or held it in the meantime.
            if !transforms::is_in(&transaction, transform, Stage::New)? {
                return transaction.commit();
            }
            transforms::set_stage(&transaction, transform, Stage::Failed, now)?;
            transforms::set_errors(&transaction, transform, &errors)?;
            requests::end_when_done(&transaction, request, Some(&errors), now)?;
            transaction.commit()
        };
        self.store.call(decline).await
    }

    /// Ends a request that still has the status of this number, and the transform at fault.
    pub(super) async fn fail(
        &self,
        due: Due,
        (request, status): (i64, i64),
        transform: Option<i64>,
        key: &'static str,
        message: String,
    ) -> Result<(), StoreError> {
        let errors = json!({ key: { "msg": shortened(message) } }).to_string();
        let fail = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            attempts::release(&transaction, due)?;
            if requests::is_in(&transaction, request, status)? {
                if let Some(transform) = transform {
                    end_work(&transaction, (request, transform), Stage::Failed, now)?;
                    transforms::set_errors(&transaction, transform, &errors)?;
                }
                requests::set_stage(&transaction, request, Stage::Failed, Some(&errors), now)?;
            }
            transaction.commit()
        };
        self.store.call(fail).await?;
        self.wake.notify_one();
        Ok(())
    }
}

/// Ends a work of programs that runs and none of whose jobs is left, in a transaction of the caller: by how many of its outputs are there.
pub(crate) fn conclude(
    connection: &Connection,
    (request, transform): (i64, i64),
    now: i64,
) -> rusqlite::Result<()> {
    if !transforms::is_in(connection, transform, Stage::Transforming)?
        || jobs::has_open(connection, transform)?
    {
        return Ok(());
    }
    let tally = jobs::tally(connection, transform)?;
    let endings = jobs::endings(connection, transform, MOST_ENDINGS)?;
    let stage = tally.verdict();
    tracing::info!(
        request,
        transform,
        "{stage:?}: {} of {} outputs are there",
        tally.evaluated,
        tally.total()
    );
    end_work(connection, (request, transform), stage, now)?;
    match told("job", tally, &endings) {
        Some(errors) => transforms::set_errors(connection, transform, &errors),
        None => Ok(()),
    }
}

/// Says how some of the jobs or files of a work ended that failed (JSON).
fn told(what: &str, tally: Tally, endings: &[(String, String)]) -> Option<String> {
    let told: Vec<_> = endings
        .iter()
        .map(|(name, ending)| match tally.total() {
            1 => ending.clone(),
            _ => format!("{what} {name}: {ending}"),
        })
        .collect();
    let more = match (tally.failed as usize).saturating_sub(told.len()) {
        0 => String::new(),
        more => format!("; {more} more failed"),
    };
    let message = format!("{}{more}", told.join("; "));
    (!told.is_empty()).then(|| json!({ "msg": message }).to_string())
}

/// Ends a work in a transaction of the caller, and tells the flow of its workflow.
pub(crate) fn end_work(
    connection: &Connection,
    (request, transform): (i64, i64),
    stage: Stage,
    now: i64,
) -> rusqlite::Result<()> {
    transforms::set_stage(connection, transform, stage, now)?;
    let Some(run) = transforms::run_key(connection, transform)? else {
        return Ok(());
    };
    let event = FlowEvent::Ended {
        run: run.into(),
        status: status(stage),
        output: result(connection, transform)?,
    };
    events::add(connection, request, &event, now)
}

/// Returns what a work says about itself.
fn result(connection: &Connection, transform: i64) -> rusqlite::Result<Map<String, Value>> {
    let stored = transforms::result(connection, transform)?;
    Ok(stored
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}

/// Returns how the flow takes the end of a work.
fn status(stage: Stage) -> Status {
    match stage {
        Stage::Finished => Status::Finished,
        Stage::SubFinished => Status::SubFinished,
        Stage::Suspended => Status::Suspended,
        _ => Status::Failed,
    }
}

/// Most characters of what is said to be wrong with a request: it stands in every list of requests.
const MOST_SAID: usize = 20_000;

pub(super) fn shortened(message: String) -> String {
    match message.char_indices().nth(MOST_SAID) {
        None => message,
        Some((end, _)) => format!(
            "{}… ({} characters more)",
            &message[..end],
            message[end..].chars().count()
        ),
    }
}
