//! A hyperparameter search, from the workflow to the best point.
//!
//! ```text
//! cargo run --example hpo_quickstart
//! ```
//!
//! It runs on an embedded iDDS. With `IDDS_HOST` and a credential in the environment, it runs on that server instead.

use std::fs;

use idds::client::Client;
use idds::hpo::{ProgressBar, Study, report};
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, Space, Workflow, point};
use serde::Deserialize;

/// Where the data of the embedded server and the picture go.
const FOLDER: &str = "target/hpo_quickstart";

/// A point of the search, and what it can be.
#[derive(Debug, Deserialize, Space)]
#[serde(rename_all = "UPPERCASE")]
struct Params {
    #[space(choice(1, 4))]
    a: i64,
    #[space(0..=5)]
    b: f64,
}

/// What is minimised; the best point is A = 4, B = 2.
fn loss(params: Params) -> f64 {
    (params.b - 2.0).powi(2) + 1.0 / params.a as f64
}

/// The search of the iDDS documentation: 20 points of a space, 10 at a time.
pub(crate) fn workflow() -> Result<Workflow, idds::workflow::Error> {
    let search = ATLASHPOWork::search::<Params>(20)
        .num_points_per_iteration(10)
        .initial_point(point! { "A": 1, "B": 2 }, 0.3)
        .initial_point(point! { "A": 1, "B": 3 }, None)
        .build()?;
    Workflow::builder()
        .workload_id(20525135)
        .work(search)
        .build()
}

/// Connects to the server of the environment, or to an embedded one, which runs as long as it is kept.
async fn connect() -> anyhow::Result<(Client, Option<Server>)> {
    if std::env::var_os("IDDS_HOST").is_some() {
        return Ok((Client::from_env()?, None));
    }
    let server = Server::builder()
        .database(format!("{FOLDER}/idds.sqlite3"))
        .start()
        .await?;
    Ok((Client::builder(server.url()).build()?, Some(server)))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (client, _server) = connect().await?;
    let request = client.requests().submit(&workflow()?).await?;
    println!("request {request} is submitted to {}", client.host());

    let result = Study::<Params>::of(&client, request)
        .concurrency(4)
        .observer(ProgressBar::new(20))
        .minimize(loss)
        .await?;
    let best = result.best()?;

    println!(
        "{:?} after {:.1?}; the best points:",
        result.stop, result.elapsed
    );
    println!("{}", report::best_points(&result, 5));
    println!("{:?} has the loss {}", best.params, best.loss);
    fs::create_dir_all(FOLDER)?;
    fs::write(format!("{FOLDER}/loss.svg"), report::loss_picture(&result)?)?;
    fs::write(format!("{FOLDER}/report.html"), report::html(&result))?;
    println!(
        "{FOLDER}/loss.svg shows the loss of all {} points",
        result.trials.len()
    );
    println!("{FOLDER}/report.html shows all of the search in a browser");
    Ok(())
}
