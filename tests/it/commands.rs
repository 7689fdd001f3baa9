//! Commands to requests on the real iDDS 2.6.21: what becomes of them.

use std::time::Duration;

use futures::TryStreamExt as _;
use idds::client::{
    Addressee, Client, Decision, ErrorKind, Outcome, RequestCommand, RequestInfo, ServerFamily,
    X509,
};
use idds::workflow::{ATLASHPOWork, OptSpace, RequestId, RequestStatus, Workflow, WorkloadId};

use crate::support::RealServer;

type Failure = Box<dyn std::error::Error>;

/// Longer than the agents need to find a request again that one of them has locked and lost.
const PATIENCE: Duration = Duration::from_secs(100);
const INTERVAL: Duration = Duration::from_millis(300);

fn client(server: &RealServer, user: &str) -> Result<Client, idds::client::Error> {
    Client::builder(server.url())
        .ca_file(server.ca())
        .auth(X509::file(server.tls(user)))
        .build()
}

async fn server() -> Result<Option<&'static RealServer>, Failure> {
    Ok(tokio::task::spawn_blocking(RealServer::shared).await?)
}

/// What the real Python client prints for an expression.
async fn python(server: &'static RealServer, expression: String) -> Result<String, Failure> {
    Ok(tokio::task::spawn_blocking(move || server.python_client(&expression)).await?)
}

/// A search that waits for losses which nobody reports.
fn search(name: &str) -> Result<Workflow, idds::workflow::Error> {
    let space = OptSpace::builder().scalar("x", 0.0..=1.0).build()?;
    Workflow::builder()
        .name(name)
        .work(ATLASHPOWork::nevergrad(space, 100).build()?)
        .build()
}

/// Submits a search and waits for its points, since an abort before that may hang.
async fn running(client: &Client, name: &str) -> Result<RequestId, Failure> {
    let request = client.requests().submit(&search(name)?).await?;
    with_points(client, request).await?;
    Ok(request)
}

async fn with_points(client: &Client, request: RequestId) -> Result<(), Failure> {
    // No status says that there are points.
    let look = async {
        while client.hpo().get(request).await?.is_empty() {
            tokio::time::sleep(INTERVAL).await;
        }
        Ok(())
    };
    tokio::time::timeout(PATIENCE, look).await?
}

/// Waits until a command is decided. The server loses some commands, those it looks at while an agent has
/// locked the request.
async fn decided<A: Addressee + 'static>(
    command: RequestCommand<A>,
) -> Result<A::Each<Outcome>, Failure> {
    let wait = command.wait().timeout(PATIENCE).interval(INTERVAL);
    Ok(wait.again_every(Duration::from_secs(20)).await?)
}

#[tokio::test]
async fn an_abort_is_applied_then_refused_and_a_retry_sets_the_request_going_again()
-> Result<(), Failure> {
    let Some(server) = server().await? else {
        return Ok(());
    };
    let client = client(server, "user")?;
    let request = running(&client, "commands.abort").await?;

    let outcome = decided(client.requests().abort(request)).await?;
    assert_eq!(outcome.decision, Decision::Applied, "{outcome:?}");
    assert_eq!(outcome.info.status, RequestStatus::Failed);
    let status = python(server, format!("client.get_status(request_id={request})")).await?;
    assert!(status.contains("Failed"), "{status}");

    for _ in 0..2 {
        let outcome = decided(client.requests().abort(request)).await?;
        let reason = "Request is already terminated. Cannot be aborted";
        assert_eq!(
            outcome.decision,
            Decision::Refused(reason.to_owned()),
            "{outcome:?}"
        );
    }

    let outcome = decided(client.requests().retry(request)).await?;
    assert_eq!(outcome.decision, Decision::Applied, "{outcome:?}");
    assert!(!outcome.info.status.is_terminal(), "{outcome:?}");
    Ok(())
}

#[tokio::test]
async fn a_close_by_workload_reaches_its_requests_while_a_watch_looks_on() -> Result<(), Failure> {
    let Some(server) = server().await? else {
        return Ok(());
    };
    let client = client(server, "user")?;
    let workload = WorkloadId::new(86_400_001);
    let space = OptSpace::builder().scalar("x", 0.0..=1.0).build()?;
    let work = ATLASHPOWork::nevergrad(space, 100).build()?;
    let workflow = Workflow::builder()
        .name("commands.close")
        .workload_id(workload)
        .work(work)
        .build()?;
    let request = client.requests().submit(&workflow).await?;
    let watch = client
        .requests()
        .watch(request)
        .interval(INTERVAL)
        .timeout(3 * PATIENCE);
    let watching = tokio::spawn(watch.try_collect::<Vec<RequestInfo>>());
    with_points(&client, request).await?;

    let error = client
        .requests()
        .close((request, WorkloadId::new(86_400_002)))
        .await
        .expect_err("another workload");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        error.to_string(),
        format!("close request failed: request {request} has the workload 86400001, not 86400002")
    );
    let mut outcomes = decided(client.requests().close(workload)).await?;
    let outcome = outcomes.pop().ok_or("no request")?;
    assert!(outcomes.is_empty(), "{outcomes:?}");
    assert_eq!(
        (outcome.request, &outcome.decision),
        (request, &Decision::Applied),
        "{outcome:?}"
    );

    let states: Vec<_> = watching.await??.iter().map(|info| info.status).collect();
    assert_eq!(states.first(), Some(&RequestStatus::New), "{states:?}");
    assert!(states.contains(&RequestStatus::Transforming), "{states:?}");
    assert_eq!(states.last(), Some(&outcome.info.status), "{states:?}");
    let ended = client.requests().wait_until_ended(request);
    let info = tokio::time::timeout(PATIENCE, ended).await??;
    assert_eq!(info.workload_id, Some(workload));
    Ok(())
}

