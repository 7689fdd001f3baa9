//! Workflows: steps under one name, submitted as one request.

mod cycle;
mod deadlock;
mod jobs;
mod link;
mod plan;
mod tasks;
#[cfg(test)]
mod tests;

use derive_builder::Builder;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use self::link::LinkEnd;
pub use self::link::ParameterLink;
pub(crate) use self::plan::Plan;
pub(crate) use self::tasks::{awaited, task_name};
use crate::error::Problem;
use crate::literal::Takes;
use crate::{AnyWork, Condition, Error, Literal, Number, Predicate, StepRef, WorkloadId, text};

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
    /// Name of the workflow and of the request, at most 255 characters; generated from the time by default.
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
    /// Time after which the request expires; never by default.
    #[builder(default, setter(into, strip_option))]
    lifetime: Option<Days>,
    /// Time that works wait for their inputs; the server's own default when absent.
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
    /// Number of requests of the campaign that run at once; no limit by default.
    #[builder(default, setter(into, strip_option))]
    max_processing_requests: Option<Literal>,
    /// Priority of the request, higher ones first; 0 by default. `ClientManager.submit` of Python always sends 0.
    #[builder(default)]
    priority: i32,
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
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
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

impl WorkflowClass {
    /// Names that a document has for them.
    pub(crate) fn names() -> [&'static str; 3] {
        ["workflow", "sub_workflow", "loop_workflow"]
    }
}

/// One element of a global parameter that is a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Slice {
    pub(crate) name: Option<String>,
    pub(crate) index: u32,
}

/// A time in days, fractions allowed; 0 means no limit.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Days(Number);

impl Days {
    /// Makes a time of this many days.
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

    /// Returns the step that was chosen to name the request after.
    pub(crate) fn chosen_primary(&self) -> Option<&StepRef> {
        self.primary.as_ref()
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
        self.steps
            .get_index_of(step.as_str())
            .map(|position| position as u32)
    }

    /// Returns the number of ids that an encoding takes.
    pub(crate) fn id_count(&self) -> u32 {
        1 + self.plan.ids + self.link_count
    }

