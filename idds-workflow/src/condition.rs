//! Conditions: what is released when, in the words of logic.

use std::fmt;
use std::ops::{BitAnd, BitOr, Not};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A step of a workflow, by its name there; `sub/step` is a step of a sub-workflow.
///
/// ```
/// use idds_workflow::{StepRef, when};
///
/// let [stage_in, merge, clean_up] = ["stage_in", "merge", "clean_up"].map(StepRef::new);
/// let condition = when(stage_in.is_finished() | stage_in.is_subfinished()).then(&merge).otherwise(&clean_up);
/// assert_eq!(condition.to_string(), "when stage_in is finished or stage_in is subfinished then merge otherwise clean_up");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct StepRef(Arc<str>);

macro_rules! states {
    ($( $(#[$doc:meta])* $variant:ident, $method:ident, $wire:literal, $words:literal; )+) => {
        /// What is asked of a step.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum State {
            $( $(#[$doc])* $variant, )+
        }

        impl State {
            /// Every state, in the order of declaration.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),+ ];

            /// Returns the name of the Python method that tells it.
            pub fn method(self) -> &'static str {
                match self { $( Self::$variant => $wire, )+ }
            }

            /// Returns the words that follow the name of a step.
            pub(crate) fn words(self) -> &'static str {
                match self { $( Self::$variant => $words, )+ }
            }
        }

        impl StepRef {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $method(&self) -> Predicate {
                    Predicate::Is(self.clone(), State::$variant)
                }
            )+
        }
    };
}

states! {
    /// Holds when the step has done everything.
    Finished, is_finished, "is_finished", "is finished";
    /// Holds when the step has done a part and ended.
    SubFinished, is_subfinished, "is_subfinished", "is subfinished";
    /// Holds when the step has done everything or a part, and ended.
    Processed, is_processed, "is_processed", "is processed";
    /// Holds when the step has failed.
    Failed, is_failed, "is_failed", "is failed";
    /// Holds when the step was ended because its lifetime was over.
    Expired, is_expired, "is_expired", "is expired";
    /// Holds when the step was aborted.
    Cancelled, is_cancelled, "is_cancelled", "is cancelled";
    /// Holds when the step is suspended.
    Suspended, is_suspended, "is_suspended", "is suspended";
    /// Holds when the step has ended, however.
    Terminated, is_terminated, "is_terminated", "is terminated";
    /// Holds when the step has started; not for sub-workflows.
    Started, is_started, "is_started", "is started";
    /// Holds while the step is starting; not for sub-workflows.
    Starting, is_starting, "is_starting", "is starting";
    /// Holds while the step is running; not for sub-workflows.
    Running, is_running, "is_running", "is running";
    /// Holds when the custom conditions of the step hold; not for sub-workflows.
    Custom, custom_condition, "get_custom_condition_status", "meets its custom condition";
    /// Holds when the custom conditions of the step do not hold; not for sub-workflows.
    NotCustom, no_custom_condition, "get_not_custom_condition_status", "does not meet its custom condition";
    /// Holds when the program of the step has asked for a further task, as in active learning; of an
    /// actuator only.
    NewTask, generates_new_task, "generate_new_task", "generates a new task";
}

impl State {
    /// Tells whether a sub-workflow can be asked this.
    pub fn is_for_workflows(self) -> bool {
        !matches!(
            self,
            Self::Started
                | Self::Starting
                | Self::Running
                | Self::Custom
                | Self::NotCustom
                | Self::NewTask
        )
    }

    /// Tells whether works of every class can be asked this.
    pub fn is_for_all_works(self) -> bool {
        self != Self::NewTask
    }
}

impl StepRef {
    /// Names a step.
    pub fn new(name: impl AsRef<str>) -> Self {
        Self(name.as_ref().into())
    }

    /// Names a step of this sub-workflow.
    pub fn step(&self, name: impl AsRef<str>) -> Self {
        Self(format!("{}/{}", self.0, name.as_ref()).into())
    }

