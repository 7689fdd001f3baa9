//! Works that are one program.

use super::arguments::filled;
use super::{Execution, JobDirectory, Needs, ProgramJob, Programs};
use crate::error::Problem;
use crate::work::base::Base;

/// File with the result of a work unless it names another one.
const RESULT: &str = "idds_output.json";

/// Runs the program of a work where the workflow is.
pub(crate) fn program(base: &Base) -> Result<Execution, Problem> {
    programs(base, JobDirectory::Shared).map(Execution::Programs)
}

/// Runs the program of a work in a directory of its own; its result stands in this file, when one is named.
pub(crate) fn own_directory(
    base: &Base,
    result: Option<&str>,
    needs_result: bool,
) -> Result<Execution, Problem> {
    let programs = programs(base, JobDirectory::Own)?;
    let result = result.filter(|name| !name.is_empty()).unwrap_or(RESULT);
    if result.starts_with('/') || result.split('/').any(|part| part == "..") {
        return Err(Problem::new(
            "output_json",
            format!("{result:?} is not below the directory of the job; a name such as {RESULT} is"),
        ));
    }
    Ok(Execution::Programs(Programs {
        result: result.to_owned(),
        needs_result,
        ..programs
    }))
}

/// Returns the one program of a work.
pub(super) fn programs(base: &Base, directory: JobDirectory) -> Result<Programs, Problem> {
    let command = command(base)?;
    let sandbox = base.details.sandbox.as_deref();
    let sandbox = sandbox.filter(|sandbox| !sandbox.is_empty());
    let image = sandbox.filter(|sandbox| !is_archive(sandbox));
    let sandbox = sandbox.filter(|sandbox| is_archive(sandbox));
    if let Some(address) = image.filter(|image| image.starts_with("http")) {
        return Err(Problem::new(
            "sandbox",
            format!(
                "{address:?} is neither an archive (.tar, .tar.gz, .tgz) nor the image of a container; name one of these"
            ),
        ));
    }
    let name = base.output.as_ref().or(base.input.as_ref());
    let name = name.map_or("job", |collection| collection.name());
    Ok(Programs {
        task: base.task_name().map(str::to_owned),
        jobs: vec![ProgramJob {
            name: name.to_owned(),
            command,
            after: Vec::new(),
            files: Vec::new(),
        }],
        setup: setup(base),
        // What an archive holds is not spread over files of the user.
        directory: if sandbox.is_some() {
            JobDirectory::Own
        } else {
            directory
        },
        sandbox: sandbox.map(str::to_owned),
        image: image.map(str::to_owned),
        inputs: None,
        result: RESULT.to_owned(),
        needs_result: false,
        needs: Needs::default(),
        attempts: 1,
    })
}

pub(super) fn setup(base: &Base) -> Option<String> {
    base.setup.clone().filter(|setup| !setup.trim().is_empty())
}

/// Returns the command line of a work, with the values of its parameters.
pub(super) fn command(base: &Base) -> Result<String, Problem> {
    let executable = base.executable.as_deref().unwrap_or_default().trim();
    if executable.is_empty() {
        return Err(Problem::new(
            "executable",
            "is missing: there is nothing to run; name a program, such as ./merge.sh",
        ));
    }
    let arguments = base.arguments.as_deref().unwrap_or_default();
    let arguments = filled(arguments, base.parameters.as_deref())
        .map_err(|message| Problem::new("arguments", message))?;
    Ok(match arguments.trim() {
        "" => executable.to_owned(),
        arguments => format!("{executable} {arguments}"),
    })
}

fn is_archive(name: &str) -> bool {
    [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"]
        .iter()
        .any(|end| name.ends_with(end))
}