#[tokio::test]
async fn a_request_is_found_by_its_exact_name_and_in_every_detail() -> Result<(), Failure> {
    let Some(server) = server().await? else {
        return Ok(());
    };
    let client = client(server, "user")?;
    let requests = client.requests();
    let name = r"commands/100% *of\ (Ünïque)?";
    let request = requests.submit(&search(name)?).await?;
    assert_eq!(requests.find_by_name(name).await?, Some(request));
    for pattern in [
        "commands_100% *of_ (Ünïque)?",
        "commands%",
        "*",
        "null",
        "..",
    ] {
        assert_eq!(requests.find_by_name(pattern).await?, None, "{pattern}");
    }

    with_points(&client, request).await?;
    let rows = requests.get(request).collections().await?;
    let output = rows[0].output.as_ref().ok_or("no output")?;
    let report = requests.status_report(request).detailed().await?;
    let counts = [
        output.total_files,
        output.processed_files,
        output.processing_files,
    ];
    assert_eq!(
        [
            report[0].total_files,
            report[0].processed_files,
            report[0].processing_files
        ],
        counts
    );
    let printed = python(
        server,
        format!("client.get_status(request_id={request}, with_detail=True)"),
    )
    .await?;
    assert!(
        printed.contains(&output.name.clone().ok_or("no name")?),
        "{printed}"
    );
    assert!(
        requests.get(request).processings().await?[0]
            .processing
            .is_some()
    );
    assert!(
        requests.get(request).transforms().await?[0]
            .transform
            .is_some()
    );
    let stored = requests.get(request).metadata().await?;
    assert_eq!(stored[0].decode()?.workflow.name(), Some(name));
    assert!(
        requests
            .list_all()
            .await?
            .iter()
            .any(|info| info.request_id == Some(request))
    );
    Ok(())
}

#[tokio::test]
async fn what_the_server_refuses_is_told_apart() -> Result<(), Failure> {
    let Some(server) = server().await? else {
        return Ok(());
    };
    let (user, other) = (client(server, "user")?, client(server, "other")?);
    let request = user.requests().submit(&search("commands.refused")?).await?;
    let error = other
        .requests()
        .abort(request)
        .await
        .expect_err("not theirs");
    assert_eq!(error.kind(), ErrorKind::Unauthorized, "{error}");
    let error = other
        .requests()
        .retry(RequestId::new(99_999_999))
        .wait()
        .timeout(PATIENCE)
        .await
        .expect_err("unknown");
    assert_eq!(
        error.to_string(),
        "retry request failed: the server does not know request 99999999"
    );
    let error = user
        .requests()
        .close(WorkloadId::new(86_400_099))
        .await
        .expect_err("unknown");
    assert_eq!(
        error.to_string(),
        "close request failed: the server does not know workload 86400099"
    );
    let error = user
        .requests()
        .suspend(request)
        .await
        .expect_err("it would be an abort");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        user.requests().force_finish(request).anyway().await?,
        request
    );
    user.requests()
        .update(request, RequestStatus::ToSuspend)
        .anyway()
        .await?;
    let error = user
        .requests()
        .abort_task(request, WorkloadId::new(1))
        .anyway()
        .await
        .expect_err("no such route");
    assert_eq!(
        error.server().map(|server| server.status.as_u16()),
        Some(405),
        "{error}"
    );
    assert_eq!(
        user.requests().get(request).await?[0].substatus,
        Some(RequestStatus::New)
    );
    Ok(())
}

#[tokio::test]
async fn the_family_of_the_server_is_found_out() -> Result<(), Failure> {
    let Some(server) = server().await? else {
        return Ok(());
    };
    assert_eq!(client(server, "user")?.probe().await?, ServerFamily::V2_2);
    let error = client(server, "unknown")?
        .probe()
        .await
        .expect_err("not let in");
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    Ok(())
}

#[tokio::test]
async fn a_build_is_submitted_and_wants_its_signature() -> Result<(), Failure> {
    let Some(server) = server().await? else {
        return Ok(());
    };
    let requests = client(server, "user")?.requests();
    let request = requests.submit_build(&search("commands.build")?).await?;
    let stored = requests.get(request).metadata().await?;
    assert_eq!(stored[0].decode()?.workflow.name(), Some("commands.build"));
    let error = requests
        .update_build(request, "forged", &search("commands.built")?)
        .await
        .expect_err("forged");
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(
        error
            .to_string()
            .contains("has a different signature(forged != "),
        "{error}"
    );
    let unknown = RequestId::new(99_999_999);
    let error = requests
        .update_build(unknown, "forged", &search("commands.built")?)
        .await
        .expect_err("unknown");
    assert_eq!(
        error.to_string(),
        "update build failed: the server does not know request 99999999"
    );
    Ok(())
}
