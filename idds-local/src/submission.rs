//! The body of `POST /request`, read without the help of any type that the client writes it with.

pub(crate) mod legacy;
pub(crate) mod steps;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::answer::Failure;
use crate::column;
use crate::enumeration::{REQUEST_STATUS, REQUEST_TYPE};
use crate::nesting::Shallow;
use crate::python;
use crate::state::Stage;
use crate::user::User;

/// Columns of text, each with the most characters it holds.
pub(crate) const TEXTS: [(&str, usize); 13] = [
    ("scope", 25),
    ("name", 255),
    ("requester", 20),
    ("username", 20),
    ("userdn", 200),
    ("transform_tag", 20),
    ("cloud", 50),
    ("site", 50),
    ("queue", 50),
    ("campaign", 50),
    ("campaign_scope", 25),
    ("campaign_group", 255),
    ("campaign_tag", 100),
];

/// What else `add_request` of the server takes; of these, only the ones read below mean something here.
const OTHERS: [&str; 17] = [
    "request_type",
    "status",
    "priority",
    "lifetime",
    "workload_id",
    "request_metadata",
    "processing_metadata",
    "locking",
    "command",
    "new_poll_period",
    "update_poll_period",
    "new_retries",
    "update_retries",
    "max_new_retries",
    "max_update_retries",
    "max_processing_requests",
    "additional_data_storage",
];

/// Classes a workflow may have, with their modules.
const WORKFLOWS: [(&str, &str); 5] = [
    ("Workflow", "idds.workflowv2.workflow"),
    ("SubWorkflow", "idds.workflowv2.workflow"),
    ("LoopWorkflow", "idds.workflowv2.workflow"),
    ("Workflow", "idds.workflow.workflow"),
    ("Workflow", "idds.iworkflow.workflow"),
];

/// A request that can be stored.
#[derive(Debug)]
pub(crate) struct Submission {
    /// The columns of [`TEXTS`], in their order.
    pub(crate) texts: [Option<String>; TEXTS.len()],
    /// Number of the request type.
    pub(crate) request_type: i64,
    /// Number of the status; 0, New, unless the client says otherwise.
    pub(crate) status: i64,
    /// Number that the server stores and does not use.
    pub(crate) priority: i64,
    /// Task the request belongs to.
    pub(crate) workload_id: Option<i64>,
    /// Days until the request expires.
    pub(crate) lifetime: Option<f64>,
    /// Number of requests of its campaign that are processed at once, where there is a limit.
    pub(crate) most: Option<i64>,
    /// The workflow and what goes with it, a JSON object as it was sent.
    pub(crate) metadata: Box<RawValue>,
}

type Body = IndexMap<String, Box<RawValue>>;

impl Submission {
    /// Reads a body that this user has sent; what is wrong with it is said in the words of the server.
    pub(crate) fn read(body: &[u8], user: &User) -> Result<Self, Failure> {
        let undecodable = |_| Failure::undecodable();
        serde_json::from_slice::<Shallow>(body).map_err(undecodable)?;
        let mut body: Body = serde_json::from_slice(body).map_err(undecodable)?;

        let request_type = column::member(value(&body, "request_type"), &REQUEST_TYPE)?
            .ok_or_else(|| Failure::core("'request_type'"))?;
        let status =
            column::member(value(&body, "status"), &REQUEST_STATUS)?.unwrap_or(Stage::New.code());
        let metadata = body
            .shift_remove("request_metadata")
            .ok_or_else(|| Failure::core("'request_metadata'"))?;
        check_metadata(&metadata)?;
        if let Some(key) = body.keys().find(|key| !is_known(key)) {
            return Err(Failure::core(format!(
                "add_request() got an unexpected keyword argument {}",
                python::repr(key)
            )));
        }
        let workload_id = match column::integer(value(&body, "workload_id").unwrap_or_default())? {
            None => workload_of(&metadata)?,
            given => given,
        };
        let mut texts = TEXTS.map(|_| None);
        for (text, (name, max)) in texts.iter_mut().zip(TEXTS) {
            *text = column::text(value(&body, name).unwrap_or_default(), max)?;
            if name == "username" && text.as_deref().is_none_or(str::is_empty) {
                *text = column::text(user.name().into(), max)?;
            }
        }
        let most = column::integer(value(&body, "max_processing_requests").unwrap_or_default())?;
        // As 2.6.21, it is of a campaign when it has all four names.
        let is_of_campaign = TEXTS
            .iter()
            .zip(&texts)
            .filter(|((name, _), _)| name.starts_with("campaign"))
            .all(|(_, text)| text.as_deref().is_some_and(|text| !text.is_empty()));
        Ok(Self {
            texts,
            most: most.filter(|most| *most > 0 && is_of_campaign),
            request_type,
            status,
            priority: column::integer(value(&body, "priority").unwrap_or_default())?.unwrap_or(0),
            workload_id,
            lifetime: lifetime(&value(&body, "lifetime").unwrap_or_default())?,
            metadata,
        }
        .converted())
    }

