//! What becomes of a submission whose connection breaks, and which what stands between delivers later.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_client::{BoxFuture, Client, Error, ErrorKind, Transport};
use idds_workflow::{RequestId, Work, Workflow};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// Where in the request the connection breaks, seen from the client.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cut {
    /// There is no connection.
    Before,
    /// A part of the body has not been handed over.
    Within,
    /// The whole body has been handed over.
    After,
}

/// A server behind something that breaks the connection of a submission and delivers what it has of it later.
struct Slow {
    cut: Cut,
    late: Duration,
    /// How long a look takes.
    look: Duration,
    /// Whether every connection breaks, and not the first one only.
    is_lasting: bool,
    start: Instant,
    /// When each of the requests was or will be made, and what of.
    made: Mutex<Vec<(Instant, Value)>>,
    posts: Mutex<u32>,
}

impl Slow {
    fn post(&self, body: &[u8]) -> Result<Response<Bytes>, Error> {
        let mut posts = self.posts.lock().expect("no panic");
        *posts += 1;
        let make = |at| {
            self.made
                .lock()
                .expect("no panic")
                .push((at, serde_json::from_slice(body).expect("JSON")));
        };
        if *posts > 1 && !self.is_lasting {
            make(Instant::now());
            return Ok(answer(
                &json!({"request_id": self.made.lock().expect("no panic").len()}),
            ));
        }
        match self.cut {
            Cut::Before => Err(Error::new(ErrorKind::Connect, "refused")),
            // Whatever is delivered later is no JSON, and refused.
            Cut::Within => Err(Error::new(ErrorKind::Interrupted, "broke within").cut_short()),
            Cut::After => {
                make(Instant::now() + self.late);
                Err(Error::new(ErrorKind::Interrupted, "broke after"))
            }
        }
    }

    /// Returns the requests that are there now, with their ids.
    fn there(&self) -> Vec<(usize, Value)> {
        let made = self.made.lock().expect("no panic");
        let there = made
            .iter()
            .enumerate()
            .filter(|(_, (at, _))| *at <= Instant::now());
        there
            .map(|(index, (_, body))| (index + 1, body.clone()))
            .collect()
    }

    fn get(&self, path: &str) -> Response<Bytes> {
        let there = self.there();
        let parts: Vec<&str> = path.split('/').collect();
        match parts[..] {
            ["", "idds", "request", "name", name] => {
                let named = there.iter().filter(|(_, body)| body["name"] == name);
                answer(&named.map(|(id, _)| (name.to_owned(), json!(id))).collect())
            }
            ["", "idds", "request", "null", ..] => {
                let row = |(id, body): &(usize, Value)| json!({"request_id": id, "status": 0, "name": body["name"]});
                answer(&there.iter().map(row).collect())
            }
            ["", "idds", "request", id, ..] => {
                let rows = there.iter().filter(|(it, _)| it.to_string() == id);
                answer(
                    &rows
                        .map(|(_, body)| json!({"request_metadata": body["request_metadata"]}))
                        .collect(),
                )
            }
            _ => unreachable!("{path}"),
        }
    }
}

fn answer(body: &Value) -> Response<Bytes> {
    Response::new(Bytes::from(body.to_string()))
}

impl Transport for Slow {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
        Box::pin(async move {
            if request.method() == Method::POST {
                return self.post(request.body());
            }
            // What it finds is what was there when it began.
            let answer = self.get(request.uri().path());
            sleep(self.look).await;
            Ok(answer)
        })
    }
}

/// Submits once, and says what came of it: outcome, POSTs, time until then, requests in the end.
async fn submit(server: Slow) -> (Result<RequestId, Error>, u32, Duration, usize) {
    let server = Arc::new(server);
    let client = Client::builder("http://localhost/idds")
        .transport(Arc::clone(&server))
        .build()
        .expect("a client");
    let work = Work::builder("run.sh").build().expect("a work");
    let workflow = Workflow::builder()
        .name("demo")
        .work(work)
        .build()
        .expect("a workflow");
    let outcome = client.requests().submit(&workflow).await;
    let took = server.start.elapsed();
    // Whatever is under way has arrived by then.
    sleep(Duration::from_secs(3600)).await;
    let posts = *server.posts.lock().expect("no panic");
    (outcome, posts, took, server.there().len())
}

#[tokio::test(start_paused = true)]
async fn however_late_a_submission_is_delivered_one_workflow_is_made_or_it_is_undecided() {
    let mut table = String::from(
        "\ndelivered | cut    | breaks | a look takes | outcome     | POSTs | after   | workflows\n",
    );
    for late in [0, 1, 10, 60, 300] {
        for cut in [Cut::Before, Cut::Within, Cut::After] {
            for (is_lasting, look) in [(false, 0), (false, 20), (true, 0), (true, 20)] {
                let server = Slow {
                    cut,
                    late: Duration::from_secs(late),
                    look: Duration::from_secs(look),
                    is_lasting,
                    start: Instant::now(),
                    made: Mutex::default(),
                    posts: Mutex::default(),
                };
                let (outcome, posts, took, made) = submit(server).await;
                let told = match &outcome {
                    Ok(_) => "made".to_owned(),
                    Err(error) => format!("{:?}", error.kind()),
                };
                let breaks = if is_lasting { "always" } else { "once" };
                let _ = writeln!(
                    table,
                    "{:<9} | {:<6} | {breaks:<6} | {:<12} | {told:<11} | {posts:<5} | {:<7} | {made}",
                    format!("{late} s"),
                    format!("{cut:?}").to_lowercase(),
                    format!("{look} s"),
                    format!("{:.1} s", took.as_secs_f64()),
                );
                let case = format!("{late} s, {cut:?}, {breaks}, {look} s");
                match &outcome {
                    Ok(request) => assert_eq!((request.get(), made), (1, 1), "{case}"),
                    Err(error) if error.kind() == ErrorKind::Undecided => {
                        assert!(made <= 1, "{case}");
                    }
                    Err(_) => assert_eq!(made, 0, "{case}"),
                }
                match (cut, is_lasting) {
                    // A proof that it is dead is reason enough to send it again, and nothing else is.
                    (Cut::Before | Cut::Within, false) => {
                        assert!(outcome.is_ok() && posts == 2, "{case}");
                    }
                    (Cut::Before | Cut::Within, true) => {
                        assert!(outcome.is_err() && posts == 4, "{case}");
                    }
                    // It is found when it comes while it is looked for.
                    (Cut::After, _) => {
                        assert_eq!((outcome.is_ok(), posts), (late <= 30, 1), "{case}");
                    }
                }
            }
        }
    }
    let _ = std::io::stdout().write_all(table.as_bytes());
}
