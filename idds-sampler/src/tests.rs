//! What holds for every sampler, whatever the space and the trials so far.

use std::time::{Duration, Instant};

use idds_workflow::{
    Array, Choice, Dialect, Log, LogNormal, Normal, OptSpace, OptSpaceBuilder, Parameter, Point,
    Scalar, SearchSpace, SteeringInput, SteeringOutput, TransitionChoice,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::*;

/// Every sampler with its name.
fn every_one() -> [(&'static str, Steering); 8] {
    [
        ("auto", Steering::new(Auto)),
        ("CMA-ES", Steering::new(CmaEs)),
        ("Gaussian process", Steering::new(GaussianProcess)),
        ("grid", Steering::new(Grid::default())),
        ("independent", Steering::new(Independent)),
        ("quasi-random", Steering::new(QuasiRandom)),
        ("random", Steering::new(Random)),
        ("TPE", Steering::new(Tpe)),
    ]
}

/// Those whose points depend on no loss.
fn blind() -> impl Iterator<Item = (&'static str, Steering)> {
    every_one()
        .into_iter()
        .filter(|(name, _)| ["independent", "quasi-random", "random"].contains(name))
}

/// Those that repeat no point of a space that has others.
fn choosy() -> impl Iterator<Item = (&'static str, Steering)> {
    every_one()
        .into_iter()
        .filter(|(name, _)| *name != "independent")
}

fn trial(point: Point, loss: Option<f64>) -> Trial {
    Trial { point, loss }
}

/// One parameter of every kind and extreme, as numbers make it.
fn parameter() -> impl Strategy<Value = Parameter> {
    let bounds = || (-50_i64..50, 1..100_i64).prop_map(|(lower, width)| lower..=lower + width);
    prop_oneof![
        (1..6_i64).prop_map(|count| Choice::new(0..count).into()),
        (1..4_u32).prop_map(
            |length| Choice::new([json!("a"), json!(null), json!([1, {"b": 2}])])
                .repetitions(length)
                .into()
        ),
        (1..6_i64).prop_map(|count| TransitionChoice::new(0..count).into()),
        bounds().prop_map(|bounds| Scalar::new().bounds(bounds).into()),
        bounds().prop_map(|bounds| Scalar::new().range(bounds).integer().into()),
        bounds().prop_map(|bounds| Scalar::new().range(bounds).step(0.1).into()),
        (1..1000_i64, 1..5000_i64)
            .prop_map(|(lower, width)| Log::new(lower..=lower + width).integer().into()),
        bounds().prop_map(|bounds| Array::new([2, 2]).range(bounds).into()),
        bounds().prop_map(|bounds| Array::new([3]).range(bounds).integer().into()),
        (-5_i64..5, 0.01..10.0).prop_map(|(mu, sigma)| Normal::new(mu, sigma).into()),
        (-5_i64..5, 0.01..10.0).prop_map(|(mu, sigma)| Normal::new(mu, sigma).integer().into()),
        (-5_i64..5, 0.01..3.0).prop_map(|(mu, sigma)| LogNormal::new(mu, sigma).into()),
        Just(Scalar::new().into()),
        Just(Scalar::new().init(7).integer().into()),
        // The widest ranges, and the narrowest ones.
        Just(Scalar::new().range(f64::MIN..=f64::MAX).into()),
        Just(
            Scalar::new()
                .range(-(1_i64 << 53)..=1_i64 << 53)
                .integer()
                .into()
        ),
        Just(Scalar::new().range(1.0..=1.0 + f64::EPSILON).into()),
        Just(Scalar::new().range(3..=4).integer().into()),
        Just(Log::new(f64::MIN_POSITIVE..=f64::MAX).into()),
        Just(Log::new(1e-150..=1e150).into()),
        Just(LogNormal::in_base(10, 0, 300).into()),
        Just(Normal::new(0, 1e300).integer().into()),
    ]
}

fn space() -> impl Strategy<Value = OptSpace> {
    let some = || proptest::collection::vec(parameter(), 0..4);
    let add = |builder, prefix: &str, parameters: Vec<Parameter>| {
        let named = parameters.into_iter().enumerate();
        named.fold(builder, |builder: OptSpaceBuilder, (index, parameter)| {
            builder.parameter(format!("{prefix}{index}"), parameter)
        })
    };
    (some(), proptest::option::of((some(), some()))).prop_map(move |(always, sometimes)| {
        let builder = add(OptSpace::builder(), "p", always);
        let builder = match sometimes {
            None => builder,
            // The last ones depend on a choice that does not always exist.
            Some((some, others)) => builder
                .choice("kind", ["a", "b", "c"])
                .when("kind", ["a", "b"], |space| {
                    add(space.choice("sub", [1, 2]), "q", some)
                })
                .when("sub", [2], |space| add(space, "r", others)),
        };
        builder.build().expect("a space")
    })
}

/// Losses of every kind, none while a trial is pending.
fn losses() -> impl Strategy<Value = Vec<Option<f64>>> {
    let any = prop_oneof![
        4 => (-9..9_i32).prop_map(|loss| Some(f64::from(loss))),
        2 => proptest::num::f64::ANY.prop_map(Some),
        1 => Just(Some(0.0)),
        1 => Just(Some(1e5)),
        1 => Just(Some(f64::NAN)),
        1 => Just(Some(f64::INFINITY)),
        2 => Just(None),
    ];
    prop_oneof![
        proptest::collection::vec(any, 0..24),
        (0..24_usize).prop_map(|count| vec![Some(0.0); count])
    ]
}

/// Says whether numbers are written as the parameter has them: an integer as an integer, any other as a float.
fn has_its_kind(parameter: &Parameter, value: &Value) -> bool {
    if matches!(
        parameter,
        Parameter::Choice(_) | Parameter::TransitionChoice(_)
    ) {
        return true;
    }
    match value {
        Value::Array(items) => items.iter().all(|item| has_its_kind(parameter, item)),
        number if parameter.grid().is_some_and(|grid| grid.is_integer()) => number.is_i64(),
        number => number.is_f64(),
    }
}

/// Samplers see a conditional space as a cube whose points do not differ in what does not exist.
#[test]
fn all_points_of_a_small_conditional_space_are_proposed_once() {
    let space = OptSpace::builder()
        .choice("kind", 0..5)
        .when("kind", [1, 2], |space| space.integer("x", 1..=3))
        .when("kind", [2], |space| space.choice("y", ["a", "b"]))
        .when("kind", [4], |space| {
            space.integer("z", 1..=100).integer("w", 1..=3)
        })
        .build()
        .expect("a space");
    let all = 2 + 3 + 6 + 300;
    for (name, steering) in choosy() {
        let few = steering.propose(&space, &[], 40);
        let distinct: std::collections::HashSet<String> =
            few.iter().map(Point::to_string).collect();
        assert_eq!(distinct.len(), 40, "{name}");
        assert!(few.iter().all(|point| space.check(point).is_ok()), "{name}");
    }
    let every = Steering::new(Random).propose(&space, &[], all + 1);
    let distinct: std::collections::HashSet<String> = every.iter().map(Point::to_string).collect();
    assert_eq!(distinct.len(), all);
}

#[test]
fn what_depends_on_a_good_choice_is_learnt() {
    let space = OptSpace::builder()
        .choice("kind", ["a", "b", "c"])
        .when("kind", ["b"], |space| space.scalar("x", 0..=1))
        .when("kind", ["c"], |space| {
            space.scalar("y", 0..=1).scalar("z", 0..=1)
        })
        .build()
        .expect("a space");
    let number = |point: &Point, name: &str| point.get(name).and_then(Value::as_f64);
    for (name, steering) in [("auto", Steering::new(Auto)), ("TPE", Steering::new(Tpe))] {
        let mut history: Vec<Trial> = Vec::new();
        while history.len() < 60 {
            for point in steering.propose(&space, &history, 5) {
                let loss = match (number(&point, "x"), number(&point, "y")) {
                    (Some(x), _) => (x - 0.85).abs(),
                    (None, Some(y)) => 0.5 + y,
                    _ => 1.0,
                };
                history.push(trial(point, Some(loss)));
            }
        }
        let best = history
            .iter()
            .filter_map(|trial| trial.loss)
            .fold(f64::INFINITY, f64::min);
        assert!(best < 0.05, "{name}: {best}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_sampler_proposes_as_many_points_of_the_space_as_asked_and_the_same_when_asked_again(
        space in space(),
        losses in losses(),
        seed: u64,
        count in 0..8_usize,
    ) {
        let known = Steering::new(Random).seed(5).propose(&space, &[], losses.len());
        let history: Vec<Trial> = known.into_iter().zip(losses).map(|(point, loss)| trial(point, loss)).collect();
        for (name, steering) in every_one() {
            let steering = steering.seed(seed);
            let points = steering.propose(&space, &history, count);
            prop_assert_eq!(points.len(), count, "{}", name);
            prop_assert_eq!(&points, &steering.propose(&space, &history, count), "{}", name);
            for point in &points {
                prop_assert_eq!(space.check(point), Ok(()), "{}", name);
                // A checked point has every parameter that exists in it.
                for (parameter, value) in space.parameters().filter_map(|(name, parameter)| Some((parameter, point.get(name)?))) {
                    prop_assert!(has_its_kind(parameter, value), "{}: {:?} as {}", name, parameter, value);
                }
            }
        }
    }

    #[test]
    fn no_point_is_proposed_twice_before_the_space_is_exhausted(
        sizes in proptest::collection::vec((0..6_usize, 1..4_i64), 1..4),
        seed: u64,
        batch in 1..7_usize,
    ) {
        let few = |(kind, size): (usize, i64)| -> Parameter {
            match kind {
                0 => Choice::new(0..size).into(),
                1 => TransitionChoice::new(0..size).into(),
                2 => Scalar::new().range(0..=size).integer().into(),
                3 => Log::new(1..=size + 1).integer().into(),
                4 => Scalar::new().range(0.0..=0.5 * size as f64).step(0.5).into(),
                _ => Array::new([2]).range(1..=2).integer().into(),
            }
        };
        let count: i64 = sizes.iter().map(|(kind, size)| match kind {
            0 | 1 => *size,
            5 => 4,
            _ => size + 1,
        }).product();
        let count = usize::try_from(count).expect("few");
        let named = sizes.into_iter().enumerate();
        let builder = named.fold(OptSpace::builder(), |builder, (index, size)| builder.parameter(index.to_string(), few(size)));
        let space = builder.build().expect("a space");
        for (name, steering) in choosy() {
            let steering = steering.seed(seed);
            let mut history: Vec<Trial> = Vec::new();
            while history.len() < count + 2 {
                let points = steering.propose(&space, &history, batch);
                prop_assert_eq!(points.len(), batch, "{}", name);
                for point in points {
                    let is_new = history.iter().all(|trial| trial.point != point);
                    prop_assert!(is_new || history.len() >= count, "{}: {:?} is there already, of {}", name, point, count);
                    // Every third stays pending.
                    let loss = (history.len() % 3 != 2).then_some(history.len() as f64 % 5.0);
                    history.push(trial(point, loss));
                }
            }
        }
    }

    #[test]
    fn blind_samplers_propose_the_same_points_in_two_steps_as_in_one(space in space(), seed: u64, first in 0..10_usize) {
        for (name, steering) in blind() {
            let steering = steering.seed(seed);
            let all = steering.propose(&space, &[], 10);
            let history: Vec<_> = all[..first].iter().map(|point| trial(point.clone(), Some(1.0))).collect();
            prop_assert_eq!(&steering.propose(&space, &history, 10 - first)[..], &all[first..], "{}", name);
        }
    }

    #[test]
    fn an_answer_is_empty_only_when_the_budget_is_used_up(
        losses in losses(),
        num_points in 0..6_usize,
        max_points in 0..40_usize,
        seed: u64,
    ) {
        for (document, dialect) in documents() {
            let space = dialect.read(&document).expect("a space");
            let known = Steering::new(Random).seed(3).propose(&space, &[], losses.len());
            let points: Vec<_> = known.iter().zip(&losses).map(|(point, loss)| json!([point, loss])).collect();
            let mut input: SteeringInput =
                serde_json::from_value(json!({ "points": points, "opt_space": space })).expect("an input");
            for is_segmented in [false, true] {
                if is_segmented {
                    let models = [7, -8].map(|id| json!({ "model_id": id, "search_space": &document }));
                    input.opt_space = Some(SearchSpace::read(&json!(models), dialect).expect("a space"));
                    let points = known.iter().zip(&losses).map(|(point, loss)| json!([[7, point], loss]));
                    input.points = serde_json::from_value(points.collect()).expect("points");
                }
                for (name, steering) in every_one() {
                    let answer = steering.seed(seed).answer(&input, num_points, max_points);
                    let expected = num_points.min(max_points.saturating_sub(losses.len()));
                    prop_assert_eq!(answer.0.len(), expected, "{} {}", name, dialect);
                    let written = serde_json::to_string(&answer).expect("JSON");
                    prop_assert_eq!(&serde_json::from_str::<SteeringOutput>(&written).expect("an output"), &answer);
                    for point in &answer.0 {
                        prop_assert_eq!(space.check(point.values()), Ok(()), "{} {}", name, dialect);
                        prop_assert_eq!(point.model_id().is_some(), is_segmented);
                    }
                }
            }
        }
    }
}

/// A space in every dialect, as its users write it.
fn documents() -> [(Value, Dialect); 4] {
    let nevergrad = json!({
        "A": {"type": "Choice", "params": {"choices": [1, 4]}},
        "B": {"type": "Scalar", "bounds": [0, 5]},
        "C": {"type": "Log", "params": {"lower": 1e-6, "upper": 0.1}},
        "D": {"type": "TransitionChoice", "params": {"choices": [16, 32, 64]}},
        "E": {"type": "Array", "params": {"shape": [2], "lower": -1, "upper": 1}},
    });
    let hpogrid = json!({
        "activation": {"method": "categorical", "dimension": {"categories": ["relu", "sigmoid"], "grid_search": 0}},
        "rate": {"method": "loguniform", "dimension": {"low": 1e-6, "high": 1e-1, "base": 10}},
        "depth": {"method": "uniformint", "dimension": {"low": 1, "high": 30}},
        "dropout": {"method": "quniform", "dimension": {"low": 0, "high": 0.5, "q": 0.1}},
        "width": {"method": "qloguniform", "dimension": {"low": 16, "high": 4096, "q": 16}},
        "shift": {"method": "normal", "dimension": {"mu": 0, "sigma": 2.5}},
        "offset": {"method": "qnormal", "dimension": {"mu": 0, "sigma": 2.5, "q": 0.5}},
        "size": {"method": "qlognormal", "dimension": {"mu": 1, "sigma": 1, "q": 2, "base": 2}},
        "epochs": {"method": "fixed", "dimension": {"value": 20}},
    });
    [
        (nevergrad, Dialect::Nevergrad),
        (json!({"A": [1, 4], "B": [1, 10]}), Dialect::BayesOpt),
        (json!({"A": [1, 4], "B": ["relu", null]}), Dialect::Lists),
        (hpogrid, Dialect::Hpogrid),
    ]
}

#[test]
fn segments_of_every_dialect_are_covered() {
    let dialects = documents().map(|(_, dialect)| dialect);
    assert!(
        Dialect::ALL
            .iter()
            .all(|dialect| dialects.contains(dialect))
    );
}

#[test]
fn pending_points_keep_others_away() {
    let space = OptSpace::builder()
        .scalar("x", 0..=1)
        .scalar("y", 0..=1)
        .build()
        .expect("a space");
    let at = |point: &Point| {
        ["x", "y"].map(|name| point.get(name).and_then(Value::as_f64).expect("a number"))
    };
    let distance =
        |[a, b]: [f64; 2], [c, d]: [f64; 2]| ((a - c) * (a - c) + (b - d) * (b - d)).sqrt();
    let known = Steering::new(QuasiRandom).propose(&space, &[], 12);
    for (name, steering) in [
        ("Gaussian process", Steering::new(GaussianProcess)),
        ("TPE", Steering::new(Tpe)),
    ] {
        let loss = |point: &Point| Some(distance(at(point), [0.4, 0.7]));
        let evaluated: Vec<_> = known
            .iter()
            .map(|point| trial(point.clone(), loss(point)))
            .collect();
        for seed in 0..5 {
            let next = |history: &[Trial]| {
                steering
                    .clone()
                    .seed(seed)
                    .propose(&space, history, 1)
                    .remove(0)
            };
            let first = next(&evaluated);
            let history: Vec<_> = evaluated
                .iter()
                .cloned()
                .chain([trial(first.clone(), None)])
                .collect();
            let second = next(&history);
            let apart = distance(at(&first), at(&second));
            assert!(
                apart > 0.01,
                "{name}: {second:?} is {apart} from the pending point"
            );
        }
    }
}

#[test]
fn a_loss_that_is_no_number_keeps_points_away_like_the_worst_loss() {
    let space = OptSpace::builder()
        .scalar("x", 0..=1)
        .scalar("y", 0..=1)
        .build()
        .expect("a space");
    let at = |point: &Point| point.get("x").and_then(Value::as_f64).expect("a number");
    let known = Steering::new(QuasiRandom).propose(&space, &[], 40);
    for no_number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        // The loss falls towards where there is none.
        let loss = |point: &Point| {
            if at(point) > 0.5 {
                no_number
            } else {
                1.0 - at(point)
            }
        };
        let history: Vec<_> = known
            .iter()
            .map(|point| trial(point.clone(), Some(loss(point))))
            .collect();
        for (name, steering) in [
            ("Gaussian process", Steering::new(GaussianProcess)),
            ("TPE", Steering::new(Tpe)),
        ] {
            let points = steering.propose(&space, &history, 10);
            let failing = points.iter().filter(|point| at(point) > 0.6).count();
            assert!(
                failing <= 4,
                "{name}: {failing} of 10 where losses are {no_number}"
            );
        }
    }
}

#[test]
fn a_space_without_parameters_has_one_point_which_is_proposed_for_ever() {
    let space = OptSpace::builder().build().expect("a space");
    let history: Vec<_> = (0..30)
        .map(|i| trial(Point::new(), Some(f64::from(i))))
        .collect();
    for (name, steering) in every_one() {
        assert_eq!(
            steering.propose(&space, &history, 3),
            [Point::new(), Point::new(), Point::new()],
            "{name}"
        );
    }
}

#[test]
fn independent_points_repeat() {
    let space = OptSpace::builder()
        .choice("A", [1, 4])
        .integer("B", 1..=100)
        .build()
        .expect("a space");
    let points = Steering::new(Independent).propose(&space, &[], 60);
    assert!((1..points.len()).any(|i| points[..i].contains(&points[i])));
}

#[test]
fn thousands_of_points_do_not_take_for_ever() {
    let space = OptSpace::builder()
        .choice("optimiser", ["sgd", "adam", "lamb"])
        .integer("depth", 1..=12)
        .parameter("units", Log::new(8..=128).integer())
        .log("rate", 1e-6..=0.1)
        .scalar("dropout", 0..=1)
        .build()
        .expect("a space");
    let known = Steering::new(Random).propose(&space, &[], 5_000);
    let history: Vec<_> = known
        .into_iter()
        .enumerate()
        .map(|(i, point)| trial(point, (i % 5 != 0).then_some(i as f64 % 97.0)))
        .collect();
    for (name, steering) in every_one()
        .into_iter()
        .filter(|(name, _)| *name != "Gaussian process")
    {
        let began = Instant::now();
        assert_eq!(steering.propose(&space, &history, 3).len(), 3);
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "{name}: {:?}",
            began.elapsed()
        );
    }
}

#[test]
fn another_seed_gives_other_points() {
    let space = OptSpace::builder()
        .scalar("x", 0..=1)
        .build()
        .expect("a space");
    for (name, steering) in blind() {
        let [a, b] = [1, 2].map(|seed| steering.clone().seed(seed).propose(&space, &[], 5));
        assert_ne!(a, b, "{name}");
    }
}

#[test]
fn what_learns_is_better_than_chance_on_a_bowl() {
    let space = OptSpace::builder()
        .scalar("x", -5..=5)
        .scalar("y", -5..=5)
        .log("z", 1e-3..=1e3)
        .build()
        .expect("a space");
    let loss = |point: &Point| {
        let at = |name: &str| point.get(name).and_then(Value::as_f64).expect("a number");
        (at("x") - 2.0) * (at("x") - 2.0)
            + (at("y") + 1.0) * (at("y") + 1.0)
            + libm::log10(at("z")).abs()
    };
    let best = |steering: &Steering| {
        let mut history: Vec<Trial> = Vec::new();
        for _ in 0..8 {
            for point in steering.propose(&space, &history, 10) {
                history.push(Trial {
                    loss: Some(loss(&point)),
                    point,
                });
            }
        }
        history
            .iter()
            .filter_map(|trial| trial.loss)
            .fold(f64::INFINITY, f64::min)
    };
    let mean = |steering: Steering| {
        (0..3)
            .map(|seed| best(&steering.clone().seed(seed)))
            .sum::<f64>()
            / 3.0
    };
    let chance = mean(Steering::new(Random));
    for (steering, factor) in [
        (Steering::new(GaussianProcess), 20.0),
        (Steering::new(Tpe), 2.0),
        (Steering::new(CmaEs), 2.0),
    ] {
        let name = format!("{steering:?}");
        let mean = mean(steering);
        assert!(mean * factor < chance, "{name}: {mean}, chance {chance}");
    }
}

#[test]
fn hundreds_of_coordinates_are_no_trouble() {
    let space = OptSpace::builder()
        .array("w", [300], -1..=1)
        .build()
        .expect("a space");
    let known = Steering::new(Random).propose(&space, &[], 8);
    let history: Vec<_> = known
        .into_iter()
        .zip(0..)
        .map(|(point, loss)| trial(point, Some(f64::from(loss))))
        .collect();
    for (name, steering) in every_one() {
        assert_eq!(steering.propose(&space, &history, 3).len(), 3, "{name}");
    }
}
