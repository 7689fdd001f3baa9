//! `/message`: messages to and from works, and commands in them.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::request::cannot_be_found;
use super::{Segments, Service};
use crate::answer::{Answer, Failure};
use crate::column::python_type;
use crate::command::Command;
use crate::enumeration::REQUEST_STATUS;
use crate::identity::Rules;
use crate::nesting::Shallow;
use crate::payload::Payload;
use crate::python;
use crate::store::commands;
use crate::store::messages::{self, Address};
use crate::target::Target;
use crate::user::User;

type Path = Segments<(String, String, String, String)>;

/// Most characters of the id of a work.
const MAX_INTERNAL: usize = 20;

pub(super) fn routes() -> Router<Service> {
    Router::new().route("/message/{request}/{workload}/{transform}/{internal}", get(list).post(send))
}

async fn list(State(service): State<Service>, user: User, path: Path) -> Result<Answer, Failure> {
    let address = read(&path)?;
    let list = move |connection: &mut Connection| match user.check(connection, address.request, "get messages from")? {
        Ok(()) => messages::list(connection, &address).map(Ok),
        Err(refusal) => Ok(Err(refusal)),
    };
    let messages = service.store.call(list).await??;
    let flat = messages.into_iter().flat_map(|message| match message {
        Value::Array(items) => items,
        message => vec![message],
    });
    Ok(Answer::new(flat.collect()))
}

async fn send(State(service): State<Service>, user: User, path: Path, payload: Payload) -> Result<Answer, Failure> {
    let Segments((request, ..)) = &path;
    let answer = Answer::new(json!({ "request_id": request }));
    let address = read(&path)?;
    let id = address.request;
    service.store.call(move |connection| user.check(connection, id, "send messages to")).await??;
    let message = payload.json().map_err(Failure::core)?;
    let message = message.ok_or_else(|| Failure::core("a bytes-like object is required, not 'str'"))?;
    match Meaning::of(&message, service.rules)? {
        Meaning::Results(items) => {
            let contents = items.iter().map(stored).collect::<Result<_, _>>()?;
            store(&service, address, contents).await?;
        }
        Meaning::Command(None) => {}
        Meaning::Command(Some(command)) => {
            let wake = service.wake;
            let tell = move |connection: &mut Connection| {
                let transaction = connection.transaction()?;
                commands::obey(&transaction, address.request, command, Timestamp::now().as_second())?;
                transaction.commit()?;
                wake.notify_one();
                Ok(())
            };
            service.store.call(tell).await?;
        }
        Meaning::Other => {
            let content = stored(&message)?;
            store(&service, Address { transform: None, internal: None, ..address }, vec![content]).await?;
        }
    }
    Ok(answer)
}

/// Stores messages (JSON).
pub(super) async fn store(service: &Service, address: Address, contents: Vec<String>) -> Result<(), Failure> {
    Ok(service.store.call(move |connection| messages::insert(connection, &address, &contents)).await?)
}

/// Returns the text of a message, if it can be read back.
pub(super) fn stored(message: &Value) -> Result<String, Failure> {
    let text = message.to_string();
    serde_json::from_str::<Shallow>(&text).map_err(|error| Failure::core(error.to_string()))?;
    Ok(text)
}

/// Reads whom a path is about. `None`, which the Python client sends, is as good as `null`.
fn read(Segments((request, workload, transform, internal)): &Path) -> Result<Address, Failure> {
    if request == "null" {
        return Err(Failure::bad_request("request_id should not be None"));
    }
    let target =
        Target::read(request, workload).map_err(|details| Failure::core(cannot_be_found(request, &details)))?;
    let is_none = |text: &str| text == "null" || text == "None";
    let transform = match transform.as_str() {
        text if is_none(text) => None,
        text => Some(python::column_integer(text, 32).map_err(|details| Failure::database(&details))?),
    };
    if internal.chars().count() > MAX_INTERNAL {
        return Err(Failure::database(&format!("value too long for type character varying({MAX_INTERNAL})")));
    }
    Ok(Address {
        request: target.request.unwrap_or_default(),
        workload: target.workload,
        transform,
        internal: (!is_none(internal)).then(|| internal.clone()),
    })
}

