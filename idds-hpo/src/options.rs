//! The options of a search: how much is evaluated, what becomes of failures, and when it is over.

use std::time::Duration;

use crate::{Direction, EarlyStopping, Loss};

/// The options of a search, with a setter for each, which has the name of its flag of `idds hpo run`.
///
/// A [`Study`](crate::Study) has the same setters.
///
/// ```
/// use std::time::Duration;
///
/// use idds_hpo::SearchOptions;
///
/// let options = SearchOptions::new().concurrency(4).timeout(Duration::from_secs(3600)).max_points(100);
/// assert_eq!(options.concurrency, 4);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SearchOptions {
    /// Whether the objective is minimized or maximized; minimized by default.
    pub direction: Direction,
    /// Number of points evaluated in parallel; 1 by default.
    pub concurrency: usize,
    /// Number of times an evaluation may fail before the point counts as failed; 3 by default, as with PanDA. Evaluations
    /// that the end of the process cut off do not count.
    pub attempts: u32,
    /// Pause before a failed evaluation is tried again; 1 s by default. It doubles with every failure of the point, up to
    /// a minute or this pause, whichever is longer.
    pub backoff: Duration,
    /// Time that one evaluation may take; no limit by default. One that takes longer is given up and counts as failed.
    pub evaluation_timeout: Option<Duration>,
    /// What becomes of a point whose evaluation failed; by default the server is told [`Loss::PANDA_PENALTY`], once an
    /// evaluation has worked.
    pub on_failure: OnFailure,
    /// What becomes of a loss that is NaN or infinite; by default the evaluation counts as failed.
    pub on_non_finite: OnNonFinite,
    /// Factor by which an evaluation must be slower than the median to be begun a second time; never by default.
    ///
    /// The server proposes new points when every point has a loss, so that one slow evaluation holds up all. When there is
    /// room for an evaluation and nothing else to evaluate, a point whose evaluation takes this many times longer than the
    /// median of those that ended here, of at least three, is evaluated twice at once. The first loss counts and is the one
    /// that is reported; the other evaluation is given up, and the record of the trial has both.
    ///
    /// A process that shares a request in a [folder](crate::Workers::folder) also takes over a point that another one has
    /// held for that time, when it finds no other that is free. Both evaluate it, and who sees the loss of the other one on
    /// the server gives up; a process takes over a point once at most.
    pub speculate: Option<f64>,
    /// Whether a point gets the loss of an earlier point with the same parameters without being evaluated; not by default.
    ///
    /// Only losses count that were evaluated here to their end, in this run or an earlier one of the same journal; a made-up
    /// one does not. While such a point is evaluated, others like it wait. This is for objectives that always give the same
    /// value: searches of toy experiments have points that are all alike, and are to be evaluated one by one.
    pub reuse_losses: bool,
    /// Rule that ends an evaluation early, by its intermediate values; none by default.
    pub early_stopping: EarlyStopping,
    /// Number of points tried here after which the search stops, whatever became of them; those of earlier runs of the same
    /// journal count, and so do those that got the loss of another one. No limit by default: the server knows its `max_points`.
    pub max_points: Option<usize>,
    /// Value of the objective at which the search stops, when one as good or better was evaluated; none by default.
    pub target: Option<f64>,
    /// Number of losses in a row without a better one after which the search stops; no limit by default.
    pub no_improvement: Option<usize>,
    /// Time after which the search stops whatever its state; 7 days by default. Every run has this time anew.
    pub timeout: Duration,
    /// Time that the server may do nothing while nothing is left to evaluate or report; 1 hour by default. Its steering can wait
    /// for minutes in the queue of a batch system. The server 2.6.21 can hang for ever, for instance when the first steering job
    /// fails, or when a point stays open.
    pub silence: Duration,
    /// Time that the server may be out of reach without a break; 15 minutes by default. Errors that do not pass stop the
    /// search at once, and a sixth refusal in a row does.
    pub patience: Duration,
    /// Time within which the server is taken to have acted on a report whose answer was lost; 5 s by default.
    ///
    /// Such a report, and one that was perhaps under way when the process was killed, is not sent again before a look at
    /// the server that began later than this has shown no loss.
    pub settling: Duration,
    /// Shortest time between two looks at the server; 10 ms by default.
    pub shortest_poll: Duration,
    /// Longest time between two looks at the server; 10 s by default. The time doubles while nothing changes, and is this
    /// long while evaluations run.
    ///
    /// All points are read by the first look and when this time has passed since all were read. Other looks read the points from
    /// the first one whose loss is not confirmed; while a search that is not shared awaits nothing but new points, they ask for
    /// the next point first, and read no others until it is there. So a loss that the server acknowledged and did not keep shows
    /// with the next points, or within twice this time.
    pub longest_poll: Duration,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            direction: Direction::Minimize,
            concurrency: 1,
            attempts: 3,
            backoff: Duration::from_secs(1),
            evaluation_timeout: None,
            on_failure: OnFailure::Penalty(Loss::PANDA_PENALTY),
            on_non_finite: OnNonFinite::Fail,
            speculate: None,
            reuse_losses: false,
            early_stopping: EarlyStopping::Never,
            max_points: None,
            target: None,
            no_improvement: None,
            timeout: Duration::from_secs(7 * 24 * 3600),
            silence: Duration::from_secs(3600),
            patience: Duration::from_secs(15 * 60),
            settling: Duration::from_secs(5),
            shortest_poll: Duration::from_millis(10),
            longest_poll: Duration::from_secs(10),
        }
    }
}

impl SearchOptions {
    /// Greatest concurrency; a greater number means this one.
    pub const MAX_CONCURRENCY: usize = 100_000;

