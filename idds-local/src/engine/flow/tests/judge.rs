//! The Workflow class of the Python package 2.6.21, beside the machine.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::mpsc::sync_channel;
use std::thread::available_parallelism;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::random::{Random, Writer};
use super::*;

/// Most events of a workflow; loops may go on for ever.
const MAX_EVENTS: usize = 24;

/// Attributes of works that are compared.
const SHOWN: [&str; 6] = [
    "setup",
    "arguments",
    "executable",
    "user_a",
    "user_b",
    "user_one",
];

/// A file of the source tree below `tests/`.
fn test_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests")
        .join(path)
}

/// The Python with the real package, or nothing where it cannot be installed; in CI that is a failure.
fn python() -> Option<PathBuf> {
    let lacking = Process::new(test_file("needs"))
        .arg("oracle")
        .output()
        .expect("tests/needs");
    if !lacking.stdout.is_empty() {
        let lacking = String::from_utf8_lossy(&lacking.stdout).into_owned();
        assert!(std::env::var_os("CI").is_none(), "install {lacking}");
        eprintln!("skipped, for lack of {lacking}");
        return None;
    }
    let made = Process::new(test_file("venv"))
        .arg(test_file("requirements.txt"))
        .output();
    let made = made.expect("tests/venv");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    Some(PathBuf::from(
        String::from_utf8_lossy(&made.stdout).trim_end(),
    ))
}

/// What happens after an event.
#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Step {
    starts: Vec<Value>,
    status: Option<String>,
    #[serde(rename = "where")]
    states: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct Answer {
    steps: Vec<Step>,
    error: Option<String>,
}

/// A workflow with what happens to it and what the machine makes of it.
struct Case {
    workflow: Value,
    script: Vec<Value>,
    steps: Vec<Step>,
}

impl Case {
    /// Plays a random workflow to its end, with random ends of works and now and then a command.
    fn random(seed: u64) -> Self {
        let workflow = Writer::new(seed).workflow();
        Self::play(workflow, &mut Random::new(seed ^ 0x0dd5))
    }

    fn play(workflow: Value, random: &mut Random) -> Self {
        let definition = Definition::read(&workflow.to_string()).expect("a workflow");
        let mut machine = Machine::new(definition, Timestamp::UNIX_EPOCH, None);
        let mut case = Self {
            workflow,
            script: Vec::new(),
            steps: Vec::new(),
        };
        let mut running = Vec::new();
        case.handle(&mut machine, &FlowEvent::Begin, &mut running);
        let (may_abort, may_retry) = (random.happens(15), random.happens(30));
        while case.script.len() < MAX_EVENTS {
            let (event, line) = if machine.status().is_some() || running.is_empty() {
                let can_retry = may_retry
                    && machine
                        .status()
                        .is_some_and(|status| status != Status::Finished);
                if !can_retry || random.happens(30) {
                    break;
                }
                (
                    FlowEvent::Asked(UserCommand::Retry),
                    json!({ "asked": "Retry" }),
                )
            } else if may_abort && random.happens(10) {
                (
                    FlowEvent::Asked(UserCommand::Abort),
                    json!({ "asked": "Abort" }),
                )
            } else {
                end_of(random, &running)
            };
            if let FlowEvent::Ended { run, .. } = &event {
                running.retain(|running| running != run);
            }
            case.script.push(line);
            case.handle(&mut machine, &event, &mut running);
        }
        case
    }

    fn handle(&mut self, machine: &mut Machine, event: &FlowEvent, running: &mut Vec<RunKey>) {
        let commands = machine.handle(Timestamp::UNIX_EPOCH, event);
        let mut starts = Vec::new();
        for command in commands.unwrap_or_else(|error| {
            panic!(
                "{error}: {event:?} after {} with {:?}",
                Value::from(self.script.clone()),
                machine.states()
            )
        }) {
            match command {
                Command::Start(start) => {
                    starts.push(self.shown(&start));
                    running.push(start.run);
                }
                Command::Retry(run) => running.push(run),
                _ => {}
            }
        }
        self.steps.push(Step {
            starts,
            status: machine.status().map(|status| status.name().to_owned()),
            states: machine
                .states()
                .into_iter()
                .map(|(run, state)| (run.to_string(), state.to_owned()))
                .collect(),
        });
    }

