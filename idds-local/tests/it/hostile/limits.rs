//! Clients that stand still, or are many.

use std::time::Duration;

use idds_local::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::http::{exchange, get, send};

/// What a client has that stands still in a test.
const SHORT: Duration = Duration::from_millis(60);

/// Far less than a server would wait by itself, and far more than a test takes.
const SOON: Duration = Duration::from_secs(10);

const HALF_HEAD: &[u8] = b"GET /idds/ping HTTP/1.1\r\nHost: local";
const HALF_BODY: &[u8] =
    b"POST /idds/request HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{\"request";
const PING: &[u8] = b"GET /idds/ping HTTP/1.1\r\nHost: localhost\r\n\r\n";

async fn connected(server: &Server, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.local_addr())
        .await
        .expect("the server listens");
    stream.write_all(bytes).await.expect("sent");
    stream
}

/// Reads until the server closes, and returns what it said.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that is closed with something unread in it is reset.
    let _ = timeout(SOON, stream.read_to_end(&mut bytes))
        .await
        .expect("it is closed in time");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads one answer to a ping, and leaves the connection open.
async fn pong(stream: &mut TcpStream) {
    let mut bytes = vec![0; 4096];
    let length = timeout(SOON, stream.read(&mut bytes))
        .await
        .expect("an answer in time")
        .expect("an answer");
    let text = String::from_utf8_lossy(&bytes[..length]);
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
}

#[tokio::test]
async fn a_head_that_does_not_come_loses_the_connection() {
    let server = Server::builder()
        .without_token()
        .client_timeout(SHORT)
        .start()
        .await
        .expect("a server");
    for head in [
        &b""[..],
        b"G",
        HALF_HEAD,
        b"PRI * HTTP/2.0\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let answer = rest(connected(&server, head).await).await;
        assert!(!answer.contains("HTTP/1.1"), "{answer}");
    }
    let mut second = connected(&server, PING).await;
    pong(&mut second).await;
    second.write_all(HALF_HEAD).await.expect("sent");
    assert_eq!(rest(second).await, "");
    assert_eq!(get(&server, "/ping").await.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_answered() {
    let server = Server::builder()
        .without_token()
        .client_timeout(SHORT)
        .start()
        .await
        .expect("a server");
    let chunked = "POST /idds/cacher/f HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel";
    for half in [HALF_BODY, chunked.as_bytes()] {
        let answer = rest(connected(&server, half).await).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(
            answer.contains("the body did not come within 60ms"),
            "{answer}"
        );
    }
    assert_eq!(
        get(&server, "/cacher/f").await.status,
        500,
        "of half a file there is none"
    );
}

#[tokio::test]
async fn a_body_that_keeps_coming_may_take_longer() {
    let server = Server::builder()
        .without_token()
        .client_timeout(SHORT)
        .start()
        .await
        .expect("a server");
    let body = vec![b'x'; 1 << 20];
    assert_eq!(
        send(&server, "POST", "/idds/cacher/f", &[], &body)
            .await
            .status,
        200
    );
    assert_eq!(get(&server, "/cacher/f").await.bytes, body);
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_one_that_is_used_is_kept() {
    let server = Server::builder()
        .without_token()
        .idle_timeout(SHORT)
        .start()
        .await
        .expect("a server");
    let mut stream = connected(&server, PING).await;
    pong(&mut stream).await;
    stream.write_all(PING).await.expect("sent");
    pong(&mut stream).await;
    assert_eq!(rest(stream).await, "");
}

#[tokio::test]
async fn an_answer_that_is_not_read_loses_the_connection() {
    let server = Server::builder()
        .without_token()
        .client_timeout(SHORT)
        .start()
        .await
        .expect("a server");
    // More than the system takes for a client that does not read.
    let body = vec![b'x'; 32 << 20];
    assert_eq!(
        send(&server, "POST", "/idds/cacher/f", &[], &body)
            .await
            .status,
        200
    );
    let mut stream = connected(
        &server,
        b"GET /idds/cacher/f HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )
    .await;
    // When another one is over its time, so is this one, which was there before.
    assert_eq!(rest(connected(&server, HALF_HEAD).await).await, "");
    assert_eq!(rest(connected(&server, HALF_HEAD).await).await, "");
    let mut bytes = Vec::new();
    let _ = timeout(SOON, stream.read_to_end(&mut bytes))
        .await
        .expect("it is closed in time");
    assert!(bytes.len() < body.len(), "{} bytes", bytes.len());
}

#[tokio::test]
async fn a_good_client_is_served_beside_more_slow_ones_than_there_may_be() {
    let server = Server::builder()
        .without_token()
        .max_connections(8)
        .start()
        .await
        .expect("a server");
    let mut slow = Vec::new();
    for number in 0..100 {
        slow.push(
            connected(
                &server,
                if number % 2 == 0 {
                    HALF_HEAD
                } else {
                    HALF_BODY
                },
            )
            .await,
        );
        assert_eq!(
            timeout(SOON, get(&server, "/ping"))
                .await
                .expect("in time")
                .status,
            200,
            "{number}"
        );
    }
    // Those that came first had to go.
    assert_eq!(rest(slow.swap_remove(0)).await, "");
}

#[tokio::test]
async fn all_are_served_in_turn_where_few_may_be_at_once() {
    let server = Server::builder()
        .without_token()
        .max_connections(1)
        .start()
        .await
        .expect("a server");
    let address = server.local_addr();
    let ping = b"GET /idds/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let all = (0..50).map(|_| exchange(address, ping));
    for reply in futures::future::join_all(all).await {
        assert_eq!(reply.status, 200);
    }
}

#[tokio::test]
async fn a_client_that_has_closed_its_half_is_answered() {
    let server = Server::builder()
        .without_token()
        .start()
        .await
        .expect("a server");
    let mut stream = connected(&server, PING).await;
    stream.shutdown().await.expect("closed");
    assert!(rest(stream).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_server_ends_promptly_and_leaves_nothing_whatever_clients_do() {
    let server = Server::builder()
        .without_token()
        .start()
        .await
        .expect("a server");
    let directory = server
        .temporary_directory()
        .expect("its data is in memory")
        .to_owned();
    assert!(directory.exists());
    let mut open = Vec::new();
    for bytes in [
        b"",
        HALF_HEAD,
        HALF_BODY,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        open.push(connected(&server, bytes).await);
    }
    let mut idle = connected(&server, PING).await;
    pong(&mut idle).await;
    timeout(SOON / 3, server.shutdown())
        .await
        .expect("it ends in time");
    assert!(!directory.exists());
    for stream in open {
        rest(stream).await;
    }
    assert_eq!(rest(idle).await, "");
}
