//! From the metadata of a request to what the server will do with it.

use std::collections::HashSet;

use idds_sampler::Trial;
use idds_workflow::{Dialect, OptSpace, Point, python_json};
use indexmap::IndexMap;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::extent::Extent;
use crate::flow::{Flow, Stages};
use crate::identity::Rules;
use crate::raw;
use crate::state::{self, Run, Search};

/// Most points that a generation has, and most bytes that all of them, and that each of them, may have as JSON.
const MAX_GENERATION: u64 = 100_000;
const MAX_BYTES: u64 = 256 << 20;
const MAX_POINT: u64 = SLICE;

/// Bytes of points that are made at once.
pub(crate) const SLICE: u64 = 4 << 20;

/// Most works of a workflow.
const MAX_WORKS: usize = 10_000;

/// Most values of a work, and of a workflow of several.
const MAX_VALUES: usize = 1_000_000;

/// Request type of a workflow.
const WORKFLOW: i64 = 0;

/// A workflow that can be run here: searches, at once or one after the other. Its works are read when they are needed.
#[derive(Debug)]
pub(crate) struct Plan {
    works: IndexMap<String, Object<Box<RawValue>>>,
    /// Nothing where there is one work, which starts at once.
    flow: Option<Flow>,
    seed: u64,
    rules: Rules,
}

/// A work that can be run here: a search, or one of those that fail or hang by the rules of 2.6.21.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// Id of the work in its workflow.
    pub(crate) id: String,
    /// Name of the collection the search reads.
    pub(crate) input: CollectionName,
    /// Name of the collection its points are in.
    pub(crate) output: CollectionName,
    /// What the transform says about the work (JSON).
    pub(crate) metadata: String,
    /// What becomes of it.
    pub(crate) run: Run,
    /// Points known before the search begins.
    pub(crate) initial: Vec<Trial>,
}

/// Scope and name of a collection.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
pub(crate) struct CollectionName {
    /// Scope.
    #[serde(default)]
    pub(crate) scope: Option<String>,
    /// Name in the scope.
    #[serde(default)]
    pub(crate) name: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    workflow: Option<Object<Box<RawValue>>>,
}

/// An object of a Python class on the wire.
#[derive(Debug, Deserialize, Serialize)]
struct Object<T> {
    class: String,
    module: String,
    attributes: T,
}

#[derive(Deserialize)]
struct Workflow {
    template: Object<Template>,
}

#[derive(Deserialize)]
struct Template {
    #[serde(rename = "_works")]
    works: IndexMap<String, Object<Box<RawValue>>>,
    #[serde(default, rename = "_loop_condition")]
    loop_condition: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct HpoWork {
    #[serde(default)]
    method: Option<String>,
    #[serde(default, deserialize_with = "python_json::exact_integers")]
    opt_space: Value,
    #[serde(default, deserialize_with = "python_json::exact_integers")]
    initial_points: Value,
    #[serde(default)]
    max_points: Value,
    #[serde(default)]
    num_points_per_iteration: Value,
    #[serde(default)]
    output_json: Value,
    #[serde(default)]
    es: Value,
    #[serde(default, rename = "_collections")]
    collections: IndexMap<String, Object<CollectionName>>,
    #[serde(default, rename = "_primary_input_collection")]
    input: String,
    #[serde(default, rename = "_primary_output_collection")]
    output: String,
}

/// Tells whether a request has a workflow.
pub(crate) fn has_workflow(metadata: &str) -> bool {
    raw::member(metadata, "workflow").is_some_and(|workflow| workflow != "null")
}

/// Tells whether a request has no workflow yet, but one that makes it.
pub(crate) fn is_build(metadata: &str) -> bool {
    !has_workflow(metadata)
        && raw::member(metadata, "build_workflow").is_some_and(|workflow| workflow != "null")
}

impl Plan {
    /// Reads what a request asks for, or says why it cannot be run here and what can.
    ///
    /// `seed` is the seed of the request; every search has its own.
    pub(crate) fn read(
        request_type: i64,
        metadata: &str,
        seed: u64,
        rules: Rules,
    ) -> Result<Self, String> {
        if request_type != WORKFLOW {
            return Err(format!(
                "the embedded server runs no request of type {request_type}; submit a workflow, request type {WORKFLOW}"
            ));
        }
        let undecodable = |error| format!("the workflow cannot be read: {error}");
        let metadata: Metadata = serde_json::from_str(metadata).map_err(undecodable)?;
        let workflow = metadata
            .workflow
            .ok_or("request_metadata has no workflow")?;
        if !workflow.module.starts_with("idds.workflowv2.") {
            return Err(format!(
                "the embedded server runs no workflow of module {}; use idds.workflowv2.workflow",
                workflow.module
            ));
        }
        let Workflow { template } =
            serde_json::from_str(workflow.attributes.get()).map_err(undecodable)?;
        let Template {
            works,
            loop_condition,
        } = template.attributes;
        if loop_condition.is_some() {
            return Err(
                "the embedded server runs no workflow with a loop condition, and one with a search in it does not \
                        end on iDDS 2.6.21 either; submit a workflow for each round"
                    .to_owned(),
            );
        }
        if works.is_empty() {
            return Err(
                "the workflow has 0 works; the embedded server runs workflows of ATLASHPOWork"
                    .to_owned(),
            );
        }
        if works.len() > MAX_WORKS {
            return Err(format!(
                "the workflow has {} works; the embedded server runs at most {MAX_WORKS} in one; submit several workflows",
                works.len()
            ));
        }
        let flow = match works.len() {
            1 => None,
            _ => {
                works
                    .iter()
                    .try_for_each(|(id, work)| work.check_class(id, rules))?;
                Some(Flow::read(&order(&workflow, &works)?)?)
            }
        };
        Ok(Self {
            works,
            flow,
            seed,
            rules,
        })
    }

