//! From the metadata of a request to what the server will do with it.

mod data;
mod family;
mod inputs;
mod program;
mod search;
mod works;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use idds_sampler::Trial;
use idds_workflow::python_json;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

pub(crate) use self::inputs::When;
use self::program::Waits;
use self::search::HpoWork;
use self::works::{Object, Stored, Works};
use crate::engine::flow::{Definition, Start};
use crate::engine::jobs::container;
use crate::extent::Extent;
use crate::identity::Rules;
use crate::raw;
use crate::state::{self, Run};
use crate::storage::Storage;
use crate::store::jobs::NewJob;
use crate::submission::legacy;

/// Bytes of points that are made at once.
pub(crate) const SLICE: u64 = 4 << 20;

/// Most works of a workflow.
const MAX_WORKS: usize = 10_000;

/// Most values of a work, and of a workflow of several.
const MAX_VALUES: usize = 1_000_000;

/// Request type of a workflow.
pub(crate) const WORKFLOW: i64 = 0;

/// A workflow that can be run here. Its works are read when they are needed.
#[derive(Debug)]
pub(crate) struct Plan {
    works: Works,
    seed: u64,
    terms: Terms,
}

/// What a server runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// Whose defects it plays.
    pub(crate) rules: Rules,
    /// Whether it starts programs.
    pub(crate) has_programs: bool,
    /// Storage elements between which it copies files.
    pub(crate) storage: Option<Arc<Storage>>,
    /// Whether it follows rules of Rucio.
    pub(crate) has_rucio: bool,
}

/// A work that begins.
#[derive(Debug)]
pub(crate) struct Work {
    /// Id of the work in its workflow.
    pub(crate) id: String,
    /// Name of the work.
    pub(crate) name: String,
    /// Name of the collection it reads.
    pub(crate) input: CollectionName,
    /// Name of the collection its points or outputs are in.
    pub(crate) output: CollectionName,
    /// What the transform says about the work (JSON).
    pub(crate) metadata: String,
    /// What becomes of it.
    pub(crate) run: Run,
    /// Points known before a search begins.
    pub(crate) initial: Vec<Trial>,
    /// By which jobs of other works wait for those of this one.
    pub(crate) task: String,
    /// Its jobs.
    pub(crate) jobs: Vec<NewJob>,
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
struct Metadata<'a> {
    #[serde(borrow)]
    workflow: Option<&'a RawValue>,
}

/// The collections of a work.
#[derive(Deserialize)]
struct Collections {
    #[serde(default, rename = "_collections")]
    collections: IndexMap<String, Object<CollectionName>>,
    #[serde(default, rename = "_primary_input_collection")]
    input: Option<String>,
    #[serde(default, rename = "_primary_output_collection")]
    output: Option<String>,
}

