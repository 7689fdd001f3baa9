//! A sampler of one's own: it looks around the best point, and less far the more points there are.
//!
//! ```text
//! cargo run --example own_sampler
//! ```

use idds::client::Client;
use idds::hpo::{Study, report};
use idds::local::Server;
use idds::sampler::{Ask, Random, Sampler, Trial, UnitSpace};
use idds::workflow::{ATLASHPOWork, Point, Space, Workflow};
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
#[derive(Deserialize, Space)]
struct Params {
    #[space(-5..=5)]
    x: f64,
    #[space(log, 0.001..=1.0)]
    rate: f64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = Server::builder().sampler(AroundTheBest).start().await?;
    let client = Client::builder(server.url()).build()?;
    let workflow = Workflow::builder()
        .work(ATLASHPOWork::search::<Params>(100).build()?)
        .build()?;
    let request = client.requests().submit(&workflow).await?;

    let result = Study::<Params>::of(&client, request)
        .concurrency(4)
        .minimize(|Params { x, rate }| (x - 2.0).powi(2) + (rate.log10() + 2.0).powi(2))
        .await?;
    println!("{}", report::best_points(&result, 5));
    Ok(())
}
