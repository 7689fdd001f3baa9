//! Workflows: steps under one name, submitted as one request.

mod link;
mod plan;

use derive_builder::Builder;
use indexmap::IndexMap;
use serde_json::{Map, Value};

pub(crate) use self::link::LinkEnd;
pub use self::link::ParameterLink;
pub(crate) use self::plan::Plan;
use crate::error::Problem;
use crate::{AnyWork, Condition, Error, Number, Predicate, StepRef, WorkloadId, text};

/// A workflow: what one request asks iDDS to do.
///
/// ```
/// use idds_workflow::{ATLASHPOWork, OptSpace, Workflow};
///
/// let space = OptSpace::builder().scalar("B", 0.0..=5.0).build()?;
/// let workflow = Workflow::builder()
///     .name("my.search")
///     .workload_id(20525135)
///     .work(ATLASHPOWork::nevergrad(space, 20).build()?)
///     .build()?;
/// assert_eq!(workflow.steps().count(), 1);
/// # Ok::<(), idds_workflow::Error>(())
/// ```
///
/// Steps that start when others are in some state:
///
/// ```
/// use idds_workflow::{Work, Workflow, when};
///
/// let mut workflow = Workflow::builder();
/// let simulate = workflow.add("simulate", Work::builder("simulate.sh").build()?);
/// let merge = workflow.add("merge", Work::builder("merge.sh").build()?);
/// let report = workflow.add("report", Work::builder("report.sh").build()?);
/// let workflow = workflow
///     .condition(when(simulate.is_finished()).then(&merge))
///     .condition(when(simulate.is_failed() | merge.is_failed()).then(&report))
///     .build()?;
/// assert_eq!(workflow.conditions().len(), 2);
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Builder, Clone, Debug, PartialEq)]
#[builder(
    pattern = "owned",
    custom_constructor,
    create_empty = "empty",
    derive(Debug),
    build_fn(private, name = "assemble", error = "Error")
)]
pub struct Workflow {
    /// Name of the workflow and of the request, at most 255 characters; generated from the time unless set.
    #[builder(default, setter(into, strip_option))]
    name: Option<String>,
    /// Task of the workload system that the request belongs to.
    #[builder(default, setter(into, strip_option))]
    workload_id: Option<WorkloadId>,
    #[builder(default, setter(custom))]
    given_steps: Vec<(Option<String>, Step)>,
    #[builder(setter(skip))]
    steps: IndexMap<String, Step>,
    #[builder(default, setter(custom))]
    conditions: Vec<Condition>,
    /// Predicate that is looked at when all steps have ended: while it holds, they run again.
    #[builder(default, setter(custom))]
    loop_condition: Option<Predicate>,
    #[builder(default, setter(custom))]
    initial: Vec<StepRef>,
    #[builder(default, setter(custom))]
    primary: Option<StepRef>,
    #[builder(default, setter(custom))]
    build_work: Option<AnyWork>,
    /// Parameters that all works see; the server hands on those whose names begin with `user_`.
    #[builder(default)]
    global_parameters: Map<String, Value>,
    #[builder(default, setter(custom))]
    slices: IndexMap<String, Slice>,
    #[builder(default, setter(custom))]
    links: Vec<ParameterLink>,
    #[builder(setter(skip))]
    link_ends: Vec<LinkEnd>,
    #[builder(setter(skip))]
    link_count: u32,
    /// Python class of the workflow. All of them mean the same.
    #[builder(default)]
    class: WorkflowClass,
    #[builder(setter(skip))]
    plan: Plan,
    /// Time after which the request expires; never unless set.
    #[builder(default, setter(into, strip_option))]
    lifetime: Option<Days>,
    /// Time that works wait for their inputs; the server's default unless set.
    #[builder(default, setter(into, strip_option))]
    pending_time: Option<Days>,
    /// Campaign that the request is grouped under. Grouping needs all four campaign values.
    #[builder(default, setter(into, strip_option))]
    campaign: Option<String>,
    /// Scope of the campaign.
    #[builder(default, setter(into, strip_option))]
    campaign_scope: Option<String>,
    /// Group of the campaign.
    #[builder(default, setter(into, strip_option))]
    campaign_group: Option<String>,
    /// Tag of the campaign.
    #[builder(default, setter(into, strip_option))]
    campaign_tag: Option<String>,
    /// Number of requests of the campaign that run at once; no limit unless set.
    #[builder(default, setter(strip_option))]
    max_processing_requests: Option<u32>,
    /// User that the workflow belongs to. The server believes it: leave it unset to own the request.
    #[builder(default, setter(into, strip_option))]
    username: Option<String>,
    /// Distinguished name of that user.
    #[builder(default, setter(into, strip_option))]
    user_dn: Option<String>,
}

