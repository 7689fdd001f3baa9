//! What reaches a server, and what its failures look like.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use idds_client::{Client, ErrorKind, Oidc, Retry};
use idds_workflow::{RequestId, Workflow};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(crate) const WELL: &str = "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"Status\": \"OK\"}";

/// Starts a server for one connection, on which it gives this answer; it ends with the head of the request.
async fn server(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("http://{}/idds", listener.local_addr().expect("an address"));
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let head = head(&mut stream).await;
        stream.write_all(answer.as_bytes()).await.expect("sent");
        head
    });
    (host, task)
}

pub(crate) async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a byte"));
    }
    String::from_utf8(head).expect("text")
}

fn client(host: &str) -> Client {
    Client::builder(host)
        .retry(Retry::none())
        .build()
        .expect("a client")
}

#[tokio::test]
async fn a_client_without_credential_says_nothing_about_itself() {
    let (host, task) = server(WELL).await;
    client(&host).ping().await.expect("an answer");
    let head = task.await.expect("a request").to_lowercase();
    assert!(head.starts_with("get /idds/ping http/1.1\r\n"), "{head}");
    assert!(!head.contains("x-idds-auth"), "{head}");
}

#[tokio::test]
async fn a_token_goes_into_the_headers_of_the_server() {
    let (host, task) = server(WELL).await;
    let client = Client::builder(host)
        .auth(Oidc::token("atlas", "my.token\n"))
        .build()
        .expect("a client");
    client.ping().await.expect("an answer");
    let head = task.await.expect("a request").to_lowercase();
    for line in [
        "x-idds-auth-type: oidc\r\n",
        "x-idds-auth-vo: atlas\r\n",
        "x-idds-auth-token: my.token\r\n",
    ] {
        assert!(head.contains(line), "{head}");
    }
}

#[tokio::test]
async fn a_token_is_not_sent_unencrypted_over_a_network() {
    let builder = Client::builder("http://idds.example/idds").auth(Oidc::token("atlas", "t"));
    let error = builder.build().expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "a token is not sent unencrypted to http://idds.example/idds, which is not https"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("http://{}/idds", listener.local_addr().expect("an address"));
    drop(listener);
    let workflow = Workflow::builder()
        .name("demo")
        .build()
        .expect("a workflow");
    let error = client(&host)
        .requests()
        .submit(&workflow)
        .await
        .expect_err("nobody there");
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(
        error.to_string(),
        format!("submit failed: no iDDS server answers at {host}: connection refused")
    );
    let source = std::error::Error::source(&error).expect("a source");
    assert!(
        source.to_string().starts_with("Connection refused"),
        "{source}"
    );
    assert!(error.is_retryable());
}

#[tokio::test]
async fn an_answer_that_is_cut_can_be_asked_for_again_if_that_is_harmless() {
    let (host, _task) = server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Status\":").await;
    let error = client(&host).ping().await.expect_err("cut");
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::Interrupted, true)
    );
}

#[tokio::test]
async fn a_silent_server_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("http://{}/idds", listener.local_addr().expect("an address"));
    let client = Client::builder(&host)
        .timeout(Duration::from_millis(20))
        .retry(Retry::none())
        .build()
        .expect("a client");
    let error = client
        .hpo()
        .get(RequestId::new(1))
        .await
        .expect_err("no answer");
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::Timeout, true)
    );
    assert_eq!(
        error.to_string(),
        format!("get hyperparameters failed: {host} gave no answer within 20ms")
    );
}

#[tokio::test]
async fn a_gateway_without_a_server_can_be_asked_again() {
    let page = "HTTP/1.1 503 \r\nContent-Length: 32\r\n\r\n<title>Service Unavailable</title>";
    let (host, _task) = server(page).await;
    let error = client(&host).ping().await.expect_err("unavailable");
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::Unavailable, true)
    );
}

#[tokio::test]
async fn a_user_without_a_credential_is_told_so() {
    let refusal =
        "HTTP/1.1 401 \r\nExceptionMessage: User DN cannot be found.\r\nContent-Length: 0\r\n\r\n";
    let (host, _task) = server(refusal).await;
    let error = client(&host).ping().await.expect_err("refused");
    assert_eq!(
        error.to_string(),
        "ping failed: the server does not allow it to this user: User DN cannot be found, \
         and no certificate or token was sent"
    );
}

#[tokio::test]
async fn calls_one_after_the_other_share_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("http://{}/idds", listener.local_addr().expect("an address"));
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                loop {
                    head(&mut stream).await;
                    stream.write_all(WELL.as_bytes()).await.expect("sent");
                }
            });
        }
    });
    let client = Client::builder(host)
        .max_in_flight(1)
        .build()
        .expect("a client");
    let calls: Vec<_> = (0..8)
        .map(|_| tokio::spawn(client.ping().into_future()))
        .collect();
    for call in calls {
        call.await.expect("no panic").expect("an answer");
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}