    /// Puts the maps into its workflow that were sent ahead.
    pub(crate) fn put_together(
        self,
        maps: &[(String, String)],
        max_values: usize,
    ) -> Result<Self, Failure> {
        let undecodable = |_| Failure::undecodable();
        let mut metadata: IndexMap<String, Box<RawValue>> =
            serde_json::from_str(self.metadata.get()).map_err(undecodable)?;
        if let Some(workflow) = metadata.get_mut("workflow") {
            *workflow = steps::put_together(workflow.get(), maps, max_values)?;
        }
        let metadata = serde_json::value::to_raw_value(&metadata).map_err(undecodable)?;
        Ok(Self { metadata, ..self })
    }
}

fn is_known(key: &str) -> bool {
    OTHERS.contains(&key) || TEXTS.iter().any(|text| text.0 == key)
}

fn value(body: &Body, key: &str) -> Option<Value> {
    body.get(key)
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
}

/// Refuses metadata that is no object, and wrong workflows in it.
fn check_metadata(metadata: &RawValue) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Metadata {
        workflow: Option<Box<RawValue>>,
        build_workflow: Option<Box<RawValue>>,
    }
    match metadata.get().as_bytes().first() {
        Some(b'{') => {}
        Some(b'n') => return Err(Failure::core("argument of type 'NoneType' is not iterable")),
        _ => return Err(Failure::core("request_metadata is not an object")),
    }
    let metadata: Metadata =
        serde_json::from_str(metadata.get()).map_err(|_| Failure::undecodable())?;
    metadata
        .workflow
        .iter()
        .chain(&metadata.build_workflow)
        .try_for_each(|workflow| check_workflow(workflow))
}

/// Refuses a workflow of no class or of one that the server could not import.
pub(crate) fn check_workflow(workflow: &RawValue) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Object {
        class: String,
        module: String,
        #[serde(rename = "attributes")]
        _attributes: IgnoredAny,
    }
    match serde_json::from_str::<Object>(workflow.get()) {
        Ok(Object { class, module, .. }) if WORKFLOWS.contains(&(&class, &module)) => Ok(()),
        Ok(_) => Err(Failure::undecodable()),
        Err(_) => Err(Failure::core("'dict' object has no attribute 'metadata'")),
    }
}

/// Reads the workload id that the client puts beside the workflow.
fn workload_of(metadata: &RawValue) -> Result<Option<i64>, Failure> {
    #[derive(Deserialize)]
    struct Metadata {
        #[serde(default)]
        workload_id: Value,
    }
    let metadata: Metadata =
        serde_json::from_str(metadata.get()).map_err(|_| Failure::undecodable())?;
    match metadata.workload_id {
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) if text.trim().parse::<i64>().is_err() => Err(Failure::core(format!(
            "invalid literal for int() with base 10: {}",
            python::repr(&text)
        ))),
        other => column::integer(other),
    }
}

