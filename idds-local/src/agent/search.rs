//! Searches: points that are made, and the end of them.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, PoisonError};

use idds_sampler::{Steering, Trial, UnitSpace};
use idds_workflow::Point;
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::json;

use super::{Found, Inner, KEPT, Known, Step};
use crate::identity::Rules;
use crate::plan::SLICE;
use crate::planning::{QUICK_WORK, calculate};
use crate::state::{Next, Run, Search, Stage};
use crate::store::attempts::{self, Among, Due};
use crate::store::{StoreError, earlier, points, transforms};

impl Inner {
    /// Makes points that a search lacks, or ends it.
    pub(super) async fn advance(
        &self,
        step: &Step,
        request: i64,
        transform: i64,
    ) -> Result<(), StoreError> {
        let (due, running) = (step.due, Stage::Transforming.code());
        let search = match self.search(transform).await? {
            Found::Search(search) => search,
            Found::Steered(steered) => {
                return self.propose(step, (request, transform), &steered).await;
            }
            Found::Programs => return self.conclude(step, (request, transform)).await,
            Found::Files => return self.conclude_files(step, (request, transform)).await,
            Found::Failure(message) => {
                let errors = json!({ "msg": message }).to_string();
                return self
                    .end(step, (request, transform), Stage::Failed, Some(errors))
                    .await;
            }
            Found::Unreadable(message) => {
                return self
                    .fail(
                        due,
                        (request, running),
                        Some(transform),
                        "update_err",
                        message,
                    )
                    .await;
            }
        };
        let count = move |connection: &mut Connection| {
            Ok((
                points::tally(connection, transform)?,
                transforms::lacking(connection, transform)?,
            ))
        };
        let (tally, lacking) = self.store.call(count).await?;
        let known = tally.open as usize + tally.evaluated as usize;
        let count = match (lacking, search.next(tally)) {
            (0, Next::Wait) => {
                return self
                    .store
                    .call(move |connection| attempts::release(connection, due))
                    .await;
            }
            (0, Next::Finish) => {
                return self
                    .end(step, (request, transform), Stage::Finished, None)
                    .await;
            }
            (0, Next::Generate(count)) => count,
            (lacking, _) => lacking,
        };
        let mut generation = Generation {
            due,
            request,
            transform,
            known,
            lacking: count,
            rules: self.settings.terms.rules,
            is_new: lacking == 0,
        };
        let made = match Steering::is_independent(
            &search.opt_space,
            known,
            usize::try_from(count).unwrap_or(usize::MAX),
        ) {
            true => self.make_slices(step, &search, &mut generation).await?,
            false => self.make(step, &search, &mut generation).await?,
        };
        match made {
            Ok(()) => Ok(()),
            Err(message) => {
                self.fail(
                    due,
                    (request, running),
                    Some(transform),
                    "update_err",
                    message,
                )
                .await
            }
        }
    }

    /// Makes the points of a generation in view of all others.
    async fn make(
        &self,
        step: &Step,
        search: &Arc<Search>,
        generation: &mut Generation,
    ) -> Result<Result<(), String>, StoreError> {
        let (transform, count) = (generation.transform, generation.lacking as usize);
        let kept = self
            .known()
            .get_mut(&transform)
            .map(|known| mem::take(&mut known.history));
        let mut history = kept.unwrap_or_default();
        let mut at = (0, 0);
        loop {
            let read = move |connection: &mut Connection| {
                let read = points::read_history(connection, transform, at, &mut history)?;
                Ok((read, history))
            };
            let ((place, is_last), read) = self.store.call(read).await?;
            (at, history) = (place, read);
            if is_last {
                break;
            }
        }
        let read = move |connection: &mut Connection| earlier::of_search(connection, transform);
        let mut before = self.store.call(read).await?;
        before.retain(|trial| search.opt_space.check(&trial.point).is_ok());
        let steering = self.settings.steering.clone().earlier(before);
        if step.among == Among::Quick
            && steering.work(&search.opt_space, &history, count) > QUICK_WORK
        {
            self.keep(transform, search, history);
            return self.put_off(step.due).await.map(Ok);
        }
        let calculation = {
            let search = Arc::clone(search);
            move || Ok((search.propose(&steering, &history, count as u64), history))
        };
        let points = match calculate(&step.place, step.until, calculation).await {
            Ok((points, history)) => {
                self.keep(transform, search, history);
                points
            }
            Err(message) => return Ok(Err(message)),
        };
        let at_once = (SLICE / search.weight().max(1)).max(1) as usize;
        let mut points = points.into_iter();
        loop {
            let slice: Vec<Point> = points.by_ref().take(at_once).collect();
            // A sampler that gives too few points has given its last.
            generation.lacking = if slice.is_empty() {
                0
            } else {
                generation.lacking
            };
            if !self.store_slice(generation, slice).await? || generation.lacking == 0 {
                return Ok(Ok(()));
            }
        }
    }

