//! How fast losses come, and how long the rest will take.

use std::time::Duration;

/// A time and how uncertain it is: two standard deviations to each side.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Spread {
    /// Lower end: two standard deviations below the expected time.
    pub low: Duration,
    /// Expected time.
    pub expected: Duration,
    /// Upper end: two standard deviations above the expected time.
    pub high: Duration,
}

/// How many losses must have come before times are told.
const LEAST: u32 = 3;

/// The times between losses that follow each other in one run of a search: their number, mean and variance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct ThroughputEstimate {
    count: u32,
    mean: f64,
    /// Sum of the squared distances to the mean (Welford).
    squares: f64,
    last: Duration,
}

impl ThroughputEstimate {
    /// Notes that a loss came at a time since the run began.
    pub(crate) fn add(&mut self, at: Duration) {
        let gap = at.saturating_sub(self.last).as_secs_f64();
        self.last = at.max(self.last);
        self.count = self.count.saturating_add(1);
        let distance = gap - self.mean;
        self.mean += distance / f64::from(self.count);
        self.squares += distance * (gap - self.mean);
    }

    pub(crate) fn rate(&self) -> Option<f64> {
        (self.count > 1 && self.mean > 0.0).then(|| 1.0 / self.mean)
    }

    /// Returns the time for this many more losses, at a time since the run began.
    ///
    /// The losses to come vary as those that came did, and the mean of so few is uncertain itself.
    pub(crate) fn time_for(&self, losses: usize, now: Duration) -> Option<Spread> {
        if self.count < LEAST {
            return None;
        }
        let (count, losses) = (f64::from(self.count), losses as f64);
        let waited = now.saturating_sub(self.last).as_secs_f64().min(self.mean);
        let expected = (losses * self.mean - waited).max(0.0);
        let variance = self.squares / (count - 1.0);
        let spread = 2.0 * (variance * (losses + losses * losses / count)).sqrt();
        let seconds =
            |seconds: f64| Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
        Some(Spread {
            low: seconds(expected - spread),
            expected: seconds(expected),
            high: seconds(expected + spread),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(seconds: &[u64]) -> ThroughputEstimate {
        let mut pace = ThroughputEstimate::default();
        seconds
            .iter()
            .for_each(|at| pace.add(Duration::from_secs(*at)));
        pace
    }

    #[test]
    fn losses_that_come_like_a_clock_have_no_spread() {
        let pace = pace(&[10, 20, 30, 40]);
        let ten = Duration::from_secs(100);
        assert_eq!(pace.rate(), Some(0.1));
        assert_eq!(
            pace.time_for(10, Duration::from_secs(40)),
            Some(Spread {
                low: ten,
                expected: ten,
                high: ten
            })
        );
        let waited = pace
            .time_for(10, Duration::from_secs(46))
            .map(|spread| spread.expected.as_secs());
        assert_eq!(waited, Some(94));
    }

    #[test]
    fn the_spread_grows_with_the_variance_and_the_number_of_losses_to_come() {
        // Gaps of 4 and 16: mean 10, variance 48.
        let pace = pace(&[4, 20, 24, 40]);
        let spread = |losses| {
            pace.time_for(losses, Duration::from_secs(40))
                .expect("there are enough")
        };
        assert_eq!(spread(1).expected, Duration::from_secs(10));
        let half = 2.0 * (48.0_f64 * (4.0 + 16.0 / 4.0)).sqrt();
        assert!(
            (spread(4).high.as_secs_f64() - 40.0 - half).abs() < 1e-6,
            "{:?}",
            spread(4)
        );
        assert!(spread(1).high - spread(1).expected < spread(9).high - spread(9).expected);
    }

    #[test]
    fn nothing_is_told_of_too_few_losses() {
        assert_eq!(pace(&[1, 2]).time_for(5, Duration::from_secs(2)), None);
        assert_eq!(ThroughputEstimate::default().rate(), None);
        assert_eq!(pace(&[0, 0, 0]).rate(), None);
    }
}