    /// Returns a start as the script writes it.
    fn shown(&self, start: &Start) -> Value {
        let mut object = &self.workflow;
        for id in &start.path {
            let template = &object["attributes"]["template"]["attributes"];
            object = match start.is_build {
                true => &template["build_work"],
                false => &template["_works"][id],
            };
        }
        let work = &object["attributes"];
        let collection = |name: &str| &work["_collections"][work[name].as_str().unwrap_or("")];
        let name = |collection: &Value| collection["attributes"]["name"].clone();
        let set = |name: &str| start.attributes.get(name).map(|value| (**value).clone());
        let output = name(collection("_primary_output_collection"));
        let output = format!("{}{}", output.as_str().unwrap_or_default(), start.suffix);
        let input = set("primary_input_collection").map(|collection| collection["name"].clone());
        let own = |name: &str| work.get(name).cloned().unwrap_or(Value::Null);
        let attributes: Map<String, Value> = SHOWN
            .iter()
            .map(|name| ((*name).to_owned(), set(name).unwrap_or_else(|| own(name))))
            .collect();
        json!({
            "run": start.run,
            "outputs": [output],
            "input": input.unwrap_or_else(|| name(collection("_primary_input_collection"))),
            "parameters": start.parameters,
            "set": attributes,
        })
    }

    fn line(&self, repairs: &[Vec<String>]) -> String {
        json!({ "workflow": self.workflow.to_string(), "script": self.script, "repairs": repairs })
            .to_string()
    }

    /// Returns the first difference to what the package does.
    fn difference(&self, answer: &Answer) -> Option<String> {
        for (place, ours) in self.steps.iter().enumerate() {
            let event = match place {
                0 => json!("begin"),
                place => self.script[place - 1].clone(),
            };
            match answer.steps.get(place) {
                Some(theirs) if theirs == ours => {}
                theirs => {
                    let theirs = theirs.map_or_else(
                        || format!("{:?}", answer.error),
                        |theirs| format!("{theirs:#?}"),
                    );
                    return Some(format!(
                        "after event {place}, {event}:\nthe package {theirs}\nthe machine {ours:#?}"
                    ));
                }
            }
        }
        None
    }
}

/// Ends one of the runs that are under way, somehow.
fn end_of(random: &mut Random, running: &[RunKey]) -> (FlowEvent, Value) {
    let run = random.one_of(running).clone();
    let status = match random.below(20) {
        0..12 => Status::Finished,
        12..14 => Status::SubFinished,
        14..17 => Status::Failed,
        17 => Status::Cancelled,
        18 => Status::Suspended,
        _ => Status::Expired,
    };
    let values = [
        json!(true),
        json!(false),
        json!(1),
        json!("yes"),
        json!([1.0]),
        json!(null),
    ];
    let mut output = Map::new();
    for name in ["go_on", "a", "b", "out"] {
        if random.happens(40) {
            _ = output.insert(name.to_owned(), random.one_of(&values).clone());
        }
    }
    let line = json!({ "ended": run, "status": status.name(), "output": output });
    (
        FlowEvent::Ended {
            run,
            status,
            output,
        },
        line,
    )
}

