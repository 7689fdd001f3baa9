//! Requests without a workflow, as JEDI makes them: the workflow that the server makes of one.

use serde_json::{Map, Value, json};

use super::DecodeError;
use super::fields::Fields;
use crate::RequestType;
use crate::wire::Member;

/// Seconds that staging may take when the request does not say.
const MAX_WAITING_TIME: u64 = 7 * 24 * 3600;

/// Points of one generation when the request does not say; what JEDI says of them, the server does not read.
const POINTS: u64 = 10;

/// Makes the workflow of such a request, in the wire form; none when it is no such request.
pub(super) fn workflow(
    request: &Fields<'_>,
    metadata: &Fields<'_>,
) -> Result<Option<Value>, DecodeError> {
    let work = match request.get("request_type").map(request_type) {
        Some(Some(RequestType::HyperParameterOpt)) => search(metadata),
        Some(Some(RequestType::StageIn)) => staging(request, metadata)?,
        _ => return Ok(None),
    };
    let workload_id = [request, metadata]
        .into_iter()
        .find_map(|fields| fields.get("workload_id"))
        .filter(|id| **id != 0 && **id != "");
    let template = json!({
        "_works": { ID: work },
        "_metadata": object("DictMetadata", "idds.common.dict_class", &json!({ "workload_id": workload_id })),
        "internal_id": "00000000",
        "_name": request.get("name").map_or("", |name| name.as_str().unwrap_or_default()),
    });
    let template = object("WorkflowBase", "idds.workflowv2.workflow", &template);
    let workflow = object(
        "Workflow",
        "idds.workflowv2.workflow",
        &json!({ "template": template }),
    );
    Ok(Some(
        json!({ "request_metadata": { "workflow": workflow } }),
    ))
}

/// Id of the work.
const ID: &str = "00000001";

/// Reads the type, which is a number or an object of Python's.
fn request_type(value: &Value) -> Option<RequestType> {
    match value.as_i64() {
        Some(number) => Some(RequestType::from_code(number)),
        None => serde_json::from_value::<Member<RequestType>>(value.clone())
            .ok()
            .map(|Member(kind)| kind),
    }
}

fn search(metadata: &Fields<'_>) -> Value {
    let mut attributes = Map::new();
    let names = [
        "executable",
        "arguments",
        "sandbox",
        "method",
        "output_json",
        "opt_space",
        "initial_points",
        "max_points",
        "workload_id",
    ];
    for name in names {
        attributes.insert(name.to_owned(), taken(metadata, name));
    }
    attributes.insert("container_workdir".to_owned(), taken(metadata, "workdir"));
    let points = metadata.get("num_points_per_iteration");
    let points = points.cloned().unwrap_or(POINTS.into());
    attributes.insert("num_points_per_iteration".to_owned(), points);
    let parameters = taken(metadata, "parameters");
    work(
        "ATLASHPOWork",
        "idds.atlas.workflowv2.atlashpowork",
        attributes,
        &parameters,
    )
}

fn staging(request: &Fields<'_>, metadata: &Fields<'_>) -> Result<Value, DecodeError> {
    let (scope, name): (String, String) = (request.required("scope")?, request.required("name")?);
    let mut attributes = Map::new();
    for name in ["src_rse", "dest_rse", "rule_id"] {
        attributes.insert(name.to_owned(), taken(metadata, name));
    }
    let waiting = metadata.get("max_waiting_time");
    let waiting = waiting.cloned().unwrap_or(MAX_WAITING_TIME.into());
    attributes.insert("life_time".to_owned(), waiting.clone());
    attributes.insert("max_waiting_time".to_owned(), waiting);
    let collection = |id: &str, name: &str| {
        let metadata = json!({ "internal_id": id, "coll_type": 1 });
        let metadata = object("DictMetadata", "idds.common.dict_class", &metadata);
        let attributes = json!({ "_metadata": metadata, "scope": scope, "name": name });
        object("Collection", "idds.workflowv2.work", &attributes)
    };
    // The server takes the input for the output; its run number is appended there, as to every output.
    let collections = json!({
        "00000002": collection("00000002", &name),
        "00000003": collection("00000003", &format!("{name}.0")),
    });
    attributes.insert("_collections".to_owned(), collections);
    attributes.insert("_primary_input_collection".to_owned(), "00000002".into());
    attributes.insert("_primary_output_collection".to_owned(), "00000003".into());
    let module = "idds.atlas.workflowv2.atlasstageinwork";
    Ok(work("ATLASStageinWork", module, attributes, &Value::Null))
}

fn work(
    class: &str,
    module: &str,
    mut attributes: Map<String, Value>,
    parameters: &Value,
) -> Value {
    let metadata = json!({ "internal_id": ID, "work_name": ID, "parameters": parameters });
    let metadata = object("DictMetadata", "idds.common.dict_class", &metadata);
    attributes.insert("_metadata".to_owned(), metadata);
    attributes.insert("exec_type".to_owned(), "local".into());
    object(class, module, &attributes.into())
}

fn taken(metadata: &Fields<'_>, name: &str) -> Value {
    metadata.get(name).cloned().unwrap_or_default()
}

fn object(class: &str, module: &str, attributes: &Value) -> Value {
    json!({ "class": class, "module": module, "attributes": attributes })
}
