//! The background task that moves requests on.

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;

use idds_hpo::{Steering, Trial};
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::json;
use tokio::sync::Notify;
use tokio::task;

use crate::flow::Stages;
use crate::identity::Rules;
use crate::plan::{self, Plan, Work};
use crate::state::{self, Next, Run, Search, Stage};
use crate::store::requests::Content;
use crate::store::transforms::NewTransform;
use crate::store::{Store, StoreError, points, requests, transforms};

/// Type of the transform of a work in a workflow.
const WORKFLOW: i64 = 0;

/// Moves requests from one stage to the next, as soon as something happened that lets them move.
///
/// Everything it needs is in the database, so that a server started on the file of a killed one goes on where that one was.
/// Each step is one transaction.
#[derive(Debug)]
pub(crate) struct Agent {
    store: Store,
    wake: Arc<Notify>,
    steering: Steering,
    seed: u64,
    rules: Rules,
    /// Searches of running transforms, so that they are read once.
    searches: HashMap<i64, Known>,
}

/// A search with its points as they were when it was last moved on.
#[derive(Debug)]
struct Known {
    search: Arc<Search>,
    history: Vec<Trial>,
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

/// Something that can move.
#[derive(Clone, Copy, Debug)]
enum Due {
    /// A request to be planned.
    Request(i64),
    /// A search without open points.
    Search { request: i64, transform: i64 },
    /// A transform that a client has added.
    Added { request: i64, transform: i64 },
}

impl Agent {
    /// Makes the agent of a server that proposes points so, with this seed, by these rules; it looks for work when it is woken.
    pub(crate) fn new(store: Store, wake: Arc<Notify>, steering: Steering, seed: u64, rules: Rules) -> Self {
        Self { store, wake, steering, seed, rules, searches: HashMap::new() }
    }

    /// Works until it is dropped or the database is closed.
    pub(crate) async fn run(mut self) {
        loop {
            match self.move_all().await {
                Ok(()) => {}
                Err(StoreError::Closed) => return,
                // What could not be done now is found again after the next event.
                Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "cannot move requests on"),
            }
            self.wake.notified().await;
        }
    }

    async fn move_all(&mut self) -> Result<(), StoreError> {
        while let Some(due) = self.store.call(|connection| due(connection)).await? {
            match due {
                Due::Request(request) => self.begin(request).await?,
                Due::Search { request, transform } => self.advance(request, transform).await?,
                Due::Added { request, transform } => self.decline(request, transform).await?,
            }
        }
        Ok(())
    }

