//! Why a step of a request has not started, is held, or has failed.

mod facts;
mod words;

use std::path::Path;

use serde::Serialize;

use self::facts::Facts;
use crate::error::Error;
use crate::preview::{open, unreadable};
use crate::store::transforms::TransformRow;

pub(crate) use self::facts::explain;

/// Most steps that one explanation tells of.
const MOST: usize = 10_000;

/// How far each step of a request is, and why it is no further; from [`Explanation::of`], and from `GET /request/explain/{request_id}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// Number of the request.
    pub request_id: i64,
    /// State of the request, such as `Transforming`.
    pub status: String,
    /// Why the request is no further; none where its steps tell.
    pub why: Option<String>,
    /// The steps in the order of the workflow: once for each time that one has started, and those that have not.
    pub steps: Vec<ExplainedStep>,
    /// Number of steps that are left out, as there are too many.
    pub left_out: usize,
}

/// A step in an explanation.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExplainedStep {
    /// Id of the work or sub-workflow in the stored workflow.
    pub id: String,
    /// Its name with those of the workflows around it; ids stand for what has no name.
    pub name: String,
    /// What it runs: the name of its task, or its program with the arguments.
    pub what: Option<String>,
    /// Number of the round of the loop around it, from 1.
    pub round: u32,
    /// Number of its transform; none when it has not started.
    pub transform_id: Option<i64>,
    /// State of its transform, such as `Transforming`; `New` when it has not started.
    pub status: String,
    /// Why it has not started, is held or has failed, or what it waits for, with numbers.
    pub why: String,
}

impl Explanation {
    /// Explains a request of the database of a server that does not run; none when the database has no such request. Nothing is
    /// changed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InUse`](crate::ErrorKind::InUse) when a server has the database open, which answers itself, and
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) when it cannot be read.
    pub fn of(database: &Path, request: i64) -> Result<Option<Self>, Error> {
        let connection = open(database)?;
        let facts =
            Facts::read(&connection, request).map_err(|error| unreadable(database, error))?;
        Ok(facts.map(Facts::explained))
    }
}

/// A transform with what is told of it.
#[derive(Debug)]
struct Begun {
    row: TransformRow,
    run: Option<String>,
    why: String,
}
