//! What advice says about the server, checked with the real Python packages.

use idds::workflow::wire::{Encoded, Remedies};
use idds::workflow::{
    Advice, AdviceCode, DomaPanDAESWork, Event, EventDependency, EventJob, ParameterLink,
    Predicate, ServerVersion, Severity, Stamp, Work, Workflow, all, any, when,
};

use crate::support::Oracle;

type Failure = Box<dyn std::error::Error>;

/// A workflow of a chain of three works, with what is asked before the last one.
fn chain(third: impl FnOnce(Predicate, Predicate) -> Predicate) -> Result<Workflow, Failure> {
    let mut workflow = Workflow::builder();
    let [a, b, c] = ["a", "b", "c"].map(|name| {
        Work::builder("x")
            .build()
            .map(|work| workflow.add(name, work))
    });
    let (a, b, c) = (a?, b?, c?);
    Ok(workflow
        .condition(when(a.is_finished()).then(&b))
        .condition(when(third(a.is_finished(), b.is_finished())).then(&c))
        .build()?)
}

fn with_sub_workflow(is_released: bool) -> Result<Workflow, Failure> {
    let mut workflow = Workflow::builder();
    let work = workflow.add("work", Work::builder("x").build()?);
    let inner = workflow.add(
        "inner",
        Workflow::builder()
            .work(Work::builder("y").build()?)
            .build()?,
    );
    Ok(if is_released {
        workflow.condition(when(work.is_finished()).then(&inner))
    } else {
        workflow
    }
    .build()?)
}

fn with_answer_of_sub_workflow(is_true_branch: bool) -> Result<Workflow, Failure> {
    let mut workflow = Workflow::builder();
    let work = workflow.add("work", Work::builder("x").build()?);
    let other = workflow.add("other", Work::builder("x").build()?);
    let inner = workflow.add(
        "inner",
        Workflow::builder()
            .work(Work::builder("y").build()?)
            .build()?,
    );
    let condition = when(inner.is_failed());
    let condition = if is_true_branch {
        condition.then(&other)
    } else {
        condition.otherwise(&other)
    };
    Ok(workflow
        .condition(when(work.is_finished()).then(&inner))
        .condition(condition)
        .build()?)
}

fn with_link(is_linked: bool) -> Result<Workflow, Failure> {
    let mut workflow = Workflow::builder();
    let work = workflow.add("work", Work::builder("x").build()?);
    let other = workflow.add("other", Work::builder("y").build()?);
    let link = ParameterLink::between(work, [other]).parameter("setup");
    Ok(if is_linked {
        workflow.link(link)
    } else {
        workflow
    }
    .build()?)
}

#[test]
fn the_agent_fails_where_advice_says_so_and_runs_the_remedy() -> Result<(), Failure> {
    let Some(oracle) = Oracle::available() else {
        return Ok(());
    };
    let stamp = Stamp::new("2024-03-05T06:07:08Z".parse()?, 5);
    let plain = chain(|_, b| b)?;
    let cases = [
        ("missing-task-name", plain.clone(), Remedies::Omit),
        ("missing-task-name", plain, Remedies::Add),
        (
            "nested-operator",
            chain(|a, b| all([any([a.clone(), b.clone()]), b]))?,
            Remedies::Add,
        ),
        ("nested-operator", chain(|a, b| any([a, b]))?, Remedies::Add),
        (
            "independent-sub-workflow",
            with_sub_workflow(false)?,
            Remedies::Add,
        ),
        (
            "independent-sub-workflow",
            with_sub_workflow(true)?,
            Remedies::Add,
        ),
        (
            "false-branch-of-workflow",
            with_answer_of_sub_workflow(false)?,
            Remedies::Add,
        ),
        (
            "false-branch-of-workflow",
            with_answer_of_sub_workflow(true)?,
            Remedies::Add,
        ),
        ("parameter-link", with_link(true)?, Remedies::Add),
        ("parameter-link", with_link(false)?, Remedies::Add),
    ];
    for (index, (code, workflow, remedies)) in cases.into_iter().enumerate() {
        let payload = serde_json::to_string(&Encoded::new(&workflow, &stamp).remedies(remedies))?;
        let verdict = oracle.decode_as_agent(&format!("{code}_{index}"), &payload);
        let is_remedy = index % 2 == 1;
        // The agent runs nested operators, wrongly; only the report tells.
        let is_fine = verdict.passed() && !verdict.to_string().contains("\"nested-condition\"");
        assert_eq!(is_fine, is_remedy, "{code}: {verdict}");
        let advice = workflow.advice(ServerVersion::V2_6_21);
        let is_advised = advice
            .iter()
            .any(|advice: &Advice| advice.code().name() == code);
        assert_eq!(
            is_advised,
            !is_remedy && remedies == Remedies::Add,
            "{code}"
        );
        // The works of these workflows never run on the server, which is not what is asked here.
        let is_other = |advice: &&Advice| advice.code() != AdviceCode::NeverSubmitted;
        let has_errors = advice
            .iter()
            .filter(is_other)
            .any(|advice| advice.severity() == Severity::Error);
        assert!(!(is_remedy && has_errors), "{code}: {advice:?}");
    }
    Ok(())
}

#[test]
fn the_agent_names_events_after_another_job_where_advice_says_so() -> Result<(), Failure> {
    let Some(oracle) = Oracle::available() else {
        return Ok(());
    };
    let stamp = Stamp::new("2024-03-05T06:07:08Z".parse()?, 5);
    for waiting in [0, 2, 10] {
        for other in ["job", "other"] {
            // An event of the same job that it waits for is another one.
            let awaited = if waiting == 0 && other == "job" { 2 } else { 0 };
            let event = |number| match Event::new(number) {
                event if number == waiting => {
                    event.after(EventDependency::new("task", other, awaited))
                }
                event => event,
            };
            let job = [0, 2, 10]
                .map(event)
                .into_iter()
                .fold(EventJob::new("job"), EventJob::event);
            let there = EventJob::new("other").event(Event::new(0));
            let task = DomaPanDAESWork::builder("task")
                .job(job)
                .job(there)
                .build()?;
            let workflow = Workflow::builder().work(task).build()?;
            let payload = serde_json::to_string(&Encoded::new(&workflow, &stamp))?;
            let contents: Vec<(String, u32)> = serde_json::from_str(&oracle.events(&payload))?;
            assert_eq!(contents.len(), 4, "{contents:?}");
            // The event of the other job comes last.
            let renamed = contents[..3]
                .iter()
                .find(|(name, _)| name != "job")
                .map(|(_, number)| number.to_string());
            let advice = workflow.advice(ServerVersion::V2_6_21);
            let advised = advice
                .iter()
                .find(|advice| advice.code().name() == "renamed-events");
            let place = renamed.map(|number| format!("steps.step1.jobs[0].events.{number}"));
            assert_eq!(
                advised.map(|advice| advice.at().to_owned()),
                place,
                "{waiting} {other}: {contents:?}"
            );
        }
    }
    Ok(())
}
