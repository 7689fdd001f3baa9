//! Reads the flow of a stored workflow.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::definition::{Definition, Limits, Slice, StepDef, WorkflowDef};
use super::link::Link;

mod conditions;
mod order;
mod work;

/// Most works and sub-workflows of a workflow with everything inside it.
const MAX_STEPS: usize = 1_000_000;

/// Most workflows inside one another.
const MAX_DEPTH: usize = 32;

/// Why the flow of a stored workflow cannot be followed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unreadable {
    place: String,
    message: String,
}

impl Unreadable {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }

    fn within(mut self, outer: &str) -> Self {
        self.place = match (outer, self.place.as_str()) {
            ("", _) => self.place,
            (_, "") => outer.to_owned(),
            (_, inner) => format!("{outer}, {inner}"),
        };
        self
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.as_str() {
            "" => f.write_str(&self.message),
            place => write!(f, "{place}: {}", self.message),
        }
    }
}

impl std::error::Error for Unreadable {}

/// An object of a Python class on the wire.
#[derive(Debug, Deserialize)]
struct Object<'a> {
    #[serde(borrow, default)]
    class: Cow<'a, str>,
    #[serde(borrow, default)]
    module: Cow<'a, str>,
    #[serde(borrow)]
    attributes: &'a RawValue,
}

#[derive(Deserialize)]
struct WorkflowAttributes<'a> {
    #[serde(borrow)]
    template: Object<'a>,
}

#[derive(Debug, Default, Deserialize)]
struct Template<'a> {
    #[serde(borrow, rename = "_works", default, deserialize_with = "or_default")]
    works: IndexMap<String, Object<'a>>,
    #[serde(
        borrow,
        rename = "_conditions",
        default,
        deserialize_with = "or_default"
    )]
    conditions: IndexMap<String, Object<'a>>,
    #[serde(rename = "_work_conds", default, deserialize_with = "or_default")]
    work_conds: IndexMap<String, Vec<String>>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    parameter_links: IndexMap<String, Object<'a>>,
    #[serde(default, deserialize_with = "or_default")]
    parameter_links_source: IndexMap<String, Vec<String>>,
    #[serde(default, deserialize_with = "or_default")]
    parameter_links_destination: IndexMap<String, Vec<String>>,
    #[serde(default, deserialize_with = "or_default")]
    initial_works: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    independent_works: Vec<String>,
    #[serde(borrow, default)]
    build_work: Option<Object<'a>>,
    #[serde(borrow, rename = "_loop_condition", default)]
    loop_condition: Option<Object<'a>>,
    #[serde(borrow, rename = "_metadata", default)]
    metadata: Option<Object<'a>>,
    #[serde(rename = "_name", default, deserialize_with = "or_default")]
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    internal_id: String,
    #[serde(rename = "_pending_time", default, deserialize_with = "or_default")]
    pending_time: Value,
}

#[derive(Default, Deserialize)]
struct TemplateMetadata {
    #[serde(default, deserialize_with = "or_default")]
    gp: IndexMap<String, Value>,
    #[serde(default, deserialize_with = "or_default")]
    sliced_gp: HashMap<String, SliceForm>,
}

#[derive(Deserialize)]
struct SliceForm {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    index: i64,
}

#[derive(Deserialize)]
struct LinkAttributes {
    #[serde(default, deserialize_with = "or_default")]
    parameters: IndexMap<String, LinkForm>,
}

#[derive(Deserialize)]
struct LinkForm {
    source: String,
    destination: String,
}

/// Reads null as the default: Python has null for what was never set.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn parse<'a, T: Deserialize<'a>>(text: &'a RawValue) -> Result<T, Unreadable> {
    // The line and column would be those of a text that nobody sees.
    serde_json::from_str(text.get()).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        Unreadable::new("", message)
    })
}

impl Object<'_> {
    fn is_workflow(&self) -> bool {
        ["Workflow", "SubWorkflow", "LoopWorkflow"].contains(&&*self.class)
            && self.module.ends_with(".workflow")
    }
}

