//! The background task that moves requests on.

mod begin;
mod begun;
mod end;
mod flow;
mod search;
mod steered;

use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use idds_sampler::{Steering, Trial};
use jiff::Timestamp;
use rusqlite::Connection;
use tokio::select;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

pub(crate) use self::end::{conclude, end_work};
use self::flow::Flows;
use crate::plan::Terms;
use crate::planning::{Place, Places, QUICK};
use crate::state::{Search, Steered};
use crate::store::attempts::{self, Among, Due};
use crate::store::{Store, StoreError, events};
use crate::wake::Wake;

/// Type of the transform of a work in a workflow.
const WORKFLOW: i64 = 0;

/// Most numbers of points that are kept in memory between two generations of searches.
const KEPT: usize = 500_000;

/// How long the agent sleeps at most.
const LONGEST: Duration = Duration::from_secs(3600);

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
    pub(crate) terms: Terms,
    /// How long one step may take.
    pub(crate) limit: Duration,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    wake: Arc<Wake>,
    settings: Settings,
    places: Places,
    /// What was found to take long.
    long: Mutex<HashSet<Due>>,
    /// Searches of running transforms, so that they are read once.
    searches: Mutex<HashMap<i64, Known>>,
    /// Flows of running requests.
    flows: Flows,
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
    /// It has jobs.
    Programs,
    /// It moves files.
    Files,
    /// A program proposes its points.
    Steered(Box<Steered>),
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
    pub(crate) fn new(store: Store, wake: Arc<Wake>, settings: Settings) -> Self {
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
                flows: Flows::default(),
            }),
        }
    }

    /// Works until it is dropped or the database is closed.
    pub(crate) async fn run(self) {
        let mut moving = JoinSet::new();
        loop {
            let next = self.tell_time().await;
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
                () = self.inner.wake.for_agent() => {}
                () = sleep(next) => {}
                Some(_) = moving.join_next(), if !moving.is_empty() => {}
            }
        }
    }

    /// Tells flows whose time has come that it has passed, and returns how long it is to the next one.
    async fn tell_time(&self) -> Duration {
        let now = Timestamp::now().as_second();
        let tell = move |connection: &mut Connection| events::tell_time(connection, now);
        let next = self.inner.store.call(tell).await.ok().flatten();
        let seconds = next.and_then(|next| u64::try_from(next - now).ok());
        Duration::from_secs(seconds.unwrap_or(u64::MAX)).clamp(Duration::from_secs(1), LONGEST)
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
                Due::Flow(request) => self.follow(&step, request).await,
                Due::Work { request, transform } => self.advance(&step, request, transform).await,
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
}
