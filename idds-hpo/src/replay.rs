//! What a sampler proposed at each step of a search, and what another one would have proposed.

use std::ops::Range;
use std::time::Duration;

use idds_client::PointId;
use idds_workflow::{InitialPoint, SearchPoint, SearchSpace, SteeringInput, SteeringOutput};
use serde_json::{Value, json};

use idds_sampler::{Steering, Trial};

use crate::{EarlierTrial, Loss, SearchResult};

/// The points that appeared together, and what a sampler proposes in their place.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Generation {
    /// When they appeared, since the start of the search.
    pub appeared: Duration,
    /// Number of points before them.
    pub before: usize,
    /// Number of those whose loss was known by then.
    pub known: usize,
    /// The points and their parameters, as the server gave them.
    pub recorded: Vec<(PointId, Value)>,
    /// What the sampler proposes, given the points before and their losses.
    pub proposed: Vec<SearchPoint>,
}

impl Generation {
    /// Returns the points in whose place the sampler proposes something else, with their parameters.
    ///
    /// Numbers are compared by their values: 2 is 2.0.
    pub fn differences(&self) -> impl Iterator<Item = (&PointId, &Value, Option<&SearchPoint>)> {
        self.recorded
            .iter()
            .enumerate()
            .filter_map(|(index, (id, recorded))| {
                let proposed = self.proposed.get(index);
                let is_same = proposed
                    .and_then(|point| serde_json::to_value(point).ok())
                    .is_some_and(|point| is_same(&point, recorded));
                (!is_same).then_some((id, recorded, proposed))
            })
    }
}

/// Why a search cannot be replayed: one of its points is none that a sampler could be given.
#[derive(Debug, thiserror::Error)]
#[error("point {id} has the parameters {parameters}, which are no point of a search")]
pub struct ReplayError {
    id: PointId,
    parameters: Value,
    source: serde_json::Error,
}

impl SearchResult {
    /// Returns the generations of the search, as places in its trials: a generation begins with a point that appears after
    /// the points before it, when all of those have a loss.
    ///
    /// What was there when the search began counts as one generation, as nobody saw it come.
    pub fn generations(&self) -> Vec<Range<usize>> {
        let mut starts = Vec::new();
        let (mut latest, mut all_known) = (None, Some(Duration::ZERO));
        for (index, trial) in self.trials.iter().enumerate() {
            let is_later = latest.is_none_or(|latest| trial.appeared > latest);
            if is_later && all_known.is_some_and(|known| known <= trial.appeared) {
                starts.push(index);
            }
            latest = latest.max(Some(trial.appeared));
            all_known = all_known
                .zip(trial.known)
                .map(|(known, other)| known.max(other));
        }
        let ends = starts.iter().skip(1).copied().chain([self.trials.len()]);
        starts
            .iter()
            .copied()
            .zip(ends)
            .map(|(start, end)| start..end)
            .collect()
    }

    /// Computes again what the sampler of a search proposed at each step, or what another one would have proposed there.
    ///
    /// Each generation is proposed anew from the points before it and the losses that were known when it appeared. With the
    /// sampler and seed of the search itself, [`Generation::differences`] are points that came from elsewhere: the initial
    /// points of the request, those of another program, and those of a sampler that is no pure function. The embedded server
    /// tells the seed of a search by `search_seed`; a steering program has that which it was given.
    ///
    /// ```no_run
    /// use idds_hpo::Journal;
    /// use idds_sampler::{Steering, Tpe};
    /// use idds_workflow::OptSpace;
    ///
    /// # fn example(space: OptSpace) -> Result<(), Box<dyn std::error::Error>> {
    /// let result = Journal::read("search.journal")?;
    /// for generation in result.replay(Some(space.into()), &Steering::new(Tpe).seed(7))? {
    ///     println!("{:?}: other points {}", generation.appeared, generation.differences().count());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A pure function: the same record, space and steering give the same points.
    ///
    /// # Errors
    ///
    /// When the parameters of a point are not those of a search, such as a list.
    pub fn replay(
        &self,
        space: Option<SearchSpace>,
        steering: &Steering,
    ) -> Result<Vec<Generation>, ReplayError> {
        let earlier: Vec<Trial> = self.earlier.iter().map(EarlierTrial::as_trial).collect();
        let steering = steering.clone().earlier(earlier);
        let mut generations = Vec::new();
        for Range { start, end } in self.generations() {
            let appeared = self.trials[start].appeared;
            let mut points = Vec::with_capacity(start);
            for trial in &self.trials[..start] {
                let loss = trial
                    .loss
                    .filter(|_| trial.known.is_some_and(|known| known <= appeared))
                    .map(Loss::get);
                let point: Result<InitialPoint, _> =
                    serde_json::from_value(json!([trial.parameters, loss]));
                points.push(point.map_err(|source| ReplayError {
                    id: trial.id.clone(),
                    parameters: trial.parameters.clone(),
                    source,
                })?);
            }
            let known = points.iter().filter(|point| point.loss().is_some()).count();
            let SteeringOutput(proposed) = steering.answer(
                &SteeringInput {
                    points,
                    opt_space: space.clone(),
                },
                end - start,
                end,
            );
            let recorded = self.trials[start..end]
                .iter()
                .map(|trial| (trial.id.clone(), trial.parameters.clone()));
            generations.push(Generation {
                appeared,
                before: start,
                known,
                recorded: recorded.collect(),
                proposed,
            });
        }
        Ok(generations)
    }
}

