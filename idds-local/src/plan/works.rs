//! The works of a workflow, as they are stored, by the ids on the way to them.

use idds_workflow::{AnyWork, wire};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{MAX_VALUES, MAX_WORKS};
use crate::engine::flow::Start;
use crate::extent::Extent;
use crate::raw;

/// An object of a Python class on the wire.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Object<T> {
    pub(super) class: String,
    pub(super) module: String,
    pub(super) attributes: T,
}

/// A work or a workflow, whose attributes are not read.
pub(super) type Stored = Object<Box<RawValue>>;

/// The works of a workflow, those of its sub-workflows included. They are read when they are needed.
#[derive(Debug, Default)]
pub(super) struct Works {
    steps: IndexMap<String, Step>,
    build: Option<Box<Stored>>,
}

#[derive(Debug)]
enum Step {
    Work(Stored),
    Workflow(Works),
}

#[derive(Deserialize)]
struct Workflow {
    template: Object<Template>,
}

#[derive(Deserialize)]
struct Template {
    #[serde(rename = "_works")]
    works: IndexMap<String, Stored>,
    #[serde(default)]
    build_work: Option<Stored>,
}

impl Works {
    /// Reads which works a workflow has.
    pub(super) fn read(workflow: &Stored) -> Result<Self, String> {
        let works = Self::inside(workflow, 0)?;
        let count = works.count();
        if count == 0 {
            return Err("the workflow has 0 works: there is nothing to run".to_owned());
        }
        if count > MAX_WORKS {
            return Err(format!(
                "the workflow has {count} works; the embedded server runs at most {MAX_WORKS} in one; submit several workflows"
            ));
        }
        Ok(works)
    }

    fn inside(workflow: &Stored, depth: usize) -> Result<Self, String> {
        if depth > MAX_DEPTH {
            return Err(format!(
                "the workflow has sub-workflows within each other, more than {MAX_DEPTH} deep"
            ));
        }
        let Workflow { template } = serde_json::from_str(workflow.attributes.get())
            .map_err(|error| format!("the workflow cannot be read: {error}"))?;
        let Template { works, build_work } = template.attributes;
        let step = |(id, object): (String, Stored)| {
            Ok(match object.is_workflow() {
                true => (id, Step::Workflow(Self::inside(&object, depth + 1)?)),
                false => (id, Step::Work(object)),
            })
        };
        Ok(Self {
            steps: works.into_iter().map(step).collect::<Result<_, String>>()?,
            build: build_work.map(Box::new),
        })
    }

    /// Returns the class of the first work.
    pub(super) fn first_class(&self) -> Option<&str> {
        self.steps.values().find_map(|step| match step {
            Step::Work(work) => Some(&*work.class),
            Step::Workflow(works) => works.first_class(),
        })
    }

    fn count(&self) -> usize {
        let inside = |step: &Step| match step {
            Step::Work(_) => 1,
            Step::Workflow(works) => works.count(),
        };
        self.steps.values().map(inside).sum::<usize>() + usize::from(self.build.is_some())
    }

