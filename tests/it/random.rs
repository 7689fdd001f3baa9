//! Random workflows, judged by the real Python package: it must load them, its agent must run them, and every condition must
//! be as true as we say in every state.

use std::fmt::Write as _;
use std::ops::Range;

use idds::workflow::wire::{Encoded, Family};
use idds::workflow::{
    ATLASActuatorWork, ATLASCondorWork, ATLASHPOWork, ATLASLocalPandaWork, ATLASPandaWork,
    ATLASStageinWork, AnyWork, Branch, Collection, Condition, CustomWork, DataWork, Days,
    Dependency, DomaDataWork, DomaLSSTWork, DomaPanDAESWork, DomaPanDAWork, DomaRucioWork, Event,
    EventDependency, EventJob, Job, OptSpace, Predicate, ProcessingWork, Stamp, State, Step,
    StepRef, Work, Workflow, WorkflowBuilder, WorkflowClass, all, any, nested, when,
};
use rand::rngs::ChaCha8Rng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::Oracle;

type Failure = Box<dyn std::error::Error>;

const WORKFLOWS: u64 = 1000;

/// Number of workflows that the package is asked about at once: the limit of time is for each of these questions, and even a
/// machine that is busy with other things needs a small part of it.
const AT_ONCE: u64 = 100;
const STATES: usize = 4;

/// Key of the output that custom conditions look at.
const KEY: &str = "go_on";

#[test]
fn the_real_package_runs_a_thousand_random_workflows_and_agrees_on_every_condition()
-> Result<(), Failure> {
    assert!(conditions_asked(Family::V2, WORKFLOWS)? > 5000);
    Ok(())
}

/// The agents of 2.6.21 cannot run v1 workflows, also when Python makes them; what they decode to has conditions all the same.
#[test]
fn the_real_package_agrees_on_every_condition_of_random_v1_workflows() -> Result<(), Failure> {
    assert!(conditions_asked(Family::V1, WORKFLOWS / 4)? > 1000);
    Ok(())
}

/// Compares so many workflows of a family with what the real package makes of them, and counts the conditions.
fn conditions_asked(family: Family, count: u64) -> Result<usize, Failure> {
    let Some(oracle) = Oracle::available() else {
        return Ok(usize::MAX);
    };
    let starts = (0..count).step_by(AT_ONCE as usize);
    starts
        .map(|start| conditions_of(&oracle, family, start..count.min(start + AT_ONCE)))
        .sum()
}

/// Compares the workflows of these seeds, and counts the conditions.
fn conditions_of(oracle: &Oracle, family: Family, seeds: Range<u64>) -> Result<usize, Failure> {
    let mut cases = String::new();
    let mut expected = Vec::new();
    for seed in seeds.clone() {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let workflow = workflow(&mut rng, family, 0)?;
        let stamp = Stamp::new("2026-11-22T00:00:00Z".parse()?, seed);
        let states: Vec<Vec<WorkState>> = (0..STATES)
            .map(|_| {
                (0..count_works(&workflow))
                    .map(|_| WorkState::random(&mut rng))
                    .collect()
            })
            .collect();
        let truths: Vec<Vec<bool>> = states
            .iter()
            .map(|states| truths(&workflow, &mut states.iter()))
            .collect();
        let payload = serde_json::to_string(&Encoded::new(&workflow, &stamp).family(family))?;
        let is_run = family == Family::V2;
        writeln!(
            cases,
            "{}",
            serde_json::to_string(&Case {
                payload,
                states,
                is_run
            })?
        )?;
        expected.push(truths);
    }
    let answers = oracle.truths(&cases);
    assert_eq!(answers.lines().count(), expected.len(), "{answers}");
    let mut asked = 0;
    for (seed, (answer, truths)) in seeds.zip(answers.lines().zip(expected)) {
        let answer: Answer = serde_json::from_str(answer)?;
        assert_eq!(answer.error, None, "seed {seed}");
        assert_eq!(answer.truths, truths, "seed {seed}");
        asked += truths.iter().flatten().count();
    }
    Ok(asked)
}

#[derive(Serialize)]
struct Case {
    payload: String,
    states: Vec<Vec<WorkState>>,
    /// Whether the request agent is to run the workflow, too.
    is_run: bool,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    truths: Vec<Vec<bool>>,
    error: Option<String>,
}

/// What a work is like at some moment.
#[derive(Clone, Debug, Serialize)]
struct WorkState {
    status: &'static str,
    started: bool,
    transforming: bool,
    output: serde_json::Map<String, serde_json::Value>,
}

