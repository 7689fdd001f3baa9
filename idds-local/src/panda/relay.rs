//! `relay_idds_command`: a call of a method of the Python client of iDDS, packed as panda-client packs it.

use std::io::Read as _;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use flate2::read::GzDecoder;
use http::header::CONTENT_ENCODING;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use tower_service::Service as _;

use super::command::{Arguments, Command};
use super::manager::{self, Called, Shown};
use crate::answer::{self, Failure};
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
    manager: Value,
    #[serde(default)]
    json_outputs: Value,
}

/// What iDDS answers with `json_outputs=true`.
#[derive(Debug, Deserialize)]
struct Answered {
    status: u16,
    data: Option<Box<RawValue>>,
    error: Option<Exception>,
}

#[derive(Debug, Deserialize)]
struct Exception {
    #[serde(rename = "ExceptionClass")]
    class: Option<String>,
    #[serde(rename = "ExceptionMessage")]
    message: Option<String>,
}

/// Why a method returns nothing.
enum Trouble {
    /// The client has no such method; says which client it is.
    Unknown(&'static str),
    /// It raised an exception, which is written so.
    Raised(String),
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
        let is_manager = is_true(&message.manager);
        let name = match message.command_name.split_once('+') {
            // The host that PanDA is to ask: there is only this server.
            Some((name, _)) => name.to_owned(),
            None => message.command_name.clone(),
        };
        let pair = match self.call(&name, is_manager, message).await {
            Ok(returned) => format!("[true, {returned}]"),
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
        let body = if is_gzip || body.starts_with(&GZIP) {
            let most = self.service.max_body;
            let mut text = Vec::new();
            GzDecoder::new(&*body)
                .take(most as u64 + 1)
                .read_to_end(&mut text)
                .map_err(|_| Failure::undecodable())?;
            if text.len() > most {
                return Err(Failure::too_large(most));
            }
            self.service
                .bodies
                .grow(&mut held, body.len() + text.len())?;
            text
        } else {
            body.into()
        };
        if is_form {
            return form(&body).ok_or_else(Failure::undecodable);
        }
        serde_json::from_slice(&body).map_err(|_| Failure::undecodable())
    }

    async fn call(
        &self,
        name: &str,
        is_manager: bool,
        message: Message,
    ) -> Result<String, Trouble> {
        let positional = match &message.args {
            Some(text) => self.parse::<Vec<Box<RawValue>>>(text)?,
            None => Vec::new(),
        };
        let arguments = match &message.kwargs {
            Some(text) => self.parse::<Arguments>(text)?,
            None => Arguments::new(),
        };
        let called = if is_manager {
            manager::called(name, positional, arguments)?
                .ok_or(Trouble::Unknown("ClientManager"))?
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
        let answered = self.ask(command.request(arguments)?).await?;
        if is_manager && is_true(&message.json_outputs) {
            let Answered {
                status,
                data,
                error,
            } = &answered;
            let data = data.as_deref().map_or("null", RawValue::get);
            let error = error.as_ref().map(|error| {
                serde_json::json!({ "ExceptionClass": error.class, "ExceptionMessage": error.message })
            });
            let error = error.unwrap_or_default();
            return Ok(format!(
                r#"{{"status": {status}, "data": {data}, "error": {error}}}"#
            ));
        }
        let data = match answered {
            Answered {
                error: None, data, ..
            } => data.unwrap_or_else(null),
            Answered {
                error: Some(error), ..
            } => return Err(Trouble::Raised(error.raised())),
        };
        let returned = command.returned(data);
        Ok(match called.shown {
            Shown::AsItIs => returned.get().to_owned(),
            Shown::Pair => format!("[true, {returned}]"),
            Shown::Table { with_detail } => {
                let rows =
                    serde_json::from_str(returned.get()).map_err(|error| error.to_string())?;
                Value::from(manager::table(&rows, with_detail)).to_string()
            }
        })
    }

    /// Reads JSON as Python writes it.
    fn parse<T: serde::de::DeserializeOwned>(&self, text: &str) -> Result<T, String> {
        let most = self.service.max_values();
        let json = payload::json(text.as_bytes().to_vec().into(), most);
        let json = json.map_err(|_| format!("the arguments have more than {most} values"))?;
        serde_json::from_slice(&json).map_err(|error| error.to_string())
    }

    /// Has the routes of iDDS answer.
    async fn ask(&self, request: Request) -> Result<Answered, String> {
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
        let status = head.status.as_u16();
        let body = to_bytes(body, usize::MAX);
        let body = body.await.map_err(|error| error.to_string())?;
        Ok(serde_json::from_slice(&body).unwrap_or(Answered {
            status,
            data: None,
            error: Some(told),
        }))
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

fn null() -> Box<RawValue> {
    to_raw_value(&()).expect("null is JSON")
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// Reads a message that was sent as a form.
fn form(body: &[u8]) -> Option<Message> {
    let mut members = serde_json::Map::new();
    for pair in body.split(|byte| *byte == b'&') {
        let mut parts = pair.splitn(2, |byte| *byte == b'=');
        let (name, value) = (parts.next()?, parts.next().unwrap_or_default());
        members.insert(unquoted(name)?, unquoted(value)?.into());
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
        assert!(is_true(&message.manager) && !is_true(&message.json_outputs));
        assert!(form(b"kwargs=%zz").is_none());
    }
}
