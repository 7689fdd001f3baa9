//! Tasks of PanDA: the command that stands in their parameters, and their jobs.

use std::time::Duration;

use regex::Regex;
use serde_json::{Map, Value};

use super::program::{command, setup};
use super::{Execution, InputFiles, JobDirectory, Memory, Needs, ProgramJob, Programs};
use crate::error::Problem;
use crate::work::base::Base;
use crate::{DomaTask, Literal};

/// Number of times that PanDA tries a job of a task which says nothing about it.
const ATTEMPTS: u32 = 3;

/// Runs the jobs of a task that is given job by job; each has a name, and the outputs that it waits for.
pub(crate) fn doma(
    base: &Base,
    task: Option<&DomaTask>,
    jobs: impl Iterator<Item = (String, Vec<(String, String)>)>,
) -> Result<Execution, Problem> {
    let line = command(base)?;
    let jobs: Vec<_> = jobs
        .map(|(name, after)| ProgramJob {
            command: with_inputs(&line, &[&name]),
            name,
            after,
            files: Vec::new(),
        })
        .collect();
    if jobs.is_empty() {
        return Err(Problem::new(
            "jobs",
            "is empty: there is nothing to run; give the task a job",
        ));
    }
    Ok(Execution::Programs(Programs {
        task: base.task_name().map(str::to_owned),
        jobs,
        setup: setup(base),
        directory: JobDirectory::Own,
        sandbox: None,
        image: None,
        inputs: None,
        result: "idds_output.json".to_owned(),
        needs_result: false,
        needs: task.map(needs).unwrap_or_default(),
        attempts: task.map_or(ATTEMPTS, |task| {
            let attempts = task.max_attempt().as_u64().filter(|attempts| *attempts > 0);
            attempts.map_or(5, |attempts| u32::try_from(attempts).unwrap_or(u32::MAX))
        }),
    }))
}

fn needs(task: &DomaTask) -> Needs {
    let number = |value: &Literal| value.as_f64().filter(|number| *number > 0.0);
    let memory = number(task.task_rss()).map(|first| Memory {
        first,
        offset: number(task.task_rss_retry_offset()).unwrap_or(0.0),
        step: number(task.task_rss_retry_step()).unwrap_or(0.0),
        most: number(task.task_rss_max()),
    });
    let cores = task.core_count().as_u64().unwrap_or(1);
    Needs {
        cores: u32::try_from(cores).unwrap_or(u32::MAX).max(1),
        memory,
        time: number(task.max_walltime())
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
    }
}

/// Puts the names of inputs where a command names them, as PanDA does.
pub(crate) fn with_inputs(command: &str, names: &[&str]) -> String {
    if !command.contains("${IN") {
        return command.to_owned();
    }
    let list = names.join(",");
    let quoted: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
    command
        .replace("${IN/L}", &list)
        .replace("${IN/T}", &format!("[{}]", quoted.join(", ")))
        .replace("${IN}", &list)
}

