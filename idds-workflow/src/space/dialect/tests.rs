use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::space::{Array, Choice, Log, LogNormal, Normal, Scalar, TransitionChoice};
use crate::{Number, Point};

/// A sample of every dialect, as its users write it, with a space that says the same.
fn samples() -> Vec<(Dialect, Value, OptSpace)> {
    let space = |space: crate::OptSpaceBuilder| space.build().expect("a space");
    vec![
        (
            Dialect::Nevergrad,
            json!({
                "A": {"type": "Choice", "params": {"choices": [1, 4]}},
                "B": {"type": "Scalar", "bounds": [0, 5]},
                "C": {"type": "TransitionChoice", "params": {"choices": [16, 32]}},
                "D": {"type": "Log", "params": {"lower": 1e-6, "upper": 0.1, "exponent": 10}},
                "E": {"type": "Array", "params": {"shape": [2]}, "bounds": [-1, 1]},
            }),
            space(
                OptSpace::builder()
                    .choice("A", [1, 4])
                    .scalar("B", 0..=5)
                    .transition_choice("C", [16, 32])
                    .parameter("D", Log::new(1e-6..=0.1).exponent(10))
                    .array("E", [2], -1..=1),
            ),
        ),
        (
            Dialect::BayesOpt,
            json!({"A": [1, 4], "B": [1, 10]}),
            space(
                OptSpace::builder()
                    .parameter("A", Scalar::new().range(1..=4))
                    .parameter("B", Scalar::new().range(1..=10)),
            ),
        ),
        (
            Dialect::Lists,
            json!({"A": [1, 4], "B": ["relu", null]}),
            space(
                OptSpace::builder()
                    .choice("A", [1, 4])
                    .choice("B", [json!("relu"), Value::Null]),
            ),
        ),
        (
            Dialect::Hpogrid,
            json!({
                "activation": {"method": "categorical", "dimension": {"categories": ["relu", "sigmoid"], "grid_search": 0}},
                "learning_rate": {"method": "loguniform", "dimension": {"low": 1e-6, "high": 1e-1, "base": 10}},
                "max_depth": {"method": "uniformint", "dimension": {"low": 1, "high": 30}},
                "subsample": {"method": "uniform", "dimension": {"low": 0.1, "high": 1.0}},
                "dropout": {"method": "quniform", "dimension": {"low": 0, "high": 0.5, "q": 0.1}},
                "width": {"method": "qloguniform", "dimension": {"low": 16, "high": 4096, "q": 16}},
                "shift": {"method": "normal", "dimension": {"mu": 0, "sigma": 2.5}},
                "offset": {"method": "qnormal", "dimension": {"mu": 0, "sigma": 2.5, "q": 0.5}},
                "scale": {"method": "lognormal", "dimension": {"mu": -1, "sigma": 1}},
                "size": {"method": "qlognormal", "dimension": {"mu": 1, "sigma": 1, "q": 2, "base": 2}},
            }),
            space(
                OptSpace::builder()
                    .choice("activation", ["relu", "sigmoid"])
                    .parameter("learning_rate", Log::new(1e-6..=1e-1).exponent(10))
                    .integer("max_depth", 1..=30)
                    .parameter("subsample", Scalar::new().range(0.1..=1.0))
                    .parameter(
                        "dropout",
                        Scalar::new()
                            .range(Number::Int(0)..=Number::Float(0.5))
                            .step(0.1),
                    )
                    .parameter("width", Log::new(16..=4096).step(16))
                    .parameter("shift", Normal::new(0, 2.5))
                    .parameter("offset", Normal::new(0, 2.5).step(0.5))
                    .parameter("scale", LogNormal::new(-1, 1))
                    .parameter("size", LogNormal::in_base(2, 1, 1).step(2)),
            ),
        ),
    ]
}

#[test]
fn every_dialect_reads_and_writes_what_its_users_write() {
    for (dialect, document, space) in samples() {
        assert_eq!(dialect.read(&document).as_ref(), Ok(&space), "{dialect}");
        assert_eq!(dialect.write(&space), Ok(document), "{dialect}");
    }
}

