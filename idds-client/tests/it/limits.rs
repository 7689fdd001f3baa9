//! What a client may do at once, whom it asks for, and what remains of a call that is given up.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use idds_client::{Client, ClientBuilder, Error, ErrorKind, OriginalUser, Retry, Submit};
use idds_workflow::Workflow;

use crate::script::{Script, Turn};

fn builder(script: &Arc<Script>) -> ClientBuilder {
    Client::builder("http://localhost/idds").transport(Arc::clone(script))
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_on_the_way_than_allowed() {
    let script = Arc::new(Script::new([]).latency(Duration::from_millis(100)));
    let client = builder(&script).max_in_flight(3).build().expect("a client");
    let tasks: Vec<_> = (0..10)
        .map(|_| tokio::spawn(client.ping().into_future()))
        .collect();
    for task in tasks {
        task.await.expect("no panic").expect("an answer");
    }
    assert_eq!((script.most_at_once(), script.times().len()), (3, 10));
}

#[test]
fn a_client_that_may_send_nothing_is_refused() {
    let error = Client::builder("http://localhost/idds")
        .max_in_flight(0)
        .build()
        .expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

/// Polls a future once.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(Pin::new(&mut *future).poll(context))).await
}

#[tokio::test(start_paused = true)]
async fn a_call_can_be_dropped_at_any_moment() {
    let workflow = Workflow::builder()
        .name("demo")
        .build()
        .expect("a workflow");
    let mut moments = 0;
    // Refused connection, wait, lost answer, wait, look: the submission is undecided in the end.
    while moments < 1000 {
        let turns = [Turn::Fail(ErrorKind::Connect), Turn::Answer(502, None, "")];
        let script = Arc::new(Script::new(turns).latency(Duration::from_millis(1)));
        let retry = Retry::default().settle(Duration::from_secs(4));
        let client = builder(&script)
            .max_in_flight(1)
            .retry(retry)
            .build()
            .expect("a client");
        let mut call = client.requests().submit(&workflow).into_future();
        let mut is_over = false;
        for _ in 0..moments {
            is_over = is_over || poll_once(&mut call).await.is_ready();
            tokio::time::advance(Duration::from_millis(20)).await;
        }
        drop(call);
        client.ping().await.expect("the only slot is free again");
        if is_over {
            break;
        }
        moments += 1;
    }
    assert!((10..1000).contains(&moments), "{moments}");
}

#[tokio::test]
async fn a_relay_names_the_user_it_asks_for() {
    let script = Arc::new(Script::new([]));
    let relay = builder(&script).build().expect("a client");
    relay
        .on_behalf_of(&OriginalUser::new("CN=idds-test"))
        .expect("a header")
        .ping()
        .await
        .expect("an answer");
    relay.ping().await.expect("an answer");
    let names: Vec<_> = script
        .sent()
        .iter()
        .map(|request| {
            request
                .headers()
                .get("x-idds-auth-username-original")
                .map(|name| name.as_bytes().to_vec())
        })
        .collect();
    assert_eq!(names, [Some(b"CN=idds-test".to_vec()), None]);
}

#[test]
fn clients_and_calls_go_to_any_thread() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    fn sent<T: Send + 'static>(_: &T) {}
    shared::<Client>();
    shared::<Submit>();
    fn error<T: Send + Sync + 'static>() {}
    error::<Error>();
    let client = Client::builder("http://localhost/idds")
        .build()
        .expect("a client");
    sent(&client.ping().into_future());
    let workflow = Workflow::builder().build().expect("a workflow");
    let call = client.requests().submit(&workflow);
    assert_eq!(call.request().expect("a request").method(), "POST");
    sent(&call.into_future());
}
