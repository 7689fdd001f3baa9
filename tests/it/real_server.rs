//! The real iDDS 2.6.21, over TLS.

use std::fs;

use idds::client::{Auth, Client, ErrorKind, Oidc, OriginalUser, X509};
use idds::workflow::Workflow;

use crate::example;
use crate::support::RealServer;

type Failure = Box<dyn std::error::Error>;

fn client(server: &RealServer, auth: impl Into<Auth>) -> Result<Client, idds::client::Error> {
    Client::builder(server.url())
        .ca_file(server.ca())
        .auth(auth)
        .build()
}

#[test]
fn the_quickstart_runs_a_whole_search_with_a_grid_proxy_and_the_python_client_says_finished()
-> Result<(), Failure> {
    let Some(server) = RealServer::shared() else {
        return Ok(());
    };
    let proxy = server.tls("proxy").display().to_string();
    let request = quickstart(
        server,
        &[
            ("IDDS_AUTH_TYPE", "x509_proxy"),
            ("X509_USER_PROXY", &proxy),
        ],
    )?;
    let status = server.python_client(&format!("client.get_status(request_id={request})"));
    assert!(status.contains("Finished"), "{status}");
    let evaluated = format!(
        "len([p for p in client.get_hyperparameters(None, request_id={request}) if p['loss'] is not None])"
    );
    assert_eq!(server.python_client(&evaluated), "20");
    Ok(())
}

#[test]
fn the_quickstart_runs_a_whole_search_with_a_token() -> Result<(), Failure> {
    let Some(server) = RealServer::shared() else {
        return Ok(());
    };
    let token = server.id_token("idds-test");
    quickstart(
        server,
        &[
            ("IDDS_AUTH_TYPE", "oidc"),
            ("IDDS_OIDC_TOKEN", &token),
            ("IDDS_VO", "test"),
        ],
    )?;
    Ok(())
}

/// Runs the quickstart with these variables, and returns the id of its request.
fn quickstart(server: &RealServer, credential: &[(&str, &str)]) -> Result<u64, Failure> {
    let folder = tempfile::tempdir()?;
    let mut quickstart = example::command("hpo_quickstart", folder.path());
    quickstart
        .env("IDDS_HOST", server.url())
        .env("SSL_CERT_FILE", server.ca())
        .envs(credential.iter().copied());
    let output = example::output(quickstart);
    assert!(output.contains("Finished after"), "{output}");
    assert!(output.contains("the loss of all 20 points"), "{output}");
    assert!(
        fs::read_to_string(folder.path().join("target/hpo_quickstart/loss.svg"))?
            .starts_with("<svg")
    );
    let request = output
        .strip_prefix("request ")
        .and_then(|rest| rest.split(' ').next())
        .ok_or("no request id")?;
    Ok(request.parse()?)
}

#[tokio::test]
async fn a_certificate_a_grid_proxy_and_a_token_let_their_user_in() -> Result<(), Failure> {
    let Some(server) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    for file in ["user", "proxy"] {
        client(server, X509::file(server.tls(file)))?.ping().await?;
    }
    let token = tokio::task::spawn_blocking(|| server.id_token("idds-test")).await?;
    client(server, Oidc::token("test", token))?.ping().await?;
    Ok(())
}

#[tokio::test]
async fn who_is_not_let_in_is_told_why() -> Result<(), Failure> {
    let Some(server) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    for (auth, kind) in [
        (Auth::None, ErrorKind::Unauthorized),
        (
            X509::file(server.tls("unknown")).into(),
            ErrorKind::Unauthorized,
        ),
        (
            X509::file(server.tls("banned")).into(),
            ErrorKind::Unauthorized,
        ),
        (
            X509::file(server.tls("foreign")).into(),
            ErrorKind::Credential,
        ),
        (
            Oidc::token("test", "not.a.token").into(),
            ErrorKind::Unauthorized,
        ),
    ] {
        let error = async { client(server, auth)?.ping().await }
            .await
            .expect_err("not let in");
        assert_eq!(error.kind(), kind, "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn an_expired_token_is_not_sent() -> Result<(), Failure> {
    let Some(server) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let token = tokio::task::spawn_blocking(|| server.id_token("idds-test-expired")).await?;
    let error = async { client(server, Oidc::token("test", token))?.ping().await }
        .await
        .expect_err("an expired token");
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert!(error.to_string().contains("expired"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_server_of_an_unknown_authority_is_not_talked_to() -> Result<(), Failure> {
    let Some(server) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let auth = X509::file(server.tls("user"));
    let client = Client::builder(server.url())
        .ca_file(server.tls("foreign-ca"))
        .auth(auth)
        .build()?;
    assert_eq!(
        client
            .ping()
            .await
            .expect_err("an unknown authority")
            .kind(),
        ErrorKind::Certificate
    );
    Ok(())
}

#[tokio::test]
async fn a_relay_submits_in_the_name_of_its_user_if_the_server_trusts_it() -> Result<(), Failure> {
    let Some(server) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let workflow = Workflow::builder().build()?;
    let user = OriginalUser::new("somebody");
    for (file, submitter) in [("super", "somebody"), ("user", "CN=idds-test")] {
        let relay = client(server, X509::file(server.tls(file)))?.on_behalf_of(&user)?;
        let request = relay.requests().submit(&workflow).await?;
        let rows = relay.requests().get(request).await?;
        assert_eq!(rows[0].username.as_deref(), Some(submitter));
    }
    Ok(())
}

#[test]
fn a_program_evaluates_the_points_of_a_whole_search() -> Result<(), Failure> {
    let Some(server) = RealServer::shared() else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let mut example = example::command("tune_command", folder.path());
    example
        .env("IDDS_HOST", server.url())
        .env("SSL_CERT_FILE", server.ca());
    example
        .env("IDDS_AUTH_TYPE", "x509_proxy")
        .env("X509_USER_PROXY", server.tls("proxy"));
    let output = example::output(example);
    assert!(output.contains("Finished after"), "{output}");
    let request = output
        .strip_prefix("request ")
        .and_then(|rest| rest.split(' ').next())
        .ok_or("no request id")?;
    let points = folder
        .path()
        .join(format!("target/tune_command/request-{request}"));
    assert_eq!(fs::read_dir(points)?.count(), 8);
    Ok(())
}
