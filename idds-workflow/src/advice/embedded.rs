//! Checks of a workflow, for advice about the embedded server.

use super::{Advice, AdviceCode};
use crate::error::join;
use crate::{AnyWork, Condition, Execution, Method, SearchSpace, Step, Workflow};

/// Adds the advice on a workflow that is sent to the embedded server.
pub(super) fn check(workflow: &Workflow, advice: &mut Vec<Advice>) {
    if workflow.username().is_some() {
        advice.push(Advice::new(AdviceCode::UsernameSet, "username"));
    }
    inside("", workflow, advice);
}

/// Looks at a workflow; `at` is its place, which ends in a dot when it is not empty.
fn inside(at: &str, workflow: &Workflow, advice: &mut Vec<Advice>) {
    if workflow.steps().len() == 0 {
        advice.push(Advice::new(AdviceCode::NoSteps, format!("{at}steps")));
    }
    if let Some(build) = workflow.build_work() {
        work(&format!("{at}build_work"), build, advice);
    }
    for (name, step) in workflow.steps() {
        let place = format!("{at}steps.{name}");
        match step {
            Step::Work(it) => work(&place, it, advice),
            Step::Workflow(inner) => inside(&format!("{place}."), inner, advice),
        }
    }
    for (index, condition) in workflow.conditions().iter().enumerate() {
        if has_false_branch(condition) {
            advice.push(Advice::new(
                AdviceCode::FalseBranch,
                format!("{at}conditions[{index}]"),
            ));
        }
    }
}

fn work(place: &str, work: &AnyWork, advice: &mut Vec<Advice>) {
    let mut add = |code, at: String| advice.push(Advice::new(code, at));
    if let AnyWork::ATLASHPOWork(search) = work {
        match search.method() {
            Some(Method::Nevergrad) => {
                if !matches!(search.opt_space(), Some(SearchSpace::Whole(_))) {
                    add(AdviceCode::EmbeddedSearch, format!("{place}.opt_space"));
                }
            }
            // The image, or the archive.
            Some(_) if search.sandbox_url().is_none() => {
                add(AdviceCode::EmbeddedSearch, format!("{place}.sandbox"));
            }
            Some(_) => {}
            None => add(AdviceCode::EmbeddedSearch, format!("{place}.method")),
        }
        if search.max_points().is_none() {
            add(AdviceCode::EmbeddedSearch, format!("{place}.max_points"));
        }
        return;
    }
    match work.execution() {
        Ok(Execution::Copy(_)) => add(AdviceCode::EmbeddedStorage, place.to_owned()),
        Ok(Execution::Programs(programs)) if programs.inputs.is_some() => {
            add(AdviceCode::EmbeddedStorage, place.to_owned());
        }
        Ok(_) => {}
        Err(error) => error.problems().iter().for_each(|problem| {
            let at = join(place, problem.at());
            advice.push(Advice::new(AdviceCode::EmbeddedWork, at).because(problem.message()));
        }),
    }
}

fn has_false_branch(condition: &Condition) -> bool {
    !condition.false_branches().is_empty() || condition.inner().any(has_false_branch)
}
