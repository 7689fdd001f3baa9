//! The background task that moves requests on.

use std::collections::HashMap;
use std::sync::Arc;

use idds_hpo::Trial;
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::json;
use tokio::sync::Notify;
use tokio::task;

use crate::plan::Plan;
use crate::state::{self, Next, Search, Stage};
use crate::store::{Store, StoreError, points, requests, transforms};

/// Moves requests from one stage to the next, as soon as something happened that lets them move.
///
/// Everything it needs is in the database, so that a server started on the file of a killed one goes on where that one was.
/// Each step is one transaction.
#[derive(Debug)]
pub(crate) struct Agent {
    store: Store,
    wake: Arc<Notify>,
    seed: u64,
    /// Searches of running transforms, so that they are read once.
    searches: HashMap<i64, Arc<Search>>,
}

/// Something that can move.
#[derive(Clone, Copy, Debug)]
enum Due {
    Request(i64),
    Transform { request: i64, transform: i64 },
}

impl Agent {
    /// Makes the agent of a server with this seed; it looks for work when it is woken.
    pub(crate) fn new(store: Store, wake: Arc<Notify>, seed: u64) -> Self {
        Self { store, wake, seed, searches: HashMap::new() }
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
                Due::Transform { request, transform } => self.advance(request, transform).await?,
            }
        }
        Ok(())
    }

    /// Plans a new request and makes its first points.
    async fn begin(&mut self, request: i64) -> Result<(), StoreError> {
        let (request_type, metadata) =
            self.store.call(move |connection| requests::content(connection, request)).await?;
        let seed = state::search_seed(self.seed, request);
        let planned = calculate(move || {
            let plan = Plan::read(request_type, &metadata, seed)?;
            let trials = plan.search.start(plan.initial.clone());
            Ok((plan, trials))
        });
        let (plan, trials) = match planned.await {
            Ok(planned) => planned,
            Err(message) => return self.fail(request, None, "submit_err", message).await,
        };
        self.store
            .call(move |connection| {
                let now = Timestamp::now().as_second();
                let transaction = connection.transaction()?;
                let transform = transforms::insert(&transaction, request, &plan, now)?;
                points::insert(&transaction, (request, transform), 0, &trials, now)?;
                requests::set_stage(&transaction, request, Stage::Transforming, None, now)?;
                transaction.commit()
            })
            .await
    }

    /// Makes the next generation of a search without open points, or ends it.
    async fn advance(&mut self, request: i64, transform: i64) -> Result<(), StoreError> {
        let search = match self.search(transform).await? {
            Ok(search) => search,
            Err(message) => return self.fail(request, Some(transform), "update_err", message).await,
        };
        let tally = self.store.call(move |connection| points::tally(connection, transform)).await?;
        match search.next(tally) {
            Next::Wait => Ok(()),
            Next::Finish => {
                self.searches.remove(&transform);
                self.store
                    .call(move |connection| {
                        let now = Timestamp::now().as_second();
                        let transaction = connection.transaction()?;
                        transforms::set_stage(&transaction, transform, Stage::Finished, now)?;
                        requests::set_stage(&transaction, request, Stage::Finished, None, now)?;
                        transaction.commit()
                    })
                    .await
            }
            Next::Generate(count) => {
                let history = self.store.call(move |connection| points::history(connection, transform)).await?;
                let known = history.len();
                let proposals = match calculate(move || Ok(search.propose(&history, count))).await {
                    Ok(proposals) => proposals,
                    Err(message) => return self.fail(request, Some(transform), "update_err", message).await,
                };
                let trials: Vec<_> = proposals.into_iter().map(|point| Trial { point, loss: None }).collect();
                self.store
                    .call(move |connection| {
                        let now = Timestamp::now().as_second();
                        let transaction = connection.transaction()?;
                        points::insert(&transaction, (request, transform), known, &trials, now)?;
                        transforms::set_stage(&transaction, transform, Stage::Transforming, now)?;
                        transaction.commit()
                    })
                    .await
            }
        }
    }

    /// Returns the search of a transform, or why the stored one cannot be read.
    async fn search(&mut self, transform: i64) -> Result<Result<Arc<Search>, String>, StoreError> {
        if let Some(search) = self.searches.get(&transform) {
            return Ok(Ok(Arc::clone(search)));
        }
        let text = self.store.call(move |connection| transforms::search(connection, transform)).await?;
        let search = match serde_json::from_str(&text) {
            Ok(search) => Arc::new(search),
            Err(error) => return Ok(Err(format!("the stored search cannot be read: {error}"))),
        };
        self.searches.insert(transform, Arc::clone(&search));
        Ok(Ok(search))
    }

    async fn fail(
        &self,
        request: i64,
        transform: Option<i64>,
        key: &'static str,
        message: String,
    ) -> Result<(), StoreError> {
        let errors = json!({ key: { "msg": message } }).to_string();
        self.store
            .call(move |connection| {
                let now = Timestamp::now().as_second();
                let transaction = connection.transaction()?;
                if let Some(transform) = transform {
                    transforms::set_stage(&transaction, transform, Stage::Failed, now)?;
                }
                requests::set_stage(&transaction, request, Stage::Failed, Some(&errors), now)?;
                transaction.commit()
            })
            .await
    }
}

fn due(connection: &Connection) -> rusqlite::Result<Option<Due>> {
    if let Some(request) = requests::next_new(connection)? {
        return Ok(Some(Due::Request(request)));
    }
    let transform = transforms::next_due(connection)?;
    Ok(transform.map(|(transform, request)| Due::Transform { request, transform }))
}

/// Calculates something that may take long, away from the runtime's own threads; a panic becomes a message.
async fn calculate<T: Send + 'static>(
    calculation: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    task::spawn_blocking(calculation).await.unwrap_or_else(|error| Err(format!("the steering failed: {error}")))
}
