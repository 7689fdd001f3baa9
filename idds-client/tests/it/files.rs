//! Files of any size, to and from a server that speaks raw HTTP.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use idds_client::{Client, ErrorKind};
use idds_workflow::RequestId;
use peak_alloc::PeakAlloc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::http::head;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes of a file that is too big to be held in memory unnoticed.
const BIG: u64 = 256 * 1024 * 1024;

/// Memory that the tests of this program need together, while they run, in MB.
const MOST: f32 = 64.0;

async fn accept(listener: &TcpListener) -> (TcpStream, String) {
    let (mut stream, _) = listener.accept().await.expect("a connection");
    let head = head(&mut stream).await.to_lowercase();
    (stream, head)
}

async fn listener() -> (TcpListener, Client) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("http://{}/idds", listener.local_addr().expect("an address"));
    (listener, Client::builder(host).build().expect("a client"))
}

fn big_file(path: &Path) {
    // Without any blocks: reading gives zeros.
    File::create(path)
        .and_then(|file| file.set_len(BIG))
        .expect("a file");
}

#[tokio::test]
async fn a_file_bigger_than_the_memory_goes_up_in_pieces() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("big file.bin");
    big_file(&path);
    let (listener, client) = listener().await;
    let server = tokio::spawn(async move {
        let (mut stream, head) = accept(&listener).await;
        let (mut buffer, mut count) = (vec![0; 1 << 16], 0);
        while count < BIG {
            count += stream.read(&mut buffer).await.expect("bytes") as u64;
        }
        let body = r#"{"filename": "big file.bin"}"#;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.expect("sent");
        head
    });
    let seen = Arc::new(AtomicU64::new(0));
    let done = seen.clone();
    let upload = client.cacher().upload(&path).on_progress(move |progress| {
        assert_eq!(progress.total, Some(BIG));
        assert!(done.swap(progress.done, Ordering::Relaxed) < progress.done);
    });
    let uploaded = upload.await.expect("an answer");
    assert_eq!((uploaded.bytes, seen.load(Ordering::Relaxed)), (BIG, BIG));
    let head = server.await.expect("a request");
    assert!(
        head.starts_with("post /idds/cacher/big%20file.bin http/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.contains(&format!("\r\ncontent-length: {BIG}\r\n")) && !head.contains("chunked"),
        "{head}"
    );
    assert!(
        MEMORY.peak_usage_as_mb() < MOST,
        "{} MB",
        MEMORY.peak_usage_as_mb()
    );
}

#[tokio::test]
async fn a_file_bigger_than_the_memory_comes_down_in_pieces() {
    let directory = tempfile::tempdir().expect("a directory");
    let (listener, client) = listener().await;
    let server = tokio::spawn(async move {
        let (mut stream, head) = accept(&listener).await;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {BIG}\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.expect("sent");
        let piece = vec![7; 1 << 16];
        for _ in 0..BIG >> 16 {
            stream.write_all(&piece).await.expect("sent");
        }
        head
    });
    let downloaded = client
        .cacher()
        .download("big")
        .to_directory(directory.path())
        .await
        .expect("a file");
    assert_eq!(
        (
            downloaded.bytes,
            fs::metadata(&downloaded.path).expect("a file").len()
        ),
        (BIG, BIG)
    );
    assert!(
        server
            .await
            .expect("a request")
            .contains("\r\naccept-encoding: identity\r\n")
    );
    assert!(
        MEMORY.peak_usage_as_mb() < MOST,
        "{} MB",
        MEMORY.peak_usage_as_mb()
    );
}

