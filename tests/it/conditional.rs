//! Searches over parameters that exist for some values of others only.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use idds::client::Client;
use idds::hpo::{StopReason, Study, report};
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, Space, Workflow};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::optuna::studies;
use crate::support::{optuna, python, run};

type Failure = Box<dyn std::error::Error>;

#[derive(Clone, Debug, Deserialize, PartialEq, Space)]
#[serde(tag = "optimizer", rename_all = "lowercase")]
enum Optimizer {
    Adam,
    Sgd {
        #[space(0.0..=0.99)]
        momentum: f64,
    },
    Rmsprop(Rmsprop),
}

#[derive(Clone, Debug, Deserialize, PartialEq, Space)]
#[serde(deny_unknown_fields)]
struct Rmsprop {
    #[space(0.0..=0.99)]
    momentum: f64,
    #[space(1..=3)]
    decay: u32,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Space)]
struct Params {
    #[space(1..=6)]
    layers: u8,
    #[serde(flatten)]
    optimizer: Optimizer,
}

/// Tells which points are valid by Python's jsonschema.
fn judged(python: &Path, schema: &Value, points: &[Value]) -> Result<Vec<bool>, Failure> {
    let text = "import json, sys; from jsonschema import Draft202012Validator as V; s, p = json.load(sys.stdin); \
                V.check_schema(s); print(json.dumps([V(s).is_valid(x) for x in p]))";
    let folder = tempfile::tempdir()?;
    let input = folder.path().join("input.json");
    std::fs::write(&input, json!([schema, points]).to_string())?;
    let output = run(Command::new(python)
        .args(["-c", text])
        .stdin(std::fs::File::open(input)?));
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

#[tokio::test]
async fn evaluations_get_what_exists_and_points_are_flat() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let client = Client::builder(server.url()).build()?;
    let search = ATLASHPOWork::search::<Params>(40)
        .num_points_per_iteration(8)
        .build()?;
    let request = client
        .requests()
        .submit(&Workflow::builder().work(search).build()?)
        .await?;
    let folder = tempfile::tempdir()?;
    let (journal, file) = (
        folder.path().join("journal"),
        folder.path().join("study.log"),
    );
    let seen = Arc::new(Mutex::new(Vec::new()));
    let objective = {
        let seen = Arc::clone(&seen);
        move |params: Params| {
            seen.lock().expect("no panic").push(params.clone());
            let loss = match params.optimizer {
                Optimizer::Adam => 1.0,
                Optimizer::Sgd { momentum } => (momentum - 0.5).abs(),
                Optimizer::Rmsprop(Rmsprop { momentum, decay }) => momentum + f64::from(decay),
            };
            loss + f64::from(params.layers) / 10.0
        }
    };
    let result = Study::<Params>::of(&client, request)
        .journal(&journal)
        .optuna(&file)
        .minimize(objective)
        .await?;
    assert_eq!(
        (result.stop, result.trials.len()),
        (StopReason::Finished, 40)
    );
    let seen = seen.lock().expect("no panic").clone();
    for kind in ["Adam", "Sgd", "Rmsprop"] {
        let is_there = seen
            .iter()
            .any(|params| format!("{params:?}").contains(kind));
        assert!(is_there, "{kind} in {seen:?}");
    }
    let points: Vec<Value> = client
        .hpo()
        .get(request)
        .await?
        .into_iter()
        .map(|point| point.parameters)
        .collect();
    let names = |point: &Value| point.as_object().map(serde_json::Map::len);
    for point in &points {
        let expected = match point["optimizer"].as_str() {
            Some("adam") => 2,
            Some("sgd") => 3,
            _ => 4,
        };
        assert_eq!(names(point), Some(expected), "{point}");
    }
    let page = report::html(&result);
    assert!(page.contains("momentum") && page.contains("decay"));

    if let Some(python) = tokio::task::spawn_blocking(python).await? {
        let space = Params::space()?;
        let mut all = points.clone();
        all.push(json!({"layers": 1, "optimizer": "adam", "momentum": 0.5}));
        all.push(json!({"layers": 1, "optimizer": "sgd"}));
        all.push(json!({"layers": 1, "optimizer": "sgd", "momentum": 0.5, "decay": 1}));
        let judged = judged(&python, &space.point_schema(), &all)?;
        assert_eq!(judged, [vec![true; points.len()], vec![false; 3]].concat());
    }
    if let Some(python) = tokio::task::spawn_blocking(optuna).await? {
        let read: Value = tokio::task::spawn_blocking(move || {
            serde_json::from_str(&studies(&python, "read", &file))
        })
        .await??;
        let trials = read[0]["trials"].as_array().ok_or("trials")?;
        let shown: Vec<&Value> = trials.iter().map(|trial| &trial["parameters"]).collect();
        assert_eq!(shown, points.iter().collect::<Vec<_>>());
    }
    Ok(())
}
