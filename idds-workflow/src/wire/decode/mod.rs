//! What the server returns, read back into a definition and its state.

mod class;
mod condition;
mod error;
mod fields;
mod legacy;
pub(crate) mod name;
mod runs;
mod work;
mod workflow;

use std::cell::Cell;

use serde_json::{Map, Value};

pub(crate) use self::class::{Decoder, Refusal};
pub use self::error::DecodeError;
pub(crate) use self::fields::Fields;
use self::fields::{Budget, Instance};
pub use self::runs::{RunNumber, StepRun};
pub(crate) use self::work::{Side, collection, unused_collections};
use crate::error::Problem;
use crate::wire::zip;
use crate::{AnyWork, InternalId, StepRef, Workflow};

/// Deepest nesting of JSON that is read.
const MAX_DEPTH: usize = 256;

/// Most bytes that all compressed values of one workflow unpack to.
const MAX_UNZIPPED: usize = 64 << 20;

/// A workflow that was sent, and how far the server is with it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decoded {
    /// The definition. Its steps are called `step1`, `step2`, … by their position, since names are not sent.
    pub workflow: Workflow,
    /// Id of the workflow in the request.
    pub id: InternalId,
    /// Name of the workflow, also when it was generated.
    pub name: String,
    /// All steps, also those inside sub-workflows, each after the one that it is in.
    pub steps: Vec<StepInfo>,
    /// Build works, with their ids and what the server has added. That of the workflow is called `build_work`, one inside a
    /// sub-workflow like `step2/build_work`. The server sends no state of them by runs.
    pub build_works: Vec<StepInfo>,
    /// What the builders of this crate would refuse, such as steps that never start.
    pub problems: Vec<Problem>,
}

/// What is known about a step besides its definition.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StepInfo {
    /// The step; one inside a sub-workflow is called like `step2/step1`.
    pub step: StepRef,
    /// Id of the step in the request.
    pub id: InternalId,
    /// State in every run, the latest one last; empty before the server has looked at the request. A sub-workflow has no
    /// state of its own, only its works have.
    pub runs: Vec<StepRun>,
    /// Attributes in which the server keeps its state of a work, where they say anything.
    pub added: Map<String, Value>,
}

impl StepInfo {
    fn new(step: StepRef, id: InternalId) -> Self {
        Self {
            step,
            id,
            runs: Vec::new(),
            added: Map::new(),
        }
    }

    /// Returns the state in the latest run.
    pub fn latest(&self) -> Option<&StepRun> {
        self.runs.last()
    }
}

impl Decoded {
    /// Returns the step of this name, such as `step2/step1`.
    pub fn step(&self, step: &StepRef) -> Option<&StepInfo> {
        self.steps.iter().find(|info| info.step == *step)
    }
}

/// Reads a work of either family, as an object of its own.
///
/// # Errors
///
/// Names the place of what cannot be read, and what a definition of its class cannot have.
pub fn decode_work(value: &Value) -> Result<AnyWork, DecodeError> {
    if fields::is_deeper(value, MAX_DEPTH) {
        return Err(DecodeError::new(
            "",
            format_args!("is nested deeper than {MAX_DEPTH} levels"),
        ));
    }
    let budget = Budget {
        unzipped: Cell::new(MAX_UNZIPPED),
    };
    let decoded = work::work(&Instance::of(value, "", &budget)?)?;
    match decoded.refusal {
        None => Ok(decoded.work),
        Some(refusal) => Err(DecodeError::new("", refusal)),
    }
}

/// Unpacks a value that Python's classes compress; one that is not compressed is returned as it is.
///
/// # Errors
///
/// What cannot be unpacked, and what is beyond the limits of [`decode`].
pub fn unpack(value: Value) -> Result<Value, DecodeError> {
    match value
        .as_str()
        .and_then(|text| zip::unpack(text, MAX_UNZIPPED))
    {
        None => Ok(value),
        Some(Ok((value, _))) => Ok(value),
        Some(Err(message)) => Err(DecodeError::new("", message)),
    }
}

