//! `/workflow_task`: tasks for PanDA, which are written down and end as Failed, since there is no PanDA here.

use axum::Router;
use axum::extract::State;
use axum::routing::{post, put};
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::{Segments, Service};
use crate::answer::{Answer, Failure};
use crate::column::{self, python_type};
use crate::enumeration::PROCESSING_STATUS;
use crate::nesting::Shallow;
use crate::payload::Payload;
use crate::plan::CollectionName;
use crate::python;
use crate::state::Stage;
use crate::store::requests;
use crate::store::transforms::{self, NewTransform};
use crate::submission::{Submission, TEXTS};
use crate::target::Target;
use crate::view::catalog::Side;

/// Number of the request type of tasks: iWorkflow.
const REQUEST_TYPE: i64 = 6;

/// Number of the transform type of tasks: iWork.
const TRANSFORM_TYPE: i64 = 10;

/// Texts that a task has when it does not say.
const DEFAULTS: [(&str, &str); 5] = [
    ("requester", "iDDS"),
    ("username", "iDDS"),
    ("transform_tag", "EIC"),
    ("cloud", "US"),
    ("campaign", "EIC"),
];

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/workflow_task", post(create))
        .route(
            "/workflow_task/{request}/{transform}/{workload}/adjust",
            put(adjust),
        )
        .route("/workflow_task/{request}/close", put(close))
        .route(
            "/workflow_task/{request}/{workload}/close",
            put(close_with_workload),
        )
}

async fn create(State(service): State<Service>, payload: Payload) -> Result<Answer, Failure> {
    let bad = |details: &str| {
        Failure::bad_request(format!("Bad request exception.: {{}}\nDetails: {details}"))
    };
    let body = payload
        .json()?
        .map_err(|_| undecodable())?
        .filter(is_truthy);
    let body = body.ok_or_else(|| bad("Request body must not be empty"))?;
    let Value::Object(mut body) = body else {
        return Err(undecodable());
    };
    let workflow = body.shift_remove("workflow").filter(is_truthy);
    let workflow = workflow.ok_or_else(|| bad("'workflow' key is required in the request body"))?;
    let Value::Object(workflow) = workflow else {
        return Err(Failure::core(format!(
            "'{}' object has no attribute 'get'",
            python_type(&workflow)
        )));
    };
    let (submission, transform) = task(&workflow)?;
    let wake = service.wake;
    let insert = move |connection: &mut Connection| {
        let now = Timestamp::now().as_second();
        let transaction = connection.transaction()?;
        let [scope, name] = [0, 1].map(|place| submission.texts[place].as_deref());
        let request = match requests::by_scope_and_name(&transaction, scope, name)? {
            Some(request) => request,
            None => requests::insert(&transaction, &submission, now, None)?,
        };
        let number = transforms::insert(
            &transaction,
            &NewTransform {
                request_id: request,
                ..transform
            },
            now,
        )?;
        transaction.commit()?;
        wake.notify_one();
        Ok((request, number))
    };
    let (request, transform) = service.store.call(insert).await?;
    Ok(Answer::new(json!({
        "request_id": request,
        "transform_id": transform,
        "processing_id": transform,
        "input_coll_id": Side::Input.id(transform),
        "output_coll_id": Side::Output.id(transform),
        "workload_id": null,
    })))
}

/// Reads a task: its request, unless there is one of this name already, and its transform.
fn task(workflow: &Map<String, Value>) -> Result<(Submission, NewTransform), Failure> {
    let mut texts = TEXTS.map(|_| None);
    for (text, (name, max)) in texts.iter_mut().zip(TEXTS) {
        let default = DEFAULTS
            .iter()
            .find(|default| default.0 == name)
            .map(|default| default.1.into());
        let is_taken = !["userdn", "site", "queue"].contains(&name);
        let given = workflow.get(name).filter(|_| is_taken).cloned().or(default);
        *text = column::text(given.unwrap_or_default(), max)?;
    }
    let none = Map::new();
    let content = workflow
        .get("content")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    let get = |name: &str| content.get(name).cloned().unwrap_or_default();
    let metadata = json!({
        "core_count": get("core_count"),
        "worker_count": get("target_worker_count"),
        "memory_per_core": get("memory_per_core"),
        "site": get("site"),
        "panda_attributes": content.get("panda_attributes").cloned().unwrap_or_else(|| json!({})),
        "run_id": get("run_id"),
        "workflow_content": content,
    });
    let metadata = metadata.to_string();
    serde_json::from_str::<Shallow>(&metadata).map_err(|error| Failure::core(error.to_string()))?;
    let collection = CollectionName {
        scope: texts[0].clone(),
        name: texts[1].clone(),
    };
    let transform = NewTransform {
        transform_tag: texts[TEXTS
            .iter()
            .position(|text| text.0 == "transform_tag")
            .unwrap_or(0)]
        .clone(),
        name: texts[1].clone(),
        processing_status: Some(Stage::New.processing()),
        run_id: column::text(get("run_id"), 100)?,
        input: collection.clone(),
        output: collection,
        metadata,
        ..NewTransform::new(0, TRANSFORM_TYPE)
    };
    let submission = Submission {
        texts,
        request_type: REQUEST_TYPE,
        status: Stage::Transforming.code(),
        priority: 0,
        workload_id: None,
        lifetime: None,
        most: None,
        metadata: RawValue::NULL.to_owned(),
    };
    Ok((submission, transform))
}

