//! The jobs of a task, and what they wait for.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{Literal, NullableText};

/// A job of a task: an entry of its dependency map.
///
/// ```
/// use idds_workflow::{Dependency, Job};
///
/// let job = Job::new("merge_00").order_id(0).after(Dependency::new("simulate", "simulate_00"));
/// assert_eq!(job.dependencies().len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a job does nothing before it is added to a task"]
pub struct Job {
    name: String,
    order_id: Option<Literal>,
    group: Option<NullableText>,
    submitted: Option<Option<bool>>,
    dependencies: Vec<Dependency>,
    attributes: Map<String, Value>,
}

/// The output of a job that another job waits for.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a dependency does nothing before it is added to a job"]
pub struct Dependency {
    task: String,
    job: String,
    available: Option<bool>,
}

impl Job {
    /// Keys of an entry that have a setter of their own, or that are derived.
    pub(crate) const KEYS: [&'static str; 8] = [
        "name",
        "order_id",
        "groups",
        "submitted",
        "dependencies",
        "map_id",
        "sub_map_id",
        "es_name",
    ];

    /// Makes a job of this name, which is the name of its output, too.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            order_id: None,
            group: None,
            submitted: None,
            dependencies: Vec::new(),
            attributes: Map::new(),
        }
    }

    /// Sets the number of the job in its task. Event service needs it.
    pub fn order_id(mut self, order_id: impl Into<Literal>) -> Self {
        self.order_id = Some(order_id.into());
        self
    }

    /// Sets the group that the job shares event-service files with.
    pub fn group(mut self, group: impl Into<NullableText>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Tells whether the job has been submitted; [`DomaLSSTWork`](crate::DomaLSSTWork) needs it.
    pub fn submitted(mut self, is_submitted: impl Into<Option<bool>>) -> Self {
        self.submitted = Some(is_submitted.into());
        self
    }

    /// Adds something that the job waits for.
    pub fn after(mut self, dependency: Dependency) -> Self {
        self.dependencies.push(dependency);
        self
    }

    /// Adds a value of the user's own. The server keeps it with the job.
    pub fn attribute(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.attributes.insert(key.into(), value.into());
        self
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the number of the job in its task, when set.
    pub fn order(&self) -> Option<&Literal> {
        self.order_id.as_ref()
    }

    /// Returns the group that the job shares event-service files with, when set.
    pub fn group_name(&self) -> Option<&str> {
        self.group.as_ref().and_then(NullableText::as_text)
    }

    /// Returns the group as it was given.
    pub(crate) fn given_group(&self) -> Option<&NullableText> {
        self.group.as_ref()
    }

    /// Returns whether the job has been submitted, as it was given.
    pub(crate) fn given_submitted(&self) -> Option<Option<bool>> {
        self.submitted
    }

    /// Tells whether the job has been submitted, when set.
    pub fn is_submitted(&self) -> Option<bool> {
        self.submitted.flatten()
    }

    /// Returns what the job waits for.
    pub fn dependencies(&self) -> &[Dependency] {
        &self.dependencies
    }

    /// Tells whether the job waits for anything.
    pub(crate) fn has_dependencies(&self) -> bool {
        !self.dependencies.is_empty()
    }

    /// Returns the values of the user's own.
    pub fn attributes(&self) -> &Map<String, Value> {
        &self.attributes
    }

    /// Writes what every entry of a dependency map has.
    pub(crate) fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("name", &self.name)?;
        if let Some(order_id) = &self.order_id {
            map.serialize_entry("order_id", order_id)?;
        }
        if let Some(group) = &self.group {
            map.serialize_entry("groups", group)?;
        }
        if let Some(submitted) = self.submitted {
            map.serialize_entry("submitted", &submitted)?;
        }
        map.serialize_entry("dependencies", &self.dependencies)?;
        for (key, value) in &self.attributes {
            map.serialize_entry(key, value)?;
        }
        Ok(())
    }
}

/// Writes the entry as it stands in a dependency map.
impl Serialize for Job {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.write(&mut map)?;
        map.end()
    }
}

impl Dependency {
    /// Waits for the output of a job of a task, which may be the job's own task.
    pub fn new(task: impl Into<String>, job: impl Into<String>) -> Self {
        Self {
            task: task.into(),
            job: job.into(),
            available: Some(false),
        }
    }

    /// Tells whether the output is there already; it is not by default. `None` leaves the key out, as most Python programs do.
    ///
    /// [`DomaPanDAWork`](crate::DomaPanDAWork) never looks at it; [`DomaLSSTWork`](crate::DomaLSSTWork) fails without it.
    pub fn available(mut self, is_available: impl Into<Option<bool>>) -> Self {
        self.available = is_available.into();
        self
    }

    /// Returns the name of the task.
    pub fn task(&self) -> &str {
        &self.task
    }

    /// Returns the name of the job, `inputname` on the wire.
    pub fn job(&self) -> &str {
        &self.job
    }

    /// Tells whether the output is said to be there already.
    pub fn is_available(&self) -> bool {
        self.available == Some(true)
    }

    /// Returns whether the output is there already, as it is sent.
    pub(crate) fn given_available(&self) -> Option<bool> {
        self.available
    }
}

/// Writes the dependency as it stands in a dependency map.
impl Serialize for Dependency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("task", &self.task)?;
        map.serialize_entry("inputname", &self.job)?;
        if let Some(available) = self.available {
            map.serialize_entry("available", &available)?;
        }
        map.end()
    }
}
