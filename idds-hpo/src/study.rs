//! A study: the search of one request, with the type of its points.

mod identify;
mod options;
mod result;
mod run;
mod try_one;
mod warm_start;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::pending;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use futures::FutureExt;
use futures::future::BoxFuture;
use idds_client::{Client, Error as ClientError, ErrorKind};
use idds_workflow::{Error as SpaceError, OptSpace, Point, RequestId, Space};
use tokio::sync::mpsc;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::Instant;

use self::identify::{Identified, identify};
pub use self::result::{Best, StudyResult};
use self::run::{Clock, Run, live, unshared};
pub use self::try_one::Tried;
pub use self::warm_start::WarmStart;
use crate::journal::Place;
use crate::optuna::Mirror;
use crate::workers::Share;
use crate::{
    Direction, EarlierTrials, Entry, Error, Header, History, IntoObjective, Journal, Objective,
    Observer, Search, SearchOptions, SearchResult, Workers,
};

/// The search of one request: takes open points from the server, evaluates them, reports their losses, and ends when the
/// server says that the search is over.
///
/// `P` is the type of the points: one that derives [`Space`], or [`Point`] where the space is known at run time only. The
/// objective takes it, and [`StudyResult::best`] gives it back.
///
/// Running it again for the same request goes on where the server stands: points with a loss are not evaluated again. With a
/// [`journal`](Self::journal), it goes on where it stood itself, and loses nothing to a kill.
///
/// ```no_run
/// use idds_client::Client;
/// use idds_hpo::Study;
/// use idds_workflow::{ATLASHPOWork, Space, Workflow};
///
/// #[derive(Debug, serde::Deserialize, Space)]
/// struct Params {
///     #[space(log, 1e-5..=1e-1)]
///     learning_rate: f64,
///     #[space(1..=6)]
///     layers: u8,
/// }
///
/// # fn train(params: &Params) -> f64 { params.learning_rate * f64::from(params.layers) }
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let search = ATLASHPOWork::search::<Params>(20).build()?;
/// let client = Client::from_env()?;
/// let request = client.requests().submit(&Workflow::builder().work(search).build()?).await?;
///
/// let study = Study::<Params>::of(&client, request).concurrency(4).journal("search.journal");
/// let best = study.minimize(|params: Params| train(&params)).await?.best()?;
/// println!("{:?} has {}", best.params, best.loss);
/// # Ok(())
/// # }
/// ```
///
/// # What a point costs
///
/// Time of a point besides its evaluation, with a journal, on the embedded server with a SQLite file, in generations of 100
/// (`cargo bench -p idds --bench loop`, 27 November 2026, two cores, a flush to the disk in 0.18 ms):
///
/// | | points | concurrency | ms per point |
/// | --- | --- | --- | --- |
/// | this | 1,000 | 1 | 0.73 |
/// | this | 1,000 | 16 | 0.55 |
/// | Optuna with SQLite | 1,000 | 1 | 33.6 |
/// | this | 10,000 | 1 | 0.74 |
/// | this | 10,000 | 16 | 0.55 |
///
/// The last points of a search cost what the first ones do: a look at the embedded server reads the points from the first one
/// whose loss is not confirmed, and all of them once in [`SearchOptions::longest_poll`]. iDDS itself has no way to leave points out,
/// and sends all of them once in a generation.
#[must_use = "a study does nothing before it minimizes or maximizes"]
pub struct Study<P = Point> {
    client: Client,
    request: RequestId,
    options: SearchOptions,
    space: Result<Option<OptSpace>, SpaceError>,
    journal: Option<Place>,
    workers: Option<Workers>,
    earlier: Option<EarlierTrials>,
    optuna: Option<PathBuf>,
    interrupt: BoxFuture<'static, ()>,
    observers: Vec<Box<dyn Observer>>,
    params: PhantomData<fn() -> P>,
}

impl Study<Point> {
    /// Prepares the search of a request whose space is only known at run time.
    ///
    /// Reports take the space from [`space`](Self::space) or, with a [`journal`](Self::journal), from the definition that the
    /// server has.
    pub fn new(client: &Client, request: RequestId) -> Self {
        Self::with_space(client, request, Ok(None))
    }

