//! Steering: from the points so far to new points.

use std::sync::Arc;

use idds_workflow::{
    ModelId, Number, OptSpace, Point, SearchPoint, SearchSpace, SegmentedPoint, SegmentedSpace, SteeringInput,
    SteeringOutput,
};

use crate::sampler::{Ask, Auto, Sampler};

/// A point that was proposed, with its loss once it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The point.
    pub point: Point,
    /// Its loss, none while the trial is pending.
    pub loss: Option<f64>,
}

/// Proposes the points of a search: a sampler and the seed of the search.
///
/// ```
/// use idds_hpo::{Steering, Trial};
/// use idds_workflow::OptSpace;
///
/// let space = OptSpace::builder().choice("A", [1, 4]).scalar("B", 0..=5).build()?;
/// let steering = Steering::default().seed(7);
/// let first = steering.propose(&space, &[], 10);
/// let history: Vec<_> = first.into_iter().map(|point| Trial { point, loss: None }).collect();
/// let second = steering.propose(&space, &history, 10);
/// assert_eq!(second.len(), 10);
/// assert_eq!(second, steering.propose(&space, &history, 10));
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Steering {
    sampler: Arc<dyn Sampler>,
    seed: u64,
}

impl Steering {
    /// Proposes the points of this sampler, with seed 0.
    pub fn new(sampler: impl Sampler + 'static) -> Self {
        Self { sampler: Arc::new(sampler), seed: 0 }
    }

    /// Sets the seed of the search.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Returns `count` new points of the space, given all trials so far in the order of their points.
    ///
    /// A pure function: the same space, trials, count and seed give the same points, on every platform. Every point is in
    /// the space.
    pub fn propose(&self, space: &OptSpace, history: &[Trial], count: usize) -> Vec<Point> {
        self.sampler.sample(&Ask { space, history, count, seed: self.seed })
    }

    /// Answers as a steering program of iDDS does: `num_points` new points, fewer when `max_points` would be exceeded.
    ///
    /// What it is given are all points so far, pending ones without a loss; a loss of 0.0 is a loss. Each segment of a
    /// segmented search is a search of its own, and new points go to those that have the fewest. Without a space, the points
    /// are empty: toy experiments have such points, all alike.
    pub fn answer(&self, input: &SteeringInput, num_points: usize, max_points: usize) -> SteeringOutput {
        let count = num_points.min(max_points.saturating_sub(input.points.len()));
        SteeringOutput(match &input.opt_space {
            None => vec![Point::new().into(); count],
            Some(SearchSpace::Whole(space)) => {
                self.propose(space, &history(input, None), count).into_iter().map(SearchPoint::from).collect()
            }
            Some(SearchSpace::Segmented(spaces)) => self.propose_in_segments(spaces, input, count),
        })
    }

    fn propose_in_segments(&self, spaces: &SegmentedSpace, input: &SteeringInput, count: usize) -> Vec<SearchPoint> {
        let mut segments: Vec<_> =
            spaces.segments().map(|(model, space)| (model, space, history(input, Some(model)), 0)).collect();
        for _ in 0..count {
            let fewest = segments.iter_mut().min_by_key(|(_, _, known, new)| known.len() + new);
            if let Some((_, _, _, new)) = fewest {
                *new += 1;
            }
        }
        let propose = |(model, space, known, new): (ModelId, &OptSpace, Vec<Trial>, usize)| {
            let seed = self.seed.wrapping_add(model.get() as u64);
            let points = self.clone().seed(seed).propose(space, &known, new);
            points.into_iter().map(move |point| SegmentedPoint::new(model, point).into())
        };
        segments.into_iter().flat_map(propose).collect()
    }
}

/// Returns the trials of a model, or of a search that is not segmented.
fn history(input: &SteeringInput, model: Option<ModelId>) -> Vec<Trial> {
    let known = input.points.iter().filter(|known| known.point().model_id() == model);
    known.map(|known| Trial { point: known.point().values().clone(), loss: known.loss().map(Number::as_f64) }).collect()
}

