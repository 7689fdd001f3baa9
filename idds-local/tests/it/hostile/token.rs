//! Who has not the token of a server learns nothing and does nothing.

use std::path::Path;

use idds_local::{ErrorKind, Server};
use serde_json::Value;

use crate::http::{Reply, exchange, get, post, put, send_plain};
use crate::recorded::search;
use crate::search::settled;

/// Header of the token.
const HEADER: &str = "X-IDDS-Server-Token";

async fn server() -> Server {
    Server::builder().start().await.expect("a server")
}

/// Gets an address, whatever its form, without any header of a token.
async fn asked(server: &Server, target: &str) -> Reply {
    send_plain(server, "GET", target, &[], b"").await
}

fn assert_turned_away(reply: &Reply, what: &str) {
    let (class, message) = reply.exception();
    assert_eq!(
        (reply.status, class),
        (401, "IDDSException"),
        "{what}: {reply:?}"
    );
    assert!(
        message.contains("the address that `idds serve` printed"),
        "{what}: {message}"
    );
    let body = reply.json();
    assert_eq!(
        (&body["status"], &body["data"]),
        (&401.into(), &Value::Null),
        "{what}"
    );
    assert_eq!(
        (
            &body["error"]["ExceptionClass"],
            body["error"]["ExceptionMessage"].as_str()
        ),
        (&class.into(), Some(message))
    );
    for secret in ["x-idds-server", "x-idds-database"] {
        assert!(!reply.headers.contains_key(secret), "{what}: {reply:?}");
    }
}

#[tokio::test]
async fn the_token_in_the_address_or_in_the_header_lets_in() {
    let server = server().await;
    let token = server.token().expect("a token").to_owned();
    assert_eq!(
        server.url(),
        format!("http://{}/{token}/idds", server.local_addr())
    );
    assert_eq!(
        server.url_without_token(),
        format!("http://{}/idds", server.local_addr())
    );
    let digits = token.strip_prefix("token_").expect("the form of a token");
    assert!(
        digits.len() == 40 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()),
        "{token}"
    );
    assert!(!format!("{server:?}").contains(digits));

    for path in [
        format!("/{token}/idds/ping"),
        format!("/{token}/idds/ping?json_outputs=true"),
    ] {
        let reply = asked(&server, &path).await;
        assert_eq!(
            (
                reply.status,
                reply.headers["x-idds-server"].starts_with("idds-local/")
            ),
            (200, true),
            "{path}"
        );
        assert_eq!(reply.headers["referrer-policy"], "no-referrer");
    }
    let absolute = format!("http://{}/{token}/idds/ping", server.local_addr());
    assert_eq!(asked(&server, &absolute).await.status, 200);
    for name in [HEADER, "x-idds-server-token"] {
        assert_eq!(
            send_plain(&server, "GET", "/idds/ping", &[(name, &token)], b"")
                .await
                .status,
            200
        );
        assert_eq!(
            send_plain(
                &server,
                "GET",
                &format!("/{token}/idds/ping"),
                &[(name, &token)],
                b""
            )
            .await
            .status,
            200
        );
    }
}