/// What is read before works are, since it says which attributes of them the flow needs.
#[derive(Default)]
struct Needs {
    globals: HashSet<String>,
    /// Sources of links, by the link.
    sources: HashMap<String, Vec<String>>,
    destinations: HashMap<String, Vec<String>>,
}

impl Definition {
    /// Reads the flow of a workflow: an object of class `Workflow` as iDDS 2.6.21 stores it, v2 or v1.
    ///
    /// # Errors
    ///
    /// When it is no such object, names a step that is not there, asks a work something that no work knows, or is too large.
    /// The message has the place.
    pub(crate) fn read(workflow: &str) -> Result<Self, Unreadable> {
        let object: Object<'_> = serde_json::from_str(workflow)
            .map_err(|error| Unreadable::new("the workflow", error.to_string()))?;
        if !object.is_workflow() {
            return Err(Unreadable::new(
                "the workflow",
                format!(
                    "its class is {} of {}; expected Workflow of idds.workflowv2.workflow",
                    object.class, object.module
                ),
            ));
        }
        let mut templates = Vec::new();
        gather(&object, None, 0, &mut templates)?;
        let needs = Needs::of(&templates)?;
        let mut definition = Self {
            workflows: Vec::with_capacity(templates.len()),
            link_owners: HashMap::new(),
            limits: Limits::default(),
        };
        for found in &templates {
            let workflow = found
                .read(&needs)
                .map_err(|error| error.within(&found.label))?;
            definition.workflows.push(workflow);
        }
        for place in (0..definition.workflows.len()).rev() {
            if let Some((around, _)) = definition.workflows[place].parent {
                let end = definition.workflows[place].inside.end;
                let around = &mut definition.workflows[around].inside;
                around.end = around.end.max(end);
            }
        }
        for (place, found) in templates.iter().enumerate() {
            for (link, id) in found.template.parameter_links.keys().enumerate() {
                definition
                    .link_owners
                    .entry(id.clone())
                    .or_default()
                    .push((place, link));
            }
        }
        definition.limits = templates[0].limits()?;
        Ok(definition)
    }
}

/// A template that was found in the tree, each before those inside it.
struct Found<'a> {
    label: String,
    template: Template<'a>,
    parent: Option<(usize, usize)>,
    /// Which templates the sub-workflows among the steps are.
    inner: HashMap<usize, usize>,
    place: usize,
}

fn gather<'a>(
    object: &Object<'a>,
    parent: Option<(usize, usize)>,
    depth: usize,
    templates: &mut Vec<Found<'a>>,
) -> Result<usize, Unreadable> {
    let label = match parent {
        None => String::new(),
        Some((around, step)) => {
            let around = &templates[around];
            let id = around
                .template
                .works
                .get_index(step)
                .map_or("", |(id, _)| id);
            let inner = format!("sub-workflow {id}");
            match around.label.as_str() {
                "" => inner,
                outer => format!("{outer}, {inner}"),
            }
        }
    };
    if depth >= MAX_DEPTH {
        return Err(Unreadable::new(
            label,
            format!(
                "workflows stand more than {MAX_DEPTH} deep in one another; at most that many are read"
            ),
        ));
    }
    let read = || -> Result<Template<'a>, Unreadable> {
        let attributes: WorkflowAttributes<'a> = parse(object.attributes)?;
        parse(attributes.template.attributes)
    };
    let template = read().map_err(|error| error.within(&label))?;
    if template.works.is_empty() && template.build_work.is_none() {
        return Err(Unreadable::new(
            if label.is_empty() {
                "the workflow".to_owned()
            } else {
                label
            },
            "it has no works; add at least one",
        ));
    }
    let place = templates.len();
    let steps: usize = templates
        .iter()
        .map(|found| found.template.works.len())
        .sum();
    if steps + template.works.len() > MAX_STEPS {
        return Err(Unreadable::new(
            label,
            format!("the workflow has more than {MAX_STEPS} works; submit several workflows"),
        ));
    }
    let inner: Vec<usize> = template
        .works
        .values()
        .enumerate()
        .filter(|(_, work)| work.is_workflow())
        .map(|(step, _)| step)
        .collect();
    templates.push(Found {
        label,
        template,
        parent,
        inner: HashMap::new(),
        place,
    });
    for step in inner {
        let Some((_, work)) = templates[place].template.works.get_index(step) else {
            continue;
        };
        let work = Object {
            class: work.class.clone(),
            module: work.module.clone(),
            attributes: work.attributes,
        };
        let found = gather(&work, Some((place, step)), depth + 1, templates)?;
        templates[place].inner.insert(step, found);
    }
    Ok(place)
}

