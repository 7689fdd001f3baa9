//! Errors that the server reports.

use std::fmt;

use bytes::Bytes;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, Response, StatusCode};
use idds_workflow::printable;
use serde::Deserialize;

use crate::ErrorKind;
use crate::auth::without_keys;

/// An error that the server reported.
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
    /// Where it says that the thing is, in an answer that sends elsewhere (301, 302, 303, 307, 308).
    pub location: Option<String>,
    /// Whether it has a header of iDDS, which all its errors have.
    pub(crate) is_of_idds: bool,
    /// Whether it is an embedded server that requires its token.
    pub(crate) wants_token: bool,
}

/// What an embedded server says that it wants of who does not show its token.
const SERVER_TOKEN: &str = "IDDS-Server-Token";

/// Longest message displayed, in characters.
const SHOWN: usize = 200;

impl ServerError {
    pub(crate) fn new(status: StatusCode, class: Option<String>, message: String) -> Self {
        let (is_of_idds, message) = (class.is_some(), without_keys(&message));
        Self {
            status,
            class,
            message,
            location: None,
            is_of_idds,
            wants_token: false,
        }
    }

    /// Reads an answer whose status is not a success.
    pub(crate) fn read(response: &Response<Bytes>) -> Self {
        let class = header(response.headers(), "ExceptionClass");
        let said = header(response.headers(), "ExceptionMessage");
        let is_of_idds = class.is_some() || said.is_some();
        let location = response
            .status()
            .is_redirection()
            .then(|| header(response.headers(), "Location"))
            .flatten();
        let message = said.map_or_else(|| page_text(response.body()), message);
        let wants_token = response.status() == StatusCode::UNAUTHORIZED
            && response
                .headers()
                .get(WWW_AUTHENTICATE)
                .is_some_and(|wanted| wanted == SERVER_TOKEN);
        Self {
            location,
            is_of_idds,
            wants_token,
            ..Self::new(response.status(), class, message)
        }
    }

    /// Makes it of what `json_outputs=true` puts into the body instead of the headers.
    pub(crate) fn wrapped(status: u16, error: Option<WrappedError>) -> Self {
        let WrappedError { class, text } = error.unwrap_or_default();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let message = text.map_or_else(String::new, message);
        Self {
            is_of_idds: true,
            ..Self::new(status, class, message)
        }
    }

    /// Says whether what was asked for may have been done all the same, or may be done yet.
    pub(crate) fn leaves_open(&self) -> bool {
        match self.status {
            // A server that does not know the method, or this HTTP, is none that acts on it.
            StatusCode::NOT_IMPLEMENTED | StatusCode::HTTP_VERSION_NOT_SUPPORTED => false,
            StatusCode::REQUEST_TIMEOUT => true,
            status if !status.is_server_error() => false,
            _ => match self.class.as_deref() {
                // A gateway says so of what it has handed on already, and an answer without a class broke after an unknown part
                // of the work.
                None => true,
                // The connection to the database broke, perhaps while it stored the request.
                Some("DatabaseException") => [
                    "OperationalError",
                    "InterfaceError",
                    "closed the connection",
                ]
                .iter()
                .any(|it| self.message.contains(it)),
                Some(_) => false,
            },
        }
    }

    /// Returns the kind of error this is for the caller.
    pub(crate) fn kind(&self) -> ErrorKind {
        match (self.status, self.class.as_deref()) {
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _)
            | (_, Some("AuthenticationNoPermission")) => ErrorKind::Unauthorized,
            (StatusCode::NOT_FOUND, _) => ErrorKind::NotFound,
            (
                StatusCode::REQUEST_TIMEOUT
                | StatusCode::TOO_MANY_REQUESTS
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT,
                _,
            ) => ErrorKind::Unavailable,
            _ => ErrorKind::Refused,
        }
    }

    /// Returns the message as one short line.
    pub(crate) fn gist(&self) -> String {
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
            ErrorKind::Unavailable => {
                write!(f, "the server cannot serve now ({})", self.status.as_u16())?;
            }
            _ => write!(f, "the server refused it ({})", self.status.as_u16())?,
        }
        match self.gist() {
            gist if gist.is_empty() => Ok(()),
            gist => write!(f, ": {}", printable(&gist)),
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
    headers
        .get(name)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// Returns the title of an HTML page, or the text of a short body that is not HTML.
fn page_text(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    if let Some(title) = page_title(&text) {
        return title;
    }
    let is_page = text.trim_start().starts_with('<');
    if is_page {
        String::new()
    } else {
        text.trim().to_owned()
    }
}

/// Returns the title of an HTML page.
pub(crate) fn page_title(page: &str) -> Option<String> {
    // Names of elements are of any case, and lower case keeps the places of ASCII.
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    Some(
        page[start..end]
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &'static str) -> ServerError {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        ServerError::read(
            &response
                .body(Bytes::from_static(body.as_bytes()))
                .expect("a response"),
        )
    }

    #[test]
    fn a_long_sql_text_is_cut_from_display_and_kept_in_the_message() {
        let message = r#"{"msg": "Database exception.: {}\nDetails: integer out of range\n\n[SQL: INSERT INTO x]"}"#;
        let error = answer(
            500,
            &[
                ("ExceptionClass", "DatabaseException"),
                ("ExceptionMessage", message),
            ],
            "",
        );
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
        assert_eq!(
            error.to_string(),
            "the server does not allow it to this user: User DN cannot be found"
        );
    }

    #[test]
    fn an_html_page_without_headers_gives_its_title() {
        let error = answer(
            500,
            &[],
            "<!doctype html>\n<title>500 Internal Server Error</title>\n<h1>…</h1>",
        );
        assert_eq!(
            error.to_string(),
            "the server refused it (500): 500 Internal Server Error"
        );
        assert_eq!(error.class, None);
    }

    #[test]
    fn a_missing_permission_is_known_by_its_class() {
        let headers = [
            ("ExceptionClass", "AuthenticationNoPermission"),
            ("ExceptionMessage", "{\"msg\": \"no\"}"),
        ];
        assert_eq!(answer(500, &headers, "").kind(), ErrorKind::Unauthorized);
    }

    #[test]
    fn a_database_that_went_away_while_it_stored_leaves_it_open() {
        let broken =
            r#"{"msg": "(psycopg2.OperationalError) server closed the connection unexpectedly"}"#;
        let headers = |message| {
            [
                ("ExceptionClass", "DatabaseException"),
                ("ExceptionMessage", message),
            ]
        };
        assert!(answer(500, &headers(broken), "").leaves_open());
        assert!(
            !answer(
                500,
                &headers(r#"{"msg": "(psycopg2.errors.DataError) too long"}"#),
                ""
            )
            .leaves_open()
        );
    }

    #[test]
    fn a_message_of_any_length_and_script_is_cut_at_a_character() {
        let error = ServerError::new(StatusCode::BAD_REQUEST, None, "é".repeat(5000));
        assert_eq!(error.gist().chars().count(), SHOWN + 1);
    }
}
