//! What a workflow would do, before it does it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use serde_json::Map;

use crate::engine::flow::{self, Command, FlowEvent, Machine, RunKey, Status, UserCommand};
use crate::error::{Error, ErrorKind};
use crate::identity::Rules;
use crate::plan::{self, Terms};
use crate::raw;
use crate::storage::Storage;
use crate::store::{events, requests, transforms};

/// What a workflow would do on this machine if all its works are Finished; from [`RunPlan::of`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RunPlan {
    /// Works that are done, and are not done again.
    pub done: Vec<PlannedWork>,
    /// Works that would run, in the order in which they would start.
    pub runs: Vec<PlannedWork>,
    /// What loops ask before they go on; one round of each is planned.
    pub loops: Vec<String>,
    /// Works that can never start, whatever the others do, and why.
    pub never: Vec<(String, String)>,
    /// State in which the request would end; none when it would wait for ever.
    pub status: Option<String>,
}

/// A work in a plan.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PlannedWork {
    /// Id of the work in the stored workflow.
    pub id: String,
    /// Number of the round of the loop around it, from 1.
    pub round: u32,
    /// Number of its jobs, or of the files that it moves; none for a search, whose points are not known yet, for a dataset that is not
    /// there yet, and for what is done.
    pub jobs: Option<usize>,
    /// Id of the work whose end starts it; none when it starts at once, and for what has begun.
    pub after: Option<String>,
    /// Whether it has begun: it goes on, or what failed of it is tried again.
    pub has_begun: bool,
    /// Seconds that the same took on average when it was last Finished; none where that is not known.
    pub seconds: Option<f64>,
}

impl RunPlan {
    /// Plans a workflow, which may have begun: what is done according to the database is not planned again.
    ///
    /// `metadata` is the `request_metadata` of the submission, as JSON. The request in the database is the last one whose
    /// workflow has the same `internal_id`; without one, or without the database, everything is planned. Nothing is changed. Works that
    /// move data need the storage elements between which they do, or a Rucio.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Workflow`] when the workflow cannot be run here, [`ErrorKind::InUse`] when a server has the database open, and
    /// [`ErrorKind::Database`] when it cannot be read.
    pub fn of(
        metadata: &str,
        database: Option<&Path>,
        storage: Option<&Storage>,
        has_rucio: bool,
    ) -> Result<Self, Error> {
        let unfit = |message: String| Error::unsourced(ErrorKind::Workflow, message);
        let terms = Terms {
            rules: Rules::default(),
            has_programs: true,
            storage: storage.cloned().map(Arc::new),
            has_rucio,
        };
        let (plan, definition) =
            plan::Plan::read(plan::WORKFLOW, metadata, 0, terms).map_err(unfit)?;
        plan.check().map_err(unfit)?;
        let (happened, taken) = match database.filter(|path| path.exists()) {
            Some(path) => (happened(path, metadata)?, Taken::of(path)?),
            None => (Vec::new(), Taken::default()),
        };
        let mut machine = Machine::new(definition, Timestamp::UNIX_EPOCH, None);
        for (event, at) in happened {
            // What is refused now was refused then.
            let _ = machine.handle(at, &event);
        }
        let (mut planned, short) = (Self::default(), plan.in_short());
        for (run, status) in machine.states() {
            if status == Status::Finished.name() {
                planned.done.push(PlannedWork::of(&run));
            }
        }
        // What has ended otherwise is run again by the command that goes on.
        if machine
            .status()
            .is_some_and(|status| status != Status::Finished)
        {
            let retry = FlowEvent::Asked(UserCommand::Retry);
            let commands = machine
                .handle(Timestamp::UNIX_EPOCH, &retry)
                .unwrap_or_default();
            for command in commands {
                match command {
                    Command::Retry(run) => planned.runs.push(PlannedWork::begun(&run)),
                    Command::Start(start) => planned.start(&plan, &start, None, None)?,
                    _ => {}
                }
            }
        } else {
            let under_way = machine.running();
            planned
                .runs
                .extend(under_way.iter().map(PlannedWork::begun));
        }
        if machine.status().is_some() {
            planned.status = machine.status().map(|status| status.name().to_owned());
            return Ok(planned);
        }
        let ahead = flow::Plan::of(&machine, 1, |_| (Status::Finished, Map::new()))
            .map_err(|refused| unfit(refused.to_string()))?;
        for one in &ahead.starts {
            let what = short.get(&one.start.path.join("/"));
            let seconds = what.and_then(|what| taken.seconds(what));
            planned.start(&plan, &one.start, one.after.as_ref(), seconds)?;
        }
        planned.loops = ahead.goes_on.into_iter().map(|(_, asks)| asks).collect();
        planned.never = ahead.never;
        planned.status = ahead.status.map(|status| status.name().to_owned());
        Ok(planned)
    }

