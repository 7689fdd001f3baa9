use idds_workflow::OptSpace;

use super::*;
use idds_sampler::{Auto, Steering, Trial, UnitSpace};

/// A loss over the unit cube, with the shares of its parameters as they follow from its integrals, in percent.
struct Function {
    name: &'static str,
    space: fn() -> OptSpace,
    loss: fn(&[f64]) -> f64,
    shares: &'static [f64],
}

fn numbers(count: usize) -> OptSpace {
    let space = (0..count).fold(OptSpace::builder(), |space, index| {
        space.scalar(format!("x{index}"), 0..=1)
    });
    space.build().expect("a space")
}

fn with_choice() -> OptSpace {
    OptSpace::builder()
        .choice("a", [1, 2, 3])
        .scalar("b", 0..=1)
        .scalar("c", 0..=1)
        .build()
        .expect("a space")
}

fn with_log() -> OptSpace {
    OptSpace::builder()
        .log("rate", 1e-6..=1.0)
        .scalar("b", 0..=1)
        .build()
        .expect("a space")
}

fn with_levels() -> OptSpace {
    OptSpace::builder()
        .integer("n", 0..=4)
        .integer("m", 0..=8)
        .scalar("c", 0..=1)
        .build()
        .expect("a space")
}

fn square(x: f64) -> f64 {
    x * x
}

/// Of `(x - a)²` over 0 to 1 the variance is `4/45` at the middle, and grows by `(1 - 2a)²/12`.
const FUNCTIONS: [Function; 10] = [
    Function {
        name: "linear",
        space: || numbers(4),
        loss: |x| 4.0 * x[0] + 3.0 * x[1] - 2.0 * x[2] + x[3],
        shares: &[53.3, 30.0, 13.3, 3.3],
    },
    Function {
        name: "sum of squares",
        space: || numbers(3),
        loss: |x| square(x[0] - 0.3) + 2.0 * square(x[1] - 0.7) + 3.0 * square(x[2] - 0.5),
        shares: &[13.2, 52.7, 34.1],
    },
    Function {
        name: "a third is of two together",
        space: || numbers(3),
        loss: |x| x[0] + x[1] + 4.0 * (x[0] - 0.5) * (x[1] - 0.5) + 0.2 * x[2],
        shares: &[29.7, 29.7, 1.2],
    },
    Function {
        name: "4, 10 and 63",
        space: || numbers(4),
        loss: |x| {
            0.69 * x[0] + 1.04 * x[1] + 2.55 * x[2] + 5.0 * (x[2] - 0.5) * (x[3] - 0.5) + 0.5 * x[3]
        },
        shares: &[4.6, 10.4, 62.6, 2.4],
    },
    Function {
        name: "a choice",
        space: with_choice,
        loss: |x| {
            [0.0, 1.0, 0.4][((x[0] * 3.0) as usize).min(2)] + 2.0 * square(x[1] - 0.6) + 0.3 * x[2]
        },
        shares: &[80.1, 16.4, 3.5],
    },
    Function {
        name: "a logarithm",
        space: with_log,
        // The coordinate is the logarithm.
        loss: |x| square(6.0 * x[0] - 3.0) + 6.0 * x[1],
        shares: &[70.6, 29.4],
    },
    Function {
        name: "levels",
        space: with_levels,
        loss: |x| {
            let (n, m) = ((x[0] * 5.0).floor(), (x[1] * 9.0).floor());
            0.5 * square(n - 2.0) + 0.3 * m + 0.3 * n * x[2]
        },
        shares: &[54.0, 42.9, 2.1],
    },
    Function {
        name: "four parameters without influence",
        space: || numbers(6),
        loss: |x| square(3.0 * (x[0] - 0.4)) + libm::sin(2.0 * x[1]),
        shares: &[88.4, 11.6, 0.0, 0.0, 0.0, 0.0],
    },
    Function {
        name: "three decades",
        space: || numbers(2),
        loss: |x| libm::exp(6.0 * x[0] + x[1]),
        shares: &[88.9, 3.7],
    },
    Function {
        name: "Rosenbrock",
        space: || numbers(2),
        loss: |x| {
            let (x, y) = (4.0 * x[0] - 2.0, 4.0 * x[1] - 1.0);
            100.0 * square(y - x * x) + square(1.0 - x)
        },
        shares: &[30.1, 14.9],
    },
];

