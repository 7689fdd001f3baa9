//! The neutral form of workflows.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::condition::{ConditionForm, PredicateForm};
use super::fill::LeftOut;
use super::present::{Integer, Present, Whole, WholeNumber};
use super::{Effort, Filled, Read, deserialize_by_reading, fill};
use crate::error::Problem;
use crate::{AnyWork, Condition, Days, Error, ParameterLink, Predicate, Step, StepRef, Workflow};
use crate::{Work, WorkflowBuilder, WorkflowClass, WorkloadId, when};

/// A workflow: what one request asks iDDS to do. `S` is a step, `P` a predicate, `C` a condition: written, they are the
/// definitions; read, they are still to be built.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a workflow")]
#[serde(bound(deserialize = "S: Deserialize<'de>, P: Deserialize<'de>, C: Deserialize<'de>"))]
pub(super) struct WorkflowForm<S, P, C> {
    /// Class that the server is told, which makes no difference; a workflow by default. It is needed where a workflow is
    /// a step.
    #[serde(rename = "type", default, skip_serializing_if = "Present::is_absent")]
    kind: Present<WorkflowClass>,
    /// Name of the workflow and of the request; generated from the time by default.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    #[schemars(length(max = 255))]
    name: Present<String>,
    /// Task of the workload system that the request belongs to.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    workload_id: Present<WorkloadId>,
    /// Works and workflows, by names that conditions use.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(schema_with = "steps")]
    steps: IndexMap<String, S>,
    /// What is released when. A step that no condition releases starts at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Condition>")]
    conditions: Vec<C>,
    /// What is looked at when all steps have ended: while it holds, they run again.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    #[schemars(with = "Predicate")]
    loop_while: Present<P>,
    /// Names of the steps that start first; those that no condition releases by default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    initial: Vec<String>,
    /// Initial step that the request is named after; the first one by default.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    primary: Present<String>,
    /// Work that prepares the others, for a submission as a build.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    #[schemars(with = "AnyWork")]
    build_work: Present<S>,
    /// Parameters that all works see; the server hands on those whose names begin with `user_`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    global_parameters: Map<String, Value>,
    /// Elements of global parameters that are lists, by the names of the parameters: works see the element only.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    slices: IndexMap<String, SliceForm>,
    /// Parameters that steps hand to others. No 2.6.21 server can decode them: it refuses the whole request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    links: Vec<LinkForm>,
    /// Days after which the request expires; never by default, and for 0.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    lifetime: Present<Days>,
    /// Days that works wait for their inputs; the server's own default when absent.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    pending_time: Present<Days>,
    /// Campaign that the request is grouped under. Grouping needs all four campaign values.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    #[schemars(length(max = 255))]
    campaign: Present<String>,
    /// Scope of the campaign.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    #[schemars(length(max = 255))]
    campaign_scope: Present<String>,
    /// Group of the campaign.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    #[schemars(length(max = 255))]
    campaign_group: Present<String>,
    /// Tag of the campaign.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    #[schemars(length(max = 255))]
    campaign_tag: Present<String>,
    /// Number of requests of the campaign that run at once; no limit by default.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    max_processing_requests: Present<WholeNumber<false>>,
    /// Priority of the request, higher ones first; 0 by default. A workflow that is a step has none.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    priority: Present<Integer>,
    /// User that the workflow belongs to. The server believes it: leave it out to own the request.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    #[schemars(length(max = 255))]
    username: Present<String>,
    /// Distinguished name of that user.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    #[schemars(length(max = 255))]
    user_dn: Present<String>,
}

fn steps(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "propertyNames": { "pattern": "^[^/]+$" },
        "additionalProperties": generator.subschema_for::<Step>(),
    })
}

/// One element of a global parameter that is a list.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a slice")]
#[schemars(rename = "Slice")]
struct SliceForm {
    /// Position of the element, from 0.
    index: Whole<u32>,
    /// Name under which works see it; that of the parameter by default.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    name: Present<String>,
}