/// Runs a task by the command that stands encoded in its parameters, as prun and pchain make them.
pub(crate) fn command_of_task(
    base: &Base,
    parameters: &Map<String, Value>,
) -> Result<Execution, Problem> {
    let refused = |at: &str, message: String| Problem::new(format!("task_parameters{at}"), message);
    let values = values(parameters);
    let transformation = parameters.get("transPath").and_then(Value::as_str);
    let name = transformation
        .and_then(|path| path.trim_end_matches('/').rsplit('/').next())
        .unwrap_or_default();
    let command = match name {
        _ if name.starts_with("bash-c") => values.trim().to_owned(),
        _ if name.starts_with("runGen") || name == "runcontainer" => command_of_prun(&values)
            .ok_or_else(|| {
                refused(
                    ".jobParameters",
                    "have no command: prun hands it on as -p, encoded".to_owned(),
                )
            })?,
        "" => {
            return Err(refused(
                ".transPath",
                "is missing, so that nothing says what the jobs run; prun, pchain and bash-c name it".to_owned(),
            ));
        }
        other => {
            return Err(refused(
                ".transPath",
                format!(
                    "{other} is a transformation that only the grid has; here run the commands of prun (runGen) and of bash-c"
                ),
            ));
        }
    };
    if command.is_empty() {
        return Err(refused(".jobParameters", "have no command".to_owned()));
    }
    let inputs =
        inputs(parameters, &command).map_err(|message| refused(".jobParameters", message))?;
    let image = image(parameters, &values);
    if let (Some(image), Some(inputs)) = (&image, &inputs) {
        return Err(refused(
            ".container_name",
            format!(
                "the jobs run in the image {image} and read files of {}:{}, which no container here is shown; run them without the image, or \
                 copy the files beside the workflow",
                inputs.scope, inputs.name
            ),
        ));
    }
    let number = |name: &str| parameters.get(name).and_then(Value::as_u64);
    let count = match (number("nEvents"), number("nEventsPerJob")) {
        // As many as its files are for, which are known when it starts.
        _ if inputs.is_some() => 1,
        (Some(events), Some(each)) if each > 0 => events.div_ceil(each),
        (Some(events), None) => events,
        _ => number("nFiles")
            .filter(|_| parameters.get("noInput") == Some(&Value::Bool(true)))
            .unwrap_or(1),
    };
    if count > MOST_JOBS {
        return Err(refused(
            ".nEvents",
            format!("{count} jobs are more than the {MOST_JOBS} that a task may have here"),
        ));
    }
    let task = base
        .task_name()
        .map(str::to_owned)
        .or_else(|| parameters.get("taskName")?.as_str().map(str::to_owned));
    let jobs = (1..=count.max(1)).map(|serial| job(task.as_deref(), &command, serial));
    let cores = number("coreCount").and_then(|cores| u32::try_from(cores).ok());
    let attempts = number("maxAttempt").and_then(|attempts| u32::try_from(attempts).ok());
    Ok(Execution::Programs(Programs {
        jobs: jobs.collect(),
        task,
        setup: None,
        directory: JobDirectory::Own,
        sandbox: None,
        image,
        inputs: inputs.map(Box::new),
        result: "idds_output.json".to_owned(),
        needs_result: false,
        needs: Needs {
            cores: cores.unwrap_or(1).max(1),
            ..Needs::default()
        },
        attempts: attempts.unwrap_or(ATTEMPTS).max(1),
    }))
}

/// Returns the job of this number, from 1, of a task.
fn job(task: Option<&str>, command: &str, serial: u64) -> ProgramJob {
    ProgramJob {
        name: format!("{}.{serial:06}", task.unwrap_or("job")),
        command: with_serial(command, serial),
        after: Vec::new(),
        files: Vec::new(),
    }
}

/// Files of a job of prun unless it says otherwise.
const FILES_OF_JOB: u64 = 50;

