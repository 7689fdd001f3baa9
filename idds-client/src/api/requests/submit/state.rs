//! The state machine of a submission, without I/O.

use std::time::Duration;

use idds_workflow::RequestId;

/// Time from the loss of an answer to the first look.
const FIRST: Duration = Duration::from_millis(500);

/// Longest time between two looks.
const LONGEST: Duration = Duration::from_secs(30);

/// What is known about a submission that is under way.
///
/// It is posted once. What the transport can prove not to have arrived, it sends again before anything comes here; of
/// everything else nobody can tell when it will be dead, as what stands between may deliver it at any time. So it is only looked
/// for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct SubmitState {
    patience: Patience,
    /// Length of the search, from the loss of the answer.
    window: Duration,
    /// When the last look began, or is to begin, since the loss.
    look: Duration,
    interval: Duration,
}

/// How long a submission is looked for whose answer was lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Patience {
    /// At least this long.
    pub(super) settle: Duration,
    /// And as much longer as a server may need for a request of this size, or as the POST took.
    pub(super) by_size: Duration,
}

/// What has become known of a submission.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum News {
    /// The server answered the POST with the id of the request.
    Answered(RequestId),
    /// The POST was refused, or provably never arrived: it made nothing and never will.
    Refused,
    /// The POST may have arrived or may arrive yet, but no answer of iDDS came back in the time that it took.
    Lost {
        /// The time.
        took: Duration,
    },
    /// The server was asked for the submission; this is what it knew.
    Looked(Sighting),
    /// The server could not be asked for it, and cannot be later.
    Blind,
}

/// What the server knows of a submission.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sighting {
    /// It made this request.
    Ours(RequestId),
    /// None that could be seen.
    None,
}

/// What to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Next {
    /// Send the POST.
    Post,
    /// Ask the server for the submission.
    Look {
        /// When, since the answer was lost.
        at: Duration,
        /// Whether there is none after it.
        is_last: bool,
    },
    /// End with the request.
    Accept(RequestId),
    /// End with the failure of the POST; nothing was made, and nothing will be.
    Fail,
    /// End without knowing.
    Undecided,
}

impl Patience {
    /// Returns how long a submission is looked for whose POST took this long.
    fn window(self, took: Duration) -> Duration {
        self.settle.saturating_add(self.by_size.max(took))
    }
}

impl SubmitState {
    /// Begins with the POST.
    pub(super) fn new(patience: Patience) -> (Self, Next) {
        let [window, look, interval] = [Duration::ZERO; 3];
        (
            Self {
                patience,
                window,
                look,
                interval,
            },
            Next::Post,
        )
    }

    /// Says what follows; `now` is the time since the answer was lost.
    pub(super) fn after(&mut self, news: News, now: Duration) -> Next {
        match news {
            News::Answered(id) | News::Looked(Sighting::Ours(id)) => Next::Accept(id),
            News::Refused => Next::Fail,
            News::Blind => Next::Undecided,
            News::Lost { took } => {
                self.window = self.patience.window(took);
                (self.look, self.interval) = (Duration::ZERO, FIRST);
                self.next_look(now)
            }
            // Only a look that began at the end of the window proves something: what arrives while an earlier one is under way is not
            // in its answer.
            News::Looked(Sighting::None) if self.look >= self.window => Next::Undecided,
            News::Looked(Sighting::None) => self.next_look(now),
        }
    }

    /// Plans the next look: later and later, the last one at the end of the window or after it.
    fn next_look(&mut self, now: Duration) -> Next {
        let at = self
            .look
            .saturating_add(self.interval)
            .min(self.window)
            // The look before may have taken longer than the interval.
            .max(now);
        (self.look, self.interval) = (at, self.interval.saturating_mul(2).min(LONGEST));
        Next::Look {
            at,
            is_last: at >= self.window,
        }
    }

    /// Returns how long it is looked for.
    pub(super) fn window(&self) -> Duration {
        self.window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        settle: Duration::from_secs(8),
        by_size: Duration::ZERO,
    };
    const ID: RequestId = RequestId::new(1);

    /// What becomes of the POST.
    #[derive(Clone, Copy, Debug)]
    enum Fate {
        /// It makes a request, and the answer comes back.
        Answered,
        /// It makes nothing, and that comes back.
        Refused,
        /// It never arrives, and nothing comes back.
        LostBefore,
        /// It makes a request this long after its loss, and nothing comes back.
        Late(Duration),
    }

    /// What a look shows.
    #[derive(Clone, Copy, Debug)]
    enum Sight {
        Truth,
        /// Nothing, be there something or not.
        Fog,
        Blind,
    }

    const SIGHTS: [Sight; 3] = [Sight::Truth, Sight::Fog, Sight::Blind];
    const SECOND: Duration = Duration::from_secs(1);

