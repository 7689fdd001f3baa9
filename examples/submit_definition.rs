//! Workflows written in YAML by a person and in JSON by a Python program, read, submitted and run.
//!
//! ```text
//! cargo run --example submit_definition
//! ```
//!
//! `schemas/workflow.json` describes the documents; `examples/definitions/search.py` is the Python program. Everything runs
//! on an embedded iDDS.

use idds::client::Client;
use idds::hpo::{Study, report};
use idds::local::Server;
use idds::workflow::Workflow;
use serde_json::{Map, Value};

/// What is minimised: the sum of the squares of all parameters.
fn loss(point: Map<String, Value>) -> f64 {
    point
        .values()
        .filter_map(Value::as_f64)
        .map(|value| value * value)
        .sum()
}

pub(crate) fn workflows() -> anyhow::Result<Vec<Workflow>> {
    let by_hand = Workflow::from_yaml(include_str!("definitions/search.yaml"))?;
    let by_python = Workflow::from_json(include_str!("definitions/search.json"))?;
    Ok(vec![by_hand, by_python])
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = Server::builder().start().await?;
    let client = Client::builder(server.url()).build()?;
    for workflow in workflows()? {
        let request = client.requests().submit(&workflow).await?;
        println!(
            "request {request}: {}",
            workflow.name().unwrap_or("a workflow")
        );
        let result = Study::new(&client, request)
            .concurrency(4)
            .points_as()
            .minimize(loss)
            .await?;
        println!(
            "{:?} after {} points; the best:",
            result.stop,
            result.trials.len()
        );
        println!("{}", report::best_points(&result, 3));
    }
    Ok(())
}
