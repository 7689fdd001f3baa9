//! Redirects, wrong ports, http for https and back, servers that are no iDDS: each is named, with what to do.

use std::fs;
use std::time::Duration;

use idds_client::{Client, Error, ErrorKind, PointId, Retry};
use idds_workflow::{RequestId, Workflow};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Starts a server that gives the same answer to every request, `HOST` in it being its own address; returns that address.
async fn server(answer: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = answer.replace("HOST", &host);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = Vec::new();
                // The whole of it, or closing the connection would reset it before the answer is read.
                while !is_whole(&request)
                    && stream
                        .read_buf(&mut request)
                        .await
                        .is_ok_and(|count| count > 0)
                {}
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    host
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let len = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= len.unwrap_or(0)
}

pub(crate) fn page(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub(crate) fn client(host: &str) -> Client {
    let retry = Retry::none().settle(Duration::from_millis(50));
    Client::builder(host)
        .retry(retry)
        .build()
        .expect("a client")
}

/// Pings a server at this path that answers like this; returns the kind and the message, with `HOST` for its address.
pub(crate) async fn ping(path: &str, answer: &str) -> (ErrorKind, String) {
    let host = server(answer).await;
    let error = client(&format!("{host}{path}"))
        .ping()
        .await
        .expect_err("no iDDS");
    assert!(
        !error.is_retryable() || error.kind() == ErrorKind::Unavailable,
        "{error}"
    );
    (error.kind(), error.to_string().replace(&host, "HOST"))
}

/// Returns the address with https that is suggested, if there is one.
fn secure_address(what: &str) -> String {
    let start = what.find("https://127.0.0.1:").unwrap_or(what.len());
    let end = what[start..]
        .find("/idds")
        .map_or(what.len(), |index| start + index);
    if start == end {
        "\u{0}".to_owned()
    } else {
        what[start..end].to_owned()
    }
}

#[tokio::test]
async fn a_redirect_says_where_it_leads_and_what_to_set() {
    for status in [301, 302, 303, 307, 308] {
        for (location, expected) in [
            (
                "https://other:443/idds/ping",
                "the server says that it is at https://other:443/idds ({}); set the host to that",
            ),
            (
                "https://other:443/idds/ping?a=b",
                "the server says that it is at https://other:443/idds ({}); set the host to that",
            ),
            (
                "//other/idds/ping",
                "the server says that it is at http://other/idds ({}); set the host to that",
            ),
            (
                "/v2/idds/ping",
                "the server says that it is at HOST/v2/idds ({}); set the host to that",
            ),
            (
                "HOST/idds/ping",
                "HOST/idds redirects to itself ({}): a gateway in front of the server is misconfigured",
            ),
            (
                "https://127.0.0.1/",
                "HOST/idds redirects to https://127.0.0.1/ ({}) instead of answering; it wants https; set the host to SECURE/idds",
            ),
            (
                "https://sso.example/login?back=https://other/idds/ping",
                "HOST/idds redirects to https://sso.example/login ({}) instead of answering; that is a page to sign in at by browser, \
                 it seems, and iDDS wants a certificate or token",
            ),
            (
                "https://other:443/idds/request",
                "the server says that it is at https://other:443/idds ({}); set the host to that",
            ),
            (
                "https://other/idds",
                "the server says that it is at https://other/idds ({}); set the host to that",
            ),
            (
                "https://other:443/",
                "HOST/idds redirects to https://other:443/ ({}) instead of answering; if iDDS has moved there, set the host to \
                 https://other:443/idds",
            ),
            (
                "/elsewhere",
                "HOST/idds redirects to HOST/elsewhere ({}) instead of answering; is the address right?",
            ),
        ] {
            let (kind, what) = ping(
                "/idds",
                &page(
                    &format!("{status} "),
                    &format!("Location: {location}\r\n"),
                    "",
                ),
            )
            .await;
            let expected = expected.replace("{}", &status.to_string());
            // The secure address has the same port, which `ping` takes away with the host.
            let what = what.replace(&secure_address(&what), "SECURE");
            let expected = format!("ping failed: {expected}");
            assert_eq!(
                (kind, what),
                (ErrorKind::Configuration, expected),
                "{location}"
            );
        }
    }
    let (kind, what) = ping("/idds", &page("301 ", "", "<title>Moved</title>")).await;
    let expected =
        "ping failed: HOST/idds redirects (301) and does not say where; is the address right?";
    assert_eq!((kind, what.as_str()), (ErrorKind::Configuration, expected));
}

#[tokio::test]
async fn a_server_that_is_no_idds_is_named_with_the_address_to_try() {
    let html = "<!doctype html><html><head><TITLE>\n Not\nFound </TITLE></head></html>";
    let suggestion = "the address of an iDDS server mostly ends in /idds: try HOST/idds";
    for (path, status, body, expected) in [
        (
            "",
            "404 Not Found",
            html,
            format!("what answers at HOST is no iDDS server: 404 to GET /ping with \"Not Found\"; {suggestion}"),
        ),
        (
            "/panda",
            "404 Not Found",
            "",
            format!("what answers at HOST/panda is no iDDS server: 404 to GET /ping; {suggestion}"),
        ),
        (
            "/idds",
            "404 Not Found",
            html,
            "what answers at HOST/idds is no iDDS server: 404 to GET /ping with \"Not Found\"; is the address right?"
                .to_owned(),
        ),
        (
            "/idds",
            "405 No",
            "",
            "what answers at HOST/idds is no iDDS server: 405 to GET /ping; is the address right?".to_owned(),
        ),
        (
            "/idds",
            "501 No",
            "<title>Unsupported</title>",
            "what answers at HOST/idds is no iDDS server: 501 to GET /ping with \"Unsupported\"; is the address right?"
                .to_owned(),
        ),
    ] {
        let (kind, what) = ping(path, &page(status, "", body)).await;
        assert_eq!((kind, what), (ErrorKind::Configuration, format!("ping failed: {expected}")));
    }
    for (path, body, expected) in [
        ("/idds", "<html><title>Welcome</title>", "HOST/idds answers GET /ping with a web page, \"Welcome\", and not as iDDS does; is the address right?".to_owned()),
        ("/idds", "<html><title>Sign in to CERN</title>", "HOST/idds answers GET /ping with a web page, \"Sign in to CERN\", and not as iDDS does; it wants a sign-in by browser, which a program cannot do".to_owned()),
        ("", "<html>", format!("HOST answers GET /ping with a web page and not as iDDS does; {suggestion}")),
        ("/idds", "", "HOST/idds gives an empty answer to GET /ping, which iDDS does not; is the address right?".to_owned()),
        ("/idds", "It works!\nmore", "HOST/idds answers GET /ping with \"It works!\", and not as iDDS does; is the address right?".to_owned()),
        ("/idds", "{\"half\":", "HOST/idds answers GET /ping with {\"half\":, and not as iDDS does: the answer is not JSON; is the address right?".to_owned()),
        ("/idds", "{\"jobs\": []}", "HOST/idds answers GET /ping with {\"jobs\": []}, and not as iDDS does: the answer cannot be understood; is the address right?".to_owned()),
        ("", "[]", format!("HOST answers GET /ping with [], and not as iDDS does: the answer cannot be understood; {suggestion}")),
    ] {
        let (kind, what) = ping(path, &page("200 OK", "", body)).await;
        assert_eq!((kind, what), (ErrorKind::Answer, format!("ping failed: {expected}")));
    }
}

#[tokio::test]
async fn what_is_no_idds_is_known_before_anything_is_sent() {
    for (status, body, kind) in [
        ("200 OK", "<html><title>Welcome</title>", ErrorKind::Answer),
        ("200 OK", "{\"jobs\": []}", ErrorKind::Answer),
        ("200 OK", "[]", ErrorKind::Answer),
        ("200 OK", "null", ErrorKind::Answer),
        ("200 OK", "", ErrorKind::Answer),
        (
            "500 Internal Server Error",
            "<html><title>Oops</title>",
            ErrorKind::Refused,
        ),
        ("502 Bad Gateway", "", ErrorKind::Unavailable),
        ("404 Not Found", "", ErrorKind::Configuration),
    ] {
        let host = server(&page(status, "", body)).await;
        let error = client(&format!("{host}/idds"))
            .server()
            .await
            .expect_err(body);
        assert_eq!(error.kind(), kind, "{body}: {error}");
    }
    // A gateway lets nobody in who is not known to it; what is behind it is known later.
    let host = server(&page("403 Forbidden", "", "<title>Forbidden</title>")).await;
    client(&format!("{host}/idds"))
        .server()
        .await
        .expect("somebody");
}

/// Makes one call of each way in which answers are read, and returns the errors.
async fn all_ways(host: &str) -> Vec<Error> {
    let client = client(host);
    let (request, directory) = (RequestId::new(1), tempfile::tempdir().expect("a directory"));
    let mut errors = vec![
        client.ping().await.expect_err("ping"),
        client.requests().get(request).await.expect_err("get"),
        client.requests().abort(request).await.expect_err("abort"),
        client.hpo().get(request).await.expect_err("points"),
        client
            .hpo()
            .update(request, &PointId::from("1"), 0.5)
            .await
            .expect_err("update"),
        client
            .cacher()
            .download("a")
            .to_directory(directory.path())
            .await
            .expect_err("download"),
        client
            .logs()
            .download(request)
            .to_directory(directory.path())
            .await
            .expect_err("logs"),
        client
            .cacher()
            .upload_body("a", "text")
            .await
            .expect_err("upload"),
    ];
    errors.push(match client.hpo().get(request).stream().await {
        Ok(mut points) => points.next().await.expect("an item").expect_err("no point"),
        Err(error) => error,
    });
    assert_eq!(
        fs::read_dir(directory.path()).expect("a directory").count(),
        0,
        "nothing is kept"
    );
    errors
}

#[tokio::test]
async fn every_error_about_a_foreign_answer_names_the_address_and_what_came() {
    for (status, kind, body, came) in [
        (
            "200 OK",
            "application/json",
            r#"{"jobs": [1,2]}"#,
            r#"{"jobs": [1,2]}"#,
        ),
        (
            "200 OK",
            "application/json",
            "{\n \"a\u{1b}\": \u{202e}1}",
            "{ \"a\\u{1b}\": \\u{202e}1}",
        ),
        (
            "200 OK",
            "text/html; charset=utf-8",
            "<html><title>Welcome</title>",
            "a web page, \"Welcome\"",
        ),
        (
            "500 Internal Server Error",
            "text/html",
            "<title>Broken</title>",
            "500 and \"Broken\"",
        ),
        (
            "500 Internal Server Error",
            "text/html",
            "<p>no title</p>",
            "500, and not",
        ),
        (
            "400 Bad Request",
            "application/json",
            r#"{"detail": "no"}"#,
            r#"400 and {"detail": "no"}, and not"#,
        ),
        (
            "503 Service Unavailable",
            "text/html",
            "<title>Sorry</title>",
            "(503): Sorry",
        ),
        (
            "403 Forbidden",
            "text/html",
            "<title>Forbidden</title>",
            "(403): Forbidden",
        ),
    ] {
        let host = server(&page(status, &format!("Content-Type: {kind}\r\n"), body)).await;
        for error in all_ways(&format!("{host}/idds")).await {
            let what = error.to_string();
            assert!(
                what.contains(&format!("{host}/idds ")) && what.contains(came),
                "{came}: {what}"
            );
            assert!(!what.contains(['\u{1b}', '\u{202e}', '\n']), "{what:?}");
        }
    }
}

#[tokio::test]
async fn of_a_long_answer_the_beginning_is_shown_and_of_a_secret_one_nothing() {
    let long = format!("[{}]", "1, ".repeat(100_000));
    let host = server(&page("200 OK", "Content-Type: application/json\r\n", &long)).await;
    for error in all_ways(&format!("{host}/idds")).await {
        assert!(error.to_string().len() < 400, "{error}");
    }
    let host = server(&page("200 OK", "", r#"{"access": "eyJhbGciOi"}"#)).await;
    let error = client(&format!("{host}/idds"))
        .auth()
        .sign_in_url("vo")
        .await
        .expect_err("no address");
    assert!(
        error
            .to_string()
            .contains(" with 24 bytes, and not as iDDS does"),
        "{error}"
    );
}

#[tokio::test]
async fn an_idds_server_below_another_path_is_told_from_a_foreign_one() {
    let headers = "ExceptionClass: IDDSException\r\n\
        ExceptionMessage: The requested REST API is not defined: 404 Not Found: The requested URL was not found\r\n";
    let (kind, what) = ping("/idds/v1", &page("404 Not Found", headers, "")).await;
    let expected = "ping failed: the server at HOST/idds/v1 has no call GET /ping (404); the address of an iDDS server mostly ends in \
                    /idds: try HOST/idds";
    assert_eq!((kind, what.as_str()), (ErrorKind::NotFound, expected));
    let (_, what) = ping("/idds", &page("404 Not Found", headers, "")).await;
    assert_eq!(
        what,
        "ping failed: the server at HOST/idds has no call GET /ping (404); is it a server of this version?"
    );
}

#[tokio::test]
async fn a_submission_to_something_else_says_whether_there_may_be_one() {
    let workflow = Workflow::builder()
        .name("demo")
        .build()
        .expect("a workflow");
    for (answer, kind) in [
        (
            page("302 Found", "Location: https://sso.example/login\r\n", ""),
            ErrorKind::Configuration,
        ),
        (
            page("404 Not Found", "", "<title>Not Found</title>"),
            ErrorKind::Configuration,
        ),
        (
            page("405 Method Not Allowed", "", ""),
            ErrorKind::Configuration,
        ),
        (
            page(
                "501 Unsupported method ('POST')",
                "",
                "<title>Error</title>",
            ),
            ErrorKind::Configuration,
        ),
        (
            page("413 Too Large", "", "<title>Too Large</title>"),
            ErrorKind::Refused,
        ),
        // Something that stands between may have passed it on.
        (
            page("200 OK", "", "<title>Welcome</title>"),
            ErrorKind::Undecided,
        ),
        (
            page("502 Bad Gateway", "", "<title>Bad Gateway</title>"),
            ErrorKind::Undecided,
        ),
    ] {
        let host = server(&answer).await;
        let error = client(&format!("{host}/idds"))
            .requests()
            .submit(&workflow)
            .await
            .expect_err("no iDDS");
        assert_eq!(error.kind(), kind, "{error}");
    }
}

#[tokio::test]
async fn a_request_that_a_gateway_finds_too_long_is_told_its_length() {
    let host = server(&page(
        "413 Request Entity Too Large",
        "",
        "<title>413</title>",
    ))
    .await;
    let workflow = Workflow::builder()
        .name("demo")
        .build()
        .expect("a workflow");
    let error = client(&format!("{host}/idds"))
        .requests()
        .submit(&workflow)
        .await
        .expect_err("too long");
    assert!(
        error.to_string().contains(" bytes is too long for "),
        "{error}"
    );
}

/// Reads this much of a request and resets the connection.
async fn resetting(most: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("http://{}/idds", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut read = 0;
            let mut piece = vec![0; 1 << 16];
            while read < most {
                match stream.read(&mut piece).await {
                    Ok(count @ 1..) => read += count,
                    _ => break,
                }
            }
            stream.set_zero_linger().expect("a socket");
        }
    });
    host
}

#[tokio::test]
async fn a_big_submission_that_breaks_off_was_not_made_and_says_how_much_was_sent() {
    let description = "x".repeat(30 << 20);
    let work = idds_workflow::Work::builder("run.sh")
        .arguments(description)
        .build()
        .expect("a work");
    let workflow = Workflow::builder()
        .name("demo")
        .work(work)
        .build()
        .expect("a workflow");
    let host = resetting(1 << 20).await;
    let retry = Retry::default()
        .attempts(2)
        .first_wait(Duration::from_millis(1));
    let client = Client::builder(&host)
        .retry(retry)
        .build()
        .expect("a client");
    let error = client
        .requests()
        .submit(&workflow)
        .await
        .expect_err("reset");
    assert_eq!(
        (error.kind(), error.attempts(), error.is_cut_short()),
        (ErrorKind::Interrupted, 2, true),
        "{error}"
    );
    let start = format!("submit failed in 2 attempts: the connection to {host} broke when ");
    assert!(
        error.to_string().starts_with(&start)
            && error.to_string().ends_with(
                " bytes of the request were sent; a gateway in front of it may refuse requests of this length"
            ),
        "{error}"
    );
}

#[tokio::test]
async fn a_small_submission_whose_connection_is_reset_is_undecided() {
    let host = resetting(1).await;
    let workflow = Workflow::builder()
        .name("demo")
        .build()
        .expect("a workflow");
    let error = client(&host)
        .requests()
        .submit(&workflow)
        .await
        .expect_err("reset");
    assert_eq!(error.kind(), ErrorKind::Undecided, "{error}");
    let error = client(&host)
        .hpo()
        .get(RequestId::new(1))
        .await
        .expect_err("reset");
    assert_eq!(
        (error.kind(), error.is_retryable(), error.is_cut_short()),
        (ErrorKind::Interrupted, true, false)
    );
}
