//! The background task that copies files between storage elements that are directories.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::select;
use tokio::sync::watch;
use tokio::task::{self, JoinHandle, JoinSet};
use tokio::time::sleep;

use super::tell;
use crate::engine::run_cache::RunCache;
use crate::state::{Copying, Run};
use crate::storage::{Brought, Expected, Place, Storage, Trouble, already_there, bring};
use crate::store::files::{self, Became, DatasetRow, FileRow, NewFile};
use crate::store::{Store, StoreError, still};
use crate::wake::Wake;

/// Number of times that a file is tried.
const ATTEMPTS: u32 = 3;

/// Most files that are begun in one transaction.
const AT_ONCE: usize = 64;

/// Time after which what the database could not take is given to it again.
const AGAIN: Duration = Duration::from_secs(1);

/// Longest time without a look at the clock.
const LONGEST: Duration = Duration::from_secs(3600);

/// Copies the files of datasets, and notes what becomes of them.
///
/// That a file is begun is noted before it is. It appears at its destination whole and right, or not at all; so a copier that starts on
/// the database of a killed one finds it there, or copies it, and what is there is never copied again.
#[derive(Debug)]
pub(crate) struct Copier {
    store: Store,
    wake: Arc<Wake>,
    storage: Arc<Storage>,
    /// What becomes of datasets; nothing here of those that others move.
    plans: RunCache<Copying>,
    /// Datasets that are being listed.
    listing: HashSet<i64>,
    /// Files that are being copied.
    moving: HashMap<i64, Moving>,
    tasks: JoinSet<Done>,
    /// What became of files, as long as the database cannot take it, such as on a full disk.
    unnoted: Vec<(FileRow, Result<Brought, Trouble>)>,
}

/// A file that is being copied.
#[derive(Debug)]
struct Moving {
    transform: i64,
    /// Storage element that it is read from; its turns are counted.
    from: String,
    /// Stops it, also when it is dropped.
    stop: watch::Sender<bool>,
}

/// What has been done in the background.
#[derive(Debug)]
enum Done {
    Listed(DatasetRow, Result<Vec<NewFile>, Trouble>),
    Moved(FileRow, Result<Brought, Trouble>),
}

impl Copier {
    /// Starts a copier, and returns its task.
    pub(crate) fn start(store: Store, wake: Arc<Wake>, storage: Arc<Storage>) -> JoinHandle<()> {
        let copier = Self {
            plans: RunCache::new(store.clone(), |run| match run {
                Run::Copy(it) => Some(it),
                _ => None,
            }),
            store,
            wake,
            storage,
            listing: HashSet::new(),
            moving: HashMap::new(),
            tasks: JoinSet::new(),
            unnoted: Vec::new(),
        };
        tokio::spawn(copier.run())
    }

