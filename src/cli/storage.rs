//! Storage elements that are named on the command line.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueHint};
use idds::local::Storage;
use idds::workflow::{AdviceCode, AnyWork, Execution, Step, Workflow};

use super::Exit;
use super::request::{Finding, Source};

/// Where works that move data find the files.
#[derive(Args, Clone, Debug, Default)]
pub struct StorageOptions {
    /// File that names the directories between which works that move data copy files: `idds schema storage` shows its form
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    storage: Option<PathBuf>,
}

impl StorageOptions {
    /// Reads the file, if one is named.
    pub fn read(&self) -> Result<Option<Storage>> {
        let read = self.storage.as_ref().map(Storage::read).transpose();
        read.map_err(|error| {
            let source = std::error::Error::source(&error);
            let source = source
                .map(|source| format!(": {source}"))
                .unwrap_or_default();
            Exit::Usage.because(format!("{error}{source}"))
        })
    }
}

/// Takes the storage elements into account in what was found: works that move data run where those of them are named.
pub fn settle(
    findings: &mut Vec<Finding>,
    workflow: &Workflow,
    source: &Source,
    storage: Option<&Storage>,
) {
    let Some(storage) = storage else { return };
    let code = AdviceCode::EmbeddedStorage.name();
    findings.retain(|finding| finding.code != Some(code));
    let names: Vec<_> = storage.elements().collect();
    each_work("", workflow, &mut |place, work| {
        let Ok(Execution::Copy(copy)) = work.execution() else {
            return;
        };
        let unknown = |name: &&String| !names.contains(&name.as_str());
        for (field, name) in [("src_rse", &copy.from), ("dest_rse", &copy.to)] {
            if let Some(name) = name.as_ref().filter(unknown) {
                let message = format!(
                    "there is no storage element {name:?}; there are: {}",
                    names.join(", ")
                );
                findings.push(Finding::wrong(source, format!("{place}.{field}"), message));
            }
        }
        if copy.to.is_none() {
            let message = format!(
                "is missing; it names the storage element that the files are copied to, one of {}",
                names.join(", ")
            );
            findings.push(Finding::wrong(source, format!("{place}.dest_rse"), message));
        }
    });
}

/// Calls a function with each work of a workflow and its place.
fn each_work(at: &str, workflow: &Workflow, visit: &mut impl FnMut(&str, &AnyWork)) {
    for (name, step) in workflow.steps() {
        let place = format!("{at}steps.{name}");
        match step {
            Step::Work(work) => visit(&place, work),
            Step::Workflow(inner) => each_work(&format!("{place}."), inner, visit),
            _ => {}
        }
    }
}
