//! The background task that follows rules of Rucio.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use idds_rucio::{Did, Error, ErrorKind, Lock, LockState, NewRule, Rucio, Rule, RuleState};
use jiff::Timestamp;
use rusqlite::Connection;
use tokio::select;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::tell;
use crate::engine::run_cache::RunCache;
use crate::state::{Content, Following, Run, Stage};
use crate::store::files::{self, DatasetRow, NewFile};
use crate::store::{Store, StoreError, still, transforms};
use crate::wake::Wake;

/// Longest time without a look.
const LONGEST: Duration = Duration::from_secs(3600);

/// Asks Rucio how far the rules of datasets are, and notes which files are there.
///
/// Which rule it is stands in the database as soon as it is known. A rule that was made, and not noted, is found again: Rucio makes no
/// second one for the same dataset, account and place.
#[derive(Debug)]
pub(crate) struct Follower {
    store: Store,
    wake: Arc<Wake>,
    rucio: Rucio,
    interval: Duration,
    /// What becomes of datasets; nothing here of those that others move.
    plans: RunCache<Following>,
    /// When datasets are looked at again.
    next: HashMap<i64, Instant>,
    /// What was noted last of rules.
    seen: HashMap<i64, Counts>,
}

/// What was found out about a dataset.
#[derive(Debug)]
struct Found {
    /// Files that belong to it; none while they are known.
    files: Option<Vec<NewFile>>,
    /// Whether files may still be added.
    is_open: bool,
    /// The rule, unless it is gone.
    rule: Option<Rule>,
    /// How far each file is; none unless that has changed.
    states: Option<Vec<(String, String, Content)>>,
}

/// How many files of a rule are there, on their way and stuck.
type Counts = [u64; 3];

/// Why a dataset was not looked at.
#[derive(Debug)]
enum Trouble {
    Rucio(Error),
    Store(StoreError),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Rucio(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Follower {
    /// Starts to follow rules, and returns the task.
    pub(crate) fn start(
        store: Store,
        wake: Arc<Wake>,
        (rucio, interval): (Rucio, Duration),
    ) -> JoinHandle<()> {
        let follower = Self {
            plans: RunCache::new(store.clone(), |run| match run {
                Run::Follow(it) => Some(it),
                _ => None,
            }),
            store,
            wake,
            rucio,
            interval,
            next: HashMap::new(),
            seen: HashMap::new(),
        };
        tokio::spawn(follower.run())
    }

    /// Works until the server ends.
    async fn run(mut self) {
        loop {
            let left = match self.look().await {
                Ok(left) => left,
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tell(&error, "cannot follow rules of Rucio");
                    self.interval
                }
            };
            select! {
                () = self.wake.for_follower() => {}
                () = sleep(left) => {}
            }
        }
    }

    /// Looks at the datasets whose turn it is, and returns how long it is to the next one.
    async fn look(&mut self) -> Result<Duration, StoreError> {
        let datasets = self
            .store
            .call(|connection| files::live(connection))
            .await?;
        let live: HashSet<_> = datasets
            .iter()
            .map(|dataset| dataset.transform_id)
            .collect();
        self.next.retain(|transform, _| live.contains(transform));
        self.seen.retain(|transform, _| live.contains(transform));
        let mut left = LONGEST;
        for dataset in datasets {
            let Some(plan) = self.plans.of(dataset.transform_id).await? else {
                continue;
            };
            let now = Instant::now();
            let turn = self.next.get(&dataset.transform_id).copied().unwrap_or(now);
            if turn > now {
                left = left.min(turn - now);
                continue;
            }
            let turn = now + self.interval;
            self.next.insert(dataset.transform_id, turn);
            left = left.min(self.interval);
            match self.follow(&dataset, &plan).await {
                Ok(()) => {}
                Err(Trouble::Store(error)) => return Err(error),
                Err(Trouble::Rucio(error)) => self.tell_trouble(&dataset, &error).await?,
            }
        }
        Ok(left)
    }

    /// Asks Rucio about a dataset, and notes what it says.
    async fn follow(&mut self, dataset: &DatasetRow, plan: &Following) -> Result<(), Trouble> {
        let (request, transform) = (dataset.request_id, dataset.transform_id);
        let did = Did::new(&plan.scope, &plan.name);
        let id = self.rule_of(plan, &did, transform).await?;
        let found = self.found(dataset, &did, &id).await?;
        let counts = found.rule.as_ref().map(counts);
        let over = over(plan, &found, &id).or_else(|| {
            let passed = (Timestamp::now().as_second() - dataset.since - 1).max(0) as f64;
            let patience = plan.patience.filter(|patience| passed >= *patience)?;
            Some(format!(
                "it was not there after {patience} s, its max_waiting_time"
            ))
        });
        let note = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            if !transforms::is_in(&transaction, transform, Stage::Transforming)? {
                return Ok(());
            }
            if let Some(files) = &found.files {
                files::add(
                    &transaction,
                    (request, transform),
                    files,
                    found.is_open,
                    now,
                )?;
            }
            if let Some(states) = &found.states {
                files::set_states(&transaction, transform, states, now)?;
            }
            let untouched = files::untouched(&transaction, transform)?;
            let slow = found.rule.as_ref().and_then(|rule| slow(rule, untouched));
            let errors = slow.map(|why| serde_json::json!({ "msg": why }).to_string());
            transforms::change_errors(&transaction, transform, errors.as_deref())?;
            if let Some(why) = &over {
                tracing::info!("transform {transform} ends with the files that are there: {why}");
                files::give_up(&transaction, transform, why, now)?;
            }
            if found.rule.is_none() {
                // Another one is made when the work is tried again.
                files::set_rule(&transaction, transform, None)?;
            }
            transaction.commit()
        };
        self.store.call(note).await?;
        match counts {
            Some(counts) => self.seen.insert(transform, counts),
            None => self.seen.remove(&transform),
        };
        self.wake.notify_agent();
        Ok(())
    }

