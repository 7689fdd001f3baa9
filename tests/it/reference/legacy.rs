//! Requests without a workflow, made again from what they say.

use idds::workflow::WorkloadId;
use idds::workflow::wire::LegacyRequest;
use serde_json::{Map, Value, json};

use super::program::Object;
use super::{Failure, to, works};

/// Builds the work that a request is about, and encodes the request.
pub(super) fn request(props: &Value) -> Result<String, Failure> {
    let mut said: Map<String, Value> = to(&props["request_metadata"])?;
    let workload_id: WorkloadId = to(&said.shift_remove("workload_id").ok_or("no task")?)?;
    let text = if props["request_type"]["$enum"][1] == "StageIn" {
        let input = json!({ "scope": props["scope"], "name": props["name"] });
        said.insert("primary_input_collection".to_owned(), input.clone());
        said.insert("output_collections".to_owned(), input);
        let work = works::stage_in(&Object { settings: said, ..Object::default() })?;
        serde_json::to_string(&LegacyRequest::stage_in(&work)?.workload_id(workload_id))?
    } else {
        for (name, setting) in
            [("num_points_per_generation", "num_points_per_iteration"), ("workdir", "container_workdir")]
        {
            let value = said.shift_remove(name);
            said.extend(value.map(|value| (setting.to_owned(), value)));
        }
        let work = works::search(&Object { settings: said, ..Object::default() })?;
        serde_json::to_string(&LegacyRequest::search(&work)?.workload_id(workload_id))?
    };
    Ok(text)
}
