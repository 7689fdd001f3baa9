//! The steering program of the examples, on the real server.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use idds::client::{Client, X509};
use idds::hpo::{Objective, SearchResult, StopReason, Study, StudyResult};
use idds::sampler::Steering;
use idds::workflow::{
    ATLASHPOWork, ModelId, OptSpace, Point, SearchSpace, SegmentedSpace, SteeringInput,
    SteeringOutput, Workflow,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::example;
use crate::support::{RealServer, in_time};

type Failure = Box<dyn std::error::Error>;

/// Held while the server has our program in place of its own.
static PROGRAM: Mutex<()> = Mutex::new(());

#[derive(Deserialize)]
struct Params {
    x: f64,
}

fn space() -> Result<OptSpace, idds::workflow::Error> {
    OptSpace::builder()
        .scalar("x", -5..=5)
        .integer("n", 1..=9)
        .build()
}

/// Runs a search of six points, three at a time, whose points the example proposes.
fn search(
    server: &RealServer,
    space: SearchSpace,
    objective: Objective,
) -> Result<SearchResult, Failure> {
    let _held = PROGRAM.lock().unwrap_or_else(PoisonError::into_inner);
    // Builds it, if this test runs alone.
    example::output(example::command("steer", &std::env::temp_dir()));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .ok_or("cargo's directory is in the target directory")?;
    fs::write(
        server.hpo_program(),
        target.join("debug/examples/steer").display().to_string(),
    )?;
    let runtime = tokio::runtime::Runtime::new()?;
    let result = runtime.block_on(async {
        let auth = X509::file(server.tls("user"));
        let client = Client::builder(server.url())
            .ca_file(server.ca())
            .auth(auth)
            .build()?;
        let search = ATLASHPOWork::nevergrad(self::space()?, 6)
            .opt_space(space)
            .num_points_per_iteration(3)
            .build()?;
        let request = client
            .requests()
            .submit(&Workflow::builder().work(search).build()?)
            .await?;
        Ok::<_, Failure>(
            in_time(
                "the end of the search",
                Study::new(&client, request).run(objective),
            )
            .await??,
        )
    });
    fs::write(server.hpo_program(), "")?;
    result.map(StudyResult::into_search_result)
}

/// Returns what the program proposes for these points with losses.
fn proposed(space: &Value, known: &[(Value, f64)]) -> Result<SteeringOutput, Failure> {
    let input: SteeringInput =
        serde_json::from_value(json!({"points": known, "opt_space": space}))?;
    Ok(Steering::default().answer(&input, 3, 6))
}

/// Returns the points of a search with their losses, six of them.
fn found(result: &SearchResult) -> Vec<(Value, f64)> {
    assert_eq!(result.stop, StopReason::Finished);
    let found = result
        .trials
        .iter()
        .filter_map(|trial| Some((trial.parameters.clone(), trial.loss?.get())));
    let found: Vec<_> = found.collect();
    assert_eq!(found.len(), 6);
    found
}

#[test]
fn the_real_server_runs_a_search_that_our_program_steers() -> Result<(), Failure> {
    let Some(server) = RealServer::shared() else {
        return Ok(());
    };
    let objective = Objective::blocking(|params: Params| (params.x - 1.0) * (params.x - 1.0));
    let result = search(server, space()?.into(), objective)?;
    let found = found(&result);

    let opt_space = serde_json::to_value(space()?)?;
    let points = |found: &[(Value, f64)]| {
        found
            .iter()
            .map(|(point, _)| Point::from_value(point.clone()))
            .collect::<Result<Vec<_>, _>>()
    };
    let values = |points: SteeringOutput| {
        points
            .0
            .iter()
            .map(|point| point.values().clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        points(&found[..3])?,
        values(proposed(&opt_space, &[])?),
        "the program proposed the first generation"
    );
    let second = values(proposed(&opt_space, &found[..3])?);
    assert_eq!(
        points(&found[3..])?,
        second,
        "and the second one from its losses"
    );
    let replayed = result.replay(Some(space()?.into()), &Steering::default())?;
    let sizes: Vec<_> = replayed
        .iter()
        .map(|generation| generation.recorded.len())
        .collect();
    assert_eq!(sizes, [3, 3]);
    assert!(
        replayed
            .iter()
            .all(|generation| generation.differences().next().is_none()),
        "{replayed:?}"
    );
    Ok(())
}

#[test]
fn the_real_server_runs_a_segmented_search_that_our_program_steers() -> Result<(), Failure> {
    let Some(server) = RealServer::shared() else {
        return Ok(());
    };
    let spaces = SegmentedSpace::builder()
        .segment(ModelId::new(7), space()?)
        .segment(
            ModelId::new(8),
            OptSpace::builder().log("x", 1e-3..=1.0).build()?,
        )
        .build()?;
    let objective =
        Objective::blocking(|(model, params): (i64, Params)| model as f64 * params.x * params.x);
    let found = found(&search(server, spaces.clone().into(), objective)?);

    let opt_space = serde_json::to_value(spaces)?;
    for (generation, known) in [(&found[..3], &found[..0]), (&found[3..], &found[..3])] {
        let points: SteeringOutput =
            serde_json::from_value(generation.iter().map(|(point, _)| point.clone()).collect())?;
        assert_eq!(
            points,
            proposed(&opt_space, known)?,
            "after {} points",
            known.len()
        );
    }
    let models: Vec<_> = found.iter().map(|(point, _)| point[0].as_i64()).collect();
    assert_eq!(
        models.iter().filter(|model| **model == Some(7)).count(),
        3,
        "{models:?}"
    );
    Ok(())
}