#[tokio::test]
async fn a_list_bigger_than_the_memory_comes_item_by_item() {
    let (listener, client) = listener().await;
    let count = 1 << 11;
    tokio::spawn(async move {
        let (mut stream, _) = accept(&listener).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[")
            .await
            .expect("sent");
        let name = "x".repeat(1 << 16);
        for number in 0..count {
            let comma = if number == 0 { "" } else { "," };
            let item =
                format!(r#"{comma}{{"content_id": {number}, "name": "{name}", "status": 2}}"#);
            stream.write_all(item.as_bytes()).await.expect("sent");
        }
        stream.write_all(b"]").await.expect("sent");
    });
    let mut contents = client
        .catalog()
        .contents()
        .request_id(RequestId::new(7))
        .stream()
        .await
        .expect("a beginning");
    let mut seen = 0;
    while let Some(content) = contents.next().await {
        assert_eq!(content.expect("a content").content_id.get(), seen);
        seen += 1;
    }
    assert_eq!(seen, count);
    assert!(
        MEMORY.peak_usage_as_mb() < MOST,
        "{} MB",
        MEMORY.peak_usage_as_mb()
    );
}

#[tokio::test]
async fn an_error_page_without_end_is_an_error_and_not_the_end_of_the_memory() {
    let (listener, client) = listener().await;
    tokio::spawn(async move {
        for _ in 0..2 {
            let (mut stream, _) = accept(&listener).await;
            stream
                .write_all(b"HTTP/1.1 500 Error\r\n\r\n<title>Broken</title>")
                .await
                .expect("sent");
            // Until nobody reads it any more.
            while stream.write_all(&[b'x'; 1 << 16]).await.is_ok() {}
        }
    });
    let page = Some("Broken");
    let error = client
        .requests()
        .get(RequestId::new(7))
        .await
        .expect_err("a page");
    assert_eq!(error.server().map(|server| server.message.as_str()), page);
    let error = client
        .hpo()
        .get(RequestId::new(7))
        .stream()
        .await
        .expect_err("a page");
    assert_eq!(error.server().map(|server| server.message.as_str()), page);
    assert!(
        MEMORY.peak_usage_as_mb() < MOST,
        "{} MB",
        MEMORY.peak_usage_as_mb()
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_in_the_way_of_a_download_is_followed_only_to_overwrite() {
    let directory = tempfile::tempdir().expect("a directory");
    let (elsewhere, link) = (
        directory.path().join("elsewhere"),
        directory.path().join("f"),
    );
    std::os::unix::fs::symlink(&elsewhere, &link).expect("linked");
    let (listener, client) = listener().await;
    tokio::spawn(async move {
        let (mut stream, _) = accept(&listener).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            .await
            .expect("sent");
    });
    // It leads nowhere, and is there all the same.
    let error = client
        .cacher()
        .download("f")
        .to_directory(directory.path())
        .await
        .expect_err("there already");
    assert_eq!(error.kind(), ErrorKind::File);
    client
        .cacher()
        .download("f")
        .to_directory(directory.path())
        .overwrite()
        .await
        .expect("a file");
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(elsewhere).expect("read"), "hello");
}

#[tokio::test]
async fn a_download_whose_connection_breaks_is_completed_from_where_it_was() {
    let directory = tempfile::tempdir().expect("a directory");
    let (listener, client) = listener().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = accept(&listener).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 12\r\n\r\nhello\n")
            .await
            .expect("sent");
        drop(stream);
        let (mut stream, head) = accept(&listener).await;
        let answer = "HTTP/1.1 206 Partial\r\nContent-Range: bytes 6-11/12\r\nContent-Length: 6\r\n\r\nworld\n";
        stream.write_all(answer.as_bytes()).await.expect("sent");
        head
    });
    let downloaded = client
        .cacher()
        .download("f")
        .to_directory(directory.path())
        .await
        .expect("a file");
    assert_eq!(
        fs::read_to_string(downloaded.path).expect("read"),
        "hello\nworld\n"
    );
    let head = server.await.expect("a second request");
    assert!(
        head.contains("\r\nrange: bytes=6-\r\n") && head.contains("\r\nif-range: \"v1\"\r\n"),
        "{head}"
    );
}

#[tokio::test]
async fn a_download_that_is_cut_for_good_leaves_nothing_behind() {
    let directory = tempfile::tempdir().expect("a directory");
    let (listener, client) = listener().await;
    tokio::spawn(async move {
        let (mut stream, _) = accept(&listener).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello\n")
            .await
            .expect("sent");
    });
    let error = client
        .cacher()
        .download("f")
        .to_directory(directory.path())
        .await
        .expect_err("cut");
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::Interrupted, true)
    );
    assert_eq!(
        fs::read_dir(directory.path()).expect("a directory").count(),
        0
    );
}

#[tokio::test]
async fn a_transfer_that_stands_still_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("http://{}/idds", listener.local_addr().expect("an address"));
    let client = Client::builder(&host)
        .timeout(Duration::from_millis(50))
        .build()
        .expect("a client");
    let server = tokio::spawn(async move {
        let (mut stream, _) = accept(&listener).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello\n")
            .await
            .expect("sent");
        (listener, stream)
    });
    let body = client
        .cacher()
        .download("f")
        .body()
        .await
        .expect("a beginning");
    let error = body.collect().await.expect_err("no end");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(
        error.to_string(),
        format!("download failed: no data was exchanged with {host} for 50ms")
    );
    let (_listener, _stream) = server.await.expect("a request");
}

#[tokio::test]
async fn a_file_that_becomes_shorter_while_it_is_sent_is_the_fault_of_the_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("f");
    big_file(&path);
    let (listener, client) = listener().await;
    let upload = tokio::spawn(client.cacher().upload(&path).into_future());
    let (mut stream, _) = accept(&listener).await;
    File::options()
        .write(true)
        .open(&path)
        .and_then(|file| file.set_len(1))
        .expect("cut");
    let mut buffer = vec![0; 1 << 16];
    while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    let error = upload.await.expect("no panic").expect_err("cut");
    assert_eq!(error.kind(), ErrorKind::File, "{error:?}");
    assert!(error.to_string().contains("became shorter"), "{error}");
}
