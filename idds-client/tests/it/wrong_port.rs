//! Ports where something else listens, or nothing: each is named, with what to do.

use std::time::Duration;

use idds_client::{Client, ErrorKind, Retry};
use idds_workflow::Workflow;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::tls::{Manners, server as tls_server};
use crate::wrong_server::{client, page, ping};

/// Breaks each connection of plain HTTP without a word, as OpenSSL does, and shows a certificate to whoever speaks TLS.
async fn silent_tls() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("http://{}/idds", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut first = [0; 1];
            if stream.read_exact(&mut first).await.is_ok() && first[0] == 0x16 {
                // The beginning of a handshake, after which nothing need come.
                let _ = stream.write_all(&[0x16, 3, 3, 0, 1, 2]).await;
                let _ = stream.read_to_end(&mut Vec::new()).await;
            }
        }
    });
    host
}

#[tokio::test]
async fn a_wrong_port_is_explained_once() {
    let host = silent_tls().await;
    let error = client(&host).ping().await.expect_err("TLS");
    assert!(
        std::error::Error::source(&error).is_none_or(|source| !source.to_string().contains("HTTP")),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_listens_there_and_speaks_something_else_is_told() {
    let (kind, what) = ping("/idds", "SSH-2.0-OpenSSH_9.2p1\r\n").await;
    assert_eq!(
        (kind, what.as_str()),
        (
            ErrorKind::Answer,
            "ping failed: the program that listens at HOST/idds does not speak HTTP; is the port right?"
        )
    );
    // A gateway that says so in its own words.
    for body in [
        "<title>400 The plain HTTP request was sent to HTTPS port</title>",
        "<title>400 Bad Request</title><p>You're speaking plain HTTP to an SSL-enabled server port.</p>",
        "Client sent an HTTP request to an HTTPS server.\n",
    ] {
        let (kind, what) = ping("/idds", &page("400 Bad Request", "", body)).await;
        assert_eq!(kind, ErrorKind::Configuration);
        let start = "ping failed: HOST/idds expects https, and the address says http; set the host to https://127.0.0.1:";
        assert!(what.starts_with(start), "{what}");
    }
}

#[tokio::test]
async fn http_on_a_port_of_tls_is_named_whatever_the_server_does() {
    let hosts = [
        silent_tls().await,
        tls_server("server.crt", "server.key", Manners::Accept)
            .0
            .replace("https", "http"),
    ];
    for host in hosts {
        let error = client(&host).ping().await.expect_err("TLS");
        let other = host.replace("http", "https");
        let what = format!(
            "ping failed: {host} expects https, and the address says http; set the host to {other}"
        );
        // The second server takes one connection only, and says that it has no more.
        if error.kind() != ErrorKind::Answer {
            assert_eq!(
                (error.kind(), error.to_string()),
                (ErrorKind::Configuration, what)
            );
        }
    }
    let host = silent_tls().await;
    let workflow = Workflow::builder()
        .name("demo")
        .build()
        .expect("a workflow");
    let error = client(&host)
        .requests()
        .submit(&workflow)
        .await
        .expect_err("TLS");
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
}

#[tokio::test]
async fn a_port_that_hangs_up_in_the_handshake_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!(
        "https://{}/idds",
        listener.local_addr().expect("an address")
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
        }
    });
    let error = client(&host).ping().await.expect_err("no TLS");
    let other = host.replace("https", "http");
    let what = format!(
        "ping failed: {host} closed the connection during the TLS handshake; if it does not speak https, set the host to {other}"
    );
    assert_eq!(
        (error.kind(), error.to_string()),
        (ErrorKind::Connect, what)
    );
}

#[tokio::test]
async fn a_port_that_leaves_tls_unanswered_is_told_from_a_machine_that_is_not_there() {
    // The system takes the connection, and nobody reads from it.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!(
        "https://{}/idds",
        listener.local_addr().expect("an address")
    );
    let builder = Client::builder(&host)
        .retry(Retry::none())
        .connect_timeout(Duration::from_millis(100));
    let error = builder
        .build()
        .expect("a client")
        .ping()
        .await
        .expect_err("no TLS");
    let other = host.replace("https", "http");
    let what = format!(
        "ping failed: {host} accepts the connection and does not answer the TLS handshake within 100ms; if it does not speak https, set the host \
         to {other}"
    );
    assert_eq!(
        (error.kind(), error.to_string()),
        (ErrorKind::Connect, what)
    );
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_told() {
    let error = client("http://nobody.invalid/idds")
        .ping()
        .await
        .expect_err("no such name");
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (
            ErrorKind::Connect,
            "ping failed: the host name nobody.invalid is not known"
        )
    );
}
