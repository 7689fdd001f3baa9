//! One token file, several processes, and a provider that takes no refresh token twice.

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use idds_client::{Client, Oidc, Secret, TokenFile};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::http::head;
use crate::wire::in_environment;

/// Makes a token that ends so many seconds from now, and is like no other.
fn token(number: usize, seconds: i64) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a time")
        .as_secs() as i64;
    let claims = json!({"iat": now - 3600, "exp": now + seconds, "jti": number});
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// The tokens that were given out; only the last pair is valid.
#[derive(Default)]
struct Provider {
    tokens: Vec<String>,
    misused: Vec<String>,
}

impl Provider {
    /// Gives new tokens for the last refresh token, whose number is how many were given before.
    fn refresh(&mut self, body: &[u8]) -> String {
        let body: Value = serde_json::from_slice(body).expect("JSON");
        let refresh_token = body["refresh_token"].as_str().expect("a refresh token");
        if refresh_token != format!("refresh-{}", self.tokens.len()) {
            self.misused.push(refresh_token.to_owned());
            return answer("500 Error", "");
        }
        self.tokens.push(token(self.tokens.len(), 3600));
        let (last, number) = (self.tokens.last(), self.tokens.len());
        answer(
            "200 OK",
            &json!({"id_token": last, "refresh_token": format!("refresh-{number}")}).to_string(),
        )
    }

    fn ping(&self, head: &str) -> String {
        let shown = head
            .lines()
            .find_map(|line| line.strip_prefix("x-idds-auth-token: "));
        let is_valid = shown.is_some() && shown == self.tokens.last().map(String::as_str);
        if is_valid {
            answer("200 OK", r#"{"Status": "OK"}"#)
        } else {
            answer("401 Unauthorized", "")
        }
    }
}

fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn serve(mut stream: TcpStream, provider: Arc<Mutex<Provider>>) -> std::io::Result<()> {
    // A client that has said all it has to say ends the connection.
    while stream.peek(&mut [0]).await? > 0 {
        let head = head(&mut stream).await;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap_or("0");
        let mut body = vec![0; length.parse().expect("a length")];
        stream.read_exact(&mut body).await?;
        let answer = {
            let mut provider = provider.lock().expect("no panic");
            if head.starts_with("POST") {
                provider.refresh(&body)
            } else {
                provider.ping(&head)
            }
        };
        stream.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn of_many_processes_with_one_token_file_one_renews_and_all_are_let_in() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("http://{}/idds", listener.local_addr().expect("an address"));
    let provider = Arc::new(Mutex::new(Provider::default()));
    let shared = Arc::clone(&provider);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&shared)));
        }
    });

    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join(".token");
    let tokens = json!({"id_token": token(0, -60), "refresh_token": "refresh-0"}).to_string();
    // With the mode that it has to have.
    let file = tempfile::NamedTempFile::new_in(&directory).expect("a file");
    std::fs::write(file.path(), tokens).expect("written");
    file.persist(&path).expect("a file");

    let variables = vec![
        ("IDDS_TEST_HOST", host),
        ("IDDS_TEST_TOKEN_FILE", path.display().to_string()),
    ];
    let process = |_| in_environment("rotation::pings_with_the_token_file", variables.clone());
    join_all((0..8).map(process)).await;
    let provider = provider.lock().expect("no panic");
    assert_eq!(
        (provider.tokens.len(), provider.misused.len()),
        (1, 0),
        "{:?}",
        provider.misused
    );
    let kept = TokenFile::new(path).load().expect("tokens");
    assert_eq!(kept.refresh_token().map(Secret::expose), Some("refresh-1"));
}

#[tokio::test]
#[ignore = "run by another test, in processes of its own"]
async fn pings_with_the_token_file() {
    let variable = |name: &str| std::env::var(name).expect("set by the test");
    let user = Oidc::token_file("atlas", variable("IDDS_TEST_TOKEN_FILE"));
    let client = Client::builder(variable("IDDS_TEST_HOST"))
        .auth(user)
        .build()
        .expect("a client");
    for _ in 0..3 {
        client.ping().await.expect("let in");
    }
}
