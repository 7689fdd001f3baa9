use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// One parameter of every kind, as users write them, with the values a point may have.
fn documents() -> Vec<(Value, Vec<Value>, Vec<Value>)> {
    vec![
        (
            json!({"type": "Choice", "params": {"choices": [1, "two", null, [3]]}}),
            vec![json!(1), json!("two"), Value::Null, json!([3])],
            vec![json!(2), json!("1"), json!([1])],
        ),
        (
            json!({"type": "Choice", "params": {"choices": ["a", "b"], "repetitions": 2, "deterministic": true}}),
            vec![json!(["a", "a"])],
            vec![json!("a"), json!(["a"]), json!(["a", "c"])],
        ),
        (
            json!({"type": "TransitionChoice", "params": {"choices": [16, 32], "transitions": [1.0, 2], "ordered": true}}),
            vec![json!(16), json!(32)],
            vec![json!(24)],
        ),
        (
            json!({"type": "Scalar"}),
            vec![json!(0), json!(-1e300)],
            vec![json!("0"), Value::Null],
        ),
        (
            json!({"type": "Scalar", "params": {}, "bounds": [0, 5]}),
            vec![json!(0), json!(5.0)],
            vec![json!(5.1)],
        ),
        (
            json!({"type": "Scalar", "params": {"init": 1, "lower": 0.5, "upper": 2, "mutable_sigma": false}}),
            vec![json!(0.5)],
            vec![json!(0.4), json!(true)],
        ),
        (
            json!({"type": "Log", "params": {"exponent": 2.0, "lower": 1e-6, "upper": 1}}),
            vec![json!(1e-6), json!(1)],
            vec![json!(0), json!(2)],
        ),
        (
            json!({"type": "Array", "params": {"shape": [2, 1]}, "bounds": [-1, 1]}),
            vec![json!([[0], [1]])],
            vec![json!([0, 1]), json!([[0], [2]]), json!([[0]])],
        ),
        (
            json!({"type": "Scalar", "params": {"init": 2, "lower": 1, "upper": 30.5, "integer": true}}),
            vec![json!(1), json!(30), json!(2.0)],
            vec![json!(0), json!(31), json!(2.5)],
        ),
        (
            json!({"type": "Scalar", "params": {"lower": 0, "upper": 100, "integer": true, "step": 32}}),
            vec![json!(0), json!(96)],
            vec![json!(1), json!(128)],
        ),
        (
            json!({"type": "Scalar", "params": {"lower": 0.1, "upper": 0.7, "step": 0.1}}),
            vec![json!(0.1), json!(0.3), json!(0.1 + 0.2), json!(0.7)],
            vec![json!(0), json!(0.35), json!(0.8)],
        ),
        (
            json!({"type": "Scalar", "params": {"step": 0.1}}),
            vec![json!(-0.3), json!(0.1 + 0.2), json!(1e6), json!(0)],
            vec![json!(0.35), json!("0.3")],
        ),
        (
            json!({"type": "Log", "params": {"lower": 1, "upper": 64, "step": 0.75}}),
            vec![json!(1.5), json!(63.75)],
            vec![json!(0.75), json!(2)],
        ),
        (
            json!({"type": "Log", "params": {"lower": 1, "upper": 1000, "integer": true}}),
            vec![json!(1), json!(1000)],
            vec![json!(0), json!(1.5)],
        ),
        (
            json!({"type": "Array", "params": {"shape": [2], "lower": 0, "upper": 1000, "step": 0.01}}),
            vec![json!([0.29, 0.57])],
            vec![json!([0.29, 0.575]), json!([0.29, 1000.01])],
        ),
        (
            json!({"type": "Normal", "params": {"mu": 0, "sigma": 1.5}}),
            vec![json!(0), json!(-1e9)],
            vec![json!("0"), json!(true)],
        ),
        (
            json!({"type": "Normal", "params": {"mu": 0, "sigma": 1, "integer": true}}),
            vec![json!(-3)],
            vec![json!(0.5)],
        ),
        (
            json!({"type": "LogNormal", "params": {"mu": -3, "sigma": 1, "base": 10}}),
            vec![json!(1e-3)],
            vec![json!(0), json!(-1)],
        ),
        (
            json!({"type": "LogNormal", "params": {"mu": 0, "sigma": 1, "step": 0.25}}),
            vec![json!(0), json!(0.75)],
            vec![json!(-0.25), json!(0.3)],
        ),
    ]
}

