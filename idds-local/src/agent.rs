//! The background task that moves requests on.

mod begun;

use std::collections::{HashMap, HashSet};
use std::mem;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use idds_sampler::{Steering, Trial, UnitSpace};
use idds_workflow::Point;
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::json;
use tokio::select;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use self::begun::begun;
use crate::flow::Stages;
use crate::identity::Rules;
use crate::plan::{self, Plan, SLICE};
use crate::planning::{Place, Places, QUICK, QUICK_WORK, calculate};
use crate::state::{self, Next, Run, Search, Stage};
use crate::store::attempts::{self, Among, Due};
use crate::store::requests::Content;
use crate::store::{Store, StoreError, points, requests, transforms};

/// Type of the transform of a work in a workflow.
const WORKFLOW: i64 = 0;

/// Most numbers of points that are kept in memory between two generations of searches.
const KEPT: usize = 500_000;

/// Moves requests from one stage to the next, as soon as something happened that lets them move.
///
/// Everything it needs is in the database, so that a server started on the file of a killed one goes on where that one was.
/// Each step is one transaction, and that it is being taken is another one before it, so that what kills the server is known.
/// Steps of different requests are taken side by side.
#[derive(Debug)]
pub(crate) struct Agent {
    inner: Arc<Inner>,
}

/// How an agent works.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) steering: Steering,
    /// Seed of the server.
    pub(crate) seed: u64,
    pub(crate) rules: Rules,
    /// How long one step may take.
    pub(crate) limit: Duration,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    wake: Arc<Notify>,
    settings: Settings,
    places: Places,
    /// What was found to take long.
    long: Mutex<HashSet<Due>>,
    /// Searches of running transforms, so that they are read once.
    searches: Mutex<HashMap<i64, Known>>,
}

/// A search with its points as they were when it was last moved on.
#[derive(Debug)]
struct Known {
    search: Arc<Search>,
    history: Vec<Trial>,
    /// Numbers of the points.
    numbers: usize,
}

/// What becomes of a transform.
#[derive(Debug)]
enum Found {
    /// It is a search.
    Search(Arc<Search>),
    /// It fails so.
    Failure(String),
    /// What is stored cannot be read, for this reason.
    Unreadable(String),
}

/// A step that is being taken.
#[derive(Clone, Debug)]
struct Step {
    due: Due,
    among: Among,
    place: Place,
    until: Instant,
}

impl Agent {
    /// Makes the agent of a server; it looks for work when it is woken.
    pub(crate) fn new(store: Store, wake: Arc<Notify>, settings: Settings) -> Self {
        let (long, searches, places) = (
            Mutex::default(),
            Mutex::default(),
            Places::new(Arc::clone(&wake)),
        );
        Self {
            inner: Arc::new(Inner {
                store,
                wake,
                settings,
                places,
                long,
                searches,
            }),
        }
    }

    /// Works until it is dropped or the database is closed.
    pub(crate) async fn run(self) {
        let mut moving = JoinSet::new();
        loop {
            match self.start_all(&mut moving).await {
                Ok(()) => {}
                Err(StoreError::Closed) => return,
                // What could not be done now is found again after the next event.
                Err(error) => tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "cannot move requests on"
                ),
            }
            select! {
                () = self.inner.wake.notified() => {}
                Some(_) = moving.join_next(), if !moving.is_empty() => {}
            }
        }
    }

    /// Starts to move what can move, as far as there is a place for it.
    async fn start_all(&self, moving: &mut JoinSet<()>) -> Result<(), StoreError> {
        let inner = &self.inner;
        loop {
            let (quick, long) = (
                inner.places.take(Among::Quick),
                inner.places.take(Among::Long),
            );
            let has = (quick.is_some(), long.is_some());
            if has == (false, false) {
                return Ok(());
            }
            let give_back =
                |places: [Option<Place>; 2]| places.into_iter().for_each(Places::give_back);
            let known = inner
                .long
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            let claim = move |connection: &mut Connection| {
                let has_place = |among| if among == Among::Quick { has.0 } else { has.1 };
                attempts::claim(connection, has_place, &known)
            };
            let (due, among) = match inner.store.call(claim).await {
                Ok(Some(found)) => found,
                other => {
                    give_back([quick, long]);
                    return other.map(drop);
                }
            };
            let (place, unused) = if among == Among::Quick {
                (quick, long)
            } else {
                (long, quick)
            };
            Places::give_back(unused);
            if let Some(place) = place {
                let step = Step {
                    due,
                    among,
                    place,
                    until: Instant::now() + inner.settings.limit,
                };
                let inner = Arc::clone(inner);
                moving.spawn(async move { inner.take(step).await });
            }
        }
    }
}