impl WorkState {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        let statuses = [
            "New",
            "Transforming",
            "Finished",
            "SubFinished",
            "Failed",
            "Cancelled",
            "Suspended",
            "Expired",
            "Running",
        ];
        // Always there: the package remembers an output of an earlier state when a later one has none.
        let output = [(KEY.to_owned(), rng.random_bool(0.5).into())];
        Self {
            status: statuses.choose(rng).copied().unwrap_or("New"),
            started: rng.random_bool(0.5),
            transforming: rng.random_bool(0.5),
            output: output.into_iter().collect(),
        }
    }

    fn is(&self, state: State) -> bool {
        let ended = [
            "Finished",
            "SubFinished",
            "Failed",
            "Cancelled",
            "Suspended",
            "Expired",
        ];
        match state {
            State::Finished => self.status == "Finished",
            State::SubFinished => self.status == "SubFinished",
            State::Processed => ["Finished", "SubFinished"].contains(&self.status),
            State::Failed => self.status == "Failed",
            State::Expired => self.status == "Expired",
            State::Cancelled => self.status == "Cancelled",
            State::Suspended => self.status == "Suspended",
            State::Terminated => ended.contains(&self.status),
            State::Started => self.started,
            State::Starting => self.transforming,
            State::Running => ["Running", "Transforming"].contains(&self.status),
            // All works have the condition that the output is true.
            State::Custom => self.output.get(KEY) == Some(&true.into()),
            State::NotCustom => self.output.get(KEY) != Some(&true.into()),
            other => panic!("a state this test does not know: {other:?}"),
        }
    }
}

fn count_works(workflow: &Workflow) -> usize {
    let works = workflow.steps().map(|(_, step)| match step {
        Step::Workflow(inner) => count_works(inner),
        _ => 1,
    });
    works.sum()
}

/// The truth of every condition, given the states of the works in their order.
fn truths<'a>(workflow: &Workflow, states: &mut impl Iterator<Item = &'a WorkState>) -> Vec<bool> {
    let mut own = std::collections::HashMap::new();
    let mut inner_truths = Vec::new();
    for (name, step) in workflow.steps() {
        match step {
            Step::Workflow(inner) => inner_truths.extend(truths(inner, states)),
            _ => {
                _ = own.insert(
                    StepRef::new(name),
                    states.next().expect("a state of each work"),
                );
            }
        }
    }
    // A sub-workflow has not run, so nothing that can be asked of it holds.
    let is = |step: &StepRef, state: State| own.get(step).is_some_and(|work| work.is(state));
    let mut truths = Vec::new();
    for condition in workflow.conditions() {
        condition_truths(condition, &is, &mut truths);
    }
    truths.extend(
        workflow
            .loop_condition()
            .map(|predicate| holds_on_the_server(predicate, &is)),
    );
    truths.extend(inner_truths);
    truths
}

fn condition_truths(
    condition: &Condition,
    is: &impl Fn(&StepRef, State) -> bool,
    truths: &mut Vec<bool>,
) {
    truths.push(holds_on_the_server(condition.predicate(), is));
    for branch in condition
        .true_branches()
        .iter()
        .chain(condition.false_branches())
    {
        if let Branch::Condition(inner) = branch {
            condition_truths(inner, is, truths);
        }
    }
}

/// What 2.6.21 makes of a predicate: a condition inside another one is true whatever it asks, and its negation is not.
fn holds_on_the_server(predicate: &Predicate, is: &impl Fn(&StepRef, State) -> bool) -> bool {
    let member = |member: &Predicate| match member {
        Predicate::All(_) | Predicate::Any(_) => true,
        single => holds_on_the_server(single, is),
    };
    match predicate {
        Predicate::Not(_) => false,
        Predicate::Nested(_) => true,
        Predicate::All(members) => members.iter().all(member),
        Predicate::Any(members) => members.iter().any(member),
        // No work of these has a method that is asked by its name.
        Predicate::Is(..) | Predicate::Method(..) => predicate.holds(is),
    }
}

