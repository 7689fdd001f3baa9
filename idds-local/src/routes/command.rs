//! `/request/abort`, `/request/close` and `/request/retry`.

use axum::Router;
use axum::extract::State;
use axum::routing::put;
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::request::{cannot_be_found, unknown};
use super::{Segments, Service};
use crate::answer::{Answer, Failure};
use crate::command::Command;
use crate::store::{commands, requests};
use crate::target::Target;

type Path = Segments<(String, String)>;

pub(super) fn routes() -> Router<Service> {
    let mut router = Router::new();
    for (word, command) in [("abort", Command::Abort), ("close", Command::Close), ("retry", Command::Retry)] {
        let obey = move |State(service): State<Service>, path: Path| tell(service, path, command);
        // The server takes the word for the id of a request here.
        let look = move || async move {
            Err::<Answer, _>(unknown(word, &format!("invalid input syntax for type bigint: \"{word}\"")))
        };
        router = router.route(&format!("/request/{word}/{{request}}/{{workload}}"), put(obey).get(look));
        if command == Command::Abort {
            // The last part is a word, not the number of a task, and the whole request is aborted.
            router = router.route("/request/abort/{request}/{workload}/task_id", put(obey).get(look));
        }
    }
    router
}

/// Carries a command out before it is answered; the server only notes it.
async fn tell(service: Service, Segments((request, workload)): Path, command: Command) -> Result<Answer, Failure> {
    let target = Target::read(&request, &workload).map_err(|details| {
        Failure::core(cannot_be_found(if request == "null" { "None" } else { &request }, &details))
    })?;
    let wake = service.wake;
    let tell = move |connection: &mut Connection| {
        let transaction = connection.transaction()?;
        let matches = !requests::list(&transaction, target, false)?.is_empty();
        if let (true, Some(request)) = (matches, target.request) {
            commands::obey(&transaction, request, command, Timestamp::now().as_second())?;
        }
        transaction.commit()?;
        wake.notify_one();
        Ok(matches)
    };
    let matches = service.store.call(tell).await?;
    match (matches, target.request) {
        (false, _) => Ok(verdict(-1, "No match requests")),
        (true, Some(_)) => Ok(verdict(0, "Command registered successfully")),
        (true, None) => Err(Failure::database(
            "Could not persist command: null value in column \"request_id\" of relation \"commands\" violates not-null \
             constraint",
        )),
    }
}

fn verdict(status: i64, message: &str) -> Answer {
    Answer::new(Value::Array(vec![json!([status, { "status": status, "message": message }])]))
}
