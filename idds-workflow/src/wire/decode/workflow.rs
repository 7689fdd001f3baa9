//! Reads workflows.

use indexmap::IndexMap;
use serde_json::Value;

use super::condition::{self, Steps};
use super::fields::{Fields, Instance, place};
use super::work::{DecodedWork, work};
use super::{DecodeError, StepInfo, name};
use crate::error::Problem;
use crate::wire::object::NO_LIMIT;
use crate::{
    AnyWork, Days, Literal, Number, ParameterLink, Step, StepRef, Workflow, WorkflowBuilder,
    WorkflowClass,
};

const MODULE: &str = "idds.workflowv2.workflow";

/// The steps of a workflow by their ids.
pub(super) type Ids<'a> = IndexMap<&'a str, Placed<'a>>;

/// Where a step stands.
pub(super) struct Placed<'a> {
    /// Position in the list of all steps.
    pub(super) index: usize,
    /// Reference within its own workflow.
    step: StepRef,
    /// What is inside it, when it is a workflow.
    pub(super) inner: Option<Ids<'a>>,
}

impl Steps for Ids<'_> {
    fn step(&self, id: &str) -> Option<StepRef> {
        self.get(id).map(|placed| placed.step.clone())
    }
}

/// What is found on the way through a workflow and everything inside it.
#[derive(Default)]
pub(super) struct Found {
    pub(super) steps: Vec<StepInfo>,
    pub(super) build_works: Vec<StepInfo>,
    /// What the builders would refuse.
    pub(super) problems: Vec<Problem>,
    /// The links by their ids.
    links: IndexMap<String, Link>,
}

impl Found {
    /// Reads a work, and keeps what its builder would refuse under its place.
    fn work(
        &mut self,
        instance: &Instance<'_>,
        name: &str,
        place: &str,
    ) -> Result<(AnyWork, StepInfo), DecodeError> {
        let DecodedWork {
            work,
            id,
            added,
            refusal,
        } = work(instance)?;
        let refused = refusal.iter().flat_map(crate::Error::problems);
        self.problems.extend(
            refused.map(|problem| {
                Problem::new(format!("{place}.{}", problem.at()), problem.message())
            }),
        );
        Ok((
            work,
            StepInfo {
                added,
                ..StepInfo::new(StepRef::new(name), id)
            },
        ))
    }
}

#[derive(Default)]
struct Link {
    source: Option<StepRef>,
    destinations: Vec<StepRef>,
    parameters: Vec<(String, String)>,
}

/// Reads a workflow that is no step of another one.
pub(super) fn outermost<'a>(
    instance: &Instance<'a>,
    priority: Option<i32>,
    found: &mut Found,
) -> Result<(Workflow, Ids<'a>), DecodeError> {
    let (mut builder, ids) = parts(instance, "", found)?;
    builder = builder.priority(priority.unwrap_or_default());
    for (id, mut link) in std::mem::take(&mut found.links) {
        let at = || instance.attributes.at();
        let source = link
            .source
            .ok_or_else(|| DecodeError::new(at(), format_args!("link {id} has no source")))?;
        link.destinations
            .sort_by_key(|step| found.steps.iter().position(|info| info.step == *step));
        let link_between = ParameterLink::between(source, link.destinations);
        let renamed = link.parameters.into_iter();
        builder =
            builder.link(renamed.fold(link_between, |link, (from, to)| link.rename(from, to)));
    }
    Ok((build(builder, instance.attributes.at(), "", found)?, ids))
}

/// Tells whether an object is a workflow, and of which class.
pub(super) fn class(instance: &Instance<'_>) -> Option<WorkflowClass> {
    let class = match instance.class {
        "Workflow" => WorkflowClass::Workflow,
        "SubWorkflow" => WorkflowClass::SubWorkflow,
        "LoopWorkflow" => WorkflowClass::LoopWorkflow,
        _ => return None,
    };
    (instance.v2_module() == MODULE).then_some(class)
}

/// Returns the attributes of the description inside a workflow.
pub(super) fn template<'a>(instance: &Instance<'a>) -> Result<Fields<'a>, DecodeError> {
    let template = instance.attributes.instance("template")?;
    template
        .map(|template| template.attributes)
        .ok_or_else(|| instance.attributes.error("template", "is missing"))
}

fn build(
    builder: WorkflowBuilder,
    at: &str,
    path: &str,
    found: &mut Found,
) -> Result<Workflow, DecodeError> {
    let (workflow, problems) = builder
        .build_anyway()
        .map_err(|error| DecodeError::refused(at, &error))?;
    let inside = |problem: Problem| match path {
        "" => problem,
        path => Problem::new(format!("steps.{path}.{}", problem.at()), problem.message()),
    };
    found.problems.extend(problems.into_iter().map(inside));
    Ok(workflow)
}

/// Reads everything but links; `path` leads to the workflow, and is empty for the outermost one.
fn parts<'a>(
    instance: &Instance<'a>,
    path: &str,
    found: &mut Found,
) -> Result<(WorkflowBuilder, Ids<'a>), DecodeError> {
    let fields = template(instance)?;
    let metadata = fields.metadata()?;
    let (mut builder, ids) = steps(&fields, path, found)?;
    links(&fields, &ids, path, found)?;
    builder = builder.class(class(instance).unwrap_or_default());
    builder = settings(builder, &fields, &metadata)?;
    for entry in fields.members("_conditions")? {
        builder = builder.condition(condition::condition(
            entry.value,
            &entry.at,
            &ids,
            fields.budget(),
        )?);
    }
    if let Some(value) = fields.get("_loop_condition") {
        let at = fields.place("_loop_condition");
        builder = builder.loop_while(condition::predicate(value, &at, &ids, fields.budget())?);
    }
    let step = |value: &Value, at: &str| {
        let found = value.as_str().and_then(|id| ids.step(id));
        found.ok_or_else(|| DecodeError::new(at, "is the id of no step"))
    };
    let mut first = None;
    for (value, at) in fields.items("initial_works")? {
        let initial = step(value, &at)?;
        builder = builder.initial(&initial);
        first.get_or_insert(initial);
    }
    if let Some(value) = fields.get("primary_initial_work") {
        let primary = step(value, &fields.place("primary_initial_work"))?;
        if first.as_ref() != Some(&primary) {
            builder = builder.primary(&primary);
        }
    }
    if let Some(instance) = fields.instance("build_work")? {
        let name = if path.is_empty() {
            "build_work".to_owned()
        } else {
            format!("{path}/build_work")
        };
        let (work, info) = found.work(&instance, &name, &name)?;
        found.build_works.push(info);
        builder = builder.build_with(work);
    }
    Ok((builder, ids))
}