/// What the server makes of a message.
#[derive(Debug, PartialEq)]
enum Meaning<'a> {
    /// Results, stored one by one.
    Results(&'a [Value]),
    /// A command; nothing for one that has no effect.
    Command(Option<Command>),
    /// Anything else, stored whole.
    Other,
}

impl<'a> Meaning<'a> {
    fn of(message: &'a Value, rules: Rules) -> Result<Self, Failure> {
        match message {
            Value::Array(items) => {
                let first = items.first().ok_or_else(|| Failure::core("list index out of range"))?;
                let Some(first) = first.as_object().filter(|first| !first.is_empty()) else { return Ok(Self::Other) };
                let headers = first.get("headers").ok_or_else(|| Failure::core("'headers'"))?;
                let is_result = headers.get("channel").is_some_and(|channel| channel == "asyncresult");
                Ok(if is_result { Self::Results(items) } else { Self::Other })
            }
            Value::Object(fields) => match fields.get("command").and_then(Value::as_str) {
                Some("update_request" | "update_processing") => {
                    let parameters = fields.get("parameters").ok_or_else(|| Failure::core("'parameters'"))?;
                    let status = parameters.get("status").ok_or_else(|| Failure::core("'status'"))?;
                    Ok(Self::Command(command(status, rules)))
                }
                _ => Ok(Self::Other),
            },
            other => Err(Failure::core(format!("argument of type '{}' is not iterable", python_type(other)))),
        }
    }
}

/// Returns the command that a status stands for. A plain number stands for none, nor does any other status.
fn command(status: &Value, rules: Rules) -> Option<Command> {
    match (REQUEST_STATUS.read(status).and_then(|code| REQUEST_STATUS.name(code))?, rules) {
        ("ToCancel", _) | ("ToSuspend", Rules::V2_6_21) => Some(Command::Abort),
        ("ToResume", _) => Some(Command::Retry),
        ("ToSuspend", Rules::Own) => Some(Command::Suspend),
        ("ToFinish", Rules::Own) => Some(Command::Finish),
        ("ToForceFinish", Rules::Own) => Some(Command::ForceFinish),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_statuses_written_as_objects_are_commands() {
        let update = |status: Value| json!({ "command": "update_request", "parameters": { "status": status } });
        for (name, own, old) in [
            ("ToCancel", Some(Command::Abort), Some(Command::Abort)),
            ("ToSuspend", Some(Command::Suspend), Some(Command::Abort)),
            ("ToResume", Some(Command::Retry), Some(Command::Retry)),
            ("ToFinish", Some(Command::Finish), None),
            ("ToForceFinish", Some(Command::ForceFinish), None),
            ("Transforming", None, None),
        ] {
            let code = REQUEST_STATUS.code(name).expect("a status");
            for (rules, command) in [(Rules::Own, own), (Rules::V2_6_21, old)] {
                let told = update(REQUEST_STATUS.member(code));
                assert_eq!(Meaning::of(&told, rules), Ok(Meaning::Command(command)), "{name}");
                assert_eq!(Meaning::of(&update(json!(code)), rules), Ok(Meaning::Command(None)), "{name}");
            }
        }
    }

    #[test]
    fn lists_of_results_are_told_from_other_lists_by_their_first_item() {
        let results = json!([{ "headers": { "channel": "asyncresult" } }, 5]);
        assert_eq!(Meaning::of(&results, Rules::Own), Ok(Meaning::Results(results.as_array().expect("a list"))));
        for other in [json!([5]), json!([{}]), json!([{ "headers": {} }]), json!({ "hello": "world" })] {
            assert_eq!(Meaning::of(&other, Rules::Own), Ok(Meaning::Other), "{other}");
        }
        for (wrong, message) in [
            (json!([]), "list index out of range"),
            (json!([{ "hello": "world" }]), "'headers'"),
            (json!(null), "argument of type 'NoneType' is not iterable"),
            (json!({ "command": "update_request" }), "'parameters'"),
            (json!({ "command": "update_request", "parameters": {} }), "'status'"),
        ] {
            assert_eq!(Meaning::of(&wrong, Rules::Own), Err(Failure::core(message)), "{wrong}");
        }
    }
}
