//! Workflows of the older family of classes, v1, which 2.6.21 accepts and fails on.

use serde_json::Value;

use super::works::Stored;

/// Where the workflows of that family are defined.
const MODULE: &str = "idds.workflow.workflow";

/// Tells whether a workflow is of the older family.
pub(super) fn is_v1(workflow: &Stored) -> bool {
    workflow.module == MODULE
}

/// Makes the same workflow of the classes that the server runs: what it says is the same in both families, but for the modules.
pub(super) fn as_v2(workflow: &Stored) -> Result<Stored, String> {
    let unreadable = |error| format!("the workflow cannot be read: {error}");
    let mut attributes: Value =
        serde_json::from_str(workflow.attributes.get()).map_err(unreadable)?;
    rename(&mut attributes);
    Ok(Stored {
        class: workflow.class.clone(),
        module: v2(MODULE).unwrap_or_default(),
        attributes: serde_json::value::to_raw_value(&attributes).map_err(unreadable)?,
    })
}

/// Says what 2.6.21 writes when a work of that family is submitted.
pub(super) fn failure(class: &str) -> String {
    format!("'{class}' object has no attribute 'parent_internal_ids'")
}

/// Renames the modules of objects, in them and inside them.
fn rename(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(rename),
        Value::Object(map) => {
            let is_object = map.contains_key("class") && map.contains_key("attributes");
            if is_object
                && let Some(Value::String(module)) = map.get_mut("module")
                && let Some(renamed) = v2(module)
            {
                *module = renamed;
            }
            map.values_mut().for_each(rename);
        }
        _ => {}
    }
}

/// Returns the module of the other family; none when it is of no family.
fn v2(module: &str) -> Option<String> {
    let mut parts: Vec<&str> = module.split('.').collect();
    // The last part is a file, which may be called so, too.
    let ([_, packages @ .., _], true) = (&mut *parts, module.starts_with("idds.")) else {
        return None;
    };
    *packages.iter_mut().find(|part| **part == "workflow")? = "workflowv2";
    Some(parts.join("."))
}

#[cfg(test)]
mod tests {
    use super::v2;

    #[test]
    fn a_module_of_the_older_family_has_one_of_the_newer() {
        for (old, new) in [
            ("idds.workflow.work", Some("idds.workflowv2.work")),
            ("idds.workflow.workflow", Some("idds.workflowv2.workflow")),
            (
                "idds.atlas.workflow.atlashpowork",
                Some("idds.atlas.workflowv2.atlashpowork"),
            ),
            ("idds.workflowv2.workflow", None),
            ("idds.common.dict_class", None),
            ("own.workflow.work", None),
        ] {
            assert_eq!(v2(old).as_deref(), new, "{old}");
        }
    }
}
