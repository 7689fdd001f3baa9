//! What searches with `Auto` and its models do when losses are made up, alike, missing or misleading.

use idds_workflow::{OptSpace, Point};
use proptest::prelude::*;
use serde_json::Value;

use crate::{Auto, GaussianProcess, Steering, Trial, UnitSpace};

/// Four numbers, as a user has them.
fn space() -> OptSpace {
    OptSpace::builder()
        .array("x", [4], 0..=1)
        .build()
        .expect("a space")
}

fn at(point: &Point) -> Vec<f64> {
    UnitSpace::new(&space()).coordinates(point)
}

/// A bowl with its least off the centre.
fn bowl(point: &Point) -> f64 {
    let best = [0.3, 0.8, 0.45, 0.6];
    at(point)
        .iter()
        .zip(best)
        .map(|(x, best)| (x - best) * (x - best))
        .sum()
}

/// Returns the trials of a search in batches of ten; a loss is made of a trial's number and point.
fn search(
    steering: &Steering,
    count: usize,
    loss: impl Fn(usize, &Point) -> Option<f64>,
) -> Vec<Trial> {
    let mut history: Vec<Trial> = Vec::new();
    while history.len() < count {
        for point in steering.propose(&space(), &history, 10) {
            let loss = loss(history.len(), &point);
            history.push(Trial { point, loss });
        }
    }
    history
}

/// Returns the least value of the bowl at points that worked.
fn least(history: &[Trial], is_fit: impl Fn(usize) -> bool) -> f64 {
    history
        .iter()
        .enumerate()
        .filter(|(index, _)| is_fit(*index))
        .map(|(_, trial)| bowl(&trial.point))
        .fold(f64::INFINITY, f64::min)
}

/// Returns the median distance of points to the nearest other one.
fn spread(points: &[Point]) -> f64 {
    let at: Vec<Vec<f64>> = points.iter().map(at).collect();
    let distance = |a: &[f64], b: &[f64]| -> f64 {
        let squares = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b));
        squares.sum::<f64>().sqrt()
    };
    let mut nearest: Vec<f64> = (0..at.len())
        .map(|i| {
            (0..at.len())
                .filter(|j| *j != i)
                .map(|j| distance(&at[i], &at[j]))
                .fold(f64::INFINITY, f64::min)
        })
        .collect();
    nearest.sort_by(f64::total_cmp);
    nearest[nearest.len() / 2]
}

#[test]
fn made_up_losses_do_not_stop_progress() {
    let steering = Steering::new(Auto).seed(1);
    for every in [3, 2] {
        let fails = |index: usize| index % every == every - 1;
        let history = search(&steering, 60, |index, point| {
            Some(if fails(index) { 1e5 } else { bowl(point) })
        });
        let least = least(&history, |index| !fails(index));
        assert!(
            least < 0.03,
            "one in {every} fails and the best is {least} away"
        );
    }
}

#[test]
fn one_miracle_does_not_stop_progress() {
    let steering = Steering::new(Auto).seed(1);
    let history = search(&steering, 60, |index, point| {
        Some(if index == 3 { -1e5 } else { bowl(point) })
    });
    let least = least(&history, |index| index != 3);
    assert!(least < 0.01, "{least}");
}

#[test]
fn points_that_never_get_a_loss_do_not_stop_progress() {
    let steering = Steering::new(Auto).seed(1);
    let comes = |index: usize| index.is_multiple_of(2);
    let history = search(&steering, 120, |index, point| {
        comes(index).then(|| bowl(point))
    });
    let least = least(&history, comes);
    assert!(least < 0.01, "{least}");
}

#[test]
fn losses_that_are_all_alike_leave_points_spread_over_the_whole_space() {
    let steering = Steering::new(Auto).seed(1);
    let history = search(&steering, 60, |_, _| Some(0.5));
    let coordinates: Vec<f64> = history[20..]
        .iter()
        .flat_map(|trial| at(&trial.point))
        .collect();
    let near = |edge: f64| {
        let near = coordinates.iter().filter(|x| (*x - edge).abs() < 0.05);
        near.count() as f64 / coordinates.len() as f64
    };
    assert!(near(0.0) < 0.15 && near(1.0) < 0.15);
    assert!(coordinates.iter().any(|x| *x < 0.1) && coordinates.iter().any(|x| *x > 0.9));
}

#[test]
fn a_first_batch_of_a_hundred_is_not_only_in_the_middle() {
    let points = Steering::new(Auto).seed(1).propose(&space(), &[], 100);
    let outer = points
        .iter()
        .filter(|point| at(point).iter().any(|x| !(0.125..=0.875).contains(x)))
        .count();
    assert!(outer > 40, "{outer}");
}

#[test]
fn points_of_a_batch_keep_their_distance_late_in_a_search() {
    let steering = Steering::new(GaussianProcess).seed(1);
    let history = search(&steering, 60, |_, point| Some(bowl(point)));
    let batch: Vec<Point> = history[50..]
        .iter()
        .map(|trial| trial.point.clone())
        .collect();
    assert!(spread(&batch) > 0.05, "{}", spread(&batch));
}

#[test]
fn other_choices_are_tried_throughout() {
    let space = OptSpace::builder()
        .choice("kind", 0..6)
        .scalar("x", 0..=1)
        .build()
        .expect("a space");
    let number = |point: &Point, name: &str| point.get(name).and_then(Value::as_f64);
    let mut history: Vec<Trial> = Vec::new();
    while history.len() < 100 {
        for point in Steering::new(Auto).propose(&space, &history, 10) {
            let x = number(&point, "x").expect("a number");
            let loss = number(&point, "kind").expect("a number") + (x - 0.4) * (x - 0.4);
            history.push(Trial {
                point,
                loss: Some(loss),
            });
        }
    }
    let others = history[70..]
        .iter()
        .filter(|trial| number(&trial.point, "kind") != Some(0.0))
        .count();
    assert!(others >= 3, "{others} of 30");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// However many have failed there before.
    #[test]
    fn failures_make_no_point_impossible(failing in proptest::collection::vec(any::<bool>(), 24), seed: u64) {
        let space = OptSpace::builder().choice("A", 0..5).integer("B", 1..=6).build().expect("a space");
        let steering = Steering::new(Auto).seed(seed);
        let mut history: Vec<Trial> = Vec::new();
        while history.len() < 30 {
            for point in steering.propose(&space, &history, 5) {
                let failed = failing.get(history.len()).copied().unwrap_or(false);
                let loss = if failed { 1e5 } else { history.len() as f64 };
                prop_assert!(history.iter().all(|trial| trial.point != point));
                history.push(Trial { point, loss: Some(loss) });
            }
        }
    }
}
