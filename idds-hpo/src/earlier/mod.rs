//! Trials of earlier searches, with which a new one begins.

mod csv;
mod fit;
mod source;

use std::fmt;

use idds_client::HyperParameters;
use idds_sampler::Trial;
use idds_workflow::{OptSpace, Point, RequestId};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::source::EarlierError;
use crate::optuna::{OptunaStudy, TrialState};
use crate::{Direction, Loss, SearchResult, Stage};

/// A trial of an earlier search that counts in a new one: samplers see it as a finished trial, and the server never gets its loss.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EarlierTrial {
    /// Where it comes from, such as the path of a journal.
    pub source: String,
    /// Its parameters, all of them of the new space.
    pub parameters: Point,
    /// Its loss.
    pub loss: Loss,
}

impl EarlierTrial {
    /// Returns it as samplers see it.
    pub fn as_trial(&self) -> Trial {
        Trial {
            point: self.parameters.clone(),
            loss: Some(self.loss.get()),
        }
    }
}

/// Trials of earlier searches, as they were found, for a search that begins with what they say.
///
/// They come from journals, from the points of other requests, from CSV, and from studies of Optuna. The space may have changed since
/// then: [`fit`](Self::fit) says which of them are trials of a space, and why the others are not.
///
/// ```
/// use idds_hpo::{Direction, EarlierTrials};
/// use idds_workflow::OptSpace;
///
/// let table = "lr,depth,loss\n0.01,3,0.25\n0.5,3,0.5\n0.02,4,\n";
/// let space = OptSpace::builder().log("lr", 1e-4..=0.1).integer("depth", 1..=9).choice("batch", [64, 128]).build()?;
/// let earlier = EarlierTrials::new().csv("old.csv", table.as_bytes())?.assume("batch", 64);
/// let fitted = earlier.fit(&space, Direction::Minimize);
/// assert_eq!(fitted.trials.len(), 1);
/// assert_eq!(fitted.trials[0].parameters.get("batch"), Some(&64.into()));
/// assert_eq!(fitted.left_out.values().sum::<usize>(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct EarlierTrials {
    found: Vec<Found>,
    /// Trials that are of no use, whatever the space, by the reason.
    left_out: IndexMap<String, usize>,
    assumed: Vec<(String, Value)>,
}

/// A trial as it was found.
#[derive(Clone, Debug)]
struct Found {
    source: String,
    parameters: Map<String, Value>,
    outcome: Outcome,
    /// Whether the table that it is of has columns that are no parameters.
    is_of_table: bool,
}

/// What a trial gave.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    /// A loss, of which less is better.
    Loss(Loss),
    /// A loss of a search in this direction.
    Of(Direction, Loss),
    /// A value of the objective, whose direction nobody says.
    Value(f64),
}

/// What of earlier trials counts in a space.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct FittedTrials {
    /// The trials that count, in their order.
    pub trials: Vec<EarlierTrial>,
    /// Why others do not, each with the number of trials.
    pub left_out: IndexMap<String, usize>,
    /// Parameters of earlier trials that the space has not, each with the number of trials that count all the same.
    pub ignored: IndexMap<String, usize>,
}

impl EarlierTrials {
    /// Starts with none.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the value that a parameter had in all earlier trials which do not say it, because the parameter was added since then.
    pub fn assume(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.assumed.push((name.into(), value.into()));
        self
    }

    /// Adds the trials of a search, as [`Journal::read`](crate::Journal::read) returns it: those that were evaluated to their end, and
    /// those that this search had begun with.
    pub fn result(mut self, source: impl Into<String>, result: &SearchResult) -> Self {
        let source = source.into();
        for trial in &result.trials {
            let reason = match (&trial.made_up, trial.stopped_at, trial.loss) {
                (Some(_), _, _) => "they failed, and their loss was made up",
                (_, Some(_), _) => "their evaluation was cut short",
                (None, None, None) => "they have no loss",
                (None, None, Some(loss)) => {
                    let outcome = Outcome::Of(result.direction, loss);
                    let is_known = trial.is_foreign && loss == Loss::PANDA_PENALTY;
                    match is_known || trial.stage == Stage::LeftOpen {
                        true => FAILED,
                        false => {
                            self.find(&source, trial.parameters.clone(), outcome, false);
                            continue;
                        }
                    }
                }
            };
            self.leave_out(reason);
        }
        for trial in &result.earlier {
            let parameters = Value::Object(trial.parameters.as_map().clone());
            let outcome = Outcome::Of(result.direction, trial.loss);
            self.find(&trial.source, parameters, outcome, false);
        }
        self
    }