    /// Works until the server ends.
    async fn run(mut self) {
        if let Err(error) = self
            .store
            .call(|connection| files::leave_all(connection))
            .await
        {
            tell(&error, "cannot find out which files were being copied");
        }
        loop {
            let next = match self.look().await {
                Ok(next) => next,
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tell(&error, "cannot copy files");
                    AGAIN
                }
            };
            select! {
                () = self.wake.for_copier() => {
                    if let Err(error) = self.end_unwanted().await {
                        tell(&error, "cannot find out which files are not to be copied");
                    }
                }
                Some(done) = self.tasks.join_next() => if let Ok(done) = done {
                    self.take(done).await;
                },
                () = sleep(AGAIN), if !self.unnoted.is_empty() => {
                    for (file, became) in std::mem::take(&mut self.unnoted) {
                        self.note(file, became).await;
                    }
                }
                () = sleep(next) => {}
            }
        }
    }

    /// Starts what can be done, and returns how long it is to the next moment at which a work ends.
    async fn look(&mut self) -> Result<Duration, StoreError> {
        let datasets = self
            .store
            .call(|connection| files::live(connection))
            .await?;
        let now = Timestamp::now().as_second();
        let mut next = LONGEST;
        for dataset in datasets {
            let Some(plan) = self.plans.of(dataset.transform_id).await? else {
                continue;
            };
            if dataset.is_open {
                self.list(dataset, &plan);
                continue;
            }
            // Both moments are cut to whole seconds; no work ends early because of it.
            let passed = (now - dataset.since - 1).max(0) as f64;
            match plan.patience.map(|patience| patience - passed) {
                Some(left) if left <= 0.0 => {
                    self.give_up(&dataset, plan.patience.unwrap_or(0.0)).await?;
                    continue;
                }
                Some(left) => next = next.min(Duration::try_from_secs_f64(left).unwrap_or(LONGEST)),
                None => {}
            }
            self.begin_some(&dataset, &plan).await?;
        }
        Ok(next)
    }

    /// Ends a work that has waited long enough.
    async fn give_up(&self, dataset: &DatasetRow, patience: f64) -> Result<(), StoreError> {
        let transform = dataset.transform_id;
        tracing::info!(
            "transform {transform} ends with the files that are there, after {patience} s"
        );
        let why = format!("it was not there after {patience} s, its max_waiting_time");
        self.store
            .call(move |connection| {
                let now = Timestamp::now().as_second();
                let transaction = connection.transaction()?;
                files::give_up(&transaction, transform, &why, now)?;
                files::set_over(&transaction, transform)?;
                transaction.commit()
            })
            .await?;
        self.wake.notify_one();
        Ok(())
    }

    /// Has the files of a dataset listed.
    fn list(&mut self, dataset: DatasetRow, plan: &Arc<Copying>) {
        if !self.listing.insert(dataset.transform_id) {
            return;
        }
        let (storage, plan) = (Arc::clone(&self.storage), Arc::clone(plan));
        self.tasks.spawn(async move {
            let listed = task::spawn_blocking(move || listed(&storage, &plan)).await;
            let listed = listed.unwrap_or_else(|error| Err(Trouble::Machine(error.to_string())));
            Done::Listed(dataset, listed)
        });
    }

    /// Begins files of a dataset, as many as its storage element gives at once.
    async fn begin_some(
        &mut self,
        dataset: &DatasetRow,
        plan: &Arc<Copying>,
    ) -> Result<(), StoreError> {
        let did = (plan.scope.as_str(), plan.name.as_str());
        let from = match self.storage.source(did, plan.from.as_deref(), &plan.to) {
            Ok(from) => from.to_owned(),
            Err(why) => return self.hold(dataset, why).await,
        };
        let (delay, at_once) = self.storage.pace(&from);
        let busy = self.moving.values().filter(|it| it.from == from).count();
        let room = at_once.saturating_sub(busy).min(AT_ONCE);
        if room == 0 {
            return Ok(());
        }
        let transform = dataset.transform_id;
        let begin = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            let mut begun = Vec::new();
            for file in files::ready(&transaction, transform, room)? {
                if let Some(tries) = files::begin(&transaction, file.file_id, now)? {
                    begun.push(FileRow { tries, ..file });
                }
            }
            transaction.commit()?;
            Ok(begun)
        };
        for file in self.store.call(begin).await? {
            let (stop, stopped) = watch::channel(false);
            let moving = Moving {
                transform,
                from: from.clone(),
                stop,
            };
            self.moving.insert(file.file_id, moving);
            let (storage, plan, from) = (Arc::clone(&self.storage), Arc::clone(plan), from.clone());
            self.tasks.spawn(async move {
                let moved = moved(&storage, &plan, &from, &file, delay, stopped).await;
                Done::Moved(file, moved)
            });
        }
        Ok(())
    }

    /// Takes in what has been done.
    async fn take(&mut self, done: Done) {
        match done {
            Done::Listed(dataset, listed) => {
                self.listing.remove(&dataset.transform_id);
                let noted = match listed {
                    Ok(files) => self.add(&dataset, files).await,
                    Err(Trouble::Stopped) => Ok(()),
                    Err(Trouble::File(why) | Trouble::Machine(why)) => {
                        self.hold(&dataset, why).await
                    }
                };
                if let Err(error) = noted {
                    tell(&error, "cannot note which files a dataset has");
                }
            }
            Done::Moved(file, moved) => {
                self.moving.remove(&file.file_id);
                self.note(file, moved).await;
            }
        }
    }

    async fn add(&self, dataset: &DatasetRow, files: Vec<NewFile>) -> Result<(), StoreError> {
        let of = (dataset.request_id, dataset.transform_id);
        tracing::info!(
            "the dataset of transform {} has {} files",
            of.1,
            files.len()
        );
        self.store
            .call(move |connection| {
                let transaction = connection.transaction()?;
                files::add(
                    &transaction,
                    of,
                    &files,
                    false,
                    Timestamp::now().as_second(),
                )?;
                transaction.commit()
            })
            .await?;
        self.wake.notify_one();
        Ok(())
    }

    /// Holds a work, as the machine stands in its way.
    async fn hold(&self, dataset: &DatasetRow, why: String) -> Result<(), StoreError> {
        let of = (dataset.request_id, dataset.transform_id);
        tracing::warn!("transform {} is held: {why}", of.1);
        self.store
            .call(move |connection| {
                let transaction = connection.transaction()?;
                still::hold(&transaction, of, &why, Timestamp::now().as_second())?;
                transaction.commit()
            })
            .await
    }

    /// Notes what became of a file; what the database cannot take is kept, and given to it again.
    async fn note(&mut self, file: FileRow, moved: Result<Brought, Trouble>) {
        let became = match &moved {
            Ok(it) => Became::There {
                bytes: it.bytes.cast_signed(),
                adler32: format!("{:08x}", it.adler32),
            },
            Err(Trouble::File(how)) => Became::Failed {
                how: how.clone(),
                is_final: file.tries >= ATTEMPTS,
            },
            Err(Trouble::Machine(how)) => Became::Lost { how: how.clone() },
            Err(Trouble::Stopped) => Became::Lost {
                how: "it was stopped".to_owned(),
            },
        };
        let why = match &moved {
            Err(Trouble::Machine(why)) => Some(why.clone()),
            _ => None,
        };
        say(&file, &moved);
        let noted = {
            let file = file.clone();
            self.store.call(move |connection| {
                let now = Timestamp::now().as_second();
                let transaction = connection.transaction()?;
                files::end(&transaction, &file, &became, now)?;
                let of = (file.request_id, file.transform_id);
                match why {
                    Some(why) => still::hold(&transaction, of, &why, now)?,
                    None => still::settle(&transaction, file.request_id, now)?,
                }
                transaction.commit()
            })
        };
        match noted.await {
            Ok(()) => self.wake.notify_one(),
            Err(StoreError::Closed) => {}
            Err(error) => {
                tell(&error, "cannot note what became of a file");
                self.unnoted.push((file, moved));
            }
        }
    }

    /// Stops files that are done for already, as their user has ended the work.
    async fn end_unwanted(&mut self) -> Result<(), StoreError> {
        if self.moving.is_empty() {
            return Ok(());
        }
        let moving: Vec<_> = self.moving.keys().copied().collect();
        let unwanted = move |connection: &mut Connection| {
            let mut unwanted = Vec::new();
            for file in moving {
                if !files::is_moving(connection, file)? {
                    unwanted.push(file);
                }
            }
            Ok(unwanted)
        };
        for file in self.store.call(unwanted).await? {
            if let Some(moving) = self.moving.get(&file)
                && !moving.stop.send_replace(true)
            {
                tracing::info!("a file of transform {} is not copied on", moving.transform);
            }
        }
        Ok(())
    }
}

