//! The state of a search as the sum of what happened to it.

use std::time::Duration;

use idds_client::PointId;
use idds_workflow::{OptSpace, Point, printable};
use indexmap::IndexMap;
use serde_json::Value;

use crate::entry::{Entry, Header};
use crate::{
    EarlierTrial, Evaluation, Intermediate, Loss, SearchOptions, SearchResult, Stage, StopReason,
    TrialRecord,
};

/// Everything that happened to a search: what a [`Search`](crate::Search) goes by, and what its journal holds.
///
/// It changes by [`Entry`]s only, and [`Search`](crate::Search) writes every one of them, so that reading a journal gives
/// what the search knew.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    header: Header,
    space: Option<OptSpace>,
    earlier: Vec<EarlierTrial>,
    trials: IndexMap<PointId, TrialRecord>,
    latest: Duration,
    stop: StopReason,
    error: Option<String>,
    best: Option<Loss>,
    with_loss: usize,
    tried: usize,
    has_worked: bool,
    since_best: usize,
    /// About how much memory it takes.
    weight: usize,
}

/// Longest id of a point, in bytes.
const LONGEST_ID: usize = 1000;

/// Most memory that a search may take, about.
const MOST_WEIGHT: usize = 1 << 30;

/// About what a point, an evaluation, an intermediate value and a value of a parameter take besides their texts.
const POINT: usize = 500;
const EVALUATION: usize = 150;
const INTERMEDIATE: usize = 32;
const VALUE: usize = 100;

/// Why an entry cannot follow what happened before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Contradiction {
    /// The field that is wrong.
    pub(crate) field: &'static str,
    pub(crate) why: String,
}

impl History {
    /// Begins the history of a search, in which nothing has happened yet.
    pub fn new(header: Header) -> Self {
        Self {
            header,
            space: None,
            earlier: Vec::new(),
            trials: IndexMap::new(),
            latest: Duration::ZERO,
            stop: StopReason::Unfinished,
            error: None,
            best: None,
            with_loss: 0,
            tried: 0,
            has_worked: false,
            since_best: 0,
            weight: 0,
        }
    }

    /// Refuses what no search has, so that a journal from elsewhere does no harm.
    pub(crate) fn check(&self, entry: &Entry) -> Result<(), Contradiction> {
        if let Some(id) = entry
            .point()
            .map(PointId::as_str)
            .filter(|id| id.len() > LONGEST_ID)
        {
            let why = format!(
                "{} has {} bytes, and the id of a point has at most {LONGEST_ID}",
                shortened(id),
                id.len()
            );
            return Err(contradiction("point", why));
        }
        match entry {
            Entry::Leased { slot, .. } if *slot >= SearchOptions::MAX_CONCURRENCY => {
                let most = SearchOptions::MAX_CONCURRENCY - 1;
                Err(contradiction(
                    "slot",
                    format!("{slot} is above {most}, the most that there is"),
                ))
            }
            _ if self.weight.saturating_add(weight(entry)) > MOST_WEIGHT => {
                let (points, field) = (
                    self.trials.len(),
                    if let Entry::Point { .. } = entry {
                        "parameters"
                    } else {
                        "line"
                    },
                );
                let why = format!(
                    "with this one, the {points} points before and their evaluations are more than {} MiB, which is more than a search has",
                    MOST_WEIGHT >> 20
                );
                Err(contradiction(field, why))
            }
            _ => Ok(()),
        }
    }