    /// Returns the rule that brings a dataset, which is made if need be; it is in the database before it is followed.
    async fn rule_of(
        &self,
        plan: &Following,
        did: &Did,
        transform: i64,
    ) -> Result<String, Trouble> {
        let known = self
            .store
            .call(move |connection| files::rule(connection, transform))
            .await?;
        if let Some(known) = known {
            return Ok(known);
        }
        let id = match &plan.rule {
            Some(given) => given.clone(),
            None => self.make(plan, did).await?,
        };
        tracing::info!("transform {transform} follows the rule {id}");
        let noted = id.clone();
        self.store
            .call(move |connection| files::set_rule(connection, transform, Some(&noted)))
            .await?;
        Ok(id)
    }

    /// Asks Rucio about a dataset and its rule.
    async fn found(&self, dataset: &DatasetRow, did: &Did, id: &str) -> Result<Found, Error> {
        let (mut is_open, mut files) = (false, None);
        if dataset.is_open {
            // In this order: what is added in between is found the next time.
            is_open = self.rucio.metadata(did).await?.is_open.unwrap_or(false);
            let listed = self.rucio.files(did).await?;
            files = Some(listed.into_iter().map(NewFile::from).collect());
        }
        let rule = match self.rucio.rule(id).await {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            rule => Some(rule?),
        };
        let seen = self.seen.get(&dataset.transform_id);
        let states = match &rule {
            Some(rule) if files.is_some() || seen != Some(&counts(rule)) => {
                let locks = self.rucio.locks(id).await?;
                let state = |lock: Lock| (lock.scope, lock.name, content(lock.state));
                Some(locks.into_iter().map(state).collect())
            }
            _ => None,
        };
        Ok(Found {
            files,
            is_open,
            rule,
            states,
        })
    }

    /// Makes the rule of a dataset, or finds the one that was made before.
    async fn make(&self, plan: &Following, did: &Did) -> Result<String, Error> {
        let to = plan.to.as_deref().unwrap_or_default();
        let mut rule = NewRule::new(did, to);
        if let Some(from) = &plan.from {
            rule = rule.source(from);
        }
        if let Some(patience) = plan.patience {
            rule = rule.lifetime(patience as u64);
        }
        self.rucio.rule_for(&rule).await
    }

    /// Notes what Rucio refuses, which holds the work; what it cannot answer now is asked again.
    async fn tell_trouble(&self, dataset: &DatasetRow, error: &Error) -> Result<(), StoreError> {
        let source = std::error::Error::source(error);
        let source = source
            .map(|source| format!(": {source}"))
            .unwrap_or_default();
        let why = format!("{error}{source}");
        tracing::warn!("transform {}: {why}", dataset.transform_id);
        let of = (dataset.request_id, dataset.transform_id);
        let is_passing = error.kind() == ErrorKind::Unreachable;
        self.store
            .call(move |connection| {
                let transaction = connection.transaction()?;
                match is_passing {
                    true => {
                        let errors = serde_json::json!({ "msg": why }).to_string();
                        transforms::change_errors(&transaction, of.1, Some(&errors))?;
                    }
                    false => {
                        still::hold(&transaction, of, &why, Timestamp::now().as_second())?;
                    }
                }
                transaction.commit()
            })
            .await
    }
}

fn counts(rule: &Rule) -> Counts {
    [
        rule.locks_ok_cnt,
        rule.locks_replicating_cnt,
        rule.locks_stuck_cnt,
    ]
}

fn content(state: LockState) -> Content {
    match state {
        LockState::Ok => Content::Available,
        LockState::Stuck => Content::Failed,
        _ => Content::Processing,
    }
}

/// Says why nothing more is to come of a dataset, if that is so.
fn over(plan: &Following, found: &Found, id: &str) -> Option<String> {
    let Some(rule) = &found.rule else {
        return Some(format!("Rucio has no rule {id}"));
    };
    let is_of_other = (&rule.scope, &rule.name) != (&plan.scope, &plan.name);
    match rule.state {
        RuleState::Suspended => Some(format!("rule {id} is SUSPENDED{}", because(rule))),
        // A rule of the same dataset takes in what was added to it some time later, though it is OK until then.
        RuleState::Ok if is_of_other && !found.is_open => {
            let Rule { scope, name, .. } = rule;
            Some(format!("rule {id}, of {scope}:{name}, is OK without it"))
        }
        _ => None,
    }
}

/// Says why files take longer, as far as Rucio does.
fn slow(rule: &Rule, untouched: i64) -> Option<String> {
    let id = &rule.id;
    match rule.state {
        RuleState::Stuck => Some(format!("rule {id} is STUCK{}", because(rule))),
        RuleState::WaitingApproval => Some(format!("rule {id} waits for its approval")),
        RuleState::Ok if untouched > 0 => Some(format!(
            "rule {id} is OK, but has not taken in {untouched} files of the dataset yet"
        )),
        _ => None,
    }
}

fn because(rule: &Rule) -> String {
    let error = rule.error.as_deref().filter(|error| !error.is_empty());
    error.map(|error| format!(": {error}")).unwrap_or_default()
}

impl From<idds_rucio::FileOfDid> for NewFile {
    fn from(file: idds_rucio::FileOfDid) -> Self {
        Self {
            scope: file.scope,
            name: file.name,
            bytes: file.bytes,
            adler32: file.adler32,
            events: file.events,
        }
    }
}
