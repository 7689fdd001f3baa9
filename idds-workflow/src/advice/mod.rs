//! Advice: what the server will ignore, change or fail on.
//!
//! There is none about what a definition cannot say in the first place, such as the `work_tag` that most Python classes lose.

mod check;
mod code;
mod embedded;
mod places;
mod search;
mod server;
#[cfg(test)]
mod tests;
mod version;

use std::borrow::Cow;
use std::fmt;

pub use self::code::{AdviceCode, Severity};
pub use self::places::StepPlaces;
pub use self::server::Server;
pub use self::version::ServerVersion;
use crate::wire::Remedies;
use crate::{Workflow, printable};

/// One thing that the server does with a definition and that its author may not expect.
///
/// A definition can be right and still meet a limit of the server. Building refuses what is wrong; what a server does to
/// what is right is told by [`Workflow::advice`] and [`Submission::advice`](crate::wire::Submission::advice). The table of
/// [`AdviceCode`] has all of it.
///
/// ```
/// use idds_workflow::{AdviceCode, ServerVersion, Severity, Work, Workflow, when};
///
/// let mut workflow = Workflow::builder();
/// let simulate = workflow.add("simulate", Work::builder("simulate.sh").build()?);
/// let clean_up = workflow.add("clean_up", Work::builder("clean_up.sh").build()?);
/// let workflow = workflow.condition(when(simulate.is_finished()).otherwise(&clean_up)).build()?;
///
/// let advice = workflow.advice(ServerVersion::V2_6_21);
/// // That server runs no such works at all, for one thing.
/// assert_eq!((advice[0].code(), advice[0].severity()), (AdviceCode::NeverSubmitted, Severity::Error));
/// let branch = advice.iter().find(|advice| advice.code() == AdviceCode::FalseBranch).expect("an advice");
/// assert_eq!(
///     branch.to_string(),
///     "warning[false-branch-at-once] conditions[0]: the false branch starts at once, because not yet true is false; \
///      instead, put a condition such as is_failed before a true branch"
/// );
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Advice {
    code: AdviceCode,
    at: String,
    detail: Option<String>,
}

impl Advice {
    pub(crate) fn new(code: AdviceCode, at: impl Into<String>) -> Self {
        Self {
            code,
            at: at.into(),
            detail: None,
        }
    }

    /// Says what exactly it is about.
    pub(crate) fn because(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }

    /// Returns what happens, and why where the code alone does not say it, in one clause.
    pub fn effect(&self) -> Cow<'static, str> {
        match &self.detail {
            None => self.code.effect().into(),
            Some(detail) => format!("{}: {}", self.code.effect(), printable(detail)).into(),
        }
    }

    /// Returns what it is about, and with it [what happens](AdviceCode::effect) and what to do, in
    /// [a document](AdviceCode::instead) and [in Rust](AdviceCode::instead_in_rust).
    pub fn code(&self) -> AdviceCode {
        self.code
    }

    /// Returns the severity.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Returns the place in the definition, such as `steps.search.opt_space.B` or `conditions[0]`.
    pub fn at(&self) -> &str {
        &self.at
    }
}

/// Writes the advice for a program in Rust.
impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code;
        let (name, severity) = (code.name(), code.severity());
        let at = printable(&self.at);
        write!(
            f,
            "{severity}[{name}] {at}: {}; instead, {}",
            self.effect(),
            code.instead_in_rust()
        )
    }
}

impl Workflow {
    /// Returns what this server will ignore, change or fail on, when the workflow is sent with all [`Remedies`].
    ///
    /// Everything about iDDS was checked with 2.6.21. No other version is known to differ, so that others get the same advice,
    /// after a note that says so. The embedded server is one of its own: it runs less, and has none of the defects.
    pub fn advice(&self, server: impl Into<Server>) -> Vec<Advice> {
        self.advice_with(server, Remedies::Add)
    }

    /// Returns what is wrong with searches that every server ends as Failed before they have a point: those without a method, or without a space.
    ///
    /// A client submits no such workflow unless it is told to. It is part of what [`advice`](Self::advice) tells.
    pub fn advice_on_failure(&self) -> Vec<Advice> {
        let mut advice = Vec::new();
        search::check_all("", self, &mut advice);
        advice.retain(|advice| matches!(advice.code, AdviceCode::NoMethod | AdviceCode::NoSpace));
        advice
    }

    /// Returns what a server does to a workflow of the v1 family.
    pub(crate) fn advice_on_v1(&self, server: impl Into<Server>) -> Vec<Advice> {
        let mut advice = self.advice_with(server, Remedies::Add);
        advice.extend(check::v1(self));
        advice
    }

    pub(crate) fn advice_with(&self, server: impl Into<Server>, remedies: Remedies) -> Vec<Advice> {
        let mut advice = Vec::new();
        match server.into() {
            Server::Embedded => embedded::check(self, &mut advice),
            Server::Idds(version) => {
                if version != ServerVersion::V2_6_21 {
                    advice.push(Advice::new(AdviceCode::UncheckedVersion, "workflow"));
                }
                check::check(self, remedies, &mut advice);
            }
        }
        advice
    }
}