/// Parameters that one step hands to others.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a link")]
#[schemars(rename = "ParameterLink", example = link_example())]
struct LinkForm {
    /// Step that hands the parameters on; `sub/step` is a step of a sub-workflow.
    source: String,
    /// Steps that get them; the server looks at the first one in each workflow only.
    #[schemars(length(min = 1))]
    destinations: Vec<String>,
    /// The parameters.
    #[schemars(length(min = 1))]
    parameters: Vec<LinkedForm>,
}

/// A parameter of a link.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a parameter of a link")]
#[schemars(rename = "LinkedParameter")]
struct LinkedForm {
    /// Name in the step that hands it on.
    source: String,
    /// Name in the steps that get it; the same by default.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    destination: Present<String>,
}

fn link_example() -> Value {
    json!({ "source": "simulate", "destinations": ["merge"], "parameters": [{ "source": "setup" }] })
}

impl LinkForm {
    fn build(self) -> ParameterLink {
        let link = ParameterLink::between(
            StepRef::new(self.source),
            self.destinations.iter().map(StepRef::new),
        );
        self.parameters
            .into_iter()
            .fold(link, |link, parameter| match parameter.destination.0 {
                Some(destination) => link.rename(parameter.source, destination),
                None => link.parameter(parameter.source),
            })
    }
}

impl From<&ParameterLink> for LinkForm {
    fn from(link: &ParameterLink) -> Self {
        let parameter = |(source, destination): (&str, &str)| LinkedForm {
            source: source.to_owned(),
            destination: Some(destination).filter(|name| *name != source).into(),
        };
        Self {
            source: link.source().to_string(),
            destinations: link
                .destinations()
                .iter()
                .map(ToString::to_string)
                .collect(),
            parameters: link.parameters().map(parameter).collect(),
        }
    }
}

type Unbuilt = WorkflowForm<Value, PredicateForm, ConditionForm>;
type Built<'a> = WorkflowForm<StepOf<'a>, &'a Predicate, &'a Condition>;

/// A step that is being written.
enum StepOf<'a> {
    Work(&'a AnyWork),
    Workflow(&'a Workflow),
}

impl Serialize for StepOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Work(work) => work.serialize(serializer),
            Self::Workflow(workflow) => {
                let mut form = Built::from(*workflow);
                form.kind = Some(workflow.class()).into();
                form.serialize(serializer)
            }
        }
    }
}

impl<'a> From<&'a Step> for StepOf<'a> {
    fn from(step: &'a Step) -> Self {
        match step {
            Step::Work(work) => Self::Work(work),
            Step::Workflow(workflow) => Self::Workflow(workflow),
        }
    }
}

impl<'a> From<&'a Workflow> for Built<'a> {
    fn from(workflow: &'a Workflow) -> Self {
        let slices = workflow.slices().iter().map(|(source, slice)| {
            (
                source.clone(),
                SliceForm {
                    index: Whole(slice.index),
                    name: slice.name.as_deref().into(),
                },
            )
        });
        Self {
            kind: Some(workflow.class())
                .filter(|class| *class != WorkflowClass::default())
                .into(),
            name: workflow.name().into(),
            workload_id: workflow.workload_id().into(),
            steps: workflow
                .steps()
                .map(|(name, step)| (name.to_owned(), step.into()))
                .collect(),
            conditions: workflow.conditions().iter().collect(),
            loop_while: workflow.loop_condition().into(),
            initial: workflow
                .initial_steps()
                .iter()
                .map(ToString::to_string)
                .collect(),
            primary: workflow.chosen_primary().map(StepRef::as_str).into(),
            build_work: workflow.build_work().map(StepOf::Work).into(),
            global_parameters: workflow.global_parameters().clone(),
            slices: slices.collect(),
            links: workflow.links().iter().map(LinkForm::from).collect(),
            lifetime: workflow.lifetime().into(),
            pending_time: workflow.pending_time().into(),
            campaign: workflow.campaign().into(),
            campaign_scope: workflow.campaign_scope().into(),
            campaign_group: workflow.campaign_group().into(),
            campaign_tag: workflow.campaign_tag().into(),
            max_processing_requests: workflow
                .max_processing_requests()
                .cloned()
                .map(WholeNumber)
                .into(),
            priority: Some(workflow.priority())
                .filter(|priority| *priority != 0)
                .map(Integer)
                .into(),
            username: workflow.username().into(),
            user_dn: workflow.user_dn().into(),
        }
    }
}