/// The points of [`Auto`].
impl Default for Steering {
    fn default() -> Self {
        Self::new(Auto)
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{Log, Normal, Scalar, TransitionChoice};
    use proptest::prelude::*;

    use super::*;
    use crate::sampler::{CmaEs, GaussianProcess, Grid, QuasiRandom, Random, Tpe};

    fn space() -> OptSpace {
        OptSpace::builder()
            .choice("A", [1, 4])
            .scalar("B", 0..=5)
            .log("lr", 1e-6..=0.1)
            .array("w", [300], -1..=1)
            .build()
            .expect("a space")
    }

    fn both() -> [Steering; 2] {
        [Steering::new(Random), Steering::new(QuasiRandom)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn proposals_are_in_the_space_and_as_many_as_asked(seed: u64, count in 0..20_usize) {
            for steering in both() {
                let points = steering.seed(seed).propose(&space(), &[], count);
                prop_assert_eq!(points.len(), count);
                for point in points {
                    prop_assert_eq!(space().check(&point), Ok(()));
                }
            }
        }

        #[test]
        fn asking_in_two_steps_gives_the_same_points_as_asking_once(seed: u64, first in 0..10_usize) {
            for steering in both() {
                let steering = steering.seed(seed);
                let all = steering.propose(&space(), &[], 10);
                let history: Vec<_> =
                    all[..first].iter().map(|point| Trial { point: point.clone(), loss: Some(1.0) }).collect();
                prop_assert_eq!(&steering.propose(&space(), &history, 10 - first)[..], &all[first..]);
            }
        }
    }

    fn every_one() -> [Steering; 7] {
        [
            Steering::new(Auto),
            Steering::new(CmaEs),
            Steering::new(GaussianProcess),
            Steering::new(Grid::default()),
            Steering::new(QuasiRandom),
            Steering::new(Random),
            Steering::new(Tpe),
        ]
    }
    #[test]
    fn another_seed_gives_other_points() {
        for steering in both() {
            let [a, b] = [1, 2].map(|seed| steering.clone().seed(seed).propose(&space(), &[], 5));
            assert_ne!(a, b);
        }
    }

    /// A space of every kind of parameter.
    fn mixed() -> OptSpace {
        OptSpace::builder()
            .choice("optimiser", ["sgd", "adam", "lamb"])
            .parameter("width", TransitionChoice::new([16, 32, 64]))
            .integer("depth", 1..=12)
            .parameter("units", Log::new(8..=128).integer())
            .log("rate", 1e-6..=0.1)
            .scalar("dropout", 0..=1)
            .parameter("momentum", Scalar::new().range(0.0..=1.0).step(0.05))
            .array("weights", [2, 2], -1..=1)
            .parameter("offset", Normal::new(0, 1))
            .parameter("scale", Scalar::new().init(3))
            .build()
            .expect("a space")
    }

    /// Trials of points that this sampler proposed, every third of them pending, with losses of every kind.
    fn history(steering: &Steering, space: &OptSpace, losses: &[f64]) -> Vec<Trial> {
        let points = Steering::new(Random).seed(5).propose(space, &[], losses.len());
        let proposed = steering.propose(space, &[], losses.len());
        let points = points.into_iter().zip(proposed).enumerate().map(|(i, (a, b))| if i % 2 == 0 { a } else { b });
        points
            .zip(losses)
            .enumerate()
            .map(|(i, (point, loss))| Trial { point, loss: (i % 3 != 2).then_some(*loss) })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6))]