/// Tells whether two values are the same, numbers by their values.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_there = |(name, one): (&String, &Value)| {
                other.get(name).is_some_and(|other| is_same(one, other))
            };
            one.len() == other.len() && one.iter().all(is_there)
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{OptSpace, RequestId};

    use super::*;
    use crate::{Direction, Stage, StopReason, TrialRecord};
    use idds_sampler::{QuasiRandom, Tpe};

    fn space() -> OptSpace {
        OptSpace::builder()
            .scalar("x", -1..=1)
            .integer("n", 1..=9)
            .choice("c", ["a", "b"])
            .build()
            .expect("a space")
    }

    /// A search in generations of this many points, as a server with this steering makes them.
    fn search(steering: &Steering, generations: &[usize]) -> SearchResult {
        let mut trials: Vec<TrialRecord> = Vec::new();
        for (number, size) in (1..).zip(generations) {
            let at = Duration::from_secs(10 * number);
            let known = trials
                .iter()
                .map(|trial| json!([trial.parameters, trial.loss]));
            let points = known
                .map(|known| serde_json::from_value(known).expect("a point"))
                .collect();
            let input = SteeringInput {
                points,
                opt_space: Some(space().into()),
            };
            for point in steering.answer(&input, *size, 1000).0 {
                let id = (trials.len() + 1).to_string();
                let parameters = serde_json::to_value(point).expect("JSON");
                let loss = Loss::new(parameters["x"].as_f64().expect("a number"));
                let known = Some(at + Duration::from_secs(3));
                let record = TrialRecord::new(id.as_str().into(), parameters);
                trials.push(TrialRecord {
                    appeared: at,
                    loss,
                    known,
                    stage: Stage::Confirmed,
                    ..record
                });
            }
        }
        let (request, direction, stop) =
            (RequestId::new(1), Direction::Minimize, StopReason::Finished);
        SearchResult {
            request,
            direction,
            stop,
            error: None,
            space: None,
            started: None,
            earlier: Vec::new(),
            server: String::new(),
            trials,
            elapsed: Duration::from_secs(99),
        }
    }

    #[test]
    fn the_sampler_of_the_search_proposes_the_same_points_again_and_another_one_others() {
        let steering = Steering::new(Tpe).seed(7);
        let result = search(&steering, &[10, 10, 7]);
        let again = result
            .replay(Some(space().into()), &steering)
            .expect("points");
        let sizes: Vec<_> = again
            .iter()
            .map(|generation| {
                (
                    generation.before,
                    generation.known,
                    generation.recorded.len(),
                )
            })
            .collect();
        assert_eq!(sizes, [(0, 0, 10), (10, 10, 10), (20, 20, 7)]);
        assert!(
            again
                .iter()
                .all(|generation| generation.differences().next().is_none())
        );
        let other = result
            .replay(Some(space().into()), &Steering::new(QuasiRandom).seed(8))
            .expect("points");
        let differences: Vec<_> = other
            .iter()
            .map(|generation| generation.differences().count())
            .collect();
        assert_eq!(differences, [10, 10, 7]);
    }

    #[test]
    fn a_point_that_somebody_put_in_is_named() {
        let steering = Steering::new(QuasiRandom);
        let mut result = search(&steering, &[4, 4]);
        result.trials[5].parameters["x"] = json!(0.125);
        let again = result
            .replay(Some(space().into()), &steering)
            .expect("points");
        let differences: Vec<_> = again
            .iter()
            .flat_map(Generation::differences)
            .map(|(id, ..)| id.as_str())
            .collect();
        assert_eq!(differences, ["6"]);
    }

    fn places(result: &SearchResult) -> Vec<(usize, usize)> {
        result
            .generations()
            .into_iter()
            .map(|generation| (generation.start, generation.end))
            .collect()
    }

    #[test]
    fn losses_that_came_later_are_not_given_to_the_sampler() {
        let steering = Steering::new(Tpe).seed(7);
        let mut result = search(&steering, &[4, 4]);
        // A server without a barrier: the second generation appears before the loss of point 2.
        result.trials[1].known = Some(Duration::from_secs(21));
        assert_eq!(places(&result), [(0, 8)]);
        result.trials[1].known = None;
        result.trials[1].loss = None;
        assert_eq!(places(&result), [(0, 8)]);
    }

    #[test]
    fn what_was_there_before_is_one_generation() {
        let mut result = search(&Steering::new(QuasiRandom), &[4, 4]);
        for trial in &mut result.trials {
            (trial.appeared, trial.known) = (Duration::ZERO, Some(Duration::ZERO));
        }
        assert_eq!(places(&result), [(0, 8)]);
        result.trials.clear();
        assert_eq!(places(&result), []);
    }

    #[test]
    fn parameters_that_are_no_point_are_named() {
        let mut result = search(&Steering::new(QuasiRandom), &[2, 2]);
        result.trials[1].parameters = json!(3);
        let error = result
            .replay(Some(space().into()), &Steering::default())
            .expect_err("no point");
        assert_eq!(
            error.to_string(),
            "point 2 has the parameters 3, which are no point of a search"
        );
    }

    #[test]
    fn numbers_are_compared_by_their_values() {
        assert!(is_same(
            &json!({"a": [2, 0.5], "b": "x"}),
            &json!({"b": "x", "a": [2.0, 0.5]})
        ));
        for other in [
            json!({"a": [2], "b": "x"}),
            json!({"a": [2, 0.5]}),
            json!({"a": [2, 0.75], "b": "x"}),
        ] {
            assert!(!is_same(&json!({"a": [2, 0.5], "b": "x"}), &other));
        }
    }
}