/// Returns what the work of a transform runs, in a few words, of what the transform says about it (JSON).
pub(crate) fn in_short(metadata: &str) -> Option<String> {
    let work: Stored = serde_json::from_str(raw::member(metadata, "work")?).ok()?;
    work.in_short()
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
    /// Reads what a request asks for and in which order, or says why it cannot be run here and what can.
    ///
    /// `seed` is the seed of the request; every search has its own.
    pub(crate) fn read(
        request_type: i64,
        metadata: &str,
        seed: u64,
        terms: Terms,
    ) -> Result<(Self, Definition), String> {
        if legacy::is_legacy(request_type) {
            // It would have been made a workflow when it came.
            let made = legacy::workflow(request_type, (None, None), None, metadata);
            let why = made.err().unwrap_or_default();
            return Err(format!("no workflow can be made of the request: {why}"));
        }
        if request_type != WORKFLOW {
            return Err(format!(
                "the embedded server runs no request of type {request_type}; submit a workflow, request type {WORKFLOW}"
            ));
        }
        let undecodable = |error| format!("the workflow cannot be read: {error}");
        let metadata: Metadata<'_> = serde_json::from_str(metadata).map_err(undecodable)?;
        let text = metadata
            .workflow
            .ok_or("request_metadata has no workflow")?
            .get();
        let mut text = Cow::Borrowed(text);
        let mut workflow: Stored = serde_json::from_str(&text).map_err(undecodable)?;
        let is_v1 = family::is_v1(&workflow);
        if is_v1 {
            workflow = family::as_v2(&workflow)?;
            text = Cow::Owned(serde_json::to_string(&workflow).map_err(undecodable)?);
        }
        if !workflow.module.starts_with("idds.workflowv2.") {
            return Err(format!(
                "the embedded server runs no workflow of module {}; use idds.workflowv2.workflow",
                workflow.module
            ));
        }
        let works = Works::read(&workflow)?;
        if is_v1 && terms.rules == Rules::V2_6_21 {
            return Err(works
                .first_class()
                .map_or_else(String::new, family::failure));
        }
        works.each(&mut |id, work, _| {
            let too_large = |message| format!("work {id}: {message}");
            work.check_extent().map_err(too_large)
        })?;
        let values = Extent::of(workflow.attributes.get().as_bytes()).values;
        if values > MAX_VALUES {
            return Err(format!(
                "the workflow has {values} values; the embedded server reads at most {MAX_VALUES}; submit several workflows"
            ));
        }
        // It may be many megabytes, and is in its works, too.
        drop(workflow);
        let definition = Definition::read(&text)
            .map_err(|error| format!("the workflow cannot be read: {error}"))?;
        let plan = Self { works, seed, terms };
        Ok((plan, definition))
    }

    /// Reads all works, and says what is wrong with the first that cannot be run.
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut waits = Waits::default();
        self.works.each(&mut |id, work, place| {
            check_class(id, work, &self.terms)?;
            let about_work = |message: String| format!("work {id}: {message}");
            if work.is_search() || self.terms.rules == Rules::V2_6_21 {
                let (run, _) = self.search(id, work, place)?;
                return self.check_run(&run).map_err(about_work);
            }
            let planned = self.planned(work, When::Ahead).map_err(about_work)?;
            self.check_run(&planned.run).map_err(about_work)?;
            waits.add(id, planned);
            Ok(())
        })?;
        waits.check()
    }

    /// Says what this machine lacks to run the programs of a work.
    fn check_run(&self, run: &Run) -> Result<(), String> {
        let programs = match run {
            Run::Programs(programs) => programs,
            Run::Steered(_) if !self.terms.has_programs => {
                return Err(
                    "its points come from a program, and this server starts none; `idds run` does, and `idds serve --programs`"
                        .to_owned(),
                );
            }
            Run::Steered(steered) => &steered.programs,
            _ => return Ok(()),
        };
        match &programs.image {
            Some(image) => container(image)
                .find_engine()
                .map(drop)
                .map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }

    /// Reads the work that starts, or will start.
    pub(crate) fn work(&self, start: &Start, when: When) -> Result<Work, String> {
        let id = start.path.last().map_or("", String::as_str);
        let about_work = |message: String| format!("work {id}: {message}");
        let (stored, place) = self
            .works
            .find(start)
            .ok_or_else(|| about_work("the workflow has no such work".to_owned()))?;
        check_class(id, stored, &self.terms)?;
        let stored = stored.started(start).map_err(about_work)?;
        let mut work = if stored.is_search() || self.terms.rules == Rules::V2_6_21 {
            let place = place + self.works_of_rounds(start);
            let (run, initial) = self.search(id, &stored, place)?;
            Work::new(id, run, initial)
        } else {
            let planned = self.planned(&stored, when).map_err(about_work)?;
            Work {
                task: planned.task,
                jobs: planned.jobs,
                ..Work::new(id, planned.run, Vec::new())
            }
        };
        work.metadata = stored.metadata(id, start.sequence + 1);
        work.read_collections(&stored, &start.suffix);
        Ok(work)
    }

    /// Returns what each work runs, in a few words, by the ids on the way to it: the name of its task, or its program.
    pub(crate) fn in_short(&self) -> HashMap<String, String> {
        let mut short = HashMap::new();
        self.works.each_at("", &mut |path, work| {
            if let Some(what) = work.in_short() {
                short.insert(path.to_owned(), what);
            }
        });
        short
    }

    /// Plans a work that is no search.
    fn planned(&self, work: &Stored, when: When) -> Result<program::Planned, String> {
        work.check_extent()?;
        program::plan(&work.definition()?, &self.terms, when)
    }

    /// Returns how many files the dataset has that a work moves, as far as that is known now.
    pub(crate) fn files(&self, work: &Work) -> Option<usize> {
        let Run::Copy(copying) = &work.run else {
            return None;
        };
        let did = (copying.scope.as_str(), copying.name.as_str());
        let storage = self.terms.storage.as_deref()?;
        let files = storage.files(did, copying.from.as_deref(), &copying.to);
        files.ok().map(|files| files.len())
    }

    /// Returns what tells searches in the rounds of loops apart: 0 in the first round of all.
    fn works_of_rounds(&self, start: &Start) -> usize {
        let rounds = start.rounds.iter().fold(0_usize, |all, round| {
            let later = round.saturating_sub(1) as usize;
            all.wrapping_mul(1009).wrapping_add(later)
        });
        rounds.wrapping_mul(MAX_WORKS)
    }

    /// Reads a search, or a work that fails or hangs by the rules of 2.6.21.
    fn search(&self, id: &str, work: &Stored, place: usize) -> Result<(Run, Vec<Trial>), String> {
        let about_work = |message: String| format!("work {id}: {message}");
        work.check_extent().map_err(about_work)?;
        if !work.is_search() {
            let run = Fate::of(&work.class).run().unwrap_or(Run::Hangs);
            return Ok((run, Vec::new()));
        }
        let has_task_name = raw::member(work.attributes.get(), "task_name").is_some();
        let read: HpoWork = python_json::read(work.attributes.get().as_bytes())
            .map_err(|error| about_work(about(&error)))?;
        let seed = state::work_seed(self.seed, place as u64);
        match self.terms.rules {
            Rules::Own => read.plan(seed).map_err(about_work),
            // What follows is no advice of this server but what 2.6.21 writes.
            Rules::V2_6_21 if !has_task_name => {
                Err("'ATLASHPOWork' object has no attribute 'task_name'".to_owned())
            }
            Rules::V2_6_21 => read.plan_as_2_6_21(seed).map_err(about_work),
        }
    }
}

