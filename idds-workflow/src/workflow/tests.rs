use super::*;
use crate::{ATLASHPOWork, OptSpace, Work, all, any, when};

#[test]
fn nothing_is_required() {
    let workflow = Workflow::builder().build().expect("a workflow");
    assert_eq!((workflow.name(), workflow.steps().len()), (None, 0));
}

#[test]
fn all_problems_are_named_at_once() {
    let error = Workflow::builder()
        .name("n".repeat(256))
        .lifetime(Days::new(f64::NAN))
        .pending_time(Days::new(-1))
        .workload_id(3_000_000_000)
        .build()
        .expect_err("four problems");
    insta::assert_snapshot!(error.to_string().replace("; ", "\n"));
}

fn work() -> Work {
    Work::builder("run.sh").build().expect("a work")
}

#[test]
fn references_that_lead_nowhere_are_all_named() {
    let mut workflow = Workflow::builder();
    let stage_in = workflow.add("stage_in", work());
    let merge = StepRef::new("merge");
    let error = workflow
        .condition(when(stage_in.is_finished() & merge.is_failed()).then(&merge))
        .loop_while(StepRef::new("report").is_finished())
        .initial(&StepRef::new("start"))
        .build()
        .expect_err("references that lead nowhere");
    insta::assert_snapshot!(error.to_string().replace("; c", "\nc").replace("; loop", "\nloop").replace("; init", "\ninit"), @r"
    conditions[0]: merge is no step of the workflow; there are stage_in
    conditions[0]: merge is no step of the workflow; there are stage_in
    loop_while: report is no step of the workflow; there are stage_in
    initial[0]: start is no step of the workflow; there are stage_in
    ");
}

#[test]
fn names_are_given_once_and_without_a_slash() {
    let mut workflow = Workflow::builder();
    workflow.add("a", work());
    workflow.add("a", work());
    workflow.add("b/c", work());
    let error = workflow.build().expect_err("two names");
    insta::assert_snapshot!(error, @r#"steps.a: is the name of two steps; steps[2]: "b/c" is no name without /"#);
}

#[test]
fn steps_that_wait_for_each_other_are_refused_and_a_loop_is_proposed() {
    let mut workflow = Workflow::builder();
    let [start, a, b, after] = ["start", "a", "b", "after"].map(|name| workflow.add(name, work()));
    let error = workflow
        .condition(when(start.is_finished()).then(&a))
        .condition(when(a.is_finished()).then(&b))
        .condition(when(b.is_failed()).then(&a).then(&after))
        .build()
        .expect_err("a cycle");
    insta::assert_snapshot!(error, @"conditions: a, b wait for each other; to repeat steps, give them a workflow of their own with loop_while");
}

#[test]
fn steps_that_never_start_are_refused() {
    let mut workflow = Workflow::builder();
    let [a, b] = ["a", "b"].map(|name| workflow.add(name, work()));
    workflow.add("c", work());
    let error = workflow
        .initial(&a)
        .condition(when(a.is_finished()).then(&b))
        .build()
        .expect_err("c never starts");
    insta::assert_snapshot!(error, @"steps: c never start: they are no initial steps, and no condition releases them");
}

#[test]
fn a_sub_workflow_cannot_be_asked_what_it_does_not_know() {
    let inner = Workflow::builder()
        .work(work())
        .build()
        .expect("a workflow");
    let mut workflow = Workflow::builder();
    let [start, end] = ["start", "end"].map(|name| workflow.add(name, work()));
    let sub = workflow.add("sub", inner);
    let error = workflow
        .condition(when(start.is_finished()).then(&sub))
        .condition(when(sub.is_running()).then(&end))
        .build()
        .expect_err("a workflow is never running");
    insta::assert_snapshot!(error, @"conditions[1]: sub is a sub-workflow, which cannot be asked is_running");
}

#[test]
fn a_slice_is_of_a_list_that_is_there() {
    let mut workflow = Workflow::builder().work(work());
    workflow = workflow.global_parameters(
        [("user_list".to_owned(), serde_json::json!([1]))]
            .into_iter()
            .collect(),
    );
    let error = workflow
        .slice("user_list", 1, None)
        .slice("user_other", 0, Some("x"))
        .build()
        .expect_err("no slices");
    insta::assert_snapshot!(error, @"slices.user_list: element 1 is not one of the 1 of the parameter; slices.user_other: is no global parameter that is a list");
}

#[test]
fn a_link_leads_into_sub_workflows() {
    let mut inner = Workflow::builder();
    inner.add("merge", work());
    let inner = inner.build().expect("a workflow");
    let build = |destination: StepRef| {
        let mut workflow = Workflow::builder();
        let start = workflow.add("start", work());
        let sub = workflow.add("sub", inner.clone());
        let workflow = workflow.condition(when(start.is_finished()).then(&sub));
        workflow
            .link(ParameterLink::between(start, [destination]).parameter("setup"))
            .build()
    };
    let sub = StepRef::new("sub");
    assert!(build(sub.step("merge")).is_ok());
    let error = build(sub.step("split")).expect_err("no such step");
    insta::assert_snapshot!(error, @"links[0]: sub/split is no work of the workflow");
}

#[test]
fn a_chain_of_a_hundred_thousand_steps_is_built() {
    let mut workflow = Workflow::builder();
    let steps: Vec<_> = (0..100_000)
        .map(|index| workflow.add(index.to_string(), work()))
        .collect();
    for pair in steps.windows(2) {
        workflow = workflow.condition(when(pair[0].is_finished()).then(&pair[1]));
    }
    assert_eq!(
        workflow.build().map(|workflow| workflow.conditions().len()),
        Ok(99_999)
    );
}

#[test]
fn attributes_of_the_class_cannot_be_replaced() {
    let work = crate::ATLASActuatorWork::builder("x")
        .attribute("terminated", true)
        .attribute("mine", true)
        .build();
    let error = Workflow::builder()
        .work(work.expect("a work"))
        .build()
        .expect_err("a repeated attribute");
    insta::assert_snapshot!(error, @"steps.step1.attributes.terminated: is an attribute of the class itself");
}

#[test]
fn an_operator_that_joins_nothing_is_refused_wherever_it_is() {
    let mut workflow = Workflow::builder();
    let [a, b] = ["a", "b"].map(|name| workflow.add(name, work()));
    let inner = when(any([])).then(&b);
    let error = workflow
        .condition(when(a.is_finished() & any([])).then(inner))
        .loop_while(all([]))
        .build()
        .expect_err("three operators");
    insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r"
    conditions[0]: has an all or any without members
    conditions[0]: asks no step
    loop_while: asks no step
    ");
}

/// Wherever a user can put JSON, or names that become the keys of an object.
#[test]
fn no_definition_carries_a_python_object() {
    let object = || serde_json::json!({"class": "C", "module": "m", "attributes": {}});
    let map = || {
        [("x".to_owned(), serde_json::json!([object()]))]
            .into_iter()
            .collect::<Map<_, _>>()
    };
    let collection = || crate::Collection::new("s", "n").expect("a collection");
    let whole = || object().as_object().cloned().expect("an object");
    let keys = |name| crate::EventJob::new(name).event(crate::Event::new(0));
    let named = ["class", "module", "attributes"];
    let refused = [
        (
            "metadata",
            crate::Collection::builder("s", "n")
                .metadata(map())
                .build()
                .map(drop),
        ),
        (
            "parameters",
            Work::builder("x").parameters(map()).build().map(drop),
        ),
        (
            "agent attributes",
            Work::builder("x").agent_attributes(map()).build().map(drop),
        ),
        (
            "conditions",
            Work::builder("x").all_of("k", object()).build().map(drop),
        ),
        (
            "conditions as keys",
            Work::builder("x")
                .any_of("class", 1)
                .any_of("module", 1)
                .any_of("attributes", 1)
                .build()
                .map(drop),
        ),
        (
            "an attribute",
            crate::DataWork::builder("x")
                .attribute("k", object())
                .build()
                .map(drop),
        ),
        (
            "attributes",
            named
                .into_iter()
                .fold(crate::DataWork::builder("x"), |work, name| {
                    work.attribute(name, 1)
                })
                .build()
                .map(drop),
        ),
        (
            "a custom work",
            crate::CustomWork::builder("C", "m")
                .attribute("k", object())
                .build()
                .map(drop),
        ),
        (
            "task parameters",
            crate::ATLASPandaWork::builder(map()).build().map(drop),
        ),
        (
            "a task's log",
            crate::DomaPanDAWork::builder("t")
                .task_log(whole())
                .build()
                .map(drop),
        ),
        (
            "a job",
            crate::DomaPanDAWork::builder("t")
                .job(crate::Job::new("j").attribute("k", object()))
                .build()
                .map(drop),
        ),
        (
            "names of jobs",
            crate::DomaPanDAESWork::builder("t")
                .jobs(named.map(keys))
                .build()
                .map(drop),
        ),
        (
            "a stage-in",
            crate::ATLASStageinWork::builder(collection(), collection())
                .parameters(map())
                .build()
                .map(drop),
        ),
        (
            "choices",
            OptSpace::builder()
                .choice("A", [object()])
                .build()
                .map(drop),
        ),
        (
            "names of parameters",
            named
                .into_iter()
                .fold(OptSpace::builder(), |space, name| space.choice(name, [1]))
                .build()
                .map(drop),
        ),
        (
            "points",
            ATLASHPOWork::builder()
                .initial_point([("A", object())], None)
                .build()
                .map(drop),
        ),
        (
            "points as keys",
            ATLASHPOWork::builder()
                .initial_point(named.map(|name| (name, 1)), None)
                .build()
                .map(drop),
        ),
        (
            "global parameters",
            Workflow::builder()
                .global_parameters(map())
                .build()
                .map(drop),
        ),
    ];
    for (place, result) in refused {
        let error = result.expect_err(place).to_string();
        assert!(error.contains("Python object"), "{place}: {error}");
    }
}

#[test]
fn a_cycle_a_dead_step_and_a_step_that_is_not_there_are_named_together() {
    let mut workflow = Workflow::builder().name("n".repeat(256));
    let [start, a, b, after, dead, lost] =
        ["start", "a", "b", "after", "dead", "lost"].map(|name| workflow.add(name, work()));
    let error = workflow
        .initial(&start)
        .condition(when(a.is_finished()).then(&b))
        .condition(when(b.is_finished()).then(&a).then(&after))
        .condition(when(StepRef::new("elsewhere").is_failed()).then(&lost))
        .build()
        .expect_err("four problems");
    assert_eq!(dead.as_str(), "dead");
    insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r"
    name: is 256 characters long
    at most 255 are allowed
    conditions[2]: elsewhere is no step of the workflow
    there are start, a, b, after, dead, lost
    conditions: a, b wait for each other
    to repeat steps, give them a workflow of their own with loop_while
    steps: dead never start: they are no initial steps, and no condition releases them
    ");
}

#[test]
fn a_cycle_before_many_steps_is_all_that_is_named() {
    let mut workflow = Workflow::builder();
    let steps: Vec<_> = (0..20_000)
        .map(|index| workflow.add(index.to_string(), work()))
        .collect();
    for pair in steps.windows(2) {
        workflow = workflow.condition(when(pair[0].is_finished()).then(&pair[1]));
    }
    let error = workflow
        .condition(when(steps[2].is_failed()).then(&steps[1]))
        .build()
        .expect_err("a cycle");
    assert!(
        error
            .to_string()
            .starts_with("conditions: 1, 2 wait for each other"),
        "{error}"
    );
}
