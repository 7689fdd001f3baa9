//! The data carousel of the iDDS documentation: a dataset is staged from tape to disk.
//!
//! ```text
//! cargo run --example data_carousel
//! ```
//!
//! It shows the workflow. With `IDDS_HOST` and a credential in the environment, it submits the workflow to that server.

use std::time::Duration;

use idds::client::Client;
use idds::workflow::{ATLASStageinWork, Collection, ServerVersion, Workflow};

const DATASET: &str = "data16_13TeV.00298862.physics_Main.daq.RAW";

/// Stages the dataset by a rule of Rucio, and ends after an hour with what is there.
pub(crate) fn workflow() -> Result<Workflow, idds::workflow::Error> {
    let raw = Collection::new("data16_13TeV", DATASET)?;
    let staged = Collection::new("data16_13TeV", format!("{DATASET}.idds.stagein"))?;
    let stage_in = ATLASStageinWork::builder(raw, staged)
        .max_waiting_time(Duration::from_secs(3600))
        .src_rse("NDGF-T1_DATATAPE")
        .dest_rse("NDGF-T1_DATADISK")
        .rule_id("236e4bf87e11490291e3259b14724e30")
        .build()?;
    Workflow::builder()
        .workload_id(20776840)
        .work(stage_in)
        .build()
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let workflow = workflow()?;
    println!("{}", workflow.to_yaml()?);
    for advice in workflow.advice(ServerVersion::V2_6_21) {
        println!("{advice}");
    }
    if std::env::var_os("IDDS_HOST").is_none() {
        println!("IDDS_HOST says to which server it is submitted");
        return Ok(());
    }
    let client = Client::from_env()?;
    let request = client.requests().submit(&workflow).await?;
    println!("request {request} is submitted to {}", client.host());
    println!("`idds request watch {request}` follows it");
    Ok(())
}
