//! Requests without a workflow, as JEDI makes them: 2.6.21 makes a workflow of one when it arrives.

use idds_workflow::wire::{self, Encoded, Family};
use idds_workflow::{Stamp, Workflow};
use jiff::Timestamp;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Submission, TEXTS};
use crate::raw;

/// Request types that say what is wanted without a workflow: StageIn and HyperParameterOpt.
const TYPES: [i64; 2] = [2, 4];

/// Request type of a workflow, and the tag that the server gives such a request.
const WORKFLOW: (i64, &str) = (0, "workflow");

/// Tells whether requests of this type have no workflow.
pub(crate) fn is_legacy(request_type: i64) -> bool {
    TYPES.contains(&request_type)
}

/// Reads the workflow that such a request stands for.
pub(crate) fn workflow(
    request_type: i64,
    (scope, name): (Option<&str>, Option<&str>),
    workload_id: Option<i64>,
    metadata: &str,
) -> Result<Workflow, String> {
    let metadata: Value = raw::value(metadata).ok_or("request_metadata is too large")?;
    let request = json!({
        "request_type": request_type,
        "scope": scope,
        "name": name,
        "workload_id": workload_id,
        "request_metadata": metadata,
    });
    let decoded = wire::decode(&request).map_err(|error| error.to_string())?;
    match &*decoded.problems {
        [] => Ok(decoded.workflow),
        [problem, ..] => Err(problem.to_string()),
    }
}

impl Submission {
    /// Makes a request with a workflow of one without; one of which none can be made stays as it is, and fails with the reason.
    ///
    /// The classes are those of the older family, as the server makes them.
    pub(super) fn converted(mut self) -> Self {
        if !is_legacy(self.request_type) {
            return self;
        }
        let (scope, name) = (self.place("scope"), self.place("name"));
        let texts = (self.texts[scope].as_deref(), self.texts[name].as_deref());
        let metadata = self.metadata.get();
        let Ok(workflow) = workflow(self.request_type, texts, self.workload_id, metadata) else {
            return self;
        };
        let mut seed = [0; 8];
        if getrandom::fill(&mut seed).is_err() {
            return self;
        }
        let stamp = Stamp::new(Timestamp::now(), u64::from_le_bytes(seed));
        let encoded = Encoded::new(&workflow, &stamp).family(Family::V1);
        let made = json!({ "workload_id": self.workload_id, "workflow": encoded });
        let Ok(metadata) = RawValue::from_string(made.to_string()) else {
            return self;
        };
        if let Some((input_scope, input_name)) = input(&made) {
            self.texts[scope] = Some(input_scope);
            self.texts[name] = Some(input_name);
        }
        let (request_type, tag) = WORKFLOW;
        let tag_at = self.place("transform_tag");
        self.texts[tag_at] = Some(tag.to_owned());
        Self {
            request_type,
            status: 0,
            metadata,
            ..self
        }
    }

    fn place(&self, column: &str) -> usize {
        let place = TEXTS.iter().position(|(name, _)| *name == column);
        place.expect("a column of this name")
    }
}

/// Returns scope and name of the input of the only work.
fn input(made: &Value) -> Option<(String, String)> {
    let works = made.pointer("/workflow/attributes/template/attributes/_works")?;
    let work = works.as_object()?.values().next()?.get("attributes")?;
    let id = work.get("_primary_input_collection")?.as_str()?;
    let collection = work.get("_collections")?.get(id)?.get("attributes")?;
    let text = |name: &str| collection.get(name)?.as_str().map(str::to_owned);
    Some((text("scope")?, text("name")?))
}
