use std::sync::Arc;

use serde_json::json;

use super::super::jwt;
use super::*;
use crate::{Exchange, Oidc, Replay, TokenFile};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

/// A token that is valid from one time to another, and a refresh token.
fn tokens(from: i64, to: i64, refresh_token: &str) -> String {
    json!({"id_token": jwt(&format!(r#"{{"iat": {from}, "exp": {to}}}"#)), "refresh_token": refresh_token}).to_string()
}

struct Case {
    _directory: tempfile::TempDir,
    file: TokenFile,
    bearer: Arc<Bearer>,
    replay: Arc<Replay>,
    client: Client,
}

impl Case {
    /// A token file with this text, and a server that answers refreshes with these.
    fn new(text: &str, answers: impl IntoIterator<Item = (u16, String)>) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let file = TokenFile::new(directory.path().join(".token"));
        keep(&file, text);
        let answers = answers
            .into_iter()
            .map(|(status, body)| Exchange::new("POST", "/idds/auth/token/atlas", status, &body));
        let replay = Arc::new(Replay::new(answers));
        let client = Client::builder("https://idds.example/idds")
            .transport(replay.clone())
            .build()
            .expect("a client");
        let bearer = Arc::new(
            Oidc::token_file("atlas", file.path())
                .load()
                .expect("a token"),
        );
        Self {
            _directory: directory,
            file,
            bearer,
            replay,
            client,
        }
    }

    async fn token(&self, second: i64) -> Result<HeaderValue, Error> {
        self.bearer.token(&self.client, at(second)).await
    }

    fn refresh_tokens_sent(&self) -> Vec<String> {
        let read = |body: &[u8]| {
            serde_json::from_slice::<serde_json::Value>(body).expect("JSON")["refresh_token"]
                .clone()
        };
        self.replay
            .sent()
            .iter()
            .map(|request| read(request.body()).as_str().expect("text").to_owned())
            .collect()
    }

    fn kept(&self) -> String {
        let tokens = self.file.load().expect("tokens");
        tokens
            .refresh_token()
            .expect("a refresh token")
            .expose()
            .to_owned()
    }
}

fn keep(file: &TokenFile, text: &str) {
    idds_file::WholeFile::private(file.path())
        .and_then(|it| it.finish_with(text))
        .expect("written");
}

fn refusal() -> (u16, String) {
    (
        500,
        r#"Failed to refresh oidc token (status: 400, text: {"error":"invalid_grant"})"#.to_owned(),
    )
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires_and_the_rotated_refresh_token_is_kept() {
    let case = Case::new(
        &tokens(0, 1000, "one"),
        [
            (200, tokens(900, 1900, "two")),
            (200, tokens(1800, 2800, "three")),
        ],
    );
    let first = case.token(899).await.expect("valid");
    assert_eq!(case.refresh_tokens_sent().len(), 0);
    let second = case.token(900).await.expect("renewed");
    assert_ne!(first, second);
    assert!(second.is_sensitive());
    assert_eq!(case.kept(), "two");
    assert_eq!(case.token(1799).await.expect("valid"), second);
    case.token(2500).await.expect("renewed after it expired");
    assert_eq!(
        (case.refresh_tokens_sent(), case.kept()),
        (vec!["one".to_owned(), "two".to_owned()], "three".to_owned())
    );
}

#[tokio::test]
async fn many_tasks_of_several_clients_renew_once() {
    let case = Case::new(&tokens(0, 1000, "one"), [(200, tokens(2000, 3000, "two"))]);
    let other = Arc::new(
        Oidc::token_file("atlas", case.file.path())
            .load()
            .expect("a token"),
    );
    let asking = (0..50).map(|number| {
        let bearer = if number % 2 == 0 {
            &case.bearer
        } else {
            &other
        };
        let (bearer, client) = (bearer.clone(), case.client.clone());
        tokio::spawn(async move { bearer.token(&client, at(2000)).await })
    });
    for task in asking.collect::<Vec<_>>() {
        assert!(task.await.expect("no panic").is_ok());
    }
    assert_eq!(case.refresh_tokens_sent(), ["one"]);
}

#[tokio::test]
async fn what_another_process_renewed_is_taken_from_the_file() {
    let case = Case::new(&tokens(0, 1000, "one"), []);
    let lock = case.file.lock().await.expect("a lock");
    let task = tokio::spawn({
        let (bearer, client) = (case.bearer.clone(), case.client.clone());
        async move { bearer.token(&client, at(2000)).await }
    });
    tokio::task::yield_now().await;
    keep(&case.file, &tokens(2000, 3000, "two"));
    drop(lock);
    assert!(task.await.expect("no panic").is_ok());
    assert_eq!(case.refresh_tokens_sent().len(), 0);
}

#[tokio::test]
async fn a_revoked_refresh_token_asks_for_a_new_sign_in_once() {
    let case = Case::new(&tokens(0, 1000, "one"), [refusal()]);
    for _ in 0..2 {
        let error = case.token(2000).await.expect_err("revoked");
        assert_eq!(error.kind(), ErrorKind::Credential);
        let path = case.file.path().display();
        assert_eq!(
            error.to_string(),
            format!(
                "the refresh token in {path} is not accepted any more, sign in again (setup_oidc_token of the idds command)"
            )
        );
    }
    assert_eq!(case.refresh_tokens_sent(), ["one"]);
    keep(&case.file, &tokens(2000, 3000, "two"));
    assert!(case.token(2001).await.is_ok(), "after a new sign-in");
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed_serves_to_its_end() {
    let case = Case::new(
        &tokens(0, 1000, "one"),
        [(503, String::new()), (503, String::new())],
    );
    for (second, asked) in [(950, 1), (960, 1), (985, 2), (1000, 2), (1014, 2)] {
        assert!(case.token(second).await.is_ok(), "at {second}");
        assert_eq!(case.refresh_tokens_sent().len(), asked, "at {second}");
    }
    let error = case.token(1121).await.expect_err("expired");
    assert_eq!(error.to_string(), "the OIDC token cannot be renewed");
}

#[tokio::test]
async fn a_lost_answer_to_a_renewal_is_not_one_to_the_call() {
    let case = Case::new(&tokens(0, 1000, "one"), [(504, String::new())]);
    assert_eq!(
        case.token(1121).await.expect_err("expired").kind(),
        ErrorKind::Connect
    );
}

#[tokio::test]
async fn new_tokens_are_kept_although_nobody_waits_for_them_any_more() {
    let case = Case::new(&tokens(0, 1000, "one"), [(200, tokens(2000, 3000, "two"))]);
    let mut asking = Box::pin(case.token(2000));
    assert!(poll_once(&mut asking).await.is_none(), "not there at once");
    drop(asking);
    assert!(case.token(2000).await.is_ok());
    assert_eq!(
        (case.refresh_tokens_sent().len(), case.kept()),
        (1, "two".to_owned())
    );
}

/// Polls a future once.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

/// A token with these claims and a refresh token.
fn with_refresh_token(claims: &str) -> String {
    json!({"id_token": jwt(claims), "refresh_token": "one"}).to_string()
}

#[tokio::test]
async fn a_token_that_is_new_by_another_clock_is_sent_and_not_renewed_at_once() {
    let case = Case::new(
        &with_refresh_token(r#"{"iat": 1005, "nbf": 1005, "exp": 4600}"#),
        [],
    );
    for second in [1000, 1004, 1005, 885] {
        assert!(case.token(second).await.is_ok(), "at {second}");
        assert!(case.bearer.check(at(second)).is_ok(), "at {second}");
    }
    let error = case.token(884).await.expect_err("too early");
    assert!(
        error
            .to_string()
            .ends_with(" is valid only in 2 min, from 1970-01-01 00:16:45 UTC"),
        "{error}"
    );
    assert!(case.bearer.check(at(884)).is_err(), "as calls say");
    assert_eq!(case.refresh_tokens_sent().len(), 0);
}

/// A client with this token, whose server says that it is this many seconds later than here.
fn at_a_server_ahead(claims: &str, seconds: i64, answers: &[(u16, &str)]) -> (Client, Arc<Replay>) {
    let later = Timestamp::now() + SignedDuration::from_secs(seconds);
    let date = later.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let exchange = |&(status, body): &(u16, &str)| {
        let response = json!({"status": status, "headers": {"Date": date}, "body": body});
        let exchange =
            json!({"request": {"method": "GET", "path": "/idds/ping"}, "response": response});
        serde_json::from_value::<Exchange>(exchange).expect("an exchange")
    };
    let replay = Arc::new(Replay::new(answers.iter().map(exchange)));
    let client =
        Client::builder("https://idds.example/idds").auth(Oidc::token("atlas", jwt(claims)));
    (
        client.transport(replay.clone()).build().expect("a client"),
        replay,
    )
}

const PONG: (u16, &str) = (200, r#"{"Status": "OK"}"#);

#[tokio::test]
async fn the_clock_of_the_server_decides_whether_a_token_is_valid() {
    let now = Timestamp::now().as_second();
    for (validity, ahead) in [((420, 4000), 421), ((-4000, -420), -600)] {
        let claims = format!(
            r#"{{"nbf": {}, "exp": {}}}"#,
            now + validity.0,
            now + validity.1
        );
        let (client, replay) = at_a_server_ahead(&claims, ahead, &[(401, "who?"), PONG, PONG]);
        client.check_credential().await.expect("valid there");
        client.ping().await.expect("let in");
        client.ping().await.expect("let in");
        assert_eq!(replay.sent().len(), 3, "the time is asked for once");
        assert!(
            !replay.sent()[0].headers().contains_key("x-idds-auth-token"),
            "anonymously"
        );
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_named_when_a_token_is_refused() {
    let now = Timestamp::now().as_second();
    let expired = format!(r#"{{"exp": {}}}"#, now - 7200);
    let (client, _) = at_a_server_ahead(&expired, -600, &[(401, "who?"), (401, "who?")]);
    for error in [
        client.check_credential().await,
        client.ping().await.map(drop),
    ] {
        let error = error.expect_err("expired for both").to_string();
        assert!(
            error.contains("expired 2 h ago") || error.contains("expired 110 min ago"),
            "{error}"
        );
        assert!(
            error.ends_with(", this machine's clock is 10 min ahead of the server's"),
            "{error}"
        );
    }
    let valid = format!(r#"{{"exp": {}}}"#, now + 7200);
    let (client, _) = at_a_server_ahead(&valid, 450, &[(401, "The token is not yet valid (iat)")]);
    let error = client
        .ping()
        .await
        .expect_err("refused by the server")
        .to_string();
    assert!(
        error.ends_with("(iat), this machine's clock is 7 min behind the server's"),
        "{error}"
    );
    let (client, _) = at_a_server_ahead(&valid, 0, &[(401, "The token is not yet valid (iat)")]);
    assert!(
        client
            .ping()
            .await
            .expect_err("refused")
            .to_string()
            .ends_with("(iat)")
    );
}

#[tokio::test]
async fn a_bare_token_is_read_again_when_it_expires() {
    let case = Case::new(&jwt(r#"{"exp": 100}"#), []);
    let old = case.token(50).await.expect("valid");
    keep(&case.file, &format!("{}\n", jwt(r#"{"exp": 1000}"#)));
    assert_ne!(case.token(500).await.expect("renewed"), old);
    let error = case.token(5_000).await.expect_err("expired");
    let name = format!(
        "the OIDC token in {} expired 66 min ago",
        case.file.path().display()
    );
    assert!(error.to_string().starts_with(&name), "{error}");
}

#[tokio::test]
async fn a_token_alone_is_refused_when_it_has_expired() {
    let client = Client::builder("https://idds.example/idds")
        .transport(Replay::default())
        .build()
        .expect("a client");
    let bearer = Arc::new(
        Oidc::token("atlas", jwt(r#"{"exp": 10000}"#))
            .load()
            .expect("a token"),
    );
    assert!(bearer.token(&client, at(9_999)).await.is_ok());
    let error = bearer
        .token(&client, at(10_000 + 3 * 3_600))
        .await
        .expect_err("expired");
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert_eq!(
        error.to_string(),
        "the OIDC token expired 3 h ago, at 1970-01-01 02:46:40 UTC"
    );
}

#[test]
fn a_token_of_another_form_is_left_to_the_server() {
    for text in ["opaque", "a.b.c", "a.bnVsbA.c", "", "two words"] {
        let is_token = !text.is_empty() && !text.contains(' ');
        assert_eq!(
            Oidc::token("atlas", text).load().is_ok(),
            is_token,
            "{text:?}"
        );
    }
}

#[test]
fn a_token_needs_a_vo() {
    let error = Oidc::token(" ", "t").load().expect_err("no VO");
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn a_token_never_shows() {
    let case = Case::new(&tokens(0, 1000, "r3fresh"), [refusal()]);
    let token = case.token(1).await.expect("valid");
    let error = case.token(2000).await.expect_err("revoked");
    let shown = format!("{:?} {token:?} {error:?} {:?}", case.bearer, case.client);
    assert!(
        !shown.contains("r3fresh") && !shown.contains(token.to_str().expect("text")),
        "{shown}"
    );
}

/// A client that shows the tokens of this file, and what its server answers to pings and refreshes, in turn.
fn pinging(file: &TokenFile, answers: &[(&str, u16, &str)]) -> (Client, Arc<Replay>) {
    let exchange = |&(method, status, body): &(&str, u16, &str)| {
        let path = if method == "GET" {
            "/idds/ping"
        } else {
            "/idds/auth/token/atlas"
        };
        Exchange::new(method, path, status, body)
    };
    let replay = Arc::new(Replay::new(answers.iter().map(exchange)));
    let client = Client::builder("https://idds.example/idds")
        .auth(Oidc::token_file("atlas", file.path()))
        .transport(replay.clone())
        .build()
        .expect("a client");
    (client, replay)
}

#[tokio::test]
async fn a_token_that_the_server_takes_for_expired_is_renewed_once_and_the_call_repeated() {
    let now = Timestamp::now().as_second();
    let (first, second) = (
        tokens(now - 10, now + 1000, "one"),
        tokens(now, now + 2000, "two"),
    );
    let case = Case::new(&first, []);
    let refused = ("GET", 401, "Authentication failed: Signature has expired");
    let (client, replay) = pinging(
        &case.file,
        &[
            refused,
            ("POST", 200, &second),
            ("GET", 200, r#"{"Status": "OK"}"#),
            refused,
        ],
    );
    client.ping().await.expect("let in with the second token");
    assert_eq!(case.kept(), "two");
    let tokens: Vec<_> = replay
        .sent()
        .iter()
        .filter_map(|it| it.headers().get("x-idds-auth-token").cloned())
        .collect();
    assert_eq!(tokens.len(), 2);
    assert_ne!(tokens[0], tokens[1]);

    let error = client
        .ping()
        .await
        .expect_err("the second token is refused, too");
    assert_eq!(
        (error.kind(), replay.sent().len()),
        (ErrorKind::Unauthorized, 4)
    );
}

#[tokio::test]
async fn a_list_is_asked_for_again_with_the_new_token() {
    let now = Timestamp::now().as_second();
    let case = Case::new(&tokens(now - 10, now + 1000, "one"), []);
    let path = "/idds/hpo/null/7/null/null/null";
    let replay = Arc::new(Replay::new([
        Exchange::new("GET", path, 401, "expired"),
        Exchange::new(
            "POST",
            "/idds/auth/token/atlas",
            200,
            &tokens(now, now + 2000, "two"),
        ),
        Exchange::new("GET", path, 200, "[]"),
    ]));
    let client = Client::builder("https://idds.example/idds")
        .auth(Oidc::token_file("atlas", case.file.path()));
    let client = client.transport(replay.clone()).build().expect("a client");
    let mut points = client
        .hpo()
        .get(idds_workflow::RequestId::new(7))
        .stream()
        .await
        .expect("let in");
    assert!(points.next().await.is_none());
    assert_eq!(replay.sent().len(), 3);
}

#[tokio::test]
async fn a_refused_token_without_another_is_the_error_of_the_server() {
    let now = Timestamp::now().as_second();
    let alone = json!({"id_token": jwt(&format!(r#"{{"iat": {now}, "exp": {}}}"#, now + 1000))})
        .to_string();
    let case = Case::new(&alone, []);
    let (client, replay) = pinging(&case.file, &[("GET", 401, "expired")]);
    assert_eq!(
        client.ping().await.expect_err("refused").kind(),
        ErrorKind::Unauthorized
    );
    assert_eq!(replay.sent().len(), 1);
}
