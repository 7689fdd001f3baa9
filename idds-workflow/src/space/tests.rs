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
        (json!({"type": "Scalar"}), vec![json!(0), json!(-1e300)], vec![json!("0"), Value::Null]),
        (json!({"type": "Scalar", "params": {}, "bounds": [0, 5]}), vec![json!(0), json!(5.0)], vec![json!(5.1)]),
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
            assert_eq!(space.check(&Point::new().with("p", value)), Ok(()), "{parameter}");
        }
        for value in outside {
            assert!(space.check(&Point::new().with("p", value.clone())).is_err(), "{value} in {parameter}");
        }
    }
}

#[test]
fn the_schema_accepts_a_document_exactly_when_the_reader_does() {
    let schema = schemars::schema_for!(OptSpace);
    let validator = jsonschema::draft202012::new(schema.as_value()).expect("a valid schema");
    let mut parameters: Vec<_> = documents().into_iter().map(|(parameter, ..)| parameter).collect();
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
    ]);
    for parameter in parameters {
        let document = json!({ "p": parameter });
        assert_eq!(validator.is_valid(&document), OptSpace::from_value(&document).is_ok(), "{document}");
    }
}

#[test]
fn the_schemas_are_frozen() {
    insta::assert_json_snapshot!("schema_of_a_space", schemars::schema_for!(OptSpace));
    let space = OptSpace::builder().choice("A", [1, 4]).scalar("B", 0..=5).log("C", 1e-3..=1.0).array("D", [2], 0..=1);
    insta::assert_json_snapshot!("schema_of_a_point", space.build().expect("a space").point_schema());
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
        json!({"class": {"type": "Scalar"}, "module": {"type": "Scalar"}, "attributes": {"type": "Scalar"}}),
        json!({"A": {"type": "Choice", "params": {"choices": [{"class": 1, "module": 2, "attributes": 3}]}}}),
    ];
    let errors: Vec<_> =
        wrong.iter().map(|document| OptSpace::from_value(document).expect_err("a wrong space").to_string()).collect();
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
    let space = names.iter().fold(OptSpace::builder(), |space, name| space.scalar(*name, 0..=1)).build();
    assert_eq!(space.expect("a space").parameters().map(|(name, _)| name).collect::<Vec<_>>(), names);
}
