//! What follows what in a submission.

use idds_workflow::RequestId;

/// How often the server is asked for a submission before it counts as not made.
const LOOKS: u32 = 4;

/// What is known about a submission that is under way.
///
/// It may be posted again only after it was looked for on the server, several times, and not found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Progress {
    posts_left: u32,
    looks: u32,
}

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Event {
    /// The server answered the POST with the id of the request.
    Answered(RequestId),
    /// The POST was refused, or never sent: it made nothing.
    Refused,
    /// The POST may have arrived, but no answer of iDDS came back.
    Lost,
    /// The server was asked for the submission.
    Looked(Sighting),
    /// The server could not be asked for it.
    Blind,
}

/// What the server knows of a submission.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sighting {
    /// It made this request.
    Ours(RequestId),
    /// The server knows nothing that could be it.
    Nothing,
    /// There is something that could hide it.
    Unclear,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Next {
    /// Send the POST.
    Post,
    /// Ask the server for the submission, after this share of the time in which it becomes visible.
    LookAfter(f64),
    /// End with the request.
    Accept(RequestId),
    /// End with the failure of the POST; nothing was made.
    Fail,
    /// End without knowing.
    Undecided,
}

impl Progress {
    /// Begins with the first POST; there can be so many.
    pub(super) fn new(posts: u32) -> (Self, Next) {
        (Self { posts_left: posts.saturating_sub(1), looks: 0 }, Next::Post)
    }

    pub(super) fn after(&mut self, event: Event) -> Next {
        match event {
            Event::Answered(id) | Event::Looked(Sighting::Ours(id)) => Next::Accept(id),
            Event::Refused => Next::Fail,
            Event::Blind | Event::Looked(Sighting::Unclear) => Next::Undecided,
            Event::Lost => {
                self.looks = 0;
                Next::LookAfter(share(0))
            }
            Event::Looked(Sighting::Nothing) => {
                self.looks += 1;
                if self.looks < LOOKS {
                    return Next::LookAfter(share(self.looks));
                }
                match self.posts_left.checked_sub(1) {
                    Some(left) => {
                        self.posts_left = left;
                        Next::Post
                    }
                    None => Next::Fail,
                }
            }
        }
    }
}

/// Returns the wait before a look: 1/15, 2/15, 4/15 and 8/15 of the whole.
fn share(look: u32) -> f64 {
    f64::from(1 << look) / f64::from((1 << LOOKS) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTS: u32 = 3;

    /// What becomes of one POST.
    #[derive(Clone, Copy, Debug)]
    enum Fate {
        /// It makes a request, and the answer comes back.
        Answered,
        /// It makes nothing, and that comes back.
        Refused,
        /// It makes nothing, and nothing comes back.
        LostBefore,
        /// It makes a request that is visible from this look on, and nothing comes back.
        LostAfter(u32),
    }

    /// What a look shows.
    #[derive(Clone, Copy, Debug)]
    enum Sight {
        Truth,
        Foreign,
        Blind,
    }

    const FATES: [Fate; 7] = [
        Fate::Answered,
        Fate::Refused,
        Fate::LostBefore,
        Fate::LostAfter(1),
        Fate::LostAfter(2),
        Fate::LostAfter(3),
        Fate::LostAfter(LOOKS),
    ];
    const SIGHTS: [Sight; 3] = [Sight::Truth, Sight::Foreign, Sight::Blind];

    /// A server, and the client as far as it came.
    #[derive(Clone)]
    struct World {
        progress: Progress,
        made: Vec<RequestId>,
        visible_in: u32,
        posts: u32,
    }

    /// Goes every way from here, and counts them.
    fn explore(world: &World, next: Next) -> usize {
        let go = |mut world: World, event| {
            let next = world.progress.after(event);
            explore(&world, next)
        };
        match next {
            Next::Post => FATES
                .into_iter()
                .map(|fate| {
                    let mut world = world.clone();
                    world.posts += 1;
                    let id = RequestId::new(u64::from(world.posts));
                    if let Fate::Answered | Fate::LostAfter(_) = fate {
                        world.made.push(id);
                    }
                    let event = match fate {
                        Fate::Answered => Event::Answered(id),
                        Fate::Refused => Event::Refused,
                        Fate::LostBefore => Event::Lost,
                        Fate::LostAfter(looks) => {
                            world.visible_in = looks;
                            Event::Lost
                        }
                    };
                    go(world, event)
                })
                .sum(),
            Next::LookAfter(_) => SIGHTS
                .into_iter()
                .map(|sight| {
                    let mut world = world.clone();
                    world.visible_in = world.visible_in.saturating_sub(1);
                    let visible = world.made.last().filter(|_| world.visible_in == 0);
                    let event = match (sight, visible) {
                        (Sight::Truth, Some(id)) => Event::Looked(Sighting::Ours(*id)),
                        (Sight::Truth, None) => Event::Looked(Sighting::Nothing),
                        (Sight::Foreign, _) => Event::Looked(Sighting::Unclear),
                        (Sight::Blind, _) => Event::Blind,
                    };
                    go(world, event)
                })
                .sum(),
            Next::Accept(id) => {
                assert_eq!(world.made, [id]);
                1
            }
            Next::Fail => {
                assert_eq!(world.made, []);
                1
            }
            Next::Undecided => {
                assert!(world.made.len() <= 1);
                1
            }
        }
    }

    #[test]
    fn no_sequence_of_outcomes_makes_two_requests_or_loses_one_without_saying_so() {
        let (progress, next) = Progress::new(POSTS);
        let world = World { progress, made: Vec::new(), visible_in: 0, posts: 0 };
        assert_eq!(explore(&world, next), 103);
    }

    #[test]
    fn the_waits_add_up_to_the_time_in_which_a_submission_becomes_visible() {
        let whole: f64 = (0..LOOKS).map(share).sum();
        assert!((whole - 1.0).abs() < 1e-12 && share(0) < 0.1, "{whole}");
    }

    #[test]
    fn a_single_attempt_still_looks_for_what_it_sent() {
        let (mut progress, _) = Progress::new(1);
        assert!(matches!(progress.after(Event::Lost), Next::LookAfter(_)));
        let looks = [(); LOOKS as usize].map(|()| progress.after(Event::Looked(Sighting::Nothing)));
        assert_eq!(looks[LOOKS as usize - 1], Next::Fail);
    }
}