fn lifetime(value: &Value) -> Result<Option<f64>, Failure> {
    const MAX: f64 = 999_999_999.0;
    match value {
        Value::Null => Ok(None),
        Value::Number(days) => match days.as_f64() {
            Some(0.0) => Ok(None),
            Some(days) if days.abs() <= MAX => Ok(Some(days)),
            _ => Err(Failure::core(format!(
                "days={days}; must have magnitude <= {MAX}"
            ))),
        },
        other => Err(Failure::core(format!(
            "unsupported type for timedelta days component: {}",
            column::python_type(other)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(changes: Value) -> Result<Submission, Failure> {
        let mut body = json!({ "request_type": 0, "request_metadata": {} });
        let Value::Object(changes) = changes else {
            return Err(Failure::undecodable());
        };
        for (key, value) in changes {
            body[key] = value;
        }
        Submission::read(body.to_string().as_bytes(), &User::local())
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let submission = with(json!({})).expect("a request");
        assert_eq!(
            (
                submission.request_type,
                submission.status,
                submission.priority
            ),
            (0, 0, 0)
        );
        assert_eq!((submission.workload_id, submission.lifetime), (None, None));
        let texts: Vec<_> = submission.texts.into_iter().flatten().collect();
        assert_eq!(texts, ["local"]);
    }

    #[test]
    fn the_workload_id_may_be_text_and_may_stand_beside_the_workflow() {
        for changes in [
            json!({ "workload_id": 7 }),
            json!({ "workload_id": " 7 " }),
            json!({ "request_metadata": { "workload_id": "7" } }),
            json!({ "workload_id": 7, "request_metadata": { "workload_id": 8 } }),
        ] {
            assert_eq!(with(changes).expect("a request").workload_id, Some(7));
        }
    }

    #[test]
    fn wrong_values_are_refused_in_the_words_of_the_server() {
        let name = |name: &str| json!({ "name": name });
        let cases = [
            (
                json!({ "request_type": 777 }),
                Failure::core("777 is not a valid RequestType"),
            ),
            (
                json!({ "status": null }),
                Failure::core("'NoneType' object has no attribute 'value'"),
            ),
            (
                json!({ "status": { "class": "RequestStatus" } }),
                Failure::undecodable(),
            ),
            (
                json!({ "request_metadata": null }),
                Failure::core("argument of type 'NoneType' is not iterable"),
            ),
            (
                json!({ "request_metadata": [1] }),
                Failure::core("request_metadata is not an object"),
            ),
            (
                json!({ "x": 1 }),
                Failure::core("add_request() got an unexpected keyword argument 'x'"),
            ),
            (
                json!({ "workload_id": 3_000_000_000_u32 }),
                Failure::database("value \"3000000000\" is out of range for type integer"),
            ),
            (
                json!({ "workload_id": "abc" }),
                Failure::database("invalid input syntax for type integer: \"abc\""),
            ),
            (
                json!({ "workload_id": true }),
                Failure::database("can't adapt type 'bool'"),
            ),
            (
                json!({ "request_metadata": { "workload_id": "abc" } }),
                Failure::core("invalid literal for int() with base 10: 'abc'"),
            ),
            (
                json!({ "lifetime": 1e9 }),
                Failure::core("days=1000000000.0; must have magnitude <= 999999999"),
            ),
            (
                json!({ "lifetime": "x" }),
                Failure::core("unsupported type for timedelta days component: str"),
            ),
            (
                name(&"n".repeat(256)),
                Failure::database("value too long for type character varying(255)"),
            ),
            (
                name("a\0b"),
                Failure::core("A string literal cannot contain NUL (0x00) characters."),
            ),
            (
                json!({ "name": ["n"] }),
                Failure::database("can't adapt type 'list'"),
            ),
        ];
        for (changes, failure) in cases {
            assert_eq!(
                with(changes.clone()).expect_err("a refusal"),
                failure,
                "{changes}"
            );
        }
        assert!(with(name(&"名".repeat(255))).is_ok());
    }
}
