//! Steering: from the points so far to new points.

use std::borrow::Cow;
use std::sync::Arc;

use idds_workflow::{
    ModelId, Number, OptSpace, Point, SearchPoint, SearchSpace, SegmentedPoint, SegmentedSpace,
    SteeringInput, SteeringOutput,
};

use crate::auto::Auto;
use crate::draw;
use crate::sampler::{Ask, Sampler};
use crate::unit_space::UnitSpace;

/// Operations that it may take to look up all points of a search once.
const MOST_EFFORT: u64 = 200_000_000;

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
/// use idds_sampler::{Steering, Trial};
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
    earlier: Arc<[Trial]>,
}

impl Steering {
    /// Proposes the points of this sampler, with seed 0.
    pub fn new(sampler: impl Sampler + 'static) -> Self {
        Self {
            sampler: Arc::new(sampler),
            seed: 0,
            earlier: Arc::default(),
        }
    }

    /// Sets the seed of the search.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets trials of earlier searches, all of them points of the space: the sampler sees them before the trials of this search, as
    /// finished ones, and proposes none of their points again. They count for no budget. Segments of a search do not see them.
    pub fn earlier(mut self, trials: impl Into<Arc<[Trial]>>) -> Self {
        self.earlier = trials.into();
        self
    }

    /// Returns the trials that the sampler sees.
    fn all<'a>(&self, history: &'a [Trial]) -> Cow<'a, [Trial]> {
        match self.earlier.is_empty() {
            true => history.into(),
            false => self.earlier.iter().chain(history).cloned().collect(),
        }
    }

    /// Returns `count` new points of the space, given all trials so far in the order of their points.
    ///
    /// A pure function: the same space, trials, count and seed give the same points, on every platform. Every point is in
    /// the space. Where trials and new points have more than about two million coordinates, points are
    /// [independent](Self::is_independent) of the trials.
    pub fn propose(&self, space: &OptSpace, history: &[Trial], count: usize) -> Vec<Point> {
        let before = self.earlier.len() + history.len();
        if Self::is_independent(space, before, count) {
            return self.propose_independently(space, before, count);
        }
        let history = &self.all(history);
        self.sampler.sample(&Ask {
            space,
            history,
            count,
            seed: self.seed,
        })
    }

    /// Tells whether this many new points after this many trials are more than any sampler that looks at trials takes on, so that
    /// they are those of [`Independent`](crate::Independent), whatever the sampler.
    ///
    /// That is so beyond two million coordinates in all, where one look at every trial takes seconds and hundreds of megabytes;
    /// a choice counts more when there are hundreds to choose from.
    pub fn is_independent(space: &OptSpace, trials: usize, count: usize) -> bool {
        let points = (trials as u64).saturating_add(count as u64);
        points.saturating_mul(UnitSpace::new(space).effort()) > MOST_EFFORT
    }

    /// Returns about how many operations it takes to [propose](Self::propose) these points, of which a processor does some 10^9 in a
    /// second.
    pub fn work(&self, space: &OptSpace, history: &[Trial], count: usize) -> f64 {
        match Self::is_independent(space, self.earlier.len() + history.len(), count) {
            true => count as f64 * UnitSpace::new(space).effort() as f64,
            false => self.sampler.work(&Ask {
                space,
                history: &self.all(history),
                count,
                seed: self.seed,
            }),
        }
    }

    /// Returns `count` points of [`Independent`](crate::Independent), which depend on the seed and on the number of points before them only.
    pub fn propose_independently(
        &self,
        space: &OptSpace,
        before: usize,
        count: usize,
    ) -> Vec<Point> {
        draw::independent(space, self.seed, before..before.saturating_add(count))
    }

    /// Answers as a steering program of iDDS does: `num_points` new points, fewer when `max_points` would be exceeded.
    ///
    /// What it is given are all points so far, pending ones without a loss; a loss of 0.0 is a loss. Each segment of a
    /// segmented search is a search of its own, and new points go to those that have the fewest. Without a space, the points
    /// are empty: toy experiments have such points, all alike.
    pub fn answer(
        &self,
        input: &SteeringInput,
        num_points: usize,
        max_points: usize,
    ) -> SteeringOutput {
        let count = num_points.min(max_points.saturating_sub(input.points.len()));
        SteeringOutput(match &input.opt_space {
            None => vec![Point::new().into(); count],
            Some(SearchSpace::Whole(space)) => self
                .propose(space, &history(input, None), count)
                .into_iter()
                .map(SearchPoint::from)
                .collect(),
            Some(SearchSpace::Segmented(spaces)) => self.propose_in_segments(spaces, input, count),
        })
    }

    fn propose_in_segments(
        &self,
        spaces: &SegmentedSpace,
        input: &SteeringInput,
        count: usize,
    ) -> Vec<SearchPoint> {
        let mut segments: Vec<_> = spaces
            .segments()
            .map(|(model, space)| (model, space, history(input, Some(model)), 0))
            .collect();
        for _ in 0..count {
            let fewest = segments
                .iter_mut()
                .min_by_key(|(_, _, known, new)| known.len() + new);
            if let Some((_, _, _, new)) = fewest {
                *new += 1;
            }
        }
        let propose = |(model, space, known, new): (ModelId, &OptSpace, Vec<Trial>, usize)| {
            let seed = self.seed.wrapping_add(model.get() as u64);
            let points = self
                .clone()
                .seed(seed)
                .earlier([])
                .propose(space, &known, new);
            points
                .into_iter()
                .map(move |point| SegmentedPoint::new(model, point).into())
        };
        segments.into_iter().flat_map(propose).collect()
    }
}

