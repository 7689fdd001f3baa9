//! Why a step has not started.

use std::fmt;

use super::condition::Target;
use super::definition::{Definition, WorkflowDef};
use super::key::RunKey;
use super::machine::Machine;
use super::outlook::Outlook;
use super::run::Run;

/// Most conditions that are named for one step.
const NAMED: usize = 4;

/// A step that has not started.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waiting {
    /// The run that it will be.
    pub(crate) run: RunKey,
    /// Its name, with those of the workflows around it.
    pub(crate) name: String,
    /// Why.
    pub(crate) reason: Reason,
}

/// Why a step has not started.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reason {
    /// Its workflow has not begun.
    NotBegun,
    /// The sub-workflow of this name, which it is in, has not begun.
    Outside(String),
    /// Its workflow is held by its user.
    Held,
    /// The build work of its workflow has not ended.
    Build,
    /// It waits for a condition: what it asks, and how much of it holds.
    Condition(String),
    /// Nothing that can still happen starts it: why.
    Never(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBegun => f.write_str("its workflow has not begun"),
            Self::Outside(around) => write!(f, "waits for the begin of {around}, which it is in"),
            Self::Held => f.write_str("its workflow is held; resume it"),
            Self::Build => f.write_str("waits for the build work"),
            Self::Condition(what) => write!(f, "waits for {what}"),
            Self::Never(why) => write!(f, "can never start: {why}"),
        }
    }
}

impl Machine {
    /// Says of each step that has not started why. Steps of a sub-workflow are listed once it has begun.
    pub(crate) fn waiting(&self) -> Vec<Waiting> {
        let mut waiting = Vec::new();
        for (at, run) in self.runs.iter().enumerate() {
            let Some(run) = run else { continue };
            let reasons = reasons(&self.definition, run, |step, reason| {
                let is_first = run.is_new
                    && self.definition.workflows[run.workflow]
                        .first
                        .contains(&step);
                match reason {
                    never @ Reason::Never(_) => never,
                    _ if !self.has_begun => Reason::NotBegun,
                    _ if self.is_held => Reason::Held,
                    _ if is_first && self.definition.workflows[run.workflow].build.is_some() => {
                        Reason::Build
                    }
                    other => other,
                }
            });
            waiting.extend(reasons.into_iter().map(|(step, reason)| Waiting {
                run: self.key((at, step)),
                name: self.definition.label(run.workflow, step),
                reason,
            }));
        }
        waiting
    }
}

/// Says of each step of a run that has not started why.
pub(super) fn reasons(
    definition: &Definition,
    run: &Run,
    change: impl Fn(usize, Reason) -> Reason,
) -> Vec<(usize, Reason)> {
    let workflow = &definition.workflows[run.workflow];
    let outlook = Outlook::of(definition, run);
    let leading = leading(workflow);
    let idle = (0..run.steps.len()).filter(|step| run.steps[*step].stage.is_idle());
    let reason = |step: usize| {
        let conditions = leading.get(step).map_or(&[][..], Vec::as_slice);
        let texts: Vec<String> = conditions
            .iter()
            .take(NAMED)
            .map(|(branching, holds)| {
                let node = workflow.conditions.branchings[*branching as usize].node;
                let text = workflow.conditions.describe(workflow, node, Some(run));
                match holds {
                    true => text,
                    false => format!("that not ({text})"),
                }
            })
            .collect();
        let text = texts.join(", or for ");
        let reason = if outlook.starts[step] {
            Reason::Condition(text)
        } else if conditions.is_empty() && workflow.has_initial {
            Reason::Never(
                "no condition leads to it, and other works are marked as initial".to_owned(),
            )
        } else if conditions.is_empty() {
            Reason::Never(
                "no condition leads to it, and it is not among the works that start at once"
                    .to_owned(),
            )
        } else {
            Reason::Never(format!("this cannot come true any more: {text}"))
        };
        (step, change(step, reason))
    };
    idle.map(reason).collect()
}

/// Returns the conditions that lead to each step, and whether they do when they hold.
fn leading(workflow: &WorkflowDef) -> Vec<Vec<(u32, bool)>> {
    let mut leading = vec![Vec::new(); workflow.steps.len()];
    let branchings = workflow.conditions.branchings.iter().enumerate();
    for (place, branching) in branchings {
        for holds in [true, false] {
            for target in branching.branch(holds) {
                if let Target::Step(step) = target {
                    leading[*step as usize].push((place as u32, holds));
                }
            }
        }
    }
    leading
}
