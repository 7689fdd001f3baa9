//! Searches in which evaluations fail, and what is not the fault of a point.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use idds::hpo::{Journal, Loss, Monitor, Objective, OnNonFinite, StopReason, Study, Verdict};
use idds::workflow::RequestId;
use serde::Deserialize;

use super::{Failure, Params, submitted};

#[tokio::test]
async fn evaluations_that_fail_do_not_end_the_search() -> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let calls = AtomicUsize::new(0);
    let objective = Objective::blocking(move |params: Params| {
        match calls.fetch_add(1, Ordering::Relaxed) % 4 {
            0 => panic!("out of memory"),
            1 => Err("no data"),
            2 => Ok(f64::NAN),
            _ => Ok(params.x),
        }
    });
    let penalty = Loss::new(7.0).ok_or("a finite number")?;
    // One at a time: points that fail after the last one that works would stop the search, and every fourth works.
    let search = Study::new(&client, request).concurrency(1).attempts(1);
    let result = search
        .on_non_finite(OnNonFinite::Report(penalty))
        .run(objective)
        .await?;
    assert_eq!(result.stop, StopReason::Finished);
    let of = |loss: Loss| {
        result
            .trials
            .iter()
            .filter(|trial| trial.loss == Some(loss))
            .collect::<Vec<_>>()
    };
    assert_eq!((of(Loss::PANDA_PENALTY).len(), of(penalty).len()), (6, 3));
    assert!(
        of(penalty)
            .iter()
            .all(|trial| trial.made_up.as_deref() == Some("the loss was NaN"))
    );
    Ok(())
}

#[tokio::test]
async fn a_field_of_the_wrong_type_stops_a_search_that_has_reported_nothing() -> Result<(), Failure>
{
    #[derive(Deserialize)]
    struct Mistyped {
        x: u64,
    }
    let (_server, client, request) = submitted().await?;
    let folder = tempfile::tempdir()?;
    let driver = || Study::new(&client, request).journal(folder.path().join("journal"));
    let error = driver()
        .run(Objective::blocking(|params: Mistyped| params.x as f64))
        .await
        .expect_err("it stops");
    let failure = error.failure().ok_or("a failure")?;
    assert!(failure.is_trouble(), "{failure}");
    assert!(
        failure
            .to_string()
            .contains("Mistyped, the type of the objective: x: invalid type: floating point"),
        "{failure}"
    );
    assert!(
        client
            .hpo()
            .get(request)
            .await?
            .iter()
            .all(|point| point.loss.is_none())
    );
    let result = Journal::read(folder.path().join("journal"))?;
    assert_eq!(
        (result.stop, result.error),
        (StopReason::Trouble, Some(failure.to_string()))
    );
    // Set right, it goes on.
    let result = driver()
        .run(Objective::blocking(|params: Params| params.x))
        .await?;
    assert_eq!((result.stop, &result.error), (StopReason::Finished, &None));
    assert!(result.trials.iter().all(|trial| trial.made_up.is_none()));
    Ok(())
}

#[tokio::test]
async fn a_search_in_which_nothing_works_reports_nothing() -> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let objective = Objective::blocking(|_: Params| Err::<f64, _>("no module named torch"));
    let error = Study::new(&client, request)
        .concurrency(2)
        .run(objective)
        .await
        .expect_err("it stops");
    let failure = error.failure().ok_or("a failure")?;
    assert!(
        !failure.is_trouble() && failure.to_string().ends_with("no module named torch"),
        "{failure}"
    );
    assert!(
        client
            .hpo()
            .get(request)
            .await?
            .iter()
            .all(|point| point.loss.is_none())
    );
    Ok(())
}

#[tokio::test]
async fn one_point_can_be_tried_before_a_search_depends_on_it() -> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let objective = Objective::blocking_monitored(|params: Params, monitor: Monitor| {
        assert_eq!(monitor.blocking_tell(1, 0.5), Verdict::Continue);
        params.x
    });
    let tried = Study::new(&client, request).try_one(objective).await?;
    assert_eq!(
        (tried.id.as_str(), tried.outcome.ok()),
        ("1", tried.parameters["x"].as_f64())
    );
    assert!(
        client
            .hpo()
            .get(request)
            .await?
            .iter()
            .all(|point| point.loss.is_none())
    );
    Ok(())
}

#[tokio::test]
async fn an_evaluation_without_end_is_given_up() -> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let calls = AtomicUsize::new(0);
    let objective = Objective::monitored(move |params: Params, monitor: Monitor| {
        let is_endless = calls.fetch_add(1, Ordering::Relaxed) == 2;
        async move {
            assert_eq!(monitor.tell(1, params.x).await, Verdict::Continue);
            if is_endless {
                pending().await
            } else {
                params.x
            }
        }
    });
    let search = Study::new(&client, request)
        .attempts(1)
        .evaluation_timeout(Duration::from_secs(1));
    let result = search.run(objective).await?;
    assert_eq!(result.stop, StopReason::Finished);
    let made_up: Vec<_> = result
        .trials
        .iter()
        .filter_map(|trial| trial.made_up.as_deref())
        .collect();
    assert_eq!(made_up, ["there was no loss within 1s"]);
    Ok(())
}

#[tokio::test]
async fn a_request_that_does_not_exist_is_an_error_that_says_so() -> Result<(), Failure> {
    let (_server, client, _) = submitted().await?;
    let objective = Objective::blocking(|params: Params| params.x);
    let error = Study::new(&client, RequestId::new(999))
        .run(objective)
        .await
        .expect_err("no such request");
    assert_eq!(
        error.to_string(),
        "the search of request 999 could not begin"
    );
    assert_eq!(
        error.client_error().map(ToString::to_string).as_deref(),
        Some("the server does not know request 999")
    );
    Ok(())
}
