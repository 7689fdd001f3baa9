//! The steering program of the examples, on the real server.

use std::fs;
use std::path::Path;

use idds::client::{Client, X509};
use idds::hpo::{Driver, Objective, Steering, StopReason};
use idds::workflow::{ATLASHPOWork, OptSpace, Point, SteeringInput, SteeringOutput, Workflow};
use serde::Deserialize;
use serde_json::json;

use crate::example;
use crate::support::RealServer;

type Failure = Box<dyn std::error::Error>;

#[derive(Deserialize)]
struct Params {
    x: f64,
}

fn space() -> Result<OptSpace, idds::workflow::Error> {
    OptSpace::builder().scalar("x", -5..=5).integer("n", 1..=9).build()
}

#[test]
fn the_real_server_runs_a_search_that_our_program_steers() -> Result<(), Failure> {
    let Some(server) = RealServer::shared() else { return Ok(()) };
    // Builds it, if this test runs alone.
    example::output(example::command("steer", &std::env::temp_dir()));
    let target =
        Path::new(env!("CARGO_TARGET_TMPDIR")).parent().ok_or("cargo's directory is in the target directory")?;
    fs::write(server.hpo_program(), target.join("debug/examples/steer").display().to_string())?;

    let runtime = tokio::runtime::Runtime::new()?;
    let result = runtime.block_on(async {
        let auth = X509::file(server.tls("user"));
        let client = Client::builder(server.url()).ca_file(server.ca()).auth(auth).build()?;
        let search = ATLASHPOWork::nevergrad(space()?, 6).num_points_per_iteration(3).build()?;
        let request = client.requests().submit(&Workflow::builder().work(search).build()?).await?;
        let objective = Objective::blocking(|params: Params| (params.x - 1.0) * (params.x - 1.0));
        Ok::<_, Failure>(Driver::new(&client, request).run(objective).await?)
    })?;
    fs::write(server.hpo_program(), "")?;

    assert_eq!(result.stop, StopReason::Finished);
    let points: Vec<Point> =
        result.trials.iter().map(|trial| Point::from_value(trial.parameters.clone())).collect::<Result<_, _>>()?;
    let losses: Vec<_> = result.trials.iter().map(|trial| trial.loss).collect();
    assert_eq!(points.len(), 6);
    let opt_space = serde_json::to_value(space()?)?;
    let first =
        Steering::default().answer(&serde_json::from_value(json!({"points": [], "opt_space": opt_space}))?, 3, 6);
    let values = |points: SteeringOutput| points.0.iter().map(|point| point.values().clone()).collect::<Vec<_>>();
    assert_eq!(points[..3], values(first), "the program proposed the first generation");
    let known: Vec<_> = points[..3].iter().zip(&losses).map(|(point, loss)| json!([point, loss])).collect();
    let input: SteeringInput = serde_json::from_value(json!({"points": known, "opt_space": opt_space}))?;
    let second = Steering::default().answer(&input, 3, 6);
    assert_eq!(points[3..], values(second), "and the second one from its losses");
    let replayed = result.replay(Some(space()?.into()), &Steering::default())?;
    let sizes: Vec<_> = replayed.iter().map(|generation| generation.recorded.len()).collect();
    assert_eq!(sizes, [3, 3]);
    assert!(replayed.iter().all(|generation| generation.differences().next().is_none()), "{replayed:?}");
    Ok(())
}
