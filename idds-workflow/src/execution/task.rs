//! Tasks of PanDA: the command that stands in their parameters, and their jobs.

use std::collections::HashSet;
use std::time::Duration;

use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use super::program::{command, setup};
use super::{
    Execution, InputFiles, JobDirectory, Memory, Needs, ProgramJob, Programs, check_command,
    check_commands,
};
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
    let too_much = |message| Problem::new("jobs", message);
    // Each command names its job so often.
    let (places, mut bytes) = (line.matches("${IN").count(), 0);
    let mut made = Vec::new();
    for (name, after) in jobs {
        let length = line.len() + places * (name.len() + 4);
        check_command(length).map_err(too_much)?;
        bytes += name.len() + length;
        check_commands(made.len() as u64 + 1, bytes).map_err(too_much)?;
        made.push(ProgramJob {
            command: with_inputs(&line, &[&name]),
            name,
            after,
            files: Vec::new(),
        });
    }
    let jobs = made;
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
    let name = task.as_deref().map_or(3, str::len) + 8;
    let bytes = usize::try_from(count.max(1))
        .unwrap_or(usize::MAX)
        .saturating_mul(name + command.len());
    check_command(command.len())
        .and_then(|()| check_commands(count, bytes))
        .map_err(|message| refused(".jobParameters", message))?;
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

