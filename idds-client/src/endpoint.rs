//! The parts that all calls share: writing a path or a body, and reading an answer.

use bytes::Bytes;
use http::Response;
use idds_workflow::python_json::{self, Document};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::server_error::WrappedError;
use crate::{Error, ErrorKind, Secret, ServerError};

/// Marks a request whose path holds a secret; it is shown as this instead.
#[derive(Clone, Debug)]
pub(crate) struct SecretPath {
    pub(crate) shown: String,
}

/// What a request says in its body or path that nobody may see, for what the server says about it.
#[derive(Clone, Debug)]
pub(crate) struct Confided(pub(crate) Secret);

/// Writes a body as JSON.
pub(crate) fn json(body: &impl Serialize) -> Result<Bytes, Error> {
    serde_json::to_vec(body)
        .map(Bytes::from)
        .map_err(unwritable)
}

/// Tells that a body cannot be written as JSON.
pub(crate) fn unwritable(error: serde_json::Error) -> Error {
    Error::new(ErrorKind::Argument, "the body cannot be written as JSON").caused_by(error)
}

/// What RFC 3986 lets stand unencoded in a path segment without doubt.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Encodes text as one segment of a path; `name` says in an error what the text is.
///
/// Some texts would reach another route, or mean `any` to the server, and are refused: no encoding protects them.
pub(crate) fn segment(name: &str, text: &str) -> Result<String, Error> {
    let why = match text {
        "" => ": it is empty",
        "." | ".." => ": it is a part of the address",
        "null" => ": it means any to the server",
        _ if text.contains('/') => ": the server takes its slash for a part of the address",
        _ => return Ok(encoded(text)),
    };
    Err(Error::new(
        ErrorKind::Argument,
        format!("iDDS cannot be asked about the {name} {text:?}{why}"),
    ))
}

/// Encodes text so that it stays within one segment of a path, slashes included.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// Encodes a secret as one segment of a path.
pub(crate) fn secret_segment(name: &str, secret: &Secret) -> Result<Secret, Error> {
    // An error of `segment` shows the text.
    match segment(name, secret.expose()) {
        Ok(segment) if segment.len() <= LONGEST_SECRET => Ok(Secret::new(segment)),
        _ => Err(Error::new(
            ErrorKind::Argument,
            format!("iDDS cannot be asked about this {name}"),
        )),
    }
}

/// So that an address with a secret in it can always be sent, and never stands in an error.
const LONGEST_SECRET: usize = 8192;

/// Reads an answer: JSON when it is a success, else what the server says about its failure.
///
/// With `json_outputs=true` both are in an envelope, and the HTTP status is 200 either way.
pub(crate) fn decode<T: DeserializeOwned>(response: &Response<Bytes>) -> Result<T, Error> {
    if !response.status().is_success() {
        return Err(ServerError::read(response).into());
    }
    decode_text(response.body())
}

/// Returns what the server says about its failure; none when the answer is a success.
pub(crate) fn refusal(response: &Response<Bytes>) -> Option<ServerError> {
    if !response.status().is_success() {
        return Some(ServerError::read(response));
    }
    match Envelope::read(response.body()) {
        Some(Envelope {
            status: status @ 1..,
            error,
            ..
        }) => Some(ServerError::wrapped(status, error)),
        _ => None,
    }
}

/// Reads the text of a successful answer, or of a part of it.
pub(crate) fn decode_text<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    match Envelope::read(text) {
        Some(Envelope {
            status: 0, data, ..
        }) => parse(data.as_bytes()),
        Some(Envelope { status, error, .. }) => Err(ServerError::wrapped(status, error).into()),
        None => parse(text),
    }
}

/// Reads a part of an answer that stands at this place, such as `[0]`.
pub(crate) fn read_at<T: DeserializeOwned>(value: Value, at: &str) -> Result<T, Error> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let joint = if path.starts_with(['.', '[']) || at.is_empty() || at.ends_with('_') {
            ""
        } else {
            "."
        };
        let place = if path == "." {
            at.to_owned()
        } else {
            format!("{at}{joint}{path}")
        };
        let what = format!("the answer cannot be understood at {place}");
        Error::new(ErrorKind::Answer, what).caused_by(error.into_inner())
    })
}

/// What `json_outputs=true` puts around an answer; no answer without it has these names.
struct Envelope<'a> {
    /// 0, or the HTTP status the answer would have had.
    status: u16,
    data: &'a str,
    error: Option<WrappedError>,
}

