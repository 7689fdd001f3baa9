//! `relay_idds_command`: a call of a method of the Python client of iDDS, packed as panda-client packs it.

use std::convert::Infallible;
use std::fmt;
use std::io::Read as _;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::Response;
use flate2::read::GzDecoder;
use futures::{TryStreamExt, stream};
use http::header::CONTENT_ENCODING;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::task;
use tower_service::Service as _;

use super::arguments::{Arguments, Few};
use super::command::Command;
use super::manager::{self, Called, Shown};
use crate::answer::{self, Failure};
use crate::budget::{FREE, Held};
use crate::payload;
use crate::routes::Service;

/// How a gzip file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Calls methods of the Python client for who asks.
#[derive(Clone, Debug)]
pub(super) struct Relay {
    idds: Router,
    service: Service,
}

/// A call as it comes in.
#[derive(Debug, Deserialize)]
struct Message {
    command_name: String,
    /// A list as JSON.
    #[serde(default)]
    args: Option<String>,
    /// An object as JSON.
    #[serde(default)]
    kwargs: Option<String>,
    #[serde(default)]
    manager: Flag,
    #[serde(default)]
    json_outputs: Flag,
}

/// Names of the members of a message.
const MEMBERS: [&str; 5] = ["command_name", "args", "kwargs", "manager", "json_outputs"];

/// What may be a truth value, or the text of one; nothing of anything else is kept.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Flag(bool);

/// What iDDS answers with `json_outputs=true`.
#[derive(Debug, Deserialize)]
struct Answered<'a> {
    status: u16,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    error: Option<Exception>,
}

#[derive(Debug, Deserialize)]
struct Exception {
    #[serde(rename = "ExceptionClass")]
    class: Option<String>,
    #[serde(rename = "ExceptionMessage")]
    message: Option<String>,
}

/// What a method returns: a part of the answer of iDDS between two texts.
struct Returned {
    before: String,
    data: Bytes,
    after: &'static str,
    /// The share of the answer of the bytes that all answers may have.
    held: Held,
}

/// Why a method returns nothing.
enum Trouble {
    /// The client has no such method; says which client it is.
    Unknown(&'static str),
    /// It raised an exception, which is written so.
    Raised(String),
    /// There is no room for its answer now.
    Busy(Failure),
}

impl From<String> for Trouble {
    fn from(message: String) -> Self {
        Self::Raised(message)
    }
}

impl Relay {
    pub(super) fn new(idds: Router, service: Service) -> Self {
        Self { idds, service }
    }

    /// Answers a pair: whether the method was called, and what it returned.
    pub(super) async fn answer(self, request: Request) -> Result<Response, Failure> {
        let message = self.read(request).await?;
        let is_manager = message.manager.0;
        let name = match message.command_name.split_once('+') {
            // The host that PanDA is to ask: there is only this server.
            Some((name, _)) => name.to_owned(),
            None => message.command_name.clone(),
        };
        let pair = match self.call(&name, is_manager, message).await {
            Ok(returned) => return Ok(answer::json(returned.pair())),
            Err(Trouble::Busy(failure)) => return Err(failure),
            Err(Trouble::Unknown(class)) => no(&format!("{name} is not a command of iDDS {class}")),
            // The manager catches what is raised.
            Err(Trouble::Raised(error)) if is_manager => format!("[true, {}]", no(&error)),
            Err(Trouble::Raised(error)) => no(&format!("failed to execute command with {error}")),
        };
        Ok(answer::json(Body::from(pair)))
    }

    async fn read(&self, request: Request) -> Result<Message, Failure> {
        let is_form = payload::is_form(&request);
        let is_gzip = request.headers().contains_key(CONTENT_ENCODING);
        let (body, mut held) = payload::read(request.into_body(), &self.service).await?;
        let (most, bodies) = (self.service.max_body, self.service.bodies.clone());
        let is_gzip = is_gzip || body.starts_with(&GZIP);
        let length = if is_gzip { usize::MAX } else { body.len() };
        let read = move || {
            let mut unpacked = Vec::new();
            if is_gzip {
                let mut decoder = GzDecoder::new(&*body).take(most as u64 + 1);
                loop {
                    let mut piece = decoder.by_ref().take(FREE as u64);
                    let read = piece.read_to_end(&mut unpacked);
                    if read.map_err(|_| Failure::undecodable())? == 0 {
                        break;
                    }
                    bodies.grow(&mut held, body.len() + unpacked.len())?;
                }
                if unpacked.len() > most {
                    return Err(Failure::too_large(most));
                }
            }
            let text = if is_gzip { &*unpacked } else { &*body };
            let message = match is_form {
                true => form(text),
                false => serde_json::from_slice(text).ok(),
            };
            message.ok_or_else(Failure::undecodable)
        };
        apart(length, read).await?
    }

