//! The methods of the Python client of iDDS that PanDA calls, and the calls that they make.

use axum::body::Body;
use http::{Method, Request};
use serde_json::Value;
use serde_json::value::RawValue;

use super::arguments::Arguments;
use crate::raw;

/// A method of the Python class `Client`: its parameters in their order, and what it sends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Command {
    name: &'static str,
    parameters: &'static [&'static str],
    method: Verb,
    /// With the names of parameters in braces.
    path: &'static str,
    body: Sent,
    /// The member of the answer that is returned; all of it when there is none.
    returns: Option<&'static str>,
}

/// The verbs that the client uses.
#[derive(Clone, Copy, Debug)]
enum Verb {
    Get,
    Put,
    Post,
}

/// What is sent as the body.
#[derive(Clone, Copy, Debug)]
enum Sent {
    Nothing,
    /// The argument of this name.
    Argument(&'static str),
    /// The argument of this name, as a list.
    List(&'static str),
    /// The arguments that are not in the path.
    Others,
}

use Verb::{Get, Post, Put};

const IDS: [&str; 2] = ["request_id", "workload_id"];

#[rustfmt::skip]
const COMMANDS: [Command; 22] = [
    Command::get("ping", &[], "/ping"),
    Command::get("get_requests", &["request_id", "workload_id", "with_detail", "with_metadata", "with_transform", "with_processing"],
        "/request/{request_id}/{workload_id}/{with_detail}/{with_metadata}/{with_transform}/{with_processing}"),
    Command::get("get_request_id_by_name", &["name"], "/request/name/{name}"),
    Command::get("get_hyperparameters", &["workload_id", "request_id", "id", "status", "limit"],
        "/hpo/{workload_id}/{request_id}/{id}/{status}/{limit}"),
    Command::get("get_transforms", &["request_id"], "/transform/{request_id}"),
    Command::get("get_transform", &["request_id", "transform_id"], "/transform/{request_id}/{transform_id}"),
    Command::get("get_messages", &["request_id", "workload_id", "transform_id", "internal_id"],
        "/message/{request_id}/{workload_id}/{transform_id}/{internal_id}"),
    Command::get("get_collections", &["request_id", "transform_id", "workload_id", "scope", "name", "relation_type"],
        "/catalog/collections/{request_id}/{transform_id}/{workload_id}/{scope}/{name}/{relation_type}"),
    Command::get("get_contents", &["request_id", "transform_id", "workload_id", "coll_scope", "coll_name", "relation_type", "status"],
        "/catalog/contents/{request_id}/{transform_id}/{workload_id}/{coll_scope}/{coll_name}/{relation_type}/{status}"),
    Command::get("get_contents_output_ext", &["request_id", "workload_id", "transform_id", "group_by_jedi_task_id"],
        "/catalog/contents_output_ext/{request_id}/{workload_id}/{transform_id}/{group_by_jedi_task_id}"),
    Command::get("get_metainfo", &["name"], "/metainfo/{name}"),
    Command::put("abort_request", &IDS, "/request/abort/{request_id}/{workload_id}"),
    Command::put("close_request", &IDS, "/request/close/{request_id}/{workload_id}"),
    Command::put("retry_request", &IDS, "/request/retry/{request_id}/{workload_id}"),
    Command::put("abort_request_task", &["request_id", "workload_id", "task_id"], "/request/abort/{request_id}/{workload_id}/{task_id}"),
    Command::put("update_hyperparameter", &["workload_id", "request_id", "id", "loss"], "/hpo/{workload_id}/{request_id}/{id}/{loss}"),
    Command::put("update_request", &["request_id", "parameters"], "/request/{request_id}").sends(Sent::Argument("parameters")),
    Command::post("add_request", &[], "/request").returns("request_id"),
    Command::post("update_build_request", &["request_id", "signature", "workflow"], "/request/build/{request_id}"),
    Command::post("add_transform", &["request_id"], "/transform/{request_id}").returns("transform_id"),
    Command::post("send_messages", &["request_id", "workload_id", "transform_id", "internal_id", "msgs"],
        "/message/{request_id}/{workload_id}/{transform_id}/{internal_id}").sends(Sent::List("msgs")),
    Command::post("send_message", &["request_id", "workload_id", "transform_id", "internal_id", "msgs"],
        "/message/{request_id}/{workload_id}/{transform_id}/{internal_id}").sends(Sent::List("msgs")),
];

impl Command {
    const fn new(
        name: &'static str,
        parameters: &'static [&'static str],
        path: &'static str,
        (method, body): (Verb, Sent),
    ) -> Self {
        Self {
            name,
            parameters,
            method,
            path,
            body,
            returns: None,
        }
    }

    const fn get(
        name: &'static str,
        parameters: &'static [&'static str],
        path: &'static str,
    ) -> Self {
        Self::new(name, parameters, path, (Get, Sent::Nothing))
    }

