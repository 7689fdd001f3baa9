//! Every recorded exchange of the Python client with a real server, and what this client does instead.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use idds_client::{BoxFuture, Client, Error, ErrorKind, Oidc, Transport, X509};
use serde::Deserialize;
use serde_json::Value;

use crate::table::{Expect, Row, table};

#[derive(Deserialize)]
struct Recorded {
    call: String,
    request: Option<Message>,
    response: Option<Message>,
}

#[derive(Clone, Deserialize)]
struct Message {
    method: Option<String>,
    path: Option<String>,
    status: Option<u16>,
    headers: BTreeMap<String, String>,
    body: Option<String>,
    body_base64: Option<String>,
}

impl Message {
    fn body(&self) -> Vec<u8> {
        match (&self.body, &self.body_base64) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(text)) => STANDARD.decode(text).expect("base64"),
            (None, None) => Vec::new(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(it, _)| it.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Gives one answer to every request. Asked for requests before it is told something, it knows those that messages are for.
struct Echo {
    is_told: bool,
    of_messages: Option<u64>,
    answer: Message,
    sent: Mutex<Vec<Request<Bytes>>>,
}

impl Transport for Echo {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
        let is_question =
            request.method() == Method::GET && request.uri().path().starts_with("/idds/request/");
        let is_asked_before = self.is_told && is_question;
        self.sent.lock().expect("no panic").push(request);
        if is_asked_before {
            let rows = self
                .of_messages
                .map(|id| serde_json::json!({"request_id": id, "status": 2}));
            let rows = Value::from_iter(rows).to_string();
            return Box::pin(std::future::ready(Ok(Response::new(rows.into()))));
        }
        let mut response = Response::new(Bytes::from(self.answer.body()));
        *response.status_mut() =
            StatusCode::from_u16(self.answer.status.expect("a status")).expect("a status");
        for (name, value) in &self.answer.headers {
            let (name, value) = (name.parse::<HeaderName>(), HeaderValue::from_str(value));
            response
                .headers_mut()
                .append(name.expect("a name"), value.expect("a value"));
        }
        Box::pin(std::future::ready(Ok(response)))
    }
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/traffic")
}

fn recorded(name: &str) -> Recorded {
    let text = fs::read_to_string(directory().join(name).with_extension("json"))
        .expect("a recorded exchange");
    serde_json::from_str(&text).expect("an exchange")
}

/// Makes the client that would authenticate as the recorded one did.
fn client(recorded: &Message, transport: Arc<Echo>, user: &Path) -> Client {
    let is_wrapped = recorded
        .path
        .as_deref()
        .is_some_and(|path| path.ends_with("?json_outputs=true"));
    let builder = Client::builder("https://idds.example/idds")
        .transport(transport)
        .json_outputs(is_wrapped);
    let builder = match recorded.header("X-IDDS-Auth-Type") {
        Some("x509_proxy") => builder.auth(X509::file(user)),
        // The recorded tokens have expired, and an expired one is not sent.
        Some("oidc") => builder.auth(Oidc::token(
            recorded.header("X-IDDS-Auth-VO").unwrap_or("test"),
            "a.b.c",
        )),
        _ => builder,
    };
    builder.build().expect("a client")
}

/// Says how a request differs from the recorded one; none if the server cannot tell them apart.
fn difference(sent: &Request<Bytes>, recorded: &Recorded) -> Option<String> {
    let expected = recorded.request.as_ref().expect("a request");
    let line = format!("{} {}", sent.method(), sent.uri().path_and_query()?);
    let expected_line = format!(
        "{} {}",
        expected.method.as_deref()?,
        expected.path.as_deref()?
    );
    if line != expected_line {
        return Some(format!("{line}, not {expected_line}"));
    }
    // Python sends `null` where there is nothing to send.
    let value = |body: &[u8]| match serde_json::from_slice::<Value>(body) {
        Ok(Value::Null) | Err(_) if body.is_empty() || body == b"null" => Ok(Value::Null),
        Ok(value) => Ok(value),
        Err(_) => Err(body.to_vec()),
    };
    let (body, expected_body) = (value(sent.body()), value(&expected.body()));
    if body != expected_body {
        return Some(format!("body {body:?}, not {expected_body:?}"));
    }
    let header = |name: &str| {
        sent.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    if let Some(kind) = expected
        .header("Content-Type")
        .filter(|kind| Some(*kind) != header("content-type"))
    {
        return Some(format!(
            "content type {:?}, not {kind}",
            header("content-type")
        ));
    }
    if let Some(range) = expected
        .header("Range")
        .filter(|range| Some(*range) != header("range"))
    {
        return Some(format!("range {:?}, not {range}", header("range")));
    }
    let original = "X-IDDS-Auth-Username-Original";
    if expected.header(original) != header(original) {
        return Some(format!(
            "{original}: {:?}, not {:?}",
            header(original),
            expected.header(original)
        ));
    }
    // What was sent by hand has no headers of the Python client.
    let names = if recorded.call == "raw" {
        &[][..]
    } else {
        &["x-idds-auth-type", "x-idds-auth-vo"][..]
    };
    for name in names {
        if header(name) != expected.header(name) {
            return Some(format!(
                "{name}: {:?}, not {:?}",
                header(name),
                expected.header(name)
            ));
        }
    }
    let has_token = header("x-idds-auth-token").is_some();
    let is_told =
        recorded.call != "raw" && has_token != expected.header("x-idds-auth-token").is_some();
    is_told.then(|| format!("a token is sent: {has_token}"))
}

/// Says why the text of an error is not one clause without its source.
fn unfit(error: &Error) -> Option<&'static str> {
    let text = error.to_string();
    let begins_low = text
        .chars()
        .next()
        .is_some_and(|first| first.is_lowercase() || first.is_ascii_digit());
    let source = std::error::Error::source(error).map(ToString::to_string);
    match () {
        () if !begins_low => Some("it does not begin in lower case"),
        () if text.ends_with(['.', ':', ' ']) => Some("it does not end with a word"),
        () if text.contains(char::is_control) => Some("it has several lines"),
        () if error.operation().is_none() => Some("it does not say what failed"),
        () if source.is_some_and(|source| text.contains(&source)) => Some("it repeats its source"),
        () => None,
    }
}

#[test]
fn the_table_names_every_recorded_exchange_once() {
    let files: BTreeSet<String> = fs::read_dir(directory())
        .expect("the recorded traffic")
        .map(|file| file.expect("a file").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .map(|path| {
            path.file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let rows: Vec<String> = table()
        .into_iter()
        .map(|(name, _)| name.to_owned())
        .collect();
    let named: BTreeSet<String> = rows.iter().cloned().collect();
    assert_eq!(
        files.difference(&named).collect::<Vec<_>>(),
        [""; 0],
        "not in the table"
    );
    assert_eq!(
        named.difference(&files).collect::<Vec<_>>(),
        [""; 0],
        "not recorded"
    );
    assert_eq!((rows.len(), files.len()), (named.len(), 261));
}

#[tokio::test]
async fn what_is_sent_is_what_python_sends_or_differs_for_a_reason_and_every_answer_is_understood()
{
    let user = tempfile::NamedTempFile::new().expect("a file");
    let pem = |name: &str| {
        fs::read(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/pem")
                .join(name),
        )
        .expect("a part")
    };
    fs::write(user.path(), [pem("user.crt"), pem("user.key")].concat()).expect("written");

    let mut failures = Vec::new();
    for (name, row) in table() {
        let recorded = recorded(name);
        let (Some(request), Some(answer)) = (&recorded.request, &recorded.response) else {
            match row {
                Row::NeverSent(reason) => assert!(!reason.is_empty()),
                _ => failures.push(format!("{name}: nothing was recorded")),
            }
            continue;
        };
        let is_told = request.method.as_deref() != Some("GET");
        let of_messages = request
            .path
            .as_deref()
            .and_then(|path| path.strip_prefix("/idds/message/"));
        let of_messages = of_messages.and_then(|path| path.split('/').next()?.parse().ok());
        let echo = || {
            Arc::new(Echo {
                is_told,
                of_messages,
                answer: answer.clone(),
                sent: Mutex::default(),
            })
        };
        let last = |echo: &Echo| {
            echo.sent
                .lock()
                .expect("no panic")
                .last()
                .map(|sent| difference(sent, &recorded))
        };
        let (call, expect, is_same) = match row {
            Row::Same(call, expect) => (call, expect, true),
            Row::Differs(reason, call, expect) => {
                assert!(!reason.is_empty());
                (call, expect, false)
            }
            Row::Refused(reason, refused, call, expect) => {
                assert!(!reason.is_empty());
                let unused = echo();
                match refused(client(request, unused.clone(), user.path())).await {
                    Err(error)
                        if error.kind() == ErrorKind::Argument && last(&unused).is_none() => {}
                    other => {
                        failures.push(format!("{name}: not refused before sending: {other:?}"));
                    }
                }
                (call, expect, false)
            }
            Row::NeverSent(_) => {
                failures.push(format!("{name}: something was recorded"));
                continue;
            }
        };
        let echo = echo();
        let outcome = call(client(request, echo.clone(), user.path())).await;
        match (last(&echo), is_same) {
            (None, _) => failures.push(format!("{name}: nothing was sent: {outcome:?}")),
            (Some(Some(difference)), true) => failures.push(format!("{name}: sends {difference}")),
            (Some(None), false) => failures.push(format!(
                "{name}: sends what was recorded, so it is no difference"
            )),
            _ => {}
        }
        if let Err(error) = &outcome {
            failures.extend(unfit(error).map(|why| format!("{name}: {why}: {error}")));
        }
        match (outcome, expect) {
            (Ok(()), Expect::Answer) => {}
            (Err(error), Expect::Error(kind)) if error.kind() == kind => {}
            (outcome, expect) => {
                failures.push(format!("{name}: {outcome:?} where {expect:?} is expected"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
