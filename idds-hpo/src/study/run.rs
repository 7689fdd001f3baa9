//! What carries out the commands of a search, on tokio.

use std::collections::{HashMap, VecDeque};
use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use idds_client::{Client, Error as ClientError, ErrorKind, PointId};
use idds_workflow::{RequestId, RequestStatus};
use indexmap::IndexSet;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinError, JoinSet, spawn_blocking};
use tokio::time::{Instant, sleep, sleep_until};

use crate::monitor::{IntermediateReport, Monitor};
use crate::optuna::Mirror;
use crate::workers::{Heartbeat, Share};
use crate::{
    Command, Error, Journal, JournalError, Loss, Objective, Observer, Obstacle, Search,
    SearchEvent, SearchResult, StopReason, Verdict,
};

/// What carries out the commands of a search.
pub(super) struct Run {
    pub(super) client: Client,
    pub(super) request: RequestId,
    pub(super) objective: Objective,
    pub(super) journal: Option<Journal>,
    pub(super) share: Option<Arc<Mutex<Share>>>,
    pub(super) clock: Clock,
    /// Gives signs of life as long as it is not dropped.
    pub(super) _hearts: JoinSet<()>,
    pub(super) tasks: JoinSet<SearchEvent>,
    /// By their point and their number among those of it.
    pub(super) evaluations: HashMap<(PointId, u32), AbortHandle>,
    pub(super) values: mpsc::UnboundedSender<IntermediateReport>,
    pub(super) verdicts: VecDeque<oneshot::Sender<Verdict>>,
    pub(super) observers: Vec<Box<dyn Observer>>,
    /// The study of Optuna that shows the search.
    pub(super) mirror: Option<Mirror>,
}

impl Run {
    pub(super) async fn search(
        mut self,
        mut search: Search,
        mut told: mpsc::UnboundedReceiver<IntermediateReport>,
        interrupt: BoxFuture<'static, ()>,
    ) -> Result<SearchResult, Error> {
        let mut interrupt = interrupt.fuse();
        let mut events = vec![SearchEvent::Started {
            pid: std::process::id(),
        }];
        loop {
            let mut commands = Vec::new();
            for event in events.drain(..) {
                if let SearchEvent::PollFailed(error) | SearchEvent::ReportFailed { error, .. } =
                    &event
                {
                    self.observers
                        .iter_mut()
                        .for_each(|observer| observer.unanswered(error));
                }
                commands.extend(search.handle(self.clock.now(), event));
            }
            let changed: IndexSet<PointId> = match self.mirror {
                Some(_) => commands.iter().filter_map(written).cloned().collect(),
                None => IndexSet::new(),
            };
            let commands = match self.keep(commands).await {
                Ok(commands) => commands,
                Err(error) => {
                    return Err(Error::journal(self.request, error).of(search.into_result()));
                }
            };
            // What is shown is in the journal.
            if let Some(mirror) = &self.mirror {
                let trials = changed.iter().filter_map(|id| search.trial(id));
                trials.for_each(|trial| mirror.write(trial.clone()));
            }
            self.observe(&search);
            for command in commands {
                tracing::debug!(request = %self.request, ?command);
                if let Command::Stop(why) = command {
                    self.finish_mirror().await;
                    return ended(self.client, self.request, search.into_result(), why).await;
                }
                self.carry_out(command);
            }
            tokio::select! {
                Some(done) = self.tasks.join_next() => events.extend(self.event(done)),
                Some(told) = told.recv() => events.push(self.told(told)),
                () = &mut interrupt => events.push(SearchEvent::Interrupted),
                () = self.clock.reaches(search.wakes_at()) => events.push(SearchEvent::Woke),
            }
            // What is ready now shares one flush of the journal.
            while let Some(done) = self.tasks.try_join_next() {
                events.extend(self.event(done));
            }
        }
    }

