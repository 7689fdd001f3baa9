//! Where each step of a workflow can run.

use std::fmt;

use super::{Advice, Server, Severity};
use crate::{ServerVersion, Step, Workflow, printable};

/// Where a step of a workflow can run, and why it cannot elsewhere; from [`Workflow::places`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StepPlaces {
    /// Name of the step; one inside a sub-workflow is called like `outer/inner`.
    pub step: String,
    /// Why it cannot run on this machine, by `idds run` and `idds serve`; none when it can.
    pub not_here: Option<String>,
    /// Why it cannot run on iDDS 2.6.21; none when it can.
    pub not_on_idds: Option<String>,
}

impl Workflow {
    /// Returns where each step can run: on this machine, on iDDS 2.6.21, or nowhere.
    ///
    /// It follows from the [advice](Self::advice) about both of them: a step with an error cannot.
    ///
    /// ```
    /// use idds_workflow::{Work, Workflow};
    ///
    /// let mut workflow = Workflow::builder();
    /// workflow.add("merge", Work::builder("./merge.sh").build()?);
    /// let places = workflow.build()?.places();
    /// assert_eq!(
    ///     places[0].to_string(),
    ///     "step merge can run on this machine, and not on iDDS 2.6.21: the server has no code that runs works of this class: \
    ///      the work fails when it is submitted, and no command can show why"
    /// );
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    pub fn places(&self) -> Vec<StepPlaces> {
        let errors = |server: Server| -> Vec<Advice> {
            let mut advice = self.advice(server);
            advice.retain(|advice| advice.severity() == Severity::Error);
            advice
        };
        let here = errors(Server::Embedded);
        let idds = errors(ServerVersion::V2_6_21.into());
        let mut places = Vec::new();
        visit("", "", self, &mut |step, at| {
            places.push(StepPlaces {
                step: step.to_owned(),
                not_here: why_not(&here, at),
                not_on_idds: why_not(&idds, at),
            });
        });
        places
    }
}

/// Calls a function with the name of each work, and its place in the definition.
fn visit(name: &str, at: &str, workflow: &Workflow, take: &mut impl FnMut(&str, &str)) {
    for (step, it) in workflow.steps() {
        let (name, at) = (format!("{name}{step}"), format!("{at}steps.{step}"));
        match it {
            Step::Work(_) => take(&name, &at),
            Step::Workflow(inner) => visit(&format!("{name}/"), &format!("{at}."), inner, take),
        }
    }
}

fn why_not(errors: &[Advice], at: &str) -> Option<String> {
    let is_inside = |place: &str| {
        let rest = place.strip_prefix(at);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('['))
    };
    let found = errors.iter().find(|advice| is_inside(advice.at()))?;
    Some(found.effect().into_owned())
}

impl fmt::Display for StepPlaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const IDDS: ServerVersion = ServerVersion::V2_6_21;
        write!(f, "step {} can run ", printable(&self.step))?;
        match (&self.not_here, &self.not_on_idds) {
            (None, None) => write!(f, "on this machine and on iDDS {IDDS}"),
            (None, Some(why)) => write!(f, "on this machine, and not on iDDS {IDDS}: {why}"),
            (Some(why), None) => write!(f, "on iDDS {IDDS}, and not on this machine: {why}"),
            (Some(here), Some(idds)) => {
                write!(
                    f,
                    "nowhere; on this machine: {here}; on iDDS {IDDS}: {idds}"
                )
            }
        }
    }
}
