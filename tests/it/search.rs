//! Whole searches on the embedded server.

use std::fs;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use idds::client::{Client, Exchange, Replay};
use idds::hpo::{
    EarlyStopping, Entry, Generation, Journal, JournalError, JournalErrorKind, Loss, Monitor,
    Objective, Observer, OnFailure, OnNonFinite, Progress, SearchOptions, SearchResult, StopReason,
    Study, Verdict, WhatIf, Workers,
};
use idds::local::{Server, search_seed};
use idds::sampler::{Random, Steering};
use idds::workflow::{ATLASHPOWork, OptSpace, RequestId, Workflow};
use serde::Deserialize;
use tokio::sync::Notify;

use crate::example;

type Failure = Box<dyn std::error::Error>;

#[derive(Deserialize)]
struct Params {
    x: f64,
}

/// An embedded server with a submitted search of 12 points, 5 of a generation.
async fn submitted() -> Result<(Server, Client, RequestId), Failure> {
    let space = OptSpace::builder().scalar("x", -1..=1).build()?;
    let search = ATLASHPOWork::nevergrad(space, 12)
        .num_points_per_iteration(5)
        .build()?;
    let server = Server::builder().start().await?;
    let client = Client::builder(server.url()).build()?;
    let request = client
        .requests()
        .submit(&Workflow::builder().work(search).build()?)
        .await?;
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
    let result = Study::new(&client, request)
        .concurrency(4)
        .run(objective)
        .await?;
    assert_eq!(result.stop, StopReason::Finished);
    assert_eq!(result.trials.len(), 12);
    for point in client.hpo().get(request).await? {
        let x = point.parameters["x"].as_f64().ok_or("a number")?;
        assert_eq!(point.loss, Some(x * x));
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_sends_all_points_is_asked_to_leave_out_the_confirmed_ones()
-> Result<(), Failure> {
    let get = |path: &str, body: &str| Exchange::new("GET", path, 200, body);
    let put = |path: &str| {
        Exchange::new(
            "PUT",
            path,
            200,
            r#"{"status": 0, "message": "update successfully"}"#,
        )
    };
    let status = |status: u8| {
        get(
            "/idds/request/7/null/False/False/False/False",
            &format!(r#"[{{"request_id": 7, "status": {status}}}]"#),
        )
    };
    let all = "/idds/hpo/null/7/null/null/null";
    let point = |id: u8, loss: &str| {
        format!(r#"{{"id": "{id}", "loss": {loss}, "parameters": {{"x": {id}}}}}"#)
    };
    let replay = Arc::new(Replay::new([
        status(2),
        get(all, &format!("[{}]", point(1, "null"))),
        put("/idds/hpo/null/7/1/1.0"),
        status(2),
        get(
            "/idds/hpo/null/7/2/null/null",
            &format!("[{}]", point(2, "null")),
        ),
        get(all, &format!("[{}, {}]", point(1, "1.0"), point(2, "null"))),
        put("/idds/hpo/null/7/2/2.0"),
        status(3),
        get(all, &format!("[{}, {}]", point(1, "1.0"), point(2, "2.0"))),
    ]));
    let client = Client::builder("https://idds.example:443/idds")
        .transport(Arc::clone(&replay))
        .build()?;
    let objective = Objective::new(|params: Params| async move { params.x });
    let result = Study::new(&client, RequestId::new(7))
        .run(objective)
        .await?;
    assert_eq!(
        (result.stop, result.ranking().len()),
        (StopReason::Finished, 2)
    );
    let sent = replay.sent();
    let reads = sent.iter().filter(|request| request.uri().path() == all);
    let since = reads.map(|request| {
        request
            .headers()
            .get("x-idds-points-since")
            .and_then(|since| since.to_str().ok())
    });
    assert_eq!(since.collect::<Vec<_>>(), [None, Some("1"), Some("2")]);
    Ok(())
}

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
async fn a_search_can_be_given_up_and_taken_up_again() -> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("journal");
    let done = Arc::new(AtomicUsize::new(0));
    let counting = |limit| {
        let done = Arc::clone(&done);
        Objective::blocking(
            move |params: Params| match done.fetch_add(1, Ordering::Relaxed) {
                count if count < limit => Ok(params.x),
                _ => Err("killed"),
            },
        )
    };
    let driver = || {
        Study::new(&client, request)
            .attempts(1)
            .on_failure(OnFailure::Stop)
            .journal(&path)
    };
    let first = driver().run(counting(7)).await?;
    assert_eq!(
        (first.stop, first.ranking().len()),
        (StopReason::EvaluationFailed, 7)
    );
    let second = driver().run(counting(usize::MAX)).await?;
    assert_eq!(
        (second.stop, second.ranking().len()),
        (StopReason::Finished, 12)
    );
    assert_eq!(Journal::read(&path)?, *second);
    // Twelve with a loss, and the one that failed.
    assert_eq!(done.load(Ordering::Relaxed), 13);
    Ok(())
}

#[tokio::test]
async fn a_journal_in_use_is_an_error_that_says_so() -> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("journal");
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let endless = Objective::new(move |_: Params| {
        begun.send(()).expect("the test listens");
        pending::<f64>()
    });
    let driver = || Study::new(&client, request).journal(&path);
    let first = tokio::spawn(driver().run(endless));
    begins.recv().await.ok_or("an evaluation begins")?;
    let error = driver()
        .run(Objective::new(|params: Params| async move { params.x }))
        .await
        .expect_err("in use");
    assert_eq!(
        error.journal_error().map(JournalError::kind),
        Some(JournalErrorKind::InUse),
        "{error}"
    );
    first.abort();
    Ok(())
}

#[tokio::test]
async fn an_interrupted_search_goes_on_later() -> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("journal");
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let calls = AtomicUsize::new(0);
    let endless_third = Objective::new(move |params: Params| {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        let begun = begun.clone();
        async move {
            if call == 2 {
                begun.send(()).expect("the test listens");
                pending::<()>().await;
            }
            params.x
        }
    });
    let third = async move { begins.recv().await.expect("the third evaluation begins") };
    let first = Study::new(&client, request)
        .journal(&path)
        .interrupt(third)
        .run(endless_third)
        .await?;
    assert_eq!(first.stop, StopReason::Interrupted);
    assert_eq!(first.ranking().len(), 2);
    for point in client.hpo().get(request).await? {
        let trial = first
            .trials
            .iter()
            .find(|trial| trial.id == point.id)
            .ok_or("a trial")?;
        assert_eq!(trial.loss.map(Loss::get), point.loss);
    }
    let objective = Objective::new(|params: Params| async move { params.x });
    let second = Study::new(&client, request)
        .journal(&path)
        .run(objective)
        .await?;
    assert_eq!(
        (second.stop, second.ranking().len()),
        (StopReason::Finished, 12)
    );
    Ok(())
}

#[tokio::test]
async fn bad_evaluations_are_cut_short_and_have_a_loss_all_the_same() -> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let objective = Objective::blocking_monitored(|params: Params, monitor: Monitor| {
        for step in 1..=5 {
            if monitor.blocking_tell(step, params.x + 10.0 / step as f64) == Verdict::Stop {
                return Err("stopped");
            }
        }
        Ok(params.x)
    });
    let rule = EarlyStopping::Median {
        warm_up: 2,
        others: 2,
    };
    let result = Study::new(&client, request)
        .early_stopping(rule)
        .run(objective)
        .await?;
    assert_eq!(result.stop, StopReason::Finished);
    let (cut, whole): (Vec<_>, Vec<_>) = result
        .trials
        .iter()
        .partition(|trial| trial.stopped_at.is_some());
    assert!(cut.len() >= 2 && whole.len() >= 2, "{result:?}");
    assert!(
        cut.iter()
            .all(|trial| trial.loss.is_some() && trial.made_up.is_none() && trial.failures() == 0),
        "{cut:?}"
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
async fn a_score_is_maximised() -> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let objective = Objective::new(|params: Params| async move { params.x });
    let result = Study::new(&client, request).maximize(objective).await?;
    let best = result.best()?;
    let greatest = result
        .trials
        .iter()
        .filter_map(|trial| trial.parameters["x"].as_f64())
        .fold(f64::MIN, f64::max);
    let x = best.params.get("x").and_then(serde_json::Value::as_f64);
    assert_eq!((x, best.value), (Some(greatest), greatest));
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

/// Keeps what an observer is told.
#[derive(Clone, Debug, Default)]
struct Witness(Arc<Mutex<(Vec<Entry>, Option<Progress>)>>);

impl Observer for Witness {
    fn happened(&mut self, entry: &Entry) {
        self.0
            .lock()
            .expect("nobody panicked")
            .0
            .push(entry.clone());
    }

    fn progress(&mut self, progress: &Progress) {
        self.0.lock().expect("nobody panicked").1 = Some(*progress);
    }
}

#[tokio::test]
async fn an_observer_sees_every_line_of_the_journal_and_a_journal_is_replayed()
-> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let folder = tempfile::tempdir()?;
    let journal = folder.path().join("journal");
    let witness = Witness::default();
    let driver = Study::new(&client, request)
        .concurrency(3)
        .journal(&journal)
        .observer(witness.clone());
    driver
        .run(Objective::new(|params: Params| async move {
            params.x * params.x
        }))
        .await?;
    let (entries, progress) =
        std::mem::take(&mut *witness.0.lock().map_err(|error| error.to_string())?);
    assert_eq!(
        entries.len() + 1,
        fs::read_to_string(&journal)?.lines().count()
    );
    let progress = progress.ok_or("it was told")?;
    assert!(
        progress.rate().is_some_and(|rate| rate > 0.0) && progress.time_for(12).is_some(),
        "{progress:?}"
    );

    let result = Journal::read(&journal)?;
    let space = || {
        OptSpace::builder()
            .scalar("x", -1..=1)
            .build()
            .map(Into::into)
    };
    let seed = search_seed(0, request);
    let sizes: Vec<_> = result
        .generations()
        .into_iter()
        .map(|generation| generation.len())
        .collect();
    assert_eq!(sizes, [5, 5, 2]);
    for generation in result.replay(Some(space()?), &Steering::default().seed(seed))? {
        assert_eq!(generation.differences().collect::<Vec<_>>(), []);
    }
    let other = result.replay(Some(space()?), &Steering::new(Random).seed(seed))?;
    assert!(other.iter().flat_map(Generation::differences).count() > 6);
    let forecast = result
        .what_if(&WhatIf::new(1, 12))
        .ok_or("there are evaluations")?;
    assert_eq!((forecast.generations, forecast.evaluations), (1, 12));
    Ok(())
}
