//! Looks at the server: what they say, and when the next one is due.

use std::collections::HashSet;
use std::time::Duration;

use idds_client::{Error as ClientError, ErrorKind, HyperParameters, PointId};
use idds_workflow::RequestStatus;

use super::{Command, Obstacle, Phase, Search};
use crate::entry::Entry;
use crate::{Loss, Stage, TrialRecord};

impl Search {
    pub(super) fn polled(
        &mut self,
        now: Duration,
        status: RequestStatus,
        points: Vec<HyperParameters>,
        mine: Option<HashSet<PointId>>,
        commands: &mut Vec<Command>,
    ) {
        let began = self.polling_since.take().unwrap_or(now);
        self.seen = self.polls;
        self.succeeded();
        let mut has_news = status != self.status;
        self.status = status;
        for HyperParameters {
            id,
            parameters,
            loss,
            ..
        } in points
        {
            let stage = match self.history.get(&id) {
                Some(trial) if trial.parameters != parameters => {
                    let what = format!(
                        "point {id} is {parameters} on the server and {} in the journal, which is one of another search",
                        trial.parameters
                    );
                    let error = ClientError::new(ErrorKind::Argument, what);
                    return self.stop(now, Err(Obstacle::Server(error)), commands);
                }
                Some(trial) => trial.stage,
                None => {
                    has_news = true;
                    if self.options.reuse_losses {
                        self.repeats.appeared(&id, &parameters);
                    }
                    let entry = Entry::Point {
                        at: now,
                        point: id.clone(),
                        parameters,
                    };
                    if let Err(contradiction) = self.history.check(&entry) {
                        let what = format!(
                            "the search cannot go on with this point: {}",
                            contradiction.why
                        );
                        return self.stop(
                            now,
                            Err(Obstacle::Server(ClientError::new(
                                ErrorKind::Argument,
                                what,
                            ))),
                            commands,
                        );
                    }
                    self.write(entry, commands);
                    Stage::Open
                }
            };
            match loss {
                None if stage == Stage::Confirmed && !status.is_terminal() => {
                    has_news = true;
                    self.lost(now, id, commands);
                }
                _ if stage == Stage::Confirmed => {}
                None => self.deliveries.not_shown(&id, now, began, self.polls),
                Some(loss) => {
                    let is_foreign = matches!(stage, Stage::Open | Stage::Leased | Stage::LeftOpen);
                    has_news |= is_foreign;
                    // What was there before this run says nothing of its pace.
                    if is_foreign && self.polls > 1 {
                        self.pace.add(now.saturating_sub(self.began));
                    }
                    self.abandon(&id, commands);
                    self.deliveries.shown(&id);
                    self.write(
                        Entry::Confirmed {
                            at: now,
                            loss: Loss::new(loss),
                            point: id,
                        },
                        commands,
                    );
                }
            }
        }
        self.confirmed += self
            .unconfirmed()
            .take_while(|trial| trial.stage == Stage::Confirmed)
            .count();
        self.take(mine);
        self.interval = if has_news {
            self.options.shortest_poll
        } else {
            self.longer_interval()
        };
        // While there is work here, nothing is awaited from the server, whose list of points is long in the end.
        let has_work = !self.running.is_empty() || !self.queue.is_empty();
        let pause = if has_work && !self.is_shared {
            self.options.longest_poll
        } else {
            self.interval
        };
        let next_poll = now.saturating_add(pause);
        self.next_poll = self
            .deliveries
            .next_look(now)
            .map_or(next_poll, |look| look.min(next_poll));
        if has_news {
            self.news = now;
        }
    }

    /// Begins to report a loss again that the server has lost: its database was restored from a copy that is older.
    ///
    /// The request is the same one, so what is known of the point still holds, and evaluating it again would cost more.
    fn lost(&mut self, now: Duration, id: PointId, commands: &mut Vec<Command>) {
        self.confirmed = 0;
        self.write(
            Entry::Lost {
                at: now,
                point: id.clone(),
            },
            commands,
        );
        if self
            .history
            .get(&id)
            .is_some_and(|trial| trial.loss.is_some())
        {
            self.deliveries.due(id, now);
        }
    }

