//! A search for the best value of your own struct.
//!
//! ```text
//! cargo run --example tune_struct
//! ```
//!
//! It runs on an embedded iDDS. With `IDDS_HOST` and a credential in the environment, it runs on that server instead.

use idds::client::Client;
use idds::hpo::Study;
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, Choices, Space, Workflow};
use serde::Deserialize;

#[derive(Choices, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Optimizer {
    Adam,
    Sgd,
}

/// What is tuned: each field says what it can be.
#[derive(Debug, Deserialize, Space)]
struct Params {
    #[space(log, 1e-5..=1e-1)]
    learning_rate: f64,
    #[space(1..=6)]
    layers: u8,
    optimizer: Optimizer,
}

/// Stands for the training of a model: a function that computes, which may fail.
fn train(params: Params) -> Result<f64, String> {
    let best_rate = match params.optimizer {
        Optimizer::Adam => 1e-3,
        Optimizer::Sgd => 1e-2,
    };
    let distance = (params.learning_rate / best_rate).log10();
    if distance > 1.5 {
        return Err("the loss is not finite: the learning rate is too high".to_owned());
    }
    Ok(distance.powi(2) + 0.1 * (f64::from(params.layers) - 4.0).powi(2))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = match std::env::var_os("IDDS_HOST") {
        Some(_) => None,
        None => Some(Server::builder().start().await?),
    };
    let client = match &server {
        Some(server) => Client::builder(server.url()).build()?,
        None => Client::from_env()?,
    };
    let search = ATLASHPOWork::search::<Params>(30).build()?;
    let workflow = Workflow::builder().work(search).build()?;
    let request = client.requests().submit(&workflow).await?;

    let study = Study::<Params>::of(&client, request).concurrency(4);
    let best = study.minimize(train).await?.best()?;
    println!("{:?} has the loss {}", best.params, best.loss);
    Ok(())
}
