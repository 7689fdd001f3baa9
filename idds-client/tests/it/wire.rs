//! How requests travel: compressed answers, kept connections, proxies.

use std::io::Write;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use idds_client::{Client, ErrorKind};
use idds_workflow::RequestId;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::http::{WELL, head};
use crate::tls::{Manners, pem, server};

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, address)
}

#[tokio::test]
async fn a_compressed_answer_is_asked_for_and_read() {
    let (listener, address) = listener().await;
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let head = head(&mut stream).await;
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed
            .write_all(br#"[{"id": "1", "loss": 0.5, "parameters": {"A": 1}}]"#)
            .expect("packed");
        let packed = packed.finish().expect("packed");
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            packed.len()
        );
        stream.write_all(answer.as_bytes()).await.expect("sent");
        stream.write_all(&packed).await.expect("sent");
        head
    });
    let client = Client::builder(address).build().expect("a client");
    let points = client
        .hpo()
        .get(RequestId::new(1))
        .await
        .expect("an answer");
    assert_eq!(points[0].loss, Some(0.5));
    assert!(
        task.await
            .expect("a request")
            .to_lowercase()
            .contains("\r\naccept-encoding: gzip\r\n")
    );
}

#[tokio::test]
async fn clones_of_a_client_share_one_connection() {
    let (listener, address) = listener().await;
    let task = tokio::spawn(async move {
        // Whoever connects a second time waits for ever.
        let (mut stream, _) = listener.accept().await.expect("a connection");
        for _ in 0..20 {
            head(&mut stream).await;
            stream.write_all(WELL.as_bytes()).await.expect("sent");
        }
    });
    let client = Client::builder(address).build().expect("a client");
    for _ in 0..20 {
        client.clone().ping().await.expect("an answer");
    }
    task.await.expect("one connection");
}

/// A proxy for one connection; it ends with the first line of what it was asked.
async fn proxy(to: Option<String>) -> (String, tokio::task::JoinHandle<String>) {
    let (listener, address) = listener().await;
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let head = head(&mut stream).await;
        match to {
            None => stream.write_all(WELL.as_bytes()).await.expect("sent"),
            Some(to) => {
                stream
                    .write_all(b"HTTP/1.1 200 Connected\r\n\r\n")
                    .await
                    .expect("sent");
                let mut server = TcpStream::connect(to).await.expect("a connection");
                let _ = copy_bidirectional(&mut stream, &mut server).await;
            }
        }
        head.lines().next().unwrap_or_default().to_owned()
    });
    (address, task)
}

/// Runs an ignored test in a process of its own, whose environment has these variables.
pub(crate) async fn in_environment(test: &'static str, variables: Vec<(&'static str, String)>) {
    let run = move || {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        for name in [
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "https_proxy",
            "NO_PROXY",
            "no_proxy",
            "ALL_PROXY",
            "all_proxy",
        ] {
            command.env_remove(name);
        }
        command
            .args(["--ignored", "--exact", test])
            .envs(variables)
            .output()
            .expect("it runs")
    };
    let output = tokio::task::spawn_blocking(run).await.expect("no panic");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

#[tokio::test]
async fn the_proxy_of_the_environment_is_asked_for_a_server_elsewhere() {
    let (address, proxy) = proxy(None).await;
    in_environment("wire::pings_through_a_proxy", vec![("http_proxy", address)]).await;
    assert_eq!(
        proxy.await.expect("a request"),
        "GET http://idds.test/idds/ping HTTP/1.1"
    );
}

#[tokio::test]
async fn an_encrypted_connection_goes_through_the_proxy_and_is_verified_to_its_end() {
    let (host, _thread) = server("server.crt", "server.key", Manners::Accept);
    let to = host
        .trim_start_matches("https://")
        .trim_end_matches("/idds")
        .to_owned();
    let (address, proxy) = proxy(Some(to)).await;
    let variables = vec![("HTTPS_PROXY", address), ("IDDS_TEST_CA", pem("ca.crt"))];
    in_environment("wire::meets_another_server_behind_a_proxy", variables).await;
    assert_eq!(
        proxy.await.expect("a request"),
        "CONNECT idds.test:443 HTTP/1.1"
    );
}

#[tokio::test]
async fn no_proxy_is_asked_for_what_the_environment_excepts() {
    let (listener, address) = listener().await;
    in_environment(
        "wire::reaches_nobody",
        vec![
            ("http_proxy", address),
            ("NO_PROXY", "idds.test".to_owned()),
        ],
    )
    .await;
    let nobody = std::future::poll_fn(|context| {
        std::task::Poll::Ready(listener.poll_accept(context).is_pending())
    })
    .await;
    assert!(nobody, "the proxy was asked");
}

#[tokio::test]
#[ignore = "run by another test, in an environment of its own"]
async fn pings_through_a_proxy() {
    Client::builder("http://idds.test/idds")
        .build()
        .expect("a client")
        .ping()
        .await
        .expect("an answer");
}

#[tokio::test]
#[ignore = "run by another test, in an environment of its own"]
async fn meets_another_server_behind_a_proxy() {
    let ca = std::env::var("IDDS_TEST_CA").expect("set by the test");
    let client = Client::builder("https://idds.test/idds")
        .ca_file(ca)
        .build()
        .expect("a client");
    let error = client.ping().await.expect_err("another server");
    assert_eq!(error.kind(), ErrorKind::Certificate);
    assert!(
        error.to_string().ends_with("is not one for idds.test"),
        "{error}"
    );
}

#[tokio::test]
#[ignore = "run by another test, in an environment of its own"]
async fn reaches_nobody() {
    let client = Client::builder("http://idds.test/idds")
        .build()
        .expect("a client");
    assert_eq!(
        client.ping().await.expect_err("no such machine").kind(),
        ErrorKind::Connect
    );
}