    /// Writes to the journal what is to be written, and returns the other commands.
    async fn keep(&mut self, commands: Vec<Command>) -> Result<Vec<Command>, JournalError> {
        let mut entries = Vec::new();
        let mut others = Vec::new();
        for command in commands {
            match command {
                Command::Write(entry) => {
                    self.observers
                        .iter_mut()
                        .for_each(|observer| observer.happened(&entry));
                    entries.push(entry);
                }
                other => others.push(other),
            }
        }
        let has_effect = |command: &Command| {
            matches!(
                command,
                Command::Evaluate { .. } | Command::Report { .. } | Command::Stop(_)
            )
        };
        let is_durable = others.iter().any(has_effect);
        if let Some(mut journal) = self.journal.take() {
            let write = move || {
                entries.iter().try_for_each(|entry| journal.append(entry))?;
                if is_durable {
                    journal.flush()?;
                } else {
                    journal.write()?;
                }
                Ok(journal)
            };
            self.journal = Some(
                spawn_blocking(write)
                    .await
                    .expect("writing does not panic")?,
            );
        }
        Ok(others)
    }

    fn carry_out(&mut self, command: Command) {
        let (client, request) = (self.client.clone(), self.request);
        match command {
            Command::Poll {
                want,
                late_after,
                next,
                since,
            } => {
                let (share, now) = (self.share.clone(), self.clock.now());
                self.tasks.spawn(poll(
                    (client, request),
                    (next, since),
                    share,
                    (now, want, late_after),
                ));
            }
            Command::Report { id, loss } => _ = self.tasks.spawn(report(client, request, id, loss)),
            Command::Evaluate {
                id,
                attempt,
                parameters,
            } => {
                let monitor = Monitor::new(request, id.clone(), attempt, self.values.clone());
                let evaluation = self.objective.evaluate(parameters, monitor);
                let key = (id.clone(), attempt);
                let task = async move {
                    SearchEvent::Evaluated {
                        id,
                        attempt,
                        outcome: evaluation.await,
                    }
                };
                self.evaluations.insert(key, self.tasks.spawn(task));
            }
            Command::Abandon { id, attempt } => {
                if let Some(evaluation) = self.evaluations.remove(&(id, attempt)) {
                    evaluation.abort();
                }
            }
            Command::Judge { verdict, .. } => {
                if let Some(waiting) = self.verdicts.pop_front() {
                    // An evaluation that waits no more was given up.
                    let _ = waiting.send(verdict);
                }
            }
            Command::Write(_) | Command::Stop(_) => {}
        }
    }

    /// The event that a task ended with; none when it was given up.
    fn event(&mut self, done: Result<SearchEvent, JoinError>) -> Option<SearchEvent> {
        match done {
            Ok(event) => {
                if let SearchEvent::Evaluated { id, attempt, .. } = &event {
                    self.evaluations.remove(&(id.clone(), *attempt));
                }
                Some(event)
            }
            Err(error) if error.is_cancelled() => None,
            Err(error) => panic!("tasks catch the panics of the objective: {error}"),
        }
    }

    /// Verdicts come in the order of what was told.
    fn told(
        &mut self,
        IntermediateReport {
            id,
            attempt,
            step,
            value,
            verdict,
        }: IntermediateReport,
    ) -> SearchEvent {
        self.verdicts.push_back(verdict);
        SearchEvent::Intermediate {
            id,
            attempt,
            step,
            value,
        }
    }

    /// Waits until the study of Optuna is complete.
    async fn finish_mirror(&mut self) {
        let Some(mirror) = self.mirror.take() else {
            return;
        };
        let finished = spawn_blocking(move || mirror.finish());
        if let Err(error) = finished.await.expect("finishing does not panic") {
            self.observers
                .iter_mut()
                .for_each(|observer| observer.unwritten(&error));
        }
    }

    fn observe(&mut self, search: &Search) {
        let progress = search.progress();
        for observer in &mut self.observers {
            observer.progress(&progress);
        }
    }
}

/// The point that an entry to be written is about.
fn written(command: &Command) -> Option<&PointId> {
    match command {
        Command::Write(entry) => entry.point(),
        _ => None,
    }
}

/// The time since the start of a search, which may have begun in another process.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    origin: Instant,
    offset: Duration,
}

impl Clock {
    pub(super) fn new(offset: Duration) -> Self {
        Self {
            origin: Instant::now(),
            offset,
        }
    }

    fn now(self) -> Duration {
        self.offset + self.origin.elapsed()
    }

    async fn reaches(self, time: Duration) {
        match self.origin.checked_add(time.saturating_sub(self.offset)) {
            Some(instant) => sleep_until(instant).await,
            None => pending().await,
        }
    }
}