async fn adjust(
    State(service): State<Service>,
    Segments((_, transform, _)): Segments<(String, String, String)>,
    payload: Payload,
) -> Result<Answer, Failure> {
    let parameters = parameters(&payload)?.unwrap_or_else(|| json!({}));
    let Value::Object(parameters) = parameters else {
        return Err(Failure::core(format!(
            "'{}' object has no attribute 'get'",
            python_type(&parameters)
        )));
    };
    let wanted = ["core_count", "memory_per_core", "site"];
    let adjusted: Map<_, _> = parameters
        .into_iter()
        .filter(|(name, value)| wanted.contains(&name.as_str()) && !value.is_null())
        .collect();
    let id = match transform.as_str() {
        "null" => None,
        text => {
            Some(python::column_integer(text, 64).map_err(|details| Failure::database(&details))?)
        }
    };
    if let Some(id) = id.filter(|_| !adjusted.is_empty()) {
        let now = Timestamp::now().as_second();
        let set = move |connection: &mut Connection| {
            transforms::set_metadata(connection, id, &adjusted.into(), now)
        };
        service.store.call(set).await?;
    }
    Ok(Answer::new(
        json!({ "status": 0, "message": "adjusted successfully" }),
    ))
}

async fn close(
    service: State<Service>,
    Segments(request): Segments<String>,
    payload: Payload,
) -> Result<Answer, Failure> {
    close_with_workload(service, Segments((request, "null".to_owned())), payload).await
}

async fn close_with_workload(
    State(service): State<Service>,
    Segments((request, workload)): Segments<(String, String)>,
    payload: Payload,
) -> Result<Answer, Failure> {
    let parameters = parameters(&payload)?.unwrap_or_default();
    let failed = |details: String| Failure::database(&details);
    let target = Target::read(&request, &workload).map_err(failed)?;
    let given = |name: &str, bits: u32| match parameters.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => python::column_integer(text, bits).map(Some).map_err(failed),
        Some(other) => python::column_integer(&other.to_string(), bits)
            .map(Some)
            .map_err(failed),
    };
    let transform = given("transform_id", 64)?;
    let workload = given("workload_id", 32)?.or(target.workload);
    let to_cancel = PROCESSING_STATUS.code("ToCancel").unwrap_or_default();
    let cancel = move |connection: &mut Connection| {
        transforms::cancel_processings(connection, target.request, transform, workload, to_cancel)
    };
    service.store.call(cancel).await?;
    Ok(Answer::new(
        json!({ "status": 0, "message": "closed successfully" }),
    ))
}

/// Reads the parameters in a body: nothing where it has none, null where it says so.
fn parameters(payload: &Payload) -> Result<Option<Value>, Failure> {
    match payload
        .json()?
        .map_err(|_| undecodable())?
        .filter(is_truthy)
    {
        None => Ok(None),
        Some(Value::Object(mut body)) => Ok(body.shift_remove("parameters")),
        Some(_) => Err(undecodable()),
    }
}

fn undecodable() -> Failure {
    Failure::bad_request("Cannot decode JSON parameter dictionary")
}

fn is_truthy(value: &Value) -> bool {
    let empty = [
        json!(null),
        json!(false),
        json!(0),
        json!(""),
        json!([]),
        json!({}),
    ];
    !empty.contains(value)
}