/// A workflow of up to five steps. Conditions lead from earlier steps to later ones, something leads to every sub-workflow,
/// nothing is released because a sub-workflow is *not* in some state, and none is asked together with other steps by `any`:
/// the 2.6.21 agent can fail on each. Conditions inside v1 sub-workflows cannot be asked before their first run, so that there
/// are none.
fn workflow(rng: &mut ChaCha8Rng, family: Family, depth: usize) -> Result<Workflow, Failure> {
    let mut workflow = Workflow::builder().name(format!("random.{depth}"));
    let mut steps: Vec<(StepRef, bool)> = Vec::new();
    for index in 0..rng.random_range(1..=5) {
        let is_workflow = family == Family::V2 && index > 0 && depth < 2 && rng.random_bool(0.15);
        let name = format!("s{index}");
        let step = if is_workflow {
            let inner = self::workflow(rng, family, depth + 1)?;
            workflow.add(name, inner)
        } else {
            workflow.add(name, work(rng, family)?)
        };
        if index > 0 && (is_workflow || rng.random_bool(0.6)) {
            let asks_workflow = |predicate: &Predicate| {
                predicate.steps().iter().any(|asked| {
                    steps
                        .iter()
                        .any(|(step, is_workflow)| *is_workflow && step == *asked)
                })
            };
            let predicate = predicate_of(rng, &steps);
            let kind = rng.random_range(0..5);
            let is_otherwise = kind == 0 && !asks_workflow(&predicate);
            let is_joined = !matches!(predicate, Predicate::Is(..));
            let condition = when(predicate);
            let condition = if is_joined && rng.random_bool(0.3) {
                condition.composite()
            } else {
                condition
            };
            let condition = match kind {
                0 if is_otherwise => condition.otherwise(&step),
                1 => condition.then(when(predicate_of(rng, &steps)).then(&step)),
                _ => condition.then(&step),
            };
            workflow = workflow.condition(condition);
        }
        steps.push((step, is_workflow));
    }
    if rng.random_bool(0.2) {
        workflow = workflow.loop_while(predicate_of(rng, &steps));
    }
    if rng.random_bool(0.2) {
        // All works, so that none is never started: the agent starts them in this order.
        let works = steps.iter().filter(|(_, is_workflow)| !is_workflow);
        workflow = works.fold(workflow, |workflow, (step, _)| workflow.initial(step));
    }
    Ok(settings(rng, workflow, family)?.build()?)
}

/// Sets some of what a workflow has besides its steps and conditions.
fn settings(
    rng: &mut ChaCha8Rng,
    mut workflow: WorkflowBuilder,
    family: Family,
) -> Result<WorkflowBuilder, Failure> {
    if rng.random_bool(0.3) {
        let parameters = [
            ("user_list".to_owned(), json!([1, "two", null])),
            ("other".to_owned(), json!({"a": 1.5})),
        ];
        workflow = workflow.global_parameters(parameters.into_iter().collect());
        if family == Family::V2 && rng.random_bool(0.5) {
            workflow = workflow.slice(
                "user_list",
                rng.random_range(0..3),
                rng.random_bool(0.5).then_some("user_one"),
            );
        }
    }
    if rng.random_bool(0.3) {
        workflow = workflow
            .workload_id(rng.random_range(1..1000_u32))
            .lifetime(Days::new(7))
            .pending_time(Days::new(0.5));
        workflow = workflow.username("jdoe").user_dn("/DC=ch/CN=J. Doe");
    }
    if family == Family::V2 && rng.random_bool(0.3) {
        workflow = workflow
            .campaign("c")
            .campaign_scope("s")
            .campaign_group("g")
            .campaign_tag("t");
        workflow = workflow.max_processing_requests(5);
    }
    let classes = [
        WorkflowClass::Workflow,
        WorkflowClass::SubWorkflow,
        WorkflowClass::LoopWorkflow,
    ];
    Ok(workflow.class(*classes.choose(rng).ok_or("a class")?))
}

fn predicate_of(rng: &mut ChaCha8Rng, steps: &[(StepRef, bool)]) -> Predicate {
    let mut term = || {
        let (step, is_workflow) = steps.choose(rng).expect("an earlier step");
        let is_asked =
            |state: &&State| state.is_for_all_works() && (!is_workflow || state.is_for_workflows());
        let states: Vec<_> = State::ALL.iter().filter(is_asked).collect();
        Predicate::Is(step.clone(), **states.choose(rng).expect("some states"))
    };
    let mut terms: Vec<_> = (0..4).map(|_| term()).collect();
    terms.truncate(rng.random_range(1..=4));
    let asked: Vec<_> = terms.iter().flat_map(Predicate::steps).cloned().collect();
    let is_of_workflow =
        |(step, is_workflow): &(StepRef, bool)| *is_workflow && asked.contains(step);
    match rng.random_range(0..5) {
        3 if !steps.iter().any(is_of_workflow) => {
            let last = terms.pop().expect("at least one");
            // A negation that holds not lets nothing of `all` hold, and nothing of `any` be said by it.
            let inner = if rng.random_bool(0.5) {
                all(terms.iter().cloned().chain([last]))
            } else {
                last
            };
            if rng.random_bool(0.5) {
                !inner
            } else {
                nested(inner)
            }
        }
        4 if !steps.iter().any(is_of_workflow) => {
            let inner = if rng.random_bool(0.5) {
                any(terms.clone())
            } else {
                !terms[0].clone()
            };
            all([inner, terms.pop().expect("at least one")])
        }
        0 => all(terms),
        1 if steps.iter().any(is_of_workflow) => all(terms),
        1 => any(terms),
        _ => terms.pop().expect("at least one"),
    }
}

