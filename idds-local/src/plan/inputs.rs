//! Jobs that read files of a dataset: those of the storage element that has it, by links in the directories of the jobs.

use std::path::{Path, PathBuf, absolute};

use idds_workflow::{InputFiles, ProgramJob, Programs};

use super::Terms;
use crate::engine::jobs::quoted;
use crate::storage::{Storage, Trouble};
use crate::store::jobs::NewJob;

/// Why files are not read where nobody has said where they are.
const NOBODY: &str = "its jobs read files of a dataset, and no storage elements are named here; `--storage FILE` of `idds run` and \
                      `idds serve` names directories that are some";

/// Longest text that the system hands to a shell, in bytes, with room for what comes around it.
const LONGEST: usize = 120_000;

/// When the jobs of a work are made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum When {
    /// As it starts: what it reads has to be there.
    Now,
    /// Ahead, when what it reads may still come: it has one job then.
    Ahead,
}

/// Returns the jobs of a work.
pub(super) fn jobs(programs: &Programs, terms: &Terms, when: When) -> Result<Vec<NewJob>, String> {
    let all = || {
        programs
            .jobs
            .iter()
            .map(|job| new(job, String::new()))
            .collect()
    };
    let Some(inputs) = &programs.inputs else {
        return Ok(all());
    };
    let storage = terms.storage.as_deref().ok_or(NOBODY)?;
    let (directory, files) = match files(inputs, storage) {
        Ok(found) => found,
        Err(_) if when == When::Ahead => return Ok(all()),
        Err(why) => return Err(why),
    };
    let jobs = programs.jobs_of(files)?;
    jobs.iter()
        .map(|job| {
            let links = links(&directory, &job.files);
            let length = links.len() + job.command.len();
            if length > LONGEST {
                return Err(format!(
                    "the names of the {} files of the job {} are longer than the system takes; give it fewer, by nFilesPerJob",
                    job.files.len(),
                    job.name
                ));
            }
            Ok(new(job, links))
        })
        .collect()
}

fn new(job: &ProgramJob, links: String) -> NewJob {
    NewJob {
        name: job.name.clone(),
        command: links + &job.command,
        after: job.after.clone(),
    }
}

/// Returns the directory of a dataset, and the names of its files.
fn files(inputs: &InputFiles, storage: &Storage) -> Result<(PathBuf, Vec<String>), String> {
    let did = (inputs.scope.as_str(), inputs.name.as_str());
    let element = storage.source(did, None, "")?;
    let place = storage.place(element, did.0, did.1)?;
    let directory = absolute(place.directory())
        .map_err(|error| format!("{}: {error}", place.directory().display()))?;
    let files = storage
        .files(did, Some(element), "")
        .map_err(|trouble| match trouble {
            Trouble::File(why) | Trouble::Machine(why) => why,
            Trouble::Stopped => "it was stopped".to_owned(),
        })?;
    Ok((directory, files.into_iter().map(|file| file.name).collect()))
}

/// Returns what a shell is told to show files of a directory where a job begins, under their names.
fn links(directory: &Path, files: &[String]) -> String {
    let names: Vec<_> = files.iter().map(|name| quoted(Path::new(name))).collect();
    format!(
        "for file in {}; do ln -s {}/\"$file\" . || exit; done\n",
        names.join(" "),
        quoted(directory)
    )
}
