//! A plain HTTP client, which shares nothing with the client of this project.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use idds_local::Server;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// An answer as it came in.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Headers by lower-case name.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
    /// The body, when it is no text.
    pub(crate) bytes: Vec<u8>,
}

impl Reply {
    /// Returns the body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }

    /// Returns class and message of an exception, empty where there is none.
    pub(crate) fn exception(&self) -> (&str, &str) {
        let header = |name| self.headers.get(name).map_or("", String::as_str);
        (header("exceptionclass"), header("exceptionmessage"))
    }
}

/// Sends the raw text of a request, then reads to the end of the connection.
pub(crate) async fn exchange(address: SocketAddr, request: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address)
        .await
        .expect("the server listens");
    // The server may answer, and stop reading, before all of a wrong request is there.
    let _ = stream.write_all(request).await;
    let mut bytes = Vec::new();
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes))
        .await
        .expect("an answer in time");
    let end = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .expect("the answer has a head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let bytes = bytes.split_off(end + 4);
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|code| code.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(": "));
    Reply {
        status: status.expect("the answer has a status"),
        headers: headers
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect(),
        body: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
    }
}

/// Sends a request with the token of the server and these additional headers.
pub(crate) async fn send(
    server: &Server,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let token = server.token().map(|token| ("X-IDDS-Server-Token", token));
    let headers: Vec<_> = token.into_iter().chain(headers.iter().copied()).collect();
    send_plain(server, method, path, &headers, body).await
}

/// Sends a request with these headers alone.
pub(crate) async fn send_plain(
    server: &Server,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    exchange(server.local_addr(), &[head.as_bytes(), body].concat()).await
}

/// Gets a path below `/idds`.
pub(crate) async fn get(server: &Server, path: &str) -> Reply {
    send(server, "GET", &format!("/idds{path}"), &[], b"").await
}

/// Puts to a path below `/idds`, with the body that the Python client sends.
pub(crate) async fn put(server: &Server, path: &str) -> Reply {
    send(server, "PUT", &format!("/idds{path}"), &[], b"null").await
}

/// Posts a body to `/idds/request`.
pub(crate) async fn post(server: &Server, body: impl AsRef<[u8]>) -> Reply {
    send(server, "POST", "/idds/request", &[], body.as_ref()).await
}
