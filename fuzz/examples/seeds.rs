//! Writes the inputs that the targets start from to `fuzz/corpus`, and the words of the schemas to `fuzz/words.dict`.
//!
//! The inputs are the payloads recorded from Python and the server, what is read from them, and the journals of the tests.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use idds_workflow::{Dialect, ModelId, OptSpace, SegmentedSpace, Step, schemas, wire};
use serde_json::{Value, json};

/// Longer inputs take longer than they teach.
const MAX_LENGTH: usize = 20_000;

/// What Python writes and JSON has not.
const PYTHON: [&str; 3] = [
    r#"{"points": [[{"A": 1}, NaN], [{"A": 4}, -Infinity], [{"A": 4.0}, 1e999]], "opt_space": null}"#,
    "\u{feff}{\"seed\": 1180591620717411303425, \"a\": 1, \"a\": [Infinity, -0, -0.0, 1E+2]}",
    r#"["\ud83d\ude00 \udcff", "NaN \" Infinity", 18446744073709551615, -9223372036854775809]"#,
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut words = BTreeSet::new();
    for (file, schema) in &schemas() {
        add_words(schema, &mut words);
        for example in schema["examples"].as_array().into_iter().flatten() {
            let stem = file.trim_end_matches(".json");
            write("contract", stem, example.to_string())?;
            write("steer", stem, example.to_string())?;
            if stem.starts_with("work_") {
                let document = json!({ "steps": { "a": example } }).to_string();
                write("json", stem, &document)?;
                write("yaml", stem, &document)?;
            }
        }
    }
    for (index, text) in PYTHON.iter().enumerate() {
        write("python_json", &index.to_string(), text)?;
    }
    let words = words
        .iter()
        .map(|word| format!("{:?}\n", format!("\"{word}\"")));
    fs::write(root.join("fuzz/words.dict"), words.collect::<String>())?;

    for path in files(&root.join("tests/reference"))?
        .into_iter()
        .chain(files(&root.join("tests/traffic"))?)
    {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let recorded: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
        let call = [
            &recorded["request"]["body"],
            &recorded["response"]["body"],
            &recorded["response"]["body"][0],
        ];
        if let (Some(status), body) = (
            recorded["response"]["status"].as_u64(),
            &recorded["response"]["body"],
        ) {
            write(
                "answer",
                &name,
                format!("{status}\nContent-Type: application/json\n\n{body}"),
            )?;
        }
        let asked = &recorded["request"];
        let words = [&asked["method"], &asked["path"], &asked["body"]].map(Value::as_str);
        if let [Some(method), Some(path), Some(body)] = words {
            write("request", &name, format!("{method} {path}\n{body}"))?;
            write("extent", &name, body)?;
        }
        if recorded["class"] == "Workflow" {
            let metadata = json!({ "workflow": recorded }).to_string();
            write("plan", &name, metadata)?;
        }
        for (index, value) in [&recorded].into_iter().chain(call).enumerate() {
            let Ok(decoded) = wire::decode(value) else {
                continue;
            };
            write("decode", &format!("{name}-{index}"), value.to_string())?;
            write("json", &name, decoded.workflow.to_json())?;
            write("yaml", &name, &decoded.workflow.to_yaml()?)?;
            for (_, step) in decoded.workflow.steps() {
                if let Step::Work(work) = step {
                    write("contract", &name, &serde_json::to_string(work)?)?;
                }
            }
        }
    }
    for (index, space) in spaces().iter().enumerate() {
        write(
            "space",
            &format!("neutral-{index}"),
            &serde_json::to_string(space)?,
        )?;
        let losses = [
            json!(0.0),
            json!(1e5),
            Value::Null,
            json!(-2),
            json!(7.5),
            json!(1e300),
        ];
        let points: Vec<_> = losses
            .iter()
            .map(|loss| json!([{ "A": 1 }, loss]))
            .collect();
        write(
            "steer",
            &format!("whole-{index}"),
            json!({ "points": points, "opt_space": space }).to_string(),
        )?;
        let points: Vec<_> = losses
            .iter()
            .map(|loss| json!([[7, { "A": 1 }], loss]))
            .collect();
        let spaces = json!([{ "model_id": 7, "search_space": space }, { "model_id": 8, "search_space": space }]);
        write(
            "steer",
            &format!("segments-{index}"),
            json!({ "points": points, "opt_space": spaces }).to_string(),
        )?;
        let segments = SegmentedSpace::builder()
            .segment(ModelId::new(7), space.clone())
            .build()?;
        for dialect in Dialect::ALL {
            if let Ok(document) = dialect.write(space) {
                write("space", &format!("{dialect}-{index}"), document.to_string())?;
                write(
                    "space",
                    &format!("{dialect}-{index}-segment"),
                    segments.write(dialect)?.to_string(),
                )?;
            }
        }
    }
    for found in [
        "idds-client",
        "idds-hpo",
        "idds-local",
        "idds-sampler",
        "idds-workflow",
    ] {
        for folder in fs::read_dir(root.join(found).join("tests/found"))? {
            let folder = folder?.path();
            let target = folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            for path in fs::read_dir(&folder).into_iter().flatten() {
                let path = path?.path();
                write(
                    &target,
                    &format!(
                        "found-{}",
                        path.file_name().unwrap_or_default().to_string_lossy()
                    ),
                    fs::read(&path)?,
                )?;
            }
        }
    }
    let pem = root.join("idds-client/tests/pem");
    for name in ["user", "proxy", "rsa", "server"] {
        let parts = ["crt", "key"].map(|end| fs::read(pem.join(format!("{name}.{end}"))));
        let [certificate, key] = parts;
        write("certificate", name, [certificate?, key?].concat())?;
    }
    Ok(())
}