    /// A server, and the client as far as it came.
    #[derive(Clone)]
    struct World {
        state: SubmitState,
        fate: Fate,
        posts: u32,
        now: Duration,
        is_seen: bool,
    }

    /// Goes every way from here, and counts them.
    fn explore(world: &World, next: Next) -> usize {
        let go = |mut world: World, event| {
            let next = world.state.after(event, world.now);
            explore(&world, next)
        };
        let is_made_ever = matches!(world.fate, Fate::Answered | Fate::Late(_));
        match next {
            Next::Post => {
                let mut world = world.clone();
                world.posts += 1;
                assert_eq!(world.posts, 1, "a second POST");
                let event = match world.fate {
                    Fate::Answered => News::Answered(ID),
                    Fate::Refused => News::Refused,
                    Fate::LostBefore | Fate::Late(_) => News::Lost { took: SECOND },
                };
                go(world, event)
            }
            Next::Look { at, is_last } => {
                assert!(at >= world.now);
                assert_eq!(is_last, at >= world.state.window());
                let look = |(sight, took)| {
                    let mut world = world.clone();
                    world.now = at + took;
                    let is_made = matches!(world.fate, Fate::Late(late) if late <= at);
                    let event = match sight {
                        Sight::Truth if is_made => News::Looked(Sighting::Ours(ID)),
                        Sight::Truth | Sight::Fog => News::Looked(Sighting::None),
                        Sight::Blind => News::Blind,
                    };
                    world.is_seen |= event == News::Looked(Sighting::Ours(ID));
                    go(world, event)
                };
                SIGHTS
                    .into_iter()
                    .flat_map(|sight| [(sight, Duration::ZERO), (sight, 5 * SECOND)])
                    .map(look)
                    .sum()
            }
            Next::Accept(id) => {
                assert_eq!(id, ID);
                assert!(is_made_ever);
                1
            }
            Next::Fail => {
                assert!(!is_made_ever);
                1
            }
            Next::Undecided => {
                assert!(!world.is_seen && matches!(world.fate, Fate::LostBefore | Fate::Late(_)));
                1
            }
        }
    }

    #[test]
    fn no_sequence_of_outcomes_makes_two_requests_or_loses_one_without_saying_so() {
        let late = [0, 1, 5, 9, 100].map(|seconds| Fate::Late(SECOND * seconds));
        let fates = [Fate::Answered, Fate::Refused, Fate::LostBefore]
            .into_iter()
            .chain(late);
        let ways = fates.map(|fate| {
            let (state, next) = SubmitState::new(PATIENCE);
            explore(
                &World {
                    state,
                    fate,
                    posts: 0,
                    now: Duration::ZERO,
                    is_seen: false,
                },
                next,
            )
        });
        assert!(ways.sum::<usize>() > 1000);
    }

    /// When looks begin that find nothing and take this long each.
    fn looks(patience: Patience, took: Duration, each: Duration) -> Vec<Duration> {
        let (mut state, _) = SubmitState::new(patience);
        let mut next = state.after(News::Lost { took }, Duration::ZERO);
        let mut looks = Vec::new();
        while let Next::Look { at, .. } = next {
            looks.push(at);
            next = state.after(News::Looked(Sighting::None), at + each);
        }
        assert_eq!(next, Next::Undecided);
        looks
    }

    #[test]
    fn it_is_looked_for_soon_and_then_less_and_less_often() {
        // What a look takes does not put off the next one.
        for each in [0, 300] {
            let looks = looks(PATIENCE, Duration::ZERO, Duration::from_millis(each));
            assert_eq!(
                looks,
                [500, 1500, 3500, 7500, 8000].map(Duration::from_millis)
            );
        }
    }

    #[test]
    fn the_time_to_look_grows_with_that_of_the_post_and_with_its_size() {
        let last = |patience, took| looks(patience, took, Duration::ZERO).last().copied();
        assert_eq!(last(PATIENCE, 60 * SECOND), Some(68 * SECOND));
        let big = Patience {
            by_size: 1200 * SECOND,
            ..PATIENCE
        };
        assert_eq!(last(big, 60 * SECOND), Some(1208 * SECOND));
        assert_eq!(last(big, 1320 * SECOND), Some(1328 * SECOND));
        let many = looks(big, SECOND, Duration::ZERO);
        assert!(
            many.windows(2).all(|pair| pair[1] - pair[0] <= 30 * SECOND),
            "{many:?}"
        );
    }

    #[test]
    fn however_long_a_look_takes_one_begins_at_the_end() {
        assert_eq!(
            looks(PATIENCE, Duration::ZERO, 60 * SECOND),
            [Duration::from_millis(500), Duration::from_millis(60_500)]
        );
    }
}
