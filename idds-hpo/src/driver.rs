//! The tokio shell around [`Search`].

use std::time::Duration;

use idds_client::{Client, Error as ClientError, ErrorKind, PointId};
use idds_workflow::RequestId;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::search::{Command, Event, Search};
use crate::{Error, Loss, Objective, Observer, OnFailure, OnNonFinite, Rules, SearchResult};

/// Runs the search of one request: takes open points from the server, evaluates them, reports their losses, and ends when
/// the server says that the search is over.
///
/// Running it again for the same request goes on where the server stands: points with a loss are not evaluated again.
///
/// ```no_run
/// use std::time::Duration;
///
/// use idds_client::Client;
/// use idds_hpo::{Driver, Objective};
/// use idds_workflow::RequestId;
///
/// #[derive(serde::Deserialize)]
/// struct Params {
///     lr: f64,
/// }
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::from_env()?;
/// let result = Driver::new(&client, RequestId::new(42))
///     .evaluations(4)
///     .time_limit(Duration::from_secs(3600))
///     .run(Objective::blocking(|params: Params| (params.lr - 0.01).abs()))
///     .await?;
/// println!("{:?}", result.best());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a search starts when it is run"]
pub struct Driver {
    client: Client,
    request: RequestId,
    rules: Rules,
    observers: Vec<Box<dyn Observer>>,
}

impl Driver {
    /// Prepares the search of a request, with the default [`Rules`].
    pub fn new(client: &Client, request: RequestId) -> Self {
        Self { client: client.clone(), request, rules: Rules::default(), observers: Vec::new() }
    }

    /// Sets all rules at once.
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Sets the number of evaluations at once; 1 unless set.
    pub fn evaluations(mut self, count: usize) -> Self {
        self.rules.evaluations = count;
        self
    }

    /// Sets how often an evaluation is tried before it counts as failed; 3 unless set.
    pub fn attempts(mut self, count: u32) -> Self {
        self.rules.attempts = count;
        self
    }

    /// Sets what becomes of a point whose evaluation failed; unless set, the server is told 1e5, as PanDA does.
    pub fn on_failure(mut self, policy: OnFailure) -> Self {
        self.rules.on_failure = policy;
        self
    }

    /// Sets what becomes of a loss that is NaN or infinite; unless set, the evaluation counts as failed.
    pub fn on_non_finite(mut self, policy: OnNonFinite) -> Self {
        self.rules.on_non_finite = policy;
        self
    }

    /// Sets the time after which the search stops whatever its state; 7 days unless set.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.rules.time_limit = limit;
        self
    }

    /// Adds an observer, such as a progress bar.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Runs the search to its end.
    ///
    /// Dropping the future stops the search; evaluations that compute on tokio's blocking threads run out unheeded.
    ///
    /// # Errors
    ///
    /// When the server does not know the request, refuses what is asked, or stays out of reach for longer than
    /// [`Rules::patience`]. The error keeps the trials so far.
    pub async fn run(mut self, objective: Objective) -> Result<SearchResult, Error> {
        let start = Instant::now();
        let mut search = Search::new(self.rules.clone());
        // Tasks of their own, so that an evaluation that computes does not hold up the others; dropping the set ends them.
        let mut tasks = JoinSet::new();
        let mut event = Event::Woke;
        loop {
            for command in search.handle(start.elapsed(), event) {
                tracing::debug!(request = %self.request, ?command);
                let (client, request) = (self.client.clone(), self.request);
                match command {
                    Command::Poll => _ = tasks.spawn(poll(client, request)),
                    Command::Evaluate { id, parameters } => {
                        let evaluation = objective.evaluate(parameters);
                        tasks.spawn(async move { Event::Evaluated { id, outcome: evaluation.await } });
                    }
                    Command::Report { id, loss } => _ = tasks.spawn(report(client, request, id, loss)),
                    Command::Stop(why) => {
                        self.observe(&search);
                        let (elapsed, trials) = (start.elapsed(), search.into_trials());
                        return match why {
                            Ok(stop) => Ok(SearchResult { request, stop, trials, elapsed }),
                            Err(source) => Err(Error::new(request, trials, source)),
                        };
                    }
                }
            }
            self.observe(&search);
            event = tokio::select! {
                Some(done) = tasks.join_next() => done.expect("tasks catch the panics of the objective and are not aborted"),
                () = sleep_until(start + search.wakes_at()) => Event::Woke,
            };
        }
    }

    fn observe(&mut self, search: &Search) {
        let progress = search.progress();
        for observer in &mut self.observers {
            observer.progress(&progress);
        }
    }
}

async fn poll(client: Client, request: RequestId) -> Event {
    let read = async {
        let requests = client.requests().get(request).await?;
        let Some(info) = requests.first() else {
            let what = format!("the server does not know request {request}");
            return Err(ClientError::new(ErrorKind::NotFound, what));
        };
        // In this order, the points of an ended request are complete.
        Ok(Event::Polled { status: info.status, points: client.hpo().get(request).await? })
    };
    read.await.unwrap_or_else(Event::PollFailed)
}

async fn report(client: Client, request: RequestId, id: PointId, loss: Loss) -> Event {
    match client.hpo().update(request, &id, loss.get()).await {
        Ok(()) => Event::Reported { id },
        Err(error) => Event::ReportFailed { id, error },
    }
}