    fn start(
        &mut self,
        plan: &plan::Plan,
        start: &flow::Start,
        after: Option<&RunKey>,
        seconds: Option<f64>,
    ) -> Result<(), Error> {
        let work = plan
            .work(start, plan::When::Ahead)
            .map_err(|message| Error::unsourced(ErrorKind::Workflow, message))?;
        self.runs.push(PlannedWork {
            jobs: match work.jobs.len() {
                0 => plan.files(&work),
                jobs => Some(jobs),
            },
            after: after.map(id_of),
            seconds,
            ..PlannedWork::of(&start.run)
        });
        Ok(())
    }
}

impl PlannedWork {
    fn begun(run: &RunKey) -> Self {
        Self {
            has_begun: true,
            ..Self::of(run)
        }
    }

    fn of(run: &RunKey) -> Self {
        Self {
            id: id_of(run),
            round: run.round(),
            ..Self::default()
        }
    }
}

/// How long works took that are Finished, by what they run.
#[derive(Debug, Default)]
struct Taken(HashMap<String, (f64, u32)>);

impl Taken {
    /// Runs of one work that count, the last ones.
    const RUNS: u32 = 5;

    fn of(path: &Path) -> Result<Self, Error> {
        let failed = |error| unreadable(path, error);
        let connection = open(path)?;
        let mut taken = Self::default();
        for (metadata, seconds) in transforms::taken(&connection, MOST_TAKEN).map_err(failed)? {
            let Some(what) = plan::in_short(&metadata) else {
                continue;
            };
            let (sum, runs) = taken.0.entry(what).or_default();
            if *runs < Self::RUNS {
                (*sum, *runs) = (*sum + seconds as f64, *runs + 1);
            }
        }
        Ok(taken)
    }

    fn seconds(&self, what: &str) -> Option<f64> {
        let (sum, runs) = self.0.get(what)?;
        Some(sum / f64::from(*runs))
    }
}

/// Most works that are looked at for how long they took.
const MOST_TAKEN: usize = 10_000;

fn id_of(run: &RunKey) -> String {
    run.id().to_owned()
}

/// Returns what has happened to the workflow, from a database that nobody writes.
fn happened(path: &Path, metadata: &str) -> Result<Vec<(FlowEvent, Timestamp)>, Error> {
    let connection = open(path)?;
    let failed = |error| unreadable(path, error);
    let id = workflow_id(metadata);
    let mut before = i64::MAX;
    while let Some(request) = last_before(&connection, before).map_err(failed)? {
        let stored = requests::metadata(&connection, request).map_err(failed)?;
        if workflow_id(&stored) == id {
            let events = events::after(&connection, request, 0).map_err(failed)?;
            let read = |(event, at): &(String, i64)| {
                let at = Timestamp::from_second(*at).unwrap_or(Timestamp::UNIX_EPOCH);
                Some((serde_json::from_str(event).ok()?, at))
            };
            return Ok(events.iter().filter_map(read).collect());
        }
        before = request;
    }
    Ok(Vec::new())
}

/// Opens a database that nobody writes.
pub(crate) fn open(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|error| unreadable(path, error))
}

/// Says why a database cannot be read.
pub(crate) fn unreadable(path: &Path, source: rusqlite::Error) -> Error {
    let name = path.display();
    match source.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            Error::new(
                ErrorKind::InUse,
                format!("database {name} is in use by a server"),
                source,
            )
        }
        _ => Error::new(
            ErrorKind::Database,
            format!("database {name} cannot be read"),
            source,
        ),
    }
}

fn last_before(connection: &Connection, request: i64) -> rusqlite::Result<Option<i64>> {
    connection
        .query_row(
            "SELECT request_id FROM requests WHERE request_id < ?1 ORDER BY request_id DESC LIMIT 1",
            [request],
            |row| row.get(0),
        )
        .optional()
}

/// Returns the id of the workflow of a request.
fn workflow_id(metadata: &str) -> Option<String> {
    let path = [
        "workflow",
        "attributes",
        "template",
        "attributes",
        "internal_id",
    ];
    path.iter()
        .try_fold(metadata, |object, name| raw::member(object, name))
        .map(str::to_owned)
}