impl Needs {
    fn of(templates: &[Found<'_>]) -> Result<Self, Unreadable> {
        let mut needs = Self::default();
        for found in templates {
            let (globals, _) = found.globals()?;
            needs.globals.extend(globals.into_keys());
            for (id, link) in &found.template.parameter_links {
                let link = link_of(id, link).map_err(|error| error.within(&found.label))?;
                for (source, destination) in link.parameters {
                    needs.sources.entry(id.clone()).or_default().push(source);
                    needs
                        .destinations
                        .entry(id.clone())
                        .or_default()
                        .push(destination);
                }
            }
        }
        Ok(needs)
    }
}

fn link_of(id: &str, link: &Object<'_>) -> Result<Link, Unreadable> {
    let attributes: LinkAttributes =
        parse(link.attributes).map_err(|error| error.within(&format!("parameter link {id}")))?;
    let parameters = attributes.parameters.into_values();
    Ok(Link {
        parameters: parameters
            .map(|form| (form.source, form.destination))
            .collect(),
    })
}

/// Global parameters by name, and how those that are lists are sliced.
type Globals = (IndexMap<String, Value>, HashMap<String, SliceForm>);

impl Found<'_> {
    /// Returns the global parameters and how they are sliced. As in 2.6.21, only names that begin with `user_` count.
    fn globals(&self) -> Result<Globals, Unreadable> {
        let Some(metadata) = &self.template.metadata else {
            return Ok(Default::default());
        };
        let mut metadata: TemplateMetadata = parse(metadata.attributes)
            .map_err(|error| error.within("global parameters").within(&self.label))?;
        metadata.gp.retain(|name, _| name.starts_with("user_"));
        Ok((metadata.gp, metadata.sliced_gp))
    }

    fn limits(&self) -> Result<Limits, Unreadable> {
        let pending_days = match &self.template.pending_time {
            Value::Null | Value::Bool(false) => None,
            Value::Number(days) => days.as_f64(),
            Value::String(days) if days.is_empty() => None,
            Value::String(days) => days.trim().parse().ok(),
            _ => Some(f64::NAN),
        };
        match pending_days {
            Some(days) if !(0.0..=36_500.0).contains(&days) => Err(Unreadable::new(
                "pending_time",
                format!(
                    "it is {}; expected a number of days from 0 to 36500",
                    self.template.pending_time
                ),
            )),
            // 2.6.21 takes 0 days for no limit.
            days => Ok(Limits {
                pending_days: days.filter(|days| *days > 0.0),
            }),
        }
    }

