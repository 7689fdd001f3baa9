//! The way of losses to the server.

use std::time::Duration;

use idds_client::PointId;
use indexmap::IndexMap;

/// How often an acknowledged loss is reported again when the server does not show it.
const MAX_REPORTS: u32 = 3;

/// The losses that the server does not show yet.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    /// Those to be sent, or sent without an answer: no more than evaluations at once while the server answers.
    open: IndexMap<PointId, Open>,
    /// Those that the server acknowledged: up to a generation.
    acknowledged: IndexMap<PointId, Acknowledged>,
}

#[derive(Debug)]
struct Open {
    state: State,
    reports: u32,
}

#[derive(Debug, PartialEq)]
enum State {
    /// To be sent at this time.
    Due(Duration),
    /// Sent; the answer is to come.
    Sending,
    /// Perhaps sent, perhaps not: a look at the server that begins at this time or later tells.
    Doubt { settled: Duration },
}

#[derive(Debug)]
struct Acknowledged {
    /// So many looks had begun by then: an answer to one of them may still lack the loss.
    polls: u64,
    reports: u32,
}

/// What came of a report.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    /// The server has it.
    Acknowledged { polls: u64 },
    /// The server has it not.
    NotDone { again: Duration },
    /// Nobody knows before this time.
    Unknown { settled: Duration },
}

impl Deliveries {
    /// Adds a loss to be sent.
    pub(super) fn due(&mut self, id: PointId, at: Duration) {
        self.open.insert(
            id,
            Open {
                state: State::Due(at),
                reports: 0,
            },
        );
    }

    /// Adds a loss that was perhaps sent.
    pub(super) fn doubt(&mut self, id: PointId, settled: Duration) {
        self.open.insert(
            id,
            Open {
                state: State::Doubt { settled },
                reports: 0,
            },
        );
    }

    /// Adds a loss that was acknowledged before any look at the server.
    pub(super) fn acknowledged(&mut self, id: PointId) {
        self.acknowledged.insert(
            id,
            Acknowledged {
                polls: 0,
                reports: 1,
            },
        );
    }

    /// Returns the losses that are due, which count as sent from now on.
    pub(super) fn send(&mut self, now: Duration) -> Vec<PointId> {
        let mut due = Vec::new();
        for (id, open) in &mut self.open {
            if matches!(open.state, State::Due(at) if at <= now) {
                open.state = State::Sending;
                due.push(id.clone());
            }
        }
        due
    }

    /// Notes what came of a report; returns whether there was one on the way.
    pub(super) fn answered(&mut self, id: &PointId, answer: Answer) -> bool {
        let Some(open) = self
            .open
            .get_mut(id)
            .filter(|open| open.state == State::Sending)
        else {
            return false;
        };
        match answer {
            Answer::Acknowledged { polls } => {
                let reports = open.reports + 1;
                self.open.swap_remove(id);
                self.acknowledged
                    .insert(id.clone(), Acknowledged { polls, reports });
            }
            Answer::NotDone { again } => open.state = State::Due(again),
            Answer::Unknown { settled } => open.state = State::Doubt { settled },
        }
        true
    }

    /// Notes that the server shows a loss of this point.
    pub(super) fn shown(&mut self, id: &PointId) {
        self.open.swap_remove(id);
        self.acknowledged.swap_remove(id);
    }

    /// Notes that a look that began at `began`, the latest of `polls`, shows no loss of this point.
    pub(super) fn not_shown(&mut self, id: &PointId, now: Duration, began: Duration, polls: u64) {
        if let Some(open) = self.open.get_mut(id)
            && matches!(open.state, State::Doubt { settled } if settled <= began)
        {
            open.state = State::Due(now);
        }
        if let Some(Acknowledged {
            polls: before,
            reports,
        }) = self.acknowledged.get(id)
            && *before < polls
        {
            let open = Open {
                state: State::Due(now),
                reports: *reports,
            };
            self.acknowledged.swap_remove(id);
            // A server that acknowledges it again and again and never shows it does not want it.
            if open.reports < MAX_REPORTS {
                self.open.insert(id.clone(), open);
            }
        }
    }

    /// Returns when the next loss is due.
    pub(super) fn wakes_at(&self) -> Option<Duration> {
        let due = self.open.values().filter_map(|open| match open.state {
            State::Due(at) => Some(at),
            State::Sending | State::Doubt { .. } => None,
        });
        due.min()
    }

    /// Returns when a look at the server next settles a doubt.
    pub(super) fn next_look(&self, now: Duration) -> Option<Duration> {
        let doubts = self.open.values().filter_map(|open| match open.state {
            State::Doubt { settled } => Some(settled.max(now)),
            State::Due(_) | State::Sending => None,
        });
        doubts.min()
    }

    /// Tells whether the server has acknowledged everything.
    pub(super) fn are_sent(&self) -> bool {
        self.open.is_empty()
    }

    /// Tells whether the server shows everything.
    pub(super) fn are_confirmed(&self) -> bool {
        self.open.is_empty() && self.acknowledged.is_empty()
    }
}