/// Asks the package about cases that are made meanwhile, in one process: each with the lists of repairs that it comes with.
fn ask(
    python: &Path,
    cases: impl Iterator<Item = (u64, Case, Vec<Vec<String>>)> + Send,
    mut each: impl FnMut(u64, &Case, &[Answer]),
) {
    let mut process = Process::new(python)
        .arg(test_file("oracle/flow.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut input = process.stdin.take().expect("a pipe");
    let output = BufReader::new(process.stdout.take().expect("a pipe"));
    // A few are under way, so that neither side waits for the other.
    let (sent, asked) = sync_channel(64);
    std::thread::scope(|scope| {
        _ = scope.spawn(move || {
            for (seed, case, repairs) in cases {
                let line = case.line(&repairs);
                sent.send((seed, case)).expect("somebody compares");
                writeln!(input, "{line}").expect("Python reads");
            }
        });
        for line in output.lines() {
            let line = line.expect("Python writes");
            let answers: Vec<Answer> = serde_json::from_str(&line).expect("an answer");
            let (seed, case) = asked.recv().expect("a case for each answer");
            each(seed, &case, &answers);
        }
        assert!(asked.recv().is_err(), "a case without an answer");
    });
    assert!(process.wait().expect("Python ends").success());
}

#[derive(Debug, Deserialize)]
struct Repair {
    name: String,
}

/// Returns what 2.6.21 does wrong, as the script lists it.
fn repairs(python: &Path) -> Vec<Repair> {
    let output = Process::new(python)
        .arg(test_file("oracle/flow.py"))
        .arg("--repairs")
        .output();
    serde_json::from_slice(&output.expect("Python runs").stdout).expect("a list")
}

/// Plays random workflows, shared out among as many processes as the machine has cores.
fn judge(seeds: std::ops::Range<u64>) {
    let Some(python) = python() else {
        return;
    };
    let names: Vec<String> = repairs(&python)
        .into_iter()
        .map(|repair| repair.name)
        .collect();
    let processes = available_parallelism().map_or(1, usize::from).min(8) as u64;
    let as_it_is = seeds.start..seeds.end.min(seeds.start + AS_IT_IS);
    let share = |process: u64| {
        let (mut alike, mut wrong) = (0, Vec::new());
        let seeds = seeds
            .clone()
            .skip(process as usize)
            .step_by(processes as usize);
        let cases = seeds.map(|seed| {
            let mut repairs = vec![names.clone()];
            if as_it_is.contains(&seed) {
                repairs.push(Vec::new());
            }
            (seed, Case::random(seed), repairs)
        });
        ask(&python, cases, |seed, case, answers| {
            if let Some(difference) = case.difference(&answers[0]) {
                wrong.push(format!("seed {seed}: {difference}"));
            }
            if let Some(answer) = answers.get(1) {
                alike += usize::from(case.difference(answer).is_none());
            }
        });
        (alike, wrong)
    };
    let (mut alike, mut wrong) = (0, Vec::new());
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..processes)
            .map(|process| {
                scope.spawn({
                    let share = &share;
                    move || share(process)
                })
            })
            .collect();
        for thread in threads {
            let (some, others) = thread.join().expect("no panic");
            alike += some;
            wrong.extend(others);
        }
    });
    println!(
        "seeds {seeds:?}: {} of {} are played alike with the defects of 2.6.21 repaired; of the first {}, {alike} by 2.6.21 as it is",
        seeds.end - seeds.start - wrong.len() as u64,
        seeds.end - seeds.start,
        as_it_is.end - as_it_is.start,
    );
    assert!(
        wrong.is_empty(),
        "{} differ; the first: {}",
        wrong.len(),
        wrong[0]
    );
}

/// So many workflows are also played by the package without repairs, to tell how much they change.
const AS_IT_IS: u64 = 50;

#[test]
fn random_workflows_are_played_as_the_package_plays_them() {
    // CI plays as many as that; others are played with `IDDS_FLOW_SEEDS=10000` or `IDDS_FLOW_SEEDS=610..611`.
    let usual = match std::env::var_os("CI") {
        Some(_) => 0..2_000,
        None => 0..200,
    };
    let wanted = std::env::var("IDDS_FLOW_SEEDS").ok();
    judge(wanted.map_or(usual, |wanted| {
        let (first, end) = wanted.split_once("..").unwrap_or(("0", &wanted));
        let seed = |text: &str| text.parse().expect("a seed");
        seed(first)..seed(end)
    }));
}