    /// Reads all works, and returns those that start first.
    pub(crate) fn begin(&self) -> Result<Vec<Work>, String> {
        let none = Stages::new();
        let first: HashSet<_> = self.due_ids(&none).into_iter().collect();
        let mut works = Vec::new();
        for (place, id) in self.works.keys().enumerate() {
            let work = self.work(place)?;
            if first.contains(id.as_str()) {
                works.push(work);
            }
        }
        Ok(works)
    }

    /// Returns the works that can start and have not.
    pub(crate) fn due(&self, stages: &Stages) -> Result<Vec<Work>, String> {
        self.due_ids(stages)
            .into_iter()
            .filter_map(|id| self.works.get_index_of(id))
            .map(|place| self.work(place))
            .collect()
    }

    fn due_ids<'a>(&'a self, stages: &Stages) -> Vec<&'a str> {
        match &self.flow {
            None => self
                .works
                .keys()
                .map(String::as_str)
                .filter(|id| !stages.contains_key(*id))
                .collect(),
            Some(flow) => flow.due(stages),
        }
    }

    /// Reads the work at this place.
    fn work(&self, place: usize) -> Result<Work, String> {
        let (id, work) = self
            .works
            .get_index(place)
            .ok_or("the workflow has fewer works")?;
        Work::read(
            id,
            work,
            state::work_seed(self.seed, place as u64),
            self.rules,
        )
    }
}

/// Returns a workflow as far as the order of its works depends on it: compressed attributes, which no search has, are left out.
fn order(
    workflow: &Object<Box<RawValue>>,
    works: &IndexMap<String, Object<Box<RawValue>>>,
) -> Result<Value, String> {
    let unreadable = |error| format!("the workflow cannot be read: {error}");
    let values = works
        .values()
        .map(|work| Extent::of(work.attributes.get().as_bytes()).values)
        .sum::<usize>();
    let around = Extent::of(workflow.attributes.get().as_bytes()).values;
    if values.max(around) > MAX_VALUES {
        return Err(format!(
            "the workflow has {} values; the embedded server reads at most {MAX_VALUES}; submit several workflows",
            values.max(around)
        ));
    }
    let mut whole = serde_json::to_value(workflow).map_err(unreadable)?;
    let works = whole
        .pointer_mut("/attributes/template/attributes/_works")
        .and_then(Value::as_object_mut);
    for work in works.into_iter().flat_map(|works| works.values_mut()) {
        let is_compressed = |value: &Value| {
            value
                .as_str()
                .is_some_and(|text| text.starts_with("idds_zip:"))
        };
        if let Some(attributes) = work.get_mut("attributes").and_then(Value::as_object_mut) {
            attributes.retain(|_, value| !is_compressed(value));
        }
    }
    Ok(whole)
}

impl Object<Box<RawValue>> {
    fn is_search(&self) -> bool {
        (&*self.class, &*self.module) == ("ATLASHPOWork", "idds.atlas.workflowv2.atlashpowork")
    }

    /// Refuses a work that nothing becomes of here.
    fn check_class(&self, id: &str, rules: Rules) -> Result<(), String> {
        let fate = Fate::of(&self.class);
        match rules {
            _ if self.is_search() => Ok(()),
            Rules::V2_6_21 if fate.run().is_some() => Ok(()),
            _ => Err(format!(
                "work {id} is a {} of {}; the embedded server runs ATLASHPOWork of idds.atlas.workflowv2.atlashpowork; {}",
                self.class,
                self.module,
                fate.advice()
            )),
        }
    }