    /// Reads the points into this type, which need not derive [`Space`]: `(i64, Params)` for those of a segmented search.
    pub fn points_as<P>(self) -> Study<P> {
        let Self {
            client,
            request,
            options,
            space,
            journal,
            workers,
            earlier,
            optuna,
            interrupt,
            observers,
            params: _,
        } = self;
        Study {
            client,
            request,
            options,
            space,
            journal,
            workers,
            earlier,
            optuna,
            interrupt,
            observers,
            params: PhantomData,
        }
    }
}

impl<P: Space> Study<P> {
    /// Prepares the search of a request whose space is that of the type, as
    /// [`ATLASHPOWork::search`](idds_workflow::ATLASHPOWork::search) made it.
    pub fn of(client: &Client, request: RequestId) -> Self {
        Self::with_space(client, request, P::space().map(Some))
    }
}

impl<P> Study<P> {
    fn with_space(
        client: &Client,
        request: RequestId,
        space: Result<Option<OptSpace>, SpaceError>,
    ) -> Self {
        Self {
            client: client.clone(),
            request,
            options: SearchOptions::default(),
            space,
            journal: None,
            workers: None,
            earlier: None,
            optuna: None,
            interrupt: pending().boxed(),
            observers: Vec::new(),
            params: PhantomData,
        }
    }

    /// Sets the space for reports: ranges and scales of the parameters, and their influence over the whole space.
    ///
    /// Nothing else looks at it.
    pub fn space(mut self, space: OptSpace) -> Self {
        self.space = Ok(Some(space));
        self
    }

    /// Keeps a [`Journal`] of the search in this file, which is made when it is not there: with it, the search survives its
    /// process.
    pub fn journal(mut self, path: impl Into<PathBuf>) -> Self {
        self.journal = Some(Place::Named(path.into()));
        self
    }

    /// Keeps a journal as [`journal`](Self::journal) does, at a path that a program has chosen and no person: a symbolic link there is
    /// refused, as it may be somebody else's who wants a file to be overwritten.
    pub fn own_journal(mut self, path: impl Into<PathBuf>) -> Self {
        self.journal = Some(Place::Own(path.into()));
        self
    }

    /// Shares the points with other processes; by default this process evaluates all of them.
    pub fn workers(mut self, workers: Workers) -> Self {
        self.workers = Some(workers);
        self
    }

    /// Begins the search with trials of earlier ones, as far as they fit: the sampler sees them as finished trials, and the server never
    /// gets their losses. They count for no budget, and none of them is the best trial of this search.
    ///
    /// The embedded server is told of them, and proposes its first points anew unless somebody has seen those. A server of iDDS has its points proposed by a program of its own,
    /// which is given such trials by [`Steering::earlier`](idds_sampler::Steering::earlier) or `idds hpo steer --from`; there, this
    /// changes nothing. [`Observer::began`] says which of them count. With a [`journal`](Self::journal), they stand in it and count when the search
    /// goes on, whether they are given again or not.
    ///
    /// ```no_run
    /// # use idds_client::Client;
    /// # use idds_hpo::{EarlierTrials, Study};
    /// # fn study(client: &Client, request: idds_workflow::RequestId) -> Result<Study, Box<dyn std::error::Error>> {
    /// let earlier = EarlierTrials::new().read("request-94/journal")?.read("optuna.db")?.assume("dropout", 0.1);
    /// let study = Study::new(client, request).earlier(earlier).journal("search.journal");
    /// # Ok(study)
    /// # }
    /// ```
    pub fn earlier(mut self, trials: EarlierTrials) -> Self {
        self.earlier = Some(trials);
        self
    }

    /// Writes the search as a study of Optuna to this file while it goes: the journal of a `JournalStorage`, which `optuna-dashboard FILE`
    /// shows and `optuna.load_study` reads.
    ///
    /// A trial is a point, with its parameters, their distributions, its intermediate values and its value; what was made up for a failed point
    /// is no value, and its trial failed. Lists are parameters `w[0]`, `w[1]`, …. The file can have other studies, and Optuna can add some meanwhile: all lock it in the same way. A search that goes on goes on with its study,
    /// whose name is `request-` with the number of the request and, as far as the server tells the request from others of its number, a mark.
    ///
    /// What is in it is in the [`journal`](Self::journal), if there is one. A study that cannot be written keeps no search from going on; [`Observer::unwritten`] is told in the end.
    pub fn optuna(mut self, path: impl Into<PathBuf>) -> Self {
        self.optuna = Some(path.into());
        self
    }