#[tokio::test]
async fn paths_behind_the_token_are_those_without_it() {
    let server = server().await;
    let token = server.token().expect("a token").to_owned();
    for path in [
        "",
        "/",
        "/idds",
        "/idds/",
        "/idds/ping/",
        "/idds//ping",
        "//idds/ping",
        "/IDDS/ping",
        "/idds/../idds/ping",
        "/./idds/ping",
        "/idds/%70ing",
        "/idds%2Fping",
        "/idds/request/name/a%2Fb",
        "/idds/request/name/",
        "/idds/nowhere?x=%00",
        "/idds/ping;x",
    ] {
        let behind = asked(&server, &format!("/{token}{path}")).await;
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        let header = send_plain(&server, "GET", &path, &[(HEADER, &token)], b"").await;
        assert_eq!(
            (behind.status, behind.exception()),
            (header.status, header.exception()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn nothing_but_the_whole_token_in_its_place_lets_in() {
    let server = server().await;
    let token = server.token().expect("a token").to_owned();
    let last = if token.ends_with('0') { "1" } else { "0" };
    let (short, other) = (
        &token[..token.len() - 1],
        format!("{}{last}", &token[..token.len() - 1]),
    );
    let (digits, upper) = (&token["token_".len()..], token.to_uppercase());
    let encoded = format!("%74{}", &token[1..]);
    let wrong = [
        short,
        &other,
        digits,
        &upper,
        &encoded,
        "token_",
        "null",
        "..",
        ".",
        &format!("{token}0"),
        &format!("{token};a"),
        &format!("{token}%00"),
        &format!("{token}%2F"),
        &format!("x{token}"),
    ];
    for wrong in wrong {
        assert_turned_away(&asked(&server, &format!("/{wrong}/idds/ping")).await, wrong);
        assert_turned_away(
            &send_plain(&server, "GET", "/idds/ping", &[(HEADER, wrong)], b"").await,
            wrong,
        );
        // One that is right does not make up for one that is wrong.
        if wrong.starts_with("token_") {
            let path = format!("/{wrong}/idds/ping");
            assert_turned_away(
                &send_plain(&server, "GET", &path, &[(HEADER, &token)], b"").await,
                wrong,
            );
        }
        assert_turned_away(
            &send_plain(
                &server,
                "GET",
                &format!("/{token}/idds/ping"),
                &[(HEADER, wrong)],
                b"",
            )
            .await,
            wrong,
        );
    }
    for path in [
        "/idds/ping".to_owned(),
        format!("//{token}/idds/ping"),
        format!("/idds/{token}/ping"),
        format!("/idds/ping/{token}"),
        format!("/idds/ping?token={token}"),
        format!("/idds/ping?{token}"),
        format!("/idds/ping?/{token}/idds/ping"),
        format!("/idds/..;/{token}/idds/ping"),
        format!("/x/../{token}/idds/ping"),
    ] {
        assert_turned_away(&asked(&server, &path).await, &path);
    }
    for headers in [
        &[(HEADER, token.as_str()), (HEADER, token.as_str())][..],
        &[(HEADER, token.as_str()), (HEADER, "x")],
        &[(HEADER, "")],
        &[("Authorization", &format!("Bearer {token}"))],
        &[("X-IDDS-Auth-Token", &token)],
        &[("Cookie", &format!("token={token}"))],
        &[("Referer", &format!("http://localhost/{token}/idds"))],
        &[
            ("X-Original-URL", &format!("/{token}/idds/ping")),
            ("X-Forwarded-Prefix", &format!("/{token}")),
        ],
    ] {
        assert_turned_away(
            &send_plain(&server, "GET", "/idds/ping", headers, b"").await,
            &format!("{headers:?}"),
        );
    }
    assert_turned_away(
        &asked(&server, &format!("/idds/ping#{token}")).await,
        "a fragment",
    );
}

#[tokio::test]
async fn another_user_of_the_machine_learns_nothing_and_changes_nothing() {
    let server = server().await;
    post(&server, search(4, 2).to_string()).await;
    settled(&server, 1).await;
    let state = async || {
        (
            get(&server, "/request/null/null/False/True").await.body,
            get(&server, "/hpo/null/1/null/null/null").await.body,
        )
    };
    let before = state().await;
    let turned = asked(&server, "/idds/ping").await;
    let body = search(1, 1).to_string();
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/idds"),
        ("GET", "/nowhere"),
        ("GET", "/idds/request/1/null/False/True"),
        ("GET", "/idds/request/9/null/False"),
        ("HEAD", "/idds/ping"),
        ("OPTIONS", "/idds/request/close/0/null"),
        ("OPTIONS", "*"),
        ("DELETE", "/idds/request/1"),
        ("TRACE", "/idds/ping"),
        ("POST", "/idds/request"),
        ("PUT", "/idds/request/1"),
        ("PUT", "/idds/request/abort/1/null"),
        ("PUT", "/idds/hpo/null/1/1/0.5"),
        ("POST", "/idds/message/1/null/null/null"),
        ("POST", "/idds/cacher/x"),
        ("GET", "/idds/cacher/x"),
        ("GET", "/idds/logs/null/1"),
        ("GET", "/idds/auth/url/atlas"),
        ("GET", "/idds/monitor/1/null/True/False/False"),
        ("GET", "/idds/metainfo/asyncresult_config"),
    ] {
        let mut reply = send_plain(
            &server,
            method,
            path,
            &[("X-IDDS-Auth-Username-Original", "local")],
            body.as_bytes(),
        )
        .await;
        if method == "HEAD" {
            reply.body.clone_from(&turned.body);
        }
        assert_turned_away(&reply, &format!("{method} {path}"));
        for headers in [&mut reply.headers, &mut turned.headers.clone()] {
            headers.remove("date");
        }
        let mut expected = turned.headers.clone();
        expected.remove("date");
        assert_eq!(
            (reply.headers, reply.body),
            (expected, turned.body.clone()),
            "{method} {path}"
        );
    }
    assert_eq!(state().await, before);
}

#[tokio::test]
async fn who_is_turned_away_does_not_send_a_body_first() {
    let server = server().await;
    let request = "POST /idds/request HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 60000000\r\n\r\n";
    assert_turned_away(
        &exchange(server.local_addr(), request.as_bytes()).await,
        "a body that never comes",
    );
}

#[tokio::test]
async fn a_server_started_again_keeps_its_token_and_others_have_another() {
    let folder = tempfile::tempdir().expect("a directory");
    let start = |name: &str| Server::builder().database(folder.path().join(name)).start();
    let token = |server: &Server| server.token().map(str::to_owned);
    let (one, two) = (
        start("one").await.expect("a server"),
        start("two").await.expect("a server"),
    );
    let first = token(&one);
    assert!(first.is_some() && first != token(&two) && first != token(&server().await));
    one.shutdown().await;
    assert_eq!(token(&start("one").await.expect("a server")), first);
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_that_others_may_know_is_not_used() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let folder = tempfile::tempdir().expect("a directory");
    let start = || {
        Server::builder()
            .database(folder.path().join("idds"))
            .start()
    };
    let file = folder.path().join("idds-token");
    let first = start().await.expect("a server").token().map(str::to_owned);
    assert_eq!(file.metadata().expect("a file").mode() & 0o777, 0o600);
    fs::set_permissions(&file, Permissions::from_mode(0o644)).expect("set");
    let refused = async |path: &Path| {
        let error = start().await.expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::Token);
        error
            .to_string()
            .replace(&path.display().to_string(), "FILE")
    };
    assert_eq!(
        refused(&file).await,
        "the token file FILE can be read or changed by other users of this machine; remove it, and the server draws a new token"
    );
    fs::remove_file(&file).expect("removed");
    let second = start().await.expect("a server").token().map(str::to_owned);
    assert!(second.is_some() && second != first);
}

#[tokio::test]
async fn a_server_without_a_token_serves_everybody_of_this_machine_and_no_other() {
    let server = Server::builder()
        .without_token()
        .start()
        .await
        .expect("a server");
    assert_eq!(
        (server.token(), server.url()),
        (None, server.url_without_token())
    );
    for path in ["/idds/ping", "/token_0123456789/idds/ping"] {
        assert_eq!(asked(&server, path).await.status, 200, "{path}");
    }
    assert_eq!(put(&server, "/request/abort/1/null").await.status, 200);
    let remote = Server::builder()
        .allow_remote()
        .without_token()
        .start()
        .await
        .expect_err("a refusal");
    assert_eq!(remote.kind(), ErrorKind::Remote);
    assert!(
        remote
            .to_string()
            .contains("leave without_token() or allow_remote() out"),
        "{remote}"
    );
}