    /// Returns what the transform of this work says about it (JSON).
    fn metadata(&self, id: &str) -> String {
        let [id, class, module] =
            [id, &self.class, &self.module].map(|text| Value::from(text).to_string());
        let attributes = self.attributes.get();
        format!(
            r#"{{"internal_id":{id},"sequence_id":1,"template_work_id":{id},"work":{{"class":{class},"module":{module},"attributes":{attributes}}},"work_name":{id}}}"#
        )
    }
}

impl Work {
    fn read(
        id: &str,
        work: &Object<Box<RawValue>>,
        seed: u64,
        rules: Rules,
    ) -> Result<Self, String> {
        work.check_class(id, rules)?;
        let about_work = |message: String| format!("work {id}: {message}");
        let values = Extent::of(work.attributes.get().as_bytes()).values;
        if values > MAX_VALUES {
            return Err(about_work(format!(
                "it has {values} values; the embedded server reads at most {MAX_VALUES}"
            )));
        }
        let metadata = work.metadata(id);
        if !work.is_search() {
            return Ok(Self {
                id: id.to_owned(),
                input: CollectionName::default(),
                output: CollectionName::default(),
                metadata,
                run: Fate::of(&work.class).run().unwrap_or(Run::Hangs),
                initial: Vec::new(),
            });
        }
        let has_task_name = raw::member(work.attributes.get(), "task_name").is_some();
        let read: HpoWork = python_json::read(work.attributes.get().as_bytes())
            .map_err(|error| about_work(about(&error)))?;
        match rules {
            Rules::Own => read.plan(id, metadata, seed).map_err(about_work),
            // What follows is no advice of this server but what 2.6.21 writes.
            Rules::V2_6_21 if !has_task_name => {
                Err("'ATLASHPOWork' object has no attribute 'task_name'".to_owned())
            }
            Rules::V2_6_21 => read.plan_as_2_6_21(id, metadata, seed).map_err(about_work),
        }
    }
}

/// What becomes of a work on iDDS 2.6.21 that is no search.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    /// It fails.
    Fails,
    /// It stays Transforming for ever.
    Hangs,
    /// PanDA runs it.
    NeedsPanda,
    /// Nobody has tried.
    Unknown,
}

impl Fate {
    fn of(class: &str) -> Self {
        match class {
            "Work" | "ProcessingWork" | "DataWork" | "ATLASCondorWork" => Self::Fails,
            "ATLASStageinWork" | "DomaRucioWork" | "DomaDataWork" => Self::Hangs,
            _ if class.contains("PanDA") || class.contains("Panda") => Self::NeedsPanda,
            _ => Self::Unknown,
        }
    }

    fn run(self) -> Option<Run> {
        match self {
            Self::Fails => Some(Run::Fails("'NoneType' object is not iterable".to_owned())),
            Self::Hangs => Some(Run::Hangs),
            Self::NeedsPanda | Self::Unknown => None,
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Fails => {
                "iDDS 2.6.21 fails with it too; to run a program, use a search whose points are its arguments"
            }
            Self::Hangs => "on iDDS 2.6.21 it stays Transforming for ever",
            Self::NeedsPanda => "an iDDS server with PanDA runs this",
            Self::Unknown => "what iDDS 2.6.21 makes of it is not known here",
        }
    }
}

/// Says what is wrong with a work; the line in the body of a request tells nobody anything.
fn about(error: &python_json::Error) -> String {
    match error.place() {
        "" => error.message().to_owned(),
        place => format!("{place}: {}", error.message()),
    }
}

impl CollectionName {
    /// Appends what the server appends to the name of an output, the number of the run.
    fn of_first_run(self) -> Self {
        Self {
            name: self.name.map(|name| format!("{name}..1")),
            ..self
        }
    }
}