/// Spaces of one parameter each, in every form it has.
fn spaces() -> Vec<OptSpace> {
    let parameters = [
        json!({"type": "Choice", "params": {"choices": [1, "x", null]}}),
        json!({"type": "Choice", "params": {"choices": [1, 4], "repetitions": 2, "deterministic": true}}),
        json!({"type": "TransitionChoice", "params": {"choices": [16, 32], "transitions": [0.5, 0.5]}}),
        json!({"type": "Scalar", "params": {"lower": 0.5, "upper": 5, "init": 1, "mutable_sigma": true}}),
        json!({"type": "Scalar", "bounds": [0, 5]}),
        json!({"type": "Scalar", "params": {"lower": 1, "upper": 30, "integer": true}}),
        json!({"type": "Scalar", "params": {"lower": 0, "upper": 1, "step": 0.1}}),
        json!({"type": "Log", "params": {"lower": 1e-6, "upper": 0.1, "exponent": 10}}),
        json!({"type": "Log", "params": {"lower": 16, "upper": 4096, "step": 16}}),
        json!({"type": "Array", "params": {"shape": [2, 3], "lower": -1, "upper": 1}}),
        json!({"type": "Normal", "params": {"mu": 0, "sigma": 2.5, "step": 0.5}}),
        json!({"type": "LogNormal", "params": {"mu": 0, "sigma": 0.5, "base": 10}}),
    ];
    parameters
        .iter()
        .filter_map(|parameter| OptSpace::from_value(&json!({ "A": parameter })).ok())
        .collect()
}

fn write(target: &str, name: &str, bytes: impl AsRef<[u8]>) -> Result<(), Box<dyn Error>> {
    let bytes = bytes.as_ref();
    if bytes.len() <= MAX_LENGTH {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("corpus")
            .join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.to_string_lossy();
        if name.ends_with(".json") && !name.ends_with(".inputs.json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Collects the names of fields and the words that fields can hold.
fn add_words(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            words.extend(
                fields
                    .get("properties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flat_map(|fields| fields.keys().cloned()),
            );
            let constants = fields.get("const").into_iter().chain(
                fields
                    .get("enum")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten(),
            );
            words.extend(constants.filter_map(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| add_words(field, words));
        }
        Value::Array(items) => items.iter().for_each(|item| add_words(item, words)),
        _ => {}
    }
}
