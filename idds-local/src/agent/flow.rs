//! Flows: what starts, ends and goes on after what has happened.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use idds_sampler::Steering;
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::json;

use super::begun::{Begun, Quick};
use super::end::{end_work, shortened};
use super::{Inner, Settings, Step};
use crate::engine::flow::{Command, Definition, Ending, FlowEvent, Machine, RunKey, Status};
use crate::identity::Rules;
use crate::plan::{Plan, When};
use crate::planning::calculate;
use crate::state::{self, Stage};
use crate::store::requests::Content;
use crate::store::{StoreError, attempts, commands, events, requests, still, transforms};

/// Most steps that are told of when a request begins.
const MOST_TOLD: usize = 100;

/// Most flows that are kept in memory.
const KEPT: usize = 256;

/// The flows of running requests, so that they are not made anew of all that has happened.
#[derive(Debug, Default)]
pub(super) struct Flows(Mutex<HashMap<i64, Running>>);

/// The flow of a request.
#[derive(Debug)]
pub(super) struct Running {
    plan: Plan,
    machine: Machine,
    /// Number of events that it has been told.
    told: i64,
}

/// What comes of an event, ready to be stored.
#[derive(Debug, Default)]
pub(super) struct Followed(Vec<Effect>);

#[derive(Debug)]
enum Effect {
    /// A work begins.
    Start(Box<Begun>),
    /// A work cannot begin.
    Unstartable {
        run: RunKey,
        id: String,
        message: String,
    },
    /// A run is to end early.
    End { run: RunKey, ending: Ending },
    /// A run is held.
    Suspend(RunKey),
    /// A run goes on that was held.
    Resume(RunKey),
    /// A run that has ended goes on.
    Retry(RunKey),
    /// The workflow has ended.
    Ended(Status),
}

/// Returns the moment that is this many seconds after 1970.
fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Flows {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the flow of a request for what happens next.
    pub(super) fn keep(&self, request: i64, running: Running) {
        let mut flows = self.lock();
        if flows.len() >= KEPT {
            flows.clear();
        }
        flows.insert(request, running);
    }

    fn take(&self, request: i64) -> Option<Running> {
        self.lock().remove(&request)
    }
}

impl Running {
    /// Begins the flow of a workflow, of a request that was made and is over at these times, in seconds since 1970.
    pub(super) fn new((plan, definition): (Plan, Definition), times: (i64, Option<i64>)) -> Self {
        let made_at = moment(times.0);
        Self {
            machine: Machine::new(definition, made_at, times.1.map(moment)),
            plan,
            told: 0,
        }
    }

    /// Returns when something has to happen to it if nothing else does, in seconds since 1970.
    pub(super) fn deadline(&self) -> Option<i64> {
        let deadline = self.machine.deadline()?;
        // Not before it, as the flow compares the moments.
        Some(deadline.as_second().saturating_add(1))
    }

    /// Tells which steps wait, and for what, in the log.
    pub(super) fn tell_waiting(&self, request: i64) {
        if !tracing::enabled!(tracing::Level::INFO) {
            return;
        }
        let waiting = self.machine.waiting();
        for step in waiting.iter().take(MOST_TOLD) {
            tracing::info!("{} of request {request}: {}", step.name, step.reason);
        }
        if let Some(more) = waiting
            .len()
            .checked_sub(MOST_TOLD)
            .filter(|more| *more > 0)
        {
            tracing::info!("{more} more steps of request {request} have not started");
        }
    }

    /// Tells it what has happened already, whose commands are carried out.
    fn replay(&mut self, events: &[(FlowEvent, Timestamp)]) {
        for (event, at) in events {
            // What it refuses now it has refused then.
            let _ = self.machine.handle(*at, event);
        }
        self.told += events.len() as i64;
    }

