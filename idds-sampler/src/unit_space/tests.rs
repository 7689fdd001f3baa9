//! What holds for the unit cube of any space.

use idds_workflow::{Normal, TransitionChoice};
use proptest::prelude::*;

use super::*;

fn space() -> OptSpace {
    OptSpace::builder()
        .choice("choice", [json!(1), json!("two"), json!(null)])
        .parameter("sizes", TransitionChoice::new([16, 32, 64]).repetitions(2))
        .scalar("bounded", -3..=5)
        .scalar("widest", f64::MIN..=f64::MAX)
        .scalar(
            "bounds that are rounded outwards",
            -8_888_888_888_888_888_881_i64..=8_888_888_888_888_888_881,
        )
        .scalar(
            "bounds without a float between",
            (1_i64 << 60) + 1..=(1_i64 << 60) + 2,
        )
        .parameter(
            "log of bounds that are rounded outwards",
            Log::new((1_i64 << 60) + 150..=(1_i64 << 60) + 1000),
        )
        .parameter("free", Scalar::new().init(100))
        .parameter("log", Log::new(1e-9..=1e9))
        .array("array", [2, 3], 0.0..=1.0)
        .integer("integer", -3..=5)
        .integer("widest integer", -(1_i64 << 53)..=1_i64 << 53)
        .parameter("multiple", Scalar::new().range(0.3..=0.7).step(0.1))
        .parameter("free multiple", Scalar::new().init(100).step(0.1))
        .parameter(
            "half-free integer",
            Scalar::new().range(7..=9).bounds(7..=8).integer(),
        )
        .parameter("log integer", Log::new(1..=1_000_000).integer())
        .parameter("log multiple", Log::new(0.3..=f64::MAX / 2.0).step(1e300))
        .parameter("batch", Log::new(1..=4096).integer().step(32))
        .parameter("array of integers", Array::new([2]).range(1..=3).integer())
        .parameter("normal", Normal::new(1, f64::MAX))
        .parameter("normal multiple", Normal::new(1.5, 2).step(0.1))
        .parameter("normal integer", Normal::new(0, 1e300).integer())
        .parameter("log-normal", LogNormal::in_base(10, -3, 1000))
        .parameter("log-normal multiple", LogNormal::new(0, 1000).step(0.25))
        .parameter("log-normal integer", LogNormal::new(2, 1).integer())
        .build()
        .expect("a space")
}

/// A space whose numbers are far from where rounding makes them the same.
fn tame_space() -> OptSpace {
    OptSpace::builder()
        .choice("choice", [json!(1), json!("two"), json!(null)])
        .parameter("sizes", TransitionChoice::new([16, 32, 64]).repetitions(2))
        .scalar("bounded", -3..=5)
        .parameter("free", Scalar::new().init(100))
        .parameter("log", Log::new(1e-9..=1e9))
        .array("array", [2, 3], 0.0..=1.0)
        .integer("integer", -3..=5)
        .parameter("multiple", Scalar::new().range(0.3..=0.7).step(0.1))
        .parameter("free multiple", Scalar::new().init(100).step(0.1))
        .parameter("log integer", Log::new(1..=1_000_000).integer())
        .parameter("batch", Log::new(1..=4096).integer().step(32))
        .parameter("array of integers", Array::new([2]).range(1..=3).integer())
        .parameter("normal", Normal::new(1, 2))
        .parameter("normal integer", Normal::new(0, 10).integer())
        .parameter("log-normal", LogNormal::in_base(10, -3, 1))
        .parameter("log-normal integer", LogNormal::new(5, 0.5).integer())
        .build()
        .expect("a space")
}

#[test]
fn a_parameter_of_which_nothing_is_said_gets_no_value() {
    let space = OptSpace::builder()
        .untyped("A")
        .scalar("B", 0..=4)
        .build()
        .expect("a space");
    let cube = UnitSpace::new(&space);
    let point = cube.point([0.5]);
    assert_eq!(
        (cube.dimensions(), point.clone()),
        (1, Point::new().with("B", 2.0))
    );
    assert_eq!(
        (cube.coordinates(&point), space.check(&point)),
        (vec![0.5], Ok(()))
    );
    let toy = OptSpace::builder().untyped("A").build().expect("a space");
    assert_eq!(UnitSpace::new(&toy).point([]), Point::new());
}

#[test]
fn the_corners_and_the_middle_are_where_they_should_be() {
    let space = OptSpace::builder()
        .choice("A", [1, 4])
        .scalar("B", 0..=5)
        .log("C", 1..=100)
        .build()
        .expect("a space");
    let cube = UnitSpace::new(&space);
    assert_eq!(
        cube.point([0.0; 3]),
        Point::new().with("A", 1).with("B", 0.0).with("C", 1.0)
    );
    assert_eq!(cube.point([0.5, 0.5, 0.5]).get("B"), Some(&json!(2.5)));
    let c = cube
        .point([0.5; 3])
        .get("C")
        .and_then(Value::as_f64)
        .expect("a number");
    assert!((c - 10.0).abs() < 1e-12, "{c}");
    assert_eq!(cube.point([1.0; 3]).get("A"), Some(&json!(4)));
}

