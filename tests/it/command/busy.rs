//! A server that is busy or away: a timeout bounds everything, and people are told what is waited for.

use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;

use super::{Failure, Ran, User};

const SEARCH: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/examples/definitions/search.yaml"
);

/// Starts a server that answers this to everything but a ping, if it answers that.
async fn server(status: StatusCode, pings: bool) -> Result<User, Failure> {
    let busy = move || async move { (status, [("Retry-After", "1")], "<title>Busy</title>") };
    let mut router = Router::new().fallback(busy);
    if pings {
        router = router.route("/idds/ping", get(|| async { r#"{"Status": "OK"}"# }));
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/idds", listener.local_addr()?);
    tokio::spawn(axum::serve(listener, router).into_future());
    Ok(User {
        home: tempfile::tempdir()?,
        url,
    })
}

#[tokio::test]
async fn a_timeout_bounds_everything_that_a_command_does() -> Result<(), Failure> {
    let lines = [
        format!("request submit {SEARCH} --wait --timeout 2s"),
        "request watch 7 --timeout 2s".to_owned(),
        "request abort 7 --wait --timeout 2s".to_owned(),
    ];
    for status in [StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE] {
        for pings in [true, false] {
            let user = server(status, pings).await?;
            for line in &lines {
                let start = Instant::now();
                let Ran { code, stderr, .. } = user.run(line).await?;
                // A second more for the look at the end, and some for a machine that is busy too.
                assert!(start.elapsed() < Duration::from_secs(8), "{line}: {stderr}");
                assert!(
                    code != Some(0) && stderr.contains("error: "),
                    "{line}: {stderr}"
                );
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_watch_tells_that_the_server_is_busy_and_when_it_is_asked_again() -> Result<(), Failure> {
    let user = server(StatusCode::SERVICE_UNAVAILABLE, true).await?;
    let Ran { stderr, .. } = user.run("request watch 7 --timeout 3s").await?;
    let told = stderr.lines().next().unwrap_or_default();
    assert!(
        told.contains("cannot serve GET /request/7/") && told.contains("it is tried again in 1."),
        "{stderr}"
    );
    assert!(!stderr.contains("get status"), "{stderr}");
    Ok(())
}
