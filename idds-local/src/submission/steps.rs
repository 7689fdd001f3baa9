//! Workflows that are too large for one request: the maps of their tasks arrive before them, in requests of their own.

use idds_workflow::wire;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::answer::Failure;
use crate::extent::Extent;
use crate::raw;

/// What stands for the place of the maps until they are put in.
const STORAGE: &str = "IDDS_WORKFLOW_ADDITIONAL_STORAGE/";

/// Where the attributes of a workflow stand in itself.
const TEMPLATE: [&str; 3] = ["attributes", "template", "attributes"];

/// Maps of tasks that were sent ahead.
#[derive(Debug)]
pub(crate) struct Upload {
    /// Id of the workflow that they belong to.
    pub(crate) workflow: String,
    /// Names of tasks and their maps (JSON).
    pub(crate) maps: Vec<(String, String)>,
}

impl Upload {
    /// Reads the maps in the metadata of a request; none when it is a request for something to be done.
    pub(crate) fn read(metadata: &RawValue) -> Result<Option<Self>, Failure> {
        let workflow = raw::member(metadata.get(), "workflow").unwrap_or_default();
        let Some(template) = template(workflow) else {
            return Ok(None);
        };
        if !is_true(template, "_is_workflow_step") {
            return Ok(None);
        }
        let unreadable = |what: String| Failure::core(format!("_workflow_data: {what}"));
        let data = raw::member(template, "_workflow_data").unwrap_or("null");
        let data: Value =
            serde_json::from_str(data).map_err(|error| unreadable(error.to_string()))?;
        let data = wire::unpack(data).map_err(|error| unreadable(error.message().to_owned()))?;
        let Value::Object(data) = data else {
            return Err(unreadable(
                "is no object of tasks and their maps".to_owned(),
            ));
        };
        let id = raw::at(template, &["internal_id"]);
        let id = id.as_ref().and_then(Value::as_str).unwrap_or_default();
        Ok(Some(Self {
            workflow: id.to_owned(),
            maps: data
                .into_iter()
                .map(|(name, map)| (name, map.to_string()))
                .collect(),
        }))
    }
}

/// Returns the id of a workflow whose maps were sent ahead; none when it has them itself.
pub(crate) fn awaits(workflow: &str) -> Option<String> {
    let template = template(workflow)?;
    if !is_true(template, "with_steps") {
        return None;
    }
    let id = raw::at(template, &["internal_id"])?;
    id.as_str().map(str::to_owned)
}

/// Puts the maps into a workflow where it refers to them. One that did not arrive is missed when the workflow is planned.
pub(crate) fn put_together(
    workflow: &str,
    maps: &[(String, String)],
    max_values: usize,
) -> Result<Box<RawValue>, Failure> {
    let values = |text: &str| Extent::of(text.as_bytes()).values;
    let count = values(workflow) + maps.iter().map(|(_, map)| values(map)).sum::<usize>();
    if count > max_values {
        return Err(Failure::too_many_values(max_values));
    }
    let undecodable = |_| Failure::undecodable();
    let mut tree: Value = serde_json::from_str(workflow).map_err(undecodable)?;
    let works = tree.pointer_mut("/attributes/template/attributes/_works");
    for work in works.and_then(Value::as_object_mut).into_iter().flatten() {
        let map = work.1.pointer_mut("/attributes/_dependency_map");
        let Some(map) = map else { continue };
        let name = map
            .get("idds_dependency_map_file")
            .and_then(Value::as_str)
            .and_then(|file| file.strip_prefix(STORAGE));
        let sent = maps.iter().find(|(task, _)| Some(&**task) == name);
        if let Some((_, sent)) = sent {
            *map = serde_json::from_str(sent).map_err(undecodable)?;
        }
    }
    serde_json::value::to_raw_value(&tree).map_err(undecodable)
}

fn template(workflow: &str) -> Option<&str> {
    TEMPLATE
        .iter()
        .try_fold(workflow, |at, name| raw::member(at, name))
}

fn is_true(template: &str, name: &str) -> bool {
    raw::member(template, name) == Some("true")
}