    /// Starts with the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Maximizes the objective instead of minimizing it.
    pub fn maximize(mut self) -> Self {
        self.direction = Direction::Maximize;
        self
    }

    /// Gives points the losses of earlier points with the same parameters; all are evaluated by default. See
    /// [`reuse_losses`](field@Self::reuse_losses).
    pub fn reuse_losses(mut self) -> Self {
        self.reuse_losses = true;
        self
    }

    /// Sets the number of points evaluated in parallel; 1 by default.
    pub fn concurrency(mut self, count: usize) -> Self {
        self.concurrency = count;
        self
    }

    /// Sets the number of times an evaluation may fail before the point counts as failed; 3 by default. See
    /// [`attempts`](field@Self::attempts).
    pub fn attempts(mut self, count: u32) -> Self {
        self.attempts = count;
        self
    }

    /// Sets the pause before a failed evaluation is tried again; 1 s by default. It doubles with every failure of the point.
    pub fn backoff(mut self, pause: Duration) -> Self {
        self.backoff = pause;
        self
    }

    /// Sets the time that one evaluation may take; no limit by default. One that takes longer is given up and counts as failed.
    pub fn evaluation_timeout(mut self, limit: Duration) -> Self {
        self.evaluation_timeout = Some(limit);
        self
    }

    /// Sets what becomes of a point whose evaluation failed; by default, the server is told 1e5, as PanDA does, once an
    /// evaluation has worked.
    pub fn on_failure(mut self, policy: OnFailure) -> Self {
        self.on_failure = policy;
        self
    }

    /// Sets what becomes of a loss that is NaN or infinite; by default, the evaluation counts as failed.
    pub fn on_non_finite(mut self, policy: OnNonFinite) -> Self {
        self.on_non_finite = policy;
        self
    }

    /// Has a point evaluated a second time when its evaluation takes this many times longer than the median, nothing else is
    /// left to evaluate, and there is room; never by default. See [`speculate`](field@Self::speculate).
    pub fn speculate(mut self, factor: f64) -> Self {
        self.speculate = Some(factor);
        self
    }

    /// Sets the rule that ends an evaluation early, by its intermediate values; none by default.
    pub fn early_stopping(mut self, rule: EarlyStopping) -> Self {
        self.early_stopping = rule;
        self
    }

    /// Sets the number of points tried here after which the search stops; no limit by default. See
    /// [`max_points`](field@Self::max_points).
    pub fn max_points(mut self, count: usize) -> Self {
        self.max_points = Some(count);
        self
    }

    /// Sets the value of the objective at which the search stops, when one as good or better was measured; none by default.
    pub fn target(mut self, value: f64) -> Self {
        self.target = Some(value);
        self
    }

    /// Sets the number of losses in a row without a better one after which the search stops; no limit by default.
    pub fn no_improvement(mut self, count: usize) -> Self {
        self.no_improvement = Some(count);
        self
    }

    /// Sets the time after which the search stops whatever its state, also while the server does not answer; 7 days by default.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Sets the time that the server may do nothing while nothing is left to evaluate or report; 1 hour by default.
    pub fn silence(mut self, limit: Duration) -> Self {
        self.silence = limit;
        self
    }

    /// Sets the time that the server may be out of reach without a break; 15 minutes by default.
    pub fn patience(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }

    /// Sets the time within which the server is taken to have acted on a report whose answer was lost; 5 s by default.
    pub fn settling(mut self, time: Duration) -> Self {
        self.settling = time;
        self
    }

    /// Sets the shortest time between two looks at the server; 10 ms by default.
    pub fn shortest_poll(mut self, time: Duration) -> Self {
        self.shortest_poll = time;
        self
    }

    /// Sets the longest time between two looks at the server; 10 s by default.
    pub fn longest_poll(mut self, time: Duration) -> Self {
        self.longest_poll = time;
        self
    }

    /// Returns the pause before a point is tried again that has failed so often.
    pub(crate) fn pause(&self, failures: u32) -> Duration {
        let longest = self.backoff.max(Duration::from_secs(60));
        self.backoff
            .saturating_mul(1 << failures.saturating_sub(1).min(20))
            .min(longest)
    }
}

/// What becomes of a point whose evaluation failed as often as it may.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OnFailure {
    /// The server is told this loss once an evaluation has given a value after the point failed, and the record of the trial
    /// says that it was made up. Until then the loss is held back, for it could not be taken back, and what is to blame may be
    /// no point.
    ///
    /// The search stops with the first failure, and reports nothing, when three points have failed or nothing else is left to
    /// evaluate, and nothing has worked yet. Where something has worked before, ten points in a row must fail, or three when
    /// nothing else is left; losses of fewer are made up then.
    Penalty(Loss),
    /// The server is told this loss at once, and the record of the trial says that it was made up.
    Report(Loss),
    /// The point stays without a loss. The server then proposes no further points until somebody else reports one.
    LeaveOpen,
    /// The search stops.
    Stop,
}

/// What becomes of a loss that is NaN or infinite.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OnNonFinite {
    /// The evaluation counts as failed.
    Fail,
    /// The server is told this loss, and the record of the trial says that it was made up.
    Report(Loss),
    /// The point stays without a loss, at once. The server then proposes no further points until somebody else reports one.
    LeaveOpen,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute_and_never_overflow() {
        let options = SearchOptions {
            backoff: Duration::from_secs(10),
            ..SearchOptions::default()
        };
        assert_eq!(
            [1, 2, 3, 4, u32::MAX].map(|failures| options.pause(failures).as_secs()),
            [10, 20, 40, 60, 60]
        );
        let options = SearchOptions {
            backoff: Duration::MAX,
            ..SearchOptions::default()
        };
        assert_eq!(options.pause(9), Duration::MAX);
    }
}