/// Most regular expressions of a list, and most bytes of one in memory.
const MOST_PATTERNS: usize = 100;
const MOST_PATTERN: usize = 1 << 20;

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
        let listed = listed.filter(|pattern| !pattern.is_empty());
        if listed.clone().nth(MOST_PATTERNS).is_some() {
            return Err(format!(
                "the {name} of {dataset} has more than {MOST_PATTERNS} regular expressions"
            ));
        }
        listed
            .map(|pattern| {
                let regex = RegexBuilder::new(pattern).size_limit(MOST_PATTERN).build();
                regex.map_err(|error| {
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
        let only: Option<HashSet<&str>> = inputs
            .only
            .as_ref()
            .map(|only| only.iter().map(String::as_str).collect());
        let is_named = |name: &str| only.as_ref().is_none_or(|only| only.contains(name));
        let files: Vec<_> = files
            .into_iter()
            .filter(|name| is_named(name) && inputs.has(name))
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
        // A command names its files so often.
        let places = ["${IN", "%IN"].map(|sign| inputs.command.matches(sign).count());
        let places: usize = places.iter().sum();
        let (mut jobs, mut bytes) = (Vec::new(), 0);
        for (serial, files) in (1..).zip(files.chunks(each)) {
            let names: Vec<_> = files.iter().map(String::as_str).collect();
            let long = names.iter().map(|name| name.len() + 4).sum::<usize>();
            let length = inputs.command.len() + places * long;
            check_command(length)?;
            bytes += length;
            check_commands(serial, bytes)?;
            let command = with_inputs(&inputs.command, &names).replace("%IN", &names.join(","));
            jobs.push(ProgramJob {
                files: files.to_vec(),
                ..job(self.task.as_deref(), &command, serial)
            });
        }
        Ok(jobs)
    }
}

impl InputFiles {
    /// Tells whether a file of the dataset is one of those that the patterns are for.
    fn has(&self, name: &str) -> bool {
        let is_like = |patterns: &[Regex]| patterns.iter().any(|pattern| pattern.is_match(name));
        (self.include.is_empty() || is_like(&self.include)) && !is_like(&self.exclude)
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
    let mut filled = String::with_capacity(command.len());
    let mut rest = command;
    while let Some(at) = rest.find(['$', '%']) {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("${SN}") {
            filled.push_str(&serial.to_string());
            rest = after;
        } else if let Some(after) = ["%RNDM:", "%RNDM="]
            .iter()
            .find_map(|sign| rest.strip_prefix(sign))
        {
            let digits = after
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(after.len());
            let base: u64 = after[..digits].parse().unwrap_or(0);
            filled.push_str(&(base.saturating_add(serial - 1)).to_string());
            rest = &after[digits..];
        } else {
            filled.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    filled.push_str(rest);
    filled
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
    fn few_words_do_not_ask_for_more_than_a_machine_has() {
        let task = |events: u64, value: &str| {
            let parameters = json!({
                "transPath": "bash-c", "nEvents": events, "nEventsPerJob": 1,
                "jobParameters": [{ "type": "constant", "value": value }],
            });
            let parameters = parameters.as_object().expect("an object").clone();
            command_of_task(&Base::default(), &parameters).map_err(|problem| problem.to_string())
        };
        assert!(task(1_000, &"x".repeat(1_000)).is_ok());
        for (events, value, why) in [
            (
                1_000_000,
                "x".repeat(400),
                "the commands of 1000000 jobs have",
            ),
            (2, "x".repeat(2 << 20), "a command of 2097152 bytes"),
            (2_000_000, "x".to_owned(), "2000000 jobs are more than"),
        ] {
            let error = task(events, &value).expect_err(why);
            assert!(error.contains(why), "{error}");
        }
        let base = |arguments: String| Base {
            executable: Some("./a".to_owned()),
            arguments: Some(arguments),
            ..Base::default()
        };
        let jobs =
            |count: usize, name: usize| (0..count).map(move |_| ("n".repeat(name), Vec::new()));
        let line = "${IN} ".repeat(1_000);
        assert!(doma(&base(line.clone()), None, jobs(10, 10)).is_ok());
        assert!(doma(&base(line.clone()), None, jobs(1, 2_000)).is_err());
        assert!(doma(&base(line), None, jobs(100_000, 10)).is_err());
    }

    #[test]
    fn patterns_and_names_of_files_have_bounds() {
        let task = |include: &str, value: &str| {
            let parameters = json!({
                "transPath": "bash-c", "nFilesPerJob": 1_000,
                "jobParameters": [
                    { "type": "constant", "value": value },
                    { "param_type": "input", "dataset": "s:d", "include": include },
                ],
            });
            let parameters = parameters.as_object().expect("an object").clone();
            match command_of_task(&Base::default(), &parameters) {
                Ok(Execution::Programs(programs)) => Ok(programs),
                Ok(other) => panic!("{other:?}"),
                Err(problem) => Err(problem.to_string()),
            }
        };
        for (include, why) in [
            ("a,".repeat(1_000), "more than 100 regular expressions"),
            (r"\w{1000}{1000}".to_owned(), "is no regular expression"),
        ] {
            let error = task(&include, "cat %IN").expect_err(why);
            assert!(error.contains(why), "{error}");
        }
        let files = || (0..10_000).map(|number| format!("{}{number}", "f".repeat(100)));
        let few = task("f", "cat %IN").expect("programs");
        assert_eq!(few.jobs_of(files()).map(|jobs| jobs.len()), Ok(10));
        let many = task("f", &"%IN ".repeat(1_000)).expect("programs");
        let error = many.jobs_of(files()).expect_err("long commands");
        assert!(error.contains("longer than the 1048576 that"), "{error}");
    }

    #[test]
    fn the_number_of_a_job_stands_where_its_command_asks_for_it() {
        for (command, expected) in [
            ("a ${SN} %RNDM:10 %RNDM=", "a 3 12 2"),
            ("100% $SN é%RNDM:7", "100% $SN é9"),
            ("${SN}${SN}%RNDM:%RNDM:", "3322"),
        ] {
            assert_eq!(with_serial(command, 3), expected);
        }
    }

    #[test]
    fn inputs_are_named_as_panda_names_them() {
        assert_eq!(with_inputs("a ${IN/L} ${IN}", &["x", "y"]), "a x,y x,y");
        assert_eq!(with_inputs("a ${IN/T}", &["x"]), "a ['x']");
    }
}
