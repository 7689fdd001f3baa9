//! The schemas accept what the readers accept, and nothing else but what JSON Schema has no words for.

use std::collections::HashMap;
use std::sync::LazyLock;

use idds_workflow::schemas;
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::samples::{self, Reading, Sample};

static VALIDATORS: LazyLock<HashMap<String, Validator>> = LazyLock::new(|| {
    let validator = |schema| jsonschema::draft202012::new(schema).expect("a schema");
    schemas()
        .iter()
        .map(|(file, schema)| (file.clone(), validator(schema)))
        .collect()
});

/// Checks that schema and reader say the same about a document; returns whether they accept it.
fn agree(sample: &Sample) -> Result<bool, String> {
    let accepts = VALIDATORS[&sample.schema].is_valid(&sample.document);
    let says = match sample.verdict() {
        Reading::Accepted if accepts => return Ok(true),
        Reading::Refused(_) if !accepts => return Ok(false),
        Reading::RefusedBeyondSchema => return Ok(false),
        Reading::Accepted => "accepted".to_owned(),
        Reading::Refused(reasons) => reasons,
    };
    Err(format!(
        "{}: the schema {}, the reader says: {says}\n{}",
        sample.schema,
        if accepts { "accepts" } else { "refuses" },
        sample.document
    ))
}

#[test]
fn right_documents_are_accepted() {
    for sample in samples::examples()
        .into_iter()
        .chain((0..200).flat_map(samples::random))
    {
        assert_eq!(agree(&sample), Ok(true));
    }
}

#[test]
fn every_change_of_a_document_is_judged_alike() {
    for sample in samples::examples() {
        let places = samples::places(&sample.document);
        for changed in places
            .iter()
            .flat_map(|place| samples::changed(&sample, place))
        {
            assert_eq!(agree(&changed).err(), None);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn changes_of_random_documents_are_judged_alike(seed: u64, pick: prop::sample::Index, at: prop::sample::Index) {
        let right = samples::random(seed);
        let sample = pick.get(&right);
        let places = samples::places(&sample.document);
        for changed in samples::changed(sample, at.get::<String>(&places)) {
            prop_assert_eq!(agree(&changed).err(), None);
        }
    }

    #[test]
    fn junk_is_judged_alike(junk in json()) {
        for schema in VALIDATORS.keys() {
            let sample = Sample { schema: schema.clone(), document: junk.clone() };
            prop_assert_eq!(agree(&sample).err(), None);
        }
    }
}

/// JSON with the keys and words that documents have.
fn json() -> impl Strategy<Value = Value> {
    let words = [
        "type",
        "hpo",
        "program",
        "workflow",
        "steps",
        "conditions",
        "when",
        "step",
        "is",
        "finished",
        "all",
        "then",
        "input",
        "scope",
        "name",
        "points",
        "opt_space",
        "params",
        "Choice",
        "choices",
        "status",
        "loss",
        "custom",
        "class",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2..100_i64).prop_map(Value::from),
        any::<f64>().prop_filter_map("finite", |x| serde_json::Number::from_f64(x)
            .map(Value::Number)),
        prop::sample::select(words.to_vec()).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(words.to_vec()), inner), 0..5).prop_map(
                |fields| {
                    Value::Object(
                        fields
                            .into_iter()
                            .map(|(key, value)| (key.to_owned(), value))
                            .collect::<Map<_, _>>(),
                    )
                }
            ),
        ]
    })
}