/// Returns what the search that we recommend sees of a loss.
fn search(
    space: &OptSpace,
    loss: impl Fn(&[f64]) -> f64,
    count: usize,
) -> (Vec<Vec<f64>>, Vec<f64>) {
    let (cube, steering) = (UnitSpace::new(space), Steering::new(Auto).seed(3));
    let mut trials: Vec<Trial> = Vec::new();
    while trials.len() < count {
        for point in steering.propose(space, &trials, 15.min(count - trials.len())) {
            let loss = loss(&cube.coordinates(&point));
            trials.push(Trial {
                point,
                loss: Some(loss),
            });
        }
    }
    let losses = trials
        .iter()
        .map(|trial| trial.loss.unwrap_or_default())
        .collect();
    (
        trials
            .iter()
            .map(|trial| cube.coordinates(&trial.point))
            .collect(),
        losses,
    )
}

#[test]
fn shares_are_those_that_follow_from_the_integrals_wherever_the_sampler_looked() {
    let judged = FUNCTIONS.each_ref().map(|function| {
        let space = (function.space)();
        std::thread::spawn({
            let loss = function.loss;
            move || {
                let (points, losses) = search(&space, loss, 40);
                Importance::new(&UnitSpace::new(&space).axes(), &points, &losses)
            }
        })
    });
    for (judged, function) in judged.into_iter().zip(&FUNCTIONS) {
        let name = function.name;
        let found = judged
            .join()
            .expect("no panic")
            .unwrap_or_else(|why| panic!("{name}: {why:?}"));
        let all = found.axes.iter().map(|share| share.value).sum::<f64>() + found.together.value;
        assert!((all - 1.0).abs() < 1e-9, "{name}: {all}");
        for (found, truth) in found.axes.iter().zip(function.shares) {
            let off = (100.0 * found.value - truth).abs();
            assert!(
                off < 6.0 && off < 5.0 + 100.0 * found.error,
                "{name}: {found:?} and {truth} %"
            );
        }
    }
}

#[test]
fn what_the_points_do_not_tell_is_not_said() {
    // Sobol's function has a kink in the middle of every axis; points that all lie around it tell little of the rest.
    let kinks = |x: &[f64]| {
        let factor = |(x, a): (&f64, f64)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a);
        x.iter()
            .zip([0.0, 1.0, 4.5, 9.0, 99.0])
            .map(factor)
            .product()
    };
    let space = numbers(5);
    let (mut points, _) = search(&space, kinks, 40);
    for x in points.iter_mut().flatten() {
        *x = 0.4 + 0.2 * *x;
    }
    let losses: Vec<_> = points.iter().map(|point| kinks(point)).collect();
    let axes = UnitSpace::new(&space).axes();
    assert_eq!(
        Importance::new(&axes, &points, &losses).err(),
        Some(Silence::Unexplored)
    );

    let said = |points: &[Vec<f64>], loss: fn(usize) -> f64| {
        let losses: Vec<_> = (0..points.len()).map(loss).collect();
        Importance::new(&axes, points, &losses).err()
    };
    assert_eq!(
        said(&points[..6], |index| index as f64),
        Some(Silence::TooFew(6, 12))
    );
    assert_eq!(said(&points, |_| 1.0), Some(Silence::Flat));
    assert_eq!(
        said(&vec![vec![0.5; 5]; 50], |index| index as f64),
        Some(Silence::TooFew(1, 12))
    );
    let noise = |index: usize| libm::sin(1e4 * square(index as f64));
    assert!(said(&points, noise).is_some());
}