    /// Adds the points of another request, as the server has them.
    pub fn points(mut self, request: RequestId, points: &[HyperParameters]) -> Self {
        let source = format!("request {request}");
        for point in points {
            match point.loss.map(Loss::new) {
                None => self.leave_out("they have no loss"),
                Some(None) => self.leave_out("their loss is not finite"),
                // What PanDA, and this program by default, report for a point that failed.
                Some(Some(Loss::PANDA_PENALTY)) => self.leave_out(FAILED),
                Some(Some(loss)) => {
                    let outcome = Outcome::Loss(loss);
                    self.find(&source, point.parameters.clone(), outcome, false);
                }
            }
        }
        self
    }

    /// Adds the trials of a study of Optuna: those that are complete.
    ///
    /// # Errors
    ///
    /// When the study has several objectives.
    pub fn study(
        mut self,
        source: impl Into<String>,
        study: &OptunaStudy,
    ) -> Result<Self, EarlierError> {
        let source = source.into();
        let direction = match study.maximizes[..] {
            [false] => Direction::Minimize,
            [true] => Direction::Maximize,
            _ => {
                let count = study.maximizes.len();
                return Err(EarlierError::new(
                    &source,
                    format!(
                        "the study {:?} has {count} objectives, and a search has one",
                        study.name
                    ),
                ));
            }
        };
        for trial in &study.trials {
            let reason = match (trial.state, trial.values.first().copied()) {
                (TrialState::Complete, Some(value)) => match direction.loss(value) {
                    None => "their loss is not finite",
                    Some(loss) => {
                        let parameters = trial.parameters.clone().into_iter().collect();
                        let outcome = Outcome::Of(direction, loss);
                        self.find(&source, Value::Object(parameters), outcome, false);
                        continue;
                    }
                },
                (TrialState::Pruned, _) => "their evaluation was cut short",
                (TrialState::Fail, _) => "they failed",
                _ => "they have no loss",
            };
            self.leave_out(reason);
        }
        Ok(self)
    }

    /// Returns the number of trials that were found, those included that are of no use in any space.
    pub fn len(&self) -> usize {
        self.found.len() + self.left_out.values().sum::<usize>()
    }

    /// Tells whether no trial was found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says which of the trials are trials of a space whose objective has this direction, and why the others are not.
    ///
    /// A trial counts when it has a value in the space for every parameter. Values keep their meaning and get the form of the space:
    /// 3.0 is the integer 3, and 64 the choice `"64"` of a table. Of trials that are all alike, the last one counts.
    pub fn fit(&self, space: &OptSpace, direction: Direction) -> FittedTrials {
        fit::fit(self, space, direction)
    }

    fn find(&mut self, source: &str, parameters: Value, outcome: Outcome, is_of_table: bool) {
        let Value::Object(parameters) = parameters else {
            return self.leave_out("their parameters are no object with names");
        };
        self.found.push(Found {
            source: source.to_owned(),
            parameters,
            outcome,
            is_of_table,
        });
    }

    fn leave_out(&mut self, reason: &str) {
        *self.left_out.entry(reason.to_owned()).or_default() += 1;
    }
}

const FAILED: &str = "their loss is 1e5, which is reported for points that failed";

impl FittedTrials {
    /// Returns the number of trials that do not count.
    pub fn left_out_count(&self) -> usize {
        self.left_out.values().sum()
    }
}

/// Says how many count, and why the others do not.
impl fmt::Display for FittedTrials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.trials.len() + self.left_out_count();
        write!(f, "{} of {all} earlier trials count", self.trials.len())?;
        for (reason, count) in &self.left_out {
            write!(f, "\n  {count} left out: {reason}")?;
        }
        for (name, count) in &self.ignored {
            write!(
                f,
                "\n  {name} is no parameter any more; {count} trials had it"
            )?;
        }
        Ok(())
    }
}