/// Returns which files the jobs of a task read, if their command names any.
fn inputs(parameters: &Map<String, Value>, command: &str) -> Result<Option<InputFiles>, String> {
    if !command.contains("%IN") && !command.contains("${IN") {
        return Ok(None);
    }
    let Some(input) = datasets(parameters, "input").next() else {
        return Ok(None);
    };
    let named = |name: &str| input.get(name).and_then(Value::as_str);
    let dataset = named("dataset").unwrap_or_default();
    let streams = command.split("%IN").skip(1);
    if streams
        .clone()
        .any(|rest| rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_'))
    {
        return Err(format!(
            "the jobs read files of several datasets, and here they can be given those of one, {dataset}, as %IN"
        ));
    }
    // The scope is the beginning of the name where it is not given, as Rucio has it.
    let whole = dataset.trim_end_matches('/');
    let (scope, name) = match whole.split_once(':') {
        Some((scope, name)) => (scope.to_owned(), name),
        None => {
            let parts: Vec<_> = whole.split('.').collect();
            let count = if matches!(parts.first(), Some(&"user" | &"group")) {
                2
            } else {
                1
            };
            (parts[..count.min(parts.len())].join("."), whole)
        }
    };
    let patterns = |name: &str| {
        let listed = named(name).unwrap_or_default().split(',');
        listed
            .filter(|pattern| !pattern.is_empty())
            .map(|pattern| {
                Regex::new(pattern).map_err(|error| {
                    let what = error.to_string();
                    let what = what.lines().last().unwrap_or_default();
                    format!("the {name} of {dataset} is no regular expression: {what}")
                })
            })
            .collect::<Result<Vec<_>, _>>()
    };
    let number = |name: &str| {
        parameters
            .get(name)
            .and_then(Value::as_u64)
            .filter(|number| *number > 0)
    };
    let each = number("nFilesPerJob").unwrap_or(FILES_OF_JOB);
    Ok(Some(InputFiles {
        scope,
        name: name.to_owned(),
        only: input.get("files").and_then(Value::as_array).map(|files| {
            files
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        }),
        include: patterns("include")?,
        exclude: patterns("exclude")?,
        skip: input.get("offset").and_then(Value::as_u64).unwrap_or(0),
        most: number("nFiles"),
        each: each.min(number("nMaxFilesPerJob").unwrap_or(each)),
        command: command.to_owned(),
    }))
}

impl Programs {
    /// Returns the jobs of a work that reads files, by the names of all files of its dataset: so many of these for each.
    ///
    /// # Errors
    ///
    /// Says that none of them is to be read, or that they are for too many jobs.
    pub fn jobs_of(
        &self,
        files: impl IntoIterator<Item = String>,
    ) -> Result<Vec<ProgramJob>, String> {
        let Some(inputs) = &self.inputs else {
            return Ok(self.jobs.clone());
        };
        let most = inputs.most.map_or(usize::MAX, |most| {
            usize::try_from(most).unwrap_or(usize::MAX)
        });
        let skip = usize::try_from(inputs.skip).unwrap_or(usize::MAX);
        let files: Vec<_> = files
            .into_iter()
            .filter(|name| inputs.has(name))
            .skip(skip)
            .take(most)
            .collect();
        if files.is_empty() {
            return Err(format!(
                "no file of the dataset {}:{} is to be read",
                inputs.scope, inputs.name
            ));
        }
        let each = usize::try_from(inputs.each).unwrap_or(usize::MAX).max(1);
        let jobs = (1..).zip(files.chunks(each)).map(|(serial, files)| {
            let names: Vec<_> = files.iter().map(String::as_str).collect();
            let command = with_inputs(&inputs.command, &names).replace("%IN", &names.join(","));
            ProgramJob {
                files: files.to_vec(),
                ..job(self.task.as_deref(), &command, serial)
            }
        });
        Ok(jobs.collect())
    }
}

impl InputFiles {
    /// Tells whether a file of the dataset is one of those that are read.
    fn has(&self, name: &str) -> bool {
        let is_like = |patterns: &[Regex]| patterns.iter().any(|pattern| pattern.is_match(name));
        self.only
            .as_ref()
            .is_none_or(|only| only.iter().any(|other| other == name))
            && (self.include.is_empty() || is_like(&self.include))
            && !is_like(&self.exclude)
    }
}

/// Returns the image of the container in which the jobs of a task run: of the task, or of what prun hands on.
fn image(parameters: &Map<String, Value>, values: &str) -> Option<String> {
    let named = parameters.get("container_name").and_then(Value::as_str);
    let inside = || {
        let rest = values.split_once("--containerImage")?.1;
        rest.trim_start_matches(['=', ' '])
            .split_whitespace()
            .next()
    };
    let image = named.or_else(inside).map(str::trim);
    image.filter(|image| !image.is_empty()).map(str::to_owned)
}

/// Most jobs of a task whose parameters give their number.
const MOST_JOBS: u64 = 1_000_000;

/// Puts the parameters of a job together as JEDI does.
fn values(parameters: &Map<String, Value>) -> String {
    let jobs = parameters.get("jobParameters").and_then(Value::as_array);
    let mut text = String::new();
    for job in jobs.into_iter().flatten() {
        let value = job.get("value").and_then(Value::as_str).unwrap_or_default();
        text.push_str(value);
        if job.get("padding") != Some(&Value::Bool(false)) {
            text.push(' ');
        }
    }
    text
}

/// Returns the command that prun hands on: what follows `-p`, in quotes, with percent signs.
fn command_of_prun(values: &str) -> Option<String> {
    let at = values
        .find("-p ")
        .filter(|at| *at == 0 || values[..*at].ends_with(' '))?;
    let rest = values[at + 3..].trim_start();
    let encoded = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?.0,
        None => rest.split_whitespace().next()?,
    };
    percent_decoded(encoded)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes)
        .ok()
        .map(|text| text.trim().to_owned())
}

/// Returns what a task says of the datasets of this kind; releases of databases are none that jobs read by name.
fn datasets<'a>(
    parameters: &'a Map<String, Value>,
    kind: &'a str,
) -> impl Iterator<Item = &'a Value> {
    let jobs = parameters.get("jobParameters").and_then(Value::as_array);
    jobs.into_iter().flatten().filter(move |job| {
        let text = |name: &str| job.get(name).and_then(Value::as_str);
        text("param_type") == Some(kind)
            && text("dataset").is_some()
            && !text("value").is_some_and(|value| value.contains("${DBR}"))
    })
}

