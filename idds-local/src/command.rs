//! What a client can tell a request to do.

use crate::state::Stage;

/// A command to a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Command {
    /// End now.
    Abort,
    /// End now; the server does the same as for [`Abort`](Self::Abort).
    Close,
    /// Go on after the end, or after a halt.
    Retry,
    /// Make no new points until further notice; 2.6.21 takes it for [`Abort`](Self::Abort).
    Suspend,
    /// End now, and count what is done; 2.6.21 ignores it.
    Finish,
    /// End now, and count everything as done; 2.6.21 ignores it.
    ForceFinish,
}

/// States in which a request has ended, as the server counts them for commands.
const ENDED: [i64; 6] = [3, 4, 5, 9, Stage::Suspended.code(), 17];

impl Command {
    /// Returns the number of the command type; those that 2.6.21 has none for have that of the nearest one.
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Abort | Self::Suspend => 10,
            Self::Retry => 11,
            Self::Close | Self::Finish | Self::ForceFinish => 13,
        }
    }

    /// Tells why a request with the status of this number does not obey, if so.
    pub(crate) fn refusal(self, status: i64) -> Option<&'static str> {
        let is_held = status == Stage::Suspended.code();
        match self {
            Self::Abort if ENDED.contains(&status) => {
                Some("Request is already terminated. Cannot be aborted")
            }
            Self::Close if ENDED.contains(&status) => {
                Some("Request is already terminated. Cannot be closed")
            }
            Self::Suspend if ENDED.contains(&status) => {
                Some("Request is already terminated. Cannot be suspended")
            }
            Self::Finish | Self::ForceFinish if ENDED.contains(&status) && !is_held => {
                Some("Request is already terminated. Cannot be finished")
            }
            Self::Retry if status == Stage::Finished.code() => {
                Some("Request is already finished. Cannot be resumed")
            }
            _ => None,
        }
    }

    /// Tells whether there is nothing to do for a request with the status of this number.
    pub(crate) fn is_idle(self, status: i64) -> bool {
        self == Self::Retry && !ENDED.contains(&status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ended_requests_obey_only_a_retry_and_finished_ones_not_even_that() {
        let refused = |command: Command| {
            (0..25)
                .filter(|status| command.refusal(*status).is_some())
                .collect::<Vec<_>>()
        };
        assert_eq!(refused(Command::Abort), ENDED);
        assert_eq!(refused(Command::Close), ENDED);
        assert_eq!(refused(Command::Suspend), ENDED);
        assert_eq!(refused(Command::Finish), [3, 4, 5, 9, 17]);
        assert_eq!(refused(Command::ForceFinish), [3, 4, 5, 9, 17]);
        assert_eq!(refused(Command::Retry), [3]);
        assert!(
            Command::Retry.is_idle(2) && !Command::Retry.is_idle(4) && !Command::Abort.is_idle(2)
        );
        assert!(!Command::Retry.is_idle(Stage::Suspended.code()));
    }
}