    /// Tells it what has happened, and makes what comes of it.
    pub(super) fn handle(
        &mut self,
        events: &[(FlowEvent, Timestamp)],
        steering: &Steering,
    ) -> Followed {
        let mut quick = Quick::default();
        let mut effects = Vec::new();
        for (event, at) in events {
            if matches!(event, FlowEvent::Asked(_)) {
                // What the user asked for before is carried out, and may be undone by this.
                effects.retain(|effect| {
                    matches!(effect, Effect::Start(_) | Effect::Unstartable { .. })
                });
            }
            match self.machine.handle(*at, event) {
                Ok(commands) => {
                    let made = commands
                        .into_iter()
                        .filter_map(|command| self.effect(command, steering, &mut quick));
                    effects.extend(made);
                }
                // It is no event of this workflow, or comes at a time when nothing becomes of it.
                Err(refused) => {
                    // What a job has said is in it.
                    let event: String = format!("{event:?}").chars().take(300).collect();
                    tracing::warn!("the flow has no use for {event}: {refused}");
                }
            }
        }
        self.told += events.len() as i64;
        Followed(effects)
    }

    fn effect(&self, command: Command, steering: &Steering, quick: &mut Quick) -> Option<Effect> {
        Some(match command {
            Command::Start(start) => {
                tracing::info!("{} starts: {}", start.run, start.because);
                match self.plan.work(&start, When::Now) {
                    Ok(work) => {
                        Effect::Start(Box::new(Begun::new(start.run, work, steering, quick)))
                    }
                    Err(message) => Effect::Unstartable {
                        id: start.path.last().cloned().unwrap_or_default(),
                        run: start.run,
                        message,
                    },
                }
            }
            Command::Begins { workflow } => {
                tracing::info!("sub-workflow {workflow} begins");
                return None;
            }
            Command::Round { workflow, number } => {
                let workflow = workflow.map_or_else(
                    || "the workflow".to_owned(),
                    |run| format!("sub-workflow {run}"),
                );
                tracing::info!("{workflow} begins round {number} of its loop");
                return None;
            }
            Command::Ends { workflow, status } => {
                tracing::info!("sub-workflow {workflow} is {}", status.name());
                return None;
            }
            Command::End { run, ending } => Effect::End { run, ending },
            Command::Suspend(run) => Effect::Suspend(run),
            Command::Resume(run) => Effect::Resume(run),
            Command::Retry(run) => Effect::Retry(run),
            Command::Ended(status) => Effect::Ended(status),
        })
    }
}

