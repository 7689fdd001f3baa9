//! No secret is ever shown: not in the log, whatever its level, not in an error, not in `Debug`.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::fs;

use idds::client::{Auth, Client, Error, Oidc, SignIn, TokenFile, X509};
use tokio::task::spawn_blocking;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::{Failure, client};
use crate::support::RealServer;

thread_local! {
    /// Everything that is logged on this thread, while somebody collects it.
    static LOG: RefCell<Option<String>> = const { RefCell::new(None) };
}

fn note(what: fmt::Arguments<'_>) {
    LOG.with_borrow_mut(|log| {
        if let Some(log) = log {
            log.write_fmt(what)
                .and_then(|()| log.write_char('\n'))
                .expect("memory takes everything");
        }
    });
}

/// Collects spans and events of every level and library.
struct Everything;

impl Visit for Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        note(format_args!("{field}={value:?}"));
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        note(format_args!("{}", span.metadata().name()));
        span.record(&mut Self);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Self);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        note(format_args!("{}", event.metadata().target()));
        event.record(&mut Self);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// rustls and reqwest log by the older way.
impl log::Log for Everything {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        note(format_args!("{} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

/// Shows an error as a program would, with all that lies underneath.
fn show(error: &Error) {
    note(format_args!("{error} {error:?}"));
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        note(format_args!("{error} {error:?}"));
        source = error.source();
    }
}

/// Secrets, gathered while they come to be.
#[derive(Default)]
struct Secrets(Vec<String>);

impl Secrets {
    fn of(&mut self, file: &TokenFile) -> Result<(), Error> {
        let tokens = file.load()?;
        note(format_args!("{tokens:?} {file:?}"));
        let all = [
            tokens.id_token(),
            tokens.access_token(),
            tokens.refresh_token(),
        ];
        self.0.extend(
            all.into_iter()
                .flatten()
                .map(|token| token.expose().to_owned()),
        );
        Ok(())
    }
}

#[test]
fn every_way_to_authenticate_keeps_its_secrets() -> Result<(), Failure> {
    let Some(server) = RealServer::shared() else {
        return Ok(());
    };
    log::set_logger(&Everything)
        .map(|()| log::set_max_level(log::LevelFilter::Trace))
        .map_err(|error| error.to_string())?;
    LOG.set(Some(String::new()));
    // On one thread, as both collectors belong to it.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut secrets = Secrets::default();
    // With a second one alive, what is first logged on another thread is not taken for what nobody wants.
    let _second = tracing::Dispatch::new(Everything);
    tracing::subscriber::with_default(Everything, || {
        runtime.block_on(everything(server, &mut secrets))
    })?;
    let log = LOG.take().unwrap_or_default();

    for part in [
        "rustls",
        "hyper",
        "reqwest",
        "idds_client",
        "X-IDDS-Auth",
        "/auth/token/test/[redacted]/5/60",
    ] {
        let is_there = log.contains(part);
        assert_eq!(
            is_there,
            part != "X-IDDS-Auth",
            "{part} in {} bytes of log",
            log.len()
        );
    }
    assert!(secrets.0.len() > 10, "{}", secrets.0.len());
    for secret in &secrets.0 {
        for line in log.lines() {
            assert!(
                !line.contains(secret.as_str()),
                "a secret is in: {}",
                line.replace(secret.as_str(), "[THE SECRET]")
            );
        }
    }
    Ok(())
}

async fn everything(server: &'static RealServer, secrets: &mut Secrets) -> Result<(), Failure> {
    for name in ["user", "proxy", "unknown", "foreign"] {
        let file = server.tls(name);
        secrets.0.extend(private_lines(&fs::read_to_string(&file)?));
        try_out(client(server, X509::file(file))?).await;
    }

    let auth = client(server, Auth::None)?.auth();
    let authorization = auth.sign_in_url("test").await?;
    note(format_args!("{authorization:?}"));
    secrets
        .0
        .push(authorization.device_code.expose().to_owned());
    let ask = || auth.token("test", authorization.device_code.clone());
    note(format_args!("{:?} {:?}", ask(), ask().await));
    let url = authorization
        .verification_uri_complete
        .clone()
        .ok_or("an address")?;
    spawn_blocking(move || server.visit(&url, "idds-test")).await?;
    let SignIn::Done(tokens) = ask().await? else {
        return Err("no tokens".into());
    };
    let directory = tempfile::tempdir()?;
    let file = TokenFile::new(directory.path().join(".token"));
    file.save(&tokens)?;
    secrets.of(&file)?;

    try_out(client(server, Oidc::token_file("test", file.path()))?).await;
    try_out(client(
        server,
        Oidc::token("test", tokens.id_token().ok_or("a token")?.clone()),
    )?)
    .await;
    secrets.0.push("eyJub3QiOiJhIHRva2VuIn0".to_owned());
    try_out(client(
        server,
        Oidc::token("test", "e30.eyJub3QiOiJhIHRva2VuIn0.x"),
    )?)
    .await;

    let refresh_token = tokens.refresh_token().ok_or("a refresh token")?.clone();
    let renewed = auth.refresh("test", refresh_token.clone()).await?;
    file.save(&renewed)?;
    secrets.of(&file)?;
    show(&auth.refresh("test", refresh_token).await.expect_err("used"));
    show(&ask().await.expect_err("used"));

    let expired = spawn_blocking(|| server.id_token("idds-test-expired")).await?;
    fs::write(
        file.path(),
        format!("{{\"id_token\": \"{expired}\", \"refresh_token\": \"n0thing\"}}"),
    )?;
    secrets.0.extend([expired, "n0thing".to_owned()]);
    try_out(client(server, Oidc::token_file("test", file.path()))?).await;

    let issuer = tokens
        .info()
        .and_then(|info| info.issuer)
        .ok_or("an issuer")?;
    let issuer = Client::builder(issuer).build()?;
    secrets
        .0
        .extend(["idds-test-secret", "wr0ng"].map(str::to_owned));
    file.save(
        &issuer
            .auth()
            .client_token("idds-test-client", "idds-test-secret")
            .await?,
    )?;
    secrets.of(&file)?;
    show(
        &issuer
            .auth()
            .client_token("idds-test-client", "wr0ng")
            .await
            .expect_err("wrong"),
    );
    Ok(())
}

async fn try_out(client: Client) {
    note(format_args!("{client:?}"));
    if let Err(error) = client.ping().await {
        show(&error);
    }
}

/// The lines of the private keys in a PEM file.
fn private_lines(pem: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut is_private = false;
    for line in pem.lines() {
        if line.starts_with("-----") {
            is_private = line.contains("BEGIN") && line.contains("PRIVATE KEY");
        } else if is_private {
            lines.push(line.to_owned());
        }
    }
    lines
}