/// Returns the trials of a model, or of a search that is not segmented.
fn history(input: &SteeringInput, model: Option<ModelId>) -> Vec<Trial> {
    let known = input
        .points
        .iter()
        .filter(|known| known.point().model_id() == model);
    known
        .map(|known| Trial {
            point: known.point().values().clone(),
            loss: known.loss().map(Number::as_f64),
        })
        .collect()
}

/// The points of [`Auto`].
impl Default for Steering {
    fn default() -> Self {
        Self::new(Auto)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            answer
                .0
                .iter()
                .filter_map(|point| point.model_id().map(ModelId::get))
                .collect()
        };
        assert_eq!(models(3, 20), [7, 8, 8]);
        assert_eq!(models(3, 4), [8, 8]);
        assert!(models(3, 2).is_empty());
        let Some(SearchPoint::Segmented(new)) = Steering::default()
            .answer(&input, 3, 20)
            .0
            .into_iter()
            .next()
        else {
            panic!("a point of a segment")
        };
        assert_eq!(
            new.point(),
            &Point::new().with("A", 3),
            "the only choice that is left"
        );
    }

    #[test]
    fn points_beyond_all_bounds_depend_on_their_number_alone() {
        let space = OptSpace::builder()
            .array("w", [2000], 0..=1)
            .build()
            .expect("a space");
        assert!(
            !Steering::is_independent(&space, 500, 500)
                && Steering::is_independent(&space, 500, 501)
        );
        let choices = OptSpace::builder()
            .choice("A", 0..100_000)
            .build()
            .expect("a space");
        assert!(
            !Steering::is_independent(&choices, 0, 1_000)
                && Steering::is_independent(&choices, 1_000, 1_000)
        );
        let steering = Steering::default().seed(3);
        let history = vec![
            Trial {
                point: Point::new(),
                loss: Some(0.0)
            };
            1_000
        ];
        let points = steering.propose(&space, &history, 2);
        assert_eq!(
            points[1..],
            steering.propose_independently(&space, 1_001, 1)
        );
        assert_eq!(
            points
                .iter()
                .map(|point| space.check(point))
                .collect::<Vec<_>>(),
            [Ok(()), Ok(())]
        );
    }

    #[test]
    fn trials_of_earlier_searches_are_seen_and_count_for_no_budget() {
        let space: OptSpace = OptSpace::builder()
            .choice("A", 0..6)
            .build()
            .expect("a space");
        let trial = |a: i64| Trial {
            point: Point::new().with("A", a),
            loss: Some(a as f64),
        };
        let steering = Steering::default().earlier([trial(0), trial(1), trial(2)]);
        let input = SteeringInput {
            points: Vec::new(),
            opt_space: Some(space.clone().into()),
        };
        let SteeringOutput(answer) = steering.answer(&input, 3, 3);
        let mut values: Vec<_> = answer
            .iter()
            .filter_map(|point| point.values().get("A")?.as_i64())
            .collect();
        values.sort_unstable();
        assert_eq!(values, [3, 4, 5]);
        let all: Vec<Trial> = (0..3).map(trial).chain([trial(3)]).collect();
        assert_eq!(
            steering.propose(&space, &[trial(3)], 2),
            Steering::default().propose(&space, &all, 2)
        );
    }

    #[test]
    fn points_without_a_space_are_empty_and_alike() {
        let answer = Steering::default().answer(&SteeringInput::default(), 3, 2);
        assert_eq!(answer.0, [Point::new().into(), Point::new().into()]);
    }
}