#[test]
fn an_array_takes_a_coordinate_for_each_of_its_numbers() {
    assert_eq!(
        UnitSpace::new(&space()).dimensions(),
        1 + 2 + 1 + 1 + 1 + 1 + 6 + 19
    );
}

#[test]
fn the_values_of_an_axis_are_those_that_can_be_drawn() {
    let space = OptSpace::builder()
        .parameter("log integer", Log::new(1..=5).integer())
        .parameter("array of integers", Array::new([2]).range(1..=3).integer())
        .parameter("free multiple", Scalar::new().init(100).step(10))
        .parameter("normal integer", Normal::new(0, 0.2).integer())
        .integer("wide", 0..=9)
        .scalar("number", 0..=1)
        .build()
        .expect("a space");
    let cube = UnitSpace::new(&space);
    let values = cube.values(9);
    let counts: Vec<_> = values
        .iter()
        .map(|values| values.as_ref().map(Vec::len))
        .collect();
    assert_eq!(
        counts,
        [Some(5), Some(3), Some(3), Some(9), Some(5), None, None]
    );
    let log = values[0]
        .iter()
        .flatten()
        .map(|u| cube.point([*u]).get("log integer").cloned());
    assert_eq!(
        log.collect::<Vec<_>>(),
        [1, 2, 3, 4, 5].map(|n| Some(json!(n)))
    );
    assert_eq!(cube.values(4)[0], None);
}

#[test]
fn integers_get_even_shares_and_stay_json_integers() {
    let space = OptSpace::builder()
        .integer("n", 1..=4)
        .build()
        .expect("a space");
    let values: Vec<_> = (0..8)
        .filter_map(|i| {
            UnitSpace::new(&space)
                .point([f64::from(i) / 8.0])
                .get("n")
                .cloned()
        })
        .collect();
    assert_eq!(json!(values), json!([1, 1, 2, 2, 3, 3, 4, 4]));
}

#[test]
fn the_first_and_the_last_integer_on_a_logarithmic_scale_get_their_share() {
    let space = OptSpace::builder()
        .parameter("n", Log::new(1..=3).integer())
        .build()
        .expect("a space");
    let count = |n: i64| {
        let at = |i: u32| {
            UnitSpace::new(&space)
                .point([f64::from(i) / 1000.0])
                .get("n")
                .and_then(Value::as_i64)
        };
        (0..1000).filter(|i| at(*i) == Some(n)).count()
    };
    // ln(1.5 / 0.5), ln(2.5 / 1.5) and ln(3.5 / 2.5), of ln(3.5 / 0.5).
    assert_eq!([1, 2, 3].map(count), [565, 263, 172]);
}

#[test]
fn a_normal_parameter_has_the_quantiles_of_its_distribution() {
    let space = OptSpace::builder()
        .parameter("x", Normal::new(10, 2))
        .parameter("y", LogNormal::in_base(10, -3, 1))
        .build()
        .expect("a space");
    let at = |u: f64, name: &str| {
        UnitSpace::new(&space)
            .point([u, u])
            .get(name)
            .and_then(Value::as_f64)
            .expect("a number")
    };
    // From scipy.stats.norm.ppf.
    for (share, quantile) in [
        (0.5, 0.0),
        (0.975, 1.959963984540054),
        (1e-9, -5.9978070150076865),
    ] {
        assert!(
            (at(share, "x") - (10.0 + 2.0 * quantile)).abs() < 1e-11,
            "{share}"
        );
        assert!(
            (at(share, "y").log10() - (quantile - 3.0)).abs() < 1e-11,
            "{share}"
        );
    }
}

proptest! {
    #[test]
    fn a_point_has_the_coordinates_from_which_it_comes(coordinates in proptest::collection::vec(0.0..1.0, 30)) {
        let space = tame_space();
        let cube = UnitSpace::new(&space);
        let point = cube.point(coordinates.iter().copied());
        let found = cube.coordinates(&point);
        prop_assert_eq!(found.len(), cube.axes().len());
        for ((axis, found), given) in cube.axes().iter().zip(&found).zip(&coordinates) {
            if let Axis::Levels(count) | Axis::Categories(count) = axis {
                prop_assert!((found - given).abs() <= 0.5 / *count as f64 + 1e-9, "{:?}", axis);
            }
        }
        for (name, value) in cube.point(found).as_map() {
            let (a, b) = (value.as_f64(), point.get(name).and_then(Value::as_f64));
            match (a, b) {
                (Some(a), Some(b)) => prop_assert!((a - b).abs() <= 1e-6 * (1.0 + b.abs()), "{}: {} {}", name, a, b),
                _ if name == "array" => {}
                _ => prop_assert_eq!(Some(value), point.get(name), "{}", name),
            }
        }
    }

    #[test]
    fn every_coordinate_gives_a_point_in_the_space(coordinates in proptest::collection::vec(-0.5..1.5, 0..33)) {
        let space = space();
        prop_assert_eq!(space.check(&UnitSpace::new(&space).point(coordinates)), Ok(()));
    }
}