#[test]
fn a_sample_is_recognised_unless_it_could_mean_two_things() {
    let candidates: Vec<_> = samples()
        .iter()
        .map(|(_, document, _)| Dialect::candidates(document))
        .collect();
    let expected: [&[Dialect]; 4] = [
        &[Dialect::Nevergrad],
        &[Dialect::BayesOpt, Dialect::Lists],
        &[Dialect::Lists],
        &[Dialect::Hpogrid],
    ];
    assert_eq!(candidates, expected);
    assert_eq!(Dialect::candidates(&json!({})), Dialect::ALL);
    assert_eq!(
        Dialect::candidates(&json!([{"model_id": 1, "search_space": {}}])),
        []
    );
}

#[test]
fn fixed_is_a_choice_of_one_and_written_as_every_library_reads_it() {
    let document = json!({"A": {"method": "fixed", "dimension": {"value": [1, 2]}}});
    let space = Dialect::Hpogrid.read(&document).expect("a space");
    assert_eq!(space.check(&Point::new().with("A", json!([1, 2]))), Ok(()));
    let written = json!({"A": {"method": "categorical", "dimension": {"categories": [[1, 2]], "grid_search": 0}}});
    assert_eq!(Dialect::Hpogrid.write(&space), Ok(written));
}

#[test]
fn what_is_not_of_the_dialect_is_refused_with_the_place_and_the_reason() {
    let hpogrid =
        |method: &str, dimension: Value| json!({"A": {"method": method, "dimension": dimension}});
    let wrong = [
        (
            Dialect::Nevergrad,
            json!({"A": {"type": "Scalar", "params": {"lower": 1, "upper": 5, "integer": true}}}),
        ),
        (
            Dialect::Nevergrad,
            json!({"A": {"type": "Scalar", "params": {"step": 0.5}}}),
        ),
        (
            Dialect::Nevergrad,
            json!({"A": {"type": "Normal", "params": {"mu": 0, "sigma": 1}}}),
        ),
        (
            Dialect::Nevergrad,
            json!({"A": {"type": "Normall"}, "B": {"type": "Choice", "params": {"choices": []}}}),
        ),
        (
            Dialect::BayesOpt,
            json!({"A": [4, 1], "B": [1, 2, 3], "C": ["x", "y"], "D": {"type": "Scalar"}}),
        ),
        (Dialect::Lists, json!({"A": [], "B": 3})),
        (
            Dialect::Lists,
            json!({"class": [1], "module": [1], "attributes": [1]}),
        ),
        (
            Dialect::Lists,
            json!({"A": [{"class": 1, "module": 2, "attributes": 3}]}),
        ),
        (
            Dialect::Hpogrid,
            json!([{"model_id": 1, "search_space": {}}]),
        ),
        (Dialect::Hpogrid, json!({"A": {"method": "uniform"}})),
        (
            Dialect::Hpogrid,
            json!({"A": {"method": "uniform", "dimension": {"low": 0, "high": 1}, "type": "Scalar"}}),
        ),
        (
            Dialect::Hpogrid,
            hpogrid("unifrom", json!({"low": 0, "high": 1})),
        ),
        (Dialect::Hpogrid, hpogrid("uniform", json!({"low": 0}))),
        (
            Dialect::Hpogrid,
            hpogrid("uniform", json!({"low": 0, "high": 1, "q": 1})),
        ),
        (
            Dialect::Hpogrid,
            hpogrid("uniform", json!({"low": "0", "high": 1})),
        ),
        (
            Dialect::Hpogrid,
            hpogrid("uniform", json!({"low": 1, "high": 0})),
        ),
        (
            Dialect::Hpogrid,
            hpogrid("loguniform", json!({"low": 0, "high": 1, "base": 1})),
        ),
        (
            Dialect::Hpogrid,
            hpogrid("quniform", json!({"low": 1, "high": 2, "q": 5})),
        ),
        (
            Dialect::Hpogrid,
            hpogrid("quniform", json!({"low": 1, "high": 2, "q": 0})),
        ),
        (
            Dialect::Hpogrid,
            hpogrid("normal", json!({"mu": 0, "sigma": -1})),
        ),
        (
            Dialect::Hpogrid,
            hpogrid("categorical", json!({"categories": [1], "grid_search": 1})),
        ),
        (
            Dialect::Hpogrid,
            hpogrid("categorical", json!({"categories": []})),
        ),
    ];
    let errors: Vec<_> = wrong
        .iter()
        .map(|(dialect, document)| {
            format!(
                "{dialect}: {}",
                dialect.read(document).expect_err("a wrong document")
            )
        })
        .collect();
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn what_a_dialect_cannot_carry_is_an_error_that_names_parameter_and_reason() {
    let space = OptSpace::builder()
        .choice("choice", ["a", "b"])
        .parameter("list", Choice::new([1, 2]).repetitions(2))
        .transition_choice("sizes", [16, 32])
        .transition_choice("size", [16])
        .parameter("bounded", Scalar::new().range(0..=1))
        .scalar("away from 0", 1..=4)
        .parameter("twice bounded", Scalar::new().range(0..=5).bounds(0..=1))
        .parameter("free", Scalar::new())
        .parameter("started", Scalar::new().range(0..=5).init(1))
        .integer("integer", 1..=30)
        .parameter("one integer", Scalar::new().range(0.5..=1.5).integer())
        .parameter("step", Scalar::new().range(0..=1).step(0.25))
        .parameter(
            "integer step",
            Scalar::new().range(0..=64).integer().step(32),
        )
        .log("log", 1e-6..=0.1)
        .parameter("log step", Log::new(1..=100).step(2))
        .parameter("log integer", Log::new(1..=100).integer())
        .array("array", [2], 1..=2)
        .parameter("normal", Normal::new(0, 1))
        .parameter("log-normal", LogNormal::new(0, 1).step(1))
        .build()
        .expect("a space");
    let errors: Vec<_> = Dialect::ALL
        .into_iter()
        .flat_map(|dialect| {
            dialect
                .write(&space)
                .expect_err("a refused space")
                .into_problems()
        })
        .map(|problem| problem.to_string())
        .collect();
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn deep_documents_are_refused_and_huge_numbers_make_no_reader_panic() {
    let deep = (0..5000).fold(json!(1), |inner, _| Value::Array(vec![inner]));
    let deep = Value::Object(Map::from_iter([("A".to_owned(), deep)]));
    let huge = [
        json!(1e308),
        json!(-1e308),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(5e-324),
    ];
    for dialect in Dialect::ALL {
        let refused = dialect.read(&deep).expect_err("a deep document");
        assert_eq!(
            refused.to_string(),
            "opt_space: is nested deeper than 64 levels"
        );
        for (low, high) in huge
            .iter()
            .flat_map(|low| huge.iter().map(move |high| (low, high)))
        {
            for document in [
                json!({ "A": [low, high] }),
                json!({ "A": {"method": "uniformint", "dimension": {"low": low, "high": high}} }),
                json!({ "A": {"method": "qloguniform", "dimension": {"low": low, "high": high, "q": low, "base": high}} }),
                json!({ "A": {"method": "qnormal", "dimension": {"mu": low, "sigma": high, "q": high}} }),
                json!({ "A": {"type": "Log", "params": {"lower": low, "upper": high, "exponent": high}} }),
            ] {
                if let Ok(space) = dialect.read(&document) {
                    let _schema_can_be_made = space.point_schema();
                    let _is_checked = space.check(&Point::new().with("A", high.clone()));
                }
            }
        }
    }
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        (-1000_i64..1000).prop_map(Number::Int),
        (-1e3..1e3_f64).prop_map(Number::Float)
    ]
}

fn bounds() -> impl Strategy<Value = std::ops::RangeInclusive<Number>> {
    (number(), number()).prop_filter_map("bounds", |(a, b)| (a < b).then_some(a..=b))
}

fn positive() -> impl Strategy<Value = std::ops::RangeInclusive<Number>> {
    bounds().prop_filter("positive bounds", |bounds| bounds.start().as_f64() > 0.0)
}

fn choices() -> impl Strategy<Value = Vec<Value>> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9..9_i64).prop_map(Value::from),
        (-9.0..9.0_f64).prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
    ];
    let nested = leaf.prop_recursive(2, 6, 3, |inner| {
        proptest::collection::vec(inner, 0..3).prop_map(Value::from)
    });
    proptest::collection::vec(nested, 1..4)
}

