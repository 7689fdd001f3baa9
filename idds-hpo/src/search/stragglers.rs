//! Evaluations that take unusually long.

use std::time::Duration;

use crate::{Evaluation, TrialRecord};

/// How many evaluations must have ended before others are compared with them.
const LEAST: usize = 3;

/// How long the evaluations took that gave a value, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Durations(Vec<Duration>);

impl Durations {
    /// Notes how long the evaluation of a trial took that gave its value.
    pub(crate) fn note(&mut self, trial: &TrialRecord) {
        let ended = trial
            .evaluations
            .iter()
            .rev()
            .find(|evaluation| evaluation.has_value());
        if let Some(duration) = ended.and_then(Evaluation::duration) {
            self.add(duration);
        }
    }

    pub(crate) fn add(&mut self, duration: Duration) {
        let place = self.0.partition_point(|known| *known <= duration);
        self.0.insert(place, duration);
    }

    pub(crate) fn median(&self) -> Option<Duration> {
        self.0.get(self.0.len() / 2).copied()
    }

    /// Returns how long an evaluation runs before it counts as a straggler: this many times the median, in whole microseconds;
    /// none when there is nothing to compare with.
    pub(crate) fn limit(&self, factor: f64) -> Option<Duration> {
        let median = self.median().filter(|_| self.0.len() >= LEAST)?;
        let micros = (median.as_secs_f64() * factor.max(1.0) * 1e6).ceil();
        Some(Duration::from_micros(micros as u64).max(Duration::from_micros(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straggler_is_so_many_times_slower_than_the_median() {
        let mut durations = Durations::default();
        for seconds in [9, 1, 2] {
            assert_eq!(durations.limit(2.0), None);
            durations.add(Duration::from_secs(seconds));
        }
        assert_eq!(durations.limit(2.5), Some(Duration::from_secs(5)));
        // Nothing that a caller may say makes it less than the median, or overflow.
        for factor in [0.0, -1.0, f64::NAN] {
            assert_eq!(durations.limit(factor), Some(Duration::from_secs(2)));
        }
        assert_eq!(
            durations.limit(f64::INFINITY),
            Some(Duration::from_micros(u64::MAX))
        );
        // Of four, it is the third one.
        durations.add(Duration::from_secs(10));
        assert_eq!(durations.median(), Some(Duration::from_secs(9)));
    }
}