fn work(rng: &mut ChaCha8Rng, family: Family) -> Result<AnyWork, Failure> {
    let [input, output] = ["in", "out"].map(|name| Collection::new("data", name));
    let (input, output) = (input?, output?);
    let number: u64 = rng.random();
    let task = || format!("user.jdoe.{number}");
    // The last three are classes that only the v2 family has.
    Ok(
        match rng.random_range(0..if family == Family::V2 { 15 } else { 12 }) {
            0 => Work::builder("run.sh")
                .input(input)
                .other_output(output)
                .all_of(KEY, true)
                .build()?
                .into(),
            1 => DataWork::builder("copy.sh")
                .output(output)
                .all_of(KEY, true)
                .build()?
                .into(),
            2 => ProcessingWork::builder("jobs.sh")
                .input(input)
                .log(output)
                .all_of(KEY, true)
                .build()?
                .into(),
            3 => ATLASCondorWork::builder("condor.sh")
                .all_of(KEY, true)
                .build()?
                .into(),
            4 => ATLASActuatorWork::builder("decide.py")
                .output_json("d.json")
                .any_of(KEY, true)
                .build()?
                .into(),
            5 => ATLASStageinWork::builder(input, output)
                .rule_id(number)
                .all_of(KEY, true)
                .build()?
                .into(),
            6 => DomaLSSTWork::builder(task())
                .job(Job::new("j").submitted(false))
                .any_of(KEY, true)
                .build()?
                .into(),
            7 => {
                let parameters = [("taskName".to_owned(), task().into())];
                ATLASLocalPandaWork::builder(parameters.into_iter().collect())
                    .any_of(KEY, true)
                    .build()?
                    .into()
            }
            8 => {
                let after = |job: Job, other: u64| match other {
                    0 => job,
                    other => job.after(
                        Dependency::new(task(), format!("job{}", other - 1)).available(None),
                    ),
                };
                let jobs = (0..rng.random_range(1..4))
                    .map(|job| after(Job::new(format!("job{job}")), job));
                let mut work = DomaPanDAWork::builder(task())
                    .executable("echo")
                    .jobs(jobs)
                    .all_of(KEY, true);
                if rng.random_bool(0.5) {
                    work = work
                        .working_group(None)
                        .max_attempt("3")
                        .task_rss(3073.5)
                        .max_walltime(None);
                }
                work.build()?.into()
            }
            9 => {
                let parameters = [("taskName".to_owned(), task().into())];
                ATLASPandaWork::builder(parameters.into_iter().collect())
                    .any_of(KEY, true)
                    .build()?
                    .into()
            }
            10 => {
                let space = OptSpace::builder();
                let space = if rng.random_bool(0.3) {
                    space.untyped("A")
                } else {
                    space.choice("A", [1, 4])
                };
                ATLASHPOWork::nevergrad(space.build()?, 20)
                    .max_points(20.0)
                    .any_of(KEY, true)
                    .build()?
                    .into()
            }
            // The open door, with a class that is there.
            11 => {
                let module = if family == Family::V2 {
                    "idds.workflowv2.work"
                } else {
                    "idds.workflow.work"
                };
                CustomWork::builder("Work", module)
                    .attribute("mine", number)
                    .all_of(KEY, true)
                    .build()?
                    .into()
            }
            12 => DomaDataWork::builder(input)
                .dest_rse("DISK")
                .all_of(KEY, true)
                .build()?
                .into(),
            13 => DomaRucioWork::builder(input)
                .rule_id("r")
                .all_of(KEY, true)
                .build()?
                .into(),
            _ => {
                let name = task();
                let last = Event::new(1).after(EventDependency::new(&name, "job", 0));
                let job = EventJob::new("job").event(Event::new(0)).event(last);
                DomaPanDAESWork::builder(name)
                    .executable("echo")
                    .job(job)
                    .all_of(KEY, true)
                    .build()?
                    .into()
            }
        },
    )
}
