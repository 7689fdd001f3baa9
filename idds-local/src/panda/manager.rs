//! The methods of the Python class `ClientManager`, by those of `Client`.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::arguments::Arguments;
use super::command::name_all;
use crate::raw;

/// The version of the package that the server answers as.
const VERSION: &str = "2.6.21";

/// Methods with another name, and those of `Client` that they call with the same arguments.
const RENAMED: [(&str, &str); 4] = [
    ("abort", "abort_request"),
    ("abort_task", "abort_request_task"),
    ("close", "close_request"),
    ("retry", "retry_request"),
];

/// Methods of the same name that `Client` has and the manager has not.
const OF_CLIENT_ALONE: [&str; 5] = [
    "abort_request",
    "abort_request_task",
    "add_request",
    "close_request",
    "retry_request",
];

/// What becomes of a call of the manager.
pub(super) struct Called {
    /// The method of `Client` that is called.
    pub(super) name: String,
    pub(super) positional: Vec<Box<RawValue>>,
    pub(super) arguments: Arguments,
    /// What is made of what it returns.
    pub(super) shown: Shown,
}

/// What the manager makes of what `Client` returns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shown {
    AsItIs,
    /// A pair of success and it.
    Pair,
    /// A table of requests, or of their works.
    Table {
        with_detail: bool,
    },
}

/// Returns what the manager calls; none when it has no such method.
pub(super) fn called(
    name: &str,
    positional: Vec<Box<RawValue>>,
    mut arguments: Arguments,
) -> Result<Option<Called>, String> {
    let shown = match name {
        _ if OF_CLIENT_ALONE.contains(&name) || name.starts_with("update_request") => {
            return Ok(None);
        }
        "submit" | "submit_build" => {
            let parameters = ["workflow", "username", "userdn", "use_dataset_name"];
            name_all(name, &parameters, positional, &mut arguments)?;
            let arguments = submission(arguments, name == "submit_build")?;
            return Ok(Some(Called {
                name: "add_request".to_owned(),
                positional: Vec::new(),
                arguments,
                shown: Shown::AsItIs,
            }));
        }
        "get_messages" => Shown::Pair,
        "get_status" => {
            let parameters = ["request_id", "workload_id", "with_detail", "with_metadata"];
            name_all(name, &parameters, positional, &mut arguments)?;
            let with_detail = arguments
                .get("with_detail")
                .is_some_and(|flag| flag.get() == "true");
            return Ok(Some(Called {
                name: "get_requests".to_owned(),
                positional: Vec::new(),
                arguments,
                shown: Shown::Table { with_detail },
            }));
        }
        _ => Shown::AsItIs,
    };
    let renamed = RENAMED.iter().find(|(own, _)| *own == name);
    Ok(Some(Called {
        name: renamed.map_or(name, |(_, name)| name).to_owned(),
        positional,
        arguments,
        shown,
    }))
}

/// Makes the request of a workflow that is submitted.
fn submission(mut arguments: Arguments, is_build: bool) -> Result<Arguments, String> {
    let workflow = arguments.shift_remove("workflow");
    let workflow = workflow.ok_or("submit() missing 1 required positional argument: 'workflow'")?;
    let template = ["attributes", "template", "attributes"]
        .iter()
        .try_fold(workflow.get(), |at, name| raw::member(at, name))
        .ok_or("'dict' object has no attribute 'campaign'")?;
    let of = |name: &str| raw::at(template, &[name]).unwrap_or_default();
    let given = |name: &str, arguments: &mut Arguments| {
        let given = arguments.shift_remove(name);
        given
            .and_then(|value| raw::value(value.get()))
            .filter(|value| !value.is_null())
    };
    let username = given("username", &mut arguments).unwrap_or_else(|| of("username"));
    let userdn = given("userdn", &mut arguments).unwrap_or_else(|| of("userdn"));
    let workload_id = raw::at(template, &["_metadata", "attributes", "workload_id"]);
    let props = json!({
        "campaign": of("_campaign"),
        "campaign_scope": of("_campaign_scope"),
        "campaign_group": of("_campaign_group"),
        "campaign_tag": of("_campaign_tag"),
        "max_processing_requests": of("_max_processing_requests"),
        "scope": "workflow",
        "name": of("_name"),
        "requester": "panda",
        "request_type": 0,
        "username": username,
        "userdn": userdn,
        "transform_tag": "workflow",
        "status": 0,
        "priority": 0,
        "site": site(template),
        "lifetime": of("_lifetime"),
        "workload_id": workload_id,
    });
    let Value::Object(props) = props else {
        return Ok(Arguments::new());
    };
    let written = |error: serde_json::Error| error.to_string();
    let mut request = Arguments::new();
    for (name, value) in props {
        request.insert(name, to_raw_value(&value).map_err(written)?);
    }
    let name = if is_build {
        "build_workflow"
    } else {
        "workflow"
    };
    let workload_id = serde_json::to_string(&workload_id).map_err(written)?;
    let metadata = format!(
        r#"{{"version": "{VERSION}", "workload_id": {workload_id}, "{name}": {workflow}}}"#
    );
    request.insert(
        "request_metadata".to_owned(),
        RawValue::from_string(metadata).map_err(written)?,
    );
    Ok(request)
}

