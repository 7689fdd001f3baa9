//! A sampler of one's own: it looks around the best point, and less far the more points there are.
//!
//! ```text
//! cargo run --release --example own_sampler
//! ```

use idds::client::Client;
use idds::hpo::{Driver, Objective, report};
use idds::local::Server;
use idds::sampler::{Ask, Random, Sampler};
use idds::sampler::{Trial, UnitSpace};
use idds::workflow::{ATLASHPOWork, OptSpace, Point, Workflow};
use serde::Deserialize;

/// Moves random points towards the best one so far.
#[derive(Debug)]
struct AroundTheBest;

impl Sampler for AroundTheBest {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        let cube = UnitSpace::new(ask.space);
        let random = Random.sample(ask);
        let loss = |trial: &&Trial| trial.loss.unwrap_or(f64::INFINITY);
        let Some(best) = ask
            .history
            .iter()
            .min_by(|a, b| loss(a).total_cmp(&loss(b)))
        else {
            return random;
        };
        let (best, reach) = (
            cube.coordinates(&best.point),
            1.0 / (1.0 + ask.history.len() as f64 / 10.0),
        );
        let nearer = |(at, best): (f64, &f64)| best + (at - best) * reach;
        let moved = |point| cube.point(cube.coordinates(&point).into_iter().zip(&best).map(nearer));
        random.into_iter().map(moved).collect()
    }
}

/// A point of the search; the best one is x = 2, rate = 0.01.
#[derive(Deserialize)]
struct Params {
    x: f64,
    rate: f64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = Server::builder().sampler(AroundTheBest).start().await?;
    let client = Client::builder(server.url()).build()?;
    let space = OptSpace::builder()
        .scalar("x", -5..=5)
        .log("rate", 0.001..=1.0)
        .build()?;
    let workflow = Workflow::builder()
        .work(ATLASHPOWork::nevergrad(space.clone(), 100).build()?)
        .build()?;
    let request = client.requests().submit(&workflow).await?;

    let objective =
        Objective::blocking(|Params { x, rate }| (x - 2.0).powi(2) + (rate.log10() + 2.0).powi(2));
    let result = Driver::new(&client, request)
        .evaluations(4)
        .space(space)
        .run(objective)
        .await?;
    println!("{}", report::best_points(&result, 5));
    Ok(())
}
