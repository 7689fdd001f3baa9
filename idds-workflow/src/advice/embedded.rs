//! Checks of a workflow, for advice about the embedded server.

use super::{Advice, AdviceCode};
use crate::{AnyWork, Condition, Method, SearchSpace, Step, Workflow};

/// Adds the advice on a workflow that is sent to the embedded server: it runs searches, at once or one after the other.
pub(super) fn check(workflow: &Workflow, advice: &mut Vec<Advice>) {
    let mut add = |code, at: String| advice.push(Advice::new(code, at));
    if workflow.steps().len() == 0 {
        add(AdviceCode::NoSteps, "steps".to_owned());
    }
    if workflow.username().is_some() {
        add(AdviceCode::UsernameSet, "username".to_owned());
    }
    for index in 0..workflow.links().len() {
        add(AdviceCode::EmbeddedFlow, format!("links[{index}]"));
    }
    if workflow.build_work().is_some() {
        add(AdviceCode::EmbeddedFlow, "build_work".to_owned());
    }
    for (name, step) in workflow.steps() {
        let place = format!("steps.{name}");
        match step {
            Step::Work(AnyWork::ATLASHPOWork(search)) => {
                if search.method() != Some(Method::Nevergrad) {
                    add(AdviceCode::EmbeddedSearch, format!("{place}.method"));
                }
                if !matches!(search.opt_space(), Some(SearchSpace::Whole(_))) {
                    add(AdviceCode::EmbeddedSearch, format!("{place}.opt_space"));
                }
                if search.max_points().is_none() {
                    add(AdviceCode::EmbeddedSearch, format!("{place}.max_points"));
                }
            }
            Step::Work(_) => add(AdviceCode::EmbeddedWork, place),
            Step::Workflow(_) => add(AdviceCode::EmbeddedFlow, place),
        }
    }
    for (index, condition) in workflow.conditions().iter().enumerate() {
        if has_false_branch(condition) {
            add(AdviceCode::FalseBranch, format!("conditions[{index}]"));
        }
    }
    if workflow.loop_condition().is_some() {
        add(AdviceCode::EmbeddedFlow, "loop_while".to_owned());
    }
}

fn has_false_branch(condition: &Condition) -> bool {
    !condition.false_branches().is_empty() || condition.inner().any(has_false_branch)
}