    /// Adds what happened next.
    pub(crate) fn apply(&mut self, entry: &Entry) -> Result<(), Contradiction> {
        self.weight = self.weight.saturating_add(weight(entry));
        if let Some(at) = entry.at() {
            self.latest = self.latest.max(at);
        }
        match entry {
            Entry::Journal(_) => {
                return Err(contradiction("journal", "only the first line can say this"));
            }
            Entry::Space { space } => self.space = Some(space.clone()),
            Entry::Earlier(trial) => self.earlier.push(trial.clone()),
            Entry::Session { .. } => {
                // Whoever goes on after this has changed what did not work.
                let is_anew = matches!(
                    self.stop,
                    StopReason::NothingWorks | StopReason::Trouble | StopReason::Interrupted
                );
                (self.stop, self.error) = (StopReason::Unfinished, None);
                for trial in self.trials.values_mut() {
                    if trial.stage == Stage::Leased {
                        trial.stage = Stage::Open;
                        trial
                            .evaluations
                            .iter_mut()
                            .for_each(|evaluation| evaluation.is_running = false);
                    }
                    if is_anew {
                        trial.forgiven = trial.evaluations.len();
                    }
                }
            }
            Entry::Stopped { reason, error, .. } => {
                (self.stop, self.error) = (*reason, error.clone());
            }
            Entry::Point {
                at,
                point,
                parameters,
            } => {
                let record = TrialRecord {
                    appeared: *at,
                    ..TrialRecord::new(point.clone(), parameters.clone())
                };
                if self.trials.insert(point.clone(), record).is_some() {
                    return Err(contradiction(
                        "point",
                        format!("point {point} appeared before"),
                    ));
                }
            }
            Entry::Leased { at, point, slot } => {
                let trial = self.trial(point, &[Stage::Open, Stage::Leased])?;
                let is_first = trial.evaluations.is_empty();
                trial.evaluations.push(Evaluation::new(*slot, *at));
                trial.stage = Stage::Leased;
                self.tried += usize::from(is_first);
            }
            Entry::Intermediate {
                point,
                step,
                loss,
                attempt,
                ..
            } => {
                let evaluation = running(self.trial(point, &[Stage::Leased])?, *attempt)?;
                evaluation.intermediate.push(Intermediate {
                    step: *step,
                    loss: *loss,
                });
            }
            Entry::Failed {
                at,
                point,
                why,
                attempt,
            } => {
                let trial = self.trial(point, &[Stage::Leased])?;
                let evaluation = running(trial, *attempt)?;
                evaluation.end(*at);
                evaluation.failure = Some(why.clone());
                if !trial
                    .evaluations
                    .iter()
                    .any(|evaluation| evaluation.is_running)
                {
                    trial.stage = Stage::Open;
                }
            }
            Entry::Evaluated {
                at,
                point,
                loss,
                made_up,
                stopped_at,
                attempt,
                same_as,
            } => {
                let trial = self.trial(point, &[Stage::Leased, Stage::Open])?;
                if trial.stage == Stage::Leased && same_as.is_none() {
                    running(trial, *attempt)?.end(*at);
                }
                let is_first = trial.evaluations.is_empty();
                supersede(trial, *at);
                trial.stage = Stage::Evaluated;
                trial.loss = Some(*loss);
                trial.known = Some(*at);
                trial.made_up.clone_from(made_up);
                trial.same_as.clone_from(same_as);
                trial.stopped_at = *stopped_at;
                self.tried += usize::from(is_first);
                self.has_worked |= made_up.is_none();
                self.with_loss += 1;
                self.since_best += 1;
                if made_up.is_none() {
                    self.compare(*loss);
                }
            }
            Entry::LeftOpen { at, point } => {
                let trial = self.trial(point, &[Stage::Open, Stage::Leased])?;
                supersede(trial, *at);
                trial.stage = Stage::LeftOpen;
            }
            Entry::Reported { point, .. } => {
                self.trial(point, &[Stage::Evaluated, Stage::Reported])?
                    .stage = Stage::Reported;
            }
            Entry::Confirmed { at, point, loss } => {
                let trial = self.trial(point, &[])?;
                supersede(trial, *at);
                trial.known.get_or_insert(*at);
                let had_loss = trial.loss.is_some();
                // One that was lost and reported again is still the one who had found it.
                trial.is_foreign |= !had_loss || *loss != trial.loss;
                trial.stage = Stage::Confirmed;
                if trial.is_foreign {
                    trial.loss = *loss;
                    trial.made_up = None;
                    trial.same_as = None;
                    trial.stopped_at = None;
                }
                let has_loss = trial.loss.is_some();
                let is_made_up = trial.made_up.is_some();
                self.with_loss = self.with_loss + usize::from(has_loss) - usize::from(had_loss);
                if let Some(loss) = loss.filter(|_| !is_made_up) {
                    self.compare(loss);
                }
            }
            Entry::Lost { point, .. } => {
                let trial = self.trial(point, &[Stage::Confirmed])?;
                // One that is no number here was not ours to report.
                trial.stage = if trial.loss.is_some() {
                    Stage::Evaluated
                } else {
                    Stage::Open
                };
            }
        }
        Ok(())
    }