/// What a workflow is made of.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Step {
    /// A work.
    Work(AnyWork),
    /// A workflow that runs as one step.
    Workflow(Box<Workflow>),
}

impl<W: Into<AnyWork>> From<W> for Step {
    fn from(work: W) -> Self {
        Self::Work(work.into())
    }
}

impl From<Workflow> for Step {
    fn from(workflow: Workflow) -> Self {
        Self::Workflow(Box::new(workflow))
    }
}

/// Python classes of workflows, which differ by name only.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum WorkflowClass {
    /// `Workflow`.
    #[default]
    Workflow,
    /// `SubWorkflow`.
    SubWorkflow,
    /// `LoopWorkflow`.
    LoopWorkflow,
}

/// One element of a global parameter that is a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Slice {
    pub(crate) name: Option<String>,
    pub(crate) index: u32,
}

/// A time in days, fractions allowed; 0 means no limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Days(Number);

impl Days {
    /// Makes a time of so many days.
    pub fn new(days: impl Into<Number>) -> Self {
        Self(days.into())
    }

    /// Returns the number of days.
    pub fn get(self) -> Number {
        self.0
    }
}

impl Workflow {
    /// Starts a workflow without works.
    pub fn builder() -> WorkflowBuilder {
        WorkflowBuilder::empty()
    }

    /// Returns the name, when set.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the task of the workload system that the request belongs to.
    pub fn workload_id(&self) -> Option<WorkloadId> {
        self.workload_id
    }

    /// Returns the steps with their names, in their order.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = (&str, &Step)> {
        self.steps.iter().map(|(name, step)| (name.as_str(), step))
    }

    /// Returns the step of this name; `sub/step` is a step of a sub-workflow.
    pub fn step(&self, name: &str) -> Option<&Step> {
        if let Some(step) = self.steps.get(name) {
            return Some(step);
        }
        match self.steps.get(name.split_once('/')?.0)? {
            Step::Workflow(workflow) => workflow.step(name.split_once('/')?.1),
            Step::Work(_) => None,
        }
    }

    /// Returns the conditions, in the order in which they were added.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Returns the predicate under which all steps run again.
    pub fn loop_condition(&self) -> Option<&Predicate> {
        self.loop_condition.as_ref()
    }

    /// Returns the names of the steps that start first, when they were chosen.
    pub fn initial_steps(&self) -> &[StepRef] {
        &self.initial
    }

    /// Returns the initial step that the request is named after, when there are initial steps.
    pub fn primary_step(&self) -> Option<&StepRef> {
        self.primary.as_ref().or(self.initial.first())
    }

    /// Returns the work that prepares the others.
    pub fn build_work(&self) -> Option<&AnyWork> {
        self.build_work.as_ref()
    }

    /// Returns the parameters that all works see.
    pub fn global_parameters(&self) -> &Map<String, Value> {
        &self.global_parameters
    }

    /// Returns the parameter links.
    pub fn links(&self) -> &[ParameterLink] {
        &self.links
    }

    /// Returns the Python class of the workflow.
    pub fn class(&self) -> WorkflowClass {
        self.class
    }

    /// Returns the links that have an end in this workflow itself.
    pub(crate) fn link_ends(&self) -> &[LinkEnd] {
        &self.link_ends
    }

    pub(crate) fn slices(&self) -> &IndexMap<String, Slice> {
        &self.slices
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns the position of a step of this workflow itself.
    pub(crate) fn position(&self, step: &StepRef) -> Option<u32> {
        self.steps.get_index_of(step.as_str()).map(|position| position as u32)
    }

    /// Returns the time after which the request expires.
    pub fn lifetime(&self) -> Option<Days> {
        self.lifetime
    }

    /// Returns the time that works wait for their inputs.
    pub fn pending_time(&self) -> Option<Days> {
        self.pending_time
    }

    /// Returns the campaign that the request is grouped under.
    pub fn campaign(&self) -> Option<&str> {
        self.campaign.as_deref()
    }

    /// Returns the scope of the campaign.
    pub fn campaign_scope(&self) -> Option<&str> {
        self.campaign_scope.as_deref()
    }

    /// Returns the group of the campaign.
    pub fn campaign_group(&self) -> Option<&str> {
        self.campaign_group.as_deref()
    }

    /// Returns the tag of the campaign.
    pub fn campaign_tag(&self) -> Option<&str> {
        self.campaign_tag.as_deref()
    }

    /// Returns the number of requests of the campaign that run at once, if limited.
    pub fn max_processing_requests(&self) -> Option<u32> {
        self.max_processing_requests
    }

    /// Returns the user that the workflow belongs to, when set.
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// Returns the distinguished name of that user.
    pub fn user_dn(&self) -> Option<&str> {
        self.user_dn.as_deref()
    }

    fn problems(&self) -> Vec<Problem> {
        let texts = [
            ("name", &self.name),
            ("campaign", &self.campaign),
            ("campaign_scope", &self.campaign_scope),
            ("campaign_group", &self.campaign_group),
            ("campaign_tag", &self.campaign_tag),
            ("username", &self.username),
            ("user_dn", &self.user_dn),
        ];
        let mut problems: Vec<_> =
            texts.into_iter().filter_map(|(field, text)| text::optional(field, text.as_deref())).collect();
        for (field, days) in [("lifetime", self.lifetime), ("pending_time", self.pending_time)] {
            let days = days.map(Days::get);
            if let Some(days) = days.filter(|days| !(days.is_finite() && days.as_f64() >= 0.0)) {
                problems.push(Problem::new(field, format!("{days} is not a number of days from 0 up")));
            }
        }
        if let Some(id) = self.workload_id.filter(|id| id.get() > WorkloadId::MAX) {
            problems.push(Problem::new("workload_id", format!("{id} is above {}", WorkloadId::MAX)));
        }
        problems
    }
}

