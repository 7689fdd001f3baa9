//! A search whose points an external program evaluates, here a shell script.
//!
//! ```text
//! cargo run --example tune_command
//! ```
//!
//! It runs on an embedded iDDS. With `IDDS_HOST` and a credential in the environment, it runs on that server instead.

use std::fs;
use std::time::Duration;

use idds::client::Client;
use idds::hpo::{EarlyStopping, Program, ProgressBar, Study, report};
use idds::local::Server;
use idds::workflow::Workflow;

/// Where the directories of the points and the report go.
const FOLDER: &str = "target/tune_command";

/// Where the program and the definition of the search are.
const EXAMPLES: &str = env!("CARGO_MANIFEST_DIR");

/// Connects to the server of the environment, or to an embedded one, which runs as long as it is kept.
async fn connect() -> anyhow::Result<(Client, Option<Server>)> {
    if std::env::var_os("IDDS_HOST").is_some() {
        return Ok((Client::from_env()?, None));
    }
    // With a file, every run has a request of its own, and with it directories.
    let server = Server::builder()
        .database(format!("{FOLDER}/idds.sqlite3"))
        .start()
        .await?;
    Ok((Client::builder(server.url()).build()?, Some(server)))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (client, _server) = connect().await?;
    let search = format!("{EXAMPLES}/definitions/search.yaml");
    let workflow = Workflow::from_yaml(&fs::read_to_string(search)?)?;
    let request = client.requests().submit(&workflow).await?;
    println!("request {request} is submitted to {}", client.host());

    let points = format!("{FOLDER}/request-{request}");
    let program = Program::new(format!("{EXAMPLES}/train.sh"), &points);
    let result = Study::new(&client, request)
        .concurrency(2)
        .evaluation_timeout(Duration::from_secs(60))
        .early_stopping(EarlyStopping::Median {
            warm_up: 3,
            others: 3,
        })
        .observer(ProgressBar::new(8))
        .minimize(program)
        .await?;

    println!(
        "{:?} after {:.1?}; the best points:",
        result.stop, result.elapsed
    );
    println!("{}", report::best_points(&result, 3));
    let best = result.best()?;
    println!("{points}/{} has all that the best one left", best.id);
    fs::write(format!("{FOLDER}/report.html"), report::html(&result))?;
    println!("{FOLDER}/report.html shows all of the search in a browser");
    Ok(())
}