    pub(super) fn nothing_new(&mut self, now: Duration, status: RequestStatus) {
        self.polling_since = None;
        self.seen = self.polls;
        self.succeeded();
        let has_news = std::mem::replace(&mut self.status, status) != status;
        if has_news {
            self.news = now;
        }
        self.interval = if has_news {
            self.options.shortest_poll
        } else {
            self.longer_interval()
        };
        // A search that has begun to end waits for what only the points themselves confirm.
        let pause = if self.phase == Phase::Searching {
            self.interval
        } else {
            Duration::ZERO
        };
        self.next_poll = now.saturating_add(pause);
    }

    /// Returns the command to look at the server, at as few of its points as tell all that there is to know.
    ///
    /// iDDS counts the points of a work from 1. A server that does otherwise, and all else that happens to points of which
    /// this process is not told, shows at the looks at all points.
    pub(super) fn look(&mut self, now: Duration, want: usize) -> Command {
        let is_due = |last: Duration| now >= last.saturating_add(self.options.longest_poll);
        let next = self.next_point();
        let late_after = self
            .options
            .speculate
            .and_then(|factor| self.durations.limit(factor));
        if self.looked_at_all.is_none_or(is_due) || next.is_none() {
            self.looked_at_all = Some(now);
            return Command::Poll {
                want,
                late_after,
                next: None,
                since: None,
            };
        }
        let awaits_news_only = self.phase == Phase::Searching && !self.is_shared && self.is_idle();
        // An id that is no number is less than all numbers, so that all points are read.
        let numbers = self
            .unconfirmed()
            .filter(|trial| trial.stage != Stage::Confirmed)
            .map(|trial| number(&trial.id));
        let first = numbers.chain([next]).min().flatten();
        let point = |number: u64| PointId::from(number.to_string());
        let next = next.filter(|_| awaits_news_only).map(point);
        Command::Poll {
            want,
            late_after,
            next,
            since: first.map(point),
        }
    }

    /// Returns the number that the next point will have.
    fn next_point(&self) -> Option<u64> {
        number(&self.history.trials().last()?.id)?.checked_add(1)
    }

    /// Returns the trials after those that are all confirmed.
    pub(super) fn unconfirmed(&self) -> impl Iterator<Item = &TrialRecord> {
        self.history.trials().skip(self.confirmed)
    }

    /// Queues what this process is to evaluate, in the order of the points.
    fn take(&mut self, mine: Option<HashSet<PointId>>) {
        if self.phase != Phase::Searching {
            return;
        }
        self.is_shared = mine.is_some();
        let is_mine = |id: &PointId| mine.as_ref().is_none_or(|mine| mine.contains(id));
        self.retries.retain(|(_, id)| is_mine(id));
        let waits = |id: &PointId| self.retries.iter().any(|(_, waiting)| waiting == id);
        let open = self
            .unconfirmed()
            .filter(|trial| trial.stage == Stage::Open && self.may_try(trial));
        let open = open.map(|trial| &trial.id);
        self.queue = open
            .filter(|id| is_mine(id) && !waits(id) && !self.failures.hold(id))
            .cloned()
            .collect();
    }

    pub(super) fn poll_failed(
        &mut self,
        now: Duration,
        error: ClientError,
        commands: &mut Vec<Command>,
    ) {
        self.polling_since = None;
        self.looked_at_all = None;
        self.interval = self.longer_interval();
        self.next_poll = now.saturating_add(self.interval);
        self.failed(now, error, commands);
    }
}

pub(super) fn number(id: &PointId) -> Option<u64> {
    id.as_str().parse().ok()
}
