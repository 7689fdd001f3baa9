//! Submissions through a proxy that breaks connections: what becomes of the workflow, and what the caller is told.

mod proxy;

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use futures::future::try_join_all;
use idds::client::{Client, ClientBuilder, Error, ErrorKind, Oidc, Retry};
use idds::local::Server;
use idds::workflow::{RequestId, Work, Workflow, WorkloadId};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};

use self::proxy::{Fault, Proxy};
use crate::support::{self, RealServer, http};

type Failure = Box<dyn std::error::Error>;

const FAULTS: [(&str, Fault); 10] = [
    ("reset before the request", Fault::ResetBefore),
    ("reset while it is handled", Fault::ResetDuring),
    ("reset after it was handled", Fault::ResetAfter),
    ("answer cut in the middle", Fault::CutAfter),
    ("500 with HTML, not handled", Fault::PageBefore(500)),
    ("500 with HTML, handled", Fault::PageAfter(500)),
    ("503 with HTML, not handled", Fault::PageBefore(503)),
    ("504 with HTML, handled", Fault::PageAfter(504)),
    ("slow-drip answer", Fault::Drip),
    ("token revoked", Fault::Revoked),
];

/// What is delivered later than its connection lives, or never whole.
const LATE: [(&str, Fault); 4] = [
    ("reset, delivered at once", Fault::Late(Duration::ZERO)),
    (
        "reset, delivered 2 s later",
        Fault::Late(Duration::from_secs(2)),
    ),
    (
        "reset, delivered 15 s later",
        Fault::Late(Duration::from_secs(15)),
    ),
    ("reset within the body", Fault::Within),
];

/// More than the buffers of two sockets hold, so that a connection that breaks is seen within the body.
const BIG: usize = 30 << 20;

/// A server, and how to ask it directly.
struct Upstream {
    /// Without a path.
    url: String,
    http: reqwest::Client,
    token: Option<String>,
    /// Where the workload ids of the submissions begin.
    first_workload: u32,
}

impl Upstream {
    /// Counts the requests of a workload.
    async fn count(&self, workload: u32) -> Result<usize, Failure> {
        let path = format!(
            "{}/idds/request/null/{workload}/False/False/False/False",
            self.url
        );
        let mut asked = self.http.get(path);
        if let Some(token) = &self.token {
            let headers = [
                ("x-idds-auth-type", "oidc"),
                ("x-idds-auth-vo", "test"),
                ("x-idds-auth-token", token),
            ];
            for (name, value) in headers {
                asked = asked.header(name, value);
            }
        }
        let rows: serde_json::Value = serde_json::from_slice(&asked.send().await?.bytes().await?)?;
        Ok(rows.as_array().ok_or("a list")?.len())
    }

    fn client(&self, proxy: &Proxy) -> Result<Client, Error> {
        let builder = Client::builder(proxy.url());
        let builder = match &self.token {
            Some(token) => builder.auth(Oidc::token("test", token)),
            None => builder,
        };
        hasty(builder).build()
    }
}

/// A client to ask the server with, past the proxy.
fn plain() -> reqwest::ClientBuilder {
    http::plain().timeout(Duration::from_secs(60))
}

/// Shortens what is long in earnest.
fn hasty(builder: ClientBuilder) -> ClientBuilder {
    let retry = Retry::default()
        .first_wait(Duration::from_millis(20))
        .settle(Duration::from_secs(4));
    builder.retry(retry).timeout(Duration::from_secs(4))
}

fn workflow(workload: u32) -> Result<Workflow, Failure> {
    Ok(Workflow::builder()
        .workload_id(WorkloadId::new(workload))
        .build()?)
}

fn big_workflow(workload: u32) -> Result<Workflow, Failure> {
    let work = Work::builder("run.sh").arguments("x".repeat(BIG)).build()?;
    Ok(Workflow::builder()
        .workload_id(WorkloadId::new(workload))
        .work(work)
        .build()?)
}

/// One line of the table.
struct Row {
    fault: String,
    outcome: String,
    reached: (u32, u32),
    made: usize,
}

fn told(outcome: &Result<RequestId, Error>) -> String {
    match outcome {
        Ok(_) => "ok".to_owned(),
        Err(error) => format!("{:?}, {} attempts", error.kind(), error.attempts()),
    }
}

/// Checks the goal: never two workflows, never none without an error.
fn judge(row: &Row, outcome: &Result<RequestId, Error>) {
    let Row { fault, made, .. } = row;
    match outcome {
        Ok(_) => assert_eq!(*made, 1, "{fault}"),
        Err(error) if error.kind() == ErrorKind::Undecided => assert!(*made <= 1, "{fault}"),
        Err(_) => assert_eq!(*made, 0, "{fault}"),
    }
}

