//! Reads what the flow needs of a work.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use idds_workflow::{Execution, wire};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::{Needs, Object, Template, Unreadable, or_default, parse};
use crate::engine::flow::definition::{StepDef, WorkDef};

/// Attributes that every Python work has and that do not stand on the wire by that name.
const PROPERTIES: [&str; 11] = [
    "primary_input_collection",
    "primary_output_collection",
    "input_collections",
    "output_collections",
    "collections",
    "workload_id",
    "external_id",
    "num_inputs",
    "parent_workload_id",
    "submitted",
    "signature",
];

/// What is asked of a work by links and global parameters.
#[derive(Default)]
pub(super) struct Asked<'a> {
    sources: HashSet<&'a str>,
    destinations: HashSet<&'a str>,
    globals: Option<&'a HashSet<String>>,
}

/// What orders works.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) task_name: Option<String>,
    pub(super) ancestors: Vec<String>,
}

#[derive(Deserialize)]
struct Attributes<'a> {
    #[serde(default, deserialize_with = "or_default")]
    or_custom_conditions: Map<String, Value>,
    #[serde(default, deserialize_with = "or_default")]
    and_custom_conditions: Map<String, Value>,
    #[serde(default)]
    task_name: Value,
    #[serde(default)]
    dependency_tasks: Value,
    #[serde(borrow, default, rename = "_dependency_map")]
    dependency_map: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "_metadata")]
    metadata: Option<Object<'a>>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    internal_id: Option<String>,
    #[serde(default)]
    work_name: Value,
    #[serde(default)]
    task_name: Value,
}

#[derive(Deserialize)]
struct Job {
    #[serde(default, deserialize_with = "or_default")]
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    #[serde(default)]
    task: Option<String>,
}

#[derive(Deserialize)]
struct Collections<'a> {
    #[serde(
        borrow,
        default,
        rename = "_collections",
        deserialize_with = "or_default"
    )]
    collections: HashMap<String, Object<'a>>,
    #[serde(default, rename = "_primary_input_collection")]
    input: Option<String>,
    #[serde(default, rename = "_primary_output_collection")]
    output: Option<String>,
}

#[derive(Deserialize)]
struct Collection {
    #[serde(default)]
    scope: Value,
    #[serde(default)]
    name: Value,
}

impl<'a> Asked<'a> {
    pub(super) fn of(id: &str, template: &Template<'_>, needs: &'a Needs) -> Self {
        fn names<'a>(
            links: Option<&Vec<String>>,
            of: &'a HashMap<String, Vec<String>>,
        ) -> HashSet<&'a str> {
            let links = links.into_iter().flatten();
            let names = links.filter_map(|link| of.get(link)).flatten();
            names.map(String::as_str).collect()
        }
        Self {
            sources: names(template.parameter_links_source.get(id), &needs.sources),
            destinations: names(
                template.parameter_links_destination.get(id),
                &needs.destinations,
            ),
            globals: Some(&needs.globals),
        }
    }
}

pub(super) fn read(
    id: &str,
    object: &Object<'_>,
    asked: &Asked<'_>,
) -> Result<(StepDef, Head), Unreadable> {
    let attributes: Attributes<'_> = parse(object.attributes)?;
    let metadata: Metadata = match &attributes.metadata {
        Some(metadata) => parse(metadata.attributes).map_err(|error| error.within("_metadata"))?,
        None => Metadata::default(),
    };
    let task_name = match (&attributes.task_name, &metadata.task_name) {
        (Value::String(name), _) | (_, Value::String(name)) => Some(name.clone()),
        _ => None,
    };
    let ancestors = ancestors(object, &attributes)?;
    let id = match (id, &metadata.internal_id) {
        ("build_work", Some(own)) => own.clone(),
        _ => id.to_owned(),
    };
    let name = match metadata.work_name {
        Value::String(name) if !name.is_empty() => name,
        _ => id.clone(),
    };
    let step = StepDef {
        id,
        name,
        workflow: None,
        is_added: false,
        parents: Vec::new(),
        unknown_parents: Vec::new(),
        reads: reads(object, attributes, asked)?.map(Box::new),
    };
    Ok((
        step,
        Head {
            task_name,
            ancestors,
        },
    ))
}