    /// Plans a request and makes its first points.
    async fn begin(&mut self, request: i64) -> Result<(), StoreError> {
        let content = self.store.call(move |connection| requests::content(connection, request)).await?;
        let Some(Content { request_type, status, workload_id, metadata }) = content else { return Ok(()) };
        let seed = state::search_seed(self.seed, request);
        let (steering, rules) = (self.steering.clone(), self.rules);
        let planned = calculate(move || match plan::is_build(&metadata) {
            true => Ok(None),
            false => begun(&Plan::read(request_type, &metadata, seed, rules)?, &Stages::new(), &steering).map(Some),
        });
        let planned = match planned.await {
            Ok(planned) => planned,
            Err(message) => return self.fail(request, status, None, "submit_err", message).await,
        };
        let begin = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            // Somebody may have ended the request in the meantime.
            if !requests::is_in(&transaction, request, status)? {
                return Ok(());
            }
            let stage = match &planned {
                None => Stage::Building,
                Some(_) => Stage::Transforming,
            };
            for work in planned.into_iter().flatten() {
                work.store(&transaction, (request, workload_id), rules, now)?;
            }
            requests::set_stage(&transaction, request, stage, None, now)?;
            transaction.commit()
        };
        self.store.call(begin).await
    }

    /// Ends a work, with what went wrong if something did (JSON), and begins the works that waited for it.
    async fn end(
        &mut self,
        (request, transform): (i64, i64),
        stage: Stage,
        errors: Option<String>,
    ) -> Result<(), StoreError> {
        self.searches.remove(&transform);
        let read = move |connection: &mut Connection| {
            let mut stages = transforms::stages(connection, request)?;
            let content = requests::content(connection, request)?;
            let id = stages.remove(&transform).map(|(id, _)| (id, stage.code()));
            Ok((content, stages.into_values().chain(id).collect::<Stages>()))
        };
        let (content, stages) = self.store.call(read).await?;
        let Some(Content { request_type, workload_id, metadata, .. }) = content else { return Ok(()) };
        let seed = state::search_seed(self.seed, request);
        let (steering, rules) = (self.steering.clone(), self.rules);
        let begun = calculate(move || begun(&Plan::read(request_type, &metadata, seed, rules)?, &stages, &steering));
        let begun = match begun.await {
            Ok(begun) => begun,
            Err(message) => {
                return self.fail(request, Stage::Transforming.code(), Some(transform), "update_err", message).await;
            }
        };
        let end = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            if transforms::is_in(&transaction, transform, Stage::Transforming)? {
                transforms::set_stage(&transaction, transform, stage, now)?;
                if let Some(errors) = errors {
                    transforms::set_errors(&transaction, transform, &errors)?;
                }
                for work in begun {
                    work.store(&transaction, (request, workload_id), rules, now)?;
                }
                if transforms::running(&transaction, request)?.is_empty() {
                    let stage = transforms::summary(&transaction, request)?;
                    requests::set_stage(&transaction, request, stage, None, now)?;
                }
            }
            transaction.commit()
        };
        self.store.call(end).await
    }

    /// Makes the next generation of a search without open points, or ends it.
    async fn advance(&mut self, request: i64, transform: i64) -> Result<(), StoreError> {
        let running = Stage::Transforming.code();
        let search = match self.search(transform).await? {
            Found::Search(search) => search,
            Found::Failure(message) => {
                let errors = json!({ "msg": message }).to_string();
                return self.end((request, transform), Stage::Failed, Some(errors)).await;
            }
            Found::Unreadable(message) => {
                return self.fail(request, running, Some(transform), "update_err", message).await;
            }
        };
        let tally = self.store.call(move |connection| points::tally(connection, transform)).await?;
        match search.next(tally) {
            Next::Wait => Ok(()),
            Next::Finish => self.end((request, transform), Stage::Finished, None).await,
            Next::Generate(count) => {
                let known = self.searches.get_mut(&transform).map(|known| mem::take(&mut known.history));
                let mut history = known.unwrap_or_default();
                let read = move |connection: &mut Connection| {
                    points::read_history(connection, transform, &mut history)?;
                    Ok(history)
                };
                let history = self.store.call(read).await?;
                let known = history.len();
                let steering = self.steering.clone();
                let propose = move || Ok((search.propose(&steering, &history, count), history));
                let proposals = match calculate(propose).await {
                    Ok((proposals, history)) => {
                        if let Some(known) = self.searches.get_mut(&transform) {
                            known.history = history;
                        }
                        proposals
                    }
                    Err(message) => return self.fail(request, running, Some(transform), "update_err", message).await,
                };
                let trials: Vec<_> = proposals.into_iter().map(|point| Trial { point, loss: None }).collect();
                let rules = self.rules;
                let generate = move |connection: &mut Connection| {
                    let now = Timestamp::now().as_second();
                    let transaction = connection.transaction()?;
                    if transforms::is_in(&transaction, transform, Stage::Transforming)? {
                        points::insert(&transaction, (request, transform), &trials, rules, now)?;
                        transforms::set_history(&transaction, transform, known)?;
                        transforms::set_stage(&transaction, transform, Stage::Transforming, now)?;
                    }
                    transaction.commit()
                };
                self.store.call(generate).await
            }
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
            // Somebody may have ended or held it in the meantime.
            if !transforms::is_in(&transaction, transform, Stage::New)? {
                return Ok(());
            }
            transforms::set_stage(&transaction, transform, Stage::Failed, now)?;
            transforms::set_errors(&transaction, transform, &errors)?;
            if requests::is_in(&transaction, request, Stage::Transforming.code())?
                && transforms::running(&transaction, request)?.is_empty()
            {
                let stage = transforms::summary(&transaction, request)?;
                requests::set_stage(&transaction, request, stage, Some(&errors), now)?;
            }
            transaction.commit()
        };
        self.store.call(decline).await
    }

    /// Returns what becomes of a transform.
    async fn search(&mut self, transform: i64) -> Result<Found, StoreError> {
        if let Some(known) = self.searches.get(&transform) {
            return Ok(Found::Search(Arc::clone(&known.search)));
        }
        let read = move |connection: &mut Connection| {
            Ok((transforms::search(connection, transform)?, transforms::searching(connection)?))
        };
        let (text, searching) = self.store.call(read).await?;
        // Commands end searches too.
        self.searches.retain(|transform, _| searching.contains(transform));
        let search = match serde_json::from_str(&text) {
            Ok(Run::Search(search) | Run::Stalls(search)) => Arc::new(search),
            Ok(Run::Fails(message)) => return Ok(Found::Failure(message)),
            Ok(Run::Hangs) => return Ok(Found::Unreadable("a work that hangs has nothing to do".to_owned())),
            Err(error) => return Ok(Found::Unreadable(format!("the stored search cannot be read: {error}"))),
        };
        self.searches.insert(transform, Known { search: Arc::clone(&search), history: Vec::new() });
        Ok(Found::Search(search))
    }

    /// Ends a request that still has the status of this number, and the transform at fault.
    async fn fail(
        &self,
        request: i64,
        status: i64,
        transform: Option<i64>,
        key: &'static str,
        message: String,
    ) -> Result<(), StoreError> {
        let errors = json!({ key: { "msg": message } }).to_string();
        let fail = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
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

/// A work that begins, with its first points.
struct Begun {
    work: Work,
    trials: Vec<Trial>,
}

/// Makes the first points of the works that can start.
fn begun(plan: &Plan, stages: &Stages, steering: &Steering) -> Result<Vec<Begun>, String> {
    let begin = |work: &Work| {
        let trials = match &work.run {
            Run::Search(search) | Run::Stalls(search) => search.start(steering, work.initial.clone()),
            Run::Hangs | Run::Fails(_) => Vec::new(),
        };
        Begun { work: work.clone(), trials }
    };
    Ok(plan.due(stages).into_iter().map(begin).collect())
}

impl Begun {
    fn store(
        self,
        connection: &Connection,
        (request, workload_id): (i64, Option<i64>),
        rules: Rules,
        now: i64,
    ) -> rusqlite::Result<()> {
        let Self { work, trials } = self;
        let known = work.initial.iter().filter(|trial| trial.loss.is_some()).count();
        let search = serde_json::to_string(&work.run)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        let transform = NewTransform {
            workload_id,
            name: Some(work.id.clone()),
            status: Stage::Transforming.code(),
            processing_status: Some(Stage::Transforming.processing()),
            internal_id: Some(work.id),
            input: work.input,
            output: work.output,
            metadata: work.metadata,
            search: Some(search),
            ..NewTransform::new(request, WORKFLOW)
        };
        let transform = transforms::insert(connection, &transform, now)?;
        points::insert(connection, (request, transform), &trials, rules, now)?;
        transforms::set_history(connection, transform, known)
    }
}

fn due(connection: &Connection) -> rusqlite::Result<Option<Due>> {
    if let Some(request) = requests::next_due(connection)? {
        return Ok(Some(Due::Request(request)));
    }
    if let Some((transform, request)) = transforms::next_new(connection)? {
        return Ok(Some(Due::Added { request, transform }));
    }
    let transform = transforms::next_due(connection)?;
    Ok(transform.map(|(transform, request)| Due::Search { request, transform }))
}

/// Calculates something that may take long, away from the runtime's own threads; a panic becomes a message.
async fn calculate<T: Send + 'static>(
    calculation: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    task::spawn_blocking(calculation).await.unwrap_or_else(|error| Err(format!("the steering failed: {error}")))
}