/// Refuses a work that nothing becomes of here.
fn check_class(id: &str, work: &Stored, terms: &Terms) -> Result<(), String> {
    let fate = Fate::of(&work.class);
    match terms.rules {
        _ if work.is_search() => Ok(()),
        Rules::V2_6_21 if fate.run().is_some() => Ok(()),
        // Works that move data, which hang on 2.6.21.
        Rules::Own if fate == Fate::Hangs && (terms.storage.is_some() || terms.has_rucio) => Ok(()),
        Rules::Own if fate == Fate::Hangs => Err(format!(
            "work {id} is a {} of {}: {}",
            work.class,
            work.module,
            data::NOBODY
        )),
        Rules::Own if terms.has_programs => Ok(()),
        Rules::Own => Err(format!(
            "work {id} is a {} of {}, and this server starts no programs; `idds run` does, and `idds serve --programs`",
            work.class, work.module
        )),
        Rules::V2_6_21 => Err(format!(
            "work {id} is a {} of {}; as 2.6.21, the embedded server runs ATLASHPOWork of idds.atlas.workflowv2.atlashpowork; {}",
            work.class,
            work.module,
            fate.advice()
        )),
    }
}

impl Work {
    fn new(id: &str, run: Run, initial: Vec<Trial>) -> Self {
        Self {
            id: id.to_owned(),
            name: id.to_owned(),
            input: CollectionName::default(),
            output: CollectionName::default(),
            metadata: String::new(),
            run,
            initial,
            task: String::new(),
            jobs: Vec::new(),
        }
    }

    /// Reads the names of collections, to whose output the server appends something, and that of the work.
    fn read_collections(&mut self, work: &Stored, suffix: &str) {
        let text = work.attributes.get();
        if let Some(Value::String(name)) = raw::at(text, &["_metadata", "attributes", "work_name"])
            && !name.is_empty()
        {
            self.name = name;
        }
        let Ok(mut read) = serde_json::from_str::<Collections>(text) else {
            return;
        };
        let mut collection = |id: Option<String>| {
            let found = read.collections.shift_remove(&id?)?;
            Some(found.attributes)
        };
        self.input = collection(read.input).unwrap_or_default();
        let output = collection(read.output).unwrap_or_default();
        self.output = CollectionName {
            name: output.name.map(|name| format!("{name}{suffix}")),
            ..output
        };
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

#[cfg(test)]
mod tests;
