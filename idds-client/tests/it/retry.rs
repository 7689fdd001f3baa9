//! What is sent again, when, and what the error says of it.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use idds_client::{Client, ErrorKind, Retry};
use idds_workflow::RequestId;
use tokio::time::Instant;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

use crate::script::{BUSY, OK, Script, Turn};

fn client(script: &Arc<Script>, retry: Retry) -> Client {
    Client::builder("http://localhost/idds")
        .transport(Arc::clone(script))
        .retry(retry)
        .build()
        .expect("a client")
}

fn script(turns: impl IntoIterator<Item = Turn>) -> Arc<Script> {
    Arc::new(Script::new(turns))
}

#[tokio::test(start_paused = true)]
async fn a_call_is_sent_again_until_it_succeeds() {
    let script = script([
        Turn::Fail(ErrorKind::Connect),
        BUSY,
        Turn::Fail(ErrorKind::Interrupted),
        OK,
    ]);
    client(&script, Retry::default())
        .ping()
        .await
        .expect("the fourth attempt");
    let times = script.times();
    assert_eq!(times.len(), 4);
    let waits: Vec<u128> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (wait, longest) in waits.iter().zip([250, 500, 1000]) {
        assert!((longest / 2..=longest + 2).contains(wait), "{waits:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_says_what_was_sent_how_often() {
    let script = script([BUSY, BUSY, BUSY, BUSY]);
    let error = client(&script, Retry::default())
        .ping()
        .await
        .expect_err("down");
    assert_eq!(
        (error.kind(), error.attempts(), script.times().len()),
        (ErrorKind::Unavailable, 4, 4)
    );
    assert_eq!(error.request(), Some((&Method::GET, "/ping")));
    assert_eq!(
        error.to_string(),
        "ping failed in 4 attempts: http://localhost/idds cannot serve GET /ping now (503)"
    );
}

#[tokio::test(start_paused = true)]
async fn a_loss_is_reported_again_and_a_refusal_is_not() {
    let script = script([
        Turn::Fail(ErrorKind::Timeout),
        Turn::Answer(500, None, "<title>Internal Error</title>"),
    ]);
    let client = client(&script, Retry::default());
    let error = client
        .hpo()
        .update(RequestId::new(7), &"1".into(), 0.5)
        .await
        .expect_err("refused");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Refused, 2));
}

#[tokio::test(start_paused = true)]
async fn the_server_is_asked_again_when_it_wants_to() {
    let wait = |value| Turn::Answer(429, Some(("retry-after", value)), "");
    let asking = script([wait("7"), OK]);
    client(&asking, Retry::default())
        .ping()
        .await
        .expect("an answer");
    assert!(
        (7_000..7_300).contains(&asking.times()[1]),
        "{:?}",
        asking.times()
    );

    let closed = script([wait("3600")]);
    let error = client(&closed, Retry::default())
        .ping()
        .await
        .expect_err("closed for an hour");
    assert_eq!(
        (error.attempts(), error.retry_after()),
        (1, Some(Duration::from_secs(3600)))
    );
}

#[tokio::test(start_paused = true)]
async fn clones_share_what_they_may_spend_on_retries() {
    let script = script((0..100).map(|_| BUSY));
    let client = client(&script, Retry::default().budget(5));
    for _ in 0..10 {
        client.clone().ping().await.expect_err("down");
    }
    assert_eq!(script.times().len(), 10 + 5);
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_deadline() {
    let hanging = script([BUSY, Turn::Hang]);
    let client = client(&hanging, Retry::default()).within(Duration::from_secs(5));
    let start = Instant::now();
    let error = client.ping().await.expect_err("no answer");
    assert_eq!(
        (error.kind(), error.attempts(), start.elapsed().as_secs()),
        (ErrorKind::Timeout, 2, 5)
    );
    assert_eq!(
        error.to_string(),
        "ping failed in 2 attempts: the 5s that the call may take are over"
    );
    let source = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(
        source.as_deref(),
        Some("ping failed: http://localhost/idds cannot serve GET /ping now (503)")
    );
}

#[tokio::test(start_paused = true)]
async fn no_retry_begins_that_could_not_end_in_time() {
    let script = script([BUSY]);
    let client = client(&script, Retry::default()).within(Duration::from_millis(100));
    let error = client.ping().await.expect_err("down");
    assert_eq!(
        (error.kind(), script.times().len()),
        (ErrorKind::Unavailable, 1)
    );
}

/// Keeps the spans that are opened, with their fields.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<String>>>);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0 += &format!(" {}={value:?}", field.name());
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("idds")
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let mut text = Text(span.metadata().name().to_owned());
        span.record(&mut text);
        let mut spans = self.0.lock().expect("no panic");
        spans.push(text.0);
        span::Id::from_u64(spans.len() as u64)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[tokio::test(start_paused = true)]
async fn each_attempt_has_a_span() {
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(spans.clone());
    client(&script([BUSY, OK]), Retry::default())
        .ping()
        .await
        .expect("an answer");
    let spans = spans.0.lock().expect("no panic").clone();
    assert_eq!(
        spans,
        [
            "idds operation=\"ping\" method=GET path=\"/ping\"",
            "attempt number=1",
            "attempt number=2"
        ]
    );
}