impl WorkflowBuilder {
    /// Adds a step under a name, and returns a reference to it for conditions.
    ///
    /// A name must not contain `/`, which separates the names of a sub-workflow and its step.
    pub fn add(&mut self, name: impl Into<String>, step: impl Into<Step>) -> StepRef {
        let name = name.into();
        let step_ref = StepRef::new(&name);
        self.given_steps.get_or_insert_default().push((Some(name), step.into()));
        step_ref
    }

    /// Adds a step that nothing refers to; it is called `step1`, `step2`, … by its position.
    pub fn work(mut self, step: impl Into<Step>) -> Self {
        self.given_steps.get_or_insert_default().push((None, step.into()));
        self
    }

    /// Adds a condition.
    pub fn condition(mut self, condition: Condition) -> Self {
        self.conditions.get_or_insert_default().push(condition);
        self
    }

    /// Sets a predicate that is looked at when all steps have ended: while it holds, they run again.
    pub fn loop_while(mut self, predicate: Predicate) -> Self {
        self.loop_condition = Some(Some(predicate));
        self
    }

    /// Chooses a step to start first. Without any, all steps start first that no condition releases.
    pub fn initial(mut self, step: &StepRef) -> Self {
        self.initial.get_or_insert_default().push(step.clone());
        self
    }

    /// Chooses the initial step that the request is named after; the first one unless chosen.
    pub fn primary(mut self, step: &StepRef) -> Self {
        self.primary = Some(Some(step.clone()));
        self
    }

    /// Hands parameters of one step to others.
    pub fn link(mut self, link: ParameterLink) -> Self {
        self.links.get_or_insert_default().push(link);
        self
    }

    /// Sets a work that prepares the others, for a submission as a build.
    pub fn build_with(mut self, work: impl Into<AnyWork>) -> Self {
        self.build_work = Some(Some(work.into()));
        self
    }