    const fn put(
        name: &'static str,
        parameters: &'static [&'static str],
        path: &'static str,
    ) -> Self {
        Self::new(name, parameters, path, (Put, Sent::Nothing))
    }

    const fn post(
        name: &'static str,
        parameters: &'static [&'static str],
        path: &'static str,
    ) -> Self {
        Self::new(name, parameters, path, (Post, Sent::Others))
    }

    const fn sends(self, body: Sent) -> Self {
        Self { body, ..self }
    }

    const fn returns(self, member: &'static str) -> Self {
        Self {
            returns: Some(member),
            ..self
        }
    }

    /// Finds the method of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        COMMANDS.iter().find(|command| command.name == name)
    }

    /// Gives arguments that have no names those of the parameters in their order.
    pub(super) fn name_all(
        &self,
        positional: Vec<Box<RawValue>>,
        arguments: &mut Arguments,
    ) -> Result<(), String> {
        name_all(self.name, self.parameters, positional, arguments)
    }

    /// Makes the call.
    pub(super) fn request(&self, mut arguments: Arguments) -> Result<Request<Body>, String> {
        let takes_any = matches!(self.body, Sent::Others);
        let is_known = |name: &&String| takes_any || self.parameters.contains(&name.as_str());
        if let Some(name) = arguments.keys().find(|name| !is_known(name)) {
            return Err(format!(
                "{}() got an unexpected keyword argument '{name}'",
                self.name
            ));
        }
        let mut path = String::from("/idds");
        for part in self.path.split('/').skip(1) {
            path.push('/');
            match part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'))
            {
                None => path.push_str(part),
                Some(name) => path.push_str(&segment(arguments.shift_remove(name).as_deref())?),
            }
        }
        let text = |json: serde_json::Result<String>| json.map_err(|error| error.to_string());
        let body = match self.body {
            Sent::Nothing => Body::from("null"),
            Sent::Others => Body::from(text(serde_json::to_string(&arguments))?),
            Sent::Argument(name) => {
                let given = arguments.shift_remove(name);
                Body::from(given.map_or_else(|| "null".to_owned(), |given| given.get().to_owned()))
            }
            Sent::List(name) => match arguments.shift_remove(name) {
                Some(list) if list.get().starts_with('[') => Body::from(list.get().to_owned()),
                Some(one) => Body::from(format!("[{one}]")),
                None => return Err("Message is None".to_owned()),
            },
        };
        let method = match self.method {
            Get => Method::GET,
            Put => Method::PUT,
            Post => Method::POST,
        };
        Request::builder()
            .method(method)
            .uri(format!("{path}?json_outputs=true"))
            .header("host", "localhost")
            .header("content-type", "application/json")
            .body(body)
            .map_err(|error| format!("{}: {error}", self.name))
    }

    /// Returns what the method returns of an answer.
    pub(super) fn returned<'a>(&self, data: &'a str) -> &'a str {
        let member = self.returns.and_then(|name| raw::member(data, name));
        member.unwrap_or(data)
    }
}

