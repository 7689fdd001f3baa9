//! Studies of the real Optuna.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use idds::client::Client;
use idds::hpo::{
    Direction, EarlierTrials, EarlyStopping, Journal, Monitor, Objective, OptunaStudy,
    SearchResult, StopReason, Study, TrialState, Verdict,
};
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, OptSpace, Point, Workflow};
use serde_json::{Value, json};

use crate::support::{optuna, run, test_file};

type Failure = Box<dyn std::error::Error>;

/// What a command of `optuna/studies.py` prints.
pub(crate) fn studies(python: &Path, command: &str, path: &Path) -> String {
    let mut program = Command::new(python);
    let output = run(program
        .arg(test_file("optuna/studies.py"))
        .arg(command)
        .arg(path));
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A study as `optuna/studies.py` shows it, as far as we read one.
fn shown(study: &OptunaStudy) -> Value {
    let state = |state| match state {
        TrialState::Running => "RUNNING",
        TrialState::Complete => "COMPLETE",
        TrialState::Pruned => "PRUNED",
        TrialState::Fail => "FAIL",
        _ => "WAITING",
    };
    let trials = study.trials.iter().map(|trial| {
        json!({
            "state": state(trial.state),
            "parameters": trial.parameters,
            "values": trial.values,
            "intermediate": trial.intermediate,
        })
    });
    json!({
        "name": study.name,
        "maximizes": study.maximizes,
        "trials": trials.collect::<Vec<_>>(),
    })
}

/// What Optuna says of a study, as far as we read one.
fn known(mut study: Value) -> Value {
    let trials = study["trials"].as_array_mut().into_iter().flatten();
    for trial in trials {
        let trial = trial.as_object_mut().expect("a trial");
        for field in ["number", "distributions", "user_attributes", "is_dated"] {
            trial.remove(field);
        }
    }
    study
        .as_object_mut()
        .expect("a study")
        .remove("user_attributes");
    study
}

#[test]
fn studies_of_optuna_are_read_as_optuna_reads_them() -> Result<(), Failure> {
    let Some(python) = optuna() else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let said: Value = serde_json::from_str(&studies(&python, "write", folder.path()))?;
    let journal = std::fs::read(folder.path().join("study.log"))?;
    let of_journal = OptunaStudy::parse_journal(&journal)?;
    let of_database = OptunaStudy::read_sqlite(folder.path().join("study.db"))?;
    for read in [&of_journal, &of_database] {
        assert_eq!(read.len(), 1);
    }
    // The journal is the one that is shown, and both are of one seed.
    assert_eq!(shown(&of_journal[0]), known(said));
    assert_eq!(shown(&of_database[0]), shown(&of_journal[0]));

    // With a narrower bound, one choice less and a parameter more.
    let space = OptSpace::builder()
        .log("lr", 1e-5..=1e-2)
        .integer("depth", 1..=9)
        .choice("batch", [64, 128])
        .choice("kind", [json!("a"), json!(true)])
        .scalar("dropout", 0..=1)
        .build()?;
    for file in ["study.log", "study.db", "study.db#old"] {
        let earlier = EarlierTrials::new()
            .read(folder.path().join(file))?
            .assume("dropout", 0.25);
        let fitted = earlier.fit(&space, Direction::Minimize);
        assert_eq!((earlier.len(), fitted.left_out["they failed"]), (9, 1));
        assert_eq!(fitted.left_out["their evaluation was cut short"], 1);
        assert_eq!(fitted.left_out["they have no loss"], 1);
        let trials = &of_journal[0].trials;
        let fits = trials.iter().filter(|trial| {
            trial.state == TrialState::Complete
                && trial.parameters["lr"].as_f64() <= Some(1e-2)
                && !trial.parameters["kind"].is_null()
        });
        let losses: Vec<f64> = fits.map(|trial| trial.values[0]).collect();
        assert!(!losses.is_empty() && losses.len() < 6, "{losses:?}");
        let counted: Vec<f64> = fitted.trials.iter().map(|trial| trial.loss.get()).collect();
        assert_eq!(counted, losses);
        assert_eq!(space.check(&fitted.trials[0].parameters), Ok(()));
        assert_eq!(fitted.left_out_count() + losses.len(), 9);
        let other = earlier.fit(&space, Direction::Maximize);
        assert!(other.trials.is_empty());
    }
    let missing = EarlierTrials::new().read(folder.path().join("study.db#new"));
    let message = missing.expect_err("no such study").to_string();
    assert!(
        message.ends_with("it has no study \"new\"; there is old"),
        "{message}"
    );
    Ok(())
}

/// A search as Optuna has to show it.
fn expected(result: &SearchResult) -> Value {
    let trials = result.trials.iter().map(|trial| {
        let value = trial.loss.map(|loss| result.direction.value(loss));
        let state = match (&trial.made_up, trial.stopped_at, value) {
            (Some(_), ..) => "FAIL",
            (None, Some(_), Some(_)) => "PRUNED",
            (None, None, Some(_)) => "COMPLETE",
            _ if trial.evaluations.is_empty() => "WAITING",
            _ => "RUNNING",
        };
        let mut parameters = trial.parameters.clone();
        let items = parameters["w"].take();
        let parameters = parameters.as_object_mut().expect("a point");
        parameters.remove("w");
        for (index, item) in items.as_array().into_iter().flatten().enumerate() {
            parameters.insert(format!("w[{index}]"), item.clone());
        }
        let told = trial
            .evaluations
            .iter()
            .flat_map(|evaluation| &evaluation.intermediate);
        let intermediate: serde_json::Map<String, Value> = told
            .map(|told| {
                (
                    told.step.to_string(),
                    json!(result.direction.value(told.loss)),
                )
            })
            .collect();
        json!({
            "state": state,
            "parameters": parameters,
            "values": value.into_iter().filter(|_| trial.made_up.is_none()).collect::<Vec<_>>(),
            "intermediate": intermediate,
        })
    });
    json!(trials.collect::<Vec<_>>())
}

#[tokio::test]
async fn a_running_search_is_a_study_of_optuna() -> Result<(), Failure> {
    let Some(python) = tokio::task::spawn_blocking(optuna).await? else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let (file, journal) = (
        folder.path().join("study.log"),
        folder.path().join("journal"),
    );
    let server = Server::builder().start().await?;
    let client = Client::builder(server.url()).build()?;
    let space = OptSpace::builder()
        .log("lr", 1e-4..=0.1)
        .integer("depth", 1..=9)
        .choice("kind", [json!("a"), json!(null), json!(64)])
        .array("w", [2], 0..=1)
        .build()?;
    let search = ATLASHPOWork::nevergrad(space, 16)
        .num_points_per_iteration(4)
        .build()?;
    let request = client
        .requests()
        .submit(&Workflow::builder().work(search).build()?)
        .await?;
    let calls = Arc::new(AtomicUsize::new(0));
    let objective = || {
        let calls = Arc::clone(&calls);
        Objective::monitored(move |point: Point, monitor: Monitor| {
            let call = calls.fetch_add(1, Ordering::Relaxed);
            async move {
                let depth = point
                    .get("depth")
                    .and_then(Value::as_f64)
                    .unwrap_or_default();
                for step in 0..3 {
                    if monitor.tell(step, depth - step as f64).await == Verdict::Stop {
                        return Ok(depth);
                    }
                }
                if call == 9 {
                    Err("no data".to_owned())
                } else {
                    Ok(depth)
                }
            }
        })
    };
    let study = |points| {
        Study::new(&client, request)
            .concurrency(2)
            .attempts(1)
            .early_stopping(EarlyStopping::Median {
                warm_up: 1,
                others: 3,
            })
            .backoff(Duration::ZERO)
            .journal(&journal)
            .optuna(&file)
            .max_points(points)
    };
    let read = || {
        let (python, file) = (python.clone(), file.clone());
        tokio::task::spawn_blocking(move || studies(&python, "read", &file))
    };
    let result = study(6).maximize(objective()).await?;
    assert_eq!(result.stop, StopReason::MaxPoints);
    let first: Value = serde_json::from_str(&read().await?)?;
    assert_eq!(
        known(first[0].clone())["trials"],
        expected(&Journal::read(&journal)?)
    );

    // Optuna adds a study of its own, and another process was killed while it wrote.
    let (of, theirs) = (python.clone(), file.clone());
    tokio::task::spawn_blocking(move || studies(&of, "append", &theirs)).await?;
    let mut text = std::fs::read(&file)?;
    text.extend(br#"{"op_code":8,"tri"#);
    std::fs::write(&file, text)?;
    let result = study(100).maximize(objective()).await?;
    assert_eq!(result.stop, StopReason::Finished);
    let second: Value = serde_json::from_str(&read().await?)?;
    let [ours, theirs] = &second.as_array().ok_or("a list")?[..] else {
        return Err("two studies are expected".into());
    };
    assert_eq!(theirs["trials"][0]["state"], "COMPLETE");
    let result = Journal::read(&journal)?;
    assert_eq!(known(ours.clone())["trials"], expected(&result));
    assert_eq!(
        (&ours["maximizes"], &ours["user_attributes"]["idds:request"]),
        (&json!([true]), &json!(request.to_string()))
    );
    let states: Vec<_> = ours["trials"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|trial| trial["state"].as_str().unwrap_or_default())
        .collect();
    for state in ["COMPLETE", "PRUNED", "FAIL"] {
        assert!(states.contains(&state), "{state} in {states:?}");
    }
    let one = &ours["trials"][0];
    assert_eq!(
        one["distributions"]["lr"],
        json!({"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-4, "high": 0.1, "log": true}})
    );
    assert_eq!(
        one["distributions"]["kind"],
        json!({"name": "CategoricalDistribution", "attributes": {"choices": ["a", null, 64]}})
    );
    assert!(
        ours["trials"]
            .as_array()
            .into_iter()
            .flatten()
            .all(|trial| trial["is_dated"] == true)
    );

    // And back again: what it shows is what another search can begin with.
    let earlier = EarlierTrials::new().read(format!(
        "{}#{}",
        file.display(),
        ours["name"].as_str().unwrap_or_default()
    ))?;
    assert_eq!(earlier.len(), 16);
    Ok(())
}
