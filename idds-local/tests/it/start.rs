//! Starting and ending a server.

use idds_local::{ErrorKind, Server};
use tokio::net::TcpStream;

use crate::http::{get, post, send, send_plain};

#[tokio::test]
async fn an_address_that_others_can_reach_must_be_allowed() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let address = address.parse().expect("an address");
        let error = Server::builder()
            .bind(address)
            .start()
            .await
            .expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::Remote);
        assert_eq!(
            error.to_string(),
            format!(
                "address {address} can be reached from other machines; use 127.0.0.1, or allow_remote()"
            )
        );
    }
    let builder = Server::builder().bind("0.0.0.0:0".parse().expect("an address"));
    assert!(builder.allow_remote().start().await.is_ok());
}

#[tokio::test]
async fn a_taken_port_is_an_error() {
    let server = Server::builder().start().await.expect("a server");
    let error = Server::builder()
        .bind(server.local_addr())
        .start()
        .await
        .expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::Address);
}

#[tokio::test]
async fn the_url_is_where_the_service_is() {
    let server = Server::builder().start().await.expect("a server");
    let path = server
        .url()
        .strip_prefix(&format!("http://{}", server.local_addr()))
        .map(str::to_owned);
    let ping = send_plain(
        &server,
        "GET",
        &format!("{}/ping", path.expect("the address")),
        &[],
        b"",
    )
    .await;
    assert_eq!(ping.json()["Status"], "OK");
    assert_eq!(get(&server, "/ping").await.json()["Status"], "OK");
    assert_eq!(send(&server, "GET", "/ping", &[], b"").await.status, 404);
}

#[tokio::test]
async fn who_asks_does_not_matter() {
    let server = Server::builder().start().await.expect("a server");
    let headers = [
        ("X-IDDS-Auth-Type", "oidc"),
        ("X-IDDS-Auth-Token", "a.b.c"),
        ("X-IDDS-Auth-VO", "nobody"),
    ];
    assert_eq!(
        send(&server, "GET", "/idds/ping", &headers, b"")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn an_ended_server_does_not_listen() {
    let server = Server::builder().start().await.expect("a server");
    let address = server.local_addr();
    // An idle connection does not hold it up.
    let _idle = TcpStream::connect(address).await.expect("a connection");
    server.shutdown().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused() {
    let server = Server::builder()
        .max_body(1000)
        .start()
        .await
        .expect("a server");
    let body = |length: usize| format!("{{\"x\": \"{}\"}}", "y".repeat(length - 9));
    assert_eq!(post(&server, body(1000)).await.status, 500);
    for length in [1001, 10_000_000] {
        let reply = post(&server, body(length)).await;
        assert_eq!(reply.status, 413);
        assert_eq!(
            reply.exception(),
            (
                "IDDSException",
                r#"{"msg": "the body is larger than the limit of 1000 bytes"}"#
            )
        );
    }
    assert_eq!(get(&server, "/ping").await.status, 200);
}