impl Inner {
    /// Tells the flow of a request what has happened, and carries out what it asks for.
    pub(super) async fn follow(&self, step: &Step, request: i64) -> Result<(), StoreError> {
        let due = step.due;
        let kept = self.flows.take(request);
        let told = kept.as_ref().map(|running| running.told);
        let read = move |connection: &mut Connection| {
            let handled = events::handled(connection, request)?;
            // One that was told something else is of no use, such as after a retry that began anew.
            let told = told.filter(|told| *told == handled);
            let content = match told {
                Some(_) => None,
                None => requests::content(connection, request)?,
            };
            let workload = requests::workload(connection, request)?;
            let times = requests::times(connection, request)?;
            let after = events::after(connection, request, told.unwrap_or(0))?;
            Ok((handled, told.is_some(), content, (workload, times), after))
        };
        let (handled, is_kept, content, (workload_id, times), after) =
            self.store.call(read).await?;
        let Settings {
            steering,
            seed,
            terms,
            ..
        } = self.settings.clone();
        let seed = state::search_seed(seed, request);
        let rules = terms.rules;
        let followed = calculate(&step.place, step.until, move || {
            let unreadable = |error: serde_json::Error| format!("an event cannot be read: {error}");
            let list = after
                .iter()
                .map(|(event, at)| {
                    let event = serde_json::from_str(event).map_err(unreadable)?;
                    Ok((event, moment(*at)))
                })
                .collect::<Result<Vec<(FlowEvent, Timestamp)>, String>>()?;
            let (mut running, old) = match (kept.filter(|_| is_kept), content) {
                (Some(running), _) => (running, 0),
                (
                    None,
                    Some(Content {
                        request_type,
                        metadata,
                        ..
                    }),
                ) => {
                    let plan = Plan::read(request_type, &metadata, seed, terms)?;
                    (
                        Running::new(plan, times),
                        usize::try_from(handled).unwrap_or(0),
                    )
                }
                (None, None) => return Err("the request is not there any more".to_owned()),
            };
            let (old, new) = list.split_at(old.min(list.len()));
            running.replay(old);
            let followed = running.handle(new, &steering);
            Ok((running, followed))
        });
        let (running, followed) = match followed.await {
            Ok(followed) => followed,
            Err(message) => {
                let running = Stage::Transforming.code();
                self.store
                    .call(move |connection| {
                        let all = events::after(connection, request, 0)?.len();
                        events::set_handled(connection, request, all as i64)
                    })
                    .await?;
                return self
                    .fail(due, (request, running), None, "update_err", message)
                    .await;
            }
        };
        let (told, deadline) = (running.told, running.deadline());
        let store = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            attempts::release(&transaction, due)?;
            // While a request is held or has ended, nothing comes of what has happened; a retry lets it.
            let runs = requests::is_in(&transaction, request, Stage::Transforming.code())?;
            let is_current = runs && events::handled(&transaction, request)? == handled;
            if !runs {
                events::leave(&transaction, request)?;
            }
            if is_current {
                followed.store(&transaction, (request, workload_id), rules, now)?;
                events::set_handled(&transaction, request, told)?;
                events::set_deadline(&transaction, request, deadline)?;
                still::settle(&transaction, request, now)?;
            }
            transaction.commit()?;
            Ok(is_current)
        };
        if self.store.call(store).await? {
            self.flows.keep(request, running);
        }
        self.wake.notify_one();
        Ok(())
    }
}

impl Followed {
    /// Stores what comes of events, in a transaction of the caller.
    pub(super) fn store(
        self,
        connection: &Connection,
        (request, workload_id): (i64, Option<i64>),
        rules: Rules,
        now: i64,
    ) -> rusqlite::Result<()> {
        for effect in self.0 {
            match effect {
                Effect::Start(begun) => {
                    begun.store(connection, (request, workload_id), rules, now)?;
                }
                Effect::Unstartable { run, id, message } => {
                    let errors = json!({ "submit_err": { "msg": shortened(message) } }).to_string();
                    transforms::insert_failed(connection, request, (run.as_str(), &id), now)
                        .and_then(|transform| {
                            transforms::set_errors(connection, transform, &errors)?;
                            end_work(connection, (request, transform), Stage::Failed, now)
                        })?;
                }
                Effect::End { run, ending } => {
                    if let Some(transform) = transforms::of_run(connection, request, run.as_str())?
                        && let Some(stage) =
                            commands::end_early(connection, transform, ending, now)?
                    {
                        end_work(connection, (request, transform), stage, now)?;
                    }
                }
                Effect::Suspend(run) => {
                    if let Some(transform) = transforms::of_run(connection, request, run.as_str())?
                        && transforms::is_in(connection, transform, Stage::Transforming)?
                    {
                        transforms::set_stage(connection, transform, Stage::Suspended, now)?;
                    }
                }
                Effect::Resume(run) => {
                    if let Some(transform) = transforms::of_run(connection, request, run.as_str())?
                        && transforms::is_in(connection, transform, Stage::Suspended)?
                    {
                        transforms::set_stage(connection, transform, Stage::Transforming, now)?;
                    }
                }
                Effect::Retry(run) => {
                    if let Some(transform) = transforms::of_run(connection, request, run.as_str())?
                    {
                        commands::retry_run(connection, (request, transform), now)?;
                    }
                }
                Effect::Ended(status) => {
                    requests::end(connection, request, status.code(), rules, now)?;
                }
            }
        }
        Ok(())
    }
}
