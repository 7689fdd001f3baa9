//! Where calculations that may take long run: beside each other, a bounded number of them, each within a time limit.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::store::attempts::Among;
use crate::wake::Wake;

/// Operations up to which points are made among what takes no time; a processor does about 10^9 of them in a second.
pub(crate) const QUICK_WORK: f64 = 2e8;

/// Time after which what was taken to be quick makes room for others.
pub(crate) const QUICK: Duration = Duration::from_millis(300);

/// Number of calculations that were taken to be quick and are not, at a time; with one more, others wait.
const SPARE: usize = 6;

/// The places where calculations run; clones share them.
///
/// What is quick has one of its own, so that it never waits for what takes long.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    quick: Arc<Semaphore>,
    long: Arc<Semaphore>,
    spare: Arc<Semaphore>,
    wake: Arc<Wake>,
}

/// A place that is taken until the calculation in it has ended, also when nobody waits for it any more; clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Place(Arc<Taken>);

#[derive(Debug)]
struct Taken {
    permit: Mutex<Option<OwnedSemaphorePermit>>,
    wake: Arc<Wake>,
}

impl Places {
    /// As many as this machine has use for; who waits for one is woken when one becomes free.
    pub(crate) fn new(wake: Arc<Wake>) -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let of = |places| Arc::new(Semaphore::new(places));
        Self {
            quick: of(1),
            long: of(processors.saturating_sub(1).clamp(2, 8)),
            spare: of(SPARE),
            wake,
        }
    }

    /// Takes a place if there is one.
    pub(crate) fn take(&self, among: Among) -> Option<Place> {
        let places = match among {
            Among::Quick => &self.quick,
            Among::Long => &self.long,
        };
        let permit = Arc::clone(places).try_acquire_owned().ok()?;
        Some(Place(Arc::new(Taken {
            permit: Mutex::new(Some(permit)),
            wake: Arc::clone(&self.wake),
        })))
    }

    /// Gives a place back that was not used, without waking anybody.
    pub(crate) fn give_back(place: Option<Place>) {
        if let Some(Place(taken)) = place {
            taken.free();
        }
    }

    /// Makes room for others in the place, if there is another for what is in it.
    pub(crate) fn make_room(&self, place: &Place) {
        if let Ok(spare) = Arc::clone(&self.spare).try_acquire_owned() {
            place
                .0
                .permit
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .replace(spare);
            self.wake.notify_one();
        }
    }
}

impl Taken {
    fn free(&self) -> bool {
        self.permit
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .is_some()
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if self.free() {
            self.wake.notify_one();
        }
    }
}

/// Calculates something in a place until a moment; a panic and the end of the time become messages.
///
/// A thread of its own, as nothing stops a calculation and the end of the program must not wait for it.
pub(crate) async fn calculate<T: Send + 'static>(
    place: &Place,
    until: Instant,
    calculation: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let (send, receive) = oneshot::channel();
    let place = place.clone();
    let run = move || {
        let outcome = panic::catch_unwind(AssertUnwindSafe(calculation));
        let outcome = outcome.unwrap_or_else(|panic| {
            Err(format!("the steering failed: it panicked{}", said(&*panic)))
        });
        drop(place);
        // Nobody waits any more when this fails.
        let _ = send.send(outcome);
    };
    let started = thread::Builder::new()
        .name("idds-local-plan".to_owned())
        .spawn(run);
    started.map_err(|error| format!("no thread can be started to plan this: {error}"))?;
    match timeout_at(until, receive).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err("the steering ended without points".to_owned()),
        Err(_) => Err(
            "planning took longer than its time limit; make the search smaller, with fewer \
                       num_points_per_iteration or parameters"
                .to_owned(),
        ),
    }
}

/// Returns what a panic says, after a colon.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.map_or_else(String::new, |text| format!(": {text}"))
}
