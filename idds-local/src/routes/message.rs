//! `/message`: messages to and from works, and commands in them.

use std::cell::RefCell;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use jiff::Timestamp;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::request::cannot_be_found;
use super::{Segments, Service};
use crate::answer::{Answer, Failure};
use crate::column::python_type;
use crate::command::Command;
use crate::enumeration::REQUEST_STATUS;
use crate::identity::Rules;
use crate::listing::{Listing, Page, Pages, Read};
use crate::nesting::Shallow;
use crate::payload::Payload;
use crate::python;
use crate::store::StoreError;
use crate::store::commands;
use crate::store::messages::{self, Address};
use crate::target::Target;
use crate::user::User;

type Path = Segments<(String, String, String, String)>;

/// Most characters of the id of a work.
const MAX_INTERNAL: usize = 20;

pub(super) fn routes() -> Router<Service> {
    Router::new().route(
        "/message/{request}/{workload}/{transform}/{internal}",
        get(list).post(send),
    )
}

async fn list(State(service): State<Service>, user: User, path: Path) -> Result<Listing, Failure> {
    let messages = Messages {
        address: read(&path)?,
        after: 0,
    };
    let request = messages.address.request;
    service
        .store
        .call(move |connection| user.check(connection, request, "get messages from"))
        .await??;
    Ok(Listing::new(&service.store, &service.answers, messages))
}

/// Messages that are listed, after the one with this number. A list is shown as its items.
struct Messages {
    address: Address,
    after: i64,
}

impl Pages for Messages {
    fn read(&mut self, connection: &mut Connection, page: &mut Page) -> Result<Read, Failure> {
        let page = RefCell::new(page);
        let (mut end, after) = (Read::Last, &mut self.after);
        let start = *after;
        let ends_before = |message, size| {
            let ending = page.borrow().ends_before(size);
            match ending {
                Some(ending) => end = ending,
                None => *after = message,
            }
            ending.is_some()
        };
        let take = |content| page.borrow_mut().json(content);
        messages::each(connection, &self.address, start, ends_before, take)
            .map_err(StoreError::from)?;
        Ok(end)
    }
}

async fn send(
    State(service): State<Service>,
    user: User,
    path: Path,
    payload: Payload,
) -> Result<Answer, Failure> {
    let Segments((request, ..)) = &path;
    let answer = Answer::new(json!({ "request_id": request }));
    let address = read(&path)?;
    let id = address.request;
    service
        .store
        .call(move |connection| user.check(connection, id, "send messages to"))
        .await??;
    let message = payload.raw().map_err(Failure::core)?;
    let message =
        message.ok_or_else(|| Failure::core("a bytes-like object is required, not 'str'"))?;
    match Meaning::of(message, service.rules)? {
        Meaning::Results(items) => {
            let contents = items
                .into_iter()
                .map(|item| stored(item.get().to_owned()))
                .collect::<Result<_, _>>()?;
            store(&service, address, contents).await?;
        }
        Meaning::Command(None) => {}
        Meaning::Command(Some(command)) => {
            let wake = service.wake;
            let tell = move |connection: &mut Connection| {
                let transaction = connection.transaction()?;
                commands::obey(
                    &transaction,
                    address.request,
                    command,
                    Timestamp::now().as_second(),
                )?;
                transaction.commit()?;
                wake.notify_one();
                Ok(())
            };
            service.store.call(tell).await?;
        }
        Meaning::Other => {
            let content = stored(message.get().to_owned())?;
            store(
                &service,
                Address {
                    transform: None,
                    internal: None,
                    ..address
                },
                vec![content],
            )
            .await?;
        }
    }
    Ok(answer)
}

/// Stores messages (JSON).
pub(super) async fn store(
    service: &Service,
    address: Address,
    contents: Vec<String>,
) -> Result<(), Failure> {
    Ok(service
        .store
        .call(move |connection| messages::insert(connection, &address, &contents))
        .await?)
}

/// Returns the text of a message (JSON), if it can be read back.
pub(super) fn stored(text: String) -> Result<String, Failure> {
    serde_json::from_str::<Shallow>(&text).map_err(|error| Failure::core(error.to_string()))?;
    Ok(text)
}

/// Reads whom a path is about. `None`, which the Python client sends, is as good as `null`.
fn read(Segments((request, workload, transform, internal)): &Path) -> Result<Address, Failure> {
    if request == "null" {
        return Err(Failure::bad_request("request_id should not be None"));
    }
    let target = Target::read(request, workload)
        .map_err(|details| Failure::core(cannot_be_found(request, &details)))?;
    let is_none = |text: &str| text == "null" || text == "None";
    let transform = match transform.as_str() {
        text if is_none(text) => None,
        text => {
            Some(python::column_integer(text, 32).map_err(|details| Failure::database(&details))?)
        }
    };
    if internal.chars().count() > MAX_INTERNAL {
        return Err(Failure::database(&format!(
            "value too long for type character varying({MAX_INTERNAL})"
        )));
    }
    Ok(Address {
        request: target.request.unwrap_or_default(),
        workload: target.workload,
        transform,
        internal: (!is_none(internal)).then(|| internal.clone()),
    })
}