/// Prints a table for each client; it is shown with `--nocapture`.
fn show(title: &str, rows: &[Row]) {
    let mut table = format!(
        "\n{title}\n{:<44}{:<28}{:>5}{:>7}{:>11}\n",
        "fault", "outcome", "POSTs", "others", "workflows"
    );
    for Row {
        fault,
        outcome,
        reached: (posts, others),
        made,
    } in rows
    {
        let _ = writeln!(
            table,
            "{fault:<44}{outcome:<28}{posts:>5}{others:>7}{made:>11}"
        );
    }
    let _ = std::io::stdout().write_all(table.as_bytes());
}

/// Sends a submission through every fault, once and always, with our client and with the Python one.
async fn through_every_fault(
    name: &str,
    upstream: &Upstream,
    python: Option<&Path>,
    faults: &[(&str, Fault)],
) -> Result<Vec<Row>, Failure> {
    let kinds = faults.iter().copied();
    let cases = kinds.flat_map(|(fault, kind)| [(fault, kind, "once"), (fault, kind, "always")]);
    let (mut ours, mut proxies) = (Vec::new(), Vec::new());
    for ((fault, kind, when), workload) in cases.zip((upstream.first_workload..).step_by(2)) {
        let fault = format!("{fault}, {when}");
        let proxy = || Proxy::start(&upstream.url, &upstream.http, kind, when == "always");
        let workflow = if kind == Fault::Within {
            big_workflow(workload)?
        } else {
            workflow(workload)?
        };
        ours.push(through(
            fault.clone(),
            upstream,
            proxy().await?,
            workload,
            workflow,
        ));
        proxies.push((fault, proxy().await?, workload + 1));
    }
    let rows = try_join_all(ours).await?;
    show(&format!("{name}, this client"), &rows);
    if let Some(python) = python {
        let mut theirs = Vec::new();
        for (fault, (result, reached, made)) in beside(python, upstream, &proxies).await? {
            theirs.push(Row {
                fault,
                outcome: result,
                reached,
                made,
            });
        }
        show(&format!("{name}, Python client 2.6.21"), &theirs);
    }
    Ok(rows)
}

/// Sends a submission through one fault.
async fn through(
    fault: String,
    upstream: &Upstream,
    proxy: Proxy,
    workload: u32,
    workflow: Workflow,
) -> Result<Row, Failure> {
    let outcome = upstream.client(&proxy)?.requests().submit(&workflow).await;
    proxy.settled().await;
    let made = upstream.count(workload).await?;
    let row = Row {
        fault,
        outcome: told(&outcome),
        reached: proxy.reached(),
        made,
    };
    judge(&row, &outcome);
    Ok(row)
}

type Outcome = (String, (u32, u32), usize);

