//! What holds for any bytes that a reader is given: it may refuse them, but what it accepts can be used in every way and
//! comes back when it is written and read again. The targets in `fuzz/` look for bytes for which this does not hold.

use std::io::Write;
use std::str;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use idds_workflow::python_json::{self, Document};
use idds_workflow::wire::{self, Encoded, Family, LegacyRequest, Remedies, Submission};
use idds_workflow::{
    AnyWork, Dialect, EvaluationOutput, Number, OptSpace, Point, SegmentedSpace, ServerVersion,
    Stamp, SteeringInput, SteeringOutput, Step, Workflow,
};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

/// A reader and its name, which is that of its target in `fuzz/` and of its folder of inputs in `tests/found/`.
type Reader = (&'static str, fn(&[u8]));

/// All readers.
pub(crate) const READERS: [Reader; 7] = [
    ("decode", decode),
    ("json", json),
    ("yaml", yaml),
    ("space", space),
    ("contract", contract),
    ("python_json", python_json),
    ("zipped", zipped),
];

/// Hands bytes to a reader.
pub(crate) fn check(reader: &str, bytes: &[u8]) {
    let (_, read) = READERS
        .iter()
        .find(|(name, _)| *name == reader)
        .expect("a reader has this name");
    read(bytes);
}

/// What a server returns.
fn decode(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice(bytes) else {
        return;
    };
    let Ok(decoded) = wire::decode(&value) else {
        return;
    };
    let encoded = uses(&decoded.workflow);
    if decoded.problems.is_empty() {
        let again = wire::decode(&encoded).expect("what was encoded decodes");
        assert_eq!(again.problems, []);
        assert_eq!(again.workflow, decoded.workflow);
        comes_back(&decoded.workflow);
    }
}

/// What a server returns where Python compresses: bytes that are no zlib, and bytes that are.
fn zipped(bytes: &[u8]) {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(bytes).expect("written");
    let packed = zlib.finish().expect("compressed");
    for packed in [bytes, &packed] {
        let recorded = include_str!("../../../tests/reference/v2_zip_items.json");
        let mut value = serde_json::from_str(recorded).expect("a payload");
        assert!(
            put(&format!("idds_zip:{}", STANDARD.encode(packed)), &mut value),
            "nothing is compressed"
        );
        decode(value.to_string().as_bytes());
    }
}

/// Puts a text in the place of each compressed one.
fn put(text: &str, value: &mut Value) -> bool {
    match value {
        Value::String(packed) if packed.starts_with("idds_zip:") => {
            *packed = text.to_owned();
            true
        }
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |is_put, item| put(text, item) | is_put),
        Value::Object(members) => members
            .values_mut()
            .fold(false, |is_put, item| put(text, item) | is_put),
        _ => false,
    }
}

/// A workflow in the neutral form, as JSON.
fn json(bytes: &[u8]) {
    if let Some(Ok(workflow)) = str::from_utf8(bytes).ok().map(Workflow::from_json) {
        is_valid(&workflow);
    }
}

/// A workflow in the neutral form, as YAML.
fn yaml(bytes: &[u8]) {
    if let Some(Ok(workflow)) = str::from_utf8(bytes).ok().map(Workflow::from_yaml) {
        is_valid(&workflow);
    }
}

/// A search space in any dialect.
fn space(bytes: &[u8]) {
    let Ok(document) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    let whole = OptSpace::from_value(&document);
    for space in Dialect::ALL
        .map(|dialect| dialect.read(&document))
        .into_iter()
        .chain([whole])
        .flatten()
    {
        for dialect in Dialect::ALL {
            if let Ok(written) = dialect.write(&space) {
                let read = dialect.read(&written).map_err(|error| error.to_string());
                assert_eq!(
                    dialect.write(&read.expect("what was written is read")).ok(),
                    Some(written),
                    "{dialect}"
                );
            }
        }
        let written = serde_json::to_value(&space).expect("JSON");
        assert_eq!(
            OptSpace::from_value(&written)
                .map_err(|error| error.to_string())
                .as_ref(),
            Ok(&space)
        );
        assert!(space.point_schema().is_object());
        assert_eq!(space.check(&Point::new()).is_ok(), space.is_empty());
        for (_, parameter) in space.parameters() {
            if let Some(grid) = parameter.grid() {
                let indices = grid.indices();
                assert!(!indices.is_empty(), "{parameter:?}");
                for index in [*indices.start(), *indices.end()] {
                    assert!(grid.value(index).is_number());
                }
            }
        }
    }
    let whole = SegmentedSpace::from_value(&document);
    let segmented = Dialect::ALL.map(|dialect| SegmentedSpace::read(&document, dialect));
    for space in segmented.into_iter().chain([whole]).flatten() {
        let written = serde_json::to_value(&space).expect("JSON");
        assert_eq!(
            SegmentedSpace::from_value(&written)
                .map_err(|error| error.to_string())
                .as_ref(),
            Ok(&space)
        );
        for dialect in Dialect::ALL {
            if let Ok(written) = space.write(dialect) {
                let read =
                    SegmentedSpace::read(&written, dialect).map_err(|error| error.to_string());
                assert_eq!(
                    read.expect("what was written is read").write(dialect).ok(),
                    Some(written),
                    "{dialect}"
                );
            }
        }
    }
}

