//! What a box says of a work or of a condition.

use indexmap::IndexSet;
use serde_json::{Map, Value};

use super::label::{Label, Style, shorten};
use crate::{
    ATLASHPOWork, ATLASStageinWork, AnyWork, Collection, CollectionType, Predicate, SearchSpace,
    StepRef,
};

/// Most collections of one kind, and most members of a predicate, that a box lists; one more takes no more room than to
/// say so.
const MAX_LISTED: usize = 6;
/// Longest name of a step inside a predicate, in characters.
const MAX_NAME: usize = 28;
/// Longest predicate inside a predicate, in characters.
const MAX_NESTED: usize = 60;
/// Most members of a predicate that a tooltip lists.
const MAX_FULL_MEMBERS: usize = 50;

/// How a work uses a collection.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Use {
    Reads,
    Writes,
    Logs,
}

/// Returns the collections of a work, with how it uses them.
pub(super) fn uses(work: &AnyWork) -> impl Iterator<Item = (Use, &Collection)> {
    let base = work.base();
    let inputs = base
        .input
        .iter()
        .chain(&base.details.other_inputs)
        .map(|collection| (Use::Reads, collection));
    let outputs = base
        .output
        .iter()
        .chain(&base.details.other_outputs)
        .map(|collection| (Use::Writes, collection));
    inputs.chain(outputs).chain(
        base.details
            .logs
            .iter()
            .map(|collection| (Use::Logs, collection)),
    )
}

/// Describes a work; `is_listed` tells which of its collections have no box of their own next to it.
pub(super) fn work(title: &str, work: &AnyWork, is_listed: impl Fn(&Collection) -> bool) -> Label {
    let mut label = Label::new(Style::Title, title);
    let base = work.base();
    let class = work.class();
    match work {
        AnyWork::ATLASHPOWork(search) => describe_search(class, search, &mut label),
        _ => label.push(Style::Kind, class),
    }
    let program = [&base.executable, &base.arguments]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect::<Vec<_>>();
    if program.iter().any(|part| !part.is_empty()) {
        label.push(Style::Detail, &program.join(" "));
    }
    if let AnyWork::ATLASStageinWork(staging) = work {
        describe_staging(staging, &mut label);
    }
    for (wanted, verb) in [
        (Use::Reads, "reads"),
        (Use::Writes, "writes"),
        (Use::Logs, "logs to"),
    ] {
        let own: Vec<_> = uses(work)
            .filter(|(how, collection)| *how == wanted && is_listed(collection))
            .collect();
        let shown = listed(own.len());
        for (_, collection) in &own[..shown] {
            label.push(Style::Detail, &format!("{verb} {}", named(collection)));
        }
        if shown < own.len() {
            let rest: Vec<_> = own[shown..]
                .iter()
                .map(|(_, collection)| collection.to_string())
                .collect();
            label.push_as(
                Style::Detail,
                &format!("{verb} {} more", rest.len()),
                &rest.join("\n"),
            );
        }
    }
    for (quantifier, conditions) in [
        ("all of", &base.details.all_of),
        ("any of", &base.details.any_of),
    ] {
        if !conditions.is_empty() {
            label.push(
                Style::Detail,
                &format!("custom: {quantifier} {}", equations(conditions)),
            );
        }
    }
    label
}

/// Returns how many of this many things are listed.
fn listed(count: usize) -> usize {
    if count > MAX_LISTED + 1 {
        MAX_LISTED
    } else {
        count
    }
}

fn describe_search(class: &str, search: &ATLASHPOWork, label: &mut Label) {
    match search.method() {
        Some(method) => label.push(Style::Kind, &format!("{class} · {}", method.name())),
        None => label.push(Style::Kind, class),
    }
    if let Some(space) = search.opt_space() {
        if let SearchSpace::Segmented(segments) = space {
            let count = segments.segments().len();
            label.push(
                Style::Detail,
                &format!(
                    "{count} {}",
                    if count == 1 { "segment" } else { "segments" }
                ),
            );
        }
        let spaces = space.spaces();
        // Segments often share their parameters.
        let names: IndexSet<_> = spaces
            .iter()
            .flat_map(|(_, space)| space.parameters().map(|(name, _)| name))
            .collect();
        let names = Vec::from_iter(names);
        let noun = if names.len() == 1 {
            "parameter"
        } else {
            "parameters"
        };
        label.push(
            Style::Detail,
            format!("{} {noun}: {}", names.len(), names.join(", ")).trim_end_matches(": "),
        );
    }
    let generation = search.num_points_per_iteration();
    let points = match search.max_points() {
        Some(points) => format!("{points} points, {generation} at a time"),
        None => format!("points without end, {generation} at a time"),
    };
    label.push(Style::Detail, &points);
}