/// Does the same with the Python client.
async fn beside(
    python: &Path,
    upstream: &Upstream,
    proxies: &[(String, Proxy, u32)],
) -> Result<Vec<(String, Outcome)>, Failure> {
    let mut command = Command::new(python);
    command
        .arg(support::test_file("faults/submit.py"))
        .env("IDDS_AUTH_TYPE", "oidc")
        .env("IDDS_VO", "test");
    command.env(
        "IDDS_OIDC_TOKEN",
        upstream.token.as_deref().unwrap_or("none"),
    );
    for (_, proxy, workload) in proxies {
        command.args([proxy.url(), workload.to_string()]);
    }
    let output = tokio::task::spawn_blocking(move || support::run(&mut command)).await?;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut outcomes = Vec::new();
    for ((fault, proxy, workload), line) in proxies
        .iter()
        .zip(String::from_utf8(output.stdout)?.lines())
    {
        let result: String = serde_json::from_str(line)?;
        proxy.settled().await;
        let result = if result.parse::<u64>().is_ok() {
            "ok".to_owned()
        } else {
            result.chars().take(26).collect()
        };
        outcomes.push((
            fault.clone(),
            (result, proxy.reached(), upstream.count(*workload).await?),
        ));
    }
    Ok(outcomes)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_doubles_a_workflow_or_loses_one_in_silence() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let url = server.url().trim_end_matches("/idds").to_owned();
    let upstream = Upstream {
        url,
        http: plain().build()?,
        token: None,
        first_workload: 1000,
    };
    let python = tokio::task::spawn_blocking(support::python).await?;
    let rows =
        through_every_fault("embedded server", &upstream, python.as_deref(), &FAULTS).await?;
    let ok = rows.iter().filter(|row| row.outcome == "ok").count();
    // Only what never arrives, once or always, and a user who is not let in, end in an error.
    assert_eq!((ok, rows.len()), (12, 20));
    assert!(rows.iter().all(|row| row.reached.0 <= 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_delivered_late_is_not_doubled() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let url = server.url().trim_end_matches("/idds").to_owned();
    let upstream = Upstream {
        url,
        http: plain().build()?,
        token: None,
        first_workload: 2000,
    };
    let python = tokio::task::spawn_blocking(support::python).await?;
    let rows = through_every_fault("embedded server", &upstream, python.as_deref(), &LATE).await?;
    // How many attempts it takes depends on the machine.
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.outcome.split(',').next().unwrap_or_default(), row.made))
        .collect();
    assert_eq!(told[..4], [("ok", 1); 4]);
    // What comes after the time to look is there all the same, which is what undecided says; a slow machine looks longer.
    assert!(
        told[4..6]
            .iter()
            .all(|it| [("Undecided", 1), ("ok", 1)].contains(it)),
        "{told:?}"
    );
    assert_eq!(told[6], ("ok", 1));
    assert!(
        [("Interrupted", 0), ("Timeout", 0)].contains(&told[7]),
        "{told:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_before_the_real_server_doubles_a_workflow_or_loses_one_in_silence()
-> Result<(), Failure> {
    let Some(server) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let token = tokio::task::spawn_blocking(|| server.id_token("idds-test")).await?;
    let ca = reqwest::Certificate::from_pem(&std::fs::read(server.ca())?)?;
    let upstream = Upstream {
        url: server.url().trim_end_matches("/idds").to_owned(),
        http: plain().add_root_certificate(ca).build()?,
        token: Some(token),
        first_workload: 1000,
    };
    let python = tokio::task::spawn_blocking(support::python).await?;
    let rows = through_every_fault("real server", &upstream, python.as_deref(), &FAULTS).await?;
    assert_eq!(rows.iter().filter(|row| row.outcome == "ok").count(), 12);
    Ok(())
}

/// A server that does nothing but show its certificate; it counts the requests that it can read.
fn shows_certificate(certificate: &str) -> Result<String, Failure> {
    let pem = |name: &str| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("idds-client/tests/pem")
            .join(name)
    };
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_file(pem(certificate))?],
                PrivateKeyDer::from_pem_file(pem(if certificate == "user.crt" {
                    "user.key"
                } else {
                    "server.key"
                }))?,
            )?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let host = format!("https://{}/idds", listener.local_addr()?);
    let config = Arc::new(config);
    thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let Ok(mut connection) = ServerConnection::new(Arc::clone(&config)) else {
                return;
            };
            let _ = connection.complete_io(&mut socket);
        }
    });
    Ok(host)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_trusted_connection_or_a_valid_token_nothing_is_sent() -> Result<(), Failure> {
    let mut rows = Vec::new();
    let pem = |name: &str| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("idds-client/tests/pem")
            .join(name)
    };
    let expired = "eyJhbGciOiJub25lIn0.eyJleHAiOjE2MDAwMDAwMDB9.";
    let closed = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let cases = [
        (
            "connection refused",
            format!("http://{closed}/idds"),
            "ca.crt",
            ErrorKind::Connect,
            4,
        ),
        (
            "certificate of another authority",
            shows_certificate("server.crt")?,
            "rsa.crt",
            ErrorKind::Certificate,
            1,
        ),
        (
            "certificate of another server",
            shows_certificate("user.crt")?,
            "ca.crt",
            ErrorKind::Certificate,
            1,
        ),
        (
            "expired certificate",
            shows_certificate("server-expired.crt")?,
            "ca.crt",
            ErrorKind::Certificate,
            1,
        ),
        (
            "clock off: certificate of the future",
            shows_certificate("server-future.crt")?,
            "server-future.crt",
            ErrorKind::Certificate,
            1,
        ),
    ];
    for (fault, host, ca, kind, attempts) in cases {
        let authorities = ClientBuilder::from_lookup(|name| match name {
            "IDDS_HOST" => Some(host.clone()),
            "IDDS_AUTH_TYPE" => Some("none".to_owned()),
            "SSL_CERT_FILE" => Some(pem(ca).display().to_string()),
            _ => None,
        });
        let outcome = hasty(authorities?)
            .build()?
            .requests()
            .submit(&workflow(1)?)
            .await;
        let row = Row {
            fault: fault.to_owned(),
            outcome: told(&outcome),
            reached: (0, 0),
            made: 0,
        };
        let error = outcome.expect_err(fault);
        assert_eq!(
            (error.kind(), error.attempts()),
            (kind, attempts),
            "{fault}: {error}"
        );
        rows.push(row);
    }
    let client = Client::builder(format!("http://{closed}/idds"))
        .auth(Oidc::token("test", expired))
        .build()?;
    let error = client
        .requests()
        .submit(&workflow(1)?)
        .await
        .expect_err("an expired token");
    assert_eq!(error.kind(), ErrorKind::Credential);
    let outcome = "Credential, 0 attempts".to_owned();
    rows.push(Row {
        fault: "token expired by our clock".to_owned(),
        outcome,
        reached: (0, 0),
        made: 0,
    });
    show("connections that are never made", &rows);
    Ok(())
}