    /// Calls a function with each work, its id and its place among all of them, until it fails.
    pub(super) fn each<E>(
        &self,
        visit: &mut impl FnMut(&str, &Stored, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each_from(&mut 0, visit)
    }

    fn each_from<E>(
        &self,
        place: &mut usize,
        visit: &mut impl FnMut(&str, &Stored, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        for (id, step) in &self.steps {
            match step {
                Step::Work(work) => {
                    visit(id, work, *place)?;
                    *place += 1;
                }
                Step::Workflow(works) => works.each_from(place, visit)?,
            }
        }
        if let Some(build) = &self.build {
            visit("build_work", build, *place)?;
            *place += 1;
        }
        Ok(())
    }

    /// Calls a function with each work that is a step, and the ids on the way to it.
    pub(super) fn each_at(&self, at: &str, visit: &mut impl FnMut(&str, &Stored)) {
        for (id, step) in &self.steps {
            let path = format!("{at}{id}");
            match step {
                Step::Work(work) => visit(&path, work),
                Step::Workflow(works) => works.each_at(&format!("{path}/"), visit),
            }
        }
    }

    /// Returns the work that starts, and its place among all of them.
    pub(super) fn find(&self, start: &Start) -> Option<(&Stored, usize)> {
        let (mut works, mut before) = (self, 0);
        let (last, way) = start.path.split_last()?;
        for id in way {
            let at = works.steps.get_index_of(id)?;
            before += works.before(at);
            let (_, Step::Workflow(inner)) = works.steps.get_index(at)? else {
                return None;
            };
            works = inner;
        }
        if start.is_build {
            let build = works.build.as_deref()?;
            return Some((build, before + works.before(works.steps.len())));
        }
        let at = works.steps.get_index_of(last)?;
        match works.steps.get_index(at)? {
            (_, Step::Work(work)) => Some((work, before + works.before(at))),
            _ => None,
        }
    }

    /// Counts the works in front of a step.
    fn before(&self, at: usize) -> usize {
        let inside = |step: &Step| match step {
            Step::Work(_) => 1,
            Step::Workflow(works) => works.count(),
        };
        self.steps.values().take(at).map(inside).sum()
    }
}

/// Most characters of what is said of a work in short.
const MOST_SAID: usize = 60;

/// Deepest sub-workflow.
const MAX_DEPTH: usize = 100;

impl Stored {
    /// Tells whether it is a search.
    pub(super) fn is_search(&self) -> bool {
        (&*self.class, &*self.module) == ("ATLASHPOWork", "idds.atlas.workflowv2.atlashpowork")
    }

    fn is_workflow(&self) -> bool {
        self.module == "idds.workflowv2.workflow"
            && ["Workflow", "SubWorkflow", "LoopWorkflow"].contains(&&*self.class)
    }

    /// Returns what it runs, in a few words: the name of its task, or its program with the arguments.
    pub(super) fn in_short(&self) -> Option<String> {
        let text = |name: &str| match raw::at(self.attributes.get(), &[name]) {
            Some(Value::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        };
        // Other classes have one only because 2.6.21 fails without.
        let has_task = self.class.starts_with("Doma") || self.class.contains("Panda");
        let task = text("task_name").filter(|_| has_task);
        let what = match (task, text("executable"), text("arguments")) {
            (Some(task), ..) => task,
            (None, Some(program), Some(arguments)) => format!("{program} {arguments}"),
            (None, program, _) => program?,
        };
        Some(match what.char_indices().nth(MOST_SAID) {
            None => what,
            Some((end, _)) => format!("{}…", &what[..end]),
        })
    }

    /// Refuses a work that is too large.
    pub(super) fn check_extent(&self) -> Result<(), String> {
        let values = Extent::of(self.attributes.get().as_bytes()).values;
        match values > MAX_VALUES {
            true => Err(format!(
                "it has {values} values; the embedded server reads at most {MAX_VALUES}"
            )),
            false => Ok(()),
        }
    }

    /// Returns the work with what its workflow hands on to this run of it.
    pub(super) fn started(&self, start: &Start) -> Result<Self, String> {
        if start.parameters.is_none() && start.attributes.is_empty() {
            return Ok(self.clone());
        }
        let unreadable = |error| format!("it cannot be read: {error}");
        let mut attributes: Value =
            serde_json::from_str(self.attributes.get()).map_err(unreadable)?;
        let lacks = || "it cannot be read: it has no _metadata".to_owned();
        if let Some(parameters) = &start.parameters {
            let metadata = attributes
                .pointer_mut("/_metadata/attributes")
                .and_then(Value::as_object_mut)
                .ok_or_else(lacks)?;
            metadata.insert("parameters".to_owned(), parameters.clone().into());
        }
        let map = attributes.as_object_mut().ok_or_else(lacks)?;
        for (name, value) in &start.attributes {
            map.insert(name.clone(), (**value).clone());
        }
        let attributes = serde_json::value::to_raw_value(&attributes).map_err(unreadable)?;
        Ok(Self {
            attributes,
            ..self.clone()
        })
    }

    /// Reads the definition of the work.
    pub(super) fn definition(&self) -> Result<AnyWork, String> {
        let value = serde_json::to_value(self).map_err(|error| error.to_string())?;
        wire::decode_work(&value).map_err(|error| format!("it cannot be read: {error}"))
    }

    /// Returns what the transform of this work says about it (JSON).
    pub(super) fn metadata(&self, id: &str, sequence: u64) -> String {
        let [id, class, module] =
            [id, &self.class, &self.module].map(|text| Value::from(text).to_string());
        let attributes = self.attributes.get();
        format!(
            r#"{{"internal_id":{id},"sequence_id":{sequence},"template_work_id":{id},"work":{{"class":{class},"module":{module},"attributes":{attributes}}},"work_name":{id}}}"#
        )
    }
}