fn describe_staging(staging: &ATLASStageinWork, label: &mut Label) {
    let text = match (staging.src_rse(), staging.dest_rse()) {
        (Some(from), Some(to)) => format!("{from} → {to}"),
        (Some(from), None) => format!("from {from}"),
        (None, Some(to)) => format!("to {to}"),
        (None, None) => return,
    };
    label.push(Style::Detail, &text);
}

fn equations(conditions: &Map<String, Value>) -> String {
    conditions
        .iter()
        .map(|(key, value)| format!("{key} = {value}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Describes a collection that has a box of its own.
pub(super) fn collection(collection: &Collection) -> Label {
    let mut label = Label::new(Style::Detail, &collection.to_string());
    if let Some(kind) = kind(collection) {
        label.push(Style::Kind, &kind);
    }
    label
}

fn named(collection: &Collection) -> String {
    match kind(collection) {
        Some(kind) => format!("{collection} ({kind})"),
        None => collection.to_string(),
    }
}

fn kind(collection: &Collection) -> Option<String> {
    let kind = collection.coll_type();
    (kind != CollectionType::Dataset).then(|| kind.to_string())
}

/// Writes a predicate, one member a line.
pub(super) fn predicate(predicate: &Predicate) -> Label {
    let mut label = Label::default();
    add_predicate("", predicate, &mut label);
    label
}

/// Adds a predicate that follows some words.
pub(super) fn add_predicate(words: &str, predicate: &Predicate, label: &mut Label) {
    let (members, joint) = match predicate {
        Predicate::All(members) => (members.as_slice(), "and "),
        Predicate::Any(members) => (members.as_slice(), "or "),
        Predicate::Is(..) | Predicate::Method(..) | Predicate::Not(_) | Predicate::Nested(_) => {
            (std::slice::from_ref(predicate), "")
        }
    };
    let shown = listed(members.len());
    for (index, member) in members[..shown].iter().enumerate() {
        let joint = if index == 0 { words } else { joint };
        match member {
            Predicate::Is(step, state) => {
                let full = format!("{joint}{step} {}", state.words());
                let name = shorten(step.as_str(), MAX_NAME);
                label.push_as(
                    Style::Detail,
                    &format!("{joint}{name} {}", state.words()),
                    &full,
                );
            }
            Predicate::All(_) | Predicate::Any(_) => {
                let full = format!("{joint}({member})");
                label.push_as(Style::Detail, &shorten(&full, MAX_NESTED), &full);
            }
            Predicate::Method(..) | Predicate::Not(_) | Predicate::Nested(_) => {
                let full = format!("{joint}{member}");
                label.push_as(Style::Detail, &shorten(&full, MAX_NESTED), &full);
            }
        }
    }
    if shown < members.len() {
        let rest = &members[shown..];
        let full: Vec<_> = rest
            .iter()
            .take(MAX_FULL_MEMBERS)
            .map(|member| format!("{joint}{member}"))
            .collect();
        label.push_as(
            Style::Detail,
            &format!("{joint}{} more", rest.len()),
            &full.join(" "),
        );
    }
}

/// Describes what a link hands on; a step is named when the arrow does not lead from or to it itself.
pub(super) fn link<'a>(
    parameters: impl Iterator<Item = (&'a str, &'a str)>,
    inner: Option<(&StepRef, &StepRef)>,
) -> Label {
    let names: Vec<_> = parameters
        .map(|(from, to)| {
            if from == to {
                from.to_owned()
            } else {
                format!("{from} → {to}")
            }
        })
        .collect();
    let mut label = Label::new(Style::Detail, &names.join(", "));
    if let Some((source, destination)) = inner {
        label.push(Style::Kind, &format!("{source} ⇒ {destination}"));
    }
    label
}
