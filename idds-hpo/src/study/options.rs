//! The options of a study: those of its search, each with a setter of the same name.

use std::time::Duration;

use super::Study;
use crate::{EarlyStopping, OnFailure, OnNonFinite, SearchOptions};

impl<P> Study<P> {
    /// Sets all options at once.
    pub fn options(mut self, options: SearchOptions) -> Self {
        self.options = options;
        self
    }

    /// Gives points the losses of earlier points with the same parameters. See
    /// [`SearchOptions::reuse_losses`](method@SearchOptions::reuse_losses).
    pub fn reuse_losses(mut self) -> Self {
        self.options = self.options.reuse_losses();
        self
    }

    /// Sets the number of points evaluated in parallel. See [`SearchOptions::concurrency`](method@SearchOptions::concurrency).
    pub fn concurrency(mut self, count: usize) -> Self {
        self.options = self.options.concurrency(count);
        self
    }

    /// Sets the number of times an evaluation may fail before the point counts as failed. See [`SearchOptions::attempts`](method@SearchOptions::attempts).
    pub fn attempts(mut self, count: u32) -> Self {
        self.options = self.options.attempts(count);
        self
    }

    /// Sets the pause before a failed evaluation is tried again. See [`SearchOptions::backoff`](method@SearchOptions::backoff).
    pub fn backoff(mut self, pause: Duration) -> Self {
        self.options = self.options.backoff(pause);
        self
    }

    /// Sets the time that one evaluation may take. See [`SearchOptions::evaluation_timeout`](method@SearchOptions::evaluation_timeout).
    pub fn evaluation_timeout(mut self, limit: Duration) -> Self {
        self.options = self.options.evaluation_timeout(limit);
        self
    }

    /// Sets what becomes of a point whose evaluation failed. See [`SearchOptions::on_failure`](method@SearchOptions::on_failure).
    pub fn on_failure(mut self, policy: OnFailure) -> Self {
        self.options = self.options.on_failure(policy);
        self
    }

    /// Sets what becomes of a loss that is NaN or infinite. See [`SearchOptions::on_non_finite`](method@SearchOptions::on_non_finite).
    pub fn on_non_finite(mut self, policy: OnNonFinite) -> Self {
        self.options = self.options.on_non_finite(policy);
        self
    }

    /// Has a point evaluated a second time when its evaluation takes this many times longer than the median, nothing else is
    /// left to evaluate, and there is room. See [`SearchOptions::speculate`](method@SearchOptions::speculate).
    pub fn speculate(mut self, factor: f64) -> Self {
        self.options = self.options.speculate(factor);
        self
    }

    /// Sets the rule that ends an evaluation early, by its intermediate values. See [`SearchOptions::early_stopping`](method@SearchOptions::early_stopping).
    pub fn early_stopping(mut self, rule: EarlyStopping) -> Self {
        self.options = self.options.early_stopping(rule);
        self
    }

    /// Sets the number of points tried here after which the search stops. See [`SearchOptions::max_points`](method@SearchOptions::max_points).
    pub fn max_points(mut self, count: usize) -> Self {
        self.options = self.options.max_points(count);
        self
    }

    /// Sets the value of the objective at which the search stops, when one as good or better was measured. See [`SearchOptions::target`](method@SearchOptions::target).
    pub fn target(mut self, value: f64) -> Self {
        self.options = self.options.target(value);
        self
    }

    /// Sets the number of losses in a row without a better one after which the search stops. See [`SearchOptions::no_improvement`](method@SearchOptions::no_improvement).
    pub fn no_improvement(mut self, count: usize) -> Self {
        self.options = self.options.no_improvement(count);
        self
    }

    /// Sets the time after which the search stops whatever its state, also while the server does not answer. See [`SearchOptions::timeout`](method@SearchOptions::timeout).
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.options = self.options.timeout(limit);
        self
    }

    /// Sets the time that the server may do nothing while nothing is left to evaluate or report. See [`SearchOptions::silence`](method@SearchOptions::silence).
    pub fn silence(mut self, limit: Duration) -> Self {
        self.options = self.options.silence(limit);
        self
    }

    /// Sets the time that the server may be out of reach without a break. See [`SearchOptions::patience`](method@SearchOptions::patience).
    pub fn patience(mut self, limit: Duration) -> Self {
        self.options = self.options.patience(limit);
        self
    }

    /// Sets the time within which the server is taken to have acted on a report whose answer was lost. See [`SearchOptions::settling`](method@SearchOptions::settling).
    pub fn settling(mut self, time: Duration) -> Self {
        self.options = self.options.settling(time);
        self
    }

    /// Sets the shortest time between two looks at the server. See [`SearchOptions::shortest_poll`](method@SearchOptions::shortest_poll).
    pub fn shortest_poll(mut self, time: Duration) -> Self {
        self.options = self.options.shortest_poll(time);
        self
    }

    /// Sets the longest time between two looks at the server. See [`SearchOptions::longest_poll`](method@SearchOptions::longest_poll).
    pub fn longest_poll(mut self, time: Duration) -> Self {
        self.options = self.options.longest_poll(time);
        self
    }
}
