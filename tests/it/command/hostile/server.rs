//! A server that puts what steers a terminal into all that it says.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Response, Uri};
use serde_json::{Value, json};

use super::Failure;
use crate::support::http;

/// Makes text red, hides it, sets the title, clears the screen, begins a line, and turns the direction of writing.
pub(super) const HOSTILE: &str = "\u{1b}[31mmine\u{1b}[8m\u{1b}]0;title\u{7}\u{1b}[2J\r\nFORGED\tb\u{9b}31m\u{202e}c\u{7f}\u{200b}";

/// What of that a header can hold.
const IN_HEADER: &str = "mine\tb\u{9b}31m\u{202e}c\u{85}\u{200b}";

/// What it says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    /// What steers a terminal.
    Hostile,
    /// The secrets of the request, whole and in parts.
    Secrets,
}

/// What is said in an answer: in a text, and in a header.
struct Words {
    text: String,
    header: String,
}

impl Words {
    fn of(what: What, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Self {
        if what == What::Hostile {
            return Self {
                text: HOSTILE.to_owned(),
                header: IN_HEADER.to_owned(),
            };
        }
        let token = headers
            .get("x-idds-auth-token")
            .and_then(|it| it.to_str().ok())
            .unwrap_or_default();
        let parts = [&token[..token.len() / 2], &token[token.len() / 3..]];
        let body = if uri.path().starts_with("/idds/auth/") {
            String::from_utf8_lossy(body)
        } else {
            "".into()
        };
        let header = format!("no {token} {}... {}", parts[0], parts[1]);
        Self {
            text: format!("{header} {} {body}", uri.path()),
            header,
        }
    }
}

/// How it says it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Manner {
    /// In the strings of answers of a good server, after what they say.
    Values,
    /// Instead of what they say.
    Instead,
    /// In the names of members, too.
    Names,
    /// Behind them, in a text of 100,000 characters.
    Long,
    /// In an answer of another shape.
    Shape,
    /// In what is no JSON.
    Text,
    Page,
    /// In a failure as iDDS tells it, with the message in JSON.
    Refusal,
    /// In the headers of a failure themselves.
    Headers,
    /// In the page of a failure.
    FailurePage(u16),
    Redirect,
}

impl Manner {
    pub(super) const ALL: [Self; 11] = [
        Self::Values,
        Self::Instead,
        Self::Names,
        Self::Shape,
        Self::Text,
        Self::Page,
        Self::Refusal,
        Self::Headers,
        Self::FailurePage(404),
        Self::FailurePage(500),
        Self::Redirect,
    ];
}

/// Starts one before a good server, and returns its address.
pub(super) async fn start(good: &str, manner: Manner, what: What) -> Result<String, Failure> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/idds", listener.local_addr()?);
    let origin = good.trim_end_matches("/idds").to_owned();
    let state = Arc::new((origin, http::plain().build()?, manner, what));
    let router = Router::new().fallback(answer).with_state(state);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn answer(
    State(state): State<Arc<(String, reqwest::Client, Manner, What)>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let (origin, client, manner, what) = &*state;
    let words = Words::of(*what, &uri, &headers, &body);
    match said(*manner, &words) {
        Ok(Some(response)) => return response,
        Ok(None) => {}
        Err(error) => panic!("{error}"),
    }
    let mut request = client.request(method, format!("{origin}{uri}")).body(body);
    for name in ["content-type", "x-idds-server-token"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await.expect("the good server answers");
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.expect("all of its answer");
    let body = match serde_json::from_slice(&body) {
        Ok(value) => Bytes::from(soiled(value, *manner, &words.text).to_string()),
        Err(_) => body,
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    for (name, value) in &headers {
        if !["content-length", "content-encoding", "transfer-encoding"].contains(&name.as_str()) {
            response.headers_mut().append(name, value.clone());
        }
    }
    response
}

/// Returns what is said without asking the good server.
fn said(manner: Manner, words: &Words) -> Result<Option<Response<Body>>, Failure> {
    let header = || HeaderValue::from_bytes(words.header.as_bytes());
    let (response, text) = (Response::builder(), &words.text);
    Ok(Some(match manner {
        Manner::Values | Manner::Instead | Manner::Names | Manner::Long => return Ok(None),
        Manner::Shape => response.body(json!({ text: [text] }).to_string().into())?,
        Manner::Text => response.body(format!("mine {text}").into())?,
        Manner::Page => response.body(format!("<html><title>{text}</title>").into())?,
        Manner::Refusal => response
            .status(500)
            .header("ExceptionClass", "IDDSException")
            .header(
                "ExceptionMessage",
                json!({ "msg": text }).to_string().replace('\u{7f}', ""),
            )
            .body(Body::empty())?,
        Manner::Headers => response
            .status(500)
            .header("ExceptionClass", header()?)
            .header("ExceptionMessage", header()?)
            .body(Body::empty())?,
        Manner::FailurePage(status) => response
            .status(status)
            .body(format!("<title>{text}</title>").into())?,
        Manner::Redirect => {
            let place = HeaderValue::from_bytes(format!("https://x/{}", words.header).as_bytes())?;
            response
                .status(302)
                .header("Location", place)
                .body(Body::empty())?
        }
    }))
}

fn soiled(value: Value, manner: Manner, words: &str) -> Value {
    match value {
        Value::String(_) if manner == Manner::Instead => words.into(),
        Value::String(text) if manner == Manner::Long => (text + &words.repeat(3000)).into(),
        Value::String(text) => format!("{text}{words}").into(),
        Value::Array(items) => items
            .into_iter()
            .map(|item| soiled(item, manner, words))
            .collect(),
        Value::Object(members) => {
            let more = (manner == Manner::Names).then(|| (words.to_owned(), Value::from(words)));
            members
                .into_iter()
                .map(|(name, member)| (name, soiled(member, manner, words)))
                .chain(more)
                .collect()
        }
        other => other,
    }
}