impl Unbuilt {
    fn build(self, left_out: LeftOut, effort: Effort) -> Result<Workflow, Error> {
        let mut problems = Vec::new();
        let mut workflow = Workflow::builder().class(self.kind.0.unwrap_or_default());
        let mut wrong = Wrong {
            is_released_unknown: left_out.touches("conditions"),
            ..Wrong::default()
        };
        for (name, tree) in self.steps {
            let stand_in = (effort == Effort::All).then(|| StandIn::of(&tree));
            match Step::read(tree, effort) {
                Ok(step) => drop(workflow.add(name, step)),
                Err(error) => {
                    problems.extend(error.within(&format!("steps.{name}")).into_problems());
                    if let Some(StandIn { step, is_workflow }) = stand_in {
                        wrong.sub_workflows |= is_workflow;
                        wrong.steps.push(name.clone());
                        workflow.add(name, step);
                    }
                }
            }
        }
        if let Some(tree) = self.build_work.0 {
            match AnyWork::read(tree, effort) {
                Ok(work) => workflow = workflow.build_with(work),
                Err(error) => problems.extend(error.within("build_work").into_problems()),
            }
        }
        for (index, condition) in self.conditions.into_iter().enumerate() {
            match condition.build() {
                Ok(condition) => workflow = workflow.condition(condition),
                Err(error) => {
                    problems.extend(
                        error
                            .within(&format!("conditions[{index}]"))
                            .into_problems(),
                    );
                    // The others keep their numbers.
                    workflow = workflow.condition(when(Predicate::All(Vec::new())));
                    wrong.conditions.push(format!("conditions[{index}]"));
                }
            }
        }
        match self.loop_while.0.map(PredicateForm::build) {
            Some(Ok(predicate)) => workflow = workflow.loop_while(predicate),
            Some(Err(error)) => problems.extend(error.within("loop_while").into_problems()),
            None => {}
        }
        for (source, slice) in self.slices {
            workflow = workflow.slice(source, slice.index.0, slice.name.0.as_deref());
        }
        workflow = self.initial.iter().fold(workflow, |workflow, name| {
            workflow.initial(&StepRef::new(name))
        });
        workflow = self
            .links
            .into_iter()
            .fold(workflow, |workflow, link| workflow.link(link.build()));
        workflow = self.primary.set(workflow, |workflow, name| {
            workflow.primary(&StepRef::new(name))
        });
        workflow = self.name.set(workflow, WorkflowBuilder::name);
        workflow = self.workload_id.set(workflow, WorkflowBuilder::workload_id);
        workflow = self.lifetime.set(workflow, WorkflowBuilder::lifetime);
        workflow = self
            .pending_time
            .set(workflow, WorkflowBuilder::pending_time);
        workflow = self.campaign.set(workflow, WorkflowBuilder::campaign);
        workflow = self
            .campaign_scope
            .set(workflow, WorkflowBuilder::campaign_scope);
        workflow = self
            .campaign_group
            .set(workflow, WorkflowBuilder::campaign_group);
        workflow = self
            .campaign_tag
            .set(workflow, WorkflowBuilder::campaign_tag);
        workflow = self
            .max_processing_requests
            .set(workflow, |workflow, count| {
                workflow.max_processing_requests(count.0)
            });
        workflow = self
            .priority
            .set(workflow, |workflow, priority| workflow.priority(priority.0));
        workflow = self.username.set(workflow, WorkflowBuilder::username);
        workflow = self.user_dn.set(workflow, WorkflowBuilder::user_dn);
        let workflow = workflow.global_parameters(self.global_parameters);
        if problems.is_empty() && left_out.is_empty() {
            return workflow.build();
        }
        if effort == Effort::All {
            let (_, others) = workflow.build_anyway()?;
            problems.extend(
                others
                    .into_iter()
                    .filter(|problem| !wrong.may_bring_about(problem)),
            );
        }
        Err(Error::of(left_out.and(problems)))
    }
}

