//! iDDS for Rust: workflows and hyperparameter searches on iDDS, the workflow service of ATLAS, Rubin and the EIC.
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`workflow`] | definitions: workflows, works, search spaces; checked, and written as iDDS 2.6.21 understands them |
//! | [`client`] | talking to an iDDS server |
//! | [`file`](mod@file) | files: written whole, read within bounds, held by one process at a time |
//! | [`sampler`] | choosing points: samplers, steering, a search space as a unit cube |
//! | [`hpo`] | running a search: take points, evaluate them, report losses |
#![cfg_attr(
    feature = "program",
    doc = "| [`jobs`] | running programs: one attempt of one program, with its limits and how it ended |"
)]
#![cfg_attr(
    feature = "local",
    doc = "| [`local`] | a one-process iDDS for laptops and tests |"
)]
#![cfg_attr(
    feature = "view",
    doc = "| [`view`] | a live page of requests, for a browser on this machine |"
)]
//!
//! A whole search, on an embedded iDDS:
#![cfg_attr(all(feature = "local", feature = "report"), doc = "```")]
#![cfg_attr(not(all(feature = "local", feature = "report")), doc = "```ignore")]
//! use idds::client::Client;
//! use idds::hpo::Study;
//! use idds::local::Server;
//! use idds::workflow::{ATLASHPOWork, Space, Workflow};
//!
//! #[derive(Debug, serde::Deserialize, Space)]
//! struct Params {
//!     #[space(log, 1e-5..=1e-1)]
//!     learning_rate: f64,
//!     #[space(1..=6)]
//!     layers: u8,
//!     #[space(choice("adam", "sgd"))]
//!     optimizer: String,
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let search = ATLASHPOWork::search::<Params>(8).num_points_per_iteration(4).build()?;
//! let workflow = Workflow::builder().name("my.search").work(search).build()?;
//!
//! let server = Server::builder().start().await?;
//! let client = Client::builder(server.url()).build()?;
//! let request = client.requests().submit(&workflow).await?;
//!
//! let study = Study::<Params>::of(&client, request).concurrency(4);
//! let loss = |params: Params| (params.learning_rate.log10() + 2.0).abs() / f64::from(params.layers);
//! let best = study.minimize(loss).await?.best()?;
//! println!("{:?} has {}", best.params, best.loss);
//! # Ok(())
//! # }
//! ```

pub use idds_client as client;
pub use idds_file as file;
pub use idds_hpo as hpo;
#[cfg(feature = "program")]
pub use idds_jobs as jobs;
#[cfg(feature = "local")]
pub use idds_local as local;
pub use idds_sampler as sampler;
#[cfg(feature = "view")]
pub use idds_view as view;
pub use idds_workflow as workflow;