    /// Makes the points of a generation that depend on no others, as many at once as fit in memory with ease.
    async fn make_slices(
        &self,
        step: &Step,
        search: &Arc<Search>,
        generation: &mut Generation,
    ) -> Result<Result<(), String>, StoreError> {
        self.known().remove(&generation.transform);
        if step.among == Among::Quick {
            return self.put_off(step.due).await.map(Ok);
        }
        let at_once = (SLICE / search.weight().max(1)).max(1);
        loop {
            let (search, steering) = (Arc::clone(search), self.settings.steering.clone());
            let (known, count) = (generation.known, at_once.min(generation.lacking) as usize);
            let propose = move || {
                Ok(steering.seed(search.seed).propose_independently(
                    &search.opt_space,
                    known,
                    count,
                ))
            };
            let slice = match calculate(&step.place, step.until, propose).await {
                Ok(slice) => slice,
                Err(message) => return Ok(Err(message)),
            };
            if !self.store_slice(generation, slice).await? || generation.lacking == 0 {
                return Ok(Ok(()));
            }
        }
    }

    /// Stores points of a generation, and tells whether the search still runs.
    async fn store_slice(
        &self,
        generation: &mut Generation,
        points: Vec<Point>,
    ) -> Result<bool, StoreError> {
        let Generation {
            due,
            request,
            transform,
            known,
            lacking,
            rules,
            is_new,
        } = *generation;
        let count = points.len();
        let trials: Vec<_> = points
            .into_iter()
            .map(|point| Trial { point, loss: None })
            .collect();
        let lacking = lacking.saturating_sub(count as u64);
        let store = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            let runs = transforms::is_in(&transaction, transform, Stage::Transforming)?;
            if runs {
                points::insert(&transaction, (request, transform), &trials, rules, now)?;
                if is_new {
                    transforms::set_history(&transaction, transform, known)?;
                }
                transforms::set_lacking(&transaction, transform, lacking)?;
                transforms::set_stage(&transaction, transform, Stage::Transforming, now)?;
            }
            if !runs || lacking == 0 {
                attempts::release(&transaction, due)?;
            }
            transaction.commit()?;
            Ok(runs)
        };
        let runs = self.store.call(store).await?;
        *generation = Generation {
            known: known + count,
            lacking,
            is_new: false,
            ..*generation
        };
        if !runs || lacking == 0 {
            // Losses may have come meanwhile.
            self.wake.notify_one();
        }
        Ok(runs)
    }

    pub(super) fn known(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Known>> {
        self.searches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the points of a search for its next generation, unless they are many.
    fn keep(&self, transform: i64, search: &Arc<Search>, history: Vec<Trial>) {
        let numbers = history.len() * UnitSpace::new(&search.opt_space).dimensions();
        let new = Known {
            search: Arc::clone(search),
            history,
            numbers,
        };
        let mut searches = self.known();
        searches.remove(&transform);
        if numbers + searches.values().map(|known| known.numbers).sum::<usize>() > KEPT {
            searches.clear();
        }
        if numbers <= KEPT {
            searches.insert(transform, new);
        }
    }

    /// Returns what becomes of a transform.
    async fn search(&self, transform: i64) -> Result<Found, StoreError> {
        if let Some(known) = self.known().get(&transform) {
            return Ok(Found::Search(Arc::clone(&known.search)));
        }
        let count = self.known().len();
        // Commands end searches too. Looking for those costs as much as there are searches, so it is done each time that twice as many are known.
        let is_time = count >= 64 && count.is_power_of_two();
        let read = move |connection: &mut Connection| {
            let searching = if is_time {
                Some(transforms::searching(connection)?)
            } else {
                None
            };
            Ok((transforms::search(connection, transform)?, searching))
        };
        let (text, searching) = self.store.call(read).await?;
        if let Some(searching) = searching {
            self.known()
                .retain(|transform, _| searching.contains(transform));
        }
        let search = match serde_json::from_str(&text) {
            Ok(Run::Search(search) | Run::Stalls(search)) => Arc::new(search),
            Ok(Run::Fails(message)) => return Ok(Found::Failure(message)),
            Ok(Run::Programs(_)) => return Ok(Found::Programs),
            Ok(Run::Copy(_) | Run::Follow(_)) => return Ok(Found::Files),
            Ok(Run::Steered(steered)) => return Ok(Found::Steered(steered)),
            Ok(Run::Hangs) => {
                return Ok(Found::Unreadable(
                    "a work that hangs has nothing to do".to_owned(),
                ));
            }
            Err(error) => {
                return Ok(Found::Unreadable(format!(
                    "the stored search cannot be read: {error}"
                )));
            }
        };
        self.known().insert(
            transform,
            Known {
                search: Arc::clone(&search),
                history: Vec::new(),
                numbers: 0,
            },
        );
        Ok(Found::Search(search))
    }
}

/// Points of a search that are being made.
#[derive(Clone, Copy, Debug)]
struct Generation {
    due: Due,
    request: i64,
    transform: i64,
    /// Points that are there.
    known: usize,
    /// Points that are to be made.
    lacking: u64,
    rules: Rules,
    /// Whether none of it is stored.
    is_new: bool,
}