/// Sets what is given of a step and a start.
macro_rules! with {
    ($number:expr, $integer:expr, $step:expr) => {{
        let number = if $integer { $number.integer() } else { $number };
        match ($step, $integer) {
            (Some(step), true) => number.step(Number::Int((step as i64).max(1))),
            (Some(step), false) => number.step(step),
            (None, _) => number,
        }
    }};
}

fn parameter() -> impl Strategy<Value = Parameter> {
    let grid = || (any::<bool>(), proptest::option::of(0.01..5.0_f64));
    let base = || proptest::option::of(1.5..20.0_f64);
    prop_oneof![
        (choices(), proptest::option::of(1..4_u32)).prop_map(|(choices, length)| match length {
            Some(length) => Choice::new(choices).repetitions(length).into(),
            None => Choice::new(choices).into(),
        }),
        choices().prop_map(|choices| TransitionChoice::new(choices).into()),
        (bounds(), any::<bool>(), any::<bool>()).prop_map(|(bounds, in_params, start)| {
            let init = *bounds.start();
            let scalar = if in_params {
                Scalar::new().range(bounds)
            } else {
                Scalar::new().bounds(bounds)
            };
            if start { scalar.init(init) } else { scalar }.into()
        }),
        (-9..9_i64, 1..99_i64)
            .prop_map(|(lower, width)| Scalar::new().range(lower..=lower + width).integer().into()),
        (bounds(), grid()).prop_map(|(bounds, (integer, step))| with!(
            Scalar::new().range(bounds),
            integer,
            step
        )
        .into()),
        (positive(), base(), grid()).prop_map(|(bounds, base, (integer, step))| {
            let log = base.map_or(Log::new(bounds.clone()), |base| {
                Log::new(bounds).exponent(base)
            });
            with!(log, integer, step).into()
        }),
        (bounds(), grid()).prop_map(|(bounds, (integer, step))| with!(
            Array::new([2]).range(bounds),
            integer,
            step
        )
        .into()),
        (number(), 0.1..9.0_f64, grid()).prop_map(|(mu, sigma, (integer, step))| with!(
            Normal::new(mu, sigma),
            integer,
            step
        )
        .into()),
        (number(), 0.1..9.0_f64, base(), grid()).prop_map(|(mu, sigma, base, (integer, step))| {
            let normal = base.map_or(LogNormal::new(mu, sigma), |base| {
                LogNormal::in_base(base, mu, sigma)
            });
            with!(normal, integer, step).into()
        }),
    ]
}

