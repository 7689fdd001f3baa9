//! What pages in a browser, other names of this machine, its other users and slow clients may not do.

mod limits;
mod token;
mod users;

use idds_local::{Server, ServerBuilder};

use crate::http::exchange;

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_reads_the_data_or_changes_it() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let folder = tempfile::tempdir().expect("a directory");
    let directory = folder.path().join("data");
    let start = || {
        Server::builder()
            .database(directory.join("idds.sqlite3"))
            .start()
    };
    let server = start().await.expect("a server");
    let mode = |name: &str| directory.join(name).metadata().expect(name).mode() & 0o777;
    let modes = [
        "",
        "idds.sqlite3",
        "idds.sqlite3-wal",
        "idds.sqlite3-cacher",
    ]
    .map(mode);
    assert_eq!(modes, [0o700, 0o600, 0o600, 0o700]);
    server.shutdown().await;
    set_permissions(
        directory.join("idds.sqlite3"),
        Permissions::from_mode(0o666),
    )
    .expect("set");
    let error = start().await.expect_err("others may write it").to_string();
    assert!(
        error.contains("can be changed by other users of this machine; `chmod go-w "),
        "{error}"
    );
}

/// Sends a request with these lines after the first one, and returns its status and why it was refused.
async fn asked(builder: ServerBuilder, line: &str, lines: &[&str]) -> (u16, String) {
    let server = builder.start().await.expect("a server");
    let own = server.local_addr().to_string();
    let token = format!(
        "X-IDDS-Server-Token: {}",
        server.token().unwrap_or_default()
    );
    let lines = [lines, &[token.as_str()]].concat();
    let head: String = lines
        .iter()
        .map(|line| format!("{}\r\n", line.replace("OWN", &own)))
        .collect();
    let request = format!(
        "{}\r\n{head}Connection: close\r\n\r\n",
        line.replace("OWN", &own)
    );
    let reply = exchange(server.local_addr(), request.as_bytes()).await;
    server.shutdown().await;
    (
        reply.status,
        reply
            .headers
            .get("exceptionmessage")
            .cloned()
            .unwrap_or_default(),
    )
}

#[tokio::test]
async fn who_asks_under_a_name_of_this_machine_is_served() {
    for host in [
        "OWN",
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1",
        "127.9.9.9:80",
        "[::1]:8080",
        "[::ffff:127.0.0.1]",
    ] {
        let (status, why) = asked(
            Server::builder(),
            "GET /idds/ping HTTP/1.1",
            &[&format!("Host: {host}")],
        )
        .await;
        assert_eq!(status, 200, "{host}: {why}");
    }
    let lines = [
        "Host: OWN",
        "Origin: http://OWN",
        "Sec-Fetch-Site: same-origin",
    ];
    assert_eq!(
        asked(Server::builder(), "GET /idds/ping HTTP/1.1", &lines)
            .await
            .0,
        200
    );
    let typed = ["Host: OWN", "Sec-Fetch-Site: none"];
    assert_eq!(
        asked(Server::builder(), "GET /idds/ping HTTP/1.1", &typed)
            .await
            .0,
        200
    );
    assert_eq!(
        asked(
            Server::builder(),
            "GET http://OWN/idds/ping HTTP/1.1",
            &["Host: OWN"]
        )
        .await
        .0,
        200
    );
}

#[tokio::test]
async fn who_asks_for_another_server_is_refused() {
    for host in [
        "evil.example",
        "evil.example:80",
        "localhost.evil.example",
        "192.0.2.1",
        "127.0.0.1.evil.example",
        "0",
    ] {
        let (status, why) = asked(
            Server::builder(),
            "GET /idds/ping HTTP/1.1",
            &[&format!("Host: {host}")],
        )
        .await;
        assert_eq!(status, 403, "{host}");
        assert!(why.contains("none of this server's names"), "{host}: {why}");
    }
    for lines in [
        &["Host: OWN", "Host: OWN"][..],
        &["Host: OWN", "Host: evil.example"],
        &[],
    ] {
        let (status, _) = asked(Server::builder(), "GET /idds/ping HTTP/1.1", lines).await;
        assert!([400, 403].contains(&status), "{lines:?}: {status}");
    }
    assert_eq!(
        asked(
            Server::builder(),
            "GET http://evil.example/idds/ping HTTP/1.1",
            &["Host: OWN"]
        )
        .await
        .0,
        403
    );
}

#[tokio::test]
async fn a_page_in_a_browser_is_refused_on_every_route() {
    let pages = [
        "Origin: http://evil.example",
        "Origin: https://evil.example",
        "Origin: null",
        "Origin: http://localhost:1",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    ];
    for page in pages {
        for line in [
            "GET /idds/ping",
            "PUT /idds/request/abort/1",
            "POST /idds/request",
            "GET /nowhere",
            "OPTIONS /idds/ping",
        ] {
            let lines = [
                "Host: OWN",
                page,
                "Content-Type: text/plain",
                "Content-Length: 0",
            ];
            let (status, why) = asked(Server::builder(), &format!("{line} HTTP/1.1"), &lines).await;
            assert_eq!(status, 403, "{page}, {line}");
            assert!(
                why.contains("pages in a browser may not use this server"),
                "{why}"
            );
        }
    }
}

#[tokio::test]
async fn other_machines_ask_for_an_address_or_a_name_that_was_given() {
    let remote = || Server::builder().allow_remote().host_name("Node7.example");
    for (host, status) in [
        ("192.0.2.1:8080", 200),
        ("node7.EXAMPLE", 200),
        ("evil.example", 403),
        ("node7", 403),
    ] {
        let answer = asked(
            remote(),
            "GET /idds/ping HTTP/1.1",
            &[&format!("Host: {host}")],
        )
        .await;
        assert_eq!(answer.0, status, "{host}: {}", answer.1);
    }
}