#[test]
fn every_kind_reads_and_writes_the_same_document() {
    for (parameter, ..) in documents() {
        let document = json!({ "p": parameter });
        let space = OptSpace::from_value(&document).expect("a space");
        assert_eq!(serde_json::to_value(&space).expect("JSON"), document);
    }
}

#[test]
fn points_are_in_the_space_exactly_when_every_value_is_allowed() {
    for (parameter, inside, outside) in documents() {
        let space = OptSpace::from_value(&json!({ "p": parameter })).expect("a space");
        for value in inside {
            assert_eq!(
                space.check(&Point::new().with("p", value)),
                Ok(()),
                "{parameter}"
            );
        }
        for value in outside {
            assert!(
                space.check(&Point::new().with("p", value.clone())).is_err(),
                "{value} in {parameter}"
            );
        }
    }
}

#[test]
fn the_schema_accepts_a_document_exactly_when_the_reader_does() {
    let schema = schemars::schema_for!(OptSpace);
    let validator = jsonschema::draft202012::new(schema.as_value()).expect("a valid schema");
    let mut parameters: Vec<_> = documents()
        .into_iter()
        .map(|(parameter, ..)| parameter)
        .collect();
    parameters.extend([
        json!({}),
        json!(null),
        json!([1, 4]),
        json!({"type": "Choice"}),
        json!({"type": "Choise", "params": {"choices": [1]}}),
        json!({"type": "Choice", "params": {"choices": []}}),
        json!({"type": "Choice", "params": {"choices": [1], "repetitions": null}}),
        json!({"type": "Choice", "params": {"choices": [1]}, "bounds": [0, 1]}),
        json!({"type": "Scalar", "bounds": [0, 1, 2]}),
        json!({"type": "Scalar", "bounds": ["0", "1"]}),
        json!({"type": "Scalar", "bounds": null}),
        json!({"type": "Scalar", "params": {"high": 1}}),
        json!({"type": "Log", "params": {"lower": 1}}),
        json!({"type": "Log", "params": {"lower": 0, "upper": 1}}),
        json!({"type": "Array", "params": {"shape": []}}),
        json!({"type": "Array", "params": {"shape": [0]}}),
        json!({"type": "Array", "params": {"shape": [2.0]}}),
        json!({"type": "Array", "params": {"shape": [2.5]}}),
        json!({"type": "Array", "params": {"shape": [5_000_000_000_u64]}}),
        json!({"type": "Choice", "params": {"choices": [1], "repetitions": 3.0}}),
        json!({"type": "Choice", "params": {"choices": [1], "repetitions": 1e300}}),
        json!({"type": "Choice", "params": {"choices": [{"class": 1, "module": 2, "attributes": 3}]}}),
        json!({"type": "Choice", "params": {"choices": [[{"a": {"class": 1, "module": 2, "attributes": 3}}]]}}),
        json!({"type": "Choice", "params": {"choices": [["class", "module", "attributes"]]}}),
        json!({"type": "Scalar", "params": {"integer": false}}),
        json!({"type": "Scalar", "params": {"integer": null}}),
        json!({"type": "Scalar", "params": {"integer": true, "step": 0.5}}),
        json!({"type": "Scalar", "params": {"integer": true, "step": 2.0}}),
        json!({"type": "Scalar", "params": {"integer": false, "step": 0.5}}),
        json!({"type": "Scalar", "params": {"step": 0}}),
        json!({"type": "Scalar", "integer": true}),
        json!({"type": "Normal"}),
        json!({"type": "Normal", "params": {"mu": 0, "sigma": 0}}),
        json!({"type": "Normal", "params": {"mu": 0, "sigma": 1, "base": 10}}),
        json!({"type": "LogNormal", "params": {"mu": 0, "sigma": 1, "base": 1}}),
    ]);
    for parameter in parameters {
        let document = json!({ "p": parameter });
        assert_eq!(
            validator.is_valid(&document),
            OptSpace::from_value(&document).is_ok(),
            "{document}"
        );
    }
    for document in [
        json!({}),
        json!([]),
        json!({"": {"type": "Scalar"}}),
        json!({"class": {"type": "Scalar"}, "module": {"type": "Scalar"}, "attributes": {"type": "Scalar"}}),
    ] {
        assert_eq!(
            validator.is_valid(&document),
            OptSpace::from_value(&document).is_ok(),
            "{document}"
        );
    }
}

