//! The device flow as a state machine, without clock and network.

use std::time::Duration;

use crate::{DeviceAuthorization, SignIn, Tokens};

/// Decides when to poll next whether a person has signed in (RFC 8628, section 3.5).
///
/// Times are counted from the moment the codes were given. [`Authentication::wait_for_sign_in`] drives it.
///
/// [`Authentication::wait_for_sign_in`]: crate::Authentication::wait_for_sign_in
///
/// ```
/// use std::time::Duration;
///
/// use idds_client::{DeviceFlow, DeviceStep, SignIn};
///
/// let seconds = Duration::from_secs;
/// let mut flow = DeviceFlow::new(seconds(5), seconds(600));
/// assert!(matches!(flow.answered(seconds(0), SignIn::Pending), DeviceStep::AskAfter(wait) if wait == seconds(5)));
/// assert!(matches!(flow.answered(seconds(5), SignIn::SlowDown), DeviceStep::AskAfter(wait) if wait == seconds(10)));
/// assert!(matches!(flow.answered(seconds(15), SignIn::Denied), DeviceStep::Denied));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeviceFlow {
    interval: Duration,
    expires_in: Duration,
}

/// What to do next in a device flow.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DeviceStep {
    /// Ask again after this time.
    AskAfter(Duration),
    /// The person has signed in.
    SignedIn(Tokens),
    /// The person refused.
    Denied,
    /// The codes are not valid any more.
    Expired,
}

/// By how much a provider that says `slow_down` is asked less often.
const SLOWER: Duration = Duration::from_secs(5);

impl DeviceFlow {
    /// Starts with what the provider says: how long to wait between questions, and how long its codes are valid.
    pub fn new(interval: Duration, expires_in: Duration) -> Self {
        Self {
            interval,
            expires_in,
        }
    }

    /// Decides after an answer at this time.
    pub fn answered(&mut self, now: Duration, answer: SignIn) -> DeviceStep {
        match answer {
            SignIn::Done(tokens) => DeviceStep::SignedIn(tokens),
            SignIn::Denied => DeviceStep::Denied,
            SignIn::Expired => DeviceStep::Expired,
            SignIn::Pending => self.again(now),
            SignIn::SlowDown => {
                self.interval += SLOWER;
                self.again(now)
            }
        }
    }

    /// Decides when there was no answer by this time: the server is asked half as often.
    pub fn unanswered(&mut self, now: Duration) -> DeviceStep {
        self.interval = self.interval.saturating_mul(2);
        self.again(now)
    }

    fn again(&self, now: Duration) -> DeviceStep {
        match now.checked_add(self.interval) {
            Some(next) if next < self.expires_in => DeviceStep::AskAfter(self.interval),
            _ => DeviceStep::Expired,
        }
    }
}

impl From<&DeviceAuthorization> for DeviceFlow {
    fn from(authorization: &DeviceAuthorization) -> Self {
        Self::new(authorization.interval, authorization.expires_in)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    /// Runs a flow whose every question is answered alike; says when it asked.
    fn asked(answer: &SignIn) -> (Vec<u64>, DeviceStep) {
        let mut flow = DeviceFlow::new(seconds(5), seconds(31));
        let (mut now, mut times) = (Duration::ZERO, Vec::new());
        loop {
            times.push(now.as_secs());
            match flow.answered(now, answer.clone()) {
                DeviceStep::AskAfter(wait) => now += wait,
                step => return (times, step),
            }
        }
    }

    #[test]
    fn a_person_who_never_comes_is_asked_for_until_the_code_expires() {
        let (times, end) = asked(&SignIn::Pending);
        assert_eq!(times, [0, 5, 10, 15, 20, 25, 30]);
        assert!(matches!(end, DeviceStep::Expired));
    }

    #[test]
    fn each_slow_down_adds_five_seconds() {
        assert_eq!(asked(&SignIn::SlowDown).0, [0, 10, 25]);
    }

    #[test]
    fn silence_halves_the_rate() {
        let mut flow = DeviceFlow::new(seconds(5), seconds(600));
        for expected in [10, 20, 40] {
            assert!(
                matches!(flow.unanswered(seconds(1)), DeviceStep::AskAfter(wait) if wait == seconds(expected))
            );
        }
    }

    #[test]
    fn a_verdict_ends_it() {
        assert!(matches!(asked(&SignIn::Denied), (times, DeviceStep::Denied) if times == [0]));
        assert!(matches!(asked(&SignIn::Expired).1, DeviceStep::Expired));
    }
}