    fn compare(&mut self, loss: Loss) {
        if self.best.is_none_or(|best| loss < best) {
            self.best = Some(loss);
            self.since_best = 0;
        }
    }

    /// Returns a trial that must be in one of these stages; in any stage when none is given.
    fn trial(&mut self, id: &PointId, stages: &[Stage]) -> Result<&mut TrialRecord, Contradiction> {
        match self.trials.get_mut(id) {
            None => Err(contradiction(
                "point",
                format!("there is no point {id} before"),
            )),
            Some(trial) if stages.is_empty() || stages.contains(&trial.stage) => Ok(trial),
            Some(trial) => Err(contradiction(
                "point",
                format!("point {id} cannot do this when it is {:?}", trial.stage),
            )),
        }
    }

    /// Returns what the journal is about.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the space that is searched, when it is known.
    pub(crate) fn space(&self) -> Option<&OptSpace> {
        self.space.as_ref()
    }

    /// Returns the trials of earlier searches that count.
    pub(crate) fn earlier(&self) -> &[EarlierTrial] {
        &self.earlier
    }

    /// Returns the time of what happened last.
    pub(crate) fn latest(&self) -> Duration {
        self.latest
    }

    pub(crate) fn get(&self, id: &PointId) -> Option<&TrialRecord> {
        self.trials.get(id)
    }

    pub(crate) fn trials(&self) -> impl ExactSizeIterator<Item = &TrialRecord> {
        self.trials.values()
    }

    /// Returns the best loss there was.
    pub(crate) fn best(&self) -> Option<Loss> {
        self.best
    }

    /// Returns the number of points with a loss.
    pub(crate) fn with_loss(&self) -> usize {
        self.with_loss
    }

    /// Returns the number of points that were tried here: evaluated, or given the loss of another one.
    pub(crate) fn tried(&self) -> usize {
        self.tried
    }

    /// Tells whether an evaluation here has given a value.
    pub(crate) fn has_worked(&self) -> bool {
        self.has_worked
    }

    /// Returns the number of losses evaluated here since the best one.
    pub(crate) fn since_best(&self) -> usize {
        self.since_best
    }

    /// Returns the parameters that an evaluation gets: those that exist in the point.
    pub(crate) fn active(&self, parameters: &Value) -> Value {
        active(self.space.as_ref(), parameters)
    }

    /// Returns all of it as the result of a search.
    pub(crate) fn into_result(mut self) -> SearchResult {
        let space = self.space.as_ref().filter(|space| space.is_conditional());
        if space.is_some() {
            for trial in self.trials.values_mut() {
                trial.parameters = active(space, &trial.parameters);
            }
        }
        SearchResult {
            request: self.header.request,
            direction: self.header.direction,
            stop: self.stop,
            error: self.error,
            space: self.space,
            earlier: self.earlier,
            started: (self.header.started > 0).then(|| self.header.started()),
            server: self.header.server,
            elapsed: self.latest,
            trials: self.trials.into_values().collect(),
        }
    }
}

/// Returns the parameters that exist in a point; of a point that is no object, all.
fn active(space: Option<&OptSpace>, parameters: &Value) -> Value {
    let space = space.filter(|space| space.is_conditional());
    match (space, Point::from_value(parameters.clone())) {
        (Some(space), Ok(point)) => Value::Object(space.active(&point).as_map().clone()),
        _ => parameters.clone(),
    }
}