    /// Makes a workflow without steps of this name, which belongs to the same user and campaign.
    pub(crate) fn without_steps(&self, name: String) -> Result<Self, Error> {
        WorkflowBuilder {
            name: Some(Some(name)),
            lifetime: Some(self.lifetime),
            campaign: Some(self.campaign.clone()),
            campaign_scope: Some(self.campaign_scope.clone()),
            campaign_group: Some(self.campaign_group.clone()),
            campaign_tag: Some(self.campaign_tag.clone()),
            max_processing_requests: Some(self.max_processing_requests.clone()),
            username: Some(self.username.clone()),
            user_dn: Some(self.user_dn.clone()),
            ..WorkflowBuilder::empty()
        }
        .build()
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
    pub fn max_processing_requests(&self) -> Option<&Literal> {
        self.max_processing_requests.as_ref()
    }

    /// Returns the priority of the request.
    pub fn priority(&self) -> i32 {
        self.priority
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
        let mut problems: Vec<_> = texts
            .into_iter()
            .filter_map(|(field, text)| text::optional(field, text.as_deref()))
            .collect();
        for (field, days) in [
            ("lifetime", self.lifetime),
            ("pending_time", self.pending_time),
        ] {
            let days = days.map(Days::get);
            if let Some(days) = days.filter(|days| !(days.is_finite() && days.as_f64() >= 0.0)) {
                problems.push(Problem::new(
                    field,
                    format!("{days} is not a number of days from 0 up"),
                ));
            }
        }
        let limit = self.max_processing_requests.as_ref();
        problems
            .extend(limit.and_then(|limit| Takes::LIMIT.problem("max_processing_requests", limit)));
        if let Some(id) = self.workload_id.filter(|id| id.get() > WorkloadId::MAX) {
            problems.push(Problem::new(
                "workload_id",
                format!("{id} is above {}", WorkloadId::MAX),
            ));
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
        self.given_steps
            .get_or_insert_default()
            .push((Some(name), step.into()));
        step_ref
    }

    /// Adds a step that nothing refers to; it is called `step1`, `step2`, … by its position.
    pub fn work(mut self, step: impl Into<Step>) -> Self {
        self.given_steps
            .get_or_insert_default()
            .push((None, step.into()));
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
        let slice = Slice {
            name: name.map(str::to_owned),
            index,
        };
        self.slices
            .get_or_insert_default()
            .insert(source.into(), slice);
        self
    }

    /// Checks the values and makes the workflow.
    ///
    /// # Errors
    ///
    /// Names every problem: texts of more than 255 characters, times that are negative or not finite, a workload id that
    /// the server cannot store, names of steps that repeat or contain `/`, attributes that the class of a work has by
    /// itself, references to steps that are not there, conditions that release a step that they wait for, steps that never
    /// start, steps that start first with jobs that wait for a task of a name that no work of the workflow has, or several,
    /// jobs that wait for a job that its task does not have, and jobs that wait for each other.
    pub fn build(self) -> Result<Workflow, Error> {
        let (workflow, problems) = self.build_anyway()?;
        Error::unless_empty(problems, workflow)
    }

    /// Makes the workflow whatever is wrong with it, and tells that: what is on a server already is as it is.
    pub(crate) fn build_anyway(self) -> Result<(Workflow, Vec<Problem>), Error> {
        let mut workflow = self.assemble()?;
        let mut problems = workflow.problems();
        for (index, (name, step)) in std::mem::take(&mut workflow.given_steps)
            .into_iter()
            .enumerate()
        {
            let name = name.unwrap_or_else(|| format!("step{}", index + 1));
            if name.is_empty() || name.contains('/') {
                problems.push(Problem::new(
                    format!("steps[{index}]"),
                    format!("{name:?} is no name without /"),
                ));
            }
            if workflow.steps.contains_key(&name) {
                problems.push(Problem::new(
                    format!("steps.{name}"),
                    "is the name of two steps",
                ));
            }
            match &step {
                Step::Work(work) => {
                    problems.extend(repeated_attributes(&format!("steps.{name}"), work));
                }
                Step::Workflow(inner) if inner.priority != 0 => {
                    let message =
                        "is of a sub-workflow, and only the request as a whole has a priority";
                    problems.push(Problem::new(format!("steps.{name}.priority"), message));
                }
                Step::Workflow(_) => {}
            }
            workflow.steps.insert(name, step);
        }
        if let Some(work) = &workflow.build_work {
            problems.extend(repeated_attributes("build_work", work));
        }
        if text::map_is_python_object(&workflow.global_parameters) {
            problems.push(text::python_object("global_parameters"));
        }
        for (source, Slice { index, .. }) in &workflow.slices {
            let place = || format!("slices.{source}");
            match workflow.global_parameters.get(source) {
                Some(Value::Array(items)) if (*index as usize) < items.len() => {}
                Some(Value::Array(items)) => {
                    let message = format!(
                        "element {index} is not one of the {} of the parameter",
                        items.len()
                    );
                    problems.push(Problem::new(place(), message));
                }
                _ => problems.push(Problem::new(
                    place(),
                    "is no global parameter that is a list",
                )),
            }
        }
        workflow.place_links(&mut problems);
        workflow.plan = Plan::new(&workflow, &mut problems);
        problems.extend(tasks::problems(&workflow, &workflow.plan));
        problems.extend(jobs::problems(&workflow));
        problems.extend(deadlock::problems(&workflow));
        Ok((workflow, problems))
    }
}

/// Names the attributes of the user's own that would replace one of the class of their work.
fn repeated_attributes(place: &str, work: &AnyWork) -> Vec<Problem> {
    let names = work.repeated_attributes().into_iter();
    names
        .map(|name| {
            Problem::new(
                format!("{place}.attributes.{name}"),
                "is an attribute of the class itself",
            )
        })
        .collect()
}
