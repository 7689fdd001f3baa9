//! A search that tunes a real model: a random forest that reads handwritten digits.
//!
//! ```text
//! cargo run --example tune_model
//! ```
//!
//! It runs on an embedded iDDS. With `IDDS_HOST` and a credential in the environment, it runs on that server instead.

use std::fs;

use idds::client::Client;
use idds::hpo::report::{self, Page};
use idds::hpo::{ProgressBar, Study};
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, Space, Workflow};
use serde::Deserialize;
use smartcore::dataset::digits;
use smartcore::ensemble::random_forest_classifier::{
    RandomForestClassifier, RandomForestClassifierParameters as Forest,
};
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::metrics::accuracy;
use smartcore::model_selection::train_test_split;

/// Where the report goes.
const FOLDER: &str = "target/tune_model";

/// How many forests are tried.
const POINTS: u32 = 30;

/// A forest: what is searched, and where.
#[derive(Debug, Deserialize, Space)]
struct Params {
    #[space(ordered, choice(1, 2, 5, 10, 20, 40))]
    trees: u16,
    #[space(ordered, choice(2, 4, 8, 16))]
    depth: u16,
    #[space(ordered, choice(1, 2, 5, 10, 20))]
    leaf: usize,
    /// Share of the 64 pixels that a tree looks at in each step.
    #[space(0.02..=1.0)]
    pixels: f64,
}

/// Trains a forest on most of the 1797 images, and returns the share of the others that it reads wrongly.
fn wrong(params: Params) -> anyhow::Result<f64> {
    let images = digits::load_dataset();
    let digits: Vec<u32> = images.target.iter().map(|digit| *digit as u32).collect();
    let x = DenseMatrix::new(images.num_samples, images.num_features, images.data, false)?;
    let (train, test, train_digits, test_digits) =
        train_test_split(&x, &digits, 0.3, true, Some(1));
    let forest = Forest::default()
        .with_n_trees(params.trees)
        .with_max_depth(params.depth)
        .with_seed(1);
    let forest = forest
        .with_min_samples_leaf(params.leaf)
        .with_m((params.pixels * 64.0).ceil() as usize);
    let forest = RandomForestClassifier::fit(&train, &train_digits, forest)?;
    Ok(1.0 - accuracy(&test_digits, &forest.predict(&test)?))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = if std::env::var_os("IDDS_HOST").is_none() {
        Some(Server::builder().start().await?)
    } else {
        None
    };
    let client = server.as_ref().map_or_else(Client::from_env, |server| {
        Client::builder(server.url()).build()
    })?;
    let search = ATLASHPOWork::search::<Params>(POINTS)
        .num_points_per_iteration(10)
        .build()?;
    let request = client
        .requests()
        .submit(&Workflow::builder().work(search).build()?)
        .await?;
    println!("request {request} is submitted to {}", client.host());

    let result = Study::<Params>::of(&client, request)
        .concurrency(2)
        .observer(ProgressBar::new(POINTS))
        .minimize(wrong)
        .await?;
    println!("{}", report::best_points(&result, 5));
    println!("the best forest: {:?}", result.best()?.params);
    fs::create_dir_all(FOLDER)?;
    fs::write(
        format!("{FOLDER}/report.html"),
        Page::new(&result)
            .title("Random forest that reads digits")
            .to_html(),
    )?;
    println!("{FOLDER}/report.html shows all of the search in a browser");
    Ok(())
}