/// Returns the names of the tasks whose outputs the jobs of a work wait for.
fn ancestors(object: &Object<'_>, attributes: &Attributes<'_>) -> Result<Vec<String>, Unreadable> {
    if let Value::Array(tasks) = &attributes.dependency_tasks
        && !tasks.is_empty()
    {
        return Ok(tasks
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect());
    }
    let tasks: Vec<String> = match attributes.dependency_map {
        Some(map) if map.get().starts_with('[') => {
            let jobs: Vec<Job> = parse(map).map_err(|error| error.within("dependency_map"))?;
            let all = jobs.into_iter().flat_map(|job| job.dependencies);
            all.filter_map(|one| one.task).collect()
        }
        Some(map) if map.get().starts_with('"') => of_packed(object),
        _ => Vec::new(),
    };
    let mut seen = HashSet::new();
    Ok(tasks
        .into_iter()
        .filter(|task| seen.insert(task.clone()))
        .collect())
}

/// Returns the tasks that a compressed map names. One that is kept elsewhere, or that cannot be unpacked, orders nothing; the latter is told
/// when its work is planned.
fn of_packed(object: &Object<'_>) -> Vec<String> {
    let attributes: Result<Value, _> = serde_json::from_str(object.attributes.get());
    let Ok(attributes) = attributes else {
        return Vec::new();
    };
    let work = json!({ "class": object.class, "module": object.module, "attributes": attributes });
    let execution = wire::decode_work(&work)
        .ok()
        .and_then(|work| work.execution().ok());
    match execution {
        Some(Execution::Programs(programs)) => {
            let after = programs.jobs.into_iter().flat_map(|job| job.after);
            after.map(|(task, _)| task).collect()
        }
        _ => Vec::new(),
    }
}

fn reads(
    object: &Object<'_>,
    attributes: Attributes<'_>,
    asked: &Asked<'_>,
) -> Result<Option<WorkDef>, Unreadable> {
    let mut work = WorkDef {
        any_of: attributes.or_custom_conditions,
        all_of: attributes.and_custom_conditions,
        ..WorkDef::default()
    };
    let globals = asked.globals.into_iter().flatten().map(String::as_str);
    let sources = asked.sources.iter().copied();
    let mut names: HashSet<String> = sources.chain(globals).map(str::to_owned).collect();
    for key in work.any_of.keys().chain(work.all_of.keys()) {
        names.extend([key.clone(), format!("user_{key}")]);
    }
    if names.is_empty() && asked.destinations.is_empty() {
        return Ok(None);
    }
    let own: HashMap<String, &RawValue> = parse(object.attributes)?;
    let metadata: HashMap<String, &RawValue> = match &attributes.metadata {
        Some(metadata) => parse(metadata.attributes)?,
        None => HashMap::new(),
    };
    for name in names {
        let found = own.get(&name).or_else(|| metadata.get(&name));
        if let Some(value) = found.filter(|_| !name.starts_with('_')) {
            let value: Value = parse(value).map_err(|error| error.within(&name))?;
            _ = work.attributes.insert(name, Arc::new(value));
        }
    }
    work.has = asked
        .destinations
        .iter()
        .filter(|name| {
            PROPERTIES.contains(name) || own.contains_key(**name) || metadata.contains_key(**name)
        })
        .map(|name| (*name).to_owned())
        .collect();
    if !asked.sources.is_empty() || !asked.destinations.is_empty() {
        let collections: Collections<'_> = parse(object.attributes)?;
        work.input = collections.named(&collections.input)?;
        work.output = collections.named(&collections.output)?;
    }
    Ok(Some(work))
}

impl Collections<'_> {
    fn named(&self, id: &Option<String>) -> Result<Option<Value>, Unreadable> {
        let found = id.as_ref().and_then(|id| self.collections.get(id));
        let Some(object) = found else { return Ok(None) };
        let collection: Collection =
            parse(object.attributes).map_err(|error| error.within("_collections"))?;
        Ok(Some(
            json!({ "scope": collection.scope, "name": collection.name }),
        ))
    }
}
