//! The JSON Schemas, judged by other people's tools.

use idds::workflow::{AnyWork, Workflow};
use serde_json::{Value, json};

use crate::reference;
use crate::samples::{self, Reading, Sample};
use crate::support::Judges;

fn list<'a>(samples: impl IntoIterator<Item = &'a Sample>) -> Value {
    samples
        .into_iter()
        .map(|sample| json!({ "schema": sample.schema, "document": sample.document }))
        .collect()
}

#[test]
fn ajv_and_python_say_what_our_readers_say() {
    let Some(judges) = Judges::available() else {
        return;
    };
    let mut samples = samples::examples();
    samples.extend((0..10).flat_map(samples::random));
    let mut changed = Vec::new();
    for (index, sample) in samples.iter().enumerate() {
        let places = samples::places(&sample.document);
        // All places of the examples, some of the others.
        let step = if index < samples::examples().len() {
            1
        } else {
            1 + places.len() / 2
        };
        changed.extend(
            places
                .iter()
                .step_by(step)
                .flat_map(|place| samples::changed(sample, place)),
        );
    }
    samples.extend(changed);
    // Reasons that JSON Schema has no words for are left out: there our readers are stricter.
    samples.retain(|sample| !matches!(sample.verdict(), Reading::RefusedBeyondSchema));
    let samples_list = list(&samples);
    for (judge, theirs) in [
        ("ajv", judges.ajv(&samples_list)),
        ("jsonschema", judges.jsonschema(&samples_list)),
    ] {
        assert_eq!(theirs.len(), samples.len());
        for (sample, theirs) in samples.iter().zip(theirs) {
            let (ours, reasons) = match sample.verdict() {
                Reading::Refused(reasons) => (false, reasons),
                _ => (true, "accepted".to_owned()),
            };
            assert_eq!(
                ours, theirs,
                "{judge} of {}: {}, we say: {reasons}",
                sample.schema, sample.document
            );
        }
    }
}

#[test]
fn definitions_behind_the_recorded_payloads_are_valid_and_come_back()
-> Result<(), Box<dyn std::error::Error>> {
    let mut samples = Vec::new();
    for (name, workflow) in reference::workflows()? {
        let json = workflow.to_json();
        assert!(Workflow::from_json(&json)? == workflow, "{name}: {json}");
        assert!(
            Workflow::from_yaml(&workflow.to_yaml()?)? == workflow,
            "{name}: {json}"
        );
        samples.push(Sample {
            schema: "workflow.json".to_owned(),
            document: serde_json::from_str(&json)?,
        });
    }
    for (name, work) in reference::works()? {
        let document = serde_json::to_value(&work)?;
        assert!(
            serde_json::from_value::<AnyWork>(document.clone())? == work,
            "{name}: {document}"
        );
        samples.push(Sample {
            schema: format!("work_{}.json", document["type"].as_str().ok_or("a type")?),
            document,
        });
    }
    let Some(judges) = Judges::available() else {
        return Ok(());
    };
    let samples_list = list(&samples);
    for (judge, theirs) in [
        ("ajv", judges.ajv(&samples_list)),
        ("jsonschema", judges.jsonschema(&samples_list)),
    ] {
        assert_eq!(theirs.len(), samples.len());
        for (sample, is_valid) in samples.iter().zip(theirs) {
            assert!(is_valid, "{judge} refuses {}", sample.document);
        }
    }
    assert_eq!(judges.models(&samples_list), "");
    Ok(())
}

#[test]
fn typescript_types_of_the_schemas_compile() {
    let Some(judges) = Judges::available() else {
        return;
    };
    judges.ajv(&json!([]));
    assert_eq!(judges.tsc(), "");
}

#[test]
fn python_models_of_the_schemas_bring_back_every_document() {
    let Some(judges) = Judges::available() else {
        return;
    };
    let mut samples = samples::examples();
    samples.extend((0..10).flat_map(samples::random));
    assert_eq!(judges.models(&list(&samples)), "");
}
