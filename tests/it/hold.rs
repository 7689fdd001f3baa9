//! Suspend, resume and finish on the embedded server, by a client that finds out what server it is.

use std::time::Duration;

use idds::client::{Client, Decision, ErrorKind, Server as Kind};
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, OptSpace, RequestId, RequestStatus, Work, Workflow};

use crate::support::in_time;

type Failure = Box<dyn std::error::Error>;

/// Time for the embedded server to do what it is told, which it does at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// Submits a search, and waits for its points.
async fn search(client: &Client) -> Result<RequestId, Failure> {
    let space = OptSpace::builder().scalar("x", 0.0..=1.0).build()?;
    let work = ATLASHPOWork::nevergrad(space, 4)
        .num_points_per_iteration(2)
        .build()?;
    let request = client
        .requests()
        .submit(&Workflow::builder().work(work).build()?)
        .await?;
    open(client, request).await?;
    Ok(request)
}

/// Waits for points without a loss, and returns how many there are.
async fn open(client: &Client, request: RequestId) -> Result<usize, Failure> {
    let look = async {
        loop {
            match client.hpo().get(request).open().await?.len() {
                0 => tokio::task::yield_now().await,
                count => return Ok::<_, Failure>(count),
            }
        }
    };
    in_time("points", look).await?
}

/// Reports losses of so many points.
async fn report(client: &Client, request: RequestId, count: usize) -> Result<(), Failure> {
    for point in client.hpo().get(request).open().limit(count).await? {
        client.hpo().update(request, &point.id, 0.5).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_client_that_knows_nothing_yet_holds_a_search_and_lets_it_go_on() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let stranger = || Client::builder(server.url()).build();
    let request = search(&stranger()?).await?;

    let client = stranger()?;
    assert_eq!(client.requests().suspend(request).await?, request);
    assert_eq!(client.server().await?, Kind::Embedded);
    assert_eq!(
        client.requests().get(request).await?[0].status,
        RequestStatus::Suspended
    );
    report(&client, request, 2).await?;
    // The agent has taken up another search meanwhile.
    search(&client).await?;
    assert_eq!(client.hpo().get(request).await?.len(), 2);

    let client = stranger()?;
    let outcome = client
        .requests()
        .resume(request)
        .wait()
        .timeout(PATIENCE)
        .await?;
    assert_eq!(outcome.decision, Decision::Applied, "{outcome:?}");
    assert_eq!(open(&client, request).await?, 2);
    let outcome = client
        .requests()
        .suspend(request)
        .wait()
        .timeout(PATIENCE)
        .await?;
    assert_eq!(outcome.decision, Decision::Applied, "{outcome:?}");
    let outcome = client
        .requests()
        .suspend(request)
        .wait()
        .timeout(PATIENCE)
        .await?;
    let reason = "Request is already terminated. Cannot be suspended".to_owned();
    assert_eq!(outcome.decision, Decision::Refused(reason), "{outcome:?}");
    let outcome = client
        .requests()
        .force_finish(request)
        .wait()
        .timeout(PATIENCE)
        .await?;
    assert_eq!(outcome.decision, Decision::Applied, "{outcome:?}");
    assert_eq!(outcome.info.status, RequestStatus::Finished);
    let rows = client.requests().status_report(request).detailed().await?;
    assert_eq!(
        (rows[0].processed_files, rows[0].total_files),
        (Some(4), Some(4))
    );
    Ok(())
}

#[tokio::test]
async fn a_finish_counts_what_is_done() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let client = Client::builder(server.url()).build()?;
    for (losses, status) in [(0, RequestStatus::Failed), (1, RequestStatus::SubFinished)] {
        let request = search(&client).await?;
        report(&client, request, losses).await?;
        let outcome = client
            .requests()
            .finish(request)
            .wait()
            .timeout(PATIENCE)
            .await?;
        assert_eq!(
            (&outcome.decision, outcome.info.status),
            (&Decision::Applied, status)
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_plays_2_6_21_is_taken_for_it() -> Result<(), Failure> {
    let server = Server::builder().like_2_6_21().start().await?;
    let client = Client::builder(server.url()).build()?;
    assert_eq!(client.server().await?, Kind::Idds);
    let request = search(&client).await?;
    for error in [
        client
            .requests()
            .suspend(request)
            .await
            .expect_err("an abort"),
        client
            .requests()
            .resume(request)
            .await
            .expect_err("a retry"),
        client
            .requests()
            .finish(request)
            .await
            .expect_err("nothing"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
    let failing = Workflow::builder()
        .work(Work::builder("/bin/true").build()?)
        .build()?;
    let failing = client.requests().submit(&failing).await?;
    in_time(
        "the end",
        client.requests().wait_until_ended(failing).into_future(),
    )
    .await??;
    let transforms = client.transforms().list(failing).await?;
    let errors = transforms[0]
        .errors
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    assert!(
        errors.contains("'NoneType' object is not iterable"),
        "{errors}"
    );
    Ok(())
}
