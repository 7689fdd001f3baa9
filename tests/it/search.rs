//! Whole searches on the embedded server.

mod failing;
mod twice;

use std::fs;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use idds::client::{Client, Exchange, Replay};
use idds::hpo::{
    EarlyStopping, Entry, Generation, Journal, JournalError, JournalErrorKind, Loss, Monitor,
    Objective, Observer, OnFailure, Progress, StopReason, Study, Verdict, WhatIf,
};
use idds::local::{Server, search_seed};
use idds::sampler::{Random, Steering};
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
