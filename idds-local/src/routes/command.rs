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
use crate::user::User;

type Path = Segments<(String, String)>;

pub(super) fn routes() -> Router<Service> {
    let mut router = Router::new();
    for (word, command) in [
        ("abort", Command::Abort),
        ("close", Command::Close),
        ("retry", Command::Retry),
    ] {
        let obey = move |State(service): State<Service>, user: User, path: Path| {
            tell(service, user, path, command)
        };
        // The server takes the word for the id of a request here.
        let look = move || async move {
            Err::<Answer, _>(unknown(
                word,
                &format!("invalid input syntax for type bigint: \"{word}\""),
            ))
        };
        router = router.route(
            &format!("/request/{word}/{{request}}/{{workload}}"),
            put(obey).get(look),
        );
        if command == Command::Abort {
            // The last part is a word, not the number of a task, and the whole request is aborted.
            router = router.route(
                "/request/abort/{request}/{workload}/task_id",
                put(obey).get(look),
            );
        }
    }
    router
}

/// Carries a command out before it is answered; the server only notes it.
async fn tell(
    service: Service,
    user: User,
    Segments((request, workload)): Path,
    command: Command,
) -> Result<Answer, Failure> {
    let target = Target::read(&request, &workload).map_err(|details| {
        Failure::core(cannot_be_found(
            if request == "null" { "None" } else { &request },
            &details,
        ))
    })?;
    let wake = service.wake;
    let tell = move |connection: &mut Connection| {
        let transaction = connection.transaction()?;
        let owners = requests::owners(&transaction, target)?;
        if let Some((request, owner)) = owners
            .iter()
            .find(|(_, owner)| !user.may_command(owner.as_deref()))
        {
            let mut message = format!(
                "User {} has no permission to update request {request}",
                user.name()
            );
            if command == Command::Close {
                message.push_str(&format!("(user: {})", owner.as_deref().unwrap_or_default()));
            }
            return Ok(CommandResult::Refused(message));
        }
        if owners.is_empty() {
            return Ok(CommandResult::NoMatch);
        }
        if let Some(request) = target.request {
            commands::obey(&transaction, request, command, Timestamp::now().as_second())?;
        }
        transaction.commit()?;
        wake.notify_one();
        Ok(CommandResult::Done)
    };
    match (service.store.call(tell).await?, target.request) {
        (CommandResult::NoMatch, _) => Ok(verdict(-1, "No match requests")),
        (CommandResult::Refused(message), _) => Ok(verdict(-1, &message)),
        (CommandResult::Done, Some(_)) => Ok(verdict(0, "Command registered successfully")),
        (CommandResult::Done, None) => Err(Failure::database(
            "Could not persist command: null value in column \"request_id\" of relation \"commands\" violates not-null \
             constraint",
        )),
    }
}

/// What became of a command.
enum CommandResult {
    Done,
    NoMatch,
    /// It is not the user's request.
    Refused(String),
}

fn verdict(status: i64, message: &str) -> Answer {
    Answer::new(Value::Array(vec![
        json!([status, { "status": status, "message": message }]),
    ]))
}