    /// Asks a method of the Python class of the step that no [`State`] stands for, such as one of the user's own class.
    ///
    /// It takes no arguments. The server calls it, so that it has to be there.
    ///
    /// ```
    /// use idds_workflow::StepRef;
    ///
    /// assert_eq!(StepRef::new("skim").method("has_events").to_string(), "skim.has_events()");
    /// ```
    pub fn method(&self, name: impl Into<String>) -> Predicate {
        let name = name.into();
        match State::ALL.iter().find(|state| state.method() == name) {
            Some(state) => Predicate::Is(self.clone(), *state),
            None => Predicate::Method(self.clone(), name),
        }
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something that holds or not: the state of a step, several of them joined by `&` or `|`, or the negation `!` of one.
///
/// One kind of operator is what the server understands. Of an operator inside another one it takes every member for true:
/// write such logic as one flat predicate, or as conditions inside the branches of conditions. A negation is such an
/// operator, so that it never holds on a 2.6.21 server: ask for the opposite state instead.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// A step is in a state.
    Is(StepRef, State),
    /// A method of the Python class of a step returns something true.
    Method(StepRef, String),
    /// This does not hold: `is_condition_false` of Python.
    Not(Box<Predicate>),
    /// This holds, asked as a condition of its own: `is_condition_true` of Python.
    Nested(Box<Predicate>),
    /// All of these hold.
    All(Vec<Predicate>),
    /// At least one of these holds.
    Any(Vec<Predicate>),
}

/// Joins predicates by *and*, also when there is only one.
pub fn all(members: impl IntoIterator<Item = Predicate>) -> Predicate {
    Predicate::All(members.into_iter().collect())
}

/// Joins predicates by *or*, also when there is only one.
pub fn any(members: impl IntoIterator<Item = Predicate>) -> Predicate {
    Predicate::Any(members.into_iter().collect())
}

/// Asks a predicate as a condition of its own, as `is_condition_true` of Python does.
///
/// `&` and `|` inside each other are sent so by themselves.
pub fn nested(predicate: Predicate) -> Predicate {
    Predicate::Nested(Box::new(predicate))
}

impl Predicate {
    /// Returns the steps that are asked, in the order in which the server sees them; one is there as often as it is asked.
    pub fn steps(&self) -> Vec<&StepRef> {
        let mut steps = Vec::new();
        self.visit(&mut |step, _| steps.push(step));
        steps
    }

    /// Returns what the condition object of this predicate lists: the members of an operator, or the predicate itself.
    pub(crate) fn members(&self) -> &[Self] {
        match self {
            Self::All(members) | Self::Any(members) => members,
            Self::Is(..) | Self::Method(..) | Self::Not(_) | Self::Nested(_) => {
                std::slice::from_ref(self)
            }
        }
    }

    /// Returns what is asked by a condition object of its own, when this predicate is listed by one.
    pub(crate) fn inner(&self) -> Option<&Self> {
        match self {
            Self::Is(..) | Self::Method(..) => None,
            Self::Not(inner) | Self::Nested(inner) => Some(inner),
            Self::All(_) | Self::Any(_) => Some(self),
        }
    }

    /// Tells whether there is an operator inside another one.
    pub fn is_nested(&self) -> bool {
        self.members().iter().any(|member| member.inner().is_some())
    }

    /// Tells whether something is negated.
    pub fn has_negation(&self) -> bool {
        match self {
            Self::Is(..) | Self::Method(..) => false,
            Self::Not(_) => true,
            Self::Nested(inner) => inner.has_negation(),
            Self::All(members) | Self::Any(members) => members.iter().any(Self::has_negation),
        }
    }

    /// Tells whether it, or an operator inside it, joins nothing.
    pub(crate) fn is_hollow(&self) -> bool {
        match self {
            Self::Is(..) | Self::Method(..) => false,
            Self::Not(inner) | Self::Nested(inner) => inner.is_hollow(),
            Self::All(members) | Self::Any(members) => {
                members.is_empty() || members.iter().any(Self::is_hollow)
            }
        }
    }

    /// Tells whether the predicate holds, given whether a step is in a state. What a method says is not known here, and
    /// does not hold.
    pub fn holds(&self, is: &impl Fn(&StepRef, State) -> bool) -> bool {
        match self {
            Self::Is(step, state) => is(step, *state),
            Self::Method(..) => false,
            Self::Not(inner) => !inner.holds(is),
            Self::Nested(inner) => inner.holds(is),
            Self::All(members) => members.iter().all(|member| member.holds(is)),
            Self::Any(members) => members.iter().any(|member| member.holds(is)),
        }
    }

    /// Sees every step that is asked, with the state; none where a method is asked.
    pub(crate) fn visit<'a>(&'a self, see: &mut impl FnMut(&'a StepRef, Option<State>)) {
        match self {
            Self::Is(step, state) => see(step, Some(*state)),
            Self::Method(step, _) => see(step, None),
            Self::Not(inner) | Self::Nested(inner) => inner.visit(see),
            Self::All(members) | Self::Any(members) => {
                members.iter().for_each(|member| member.visit(see));
            }
        }
    }