/// What no JSON Schema can say: how two values relate, and whether a number is written as an integer.
const RELATIONS: [&str; 8] = [
    "is an integer above",
    "is not below the upper bound",
    "is below the lower bound",
    "is above the upper bound",
    "there is not a",
    "too far from 0",
    "numbers; the server can store",
    "params.init: ",
];

/// Replaces the part of a document that a walk ends at.
fn mutate(document: &mut Value, walk: &[usize], junk: Value) {
    let [step, rest @ ..] = walk else {
        *document = junk;
        return;
    };
    match document {
        Value::Object(fields) if !fields.is_empty() => {
            let index = step % fields.len();
            if let Some(field) = fields.values_mut().nth(index) {
                mutate(field, rest, junk);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let index = step % items.len();
            mutate(&mut items[index], rest, junk);
        }
        other => *other = junk,
    }
}

fn junk() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..3_i64).prop_map(Value::from),
        prop_oneof![Just(0.5), Just(2.0), Just(1e300), Just(-1e-300)].prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        "Choice|Scalar|Log|Normal|[a-c]".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([1, 2])),
        Just(json!({"lower": 1, "upper": 2})),
        Just(json!({"class": 1, "module": 1, "attributes": 1})),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn schema_and_reader_agree_on_mutated_documents(index: prop::sample::Index, walk in prop::collection::vec(0..6_usize, 1..5), junk in junk()) {
        static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
            let schema = schemars::schema_for!(OptSpace);
            jsonschema::draft202012::new(schema.as_value()).expect("a valid schema")
        });
        let mut document = json!({ "p": index.get(&documents()).0 });
        mutate(&mut document, &walk, junk);
        match OptSpace::from_value(&document) {
            Ok(space) => {
                prop_assert!(VALIDATOR.is_valid(&document), "{document}");
                prop_assert!(jsonschema::draft202012::new(&space.point_schema()).is_ok());
                let written = serde_json::to_value(&space).expect("JSON");
                prop_assert_eq!(OptSpace::from_value(&written), Ok(space));
            }
            Err(error) => {
                let text = error.to_string();
                let relation = RELATIONS.iter().any(|relation| text.contains(relation));
                prop_assert!(relation || !VALIDATOR.is_valid(&document), "{document}: {text}");
            }
        }
    }
}

#[test]
fn the_schema_keeps_its_meaning_inside_another_schema() {
    #[derive(JsonSchema)]
    struct Outer {
        #[expect(dead_code, reason = "only its schema counts")]
        spaces: Vec<OptSpace>,
    }
    let schema = schemars::schema_for!(Outer);
    let validator = jsonschema::draft202012::new(schema.as_value()).expect("a valid schema");
    let choice = |value: Value| json!({"spaces": [{"A": {"type": "Choice", "params": {"choices": [value]}}}]});
    assert!(validator.is_valid(&choice(json!({"class": 1}))));
    assert!(!validator.is_valid(&choice(json!([{"class": 1, "module": 2, "attributes": 3}]))));
}

#[test]
fn points_that_are_nested_deep_are_refused() {
    let deep = || (0..1000).fold(json!(1), |inner, _| Value::Array(vec![inner]));
    let space = OptSpace::builder()
        .choice("A", [1, 4])
        .build()
        .expect("a space");
    let point = Point::new().with("A", deep());
    assert_eq!(
        space.check(&point).expect_err("a deep point").to_string(),
        "point: is nested deeper than 64 levels"
    );
    assert!(point.to::<Value>().is_err());
    let choice = OptSpace::builder()
        .choice("A", [deep()])
        .build()
        .expect_err("a deep choice");
    assert_eq!(
        choice.to_string(),
        "opt_space.A: has a choice that is nested too deep"
    );
}