fn places(storage: &Storage, plan: &Copying, from: &str) -> Result<[Place; 2], Trouble> {
    let place = |element: &str| {
        storage
            .place(element, &plan.scope, &plan.name)
            .map_err(Trouble::Machine)
    };
    Ok([place(from)?, place(&plan.to)?])
}

/// Lists the files of a dataset.
fn listed(storage: &Storage, plan: &Copying) -> Result<Vec<NewFile>, Trouble> {
    let did = (plan.scope.as_str(), plan.name.as_str());
    let found = storage.files(did, plan.from.as_deref(), &plan.to)?;
    let files = found.into_iter().map(|file| NewFile {
        scope: plan.scope.clone(),
        bytes: file.bytes.and_then(|bytes| bytes.try_into().ok()),
        adler32: file.adler32.map(|adler32| format!("{adler32:08x}")),
        name: file.name,
        events: None,
    });
    Ok(files.collect())
}

/// Brings one file to its destination.
async fn moved(
    storage: &Storage,
    plan: &Copying,
    from: &str,
    file: &FileRow,
    delay: Duration,
    mut stopped: watch::Receiver<bool>,
) -> Result<Brought, Trouble> {
    let expected = Expected {
        bytes: file.bytes.and_then(|bytes| bytes.try_into().ok()),
        adler32: file
            .adler32
            .as_deref()
            .and_then(|text| u32::from_str_radix(text, 16).ok()),
    };
    let [from, to] = places(storage, plan, from)?;
    let (name, part) = (file.name.clone(), file.file_id);
    let look = {
        let (to, name, stopped) = (to.clone(), name.clone(), stopped.clone());
        move || already_there(&to, &name, expected, &|| is_stopped(&stopped))
    };
    if let Some(there) = in_background(look).await? {
        return Ok(there);
    }
    select! {
        () = sleep(delay) => {}
        _ = stopped.wait_for(|stop| *stop) => return Err(Trouble::Stopped),
    }
    in_background(move || bring(&from, &to, &name, expected, part, &|| is_stopped(&stopped))).await
}

fn is_stopped(stopped: &watch::Receiver<bool>) -> bool {
    *stopped.borrow() || stopped.has_changed().is_err()
}

async fn in_background<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    let done = task::spawn_blocking(job).await;
    done.unwrap_or_else(|error| Err(Trouble::Machine(format!("it was interrupted: {error}"))))
}

fn say(file: &FileRow, moved: &Result<Brought, Trouble>) {
    let name = &file.name;
    match moved {
        Ok(it) if it.was_there => tracing::info!("file {name} was there already"),
        Ok(it) => tracing::info!("file {name} is there: {} bytes", it.bytes),
        Err(Trouble::File(how)) => {
            tracing::info!("file {name}, attempt {}, failed: {how}", file.tries);
        }
        Err(Trouble::Machine(how)) => tracing::warn!("file {name} is left for later: {how}"),
        Err(Trouble::Stopped) => tracing::info!("file {name} was stopped"),
    }
}