    /// Ends the search when this future is ready, such as `tokio::signal::ctrl_c().map(|_| ())`: evaluations are given up,
    /// losses are still reported.
    pub fn interrupt(mut self, interrupt: impl Future<Output = ()> + Send + 'static) -> Self {
        self.interrupt = interrupt.boxed();
        self
    }

    /// Adds an observer, such as a progress bar.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Runs the search to its end, for the least value of the objective: a function of a point that computes, an `async` one, or
    /// an external program. See [`IntoObjective`].
    ///
    /// Dropping the future stops the search; evaluations that compute on tokio's blocking threads run out unheeded.
    ///
    /// # Errors
    ///
    /// When the server does not know the request, refuses what is asked, stays out of reach for longer than
    /// [`SearchOptions::patience`], or ends the request as Failed, with its reason; when the journal is in use, damaged, one of
    /// another search, or cannot be written; when an evaluation meets trouble that is not the fault of its point, such as a full
    /// disk or a point that does not fit the type of the objective; and when nothing works, see
    /// [`OnFailure::Penalty`](crate::OnFailure::Penalty). The error keeps the trials so far.
    pub async fn minimize<K>(
        mut self,
        objective: impl IntoObjective<P, K>,
    ) -> Result<StudyResult<P>, Error> {
        self.options.direction = Direction::Minimize;
        self.run(objective).await
    }

    /// Runs the search to its end as [`minimize`](Self::minimize) does, for the greatest value of the objective.
    ///
    /// # Errors
    ///
    /// Those of [`minimize`](Self::minimize).
    pub async fn maximize<K>(
        mut self,
        objective: impl IntoObjective<P, K>,
    ) -> Result<StudyResult<P>, Error> {
        self.options.direction = Direction::Maximize;
        self.run(objective).await
    }

    /// Runs the search to its end as [`minimize`](Self::minimize) does, in the direction of its
    /// [options](SearchOptions::direction).
    ///
    /// # Errors
    ///
    /// Those of [`minimize`](Self::minimize).
    pub async fn run<K>(
        self,
        objective: impl IntoObjective<P, K>,
    ) -> Result<StudyResult<P>, Error> {
        let objective = objective.into_objective();
        let objective = objective.map_err(|failure| Error::evaluation(self.request, failure))?;
        self.search(objective).await.map(StudyResult::new)
    }