/// Returns the site of the work that comes first.
fn site(template: &str) -> Option<String> {
    let works = raw::member(template, "_works")?;
    let primary = raw::at(template, &["primary_initial_work"]);
    let work = match primary.as_ref().and_then(Value::as_str) {
        Some(id) => raw::member(works, id)?,
        None => raw::first(works)?,
    };
    let site = raw::at(work, &["attributes", "task_site"])?;
    site.as_str().map(str::to_owned)
}

/// A row of a list, none of whose values is read before it is shown.
type Row<'a> = HashMap<Cow<'a, str>, &'a RawValue>;

/// Writes rows of requests, a list as JSON, as the manager does.
pub(super) fn table(rows: &str, with_detail: bool) -> serde_json::Result<String> {
    let rows: Vec<&RawValue> = serde_json::from_str(rows)?;
    let text = |row: &Row<'_>, name: &str| {
        let raw = row.get(name).map_or("null", |value| value.get());
        match raw::value(raw) {
            Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text,
            Some(Value::Object(map)) => {
                let name = map.get("attributes").and_then(|of| of.get("_name_"));
                let word = name.and_then(Value::as_str).map(str::to_owned);
                word.unwrap_or_else(|| Value::Object(map).to_string())
            }
            Some(other) => other.to_string(),
            None => raw.to_owned(),
        }
    };
    let cells = |row: &&RawValue| {
        let row: Row<'_> = serde_json::from_str(row.get()).unwrap_or_default();
        let row = |name: &str| text(&row, name);
        match with_detail {
            false => vec![
                row("request_id"),
                row("workload_id"),
                format!("{}:{}", row("scope"), row("name")),
                row("status"),
                row("errors"),
            ],
            true => vec![
                row("request_id"),
                row("transform_id"),
                row("workload_id"),
                row("transform_workload_id"),
                format!("{}:{}", row("output_coll_scope"), row("output_coll_name")),
                format!(
                    "{}[{}/{}/{}]",
                    row("transform_status"),
                    row("output_total_files"),
                    row("output_processed_files"),
                    row("output_processing_files")
                ),
                row("errors"),
            ],
        }
    };
    let head: &[&str] = match with_detail {
        false => &[
            "request_id",
            "request_workload_id",
            "scope:name",
            "status",
            "errors",
        ],
        true => &[
            "request_id",
            "transform_id",
            "request_workload_id",
            "transform_workload_id",
            "scope:name",
            "status[Total/OK/Processing]",
            "errors",
        ],
    };
    let head: Vec<_> = head.iter().map(|name| (*name).to_owned()).collect();
    let rows: Vec<_> = rows.iter().map(cells).collect();
    let width = |column: usize| {
        let all = rows
            .iter()
            .chain([&head])
            .map(|row| row[column].chars().count());
        all.max().unwrap_or_default()
    };
    let widths: Vec<_> = (0..head.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // Behind the last one, which may be long, nothing stands.
            let width = if column + 1 < widths.len() { *width } else { 0 };
            line.push_str(&format!("{cell:<width$}  "));
        }
        line.truncate(line.trim_end().len());
        line
    };
    let rule = widths.iter().map(|width| "-".repeat(*width)).collect();
    let lines = [line(&head), line(&rule)]
        .into_iter()
        .chain(rows.iter().map(line));
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_as_wide_as_its_columns_and_no_wider() {
        let rows = r#"[{"request_id": 1, "workload_id": null, "scope": "s", "name": "n",
            "status": {"attributes": {"_name_": "Failed"}}, "errors": {"msg": "no"}, "more": [[]]},
            {"request_id": 20, "scope": "s", "name": "long", "status": "New"}, 5]"#;
        let shown = table(rows, false).expect("rows");
        let expected = [
            "request_id  request_workload_id  scope:name  status  errors",
            "----------  -------------------  ----------  ------  ------------",
            "1                                s:n         Failed  {\"msg\":\"no\"}",
            "20                               s:long      New",
            "                                 :",
        ];
        assert_eq!(shown.lines().collect::<Vec<_>>(), expected);
        let first = table(rows, true).expect("rows");
        assert!(
            first.starts_with("request_id  transform_id  request_workload_id"),
            "{first}"
        );
        assert!(table("{}", true).is_err());
    }
}