    /// Returns how many condition objects it takes on the wire besides the one it belongs to.
    pub(crate) fn inner_conditions(&self) -> u32 {
        self.members()
            .iter()
            .filter_map(Self::inner)
            .map(|inner| 1 + inner.inner_conditions())
            .sum()
    }
}

impl Not for Predicate {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }
}

impl BitAnd for Predicate {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self::All(match (self, other) {
            (Self::All(mut left), Self::All(right)) => {
                left.extend(right);
                left
            }
            (Self::All(mut left), right) => {
                left.push(right);
                left
            }
            (left, Self::All(mut right)) => {
                right.insert(0, left);
                right
            }
            (left, right) => vec![left, right],
        })
    }
}

impl BitOr for Predicate {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self::Any(match (self, other) {
            (Self::Any(mut left), Self::Any(right)) => {
                left.extend(right);
                left
            }
            (Self::Any(mut left), right) => {
                left.push(right);
                left
            }
            (left, Self::Any(mut right)) => {
                right.insert(0, left);
                right
            }
            (left, right) => vec![left, right],
        })
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (members, word) = match self {
            Self::Is(step, state) => return write!(f, "{step} {}", state.words()),
            Self::Method(step, name) => return write!(f, "{step}.{name}()"),
            Self::Not(inner) => return write!(f, "not ({inner})"),
            Self::Nested(inner) => return write!(f, "({inner})"),
            Self::All(members) => (members, " and "),
            Self::Any(members) => (members, " or "),
        };
        for (index, member) in members.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { word })?;
            if let Self::All(_) | Self::Any(_) = member {
                write!(f, "({member})")
            } else {
                member.fmt(f)
            }?;
        }
        Ok(())
    }
}

/// What is released when: steps and further conditions.
///
/// **The false branch is released at once.** The server looks at conditions all the time, and "not yet finished" is false:
/// what [`otherwise`](Self::otherwise) names starts together with the steps that are asked. To react to a failure, write
/// `when(step.is_failed()).then(..)`.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a condition does nothing before it is added to a workflow"]
pub struct Condition {
    predicate: Predicate,
    then: Vec<Branch>,
    otherwise: Vec<Branch>,
    form: ConditionForm,
}

/// The Python class of a condition, as far as what it asks does not say it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum ConditionForm {
    /// `Condition`, `AndCondition` or `OrCondition`.
    #[default]
    Plain,
    /// `CompositeCondition`.
    Composite,
    /// `TemplateCondition`.
    Template,
}

/// What a condition releases.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Branch {
    /// A step.
    Step(StepRef),
    /// A further condition, looked at from then on.
    Condition(Box<Condition>),
}

/// Starts a condition.
pub fn when(predicate: Predicate) -> Condition {
    Condition {
        predicate,
        then: Vec::new(),
        otherwise: Vec::new(),
        form: ConditionForm::Plain,
    }
}

impl Condition {
    /// Releases this when the predicate holds, together with everything else named so.
    pub fn then(mut self, branch: impl Into<Branch>) -> Self {
        self.then.push(branch.into());
        self
    }

    /// Releases this when the predicate does not hold, which is usually at once.
    pub fn otherwise(mut self, branch: impl Into<Branch>) -> Self {
        self.otherwise.push(branch.into());
        self
    }

    /// Sends the condition as Python's `CompositeCondition`, which means the same as `AndCondition` or `OrCondition`.
    pub fn composite(mut self) -> Self {
        self.form = ConditionForm::Composite;
        self
    }

    /// Sends the condition as Python's `TemplateCondition`, which means the same as `Condition`: it asks one step, and releases at most
    /// one on each side.
    pub fn template(mut self) -> Self {
        self.form = ConditionForm::Template;
        self
    }

    /// Returns what is asked.
    pub fn predicate(&self) -> &Predicate {
        &self.predicate
    }

    /// Returns what is released when the predicate holds.
    pub fn true_branches(&self) -> &[Branch] {
        &self.then
    }

    /// Returns what is released when the predicate does not hold.
    pub fn false_branches(&self) -> &[Branch] {
        &self.otherwise
    }

    pub(crate) fn form(&self) -> ConditionForm {
        self.form
    }

    pub(crate) fn branches(&self) -> impl Iterator<Item = &Branch> {
        self.then.iter().chain(&self.otherwise)
    }

    pub(crate) fn inner(&self) -> impl Iterator<Item = &Condition> {
        self.branches().filter_map(|branch| match branch {
            Branch::Condition(condition) => Some(&**condition),
            Branch::Step(_) => None,
        })
    }