impl<'a> Envelope<'a> {
    /// Reads an answer that is in the envelope; most are not, and are told from it by their first byte or first name.
    fn read(text: &'a [u8]) -> Option<Self> {
        let first = text
            .trim_ascii_start()
            .strip_prefix(b"{")?
            .trim_ascii_start();
        if !ENVELOPE.iter().any(|name| {
            first
                .strip_prefix(b"\"")
                .is_some_and(|rest| rest.starts_with(name.as_bytes()))
        }) {
            return None;
        }
        if let Ok(Strict {
            status,
            data,
            error,
        }) = serde_json::from_slice(text)
        {
            return Some(Self {
                status,
                data: data.get(),
                error,
            });
        }
        let document = Document::parse(text).ok()?;
        let root = document.root();
        let member = |name: &str| root.member(name);
        let is_envelope = root.members().all(|(name, _)| ENVELOPE.contains(&name));
        let (status, data, error) = (member("status")?, member("data")?, member("error"));
        let error = error.map_or(Ok(None), |error| error.read()).ok()?;
        is_envelope.then_some(Self {
            status: status.read().ok()?,
            data: data.text(),
            error,
        })
    }
}

const ENVELOPE: [&str; 3] = ["status", "data", "error"];

/// The envelope of an answer that has nothing but JSON, which is read at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict<'a> {
    status: u16,
    #[serde(borrow)]
    data: &'a RawValue,
    error: Option<WrappedError>,
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    python_json::read(body).map_err(|error| {
        let what = match error.place() {
            _ if error.is_syntax() => "the answer is not JSON".to_owned(),
            "" => "the answer cannot be understood".to_owned(),
            place => format!("the answer cannot be understood at {place}"),
        };
        // The place stands in the sentence before.
        let why = format!(
            "line {}, column {}: {}",
            error.line(),
            error.column(),
            error.message()
        );
        Error::new(ErrorKind::Answer, what).caused_by(why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &'static str) -> Response<Bytes> {
        Response::new(Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn a_segment_holds_any_text_that_stays_one_segment() {
        assert_eq!(
            segment("id", "a b?%#é").expect("a segment"),
            "a%20b%3F%25%23%C3%A9"
        );
    }

    #[test]
    fn texts_that_would_reach_another_route_are_refused() {
        for text in ["", ".", "..", "null", "a/b"] {
            let error = segment("point id", text).expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::Argument);
            let what = format!("iDDS cannot be asked about the point id {text:?}: ");
            assert!(error.to_string().starts_with(&what), "{error}");
        }
    }

    #[test]
    fn a_wrong_value_is_named_by_its_path() {
        let error = decode::<Vec<std::collections::BTreeMap<String, u8>>>(&body(
            "[{\"a\": 1}, {\"b\": true}]",
        ));
        assert_eq!(
            error.expect_err("not a number").to_string(),
            "the answer cannot be understood at [1].b"
        );
    }

    #[test]
    fn the_envelope_of_json_outputs_is_taken_off() {
        let wrapped = body(r#"{"data": [1, NaN], "error": null, "status": 0}"#);
        assert_eq!(
            decode::<Value>(&wrapped).expect("data"),
            serde_json::json!([1, "NaN"])
        );
        let nothing = body(r#"{"data": null, "error": null, "status": 0}"#);
        assert_eq!(decode::<Option<u8>>(&nothing).expect("data"), None);
    }

    #[test]
    fn a_failure_in_an_envelope_is_the_failure_itself() {
        let text = r#"{"data": null, "error": {"ExceptionClass": "NoObject", "ExceptionMessage": "{\"msg\": \"gone NaN\"}"},
            "status": 404}"#;
        let error = decode::<Value>(&body(text)).expect_err("a failure");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.to_string(), "the server does not know it: gone NaN");
        assert_eq!(
            error.server().and_then(|server| server.class.as_deref()),
            Some("NoObject")
        );
    }

    #[test]
    fn an_object_that_only_resembles_an_envelope_is_an_answer() {
        let text = r#"{"data": 1, "error": null, "status": 0, "more": 2}"#;
        assert_eq!(decode::<Value>(&body(text)).expect("an object")["more"], 2);
    }

    #[test]
    fn a_page_instead_of_json_is_an_answer_error() {
        for text in ["<html>sign in</html>", "", "[1", "[] []"] {
            let error = decode::<Value>(&body(text)).expect_err("not JSON");
            assert_eq!(
                (error.kind(), error.to_string().as_str()),
                (ErrorKind::Answer, "the answer is not JSON"),
                "{text}"
            );
        }
    }
}