        #[test]
        fn every_sampler_proposes_new_points_of_the_space_and_the_same_when_asked_again(
            seed: u64,
            count in 1..12_usize,
            losses in proptest::collection::vec(proptest::num::f64::ANY, 0..25),
        ) {
            let space = mixed();
            for steering in every_one() {
                let steering = steering.seed(seed);
                let mut history = history(&steering, &space, &losses);
                let points = steering.propose(&space, &history, count);
                prop_assert_eq!(points.len(), count, "{:?}", steering);
                prop_assert_eq!(&points, &steering.propose(&space, &history, count), "{:?}", steering);
                let is_learning = !matches!(format!("{steering:?}").as_str(), text if text.contains("andom"));
                for point in points {
                    prop_assert_eq!(space.check(&point), Ok(()), "{:?}", steering);
                    prop_assert!(point.get("depth").is_some_and(serde_json::Value::is_i64), "{:?}", steering);
                    prop_assert!(!is_learning || history.iter().all(|trial| trial.point != point), "{:?}", steering);
                    history.push(Trial { point, loss: None });
                }
            }
        }
    }

    #[test]
    fn new_points_go_to_the_segments_that_have_the_fewest_and_stop_at_the_budget() {
        let input: SteeringInput = serde_json::from_value(serde_json::json!({
            "points": [[[7, {"A": 1}], 0.0], [[7, {"A": 2}], null]],
            "opt_space": [
                {"model_id": 7, "search_space": {"A": {"type": "Choice", "params": {"choices": [1, 2, 3]}}}},
                {"model_id": 8, "search_space": {"B": {"type": "Scalar", "bounds": [0, 1]}}},
            ],
        }))
        .expect("an input");
        let models = |num_points, max_points| -> Vec<i64> {
            let answer = Steering::default().answer(&input, num_points, max_points);
            answer.0.iter().filter_map(|point| point.model_id().map(ModelId::get)).collect()
        };
        assert_eq!(models(3, 20), [7, 8, 8]);
        assert_eq!(models(3, 4), [8, 8]);
        assert!(models(3, 2).is_empty());
        let Some(SearchPoint::Segmented(new)) = Steering::default().answer(&input, 3, 20).0.into_iter().next() else {
            panic!("a point of a segment")
        };
        assert_eq!(new.point(), &Point::new().with("A", 3), "the only choice that is left");
    }

    #[test]
    fn points_without_a_space_are_empty_and_alike() {
        let answer = Steering::default().answer(&SteeringInput::default(), 3, 2);
        assert_eq!(answer.0, [Point::new().into(), Point::new().into()]);
    }

    #[test]
    fn a_space_without_new_points_still_gives_as_many_as_asked() {
        let space = OptSpace::builder().choice("A", [1, 4]).integer("B", 1..=2).build().expect("a space");
        for steering in every_one() {
            let mut history: Vec<Trial> = Vec::new();
            for _ in 0..4 {
                let points = steering.propose(&space, &history, 3);
                assert_eq!(points.len(), 3, "{steering:?}");
                history.extend(points.into_iter().map(|point| Trial { point, loss: Some(0.0) }));
            }
            let distinct: Vec<_> = (0..history.len())
                .filter(|i| history[..*i].iter().all(|trial| trial.point != history[*i].point))
                .collect();
            assert_eq!(distinct.len(), 4, "{steering:?}: {history:?}");
        }
    }

    #[test]
    fn what_learns_is_better_than_chance_on_a_bowl() {
        let space =
            OptSpace::builder().scalar("x", -5..=5).scalar("y", -5..=5).log("z", 1e-3..=1e3).build().expect("a space");
        let loss = |point: &Point| {
            let at = |name: &str| point.get(name).and_then(serde_json::Value::as_f64).expect("a number");
            (at("x") - 2.0) * (at("x") - 2.0) + (at("y") + 1.0) * (at("y") + 1.0) + libm::log10(at("z")).abs()
        };
        let best = |steering: &Steering| {
            let mut history: Vec<Trial> = Vec::new();
            for _ in 0..8 {
                for point in steering.propose(&space, &history, 10) {
                    history.push(Trial { loss: Some(loss(&point)), point });
                }
            }
            history.iter().filter_map(|trial| trial.loss).fold(f64::INFINITY, f64::min)
        };
        let mean = |steering: Steering| (0..3).map(|seed| best(&steering.clone().seed(seed))).sum::<f64>() / 3.0;
        let chance = mean(Steering::new(Random));
        for (steering, factor) in
            [(Steering::new(GaussianProcess), 20.0), (Steering::new(Tpe), 2.0), (Steering::new(CmaEs), 2.0)]
        {
            let name = format!("{steering:?}");
            let mean = mean(steering);
            assert!(mean * factor < chance, "{name}: {mean}, chance {chance}");
        }
    }

    #[test]
    fn hundreds_of_coordinates_are_no_trouble() {
        let space = OptSpace::builder().array("w", [300], -1..=1).build().expect("a space");
        for steering in every_one() {
            let history = history(&steering, &space, &[3.0, 1.0, 2.0, 0.0, 7.0, 9.0, 4.0, 5.0]);
            assert_eq!(steering.propose(&space, &history, 3).len(), 3, "{steering:?}");
        }
    }
}
