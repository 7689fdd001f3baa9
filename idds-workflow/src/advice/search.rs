//! Checks of a search, for advice about iDDS.

use serde_json::Value;

use super::{Advice, AdviceCode};
use crate::wire::Remedies;
use crate::{
    ATLASHPOWork, AnyWork, Dialect, Literal, Method, ModelId, OptSpace, Parameter, SearchSpace,
    Step, Workflow,
};

/// Characters that the server has room for in a point, without its loss.
const MAX_POINT_CHARS: usize = 3968;

/// Longest text of a floating-point number.
const NUMBER_CHARS: usize = 24;

/// What the server replaces in the executable and the arguments.
const PLACEHOLDERS: [&str; 4] = ["%MAX_POINTS", "%NUM_POINTS", "%IN", "%OUT"];

/// Adds the advice on all searches of a workflow, sent with all remedies.
pub(super) fn check_all(at: &str, workflow: &Workflow, advice: &mut Vec<Advice>) {
    for (name, step) in workflow.steps() {
        let place = format!("{at}steps.{name}");
        match step {
            Step::Work(AnyWork::ATLASHPOWork(search)) => {
                check(&place, search, Remedies::Add, advice);
            }
            Step::Workflow(inner) => check_all(&format!("{place}."), inner, advice),
            _ => {}
        }
    }
}

/// Adds the advice on a search.
pub(super) fn check(at: &str, search: &ATLASHPOWork, remedies: Remedies, advice: &mut Vec<Advice>) {
    let mut add = |code, part: &str| {
        let place = if part.is_empty() {
            at.to_owned()
        } else {
            format!("{at}.{part}")
        };
        advice.push(Advice::new(code, place));
    };
    if remedies == Remedies::Omit {
        if search.output_json().is_none() {
            add(AdviceCode::MissingOutputJson, "output_json");
        }
        if !search
            .base
            .details
            .attributes
            .iter()
            .any(|attribute| attribute.name == "es" && attribute.value == true)
        {
            add(AdviceCode::MissingEs, "es");
        }
    }
    if search.max_points().is_none() {
        add(AdviceCode::NeverEnding, "max_points");
    }
    if search
        .initial_points()
        .is_some_and(|points| !points.is_empty())
    {
        add(AdviceCode::InitialPoints, "initial_points");
    }
    match search.method() {
        None => add(AdviceCode::NoMethod, "method"),
        Some(Method::Nevergrad) => {
            add(AdviceCode::StockNevergrad, "method");
            add(AdviceCode::ZeroLoss, "method");
            match (search.opt_space(), search.dialect()) {
                (None, _) => add(AdviceCode::NoSpace, "opt_space"),
                (Some(SearchSpace::Whole(space)), Dialect::Nevergrad) => {
                    check_parameters(space, &mut add);
                }
                (Some(_), Dialect::Nevergrad) => add(AdviceCode::ForeignSpace, "opt_space"),
                (Some(_), _) => add(AdviceCode::ForeignSpace, "dialect"),
            }
        }
        Some(Method::Sandbox) => add(AdviceCode::SandboxDownload, "sandbox"),
        Some(Method::Container | Method::Docker) => {
            let is_docker = search
                .executable()
                .is_some_and(|program| program.contains("docker"));
            if is_docker && search.sandbox_url().is_some() && search.container_workdir().is_none() {
                add(AdviceCode::NoContainerWorkdir, "container_workdir");
            }
        }
    }
    if search.method().is_some() {
        let most = search.max_points().and_then(Literal::as_f64);
        if most.is_none_or(|most| {
            search
                .num_points_per_iteration()
                .as_f64()
                .is_none_or(|points| most > points)
        }) {
            add(AdviceCode::GenerationBarrier, "num_points_per_iteration");
        }
        add(AdviceCode::SlowSteering, "");
        add(AdviceCode::SilentSteering, "");
    }
    for (field, text) in [
        ("executable", search.executable()),
        ("arguments", search.arguments()),
    ] {
        if text.is_some_and(has_longer_placeholder) {
            add(AdviceCode::PlaceholderPrefix, field);
        }
    }
    let spaces = search
        .opt_space()
        .map(SearchSpace::spaces)
        .unwrap_or_default();
    let longest = |(model_id, space): &(Option<ModelId>, &OptSpace)| {
        // `[model_id, point]`
        model_id.map_or(0, |id| id.to_string().len() + 4) + longest_point(space)
    };
    if spaces.iter().any(|space| longest(space) > MAX_POINT_CHARS) {
        add(AdviceCode::LongPoint, "opt_space");
    }
}

/// Adds the advice on what the nevergrad script makes of the parameters of a space.
fn check_parameters(space: &OptSpace, add: &mut impl FnMut(AdviceCode, &str)) {
    if let Err(error) = Dialect::Nevergrad.write(space) {
        error
            .problems()
            .iter()
            .for_each(|problem| add(AdviceCode::ForeignParameter, problem.at()));
    }
    for (name, parameter) in space.parameters() {
        match parameter {
            Parameter::Array(_) => add(AdviceCode::ArrayParameter, &format!("opt_space.{name}")),
            Parameter::Scalar(scalar) if scalar.starts_at_zero() => {
                add(AdviceCode::ScalarBounds, &format!("opt_space.{name}"));
            }
            _ => {}
        }
    }
}

/// Tells whether a placeholder is followed by what looks like more of a word.
fn has_longer_placeholder(text: &str) -> bool {
    PLACEHOLDERS.iter().any(|placeholder| {
        text.match_indices(placeholder).any(|(start, _)| {
            text[start + placeholder.len()..]
                .starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')
        })
    })
}

/// Returns the characters that the longest point of a space can take.
fn longest_point(space: &OptSpace) -> usize {
    let chars = |value: &Value| value.to_string().chars().count();
    let longest = |choices: &[Value]| choices.iter().map(chars).max().unwrap_or(0);
    let list = |item: usize, count: Option<u32>| {
        count.map_or(item, |count| 2 + (item + 2).saturating_mul(count as usize))
    };
    space
        .parameters()
        .map(|(name, parameter)| {
            let value = match parameter {
                Parameter::Choice(choice) => list(longest(choice.choices()), choice.list_len()),
                Parameter::TransitionChoice(choice) => {
                    list(longest(choice.choices()), choice.list_len())
                }
                Parameter::Scalar(_)
                | Parameter::Log(_)
                | Parameter::Normal(_)
                | Parameter::LogNormal(_) => NUMBER_CHARS,
                Parameter::Untyped(_) => 0,
                Parameter::Array(array) => {
                    let count = array
                        .shape()
                        .iter()
                        .fold(1_u32, |count, length| count.saturating_mul(*length));
                    list(NUMBER_CHARS, Some(count))
                }
            };
            // `"name": value, `
            name.chars().count().saturating_add(value).saturating_add(6)
        })
        .fold(2, usize::saturating_add)
}