    fn read(&self, needs: &Needs) -> Result<WorkflowDef, Unreadable> {
        let template = &self.template;
        let by_id: HashMap<String, usize> = template
            .works
            .keys()
            .enumerate()
            .map(|(place, id)| (id.clone(), place))
            .collect();
        let place_of = |id: &str, what: &str| {
            by_id.get(id).copied().ok_or_else(|| {
                Unreadable::new(
                    what,
                    format!("it names the step {id}, which its workflow does not have"),
                )
            })
        };
        let mut workflow = WorkflowDef {
            id: template.internal_id.clone(),
            name: template.name.clone(),
            inside: self.place..self.place + 1,
            parent: self.parent,
            ..WorkflowDef::default()
        };
        for link in template.parameter_links.iter() {
            workflow.links.push(link_of(link.0, link.1)?);
        }
        let mut heads = Vec::with_capacity(template.works.len());
        for (place, (id, object)) in template.works.iter().enumerate() {
            check_id(id)?;
            let asks = work::Asked::of(id, template, needs);
            let step = match self.inner.get(&place) {
                Some(inner) => StepDef {
                    id: id.clone(),
                    name: id.clone(),
                    workflow: Some(*inner),
                    is_added: false,
                    parents: Vec::new(),
                    unknown_parents: Vec::new(),
                    reads: None,
                },
                None => {
                    let (step, head) = work::read(id, object, &asks)
                        .map_err(|error| error.within(&format!("work {id}")))?;
                    heads.push((place, head));
                    step
                }
            };
            workflow.steps.push(step);
        }
        if let Some(object) = &template.build_work {
            let (step, _) = work::read("build_work", object, &work::Asked::default())
                .map_err(|error| error.within("build_work"))?;
            check_id(&step.id)?;
            if by_id.contains_key(&step.id) {
                return Err(Unreadable::new(
                    "build_work",
                    "it has the id of another work",
                ));
            }
            workflow.build = Some(step);
        }
        for (id, links) in &template.parameter_links_source {
            _ = workflow
                .sources
                .insert(place_of(id, "parameter_links_source")?, links.clone());
        }
        for (id, links) in &template.parameter_links_destination {
            let step = place_of(id, "parameter_links_destination")?;
            let links = links.iter().map(|link| {
                template.parameter_links.get_index_of(link).ok_or_else(|| {
                    Unreadable::new(
                        "parameter_links_destination",
                        format!("it names the link {link}, which its workflow does not have"),
                    )
                })
            });
            _ = workflow
                .destinations
                .insert(step, links.collect::<Result<_, _>>()?);
        }
        let (globals, slices) = self.globals()?;
        workflow.globals = globals
            .into_iter()
            .map(|(name, value)| (name, Arc::new(value)))
            .collect();
        workflow.slices = slices
            .into_iter()
            .map(|(name, slice)| {
                (
                    name,
                    Slice {
                        name: slice.name,
                        index: slice.index,
                    },
                )
            })
            .collect();
        workflow.conditions = conditions::read(template, &by_id, &workflow.steps)?;
        order::parents(&heads, &mut workflow.steps);
        let places = |ids: &[String], what: &str| -> Result<Vec<usize>, Unreadable> {
            ids.iter().map(|id| place_of(id, what)).collect()
        };
        let initial = places(&template.initial_works, "initial_works")?;
        let independent = places(&template.independent_works, "independent_works")?;
        workflow.has_initial = !initial.is_empty();
        workflow.first = if workflow.has_initial {
            initial
        } else if !independent.is_empty() {
            order::ordered(&independent, &workflow.steps)
        } else {
            (!workflow.steps.is_empty())
                .then_some(0)
                .into_iter()
                .collect()
        };
        workflow.by_id = by_id;
        Ok(workflow)
    }
}

/// Refuses an id that would make the key of a run mean something else.
fn check_id(id: &str) -> Result<(), Unreadable> {
    /// Ids of iDDS have eight characters.
    const MAX: usize = 64;
    let is_good = !id.is_empty()
        && id.len() <= MAX
        && !id.chars().any(|c| c == '/' || c == '.' || c.is_control());
    match is_good {
        true => Ok(()),
        false => Err(Unreadable::new(
            "_works",
            format!(
                "{} is no id of a work; expected eight hexadecimal digits",
                Map::from_iter([(
                    "id".to_owned(),
                    Value::from(id.chars().take(MAX).collect::<String>())
                )])["id"]
            ),
        )),
    }
}
