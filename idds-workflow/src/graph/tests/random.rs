//! Workflows of all shapes.

use proptest::prelude::*;

use crate::{Collection, ParameterLink, Predicate, StepRef, Work, Workflow, WorkflowBuilder, when};

/// What decides about one step and what leads to it.
type Choice = (u8, u8, u8, String);

/// Workflows with sub-workflows, loops, links, shared collections and conditions of every kind.
pub(super) fn workflow() -> impl Strategy<Value = Workflow> {
    prop::collection::vec((any::<u8>(), any::<u8>(), any::<u8>(), "\\PC{1,12}"), 0..14)
        .prop_map(|choices| build(&choices, 0))
}

fn build(choices: &[Choice], depth: u32) -> Workflow {
    let mut workflow = Workflow::builder();
    let mut steps: Vec<StepRef> = Vec::new();
    let count = choices.len().min(if depth == 0 { 14 } else { 5 });
    for (index, (first, second, third, name)) in choices[..count].iter().enumerate() {
        let name = format!("{index}{}", name.replace('/', "|"));
        let step = if first % 5 == 0 && depth < 3 {
            workflow.add(name, build(&choices[index + 1..], depth + 1))
        } else {
            workflow.add(name, work(*second, *third))
        };
        if !steps.is_empty() {
            workflow = add_condition(workflow, &steps, &step, choices[index].clone());
        }
        steps.push(step);
    }
    if let (Some(last), 0) = (steps.last(), count % 3) {
        workflow = workflow.loop_while(last.is_finished());
    }
    workflow.build().expect("a workflow")
}

fn work(input: u8, output: u8) -> Work {
    let collection =
        |number: u8| Collection::new("scope", format!("data{}", number % 5)).expect("a collection");
    let mut work = Work::builder("program");
    if input.is_multiple_of(3) {
        work = work.input(collection(input));
    }
    if output.is_multiple_of(3) {
        work = work.output(collection(output)).log(collection(input));
    }
    work.build().expect("a work")
}

/// Adds something that leads from earlier steps to a step.
fn add_condition(
    workflow: WorkflowBuilder,
    earlier: &[StepRef],
    step: &StepRef,
    choice: Choice,
) -> WorkflowBuilder {
    let (first, second, third, name) = choice;
    let pick = |number: u8| &earlier[usize::from(number) % earlier.len()];
    let [one, other] = [pick(first), pick(second)];
    match third % 8 {
        0 => workflow,
        1 => workflow.condition(when(one.is_finished()).then(step)),
        2 => workflow.condition(when(one.is_failed() | other.is_expired()).then(step)),
        3 => workflow.condition(when(one.is_finished()).otherwise(step)),
        4 => workflow.condition(
            when(one.is_failed()).then(when(other.is_finished()).then(step).otherwise(step)),
        ),
        5 => workflow.condition(
            when(Predicate::All(
                earlier.iter().map(StepRef::is_terminated).collect(),
            ))
            .then(step),
        ),
        6 => workflow
            .link(ParameterLink::between(one.clone(), [step.clone(), one.clone()]).parameter(name)),
        _ => workflow
            .condition(
                when((one.is_failed() & other.is_finished()) | one.is_cancelled()).then(step),
            )
            .condition(when(one.is_finished()).then(step)),
    }
}