    async fn search(mut self, objective: Objective) -> Result<SearchResult, Error> {
        let since_1970 = || {
            SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default()
        };
        let (request, began) = (self.request, Instant::now());
        let space = self.space.map_err(|error| Error::space(request, error))?;
        let header = Header::new(
            request,
            self.client.host(),
            self.options.direction,
            since_1970(),
        );
        let interrupt = self.interrupt.shared();
        let Identified {
            identity,
            space: defined,
        } = if self.journal.is_some()
            || self.workers.is_some()
            || self.earlier.is_some()
            || self.optuna.is_some()
        {
            tokio::select! {
                identified = identify(&self.client, request, &self.options, &mut self.observers) => {
                    identified.map_err(|error| Error::client(request, error))?
                }
                // The search is over before it knows more.
                () = interrupt.clone() => Identified::default(),
            }
        } else {
            Identified::default()
        };
        let header = header.identity(identity.clone());
        let (mut journal, mut history) = match self.journal {
            None => (None, History::new(header)),
            Some(place) => {
                let opened = spawn_blocking(move || Journal::open(&place, header))
                    .await
                    .expect("opening does not panic");
                let (journal, history) = opened.map_err(|error| Error::journal(request, error))?;
                (Some(journal), history)
            }
        };
        let space = space.or(defined);
        if let Some(space) = space.filter(|space| history.space() != Some(space)) {
            let entry = Entry::Space { space };
            self.observers
                .iter_mut()
                .for_each(|observer| observer.happened(&entry));
            if let Some(journal) = &mut journal {
                // On disk with what comes next.
                journal
                    .append(&entry)
                    .map_err(|error| Error::journal(request, error))?;
            }
            history.apply(&entry).expect("a space contradicts nothing");
        }
        let (fitted, entries) = warm_start::begin(self.earlier.as_ref(), &history, &self.options)
            .map_err(|error| Error::client(request, error))?;
        for entry in &entries {
            self.observers
                .iter_mut()
                .for_each(|observer| observer.happened(entry));
            history
                .check(entry)
                .and_then(|()| history.apply(entry))
                .map_err(|contradiction| {
                    let error = ClientError::new(ErrorKind::Argument, contradiction.why);
                    Error::client(request, error)
                })?;
        }
        if let Some(mut kept) = journal.take_if(|_| !entries.is_empty()) {
            let write = move || {
                entries.iter().try_for_each(|entry| kept.append(entry))?;
                kept.flush()?;
                Ok(kept)
            };
            let written = spawn_blocking(write).await.expect("writing does not panic");
            journal = Some(written.map_err(|error| Error::journal(request, error))?);
        }
        if fitted.is_some() || !history.earlier().is_empty() {
            let told = tokio::select! {
                told = warm_start::tell(&self.client, request, &history, &self.options, &mut self.observers) => {
                    told.map_err(|error| Error::client(request, error))?
                }
                () = interrupt.clone() => None,
            };
            let warm_start = WarmStart {
                fitted,
                trials: history.earlier().len(),
                told,
            };
            self.observers
                .iter_mut()
                .for_each(|observer| observer.began(&warm_start));
        }
        let mirror = match self.optuna {
            None => None,
            Some(path) => {
                let (header, space) = (history.header().clone(), history.space().cloned());
                let opened = spawn_blocking(move || Mirror::open(&path, &header, space))
                    .await
                    .expect("opening does not panic");
                let mirror = opened.map_err(|error| {
                    let error = ClientError::new(ErrorKind::Argument, error.to_string());
                    Error::client(request, error)
                })?;
                history
                    .trials()
                    .for_each(|trial| mirror.write(trial.clone()));
                Some(mirror)
            }
        };
        let mut hearts = JoinSet::new();
        let share = match self.workers {
            None => None,
            Some(workers) => {
                let joined = spawn_blocking(move || workers.join(request, &identity))
                    .await
                    .expect("joining does not panic");
                let share = joined.map_err(|error| Error::client(request, unshared(error)))?;
                if let Share::Folder(folder) = &share {
                    hearts.spawn(live(folder.heart()));
                }
                Some(Arc::new(Mutex::new(share)))
            }
        };
        let clock = Clock::new(
            since_1970()
                .saturating_sub(history.header().started())
                .max(history.latest()),
        );
        // What was waited for an answer is part of the time of the search.
        self.options.timeout = self.options.timeout.saturating_sub(began.elapsed());
        let (values, told) = mpsc::unbounded_channel();
        let run = Run {
            client: self.client,
            request,
            objective,
            journal,
            share,
            clock,
            _hearts: hearts,
            // Tasks of their own, so that an evaluation that computes does not hold up the others; dropping the set ends them.
            tasks: JoinSet::new(),
            evaluations: HashMap::new(),
            values,
            verdicts: VecDeque::new(),
            observers: self.observers,
            mirror,
        };
        run.search(Search::new(self.options, history), told, interrupt.boxed())
            .await
    }
}

impl<P> fmt::Debug for Study<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client,
            request,
            options,
            space,
            journal,
            workers,
            earlier,
            optuna,
            interrupt: _,
            observers,
            params: _,
        } = self;
        f.debug_struct("Study")
            .field("client", client)
            .field("request", request)
            .field("options", options)
            .field("space", space)
            .field("journal", journal)
            .field("workers", workers)
            .field("earlier", earlier)
            .field("optuna", optuna)
            .field("observers", observers)
            .finish_non_exhaustive()
    }
}
