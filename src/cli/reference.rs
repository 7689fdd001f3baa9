//! The reference of definitions in YAML, made from their JSON Schema.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::generate::Generated;

/// Where it stands among the pages of the guide.
const PATH: &str = "docs/guide/definitions.md";

/// The schema that has all others in it.
const ALL: &str = "workflow.json";

/// Returns the page.
pub fn file() -> Generated {
    let mut page = String::from(
        "# Definitions in YAML\n\nMade from the JSON Schema of a workflow by `idds generate`; `idds schema` prints it. JSON says the same.\n",
    );
    let schemas = idds::workflow::schemas();
    let workflow = schemas
        .into_iter()
        .find_map(|(file, schema)| (file == ALL).then_some(schema));
    let Some(Value::Object(mut workflow)) = workflow else {
        unreachable!("{ALL} is an object among the schemas");
    };
    let parts = match workflow.remove("$defs") {
        Some(Value::Object(parts)) => parts,
        _ => Map::new(),
    };
    section(&mut page, "Workflow", &Value::Object(workflow), 2);
    for (name, part) in &parts {
        section(&mut page, name, part, 2);
    }
    Generated::new(PATH, page)
}

/// Writes what a part is, with an example and its fields.
fn section(page: &mut String, name: &str, part: &Value, level: usize) {
    let _ = write!(page, "\n{} {name}\n", "#".repeat(level));
    if let Some(text) = part["description"].as_str() {
        let _ = write!(page, "\n{text}\n");
    }
    for example in part["examples"].as_array().into_iter().flatten() {
        if let Ok(text) = serde_saphyr::to_string(example) {
            let _ = write!(page, "\n```yaml\n{}\n```\n", text.trim_end());
        }
    }
    fields(page, part);
    let variants = ["oneOf", "anyOf"]
        .iter()
        .filter_map(|key| part[key].as_array())
        .flatten();
    let (words, forms): (Vec<&Value>, Vec<&Value>) =
        variants.partition(|variant| variant.get("const").is_some());
    if !words.is_empty() {
        page.push_str("\n| word | meaning |\n| --- | --- |\n");
        for word in words {
            let meaning = cell(word["description"].as_str().unwrap_or_default());
            let _ = writeln!(page, "| `{}` | {meaning} |", plain(&word["const"]));
        }
    }
    let (titled, other): (Vec<&Value>, Vec<&Value>) = forms
        .into_iter()
        .partition(|form| form["title"].is_string());
    if !other.is_empty() {
        let kinds: Vec<_> = other.into_iter().map(kind).collect();
        let _ = write!(page, "\nOne of: {}.\n", kinds.join(", "));
    }
    for form in titled {
        let title = form["title"].as_str().unwrap_or_default();
        section(page, &format!("{name}: {title}"), form, level + 1);
    }
    // A map by names has its forms one level below.
    if part["additionalProperties"]["oneOf"].is_array() {
        let forms = part["additionalProperties"]["oneOf"].as_array();
        for form in forms.into_iter().flatten() {
            let title = form["title"].as_str().unwrap_or("Other");
            section(page, &format!("{name}: {title}"), form, level + 1);
        }
    }
}

fn fields(page: &mut String, part: &Value) {
    let Some(fields) = part["properties"].as_object().filter(|it| !it.is_empty()) else {
        return;
    };
    let required: Vec<&str> = part["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    page.push_str("\n| field | value | meaning |\n| --- | --- | --- |\n");
    for (name, field) in fields {
        let must = match required.contains(&name.as_str()) {
            true => " (required)",
            false => "",
        };
        let meaning = cell(field["description"].as_str().unwrap_or_default());
        let _ = writeln!(page, "| `{name}`{must} | {} | {meaning} |", kind(field));
    }
}

/// Says in a few words what a value is.
fn kind(schema: &Value) -> String {
    if let Some(target) = schema["$ref"].as_str() {
        let name = target.rsplit('/').next().filter(|name| *name != "#");
        let name = name.unwrap_or("Workflow");
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(word) = schema.get("const") {
        return format!("`{}`", plain(word));
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words
            .iter()
            .map(|word| format!("`{}`", plain(word)))
            .collect();
        return words.join(", ");
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(variants) = schema[key].as_array() {
            let mut kinds: Vec<_> = variants.iter().map(kind).collect();
            kinds.dedup();
            return kinds.join(" or ");
        }
    }
    match &schema["type"] {
        Value::String(name) if name == "array" => match schema.get("items") {
            Some(items) => format!("list of {}", kind(items)),
            None => "list".to_owned(),
        },
        Value::String(name) if name == "object" => match &schema["additionalProperties"] {
            Value::Object(_) => format!("{} by name", kind(&schema["additionalProperties"])),
            _ => "map".to_owned(),
        },
        Value::String(name) => name.clone(),
        Value::Array(names) => {
            let names: Vec<_> = names.iter().filter_map(Value::as_str).collect();
            names.join(" or ")
        }
        _ => "any".to_owned(),
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Makes a text fit into a cell of a table.
fn cell(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}
