//! How a server is set up and started.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use idds_rucio::Rucio;
use idds_sampler::Sampler;
use idds_sampler::Steering;
use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use tokio::task;

use super::Server;
use crate::agent::{Agent, Settings};
use crate::budget::Budget;
use crate::cacher::Cacher;
use crate::engine::data::{Copier, Follower};
use crate::engine::jobs::{Capacity, Elsewhere, Place, Runner};
use crate::error::{Error, ErrorKind};
use crate::guard::Names;
use crate::identity::{Identity, Rules};
use crate::plan::Terms;
use crate::routes::Service;
use crate::scratch::Scratch;
use crate::serve::{self, Limits};
use crate::storage::Storage;
use crate::store::{Store, attempts};
use crate::token::Token;
use crate::wake::Wake;

/// Largest body that is read unless the caller says otherwise: 64 MiB.
const MAX_BODY: usize = 64 << 20;

/// How long the parts of an exchange may take that are for the client, as Apache's `mod_reqtimeout` has it before the real server.
const TRANSFER: Duration = Duration::from_secs(20);

/// How long a connection may be kept without a request. Clients forget theirs before, ours after 90 s, so that none is closed
/// while a request is on the way.
const IDLE: Duration = Duration::from_secs(120);

/// A limit of time that is as good as none, and that clocks can be set to.
const LONGEST: Duration = Duration::from_secs(365 * 86_400);

/// Bytes of all bodies, and of all large parts of answers, that are in memory at a time unless the caller says otherwise: 256 MiB.
const MAX_IN_FLIGHT: usize = 256 << 20;

/// How often Rucio is asked about a rule, unless the caller says otherwise.
const RUCIO_INTERVAL: Duration = Duration::from_secs(10);

/// How long the planning of a request, or the making of a generation, may take unless the caller says otherwise.
const PLANNING_LIMIT: Duration = Duration::from_secs(120);

/// Sets up a [`Server`].
#[derive(Clone, Debug)]
pub struct ServerBuilder {
    database: Option<PathBuf>,
    cacher: Option<PathBuf>,
    address: SocketAddr,
    is_remote_allowed: bool,
    names: Vec<String>,
    has_token: bool,
    steering: Steering,
    seed: u64,
    max_body: usize,
    limits: Limits,
    max_in_flight: usize,
    planning_limit: Duration,
    rules: Rules,
    programs: Option<PathBuf>,
    jobs: Option<PathBuf>,
    capacity: Capacity,
    storage: Option<Arc<Storage>>,
    rucio: Option<Rucio>,
    rucio_interval: Duration,
}

impl ServerBuilder {
    pub(super) fn new() -> Self {
        Self {
            database: None,
            cacher: None,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            is_remote_allowed: false,
            names: Vec::new(),
            has_token: true,
            steering: Steering::default(),
            seed: 0,
            max_body: MAX_BODY,
            limits: Limits {
                transfer: TRANSFER,
                idle: IDLE,
                connections: serve::connections(),
            },
            max_in_flight: MAX_IN_FLIGHT,
            planning_limit: PLANNING_LIMIT,
            rules: Rules::Own,
            programs: None,
            jobs: None,
            capacity: Capacity::default(),
            storage: None,
            rucio: None,
            rucio_interval: RUCIO_INTERVAL,
        }
    }

    /// Keeps the data in this SQLite file, which is made with its directories when it is not there; in memory, and lost
    /// at the end, by default.
    ///
    /// One server at a time can use a file.
    pub fn database(mut self, path: impl Into<PathBuf>) -> Self {
        self.database = Some(path.into());
        self
    }

    /// Keeps the files that clients upload in this directory, which is made when it is not there.
    ///
    /// By default, they are beside the database, in a directory with `-cacher` after its name, or lost at the end when the
    /// data is in memory.
    pub fn cacher(mut self, path: impl Into<PathBuf>) -> Self {
        self.cacher = Some(path.into());
        self
    }

    /// Listens on this address; on a free port of 127.0.0.1 by default.
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Permits an address that other machines can reach.
    ///
    /// Whoever knows the token can read and change everything, and it goes over the network as it is, since the server has no TLS.
    pub fn allow_remote(mut self) -> Self {
        self.is_remote_allowed = true;
        self
    }

