//! A server that loses what it is given in every way, and remembers what it made.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_client::{BoxFuture, Error, ErrorKind, Transport};
use serde_json::{Value, json};

/// What becomes of a POST.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// It does not arrive, and nobody knows that.
    Before(ErrorKind),
    /// It does not arrive, and the transport knows that it will not.
    CutShort(ErrorKind),
    /// It arrives, and the answer does not.
    After(ErrorKind),
    /// It is answered with this page, having been worked on or not.
    Page(u16, bool),
    /// The server refuses it.
    Exception,
}

/// A server that keeps what it is given, with its name, in the order of ids.
#[derive(Default)]
pub(crate) struct Server {
    pub(crate) faults: Mutex<VecDeque<Fault>>,
    pub(crate) requests: Mutex<Vec<(String, Value)>>,
    pub(crate) log: Mutex<Vec<String>>,
    pub(crate) is_blind: bool,
}

impl Server {
    pub(crate) fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self {
            faults: Mutex::new(faults.into_iter().collect()),
            ..Self::default()
        }
    }

    /// Knows a request already.
    pub(crate) fn with(self, name: &str, body: Value) -> Self {
        lock(&self.requests).push((name.to_owned(), body));
        self
    }

    fn post(&self, body: &[u8]) -> Result<Response<Bytes>, Error> {
        let body: Value = serde_json::from_slice(body).expect("JSON");
        let make = || {
            if body.pointer(
                "/request_metadata/workflow/attributes/template/attributes/_is_workflow_step",
            ) == Some(&Value::Bool(true))
            {
                return 0;
            }
            let mut requests = lock(&self.requests);
            requests.push((
                body["name"].as_str().unwrap_or("made up").to_owned(),
                body.clone(),
            ));
            requests.len()
        };
        let fault = lock(&self.faults).pop_front();
        match fault {
            None => Ok(answer(200, &json!({ "request_id": make() }))),
            Some(Fault::Before(kind)) => Err(Error::new(kind, "broken")),
            Some(Fault::CutShort(kind)) => Err(Error::new(kind, "broken").cut_short()),
            Some(Fault::After(kind)) => {
                make();
                Err(Error::new(kind, "broken"))
            }
            Some(Fault::Page(status, is_made)) => {
                if is_made {
                    make();
                }
                Ok(Response::builder()
                    .status(status)
                    .body(Bytes::from("<title>Error</title>"))
                    .expect("a page"))
            }
            Some(Fault::Exception) => {
                let response = Response::builder()
                    .status(500)
                    .header("ExceptionClass", "DatabaseException");
                Ok(response.body(Bytes::new()).expect("a response"))
            }
        }
    }

    fn get(&self, path: &str) -> Response<Bytes> {
        let requests = lock(&self.requests);
        let parts: Vec<&str> = path.split('/').collect();
        match parts[..] {
            _ if self.is_blind => answer(404, &json!(null)),
            ["", "idds", "request", "name", name] => {
                let found = requests
                    .iter()
                    .enumerate()
                    .filter(|(_, (it, _))| it == name);
                answer(
                    200,
                    &found
                        .map(|(index, (name, _))| (name.clone(), json!(index + 1)))
                        .collect(),
                )
            }
            ["", "idds", "request", "null", workload, ..] => {
                let is_of = |body: &Value| {
                    let of = &body["request_metadata"]["workload_id"];
                    workload == "null"
                        || *of == json!(workload.parse::<u32>().expect("a workload id"))
                };
                let rows = requests
                    .iter()
                    .enumerate()
                    .filter(|(_, (_, body))| is_of(body));
                let row = |(index, (name, _)): (usize, &(String, Value))| json!({ "request_id": index + 1, "status": 2, "name": name });
                answer(200, &rows.map(row).collect())
            }
            ["", "idds", "request", id, "null", ..] => {
                let (_, body) = &requests[id.parse::<usize>().expect("an id") - 1];
                answer(
                    200,
                    &json!([{ "request_metadata": body["request_metadata"] }]),
                )
            }
            _ => answer(200, &json!({ "Status": "OK" })),
        }
    }

    pub(crate) fn made(&self) -> usize {
        lock(&self.requests).len()
    }

    pub(crate) fn posts(&self) -> usize {
        self.count("POST")
    }

    /// Counts what was sent whose line begins like this.
    pub(crate) fn count(&self, start: &str) -> usize {
        lock(&self.log)
            .iter()
            .filter(|line| line.starts_with(start))
            .count()
    }
}

impl Transport for Server {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
        lock(&self.log).push(format!("{} {}", request.method(), request.uri().path()));
        let answer = match *request.method() {
            Method::POST => self.post(request.body()),
            _ => Ok(self.get(request.uri().path())),
        };
        Box::pin(std::future::ready(answer))
    }
}

fn answer(status: u16, body: &Value) -> Response<Bytes> {
    Response::builder()
        .status(status)
        .body(Bytes::from(body.to_string()))
        .expect("a response")
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no panic")
}
