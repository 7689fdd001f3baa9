//! A transport that replays recorded answers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::{BoxFuture, Transport};
use crate::{Error, ErrorKind};

/// A transport for tests that gives recorded answers and fails on every request that was not recorded.
///
/// A request takes the first exchange that is left with its method and path, so each exchange is used once, and what
/// is polled is answered in the order of recording.
///
/// ```
/// use std::sync::Arc;
///
/// use idds_client::{Client, Exchange, Replay};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let replay = Arc::new(Replay::new([Exchange::new("GET", "/idds/ping", 200, r#"{"Status": "OK"}"#)]));
/// let client = Client::builder("https://idds.example/idds").transport(replay.clone()).build()?;
/// client.ping().await?;
/// assert_eq!(replay.sent().len(), 1);
/// assert_eq!(client.ping().await.unwrap_err().to_string(), "ping failed: no answer to GET /idds/ping is left in the replay");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Replay {
    left: Mutex<Vec<Exchange>>,
    sent: Mutex<Vec<Request<Bytes>>>,
}

/// A request and its answer.
///
/// It can be read from JSON: `{"request": {"method", "path"}, "response": {"status", "headers", "body"}}`, where
/// `body_base64` may stand for `body`; other keys are ignored.
#[derive(Clone, Debug, Deserialize)]
pub struct Exchange {
    request: Asked,
    response: Answered,
}

#[derive(Clone, Debug, Deserialize)]
struct Asked {
    method: String,
    path: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Answered {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    #[serde(default, deserialize_with = "base64_bytes")]
    body_base64: Option<Bytes>,
}

fn base64_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Bytes>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    STANDARD
        .decode(text)
        .map(|bytes| Some(bytes.into()))
        .map_err(D::Error::custom)
}

impl Replay {
    /// Makes a transport that knows these exchanges.
    pub fn new(exchanges: impl IntoIterator<Item = Exchange>) -> Self {
        Self {
            left: Mutex::new(exchanges.into_iter().collect()),
            sent: Mutex::default(),
        }
    }

    /// Returns every request so far, in order, as it would have gone out.
    pub fn sent(&self) -> Vec<Request<Bytes>> {
        lock(&self.sent).clone()
    }

    fn answer(&self, method: &Method, uri: &Uri) -> Result<Response<Bytes>, Error> {
        let path = uri.path_and_query().map_or("", |path| path.as_str());
        let mut left = lock(&self.left);
        match left
            .iter()
            .position(|exchange| exchange.is_for(method, path))
        {
            Some(index) => left.remove(index).response.into_http(),
            None => Err(unrecorded(format!(
                "no answer to {method} {path} is left in the replay"
            ))),
        }
    }
}

impl Exchange {
    /// Records an answer without headers; `path` is the whole path of the address, with the query if there is one.
    pub fn new(method: &str, path: &str, status: u16, body: &str) -> Self {
        Self {
            request: Asked {
                method: method.to_owned(),
                path: path.to_owned(),
            },
            response: Answered {
                status,
                headers: BTreeMap::new(),
                body: Some(body.to_owned()),
                body_base64: None,
            },
        }
    }

    fn is_for(&self, method: &Method, path: &str) -> bool {
        self.request.method == method.as_str() && self.request.path == path
    }
}

impl Answered {
    fn into_http(self) -> Result<Response<Bytes>, Error> {
        let wrong =
            || unrecorded("a recorded answer has an impossible status or header".to_owned());
        let body = self
            .body_base64
            .or_else(|| self.body.map(Bytes::from))
            .unwrap_or_default();
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).map_err(|error| wrong().caused_by(error))?;
        for (name, value) in self.headers {
            let name: HeaderName = name.parse().map_err(|error| wrong().caused_by(error))?;
            let value = HeaderValue::from_str(&value).map_err(|error| wrong().caused_by(error))?;
            response.headers_mut().append(name, value);
        }
        Ok(response)
    }
}

impl Transport for Replay {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
        let answer = self.answer(request.method(), request.uri());
        lock(&self.sent).push(request);
        Box::pin(std::future::ready(answer))
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Replay({} left, {} sent)",
            lock(&self.left).len(),
            lock(&self.sent).len()
        )
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unrecorded(what: String) -> Error {
    Error::new(ErrorKind::Configuration, what)
}

#[cfg(test)]
pub(crate) mod recorded {
    //! Exchanges of the Python client with a real server, for the tests of calls.

    use std::fs;

    use serde_json::Value;

    use super::*;
    use crate::call::Endpoint;
    use crate::{Call, Client};

    /// Makes a client for calls that are looked at and not sent.
    pub(crate) fn client() -> Client {
        client_of(Replay::default())
    }

    /// Makes a client of a server that answers so.
    pub(crate) fn client_of(replay: impl Transport + 'static) -> Client {
        Client::builder("https://idds.example/idds")
            .transport(replay)
            .retry(crate::Retry::none())
            .build()
            .expect("a client")
    }

    /// Records the answer to `OPTIONS`: the methods that are allowed, or that there is no such route.
    pub(crate) fn allowing(path: &str, methods: Option<&str>) -> Exchange {
        let mut exchange = Exchange::new("OPTIONS", &format!("/idds{path}"), 404, "");
        if let Some(methods) = methods {
            exchange.response.status = 200;
            exchange
                .response
                .headers
                .insert("Allow".to_owned(), methods.to_owned());
        }
        exchange
    }

    /// Loads a recorded exchange.
    pub(crate) fn exchange(name: &str) -> Exchange {
        serde_json::from_value(file(name)).expect("an exchange")
    }

    /// Returns the text that the Python client made of a recorded answer; it is recorded as a literal of Python.
    pub(crate) fn python_result(name: &str) -> String {
        file(name)["result"]
            .as_str()
            .expect("a recorded result")
            .trim_matches('\'')
            .replace("\\n", "\n")
    }

    fn file(name: &str) -> Value {
        let path = format!(
            "{}/../tests/traffic/{name}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        serde_json::from_str(&fs::read_to_string(path).expect("a recorded exchange")).expect("JSON")
    }

    /// Checks that a call sends what was recorded, and reads the recorded answer with it.
    pub(crate) fn replay<T, S: Endpoint>(
        call: &Call<T, S>,
        name: &str,
    ) -> Result<S::Answer, Error> {
        let exchange = exchange(name);
        let request = call.request().expect("a request");
        let asked = (request.method().as_str(), format!("/idds{}", request.uri()));
        assert_eq!(
            asked,
            (exchange.request.method.as_str(), exchange.request.path)
        );
        call.answer(&exchange.response.into_http()?)
    }

    /// Checks that a call sends the recorded body, as a JSON value.
    pub(crate) fn assert_sends<T, S: Endpoint>(call: &Call<T, S>, name: &str) {
        let recorded = file(name);
        let body = recorded["request"]["body"]
            .as_str()
            .expect("a recorded body");
        let request = call.request().expect("a request");
        let sent: Value = serde_json::from_slice(request.body()).expect("a JSON body");
        assert_eq!(sent, serde_json::from_str::<Value>(body).expect("JSON"));
    }

    /// Reads this text with a call, as a successful answer.
    pub(crate) fn read<T, S: Endpoint>(
        call: &Call<T, S>,
        body: &'static str,
    ) -> Result<S::Answer, Error> {
        call.answer(&Response::new(Bytes::from_static(body.as_bytes())))
    }
}