impl HpoWork {
    fn plan(mut self, id: &str, metadata: String, seed: u64) -> Result<Work, String> {
        if self.method.as_deref() != Some("nevergrad") {
            let method = self.method.as_deref().unwrap_or("null");
            let advice = match method {
                "container" | "docker" | "sandbox" => {
                    "an iDDS server runs steering programs of your own"
                }
                _ => "iDDS 2.6.21 knows nevergrad, container, docker and sandbox",
            };
            return Err(format!(
                "the embedded server cannot run method {method}; it makes points itself for method nevergrad; {advice}"
            ));
        }
        let opt_space = read_space(&self.opt_space)?;
        let initial = initial_points(&opt_space, self.initial_points)?;
        let max_points = positive("max_points", &self.max_points)?;
        let num_points_per_iteration = match &self.num_points_per_iteration {
            Value::Null => 10,
            given => positive("num_points_per_iteration", given)?,
        };
        if max_points.min(num_points_per_iteration) > MAX_GENERATION {
            return Err(format!(
                "num_points_per_iteration: {num_points_per_iteration} is more than the embedded server makes at once, \
                 {MAX_GENERATION}"
            ));
        }
        let (count, weight) = (
            max_points.min(num_points_per_iteration),
            state::weight(&opt_space),
        );
        if weight > MAX_POINT {
            return Err(format!(
                "opt_space: a point has up to {weight} bytes; the embedded server makes points of at most {MAX_POINT}"
            ));
        }
        if weight.saturating_mul(count) > MAX_BYTES {
            return Err(format!(
                "num_points_per_iteration: {num_points_per_iteration} points of up to {weight} bytes each are more than the \
                 embedded server makes for one generation, {MAX_BYTES} bytes; up to {} points are not",
                MAX_BYTES / weight
            ));
        }
        let mut collection = |id: &str| {
            self.collections
                .shift_remove(id)
                .map(|object| object.attributes)
                .unwrap_or_default()
        };
        Ok(Work {
            id: id.to_owned(),
            input: collection(&self.input),
            output: collection(&self.output).of_first_run(),
            metadata,
            run: Run::Search(Search {
                opt_space,
                max_points,
                num_points_per_iteration,
                seed,
            }),
            initial,
        })
    }
}

impl HpoWork {
    /// Plans the search with the defects of 2.6.21.
    fn plan_as_2_6_21(mut self, id: &str, metadata: String, seed: u64) -> Result<Work, String> {
        self.initial_points = Value::Null;
        if self.max_points.is_null() {
            self.max_points = u64::MAX.into();
        }
        let (has_output, is_es) = (self.output_json.is_string(), self.es == true);
        let mut work = self.plan(id, metadata, seed)?;
        work.run = match work.run {
            Run::Search(_) if !has_output => Run::Hangs,
            Run::Search(search) if !is_es => Run::Stalls(search),
            run => run,
        };
        Ok(work)
    }
}

/// Reads a space in its own form or in the only dialect that it can be in.
fn read_space(value: &Value) -> Result<OptSpace, String> {
    let own = match OptSpace::from_value(value) {
        Ok(space) => return Ok(space),
        Err(error) => error.to_string(),
    };
    let dialects = Dialect::candidates(value);
    match dialects[..] {
        [] => Err(own),
        [dialect] => dialect.read(value).map_err(|error| error.to_string()),
        [..] => {
            let names: Vec<_> = dialects.iter().map(|dialect| dialect.name()).collect();
            Err(format!(
                "opt_space can be read as {}, which differ; write it in the form of nevergrad",
                names.join(" and as ")
            ))
        }
    }
}

/// Reads pairs of a point and its loss or null.
fn initial_points(space: &OptSpace, value: Value) -> Result<Vec<Trial>, String> {
    let pairs = match value {
        Value::Null => Vec::new(),
        Value::Array(pairs) => pairs,
        other => {
            return Err(format!(
                "initial_points: {other} is not a list of pairs of a point and its loss or null"
            ));
        }
    };
    let read = |(index, pair): (usize, Value)| {
        let (point, loss): (Point, Option<f64>) =
            serde_json::from_value(pair).map_err(|error| {
                format!(
                    "initial_points[{index}] is not a pair of a point and its loss or null: {error}"
                )
            })?;
        Ok(Trial { point, loss })
    };
    let trials: Vec<Trial> = pairs
        .into_iter()
        .enumerate()
        .map(read)
        .collect::<Result<_, String>>()?;
    space
        .check_each(trials.iter().map(|trial| &trial.point))
        .map_err(|(index, error)| format!("initial_points[{index}]: {error}"))?;
    Ok(trials)
}

fn positive(field: &str, value: &Value) -> Result<u64, String> {
    // Python takes 20.0 for 20, too.
    let whole = || {
        value
            .as_f64()
            .filter(|number| number.fract() == 0.0 && (1.0..1e15).contains(number))
    };
    value.as_u64().or_else(|| whole().map(|number| number as u64)).filter(|number| *number > 0).ok_or_else(|| {
        format!("{field}: {value} is no number of points; the embedded server needs a whole number of 1 or more")
    })
}

#[cfg(test)]
mod tests;