/// The files of steering programs and evaluations, and works alone.
fn contract(bytes: &[u8]) {
    file::<SteeringInput>(bytes);
    file::<SteeringOutput>(bytes);
    file::<EvaluationOutput>(bytes);
    file::<AnyWork>(bytes);
}

/// JSON of Python: all that `serde_json` reads means the same, and what is read exactly has lost nothing.
fn python_json(bytes: &[u8]) {
    let read = python_json::read::<Value>(bytes);
    let exact = python_json::read_exact::<Value>(bytes);
    if let Ok(strict) = serde_json::from_slice::<Value>(bytes) {
        assert_eq!(read.as_ref(), Ok(&strict));
    }
    if let Ok(exact) = exact {
        assert_eq!(read.as_ref(), Ok(&exact));
        assert_eq!(
            serde_json::from_slice(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).ok(),
            Some(exact)
        );
    }
    match (read, Document::parse(bytes)) {
        (Ok(value), Ok(document)) => {
            let json = document.root().to_json();
            assert_eq!(
                python_json::read::<Value>(json.as_bytes()).ok().as_ref(),
                Some(&value),
                "{json}"
            );
            assert!(serde_json::from_str::<IgnoredAny>(&json).is_ok(), "{json}");
            assert_eq!(document.root().read(), Ok(value));
            assert_eq!(
                python_json::read::<Value>(document.root().text().as_bytes()),
                document.root().read()
            );
        }
        (Err(error), Err(_)) => {
            assert!(error.is_syntax() && error.line() > 0 && error.column() > 0);
        }
        (read, document) => panic!("{read:?} and {document:?}"),
    }
    if let Ok(input) = SteeringInput::from_json(bytes) {
        let is_finite = input
            .points
            .iter()
            .all(|known| known.loss().is_none_or(Number::is_finite));
        let written = serde_json::to_vec(&input).expect("what was read is written");
        assert!(!is_finite || SteeringInput::from_json(&written).is_ok_and(|again| again == input));
    }
}

fn file<T: DeserializeOwned + PartialEq + Serialize>(bytes: &[u8]) {
    if let Ok(read) = serde_json::from_slice::<T>(bytes) {
        let written = serde_json::to_string(&read).expect("what was read is written");
        assert!(
            serde_json::from_str::<T>(&written).is_ok_and(|again| again == read),
            "{written}"
        );
    }
}

/// A workflow that went through the builders has no problem on the server. Works of the user's own may name a class of iDDS and
/// give it what it cannot use.
fn is_valid(workflow: &Workflow) {
    let decoded = wire::decode(&uses(workflow)).expect("what was encoded decodes");
    assert!(
        decoded.problems.is_empty() || has_custom_work(workflow),
        "{:?}",
        decoded.problems
    );
    assert_eq!(decoded.workflow.steps().len(), workflow.steps().len());
    comes_back(workflow);
}

fn has_custom_work(workflow: &Workflow) -> bool {
    let is_custom = |work: &AnyWork| matches!(work, AnyWork::CustomWork(_));
    workflow.build_work().is_some_and(is_custom)
        || workflow.steps().any(|(_, step)| match step {
            Step::Work(work) => is_custom(work),
            Step::Workflow(inner) => has_custom_work(inner),
            _ => false,
        })
}

/// A definition comes back from its neutral form.
fn comes_back(workflow: &Workflow) {
    let json = workflow.to_json();
    let read = Workflow::from_json(&json).map_err(|error| error.to_string());
    assert!(read.as_ref() == Ok(workflow), "{json}\nbecame {read:?}");
    if let Ok(yaml) = workflow.to_yaml() {
        let read = Workflow::from_yaml(&yaml).map_err(|error| error.to_string());
        assert!(read.as_ref() == Ok(workflow), "{yaml}\nbecame {read:?}");
    }
}

/// Encodes, judges and draws a workflow in every way; returns what would be submitted.
fn uses(workflow: &Workflow) -> Value {
    let stamp = Stamp::new("2024-03-05T06:07:08Z".parse().expect("a time"), 1);
    let encoded = Encoded::new(workflow, &stamp);
    // The v1 family lacks classes and fields, and says so.
    let _is_encoded_or_refused = serde_json::to_value(encoded.family(Family::V1));
    serde_json::to_value(encoded.remedies(Remedies::Omit)).expect("a workflow encodes");
    if let Ok(steps) = Submission::new(workflow, &stamp).in_steps(1000) {
        for upload in steps.uploads() {
            serde_json::to_value(upload).expect("a part of a workflow encodes");
        }
    }
    for (_, step) in workflow.steps() {
        let request = match step {
            Step::Work(AnyWork::ATLASHPOWork(search)) => LegacyRequest::search(search).ok(),
            Step::Work(AnyWork::ATLASStageinWork(staging)) => LegacyRequest::stage_in(staging).ok(),
            _ => None,
        };
        request.map(|request| serde_json::to_value(request).expect("a work encodes"));
    }
    for advice in workflow.advice(ServerVersion::V2_6_21) {
        assert!(!advice.to_string().is_empty());
    }
    let graph = workflow.graph();
    assert!(!graph.mermaid().is_empty() && !graph.dot().is_empty() && !graph.svg().is_empty());
    serde_json::to_value(encoded).expect("a workflow encodes")
}
