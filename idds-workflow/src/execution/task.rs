//! Tasks of PanDA: the command that stands in their parameters, and their jobs.

use std::time::Duration;

use serde_json::{Map, Value};

use super::program::{command, setup};
use super::{Execution, JobDirectory, Memory, Needs, ProgramJob, Programs};
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
        _ if name.starts_with("runGen") => command_of_prun(&values).ok_or_else(|| {
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
    let inputs: Vec<_> = datasets(parameters, "input").collect();
    if let Some(dataset) = inputs.first()
        && (command.contains("%IN") || command.contains("${IN"))
    {
        return Err(refused(
            ".jobParameters",
            format!(
                "the jobs read files of the dataset {dataset}, which no program here can be given yet; copy them beside the \
                 workflow and name them in the command"
            ),
        ));
    }
    let number = |name: &str| parameters.get(name).and_then(Value::as_u64);
    let count = match (number("nEvents"), number("nEventsPerJob")) {
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
    let jobs = (1..=count.max(1)).map(|serial| ProgramJob {
        name: format!("{}.{serial:06}", task.as_deref().unwrap_or("job")),
        command: with_serial(&command, serial),
        after: Vec::new(),
    });
    let cores = number("coreCount").and_then(|cores| u32::try_from(cores).ok());
    let attempts = number("maxAttempt").and_then(|attempts| u32::try_from(attempts).ok());
    Ok(Execution::Programs(Programs {
        jobs: jobs.collect(),
        task,
        setup: None,
        directory: JobDirectory::Own,
        sandbox: None,
        image: None,
        result: "idds_output.json".to_owned(),
        needs_result: false,
        needs: Needs {
            cores: cores.unwrap_or(1).max(1),
            ..Needs::default()
        },
        attempts: attempts.unwrap_or(ATTEMPTS).max(1),
    }))
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

/// Returns the datasets of this kind that a task names.
fn datasets<'a>(
    parameters: &'a Map<String, Value>,
    kind: &'a str,
) -> impl Iterator<Item = &'a str> {
    let jobs = parameters.get("jobParameters").and_then(Value::as_array);
    jobs.into_iter()
        .flatten()
        .filter(move |job| job.get("param_type").and_then(Value::as_str) == Some(kind))
        .filter_map(|job| job.get("dataset").and_then(Value::as_str))
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