/// Gives arguments that have no names those of the parameters in their order.
pub(super) fn name_all(
    method: &str,
    parameters: &[&str],
    positional: Vec<Box<RawValue>>,
    arguments: &mut Arguments,
) -> Result<(), String> {
    let (count, most) = (positional.len() + 1, parameters.len() + 1);
    if count > most {
        return Err(format!(
            "{method}() takes {most} positional arguments but {count} were given"
        ));
    }
    for (name, value) in parameters.iter().zip(positional) {
        if arguments.insert((*name).to_owned(), value).is_some() {
            return Err(format!(
                "{method}() got multiple values for argument '{name}'"
            ));
        }
    }
    Ok(())
}

/// Longest argument that becomes a part of a path, in bytes.
const MAX_SEGMENT: usize = 16 << 10;

/// Writes an argument as a part of a path, as Python's `str` does, but for the exponent of a number; nothing is `null`.
fn segment(argument: Option<&RawValue>) -> Result<String, String> {
    let value: Value = match argument {
        None => Value::Null,
        Some(raw) if raw.get().len() > MAX_SEGMENT => {
            return Err(format!(
                "{} bytes are no part of an address",
                raw.get().len()
            ));
        }
        Some(raw) => serde_json::from_str(raw.get()).map_err(|error| error.to_string())?,
    };
    // An enumeration counts as its number.
    let value = value
        .pointer("/attributes/_value_")
        .cloned()
        .unwrap_or(value);
    let text = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text,
        other => return Err(format!("{other} is no part of an address")),
    };
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~:+".contains(byte);
    let encode = |byte: u8| match is_plain(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    Ok(text.bytes().map(encode).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str, positional: &[&str], named: &str) -> Result<(String, String), String> {
        let command = Command::named(name).ok_or("no such command")?;
        let raw = |text: &&str| RawValue::from_string((*text).to_owned()).expect("JSON");
        let mut arguments: Arguments = serde_json::from_str(named).expect("JSON");
        command.name_all(positional.iter().map(raw).collect(), &mut arguments)?;
        let request = command.request(arguments)?;
        let path = request.uri().path().to_owned();
        Ok((request.method().to_string(), path))
    }

    #[test]
    fn a_command_is_the_call_that_the_python_client_makes() {
        let cases = [
            ("ping", &[][..], "{}", "GET /idds/ping"),
            (
                "get_requests",
                &["7"],
                r#"{"with_detail": true}"#,
                "GET /idds/request/7/null/True/null/null/null",
            ),
            (
                "abort_request",
                &[],
                r#"{"request_id": 7, "workload_id": null}"#,
                "PUT /idds/request/abort/7/null",
            ),
            (
                "update_hyperparameter",
                &["null", "7", "\"1\"", "1e-05"],
                "{}",
                "PUT /idds/hpo/null/7/1/0.00001",
            ),
            (
                "get_request_id_by_name",
                &["\"a/b ü\""],
                "{}",
                "GET /idds/request/name/a%2Fb%20%C3%BC",
            ),
            ("add_request", &[], r#"{"name": "x"}"#, "POST /idds/request"),
        ];
        for (name, positional, named, expected) in cases {
            let (method, path) = made(name, positional, named).expect(name);
            assert_eq!(format!("{method} {path}"), expected);
        }
    }

    #[test]
    fn wrong_arguments_are_refused_as_python_does() {
        let error = |name, positional, named| made(name, positional, named).expect_err(name);
        assert_eq!(
            error("ping", &["1"][..], "{}"),
            "ping() takes 1 positional arguments but 2 were given"
        );
        assert_eq!(
            error("ping", &[], r#"{"x": 1}"#),
            "ping() got an unexpected keyword argument 'x'"
        );
        assert_eq!(
            error("abort_request", &["1"], r#"{"request_id": 1}"#),
            "abort_request() got multiple values for argument 'request_id'"
        );
    }
}