    /// Hands one element of a global parameter that is a list to the works: of `source` the element at `index`, under
    /// `name` or its own. A later call for the same source replaces an earlier one.
    pub fn slice(mut self, source: impl Into<String>, index: u32, name: Option<&str>) -> Self {
        let slice = Slice { name: name.map(str::to_owned), index };
        self.slices.get_or_insert_default().insert(source.into(), slice);
        self
    }

    /// Checks the values and makes the workflow.
    ///
    /// # Errors
    ///
    /// Names every problem: texts of more than 255 characters, times that are negative or not finite, a workload id that
    /// the server cannot store, names of steps that repeat or contain `/`, references to steps that are not there,
    /// conditions that release a step that they wait for, and steps that never start.
    pub fn build(self) -> Result<Workflow, Error> {
        let (workflow, problems) = self.build_anyway()?;
        Error::unless_empty(problems, workflow)
    }

    /// Makes the workflow whatever is wrong with it, and tells that: what is on a server already is as it is.
    pub(crate) fn build_anyway(self) -> Result<(Workflow, Vec<Problem>), Error> {
        let mut workflow = self.assemble()?;
        let mut problems = workflow.problems();
        for (index, (name, step)) in std::mem::take(&mut workflow.given_steps).into_iter().enumerate() {
            let name = name.unwrap_or_else(|| format!("step{}", index + 1));
            if name.is_empty() || name.contains('/') {
                problems.push(Problem::new(format!("steps[{index}]"), format!("{name:?} is no name without /")));
            }
            if workflow.steps.contains_key(&name) {
                problems.push(Problem::new(format!("steps.{name}"), "is the name of two steps"));
            }
            workflow.steps.insert(name, step);
        }
        if text::map_is_python_object(&workflow.global_parameters) {
            problems.push(text::python_object("global_parameters"));
        }
        for (source, Slice { index, .. }) in &workflow.slices {
            let place = || format!("slices.{source}");
            match workflow.global_parameters.get(source) {
                Some(Value::Array(items)) if (*index as usize) < items.len() => {}
                Some(Value::Array(items)) => {
                    let message = format!("element {index} is not one of the {} of the parameter", items.len());
                    problems.push(Problem::new(place(), message));
                }
                _ => problems.push(Problem::new(place(), "is no global parameter that is a list")),
            }
        }
        workflow.place_links(&mut problems);
        workflow.plan = Plan::new(&workflow, &mut problems);
        Ok((workflow, problems))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::when;

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

    fn work() -> crate::Work {
        crate::Work::builder("run.sh").build().expect("a work")
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
        loop_condition: report is no step of the workflow; there are stage_in
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
        insta::assert_snapshot!(error, @"conditions: a, b, after wait for each other; to repeat steps, give them a workflow of their own with loop_while");
    }

    #[test]
    fn steps_that_never_start_are_refused() {
        let mut workflow = Workflow::builder();
        let [a, b] = ["a", "b"].map(|name| workflow.add(name, work()));
        workflow.add("c", work());
        let error = workflow.initial(&a).condition(when(a.is_finished()).then(&b)).build().expect_err("c never starts");
        insta::assert_snapshot!(error, @"steps: c never start: they are no initial steps, and no condition releases them");
    }

    #[test]
    fn a_sub_workflow_cannot_be_asked_what_it_does_not_know() {
        let inner = Workflow::builder().work(work()).build().expect("a workflow");
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
        workflow = workflow.global_parameters([("user_list".to_owned(), serde_json::json!([1]))].into_iter().collect());
        let error =
            workflow.slice("user_list", 1, None).slice("user_other", 0, Some("x")).build().expect_err("no slices");
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
            workflow.link(ParameterLink::between(start, [destination]).parameter("setup")).build()
        };
        let sub = StepRef::new("sub");
        assert!(build(sub.step("merge")).is_ok());
        let error = build(sub.step("split")).expect_err("no such step");
        insta::assert_snapshot!(error, @"links[0]: sub/split is no work of the workflow");
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_steps_is_built() {
        let mut workflow = Workflow::builder();
        let steps: Vec<_> = (0..100_000).map(|index| workflow.add(index.to_string(), work())).collect();
        for pair in steps.windows(2) {
            workflow = workflow.condition(when(pair[0].is_finished()).then(&pair[1]));
        }
        assert_eq!(workflow.build().map(|workflow| workflow.conditions().len()), Ok(99_999));
    }
}