/// Puts the number of a job where its command asks for one: `${SN}`, and `%RNDM:base` of prun.
fn with_serial(command: &str, serial: u64) -> String {
    let mut command = command.replace("${SN}", &serial.to_string());
    for sign in ["%RNDM:", "%RNDM="] {
        while let Some(at) = command.find(sign) {
            let rest = &command[at + sign.len()..];
            let digits = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let base: u64 = rest[..digits].parse().unwrap_or(0);
            let end = at + sign.len() + digits;
            command.replace_range(at..end, &(base.saturating_add(serial - 1)).to_string());
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_command_of_prun_is_decoded() {
        let parameters = json!({
            "taskName": "user.jdoe.hello",
            "transPath": "https://pandaserver.example/trf/user/runGen-00-00-02",
            "nEvents": 2, "nEventsPerJob": 1, "noInput": true,
            "jobParameters": [
                { "type": "constant", "value": "-j \"\" --sourceURL ${SURL}" },
                { "type": "constant", "value": "-r ." },
                { "type": "constant", "value": "-p \"", "padding": false },
                { "type": "constant", "value": "echo%20%22hello%20%25RNDM%3A10%22%20%3E%20out.txt", "padding": false },
                { "type": "constant", "value": "\"" },
            ],
        });
        let parameters = parameters.as_object().expect("an object");
        let Ok(Execution::Programs(programs)) = command_of_task(&Base::default(), parameters)
        else {
            panic!("programs");
        };
        let commands: Vec<_> = programs.jobs.iter().map(|job| &*job.command).collect();
        assert_eq!(
            commands,
            [
                r#"echo "hello 10" > out.txt"#,
                r#"echo "hello 11" > out.txt"#
            ]
        );
    }

    #[test]
    fn prun_gives_each_job_so_many_files_of_its_dataset_and_may_name_an_image() {
        let mut parameters = json!({
            "taskName": "user.jdoe.count",
            "transPath": "https://pandaserver.example/trf/user/runGen-00-00-02",
            "nFiles": 3, "nFilesPerJob": 2,
            "jobParameters": [
                {
                    "type": "template", "param_type": "input", "value": "-i \"${IN/T}\"", "dataset": "user.jdoe.raw/",
                    "exclude": r"\.log\.tgz(\.\d+)*$", "offset": 1,
                },
                { "type": "constant", "value": "-p \"count%20%25IN\"" },
            ],
        });
        let programs = |parameters: &Value| {
            let parameters = parameters.as_object().expect("an object");
            match command_of_task(&Base::default(), parameters) {
                Ok(Execution::Programs(programs)) => Ok(programs),
                Ok(other) => panic!("{other:?}"),
                Err(problem) => Err(problem.to_string()),
            }
        };
        let reads = programs(&parameters).expect("programs");
        let inputs = reads.inputs.as_ref().expect("inputs");
        assert_eq!(
            (&*inputs.scope, &*inputs.name),
            ("user.jdoe", "user.jdoe.raw")
        );
        let files = ["a", "b", "b.log.tgz.1", "c", "d", "e"].map(str::to_owned);
        let jobs = reads.jobs_of(files).expect("jobs");
        let commands: Vec<_> = jobs.iter().map(|job| &*job.command).collect();
        assert_eq!(commands, ["count b,c", "count d"]);
        assert_eq!(jobs[1].files, ["d"]);
        assert!(reads.jobs_of(["a".to_owned()]).is_err());
        parameters["container_name"] = "docker://busybox".into();
        let refused = programs(&parameters).expect_err("a refusal");
        assert!(
            refused.contains("which no container here is shown"),
            "{refused}"
        );
        parameters["jobParameters"][1]["value"] = "-p \"count\"".into();
        let inside = programs(&parameters).expect("programs");
        assert_eq!(inside.image.as_deref(), Some("docker://busybox"));
    }

    #[test]
    fn a_transformation_of_the_grid_is_refused_by_name() {
        let parameters =
            json!({ "transPath": "https://x/runAthena-00-00-12", "jobParameters": [] });
        let parameters = parameters.as_object().expect("an object");
        let problem = command_of_task(&Base::default(), parameters).expect_err("a refusal");
        insta::assert_snapshot!(
            problem,
            @"task_parameters.transPath: runAthena-00-00-12 is a transformation that only the grid has; here run the commands of prun (runGen) and of bash-c"
        );
    }

    #[test]
    fn inputs_are_named_as_panda_names_them() {
        assert_eq!(with_inputs("a ${IN/L} ${IN}", &["x", "y"]), "a x,y x,y");
        assert_eq!(with_inputs("a ${IN/T}", &["x"]), "a ['x']");
    }
}
