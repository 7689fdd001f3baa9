//! What is evaluated twice, and what only once.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use idds::client::Client;
use idds::hpo::{
    Journal, Monitor, Objective, SearchOptions, SearchResult, StopReason, Study, Workers,
};
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, OptSpace, Workflow};
use tokio::sync::Notify;

use super::{Failure, Params, submitted};

/// Counts the futures that were dropped before their end.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn an_evaluation_that_hangs_does_not_hold_up_the_search_when_stragglers_are_evaluated_twice()
-> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let folder = tempfile::tempdir()?;
    let journal = folder.path().join("journal");
    let dropped = Arc::new(AtomicUsize::new(0));
    let objective = Objective::monitored({
        let dropped = Arc::clone(&dropped);
        move |params: Params, monitor: Monitor| {
            let hangs = (monitor.point().as_str() == "4" && monitor.attempt() == 1)
                .then(|| Dropped(Arc::clone(&dropped)));
            async move {
                if let Some(_guard) = hangs {
                    pending::<()>().await;
                }
                params.x
            }
        }
    });
    let result = Study::new(&client, request)
        .concurrency(2)
        .speculate(2.0)
        .journal(&journal)
        .run(objective)
        .await?;
    assert_eq!(
        (result.stop, result.ranking().len()),
        (StopReason::Finished, 12)
    );
    let ends: Vec<_> = result.trials[3]
        .evaluations
        .iter()
        .map(|one| (one.ended.is_some(), one.is_superseded))
        .collect();
    assert_eq!(ends, [(true, true), (true, false)]);
    assert_eq!(dropped.load(Ordering::Relaxed), 1, "it is given up");
    assert_eq!(Journal::read(&journal)?, *result);
    Ok(())
}

#[tokio::test]
async fn a_worker_with_nothing_else_to_do_evaluates_what_another_one_is_slow_with()
-> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let folder = tempfile::tempdir()?;
    let dropped = Arc::new(AtomicUsize::new(0));
    let begun = Arc::new(Notify::new());
    let options = || {
        SearchOptions::new()
            .longest_poll(Duration::from_millis(20))
            .speculate(2.0)
    };
    let driver = |name: &str| {
        let workers = Workers::folder(folder.path().join("workers"), name);
        Study::new(&client, request)
            .options(options())
            .workers(workers)
            .journal(folder.path().join(name))
    };
    let hangs = Objective::new({
        let (dropped, begun) = (Arc::clone(&dropped), Arc::clone(&begun));
        move |_: Params| {
            let guard = Dropped(Arc::clone(&dropped));
            begun.notify_one();
            async move {
                let _guard = guard;
                pending::<f64>().await
            }
        }
    });
    let slow = async { driver("slow").run(hangs).await };
    let quick = async {
        begun.notified().await;
        driver("quick")
            .run(Objective::new(|params: Params| async move { params.x }))
            .await
    };
    let (slow, quick) = tokio::try_join!(slow, quick)?;
    assert_eq!(
        (slow.stop, quick.stop),
        (StopReason::Finished, StopReason::Finished)
    );
    let evaluated = |result: &SearchResult| {
        result
            .trials
            .iter()
            .filter(|trial| !trial.evaluations.is_empty())
            .count()
    };
    assert_eq!((evaluated(&quick), quick.trials.len()), (12, 12));
    assert_eq!(
        dropped.load(Ordering::Relaxed),
        evaluated(&slow),
        "the slow one gives up"
    );
    Ok(())
}

#[tokio::test]
async fn parameters_that_come_again_are_evaluated_once_if_that_is_the_rule() -> Result<(), Failure>
{
    let space = OptSpace::builder().choice("x", [1, 4]).build()?;
    let search = ATLASHPOWork::nevergrad(space, 9)
        .num_points_per_iteration(3)
        .build()?;
    let server = Server::builder().start().await?;
    let client = Client::builder(server.url()).build()?;
    for (reuses, expected) in [(true, 2), (false, 9)] {
        let request = client
            .requests()
            .submit(&Workflow::builder().work(search.clone()).build()?)
            .await?;
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let objective = Objective::new(move |params: Params| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move { params.x }
        });
        let driver = Study::new(&client, request).concurrency(3);
        let result = if reuses {
            driver.reuse_losses()
        } else {
            driver
        }
        .run(objective)
        .await?;
        assert_eq!(
            (result.stop, result.ranking().len()),
            (StopReason::Finished, 9)
        );
        assert_eq!(calls.load(Ordering::Relaxed), expected);
        for point in client.hpo().get(request).await? {
            assert_eq!(point.loss, point.parameters["x"].as_f64());
        }
    }
    Ok(())
}
