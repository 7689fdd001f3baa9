//! Requests without a workflow, made again from what they say.

use idds::workflow::wire::LegacyRequest;
use idds::workflow::{Days, Number, WorkloadId};
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
        let work = works::stage_in(&Object::new("ATLASStageinWork", said))?;
        serde_json::to_string(&with_props(
            LegacyRequest::stage_in(&work)?.workload_id(workload_id),
            props,
        )?)?
    } else {
        for (name, setting) in [
            ("num_points_per_generation", "num_points_per_iteration"),
            ("workdir", "container_workdir"),
        ] {
            let value = said.shift_remove(name);
            said.extend(value.map(|value| (setting.to_owned(), value)));
        }
        let work = works::search(&Object::new("ATLASHPOWork", said))?;
        serde_json::to_string(&with_props(
            LegacyRequest::search(&work)?.workload_id(workload_id),
            props,
        )?)?
    };
    Ok(text)
}

fn with_props<'a>(
    request: LegacyRequest<'a>,
    props: &'a Value,
) -> Result<LegacyRequest<'a>, Failure> {
    let mut request = request
        .priority(to(&props["priority"])?)
        .lifetime(Days::new(to::<Number>(&props["lifetime"])?));
    if let Some(requester) = props["requester"].as_str() {
        request = request.requester(requester);
    }
    if let Some(tag) = props["transform_tag"].as_str() {
        request = request.transform_tag(tag);
    }
    Ok(request)
}
