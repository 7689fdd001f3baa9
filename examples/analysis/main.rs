//! The data carousel of the iDDS documentation, two programs on what it has staged, and a search on what they have made of it.
//!
//! ```text
//! cargo run --example analysis
//! ```
//!
//! Everything runs on this machine: the storage elements are directories, which `storage.yaml` names. The same from a shell, in
//! `examples/analysis`: `idds run analysis.yaml --storage storage.yaml --evaluate ./train.sh`.

use std::fs;
use std::path::{Path, PathBuf};

use idds::client::Client;
use idds::hpo::{Program, Study, report};
use idds::local::{Server, Storage};
use idds::workflow::Workflow;

/// Stages a dataset, selects its good events, takes their mean, and fits to it.
fn workflow() -> Result<Workflow, idds::workflow::Error> {
    Workflow::from_yaml(include_str!("analysis.yaml"))
}

fn main() -> anyhow::Result<()> {
    // This program looks after the jobs, too, in a process of its own.
    idds::jobs::init();
    tokio::runtime::Runtime::new()?.block_on(run())
}

async fn run() -> anyhow::Result<()> {
    let folder = std::path::absolute("target/analysis")?;
    let _ = fs::remove_dir_all(&folder);
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("analysis"),
        &folder,
    )?;
    let server = Server::builder()
        .storage(Storage::read(folder.join("storage.yaml"))?)
        .programs(&folder)
        .start()
        .await?;
    let client = Client::builder(server.url()).build()?;

    let request = client.requests().submit(&workflow()?).await?;
    println!("request {request} stages, selects, takes the mean, and searches");
    let train = Program::new(folder.join("train.sh"), folder.join("points"));
    let result = Study::new(&client, request)
        .concurrency(2)
        .minimize(train)
        .await?;
    println!("{:?}; the best points:", result.stop);
    println!("{}", report::best_points(&result, 3));

    for work in client.requests().get(request).collections().await? {
        if let (Some(transform), Some(output)) = (work.transform, work.output) {
            println!(
                "{}: {}, {} of {} outputs are there",
                transform.status,
                output.name.unwrap_or_default(),
                output.processed_files.unwrap_or_default(),
                output.total_files.unwrap_or_default(),
            );
        }
    }
    println!(
        "the mean is {}",
        fs::read_to_string(folder.join("mean"))?.trim()
    );
    server.shutdown().await;
    Ok(())
}

/// Copies a directory with all that is in it.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target: PathBuf = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &target)?,
            false => fs::copy(entry.path(), target).map(drop)?,
        }
    }
    Ok(())
}
