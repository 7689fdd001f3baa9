//! Servers that answer without end, or with more than anybody can hold.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use idds_client::{Client, ErrorKind};
use idds_workflow::RequestId;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::http::head;

/// The most that the clients of these tests take.
const MOST: usize = 1 << 20;

/// A client, and a server that answers every connection with this head, and then with these pieces until nobody reads any more.
async fn client(head_text: impl Into<String>, pieces: Pieces) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("http://{}/idds", listener.local_addr().expect("an address"));
    let head_text = head_text.into();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            head(&mut stream).await;
            let _ = stream
                .write_all(format!("HTTP/1.1 {head_text}\r\nConnection: close\r\n").as_bytes())
                .await;
            match &pieces {
                Pieces::Once(bytes) => {
                    let _ = stream
                        .write_all(&[b"\r\n", bytes.as_slice()].concat())
                        .await;
                }
                Pieces::Endless(before, piece) => {
                    let _ = stream.write_all(before.as_bytes()).await;
                    while stream.write_all(piece.as_bytes()).await.is_ok() {}
                }
            }
        }
    });
    Client::builder(host)
        .max_answer_length(MOST)
        .build()
        .expect("a client")
}

enum Pieces {
    Once(Vec<u8>),
    Endless(&'static str, String),
}

fn endless(piece: &str) -> Pieces {
    Pieces::Endless("\r\n", piece.repeat(1 << 12))
}

/// Compresses this text, so many times.
fn bomb(text: &str, times: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..times {
        encoder.write_all(text.as_bytes()).expect("memory");
    }
    encoder.finish().expect("memory")
}

const GZIP: &str = "200 OK\r\nContent-Encoding: gzip";

#[tokio::test]
async fn an_answer_that_is_too_large_is_an_error_that_names_address_limit_and_setting() {
    let zeros = "0".repeat(1 << 16);
    for (what, client) in [
        (
            "a bomb",
            client(GZIP, Pieces::Once(bomb(&zeros, 1 << 6))).await,
        ),
        ("without end", client("200 OK", endless("[0, 1]")).await),
        (
            "announced",
            client(
                "200 OK\r\nContent-Length: 9000000000000",
                Pieces::Once(vec![]),
            )
            .await,
        ),
    ] {
        let errors = [
            client
                .requests()
                .get(RequestId::new(7))
                .await
                .expect_err(what),
            client.ping().await.map(drop).expect_err(what),
            client
                .auth()
                .sign_in_url("atlas")
                .await
                .map(drop)
                .expect_err(what),
        ];
        for error in errors {
            let expected = format!(
                "the answer of {} is larger than 1048576 bytes, the most that is held in memory; set max_answer_length or \
                 IDDS_MAX_ANSWER_LENGTH to more if that is right",
                client.host()
            );
            assert!(error.to_string().ends_with(&expected), "{what}: {error}");
            assert_eq!(
                (error.kind(), error.attempts()),
                (ErrorKind::TooLarge, 1),
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn an_answer_of_many_small_values_is_too_large_before_they_are_made() {
    let text = format!("[{}{{}}]", "{},".repeat(MOST / 4));
    let client = client("200 OK", Pieces::Once(text.into_bytes())).await;
    let error = client
        .requests()
        .get(RequestId::new(7))
        .await
        .expect_err("many values");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(
        error
            .to_string()
            .contains("holds more values than one of 1048576 bytes does as a rule"),
        "{error}"
    );
}

#[tokio::test]
async fn headers_without_end_are_an_error() {
    for piece in ["X-A: b\r\n", "x"] {
        let client = client("200 OK", Pieces::Endless("X-A: ", piece.repeat(1 << 12))).await;
        let error = client.ping().await.expect_err("no end");
        let expected = format!(
            "the head of the answer from {} is larger than that of any iDDS server",
            client.host()
        );
        assert!(error.to_string().ends_with(&expected), "{error:?}");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::TooLarge, 1));
    }
}

#[tokio::test]
async fn of_an_error_page_the_beginning_is_read_whatever_it_becomes() {
    let page = bomb("<title>Broken</title>", 1 << 15);
    let client = client("500 Error\r\nContent-Encoding: gzip", Pieces::Once(page)).await;
    let error = client
        .requests()
        .get(RequestId::new(7))
        .await
        .expect_err("a page");
    assert_eq!(
        error.server().map(|server| server.message.as_str()),
        Some("Broken")
    );
    let error = client
        .hpo()
        .get(RequestId::new(7))
        .stream()
        .await
        .map(drop)
        .expect_err("a page");
    assert_eq!(
        error.server().map(|server| server.message.as_str()),
        Some("Broken")
    );
}

#[tokio::test]
async fn a_list_may_be_larger_than_an_answer_and_none_of_its_items() {
    let point = r#"{"id": "1", "loss": 0.5, "parameters": {"A": 4}},"#;
    let mut list = b"[".to_vec();
    list.extend(point.repeat(4 * MOST / point.len()).into_bytes());
    list.extend(br#"{"id": "1", "loss": 0.5, "parameters": {"A": 4}}]"#);
    let many = client("200 OK", Pieces::Once(list)).await;
    let mut points = many
        .hpo()
        .get(RequestId::new(7))
        .stream()
        .await
        .expect("a beginning");
    let mut seen = 0;
    while let Some(point) = points.next().await {
        point.expect("a point");
        seen += 1;
    }
    assert_eq!(seen, 4 * MOST / point.len() + 1);

    for piece in ["x", " ", "[", "\\\"", "{\"a\":"] {
        let pieces = Pieces::Endless("\r\n[", format!("\"{}", piece.repeat(1 << 12)));
        let pieces = if piece == "x" || piece == "\\\"" {
            pieces
        } else {
            Pieces::Endless("\r\n[", piece.repeat(1 << 12))
        };
        let one = client("200 OK", pieces).await;
        let mut points = one
            .hpo()
            .get(RequestId::new(7))
            .stream()
            .await
            .expect("a beginning");
        let error = points.next().await.expect("an item").expect_err("no end");
        assert!(
            matches!(error.kind(), ErrorKind::TooLarge | ErrorKind::Answer),
            "{piece}: {error}"
        );
    }
}

#[tokio::test]
async fn the_answer_to_an_upload_has_the_same_limit() {
    let client = client("200 OK", endless("[0, 1]")).await;
    let error = client
        .cacher()
        .upload_body("f", "")
        .await
        .expect_err("no end");
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
}

#[tokio::test]
async fn a_file_is_saved_as_it_came() {
    let directory = tempfile::tempdir().expect("a directory");
    let bytes = bomb("hello", 1 << 15);
    let client = client(
        format!("{GZIP}\r\nContent-Length: {}", bytes.len()),
        Pieces::Once(bytes.clone()),
    )
    .await;
    let downloaded = client
        .cacher()
        .download("f")
        .to_directory(directory.path())
        .await
        .expect("a file");
    assert!(fs::read(downloaded.path).expect("read") == bytes);
}

#[tokio::test]
async fn a_file_that_does_not_fit_on_the_disk_is_not_begun() {
    let directory = tempfile::tempdir().expect("a directory");
    let client = client(
        format!("200 OK\r\nContent-Length: {}", u64::MAX / 2),
        endless("x"),
    )
    .await;
    let error = client
        .cacher()
        .download("f")
        .to_directory(directory.path())
        .await
        .expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::File, "{error}");
    assert!(
        error.to_string().contains("there is no room for "),
        "{error}"
    );
    assert_eq!(
        fs::read_dir(directory.path()).expect("a directory").count(),
        0
    );
}

#[tokio::test]
async fn a_file_that_becomes_larger_than_announced_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("http://{}/idds", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        for answer in [
            "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 12\r\n\r\nhello\n",
            "HTTP/1.1 206 Partial\r\nContent-Range: bytes 6-11/12\r\nContent-Length: 9000\r\n\r\nworld\nand more",
        ] {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            head(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.expect("sent");
        }
    });
    let client = Client::builder(host).build().expect("a client");
    let error = client
        .cacher()
        .download("f")
        .to_directory(directory.path())
        .await
        .expect_err("larger");
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    assert!(
        error
            .to_string()
            .contains("larger than the 12 bytes that the server has announced"),
        "{error}"
    );
    assert_eq!(
        fs::read_dir(directory.path()).expect("a directory").count(),
        0
    );
}
