//! Storage elements that are named on the command line.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueHint};
use idds::local::rucio::{Config, Rucio};
use idds::local::{ServerBuilder, Storage};
use idds::workflow::{AdviceCode, AnyWork, Execution, Step, Workflow};

use super::Exit;
use super::request::{Finding, Source};

/// Where works that move data find the files.
#[derive(Args, Clone, Debug, Default)]
pub struct StorageOptions {
    /// File that names the directories between which works that move data copy files: `idds schema storage` shows its form
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    storage: Option<PathBuf>,

    /// Have Rucio move the data of works between other storage elements, by their rules: rucio.cfg and RUCIO_* say which Rucio
    #[arg(long)]
    rucio: bool,
}

/// Who moves data.
#[derive(Debug, Default)]
pub struct Movers {
    /// Storage elements that are directories.
    pub storage: Option<Storage>,
    /// The Rucio that is asked.
    pub rucio: Option<Rucio>,
}

impl StorageOptions {
    /// Reads the files that are named.
    pub fn read(&self) -> Result<Movers> {
        let told = |error: &dyn std::error::Error| {
            let source = error.source().map(|source| format!(": {source}"));
            Exit::Usage.because(format!("{error}{}", source.unwrap_or_default()))
        };
        let storage = self.storage.as_ref().map(Storage::read).transpose();
        let rucio = self
            .rucio
            .then(|| Config::from_env().and_then(Rucio::new))
            .transpose();
        Ok(Movers {
            storage: storage.map_err(|error| told(&error))?,
            rucio: rucio.map_err(|error| told(&error))?,
        })
    }
}

impl Movers {
    /// Tells whether there are any.
    pub fn are_there(&self) -> bool {
        self.storage.is_some() || self.rucio.is_some()
    }

    /// Has a server move data.
    pub fn of(self, mut builder: ServerBuilder) -> ServerBuilder {
        if let Some(storage) = self.storage {
            builder = builder.storage(storage);
        }
        if let Some(rucio) = self.rucio {
            builder = builder.rucio(rucio);
        }
        builder
    }
}

/// Takes the storage elements into account in what was found: works that move data run where those of them are named.
pub fn settle(findings: &mut Vec<Finding>, workflow: &Workflow, source: &Source, movers: &Movers) {
    if !movers.are_there() {
        return;
    }
    let code = AdviceCode::EmbeddedStorage.name();
    findings.retain(|finding| finding.code != Some(code));
    let names: Vec<_> = movers.storage.iter().flat_map(Storage::elements).collect();
    let is_known = |name: &str| names.contains(&name);
    let has_rucio = movers.rucio.is_some();
    each_work("", workflow, &mut |place, work| {
        let copy = match work.execution() {
            Ok(Execution::Copy(copy)) => copy,
            Ok(Execution::Programs(programs)) if programs.inputs.is_some() && names.is_empty() => {
                let message = "its jobs read files of a dataset, which --storage FILE names a directory for; --rucio alone does not";
                findings.push(Finding::wrong(source, place.to_owned(), message.to_owned()));
                return;
            }
            _ => return,
        };
        let mut wrong = |field: &str, message: String| {
            findings.push(Finding::wrong(source, format!("{place}.{field}"), message));
        };
        // Rucio knows its own elements.
        if has_rucio && !copy.to.as_deref().is_some_and(is_known) {
            let (field, what) = match (&copy.rule, &copy.to) {
                (None, _) if !copy.makes_rule => {
                    ("rule_id", "it names the rule of Rucio that is followed")
                }
                (None, None) => (
                    "dest_rse",
                    "without a rule_id, it says where a rule of Rucio brings the files",
                ),
                _ => return,
            };
            return wrong(field, format!("is missing; {what}"));
        }
        for (field, name) in [("src_rse", &copy.from), ("dest_rse", &copy.to)] {
            if let Some(name) = name.as_deref().filter(|name| !is_known(name)) {
                let known = names.join(", ");
                wrong(
                    field,
                    format!("there is no storage element {name:?}; there are: {known}"),
                );
            }
        }
        if copy.to.is_none() {
            let message = format!(
                "is missing; it names the storage element that the files are copied to, one of {}",
                names.join(", ")
            );
            wrong("dest_rse", message);
        }
    });
}

/// Calls a function with each work of a workflow and its place.
pub fn each_work(at: &str, workflow: &Workflow, visit: &mut impl FnMut(&str, &AnyWork)) {
    if let Some(build) = workflow.build_work() {
        visit(&format!("{at}build_work"), build);
    }
    for (name, step) in workflow.steps() {
        let place = format!("{at}steps.{name}");
        match step {
            Step::Work(work) => visit(&place, work),
            Step::Workflow(inner) => each_work(&format!("{place}."), inner, visit),
            _ => {}
        }
    }
}