/// Returns the evaluation of a trial that an entry is about, which must be one that runs.
fn running(
    trial: &mut TrialRecord,
    attempt: Option<u32>,
) -> Result<&mut Evaluation, Contradiction> {
    let count = trial.evaluations.len();
    let index = attempt
        .map_or(count, |attempt| attempt as usize)
        .checked_sub(1);
    let evaluation = index.and_then(|index| trial.evaluations.get_mut(index));
    evaluation
        .filter(|evaluation| evaluation.is_running)
        .ok_or_else(|| {
            let number = attempt.map_or(count, |attempt| attempt as usize);
            contradiction(
                "attempt",
                format!("evaluation {number} of point {} does not run", trial.id),
            )
        })
}

/// Ends the evaluations of a trial that still run when it has a loss, or is given up.
fn supersede(trial: &mut TrialRecord, at: Duration) {
    for evaluation in trial
        .evaluations
        .iter_mut()
        .filter(|evaluation| evaluation.is_running)
    {
        evaluation.end(at);
        evaluation.is_superseded = true;
    }
}

/// Returns about how much memory an entry takes from now on.
fn weight(entry: &Entry) -> usize {
    let text = |text: &Option<String>| text.as_deref().map_or(0, str::len);
    match entry {
        Entry::Point {
            point, parameters, ..
        } => POINT + 2 * point.as_str().len() + weight_of(parameters),
        Entry::Earlier(trial) => {
            let values = trial.parameters.as_map();
            let values = values
                .iter()
                .map(|(name, value)| name.len() + weight_of(value));
            POINT + trial.source.len() + values.sum::<usize>()
        }
        Entry::Leased { .. } => EVALUATION,
        Entry::Intermediate { .. } => INTERMEDIATE,
        Entry::Failed { why, .. } => why.len(),
        Entry::Evaluated {
            made_up, same_as, ..
        } => text(made_up) + same_as.as_ref().map_or(0, |id| id.as_str().len()),
        _ => 0,
    }
}

fn weight_of(value: &Value) -> usize {
    let parts: usize = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight_of).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| name.len() + weight_of(value))
            .sum(),
        _ => 0,
    };
    parts + VALUE
}

/// Returns so much of a text of others as an error has room for.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{} …", printable(&text[..at])),
        None => printable(text).into_owned(),
    }
}

/// How many characters of a text of others an error shows.
const SHOWN: usize = 200;