    async fn call(
        &self,
        name: &str,
        is_manager: bool,
        message: Message,
    ) -> Result<Returned, Trouble> {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let length = length(&message.args) + length(&message.kwargs);
        let as_object = is_manager && message.json_outputs.0;
        let (name, most) = (name.to_owned(), self.service.max_values());
        let made = apart(length, move || made(&name, is_manager, message, most)).await;
        let (command, shown, request) = made.map_err(Trouble::Busy)??;
        let answer = self.ask(request).await?;
        let length = answer.body.len();
        let returned = apart(length, move || returned(command, shown, as_object, answer)).await;
        returned.map_err(Trouble::Busy)?
    }

    /// Has the routes of iDDS answer. What they stream is read whole, within the bytes that all answers may have: what comes first in it
    /// says whether it is an error.
    async fn ask(&self, request: Request) -> Result<Told, Trouble> {
        let mut idds = self.idds.clone();
        let response = match idds.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let (head, body) = response.into_parts();
        let text = |name: &str| {
            let value = head.headers.get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let told = Exception {
            class: text("exceptionclass"),
            message: text("exceptionmessage"),
        };
        let (mut bytes, mut held) = (Vec::new(), Held::default());
        let mut pieces = body.into_data_stream();
        while let Some(piece) = pieces.try_next().await.map_err(|error| error.to_string())? {
            let length = bytes.len() + piece.len();
            let room = self.service.answers.grow(&mut held, length);
            room.map_err(Trouble::Busy)?;
            bytes.extend_from_slice(&piece);
        }
        Ok(Told {
            status: head.status.as_u16(),
            told,
            body: bytes.into(),
            held,
        })
    }
}

/// Does what takes long, with this many bytes, where it holds up nobody.
async fn apart<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    match bytes > FREE {
        true => task::spawn_blocking(work)
            .await
            .map_err(|_| Failure::undecodable()),
        false => Ok(work()),
    }
}

/// Makes the call of iDDS that a method makes, whose arguments have at most this many values.
fn made(
    name: &str,
    is_manager: bool,
    message: Message,
    most: usize,
) -> Result<(&'static Command, Shown, Request), Trouble> {
    let positional = match message.args {
        Some(text) => parse::<Few<Vec<_>>>(text, most)?.0,
        None => Vec::new(),
    };
    let arguments = match message.kwargs {
        Some(text) => parse::<Few<Arguments>>(text, most)?.0,
        None => Arguments::new(),
    };
    let called = if is_manager {
        manager::called(name, positional, arguments)?.ok_or(Trouble::Unknown("ClientManager"))?
    } else {
        Called {
            name: name.to_owned(),
            positional,
            arguments,
            shown: Shown::AsItIs,
        }
    };
    let class = if is_manager {
        "ClientManager"
    } else {
        "Client"
    };
    let command = Command::named(&called.name).ok_or(Trouble::Unknown(class))?;
    let mut arguments = called.arguments;
    command.name_all(called.positional, &mut arguments)?;
    Ok((command, called.shown, command.request(arguments)?))
}

/// Reads JSON as Python writes it, with at most this many values.
fn parse<T: DeserializeOwned>(text: String, most: usize) -> Result<T, String> {
    let json = payload::json(text.into(), most);
    let json = json.map_err(|_| format!("the arguments have more than {most} values"))?;
    serde_json::from_slice(&json).map_err(|error| error.to_string())
}

/// Takes what a method returns out of an answer of iDDS.
fn returned(
    command: &Command,
    shown: Shown,
    as_object: bool,
    answer: Told,
) -> Result<Returned, Trouble> {
    let Told {
        status,
        told,
        body,
        held,
    } = answer;
    let Answered {
        status,
        data,
        error,
    } = serde_json::from_slice(&body).unwrap_or(Answered {
        status,
        data: None,
        error: Some(told),
    });
    let data = data.map(RawValue::get);
    let part = |text: Option<&str>| match text {
        Some(text) => body.slice_ref(text.as_bytes()),
        None => Bytes::from_static(b"null"),
    };
    if as_object {
        let error = error.as_ref().map(|error| {
            serde_json::json!({ "ExceptionClass": error.class, "ExceptionMessage": error.message })
        });
        let error = error.unwrap_or_default();
        return Ok(Returned {
            before: format!(r#"{{"status": {status}, "error": {error}, "data": "#),
            data: part(data),
            after: "}",
            held,
        });
    }
    if let Some(error) = error {
        return Err(Trouble::Raised(error.raised()));
    }
    let data = data.map(|data| command.returned(data));
    let (before, data, after) = match shown {
        Shown::AsItIs => (String::new(), part(data), ""),
        Shown::Pair => ("[true, ".to_owned(), part(data), "]"),
        Shown::Table { with_detail } => {
            let table = manager::table(data.unwrap_or("[]"), with_detail);
            let table = table.map_err(|error| error.to_string())?;
            (Value::from(table).to_string(), Bytes::new(), "")
        }
    };
    Ok(Returned {
        before,
        data,
        after,
        held,
    })
}

/// An answer of iDDS, with what its headers say of an exception.
struct Told {
    status: u16,
    told: Exception,
    body: Bytes,
    held: Held,
}

impl Returned {
    /// Writes that the method was called, and what it returned.
    fn pair(self) -> Body {
        let held = self.held;
        let pieces = [
            Bytes::from(format!("[true, {}", self.before)),
            self.data,
            Bytes::from(format!("{}]", self.after)),
        ];
        // The share is given back when the last piece was sent.
        let pieces = pieces.into_iter().map(move |piece| {
            let _held = &held;
            Ok::<_, Infallible>(piece)
        });
        Body::from_stream(stream::iter(pieces))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct IsTrue;
        impl<'de> Visitor<'de> for IsTrue {
            type Value = Flag;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a truth value")
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Flag, E> {
                Ok(Flag(flag))
            }

            fn visit_str<E>(self, text: &str) -> Result<Flag, E> {
                Ok(Flag(text.eq_ignore_ascii_case("true")))
            }

            fn visit_unit<E>(self) -> Result<Flag, E> {
                Ok(Flag(false))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Flag, E> {
                Ok(Flag(false))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Flag, E> {
                Ok(Flag(false))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Flag, E> {
                Ok(Flag(false))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Flag, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Flag(false))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Flag, A::Error> {
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Flag(false))
            }
        }
        from.deserialize_any(IsTrue)
    }
}

/// What the exceptions of the Python client say of themselves, by their class.
const EXCEPTIONS: [(&str, &str); 6] = [
    ("IDDSException", "An unknown IDDS exception occurred."),
    ("DatabaseException", "Database exception."),
    ("NoObject", "No object  exception."),
    ("CoreException", "Core exception."),
    ("BadRequest", "Bad request exception."),
    (
        "AuthenticationNoPermission",
        "Authentication no permission.",
    ),
];

impl Exception {
    /// Writes the exception that the client raises, as Python does.
    fn raised(self) -> String {
        let class = self.class.unwrap_or_default();
        let said = EXCEPTIONS.iter().find(|(name, _)| *name == class);
        let said = said.map_or("An unknown IDDS exception occurred.", |(_, said)| said);
        let details = self.message.unwrap_or_default();
        format!("{said}: {{}}\nDetails: {details}")
    }
}

/// Writes the pair of what was not done and why.
fn no(why: &str) -> String {
    format!("[false, {}]", Value::from(why))
}

/// Reads a message that was sent as a form.
fn form(body: &[u8]) -> Option<Message> {
    let mut members = serde_json::Map::new();
    for pair in body.split(|byte| *byte == b'&') {
        let mut parts = pair.splitn(2, |byte| *byte == b'=');
        let (name, value) = (parts.next()?, parts.next().unwrap_or_default());
        let name = unquoted(name)?;
        if MEMBERS.contains(&&*name) {
            members.insert(name, unquoted(value)?.into());
        }
    }
    serde_json::from_value(members.into()).ok()
}

/// Reads a name or a value of a form.
fn unquoted(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, others @ ..] = rest {
        rest = others;
        match (first, others) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, others @ ..]) => {
                let digits = [*high, *low];
                bytes.push(u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?);
                rest = others;
            }
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_a_message_too() {
        let message =
            form(b"command_name=ping&kwargs=%7B%22a%22%3A+1%7D&manager=True").expect("a message");
        assert_eq!(message.command_name, "ping");
        assert_eq!(message.kwargs.as_deref(), Some(r#"{"a": 1}"#));
        assert_eq!(
            (message.manager, message.json_outputs),
            (Flag(true), Flag(false))
        );
        assert!(form(b"kwargs=%zz").is_none());
    }

    #[test]
    fn only_what_is_true_is_a_flag() {
        for (text, flag) in [
            ("true", true),
            (r#""True""#, true),
            ("false", false),
            ("null", false),
            ("1", false),
            ("-1.5", false),
            (r#"[{"a": [true]}, true]"#, false),
            (r#"{"true": true}"#, false),
        ] {
            let text = format!(r#"{{"command_name": "ping", "manager": {text}}}"#);
            let message: Message = serde_json::from_str(&text).expect(&text);
            assert_eq!(message.manager, Flag(flag), "{text}");
        }
    }
}