#[test]
fn values_that_are_no_multiples_are_refused_with_the_step() {
    let space = OptSpace::builder()
        .parameter("few", Scalar::new().range(0..=1).step(0.5))
        .parameter("many", Scalar::new().range(0..=1000).step(0.1))
        .parameter("batch", Scalar::new().range(0..=64).integer().step(32))
        .build()
        .expect("a space");
    let error = space
        .check(
            &Point::new()
                .with("few", 0.3)
                .with("many", 0.35)
                .with("batch", 33),
        )
        .expect_err("no multiples");
    insta::assert_snapshot!(
        error,
        @"point.few: 0.3 is not a multiple of 0.5; point.batch: 33 is not a multiple of 32; point.many: 0.35 is not a multiple of 0.1"
    );
}

#[test]
fn the_schemas_are_frozen() {
    insta::assert_json_snapshot!("schema_of_a_space", schemars::schema_for!(OptSpace));
    let space = OptSpace::builder()
        .choice("A", [1, 4])
        .scalar("B", 0..=5)
        .log("C", 1e-3..=1.0)
        .array("D", [2], 0..=1)
        .integer("E", 1..=30)
        .parameter("F", Scalar::new().range(0..=64).integer().step(32))
        .parameter("G", Scalar::new().range(0..=1).step(0.25))
        .parameter("H", Scalar::new().range(0.0..=0.5).step(0.1))
        .parameter("I", Normal::new(0, 1).step(0.1))
        .parameter("J", LogNormal::new(0, 1));
    insta::assert_json_snapshot!(
        "schema_of_a_point",
        space.build().expect("a space").point_schema()
    );
}

#[test]
fn a_wrong_space_is_refused_with_the_place_the_value_and_what_is_allowed() {
    let wrong = [
        json!([1]),
        json!({"": {"type": "Scalar"}}),
        json!({"A": {"params": {}}}),
        json!({"A": {"type": "Choise", "params": {"choices": [1]}}}),
        json!({"A": {"type": "Choice", "params": {"choices": []}}, "B": {"type": "Scalar", "bounds": [5, 0]}}),
        json!({"A": {"type": "Scalar", "bounds": [0]}}),
        json!({"A": {"type": "Scalar", "bounds": [0, 5], "params": {"init": 7}}}),
        json!({"A": {"type": "Log", "params": {"lower": 0, "upper": 1}}}),
        json!({"A": {"type": "Array", "params": {"shape": [100, 100]}}}),
        json!({"A": {"type": "Scalar", "params": {"lower": 0.2, "upper": 0.8, "integer": true}}}),
        json!({"A": {"type": "Scalar", "params": {"integer": true, "step": 0.5}}}),
        json!({"A": {"type": "Scalar", "params": {"integer": true, "init": 0.5}}}),
        json!({"A": {"type": "Scalar", "params": {"lower": 0, "upper": 1e300, "integer": true}}}),
        json!({"A": {"type": "LogNormal", "params": {"mu": 0}}}),
        json!({"class": {"type": "Scalar"}, "module": {"type": "Scalar"}, "attributes": {"type": "Scalar"}}),
        json!({"A": {"type": "Choice", "params": {"choices": [{"class": 1, "module": 2, "attributes": 3}]}}}),
    ];
    let errors: Vec<_> = wrong
        .iter()
        .map(|document| {
            OptSpace::from_value(document)
                .expect_err("a wrong space")
                .to_string()
        })
        .collect();
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn builders_refuse_what_json_cannot_say() {
    let error = OptSpace::builder()
        .scalar("A", 0.0..=f64::INFINITY)
        .scalar("B", 0..=1)
        .scalar("B", 0..=2)
        .build()
        .expect_err("two problems");
    insta::assert_snapshot!(error, @"opt_space.A: has a number that is NaN or infinite; opt_space.B: is given twice");
}

#[test]
fn the_order_of_parameters_is_kept() {
    let names: Vec<_> = ["z", "a", "m"].into();
    let space = names
        .iter()
        .fold(OptSpace::builder(), |space, name| {
            space.scalar(*name, 0..=1)
        })
        .build();
    assert_eq!(
        space
            .expect("a space")
            .parameters()
            .map(|(name, _)| name)
            .collect::<Vec<_>>(),
        names
    );
}
