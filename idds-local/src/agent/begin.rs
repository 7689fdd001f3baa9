//! Requests that begin.

use jiff::Timestamp;
use rusqlite::Connection;

use super::flow::Running;
use super::{Inner, Settings, Step};
use crate::engine::flow::FlowEvent;
use crate::plan::{self, Plan};
use crate::planning::calculate;
use crate::state::{self, Stage};
use crate::store::requests::Content;
use crate::store::{StoreError, attempts, events, requests};

impl Inner {
    /// Plans a request, and begins the works that start first.
    pub(super) async fn begin(&self, step: &Step, request: i64) -> Result<(), StoreError> {
        let due = step.due;
        let read = move |connection: &mut Connection| {
            let times = requests::times(connection, request)?;
            Ok((requests::content(connection, request)?, times))
        };
        let (content, times) = self.store.call(read).await?;
        let Some(Content {
            request_type,
            status,
            workload_id,
            metadata,
        }) = content
        else {
            return Ok(());
        };
        let Settings {
            steering,
            seed,
            terms,
            ..
        } = self.settings.clone();
        let seed = state::search_seed(seed, request);
        let rules = terms.rules;
        let now = Timestamp::now();
        let planned = calculate(&step.place, step.until, move || {
            if plan::is_build(&metadata) {
                return Ok(None);
            }
            let planned = Plan::read(request_type, &metadata, seed, terms)?;
            planned.0.check()?;
            let mut running = Running::new(planned, times);
            let followed = running.handle(&[(FlowEvent::Begin, now)], &steering);
            Ok(Some((running, followed)))
        });
        let planned = match planned.await {
            Ok(planned) => planned,
            Err(message) => {
                return self
                    .fail(due, (request, status), None, "submit_err", message)
                    .await;
            }
        };
        let (running, followed) = planned.unzip();
        let deadline = running.as_ref().and_then(Running::deadline);
        let begin = move |connection: &mut Connection| {
            let now = now.as_second();
            let transaction = connection.transaction()?;
            attempts::release(&transaction, due)?;
            // Somebody may have ended the request in the meantime.
            let is_there = requests::is_in(&transaction, request, status)?;
            if is_there {
                let stage = match &followed {
                    None => Stage::Building,
                    Some(_) => Stage::Transforming,
                };
                requests::set_stage(&transaction, request, stage, None, now)?;
                if let Some(followed) = followed {
                    events::clear(&transaction, request)?;
                    events::add(&transaction, request, &FlowEvent::Begin, now)?;
                    followed.store(&transaction, (request, workload_id), rules, now)?;
                    events::set_handled(&transaction, request, 1)?;
                    events::set_deadline(&transaction, request, deadline)?;
                }
            }
            transaction.commit()?;
            Ok(is_there)
        };
        if self.store.call(begin).await?
            && let Some(running) = running
        {
            running.tell_waiting(request);
            self.flows.keep(request, running);
        }
        // There may be points to be made, or jobs to be started.
        self.wake.notify_one();
        Ok(())
    }
}