fn space() -> impl Strategy<Value = OptSpace> {
    proptest::collection::vec(("[a-z. ]{1,4}", parameter()), 0..4).prop_filter_map(
        "a space",
        |parameters| {
            let add = |space: crate::OptSpaceBuilder, (name, parameter): (String, Parameter)| {
                space.parameter(name, parameter)
            };
            parameters
                .into_iter()
                .fold(OptSpace::builder(), add)
                .build()
                .ok()
        },
    )
}

proptest! {
    #[test]
    fn the_own_form_carries_every_space(space in space()) {
        let document = serde_json::to_value(&space).expect("JSON");
        prop_assert_eq!(OptSpace::from_value(&document), Ok(space.clone()));
        let text = serde_json::to_string(&space).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<OptSpace>(&text).expect("a space"), space);
    }

    #[test]
    fn what_a_dialect_writes_it_reads_as_the_same_values(parameter in parameter()) {
        let space = OptSpace::builder().parameter("p", parameter).build();
        for dialect in Dialect::ALL {
            let Ok(space) = &space else { continue };
            let Ok(document) = dialect.write(space) else { continue };
            let read = dialect.read(&document).expect("what was written");
            prop_assert_eq!(dialect.write(&read), Ok(document));
            if dialect == Dialect::Nevergrad {
                prop_assert_eq!(&read, space);
            }
            // hpogrid's bounds of integers are integers, whatever ours are.
            let integers = |space: &OptSpace| space.parameters().any(|(_, p)| p.grid().is_some_and(|grid| grid.is_integer()));
            if !integers(space) {
                prop_assert_eq!(read.point_schema(), space.point_schema());
            }
        }
    }

    #[test]
    fn no_document_makes_a_reader_panic(name in "[a-z]{0,2}", value in choices(), method in "q?(log)?(uniform(int)?|normal)") {
        let [a, b] = [0, 1].map(|index| value.get(index).cloned().unwrap_or_default());
        for value in [
            Value::from(value),
            json!({"method": &method, "dimension": {"low": a, "high": b}}),
            json!({"method": &method, "dimension": {"mu": a, "sigma": b, "q": a}}),
            json!({"type": "Scalar", "params": {"lower": a, "step": b}}),
        ] {
            for dialect in Dialect::ALL {
                let _is_read_or_refused = dialect.read(&json!({ &name: &value }));
            }
        }
    }
}