/// Makes the result of a search that is over. One that the server has ended as Failed is an error, whatever it found before.
async fn ended(
    client: Client,
    request: RequestId,
    mut result: SearchResult,
    why: Result<StopReason, Obstacle>,
) -> Result<SearchResult, Error> {
    if let StopReason::Ended(_) = result.stop {
        result.error = sentence(client, request).await;
    }
    match why {
        Ok(StopReason::Ended(RequestStatus::Failed)) => {
            Err(Error::failed(request, result.error.clone()).of(result))
        }
        Ok(_) => Ok(result),
        Err(obstacle) => Err(Error::obstacle(request, obstacle).of(result)),
    }
}

async fn poll(
    (client, request): (Client, RequestId),
    (next, since): (Option<PointId>, Option<PointId>),
    share: Option<Arc<Mutex<Share>>>,
    (now, want, late_after): (Duration, usize, Option<Duration>),
) -> SearchEvent {
    let read = async {
        let requests = client.requests().get(request).await?;
        let Some(info) = requests.first() else {
            return Err(unknown(request));
        };
        if let Some(next) = next.filter(|_| !info.status.is_terminal())
            && client.hpo().get(request).id(next).await?.is_empty()
        {
            return Ok(SearchEvent::NothingNew {
                status: info.status,
            });
        }
        // In this order, the points of an ended request are complete.
        let points = client.hpo().get(request).unique();
        let points = match since {
            Some(since) => points.since(since),
            None => points,
        };
        let points = points.await?;
        let mine = match share {
            None => None,
            Some(share) => {
                let open: Vec<_> = points
                    .iter()
                    .filter(|point| point.loss.is_none())
                    .map(|point| point.id.clone())
                    .collect();
                let claim = move || {
                    share
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .claim(now, &open, want, late_after)
                };
                Some(
                    spawn_blocking(claim)
                        .await
                        .expect("claiming does not panic")
                        .map_err(unshared)?,
                )
            }
        };
        Ok(SearchEvent::Polled {
            status: info.status,
            points,
            mine,
        })
    };
    read.await.unwrap_or_else(SearchEvent::PollFailed)
}

pub(super) fn unknown(request: RequestId) -> ClientError {
    ClientError::new(
        ErrorKind::NotFound,
        format!("the server does not know request {request}"),
    )
}

/// What the server says of a request that it ended; none when it says nothing, or does not answer.
async fn sentence(client: Client, request: RequestId) -> Option<String> {
    let requests = client.requests().get(request).await.ok()?;
    let sentences = sentences(requests.first()?.errors.as_ref()?).join("; ");
    Some(sentences).filter(|sentences| !sentences.is_empty())
}

/// The sentences in what the server says went wrong, which are the texts that are not empty, at any depth.
fn sentences(errors: &Value) -> Vec<&str> {
    match errors {
        Value::String(text) => Some(text.trim())
            .filter(|text| !text.is_empty())
            .into_iter()
            .collect(),
        Value::Object(members) => members.values().flat_map(sentences).collect(),
        Value::Array(items) => items.iter().flat_map(sentences).collect(),
        _ => Vec::new(),
    }
}

/// File systems of many machines have their bad moments, as servers do.
pub(super) fn unshared(error: io::Error) -> ClientError {
    ClientError::new(
        ErrorKind::Unavailable,
        "the folder of the workers cannot be used",
    )
    .caused_by(error)
}

/// Gives signs of life. One that fails is not missed before the time of a take-over.
pub(super) async fn live(heart: Heartbeat) {
    loop {
        sleep(heart.pause).await;
        let heart = heart.clone();
        let beat = spawn_blocking(move || heart.beat()).await;
        if let Ok(Err(error)) = beat {
            tracing::warn!(%error, "no sign of life");
        }
    }
}

async fn report(client: Client, request: RequestId, id: PointId, loss: Loss) -> SearchEvent {
    match client.hpo().update(request, &id, loss.get()).await {
        Ok(()) => SearchEvent::Reported { id },
        Err(error) => SearchEvent::ReportFailed { id, error },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::sentences;

    #[test]
    fn what_a_server_says_went_wrong_is_in_its_texts() {
        let errors =
            json!({"msg": "", "submit_err": {"msg": " no disk "}, "extra": ["late", 3, null]});
        assert_eq!(sentences(&errors), ["no disk", "late"]);
    }
}