fn contradiction(field: &'static str, why: impl Into<String>) -> Contradiction {
    Contradiction {
        field,
        why: why.into(),
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::RequestId;
    use serde_json::json;

    use super::*;
    use crate::Direction;

    #[test]
    fn what_does_not_exist_in_a_point_is_neither_evaluated_nor_reported() {
        let header = Header::new(RequestId::new(1), "", Direction::Minimize, Duration::ZERO);
        let mut history = History::new(header);
        let space = OptSpace::builder()
            .choice("optimizer", ["adam", "sgd"])
            .when("optimizer", ["sgd"], |space| {
                space.scalar("momentum", 0..=1)
            })
            .build()
            .expect("a space");
        // As a program proposes it that knows no conditions.
        let parameters = json!({"optimizer": "adam", "momentum": 0.5});
        history.apply(&Entry::Space { space }).expect("a space");
        let point = Entry::Point {
            at: Duration::ZERO,
            point: "1".into(),
            parameters: parameters.clone(),
        };
        history.apply(&point).expect("a point");
        assert_eq!(history.active(&parameters), json!({"optimizer": "adam"}));
        assert_eq!(
            history.get(&"1".into()).map(|trial| &trial.parameters),
            Some(&parameters)
        );
        let result = history.into_result();
        assert_eq!(result.trials[0].parameters, json!({"optimizer": "adam"}));
    }

    #[test]
    fn the_id_of_a_point_is_refused_from_1001_bytes_on() {
        let header = Header::new(RequestId::new(1), "", Direction::Minimize, Duration::ZERO);
        let history = History::new(header);
        let point = |length: usize| Entry::Point {
            at: Duration::ZERO,
            point: "1".repeat(length).into(),
            parameters: json!({}),
        };
        assert_eq!(history.check(&point(LONGEST_ID)), Ok(()));
        let error = history.check(&point(LONGEST_ID + 1));
        assert_eq!(error.map_err(|error| error.field), Err("point"));
    }

    fn at(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    fn known(id: &str, entries: &[Entry]) -> (History, TrialRecord) {
        let header = Header::new(RequestId::new(1), "", Direction::Minimize, Duration::ZERO);
        let mut history = History::new(header);
        let appears = Entry::Point {
            at: at(1),
            point: id.into(),
            parameters: json!({}),
        };
        for entry in [appears].iter().chain(entries) {
            history.apply(entry).expect("it follows");
        }
        let trial = history.get(&id.into()).expect("a trial").clone();
        (history, trial)
    }

    fn confirmed(second: u64, loss: f64) -> Entry {
        Entry::Confirmed {
            at: at(second),
            point: "1".into(),
            loss: Loss::new(loss),
        }
    }

    #[test]
    fn a_loss_of_somebody_else_takes_the_place_of_what_was_said_of_ours() {
        let ours = Entry::Evaluated {
            at: at(2),
            point: "1".into(),
            loss: Loss::PANDA_PENALTY,
            made_up: Some("no data".to_owned()),
            stopped_at: Some(3),
            attempt: None,
            same_as: Some("2".into()),
        };
        let (_, trial) = known("1", &[ours.clone(), confirmed(3, 1e5)]);
        assert!(!trial.is_foreign && trial.made_up.is_some());
        let (history, trial) = known("1", &[ours.clone(), confirmed(3, 0.5)]);
        assert!(trial.is_foreign);
        assert_eq!(
            (trial.made_up, trial.stopped_at, trial.same_as),
            (None, None, None)
        );
        assert_eq!((trial.known, trial.loss), (Some(at(2)), Loss::new(0.5)));
        assert_eq!(history.with_loss(), 1);
        // Theirs may be no number.
        let (history, _) = known("1", &[ours, confirmed(3, f64::NAN)]);
        assert_eq!(history.with_loss(), 0);
    }

    #[test]
    fn a_loss_of_somebody_else_ends_the_evaluation_that_runs() {
        let leased = Entry::Leased {
            at: at(2),
            point: "1".into(),
            slot: 0,
        };
        let (history, trial) = known("1", &[leased.clone(), confirmed(5, 0.5)]);
        let evaluation = &trial.evaluations[0];
        assert!(evaluation.is_superseded && !evaluation.is_running);
        assert_eq!((evaluation.ended, trial.known), (Some(at(5)), Some(at(5))));
        assert_eq!((history.with_loss(), history.latest()), (1, at(5)));
        let left_open = Entry::LeftOpen {
            at: at(4),
            point: "1".into(),
        };
        let (_, trial) = known("1", &[leased, left_open]);
        assert!(trial.evaluations[0].is_superseded);
    }

    #[test]
    fn slots_and_weights_are_counted_to_their_ends() {
        let leased = |slot| Entry::Leased {
            at: at(2),
            point: "1".into(),
            slot,
        };
        let (mut history, _) = known("1", &[]);
        let most = SearchOptions::MAX_CONCURRENCY;
        assert_eq!(history.check(&leased(most - 1)), Ok(()));
        assert!(history.check(&leased(most)).is_err());
        assert_eq!(history.weight, POINT + 2 + VALUE);
        history.apply(&leased(0)).expect("it follows");
        assert_eq!(history.weight, POINT + 2 + VALUE + EVALUATION);
    }

    #[test]
    fn a_search_takes_bounded_memory() {
        let header = Header::new(RequestId::new(1), "", Direction::Minimize, Duration::ZERO);
        let mut history = History::new(header);
        let point = |id: &str| Entry::Point {
            at: Duration::ZERO,
            point: id.into(),
            parameters: json!({"A": [1, "x"]}),
        };
        history.apply(&point("1")).expect("a point");
        assert_eq!(history.weight, weight(&point("1")));
        assert!(history.weight > 5 * VALUE);
        history.weight = MOST_WEIGHT - history.weight;
        assert_eq!(history.check(&point("2")), Ok(()));
        history.weight += 1;
        let error = history.check(&point("2")).expect_err("too much");
        assert!(error.why.starts_with(
            "with this one, the 1 points before and their evaluations are more than 1024 MiB"
        ));
    }
}