/// What of a workflow could not be read, so that what is built without it has problems that the document has not.
#[derive(Default)]
struct Wrong {
    steps: Vec<String>,
    sub_workflows: bool,
    conditions: Vec<String>,
    is_released_unknown: bool,
}

impl Wrong {
    fn may_bring_about(&self, problem: &Problem) -> bool {
        let (at, message) = (problem.at(), problem.message());
        let is_of = |step: &String| {
            let rest = at
                .strip_prefix("steps.")
                .and_then(|at| at.strip_prefix(step.as_str()));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        self.steps.iter().any(is_of)
            || !self.steps.is_empty() && at.starts_with("links[")
            || self.sub_workflows && message.starts_with("jobs wait for the task")
            || self
                .conditions
                .iter()
                .any(|condition| at.starts_with(condition))
            || (self.is_released_unknown || !self.conditions.is_empty())
                && ["steps", "conditions"].contains(&at)
    }
}

/// A step that takes the place of one that cannot be read, so that references to it are right.
struct StandIn {
    step: Step,
    is_workflow: bool,
}

impl StandIn {
    fn of(tree: &Value) -> Self {
        let is_workflow = is_workflow(tree);
        let name = tree["task_name"]
            .as_str()
            .or_else(|| tree["task_parameters"]["taskName"].as_str());
        let named = name.and_then(|name| Work::empty().task_name(name).build().ok());
        let work = named.unwrap_or_else(|| Work::empty().build().expect("an empty work is right"));
        Self {
            step: work.into(),
            is_workflow,
        }
    }
}

fn is_workflow(tree: &Value) -> bool {
    tree["type"]
        .as_str()
        .is_some_and(|kind| WorkflowClass::names().contains(&kind))
}

impl Read for Workflow {
    fn read(tree: Value, effort: Effort) -> Result<Self, Error> {
        let Filled { form, left_out } = fill::<Unbuilt>(tree, effort)?;
        form.build(left_out, effort)
    }
}

impl Read for Step {
    fn read(tree: Value, effort: Effort) -> Result<Self, Error> {
        if is_workflow(&tree) {
            Workflow::read(tree, effort).map(Self::from)
        } else {
            AnyWork::read(tree, effort).map(Self::Work)
        }
    }
}

impl Read for ParameterLink {
    fn read(tree: Value, effort: Effort) -> Result<Self, Error> {
        fill::<LinkForm>(tree, effort)?.build(|form| Ok(form.build()))
    }
}

deserialize_by_reading!(Workflow, Step, ParameterLink);

impl Serialize for Workflow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Built::from(self).serialize(serializer)
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        StepOf::from(self).serialize(serializer)
    }
}

impl Serialize for ParameterLink {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        LinkForm::from(self).serialize(serializer)
    }
}

impl JsonSchema for Workflow {
    fn schema_name() -> Cow<'static, str> {
        "Workflow".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = WorkflowForm::<(), (), ()>::json_schema(generator);
        schema.insert(
            "description".into(),
            json!("A workflow: what one request asks iDDS to do."),
        );
        schema
    }
}

impl JsonSchema for Step {
    fn schema_name() -> Cow<'static, str> {
        "Step".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut workflow = generator.subschema_for::<Workflow>();
        workflow.insert("required".into(), json!(["type"]));
        let mut one_of = AnyWork::schemas(generator);
        one_of.push(workflow);
        json_schema!({ "description": "A work, or a workflow that runs as one step.", "oneOf": one_of })
    }
}

impl JsonSchema for ParameterLink {
    fn schema_name() -> Cow<'static, str> {
        LinkForm::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        LinkForm::json_schema(generator)
    }
}

impl JsonSchema for Days {
    fn schema_name() -> Cow<'static, str> {
        "Days".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A time in days, fractions allowed; 0 means no limit.", "type": "number", "minimum": 0 })
    }
}