/// What the server makes of a message.
#[derive(Debug)]
enum Meaning<'a> {
    /// Results, stored one by one.
    Results(Vec<&'a RawValue>),
    /// A command; nothing for one that has no effect.
    Command(Option<Command>),
    /// Anything else, stored whole.
    Other,
}

impl<'a> Meaning<'a> {
    fn of(message: &'a RawValue, rules: Rules) -> Result<Self, Failure> {
        let unreadable = |error: serde_json::Error| Failure::core(error.to_string());
        match message.get().as_bytes().first() {
            Some(b'[') => {
                #[derive(Deserialize)]
                struct First<'a> {
                    #[serde(borrow)]
                    headers: Option<&'a RawValue>,
                }
                #[derive(Deserialize)]
                struct Headers {
                    channel: String,
                }
                let items: Vec<&RawValue> =
                    serde_json::from_str(message.get()).map_err(unreadable)?;
                let first = items
                    .first()
                    .ok_or_else(|| Failure::core("list index out of range"))?
                    .get();
                let is_empty = |object: &str| object.trim_start_matches('{').trim_start() == "}";
                if !first.starts_with('{') || is_empty(first) {
                    return Ok(Self::Other);
                }
                let First { headers } = serde_json::from_str(first).map_err(unreadable)?;
                let headers = headers.ok_or_else(|| Failure::core("'headers'"))?;
                let channel = serde_json::from_str(headers.get())
                    .ok()
                    .map(|Headers { channel }| channel);
                Ok(if channel.as_deref() == Some("asyncresult") {
                    Self::Results(items)
                } else {
                    Self::Other
                })
            }
            Some(b'{') => {
                #[derive(Deserialize)]
                struct Message<'a> {
                    #[serde(borrow)]
                    command: Option<&'a RawValue>,
                    #[serde(borrow)]
                    parameters: Option<&'a RawValue>,
                }
                #[derive(Default, Deserialize)]
                struct Parameters<'a> {
                    #[serde(borrow)]
                    status: Option<&'a RawValue>,
                }
                let Message {
                    command: word,
                    parameters,
                } = serde_json::from_str(message.get()).map_err(unreadable)?;
                match word
                    .and_then(|word| serde_json::from_str::<String>(word.get()).ok())
                    .as_deref()
                {
                    Some("update_request" | "update_processing") => {
                        let parameters = parameters.ok_or_else(|| Failure::core("'parameters'"))?;
                        let Parameters { status } =
                            serde_json::from_str(parameters.get()).unwrap_or_default();
                        let status = status.ok_or_else(|| Failure::core("'status'"))?;
                        Ok(Self::Command(command(status, rules)))
                    }
                    _ => Ok(Self::Other),
                }
            }
            _ => {
                let other: Value = serde_json::from_str(message.get()).map_err(unreadable)?;
                Err(Failure::core(format!(
                    "argument of type '{}' is not iterable",
                    python_type(&other)
                )))
            }
        }
    }
}

/// Returns the command that a status stands for. A plain number stands for none, nor does any other status.
fn command(status: &RawValue, rules: Rules) -> Option<Command> {
    match (
        REQUEST_STATUS
            .read_text(status.get())
            .and_then(|code| REQUEST_STATUS.name(code))?,
        rules,
    ) {
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
    use serde_json::value::to_raw_value;

    use super::*;

    /// Returns what a message means: the number of results, a command, or nothing.
    fn meaning(message: &Value, rules: Rules) -> Result<(usize, Option<Command>), Failure> {
        let message = to_raw_value(message).expect("JSON");
        Ok(match Meaning::of(&message, rules)? {
            Meaning::Results(items) => (items.len(), None),
            Meaning::Command(command) => (0, command),
            Meaning::Other => (0, None),
        })
    }

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
                assert_eq!(meaning(&told, rules), Ok((0, command)), "{name}");
                assert_eq!(
                    meaning(&update(json!(code)), rules),
                    Ok((0, None)),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn lists_of_results_are_told_from_other_lists_by_their_first_item() {
        let results = json!([{ "headers": { "channel": "asyncresult" } }, 5]);
        assert_eq!(meaning(&results, Rules::Own), Ok((2, None)));
        for other in [
            json!([5]),
            json!([{}]),
            json!([{ "headers": {} }]),
            json!({ "hello": "world" }),
        ] {
            assert_eq!(meaning(&other, Rules::Own), Ok((0, None)), "{other}");
        }
        for (wrong, message) in [
            (json!([]), "list index out of range"),
            (json!([{ "hello": "world" }]), "'headers'"),
            (json!(null), "argument of type 'NoneType' is not iterable"),
            (json!({ "command": "update_request" }), "'parameters'"),
            (
                json!({ "command": "update_request", "parameters": {} }),
                "'status'",
            ),
        ] {
            assert_eq!(
                meaning(&wrong, Rules::Own),
                Err(Failure::core(message)),
                "{wrong}"
            );
        }
    }
}