fn steps<'a>(
    fields: &Fields<'a>,
    path: &str,
    found: &mut Found,
) -> Result<(WorkflowBuilder, Ids<'a>), DecodeError> {
    let mut builder = Workflow::builder();
    let mut ids = Ids::new();
    for entry in fields.members("_works")? {
        let instance = Instance::of(entry.value, entry.at, fields.budget())?;
        let name = format!("step{}", ids.len() + 1);
        let whole = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}/{name}")
        };
        let index = found.steps.len();
        let (step, inner): (Step, _) = if class(&instance).is_some() {
            let id = template(&instance)?.id("internal_id")?;
            found.steps.push(StepInfo::new(StepRef::new(&whole), id));
            let (inner, inner_ids) = parts(&instance, &whole, found)?;
            (
                build(inner, instance.attributes.at(), &whole, found)?.into(),
                Some(inner_ids),
            )
        } else {
            let (work, info) = found.work(&instance, &whole, &format!("steps.{whole}"))?;
            found.steps.push(info);
            (work.into(), None)
        };
        let step = builder.add(name, step);
        ids.insert(entry.key, Placed { index, step, inner });
    }
    Ok((builder, ids))
}

fn settings(
    mut builder: WorkflowBuilder,
    fields: &Fields<'_>,
    metadata: &Fields<'_>,
) -> Result<WorkflowBuilder, DecodeError> {
    macro_rules! read {
        ($($fields:ident $name:literal as $setter:ident: $kind:ty),+ $(,)?) => { $(
            if let Some(value) = $fields.read::<$kind>($name)? {
                builder = builder.$setter(value);
            }
        )+ };
    }
    read!(
        metadata "workload_id" as workload_id: crate::WorkloadId,
        fields "_global_parameters" as global_parameters: serde_json::Map<String, Value>,
        fields "username" as username: String,
        fields "userdn" as user_dn: String,
        fields "_campaign" as campaign: String,
        fields "_campaign_scope" as campaign_scope: String,
        fields "_campaign_group" as campaign_group: String,
        fields "_campaign_tag" as campaign_tag: String,
    );
    if let Some(name) = fields
        .read::<String>("_name")?
        .filter(|name| !name::is_generated("idds.workflow", name))
    {
        builder = builder.name(name);
    }
    if let Some(days) = fields.read::<Number>("_lifetime")? {
        builder = builder.lifetime(Days::new(days));
    }
    // The agents make a float of it, and so of a text.
    let pending_time = match fields.get("_pending_time").and_then(Value::as_str) {
        Some("") => None,
        Some(text) if text.parse::<f64>().is_ok() => text.parse().ok().map(Number::Float),
        _ => fields.read::<Number>("_pending_time")?,
    };
    if let Some(days) = pending_time {
        builder = builder.pending_time(Days::new(days));
    }
    if let Some(limit) = fields
        .given::<Literal>("_max_processing_requests")?
        .filter(|limit| *limit != NO_LIMIT)
    {
        builder = builder.max_processing_requests(limit);
    }
    for entry in fields.members("_sliced_global_parameters")? {
        let slice = Fields::of(entry.value, entry.at, fields.budget())?;
        builder = builder.slice(entry.key, slice.or_default("index")?, slice.read("name")?);
    }
    Ok(builder)
}

/// Collects the ends of links: a workflow knows the sources and the destinations among its own steps.
fn links(
    fields: &Fields<'_>,
    ids: &Ids<'_>,
    path: &str,
    found: &mut Found,
) -> Result<(), DecodeError> {
    for entry in fields.members("parameter_links")? {
        let instance = Instance::of(entry.value, entry.at, fields.budget())?;
        let link = found.links.entry(entry.key.to_owned()).or_default();
        link.parameters.clear();
        for pair in instance.attributes.members("parameters")? {
            let pair = Fields::of(pair.value, pair.at, fields.budget())?;
            link.parameters
                .push((pair.required("source")?, pair.required("destination")?));
        }
    }
    for (name, is_source) in [
        ("parameter_links_source", true),
        ("parameter_links_destination", false),
    ] {
        for entry in fields.members(name)? {
            let step = ids
                .step(entry.key)
                .ok_or_else(|| DecodeError::new(&entry.at, "is the id of no step"))?;
            let step = if path.is_empty() {
                step
            } else {
                StepRef::new(path).step(step.as_str())
            };
            for (index, id) in entry.value.as_array().into_iter().flatten().enumerate() {
                let id = id.as_str();
                let id = id.ok_or_else(|| {
                    DecodeError::new(place(&entry.at, &index.to_string()), "is no id")
                })?;
                let link = found.links.entry(id.to_owned()).or_default();
                if is_source {
                    link.source = Some(step.clone());
                } else {
                    link.destinations.push(step.clone());
                }
            }
        }
    }
    Ok(())
}