impl Inner {
    /// Takes a step; when it is not as quick as it seemed, others are taken meanwhile.
    async fn take(&self, step: Step) {
        let taken = async {
            match step.due {
                Due::Request(request) => self.begin(&step, request).await,
                Due::Search { request, transform } => self.advance(&step, request, transform).await,
                Due::Added { request, transform } => self.decline(request, transform).await,
            }
        };
        let mut taken = pin!(taken);
        let outcome = select! {
            outcome = &mut taken => outcome,
            () = sleep(QUICK), if step.among == Among::Quick => {
                self.places.make_room(&step.place);
                taken.await
            }
        };
        if let Err(error) = outcome
            && !matches!(error, StoreError::Closed)
        {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "cannot move a request on"
            );
            let due = step.due;
            // What could not be done now is found again after the next event.
            let _ = self
                .store
                .call(move |connection| attempts::release(connection, due))
                .await;
        }
        if step.among == Among::Long {
            self.long
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&step.due);
        }
    }

    /// Leaves a step to where those are that take long.
    async fn put_off(&self, due: Due) -> Result<(), StoreError> {
        self.long
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(due);
        self.store
            .call(move |connection| attempts::release(connection, due))
            .await?;
        self.wake.notify_one();
        Ok(())
    }

    /// Plans a request and makes its first points, unless they are many.
    async fn begin(&self, step: &Step, request: i64) -> Result<(), StoreError> {
        let due = step.due;
        let content = self
            .store
            .call(move |connection| requests::content(connection, request))
            .await?;
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
            rules,
            ..
        } = self.settings.clone();
        let seed = state::search_seed(seed, request);
        let planned = calculate(&step.place, step.until, move || {
            match plan::is_build(&metadata) {
                true => Ok(None),
                false => begun(
                    &Plan::read(request_type, &metadata, seed, rules)?,
                    &Stages::new(),
                    &steering,
                )
                .map(Some),
            }
        });
        let planned = match planned.await {
            Ok(planned) => planned,
            Err(message) => {
                return self
                    .fail(due, (request, status), None, "submit_err", message)
                    .await;
            }
        };
        let begin = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            attempts::release(&transaction, due)?;
            // Somebody may have ended the request in the meantime.
            if requests::is_in(&transaction, request, status)? {
                let stage = match &planned {
                    None => Stage::Building,
                    Some(_) => Stage::Transforming,
                };
                for work in planned.into_iter().flatten() {
                    work.store(&transaction, (request, workload_id), rules, now)?;
                }
                requests::set_stage(&transaction, request, stage, None, now)?;
            }
            transaction.commit()
        };
        self.store.call(begin).await?;
        // There may be points to be made.
        self.wake.notify_one();
        Ok(())
    }

    /// Ends a work, with what went wrong if something did (JSON), and begins the works that waited for it.
    async fn end(
        &self,
        step: &Step,
        (request, transform): (i64, i64),
        stage: Stage,
        errors: Option<String>,
    ) -> Result<(), StoreError> {
        let due = step.due;
        self.known().remove(&transform);
        let read = move |connection: &mut Connection| {
            let mut stages = transforms::stages(connection, request)?;
            let content = requests::content(connection, request)?;
            let id = stages.remove(&transform).map(|(id, _)| (id, stage.code()));
            Ok((content, stages.into_values().chain(id).collect::<Stages>()))
        };
        let (content, stages) = self.store.call(read).await?;
        let Some(Content {
            request_type,
            workload_id,
            metadata,
            ..
        }) = content
        else {
            return Ok(());
        };
        let Settings {
            steering,
            seed,
            rules,
            ..
        } = self.settings.clone();
        let seed = state::search_seed(seed, request);
        let begun = calculate(&step.place, step.until, move || {
            begun(
                &Plan::read(request_type, &metadata, seed, rules)?,
                &stages,
                &steering,
            )
        });
        let begun = match begun.await {
            Ok(begun) => begun,
            Err(message) => {
                let running = Stage::Transforming.code();
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
        let end = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            attempts::release(&transaction, due)?;
            if transforms::is_in(&transaction, transform, Stage::Transforming)? {
                transforms::set_stage(&transaction, transform, stage, now)?;
                if let Some(errors) = errors {
                    transforms::set_errors(&transaction, transform, &errors)?;
                }
                for work in begun {
                    work.store(&transaction, (request, workload_id), rules, now)?;
                }
                requests::end_when_done(&transaction, request, None, now)?;
            }
            transaction.commit()
        };
        self.store.call(end).await?;
        self.wake.notify_one();
        Ok(())
    }

    /// Makes points that a search lacks, or ends it.
    async fn advance(&self, step: &Step, request: i64, transform: i64) -> Result<(), StoreError> {
        let (due, running) = (step.due, Stage::Transforming.code());
        let search = match self.search(transform).await? {
            Found::Search(search) => search,
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
            rules: self.settings.rules,
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
        let steering = self.settings.steering.clone();
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

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Known>> {
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

    /// Fails a transform that a client has added: it is for PanDA, and there is none here.
    async fn decline(&self, request: i64, transform: i64) -> Result<(), StoreError> {
        let message = "the embedded server has no PanDA to run this on; it runs ATLASHPOWork in a workflow; an iDDS server \
                       with PanDA runs this";
        let errors = json!({ "submit_err": { "msg": message } }).to_string();
        let decline = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            attempts::release(&transaction, Due::Added { request, transform })?;
            // Somebody may have ended or held it in the meantime.
            if !transforms::is_in(&transaction, transform, Stage::New)? {
                return transaction.commit();
            }
            transforms::set_stage(&transaction, transform, Stage::Failed, now)?;
            transforms::set_errors(&transaction, transform, &errors)?;
            requests::end_when_done(&transaction, request, Some(&errors), now)?;
            transaction.commit()
        };
        self.store.call(decline).await
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

    /// Ends a request that still has the status of this number, and the transform at fault.
    async fn fail(
        &self,
        due: Due,
        (request, status): (i64, i64),
        transform: Option<i64>,
        key: &'static str,
        message: String,
    ) -> Result<(), StoreError> {
        let errors = json!({ key: { "msg": shortened(message) } }).to_string();
        let fail = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            attempts::release(&transaction, due)?;
            if requests::is_in(&transaction, request, status)? {
                if let Some(transform) = transform {
                    transforms::set_stage(&transaction, transform, Stage::Failed, now)?;
                    transforms::set_errors(&transaction, transform, &errors)?;
                }
                requests::set_stage(&transaction, request, Stage::Failed, Some(&errors), now)?;
            }
            transaction.commit()
        };
        self.store.call(fail).await
    }
}

/// Most characters of what is said to be wrong with a request: it stands in every list of requests.
const MOST_SAID: usize = 20_000;

fn shortened(message: String) -> String {
    match message.char_indices().nth(MOST_SAID) {
        None => message,
        Some((end, _)) => format!(
            "{}… ({} characters more)",
            &message[..end],
            message[end..].chars().count()
        ),
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
