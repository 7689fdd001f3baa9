//! Signing in and staying signed in, at the real iDDS with a real OpenID Connect provider.

mod secrets;

use std::io;
use std::path::Path;
use std::process::Stdio;

use idds::client::{
    Auth, Client, DeviceAuthorization, ErrorKind, Oidc, Secret, SignIn, TokenFile, TokenInfo,
    Tokens, X509,
};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::task::spawn_blocking;

use crate::support::{RealServer, in_time};

type Failure = Box<dyn std::error::Error>;

fn client(server: &RealServer, auth: impl Into<Auth>) -> Result<Client, idds::client::Error> {
    Client::builder(server.url())
        .ca_file(server.ca())
        .auth(auth)
        .build()
}

/// A terminal at which somebody does what is written there: opens the address in a browser.
struct Person {
    server: &'static RealServer,
    login: &'static str,
    text: String,
}

impl io::Write for Person {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        if let Some(url) = text
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
        {
            self.server.visit(url, self.login);
        }
        self.text.push_str(&text);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Signs in as this person; returns what stood on the terminal too.
async fn sign_in(
    server: &'static RealServer,
    login: &'static str,
) -> (Result<Tokens, idds::client::Error>, String) {
    let mut person = Person {
        server,
        login,
        text: String::new(),
    };
    let client = client(server, Auth::None).expect("a client");
    (
        client.auth().sign_in("test", &mut person).await,
        person.text,
    )
}

/// A token file of this person in a directory of its own.
async fn signed_in(
    server: &'static RealServer,
    login: &'static str,
) -> Result<(tempfile::TempDir, TokenFile), Failure> {
    let directory = tempfile::tempdir()?;
    let file = TokenFile::new(directory.path().join(".token"));
    file.save(&sign_in(server, login).await.0?)?;
    Ok((directory, file))
}

fn expiry(file: &TokenFile) -> Option<TokenInfo> {
    file.info().ok().flatten()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_and_is_let_in() -> Result<(), Failure> {
    let Some(server) = spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let (tokens, terminal) = sign_in(server, "idds-test").await;
    assert!(
        terminal.ends_with("Signed in as idds-test.\n"),
        "{terminal}"
    );
    let token = tokens?.id_token().cloned().ok_or("an ID token")?;
    client(server, Oidc::token("test", token))?.ping().await?;
    Ok(())
}

/// Runs the command for a user whose home has nothing, to whom it is told which authority to trust; `spoken` sees its errors line by line.
async fn command(
    server: &RealServer,
    home: &Path,
    line: &str,
    mut spoken: impl FnMut(&str),
) -> Result<(Option<i32>, String), Failure> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_idds"));
    command
        .args(line.split_whitespace())
        .env_clear()
        .env("HOME", home)
        .env("SSL_CERT_FILE", server.ca());
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = BufReader::new(child.stderr.take().ok_or("no errors")?).lines();
    let mut said = String::new();
    while let Some(line) = in_time("a line of the command", lines.next_line()).await?? {
        spoken(&line);
        said.push_str(&line);
        said.push('\n');
    }
    Ok((
        in_time("the end of the command", child.wait())
            .await??
            .code(),
        said,
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_sign_in_the_next_command_works() -> Result<(), Failure> {
    let Some(server) = spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let home = tempfile::tempdir()?;
    let login = format!("auth login --host {} --vo test", server.url());
    let browser = |line: &str| {
        if let Some(url) = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
        {
            tokio::task::block_in_place(|| server.visit(url, "idds-test"));
        }
    };
    let (code, said) = command(server, home.path(), &login, browser).await?;
    assert_eq!(code, Some(0), "{said}");
    let file = home.path().join(".idds/idds_local.cfg");
    let expected = format!(
        "Signed in as idds-test.\n{} is changed: auth_type, vo, host\n",
        file.display()
    );
    assert!(said.ends_with(&expected), "{said}");
    for line in ["ping", "auth status", "request list"] {
        assert_eq!(
            command(server, home.path(), line, |_| {}).await?,
            (Some(0), String::new()),
            "{line}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_refuses_is_not_let_in() -> Result<(), Failure> {
    let Some(server) = spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let error = sign_in(server, "--refuse").await.0.expect_err("refused");
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (ErrorKind::Credential, "the sign-in was refused")
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_pending_until_somebody_comes_and_works_once() -> Result<(), Failure> {
    let Some(server) = spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let auth = client(server, Auth::None)?.auth();
    let authorization: DeviceAuthorization = auth.sign_in_url("test").await?;
    let ask = || auth.token("test", authorization.device_code.clone());
    assert!(matches!(ask().await?, SignIn::Pending));
    let url = authorization
        .verification_uri_complete
        .clone()
        .ok_or("an address")?;
    spawn_blocking(move || server.visit(&url, "idds-test")).await?;
    assert!(matches!(ask().await?, SignIn::Done(_)));
    assert_eq!(ask().await.expect_err("used").kind(), ErrorKind::Credential);
    assert_eq!(
        auth.sign_in_url("nobody")
            .await
            .expect_err("no such VO")
            .kind(),
        ErrorKind::Refused
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_during_a_wait_is_renewed_and_nobody_notices() -> Result<(), Failure> {
    let Some(server) = spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let (_directory, file) = signed_in(server, "idds-test-brief").await?;
    let first = expiry(&file).ok_or("claims")?;
    let old = file
        .load()?
        .refresh_token()
        .cloned()
        .ok_or("a refresh token")?;
    let client = client(server, Oidc::token_file("test", file.path()))?;
    while expiry(&file).is_some_and(|now| now.expires_at == first.expires_at) {
        let waiting = (0..4).map(|_| tokio::spawn(client.ping().into_future()));
        for ping in waiting.collect::<Vec<_>>() {
            ping.await??;
        }
    }
    client.ping().await?;
    assert!(
        file.load()?
            .refresh_token()
            .is_some_and(|new| new.expose() != old.expose()),
        "rotated"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_sign_in_has_to_be_repeated() -> Result<(), Failure> {
    let Some(server) = spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let (_directory, file) = signed_in(server, "idds-test-expired").await?;
    let old = file
        .load()?
        .refresh_token()
        .cloned()
        .ok_or("a refresh token")?;
    let auth = client(server, Auth::None)?.auth();
    auth.refresh("test", old.clone()).await?;
    // Whoever uses a rotated refresh token again has stolen it, to this provider.
    assert_eq!(
        auth.refresh("test", old).await.expect_err("used").kind(),
        ErrorKind::Credential
    );

    let client = client(server, Oidc::token_file("test", file.path()))?;
    let error = client.ping().await.expect_err("revoked");
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert!(error.to_string().contains("sign in again"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn both_clients_use_and_renew_one_token_file() -> Result<(), Failure> {
    let Some(server) = spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let (_directory, file) = signed_in(server, "idds-test").await?;
    let path = file.path().display().to_string();
    let python = move |expression: &'static str| {
        let variables = [
            ("IDDS_AUTH_TYPE", "oidc"),
            ("IDDS_VO", "test"),
            ("IDDS_OIDC_TOKEN_FILE", path.as_str()),
        ];
        server.python_client_with(&variables, expression)
    };
    let before = file
        .load()?
        .refresh_token()
        .cloned()
        .ok_or("a refresh token")?;
    let (ping, refreshed) = spawn_blocking(move || {
        (
            python("client.ping()"),
            python("client.refresh_oidc_token()"),
        )
    })
    .await?;
    assert!(ping.contains("OK"), "{ping}");
    assert_eq!(refreshed, "None");
    let after = file
        .load()?
        .refresh_token()
        .cloned()
        .ok_or("a refresh token")?;
    assert_ne!(
        before.expose(),
        after.expose(),
        "Python has renewed our file"
    );
    client(server, Oidc::token_file("test", file.path()))?
        .ping()
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_a_token_of_its_own() -> Result<(), Failure> {
    let Some(server) = spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let issuer = issuer(server).await?;
    let auth = Client::builder(issuer).build()?.auth();
    let tokens = auth
        .client_token("idds-test-client", "idds-test-secret")
        .await?;
    let directory = tempfile::tempdir()?;
    let file = TokenFile::new(directory.path().join(".token_client"));
    file.save(&tokens)?;
    client(server, Oidc::token_file("test", file.path()))?
        .ping()
        .await?;

    let error = auth
        .client_token("idds-test-client", "wrong")
        .await
        .expect_err("a wrong secret");
    assert_eq!(error.kind(), ErrorKind::Credential);
    Ok(())
}

/// The address of the provider, as its tokens say.
async fn issuer(server: &'static RealServer) -> Result<String, Failure> {
    let token = spawn_blocking(|| server.id_token("idds-test")).await?;
    let info = TokenInfo::read(&Secret::new(token)).ok_or("claims")?;
    assert_eq!(
        (info.name.as_deref(), info.audience),
        (Some("idds-test"), vec!["idds-test-client".to_owned()])
    );
    Ok(info.issuer.ok_or("an issuer")?)
}

#[test]
fn a_proxy_of_the_grid_says_for_whom_it_stands() -> Result<(), Failure> {
    let Some(server) = RealServer::shared() else {
        return Ok(());
    };
    let (user, proxy) = (
        X509::file(server.tls("user")).info()?,
        X509::file(server.tls("proxy")).info()?,
    );
    assert_eq!((user.is_proxy, proxy.is_proxy), (false, true));
    assert_eq!(proxy.identity, user.subject);
    assert!(user.subject.ends_with("/CN=idds-test"), "{user:?}");
    Ok(())
}