    /// Lists the condition and all those in its branches.
    pub(crate) fn collect<'a>(&'a self, conditions: &mut Vec<&'a Self>) {
        conditions.push(self);
        self.inner()
            .for_each(|condition| condition.collect(conditions));
    }

    /// Returns how many condition objects it takes on the wire.
    pub(crate) fn count(&self) -> u32 {
        1 + self.predicate.inner_conditions() + self.inner().map(Condition::count).sum::<u32>()
    }

    /// Sees every step that is asked, in the order in which the server does: this predicate, then those of the branches.
    pub(crate) fn visit_asked<'a>(&'a self, see: &mut impl FnMut(&'a StepRef, Option<State>)) {
        self.predicate.visit(see);
        self.inner()
            .for_each(|condition| condition.visit_asked(see));
    }

    /// Sees every step that is released.
    pub(crate) fn visit_released<'a>(&'a self, see: &mut impl FnMut(&'a StepRef)) {
        for branch in self.branches() {
            match branch {
                Branch::Step(step) => see(step),
                Branch::Condition(condition) => condition.visit_released(see),
            }
        }
    }
}

impl From<&StepRef> for Branch {
    fn from(step: &StepRef) -> Self {
        Self::Step(step.clone())
    }
}

impl From<StepRef> for Branch {
    fn from(step: StepRef) -> Self {
        Self::Step(step)
    }
}

impl From<Condition> for Branch {
    fn from(condition: Condition) -> Self {
        Self::Condition(Box::new(condition))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "when {}", self.predicate)?;
        for (word, branches) in [("then", &self.then), ("otherwise", &self.otherwise)] {
            for (index, branch) in branches.iter().enumerate() {
                write!(f, " {} ", if index == 0 { word } else { "and" })?;
                match branch {
                    Branch::Step(step) => step.fmt(f)?,
                    Branch::Condition(condition) => write!(f, "({condition})")?,
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps<const N: usize>(names: [&str; N]) -> [StepRef; N] {
        names.map(StepRef::new)
    }

    #[test]
    fn operators_of_one_kind_stay_flat() {
        let [a, b, c] = steps(["a", "b", "c"]);
        let flat = a.is_finished() & b.is_failed() & c.is_running();
        assert!(!flat.is_nested());
        assert_eq!(flat.steps(), [&a, &b, &c]);
        let nested = (a.is_finished() & b.is_failed()) | c.is_running();
        assert!(nested.is_nested());
        assert_eq!(
            nested.to_string(),
            "(a is finished and b is failed) or c is running"
        );
    }

    #[test]
    fn a_negation_reads_and_counts_as_a_condition_of_its_own() {
        let [a, b] = steps(["a", "b"]);
        let negated = !a.is_finished() & b.method("has_events");
        assert_eq!(
            negated.to_string(),
            "not (a is finished) and b.has_events()"
        );
        assert!(negated.is_nested() && negated.has_negation() && (!a.is_finished()).is_nested());
        assert_eq!(!!a.is_finished(), a.is_finished());
        assert_eq!(negated.inner_conditions(), 1);
        assert_eq!((!(a.is_finished() | !b.is_failed())).inner_conditions(), 2);
        assert_eq!(
            nested(all([a.is_failed(), any([b.is_failed()])])).inner_conditions(),
            2
        );
        assert_eq!(a.method("is_finished"), a.is_finished());
        let nothing = |_: &StepRef, _: State| false;
        assert!((!a.is_finished()).holds(&nothing) && !nested(a.is_finished()).holds(&nothing));
    }

    #[test]
    fn a_predicate_holds_as_logic_has_it() {
        let [a, b] = steps(["a", "b"]);
        let finished =
            |step: &StepRef, state: State| step.as_str() == "a" && state == State::Finished;
        assert!((a.is_finished() | b.is_finished()).holds(&finished));
        assert!(!(a.is_finished() & b.is_finished()).holds(&finished));
        assert!(all([]).holds(&finished) && !any([]).holds(&finished));
    }

    #[test]
    fn conditions_read_like_sentences() {
        let [a, b, c, d] = steps(["a", "b", "c", "d"]);
        let inner = when(b.is_terminated()).then(&c);
        let condition = when(a.is_finished()).then(&b).then(inner).otherwise(&d);
        assert_eq!(
            condition.to_string(),
            "when a is finished then b and (when b is terminated then c) otherwise d"
        );
        assert_eq!(condition.count(), 2);
    }
}
