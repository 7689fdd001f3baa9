//! How the server says no.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use serde::Deserialize;

use crate::ErrorKind;

/// What the server answered instead of the thing asked for.
///
/// It displays as one line, shortened, because iDDS answers with whole SQL statements; [`message`](Self::message) has
/// everything.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ServerError {
    /// HTTP status. iDDS uses 500 for nearly everything, wrong input included.
    pub status: StatusCode,
    /// Python class of the exception, such as `NoObject`; none when something other than iDDS answered.
    pub class: Option<String>,
    /// What the server says about it, unshortened.
    pub message: String,
}

/// Longest message displayed, in characters.
const SHOWN: usize = 200;

impl ServerError {
    /// Reads an answer whose status is not a success.
    pub(crate) fn read(response: &Response<Bytes>) -> Self {
        let class = header(response.headers(), "ExceptionClass");
        let message = match header(response.headers(), "ExceptionMessage") {
            Some(text) => message(text),
            None => page_text(response.body()),
        };
        Self { status: response.status(), class, message }
    }

    /// Makes it of what `json_outputs=true` puts into the body instead of the headers.
    pub(crate) fn wrapped(status: u16, error: Option<WrappedError>) -> Self {
        let WrappedError { class, text } = error.unwrap_or_default();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, class, message: text.map_or_else(String::new, message) }
    }

    /// Returns the kind of error this is for the caller.
    pub(crate) fn kind(&self) -> ErrorKind {
        match (self.status, self.class.as_deref()) {
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) | (_, Some("AuthenticationNoPermission")) => {
                ErrorKind::Unauthorized
            }
            (StatusCode::NOT_FOUND, _) => ErrorKind::NotFound,
            (
                StatusCode::TOO_MANY_REQUESTS
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT,
                _,
            ) => ErrorKind::Unavailable,
            _ => ErrorKind::Refused,
        }
    }

    fn gist(&self) -> String {
        let statement = self.message.find("[SQL:").unwrap_or(self.message.len());
        let words: Vec<&str> = self.message[..statement].split_whitespace().collect();
        let line = words.join(" ");
        let line = line.trim_end_matches('.');
        match line.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line.to_owned(),
        }
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            ErrorKind::Unauthorized => f.write_str("the server does not allow it to this user")?,
            ErrorKind::NotFound => f.write_str("the server does not know it")?,
            ErrorKind::Unavailable => write!(f, "the server cannot serve now ({})", self.status.as_u16())?,
            _ => write!(f, "the server refused it ({})", self.status.as_u16())?,
        }
        match self.gist() {
            gist if gist.is_empty() => Ok(()),
            gist => write!(f, ": {gist}"),
        }
    }
}

/// An error as it stands in the body of an answer.
#[derive(Default, Deserialize)]
pub(crate) struct WrappedError {
    #[serde(rename = "ExceptionClass")]
    class: Option<String>,
    #[serde(rename = "ExceptionMessage")]
    text: Option<String>,
}

/// Reads the message: JSON from the handlers, plain text from the layers before them.
fn message(text: String) -> String {
    #[derive(Deserialize)]
    struct Envelope {
        msg: String,
    }

    serde_json::from_str(&text).map_or(text, |Envelope { msg }| msg)
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// Returns the title of an HTML page, or the text of a short body that is not HTML.
fn page_text(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    if let Some(title) = between(&text, "<title>", "</title>") {
        return title.trim().to_owned();
    }
    let is_page = text.trim_start().starts_with('<');
    if is_page { String::new() } else { text.trim().to_owned() }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &'static str) -> ServerError {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        ServerError::read(&response.body(Bytes::from_static(body.as_bytes())).expect("a response"))
    }

    #[test]
    fn a_long_sql_text_is_cut_from_display_and_kept_in_the_message() {
        let message = r#"{"msg": "Database exception.: {}\nDetails: integer out of range\n\n[SQL: INSERT INTO x]"}"#;
        let error = answer(500, &[("ExceptionClass", "DatabaseException"), ("ExceptionMessage", message)], "");
        assert_eq!(
            error.to_string(),
            "the server refused it (500): Database exception.: {} Details: integer out of range"
        );
        assert!(error.message.ends_with("[SQL: INSERT INTO x]"));
        assert_eq!(error.class.as_deref(), Some("DatabaseException"));
    }

    #[test]
    fn a_plain_text_message_is_taken_as_it_is() {
        let error = answer(401, &[("ExceptionMessage", "User DN cannot be found.")], "");
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
        assert_eq!(error.to_string(), "the server does not allow it to this user: User DN cannot be found");
    }

    #[test]
    fn an_html_page_without_headers_gives_its_title() {
        let error = answer(500, &[], "<!doctype html>\n<title>500 Internal Server Error</title>\n<h1>…</h1>");
        assert_eq!(error.to_string(), "the server refused it (500): 500 Internal Server Error");
        assert_eq!(error.class, None);
    }

    #[test]
    fn a_missing_permission_is_known_by_its_class() {
        let headers = [("ExceptionClass", "AuthenticationNoPermission"), ("ExceptionMessage", "{\"msg\": \"no\"}")];
        assert_eq!(answer(500, &headers, "").kind(), ErrorKind::Unauthorized);
    }

    #[test]
    fn a_message_of_any_length_and_script_is_cut_at_a_character() {
        let error = ServerError { status: StatusCode::BAD_REQUEST, class: None, message: "é".repeat(5000) };
        assert_eq!(error.gist().chars().count(), SHOWN + 1);
    }
}