/// Reads a workflow of either family, v2 or v1: one row of the answer to `GET /request` with metadata, the body of a submission, or the object of
/// the workflow itself. Of the body of a request without a workflow, which is for a search or for staging, it reads the workflow that the
/// server makes of it.
///
/// What the client adds for the server is taken away again: the attributes of [`Remedies`](super::Remedies), generated
/// names, and the run numbers of outputs. A work of an unknown class, or one whose values a definition of its class cannot
/// have, is a [`CustomWork`](crate::CustomWork) with its attributes. What the definition says is the same in both families,
/// and so is what is read. The text of an X.509 proxy is never kept.
///
/// The server sorts the keys of its answers, so that steps and the parameters of a space come back in alphabetical order.
///
/// ```
/// use idds_workflow::{Stamp, Work, Workflow, wire};
///
/// let workflow = Workflow::builder().name("demo").work(Work::builder("run.sh").build()?).build()?;
/// let stamp = Stamp::new("2024-03-05T06:07:08Z".parse()?, 1);
/// let body = serde_json::to_value(wire::Submission::new(&workflow, &stamp))?;
/// let decoded = wire::decode(&body)?;
/// assert_eq!(decoded.workflow, workflow);
/// assert!(decoded.steps[0].runs.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Names the place of what cannot be read: objects of other classes, ids that lead nowhere, Python objects among the
/// parameters of a work, nesting of more than 256 levels, and compressed values of more than 64 MiB altogether, or
/// of more than four million.
pub fn decode(value: &Value) -> Result<Decoded, DecodeError> {
    if fields::is_deeper(value, MAX_DEPTH) {
        return Err(DecodeError::new(
            "",
            format_args!("is nested deeper than {MAX_DEPTH} levels"),
        ));
    }
    let budget = Budget {
        unzipped: Cell::new(MAX_UNZIPPED),
    };
    let root = Fields::of(value, "", &budget)?;
    let request = root.fields("request_metadata")?;
    let instance = match &request {
        None => Instance::of(value, "", &budget)?,
        Some(metadata) => {
            let has = |name: &str| metadata.get(name).is_some();
            if !has("workflow")
                && !has("build_workflow")
                && let Some(made) = legacy::workflow(&root, metadata)?
            {
                return decode(&made);
            }
            let workflow = metadata
                .instance("workflow")?
                .map_or_else(|| metadata.instance("build_workflow"), |w| Ok(Some(w)));
            workflow?.ok_or_else(|| metadata.error("workflow", "is missing"))?
        }
    };
    if workflow::class(&instance).is_none() {
        let message = format_args!("{}.{} is no workflow", instance.module, instance.class);
        return Err(DecodeError::new(instance.attributes.at(), message));
    }
    let mut found = workflow::Found::default();
    // A request has a priority, the workflow in it has none.
    let priority = request
        .as_ref()
        .and_then(|_| root.read("priority").ok().flatten());
    let (workflow, ids) = workflow::outermost(&instance, priority, &mut found)?;
    let template = workflow::template(&instance)?;

    // From the first poll on, the server keeps the state in a column of its own.
    let state = root
        .fields("processing_metadata")?
        .map(|metadata| metadata.fields("workflow_data"))
        .transpose()?;
    let outside = RunNumber::none();
    match state.flatten() {
        Some(state) => runs::read(
            state.members("runs")?,
            &outside,
            &ids,
            &root,
            &mut found.steps,
        )?,
        None => {
            let mut runs = instance.attributes.members("runs")?;
            for run in &mut runs {
                let attributes = Instance::of(run.value, &*run.at, &budget)?.attributes;
                let metadata = attributes.get("_metadata");
                run.value = metadata.ok_or_else(|| attributes.error("_metadata", "is missing"))?;
                run.at = attributes.place("_metadata");
            }
            runs::read(runs, &outside, &ids, &root, &mut found.steps)?;
        }
    }
    let name = template.or_default("_name")?;
    let id = template.id("internal_id")?;
    let workflow::Found {
        steps,
        build_works,
        problems,
        ..
    } = found;
    Ok(Decoded {
        workflow,
        id,
        name,
        steps,
        build_works,
        problems,
    })
}