    /// Adds a name that clients may know the server by, such as that of the machine.
    ///
    /// Clients may ask for `localhost` and addresses of the loopback interface, and for any address when
    /// [other machines](Self::allow_remote) are let in. A request for another name is answered with 403, as is one that a page in a
    /// browser makes: a page could otherwise use the server of the person who looks at it.
    pub fn host_name(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }

    /// Serves whoever can reach the server, instead of who shows its token alone.
    ///
    /// Unless this is set, a token is drawn from the randomness of the operating system. It stands in [`Server::url`]; a request
    /// without it is answered with 401, since the loopback interface is open to every user of the machine. With a
    /// [database](Self::database), it is kept in a file beside that, with `-token` after its name and mode 0600, so that clients go on
    /// when the server is started again. A server that other machines can reach always has one.
    pub fn without_token(mut self) -> Self {
        self.has_token = false;
        self
    }

    /// Proposes points by this sampler; by [`Auto`](idds_sampler::Auto) by default.
    pub fn sampler(mut self, sampler: impl Sampler + 'static) -> Self {
        self.steering = Steering::new(sampler);
        self
    }

    /// Sets the seed of all points; 0 by default.
    ///
    /// The same requests in the same order, with the same losses, get the same points from servers with the same seed. A
    /// search keeps the seed that it began with.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the largest body that is read, in bytes; 64 MiB by default. A larger one is answered with 413. Uploaded files are
    /// written as they come in and may have any size.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Sets how many connections are held at once, at least 1; by default, three quarters of the descriptors that this process may have,
    /// and no more than 4096.
    ///
    /// When there are as many, a new one takes the place of the one that has waited longest for its client, or waits while the server
    /// is at work for all of them.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.limits.connections = connections.max(1);
        self
    }

    /// Sets how long a client may take to send the head of a request, a short body, or to read a short answer; 20 s by default, as
    /// Apache has it. Longer ones get as much again for each 80 KiB.
    ///
    /// A body that does not come is answered with 408. Whoever sends no head, or does not read an answer, loses the connection.
    pub fn client_timeout(mut self, limit: Duration) -> Self {
        self.limits.transfer = limit.min(LONGEST);
        self
    }

    /// Sets how long a connection is kept without a request; 120 s by default.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.limits.idle = limit.min(LONGEST);
        self
    }

    /// Sets how many bytes of bodies are in memory at a time; 256 MiB by default, never less than the
    /// [largest body](Self::max_body).
    ///
    /// What comes in beyond is answered with 503 and `Retry-After`, and clients of this project send it again; bodies up to 64 KiB are
    /// always taken. As many bytes more are there for what is large in answers. The memory of the server stays within some three times
    /// this number.
    pub fn max_in_flight(mut self, bytes: usize) -> Self {
        self.max_in_flight = bytes;
        self
    }

    /// Sets how long the planning of a request, or the making of the points of a generation, may take; 2 minutes by default.
    ///
    /// What takes longer ends as Failed, with an error that says so. Requests are planned side by side, and what is small never waits
    /// for what takes long.
    pub fn planning_limit(mut self, limit: Duration) -> Self {
        self.planning_limit = limit;
        self
    }

    /// Starts the programs of works, with the rights of the user of this process, and has them begin in this directory.
    ///
    /// Unless it is set, works of programs end as Failed, with an error that says so. Who has the token of such a server can run any
    /// program: it is refused [without a token](Self::without_token). Programs outlive a server that is killed; the next one on its
    /// database takes them over.
    ///
    /// Jobs are looked after by a process of their own: [`idds_jobs::init`] in the first line of `main` lets it be this program, and else
    /// the command `idds` has to be beside it or in `PATH`.
    pub fn programs(mut self, directory: impl Into<PathBuf>) -> Self {
        self.programs = Some(directory.into());
        self
    }

    /// Keeps what each attempt of a job prints, and how it ended, in this directory, which is made when it is not there.
    ///
    /// By default, it is beside the database, in a directory with `-jobs` after its name, or lost at the end when the data is in memory.
    pub fn jobs(mut self, directory: impl Into<PathBuf>) -> Self {
        self.jobs = Some(directory.into());
        self
    }

    /// Sets how many cores jobs may keep busy at once; as many as this process may use by default.
    pub fn cores(mut self, cores: u32) -> Self {
        self.capacity.cores = Some(cores.max(1));
        self
    }

    /// Names the program that looks after jobs: one whose `main` begins with [`idds_jobs::init`]. By default, it is this program, or the
    /// command `idds`.
    pub fn supervisor(mut self, program: impl Into<PathBuf>) -> Self {
        self.capacity.supervisor = Some(program.into());
        self
    }

    /// Sets how much memory jobs with a limit may have together, in bytes; what the machine has by default.
    pub fn memory(mut self, bytes: u64) -> Self {
        self.capacity.memory = Some(bytes);
        self
    }

    /// Copies the files of works that move data between these storage elements, with the rights of the user of this process.
    ///
    /// Unless it is set, such works end as Failed, with an error that says so.
    pub fn storage(mut self, storage: Storage) -> Self {
        self.storage = Some(Arc::new(storage));
        self
    }

    /// Has jobs answered instead of run.
    #[cfg(test)]
    pub(crate) fn scripted(mut self, jobs: Arc<crate::engine::jobs::Scripted>) -> Self {
        self.capacity.scripted = Some(jobs);
        self
    }

    /// Runs jobs by this executor, instead of as processes of this machine: in a batch system, for example
    /// ([`idds_jobs::BatchExecutor`]).
    ///
    /// `make` is called once, with a directory for what the executor keeps, which has the name in its own. The database, the directory
    /// of the [programs](Self::programs) and that of the [jobs](Self::jobs) are then on a file system that the machines share.
    /// While jobs are with an executor of one name, the server does not start with another one.
    pub fn executor(
        mut self,
        name: impl Into<String>,
        make: impl Fn(
            PathBuf,
            UnboundedSender<idds_jobs::AttemptEvent>,
        ) -> Result<Arc<dyn idds_jobs::Executor>, idds_jobs::Error>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.capacity.elsewhere = Some(Elsewhere {
            name: name.into(),
            make: Arc::new(make),
        });
        self
    }

    /// Has Rucio move the data of works whose `dest_rse` is no [storage element](Self::storage) here: their rules are followed, or made.
    ///
    /// Unless it is set, such works end as Failed, with an error that says so.
    pub fn rucio(mut self, rucio: Rucio) -> Self {
        self.rucio = Some(rucio);
        self
    }

    /// Sets how often Rucio is asked about each rule; every 10 s unless set.
    pub fn rucio_interval(mut self, interval: Duration) -> Self {
        self.rucio_interval = interval.clamp(Duration::from_millis(100), LONGEST);
        self
    }

    /// Plays the defects of iDDS 2.6.21 that decide how a workflow ends, so that one that hangs or fails there does so here.
    ///
    /// [Each of them](crate#as-2621-does-it) is listed with its place in the source of iDDS.
    pub fn like_2_6_21(mut self) -> Self {
        self.rules = Rules::V2_6_21;
        self
    }

    /// Starts the server in the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Remote`] for an address that is not a loopback one unless that was allowed, and for a server that other machines may
    /// reach, or that starts programs, and that has no token, [`ErrorKind::Token`] when that cannot be kept, [`ErrorKind::Address`]
    /// when it cannot be listened on, [`ErrorKind::InUse`] when another server has the database,
    /// [`ErrorKind::Foreign`] when the file is not one of this version of the server, [`ErrorKind::Database`] for any other
    /// trouble with it, [`ErrorKind::Cacher`] when a directory for files cannot be made, and
    /// [`ErrorKind::Jobs`] when no programs can be started.
    pub async fn start(self) -> Result<Server, Error> {
        let asked = self.address;
        let names = Names::new(self.is_remote_allowed, &self.names);
        if !self.is_remote_allowed && !asked.ip().to_canonical().is_loopback() {
            let message = format!(
                "address {asked} can be reached from other machines; use 127.0.0.1, or allow_remote()"
            );
            return Err(Error::unsourced(ErrorKind::Remote, message));
        }
        if self.is_remote_allowed && !self.has_token {
            let message = "a server that other machines can reach has a token; leave without_token() or allow_remote() out";
            return Err(Error::unsourced(ErrorKind::Remote, message));
        }
        if self.programs.is_some() && !self.has_token {
            let message = "a server that starts programs has a token, as any user of the machine could run programs as you \
                           otherwise; leave without_token() or programs() out";
            return Err(Error::unsourced(ErrorKind::Remote, message));
        }
        if (self.storage.is_some() || self.rucio.is_some()) && !self.has_token {
            let message = "a server that moves data has a token, as any user of the machine could have your files moved \
                           otherwise; leave without_token() or storage() and rucio() out";
            return Err(Error::unsourced(ErrorKind::Remote, message));
        }
        let failed = |source| {
            Error::new(
                ErrorKind::Address,
                format!("cannot listen on {asked}"),
                source,
            )
        };
        let listener = serve::listen(asked).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let open = move || {
            let (store, id) = Store::open(self.database.as_deref())?;
            let identity = Identity::new(self.rules, &id);
            let token = match &self.database {
                _ if !self.has_token => None,
                Some(database) => Some(Token::keep(&beside(database, "-token"))?),
                None => Some(Token::draw()?),
            };
            // Only once the database is ours: another server may be receiving files.
            let failed = |source| {
                Error::new(
                    ErrorKind::Cacher,
                    "cannot make the directory for files",
                    source,
                )
            };
            let beside = |end| Some(beside(self.database.as_deref()?, end));
            let cacher = self.cacher.or_else(|| beside("-cacher"));
            let jobs = self.jobs.or_else(|| beside("-jobs"));
            let needs_scratch = cacher.is_none() || self.programs.is_some() && jobs.is_none();
            let scratch = match needs_scratch {
                true => Some(Scratch::new().map_err(failed)?),
                false => None,
            };
            let or_scratch = |directory: Option<PathBuf>, name| {
                directory.or_else(|| Some(scratch.as_ref()?.path().join(name)))
            };
            let cacher = or_scratch(cacher, "cacher").unwrap_or_default();
            let cacher = Cacher::open(&cacher).map_err(failed)?;
            let place = match self.programs {
                None => None,
                Some(shared) => {
                    let attempts = or_scratch(jobs, "jobs").unwrap_or_default();
                    Some(Place::open(&shared, &attempts).map_err(failed)?)
                }
            };
            Ok((store, (cacher, scratch), identity, token, place))
        };
        let (store, (cacher, scratch), identity, token, place) =
            task::spawn_blocking(open).await.map_err(|source| {
                Error::new(
                    ErrorKind::Database,
                    "the opening of the database was interrupted",
                    source,
                )
            })??;

        let settle = |connection: &mut Connection| {
            attempts::settle(connection, Timestamp::now().as_second())
        };
        store.call(settle).await.map_err(|source| {
            Error::new(
                ErrorKind::Database,
                "cannot note what a killed server was planning",
                source,
            )
        })?;
        let wake = Arc::new(Wake::default());
        let settings = Settings {
            steering: self.steering,
            seed: self.seed,
            terms: Terms {
                rules: self.rules,
                has_programs: place.is_some(),
                storage: self.storage.clone(),
                has_rucio: self.rucio.is_some(),
            },
            limit: self.planning_limit,
        };
        let agent = Agent::new(store.clone(), Arc::clone(&wake), settings);
        let service = Service {
            store: store.clone(),
            cacher,
            wake: Arc::clone(&wake),
            max_body: self.max_body,
            bodies: Budget::new(self.max_in_flight.max(self.max_body)),
            answers: Budget::new(self.max_in_flight.max(self.max_body)),
            rules: self.rules,
            identity,
            names,
            token: token.clone(),
            place: place.clone(),
        };
        let runner = place
            .map(|place| {
                let (store, wake) = (store.clone(), Arc::clone(&wake));
                Runner::start(store, wake, place, self.capacity)
            })
            .transpose()
            .map_err(|source| {
                let what = "no programs can be started";
                Error::new(ErrorKind::Jobs, what, source)
            })?;
        let mut movers = Vec::new();
        if let Some(storage) = self.storage {
            movers.push(Copier::start(store.clone(), Arc::clone(&wake), storage));
        }
        if let Some(rucio) = self.rucio {
            let rucio = (rucio, self.rucio_interval);
            movers.push(Follower::start(store.clone(), Arc::clone(&wake), rucio));
        }
        let (end, ended) = watch::channel(false);
        let http = tokio::spawn(serve::serve(
            listener,
            service.into_router(),
            self.limits,
            ended,
        ));
        Ok(Server {
            address,
            token,
            store,
            end,
            http: Some(http),
            agent: tokio::spawn(agent.run()),
            runner,
            movers,
            scratch,
        })
    }
}

/// Returns the path of what stands beside the database, with this at the end of its name.
fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    name.into()
}
