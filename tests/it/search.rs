//! Whole searches on the embedded server.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use idds::client::Client;
use idds::hpo::{Driver, Loss, Objective, OnNonFinite, StopReason};
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, OptSpace, RequestId, Workflow};
use serde::Deserialize;

use crate::example;

type Failure = Box<dyn std::error::Error>;

#[derive(Deserialize)]
struct Params {
    x: f64,
}

/// An embedded server with a submitted search of 12 points, 5 of a generation.
async fn submitted() -> Result<(Server, Client, RequestId), Failure> {
    let space = OptSpace::builder().scalar("x", -1..=1).build()?;
    let search = ATLASHPOWork::nevergrad(space, 12).num_points_per_iteration(5).build()?;
    let server = Server::builder().start().await?;
    let client = Client::builder(server.url()).build()?;
    let request = client.requests().submit(&Workflow::builder().work(search).build()?).await?;
    Ok((server, client, request))
}

#[test]
fn the_quickstart_shows_the_best_points_and_a_picture() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let output = example::output(example::command("hpo_quickstart", folder.path()));
    assert!(output.contains("Finished after"), "{output}");
    assert!(output.contains("the loss of all 20 points"), "{output}");
    let picture = fs::read_to_string(folder.path().join("target/hpo_quickstart/loss.svg"))?;
    // One circle is in the legend.
    assert_eq!(picture.matches("<circle").count(), 21);
    Ok(())
}

#[tokio::test]
async fn a_search_ends_when_every_point_has_a_loss() -> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let objective = Objective::new(|params: Params| async move { params.x * params.x });
    let result = Driver::new(&client, request).evaluations(4).run(objective).await?;
    assert_eq!(result.stop, StopReason::Finished);
    assert_eq!(result.trials.len(), 12);
    for point in client.hpo().get(request).await? {
        let x = point.parameters["x"].as_f64().ok_or("a number")?;
        assert_eq!(point.loss, Some(x * x));
    }
    Ok(())
}

#[tokio::test]
async fn evaluations_that_fail_do_not_end_the_search() -> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let calls = AtomicUsize::new(0);
    let objective = Objective::blocking(move |params: Params| match calls.fetch_add(1, Ordering::Relaxed) % 4 {
        0 => panic!("out of memory"),
        1 => Err("no data"),
        2 => Ok(f64::NAN),
        _ => Ok(params.x),
    });
    let penalty = Loss::new(7.0).ok_or("a finite number")?;
    let search = Driver::new(&client, request).evaluations(3).attempts(1);
    let result = search.on_non_finite(OnNonFinite::Report(penalty)).run(objective).await?;
    assert_eq!(result.stop, StopReason::Finished);
    let of = |loss: Loss| result.trials.iter().filter(|trial| trial.loss == Some(loss)).collect::<Vec<_>>();
    assert_eq!((of(Loss::PANDA_PENALTY).len(), of(penalty).len()), (6, 3));
    assert!(of(penalty).iter().all(|trial| trial.made_up.as_deref() == Some("the loss was NaN")));
    Ok(())
}

#[tokio::test]
async fn a_search_can_be_given_up_and_taken_up_again() -> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let done = std::sync::Arc::new(AtomicUsize::new(0));
    let counting = |done: &std::sync::Arc<AtomicUsize>, limit| {
        let done = std::sync::Arc::clone(done);
        Objective::blocking(move |params: Params| match done.fetch_add(1, Ordering::Relaxed) {
            count if count < limit => Ok(params.x),
            _ => Err("killed"),
        })
    };
    let driver = || Driver::new(&client, request).attempts(1).on_failure(idds::hpo::OnFailure::Stop);
    let first = driver().run(counting(&done, 7)).await?;
    assert_eq!(first.stop, StopReason::EvaluationFailed);
    let second = driver().run(counting(&done, usize::MAX)).await?;
    assert_eq!((second.stop, second.trials.len()), (StopReason::Finished, 12));
    assert!(done.load(Ordering::Relaxed) >= 12);
    Ok(())
}

#[tokio::test]
async fn a_request_that_does_not_exist_is_an_error_that_says_so() -> Result<(), Failure> {
    let (_server, client, _) = submitted().await?;
    let objective = Objective::blocking(|params: Params| params.x);
    let error = Driver::new(&client, RequestId::new(999)).run(objective).await.expect_err("no such request");
    assert_eq!(error.to_string(), "the search of request 999 stopped with 0 of its 0 points evaluated");
    assert_eq!(error.client_error().map(ToString::to_string).as_deref(), Some("the server does not know request 999"));
    Ok(())
}
