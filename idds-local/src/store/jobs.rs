//! Jobs of works in the database; the server calls their inputs and outputs contents.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::transforms;
use crate::state::{Content, Tally};

/// How far a job is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum JobStage {
    /// It waits for outputs of others.
    Waiting = 0,
    /// It can be started.
    Ready = 1,
    /// An attempt of it runs.
    Running = 2,
    /// Nothing comes of it any more.
    Done = 3,
}

/// A job that is stored.
#[derive(Clone, Debug)]
pub(crate) struct NewJob {
    pub(crate) name: String,
    pub(crate) command: String,
    /// Outputs that it waits for: the name of a task, and that of its job.
    pub(crate) after: Vec<(String, String)>,
}

/// A job whose attempt can be started, or runs.
#[derive(Clone, Debug)]
pub(crate) struct JobRow {
    pub(crate) job_id: i64,
    pub(crate) request_id: i64,
    pub(crate) transform_id: i64,
    pub(crate) number: i64,
    pub(crate) name: String,
    pub(crate) command: String,
    /// Attempts that were begun.
    pub(crate) attempts: u32,
    /// Those that count.
    pub(crate) tries: u32,
}

/// What became of an attempt.
#[derive(Clone, Debug)]
pub(crate) enum Attempted {
    /// Its output is there.
    Done,
    /// It has failed; the job is tried again unless that was the last time.
    Failed {
        /// In words.
        how: String,
        /// Whether it was the last time.
        is_final: bool,
    },
    /// The machine has failed it, which says nothing about the job.
    Lost {
        /// In words.
        how: String,
    },
}

/// Stores the jobs of a work. Those that wait for nothing, or for what is there, can be started then.
pub(crate) fn insert(
    connection: &Connection,
    (request, transform): (i64, i64),
    task: &str,
    jobs: &[NewJob],
    now: i64,
) -> rusqlite::Result<()> {
    number_together(connection)?;
    let sql = "INSERT INTO jobs (request_id, transform_id, number, name, task, command, stage, input, output, waits,
                                 created_at, updated_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, ?10)";
    let mut insert = connection.prepare_cached(sql)?;
    let sql = "INSERT INTO dependencies (request_id, task, name, job_id) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO NOTHING";
    let mut depend = connection.prepare_cached(sql)?;
    let mut waiting = false;
    for (number, job) in (1_i64..).zip(jobs) {
        let (stage, input) = match job.after.is_empty() {
            true => (JobStage::Ready, Content::Available),
            false => (JobStage::Waiting, Content::New),
        };
        let id = insert.insert(params![
            request,
            transform,
            number,
            job.name,
            task,
            job.command,
            stage as i64,
            input.code(),
            job.after.len() as i64,
            now
        ])?;
        waiting |= !job.after.is_empty();
        for (task, name) in &job.after {
            depend.execute(params![request, task, name, id])?;
        }
    }
    number_together(connection)?;
    if waiting {
        count_waits(connection, request, now)?;
    }
    transforms::set_due(connection, transform)
}

/// A job of a search that proposes points. It is no content, so that its number is negative: that of the generation.
#[derive(Debug)]
pub(crate) struct SteeringJob {
    /// Number of the generation, from 1.
    pub(crate) generation: i64,
    /// Whether it waits for room, or runs.
    pub(crate) is_open: bool,
    /// Whether it has failed for good.
    pub(crate) is_failed: bool,
    /// How its last attempt ended, in words.
    pub(crate) ending: Option<String>,
}

/// Stores the job that proposes the points of a generation. It can be started then.
pub(crate) fn insert_steering(
    connection: &Connection,
    (request, transform): (i64, i64),
    generation: i64,
    command: &str,
    now: i64,
) -> rusqlite::Result<()> {
    number_together(connection)?;
    let sql = "INSERT INTO jobs (request_id, transform_id, number, name, task, command, stage, input, output, waits,
                                 created_at, updated_at)
               VALUES (?1, ?2, ?3, ?4, '', ?5, 1, 2, 0, 0, ?6, ?6)";
    connection.prepare_cached(sql)?.execute(params![
        request,
        transform,
        -generation,
        format!("steering_{generation}"),
        command,
        now
    ])?;
    number_together(connection)?;
    transforms::set_due(connection, transform)
}

/// Returns the last job of a search that proposes points.
pub(crate) fn last_steering(
    connection: &Connection,
    transform: i64,
) -> rusqlite::Result<Option<SteeringJob>> {
    let sql = "SELECT number, stage < 3, output = 4, ending FROM jobs WHERE transform_id = ?1 AND number < 0
               ORDER BY number LIMIT 1";
    let read = |row: &Row<'_>| {
        Ok(SteeringJob {
            generation: -row.get::<_, i64>(0)?,
            is_open: row.get(1)?,
            is_failed: row.get(2)?,
            ending: row.get(3)?,
        })
    };
    connection
        .prepare_cached(sql)?
        .query_row([transform], read)
        .optional()
}

/// Has the next content get a number that none has had, be it a point, a job or a file.
pub(crate) fn number_together(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "UPDATE sqlite_sequence
               SET seq = (SELECT max(seq) FROM sqlite_sequence WHERE name IN ('contents', 'jobs', 'files'))
               WHERE name IN ('contents', 'jobs', 'files')";
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// Counts what each waiting job of a request still waits for, and lets those go on that wait for nothing more.
///
/// Of several jobs of one name, which the rounds of a loop have, the last one counts.
pub(crate) fn count_waits(connection: &Connection, request: i64, now: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE jobs SET waits = (
                   SELECT count(*) FROM dependencies d WHERE d.job_id = jobs.job_id AND NOT EXISTS (
                       SELECT 1 FROM jobs o WHERE o.request_id = d.request_id AND o.task = d.task AND o.name = d.name
                           AND o.stage = 3 AND o.job_id = (
                           SELECT max(l.job_id) FROM jobs l
                           WHERE l.request_id = d.request_id AND l.task = d.task AND l.name = d.name)))
               WHERE request_id = ?1 AND stage = 0 RETURNING job_id, waits";
    let counted: Vec<(i64, i64)> = connection
        .prepare_cached(sql)?
        .query_map([request], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let ready = counted.into_iter().filter(|(_, waits)| *waits <= 0);
    review(connection, ready.map(|(job, _)| job).collect(), now)
}

/// Decides what becomes of jobs that wait for nothing more: they can be started when all that they waited for is there, and are
/// missing otherwise, as is what waits for them.
fn review(connection: &Connection, mut jobs: Vec<i64>, now: i64) -> rusqlite::Result<()> {
    let lacks = "SELECT EXISTS (
                     SELECT 1 FROM dependencies d WHERE d.job_id = ?1 AND NOT EXISTS (
                         SELECT 1 FROM jobs o WHERE o.request_id = d.request_id AND o.task = d.task AND o.name = d.name
                             AND o.output IN (2, 8) AND o.job_id = (
                             SELECT max(l.job_id) FROM jobs l
                             WHERE l.request_id = d.request_id AND l.task = d.task AND l.name = d.name)))";
    let release =
        "UPDATE jobs SET stage = 1, input = 2, updated_at = ?2 WHERE job_id = ?1 AND stage = 0";
    let prune = "UPDATE jobs SET stage = 3, input = 9, output = 9, updated_at = ?2,
                     ending = 'what it waits for was not made'
                 WHERE job_id = ?1 AND stage = 0";
    while let Some(job) = jobs.pop() {
        let lacks: bool = connection
            .prepare_cached(lacks)?
            .query_row([job], |row| row.get(0))?;
        if !lacks {
            connection.prepare_cached(release)?.execute([job, now])?;
        } else if connection.prepare_cached(prune)?.execute([job, now])? > 0 {
            transforms::set_due(connection, transform_of(connection, job)?)?;
            jobs.extend(tell_waiting(connection, job)?);
        }
    }
    Ok(())
}

fn transform_of(connection: &Connection, job: i64) -> rusqlite::Result<i64> {
    let sql = "SELECT transform_id FROM jobs WHERE job_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([job], |row| row.get(0))
}

/// Tells the jobs that wait for this one that it is done for, and returns those that wait for nothing more.
fn tell_waiting(connection: &Connection, job: i64) -> rusqlite::Result<Vec<i64>> {
    let sql = "UPDATE jobs SET waits = waits - 1
               WHERE stage = 0 AND job_id IN (
                   SELECT d.job_id FROM dependencies d JOIN jobs o ON o.request_id = d.request_id AND o.task = d.task
                       AND o.name = d.name WHERE o.job_id = ?1)
               RETURNING job_id, waits";
    let told: Vec<(i64, i64)> = connection
        .prepare_cached(sql)?
        .query_map([job], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let free = told.into_iter().filter(|(_, waits)| *waits <= 0);
    Ok(free.map(|(job, _)| job).collect())
}

const COLUMNS: &str = "job_id, request_id, transform_id, number, name, command, attempts, tries";

fn read(row: &Row<'_>) -> rusqlite::Result<JobRow> {
    Ok(JobRow {
        job_id: row.get(0)?,
        request_id: row.get(1)?,
        transform_id: row.get(2)?,
        number: row.get(3)?,
        name: row.get(4)?,
        command: row.get(5)?,
        attempts: row.get(6)?,
        tries: row.get(7)?,
    })
}

/// Returns jobs that can be started, after the one with this number, as many as are asked for at most.
pub(crate) fn ready(
    connection: &Connection,
    after: i64,
    most: usize,
) -> rusqlite::Result<Vec<JobRow>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM jobs
         WHERE stage = 1 AND job_id > ?1
             AND (SELECT status FROM transforms WHERE transforms.transform_id = jobs.transform_id) = 2
         ORDER BY job_id LIMIT ?2"
    );
    connection
        .prepare_cached(&sql)?
        .query_map(params![after, most as i64], read)?
        .collect()
}

/// Returns the jobs of which an attempt runs.
pub(crate) fn running(connection: &Connection) -> rusqlite::Result<Vec<JobRow>> {
    // A number that is bound would keep the index of running jobs from being used.
    let running = JobStage::Running as i64;
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE stage = {running} ORDER BY job_id");
    connection
        .prepare_cached(&sql)?
        .query_map([], read)?
        .collect()
}

/// Returns the jobs of which an attempt was begun, though their works are held now.
pub(crate) fn held(connection: &Connection) -> rusqlite::Result<Vec<(i64, u32)>> {
    let running = JobStage::Running as i64;
    let sql = format!(
        "SELECT job_id, attempts FROM jobs WHERE stage = {running}
             AND (SELECT status FROM transforms WHERE transforms.transform_id = jobs.transform_id) = 12"
    );
    connection
        .prepare_cached(&sql)?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Notes that an attempt of a job begins, before it does; returns its number, and that among those that count, if it may.
pub(crate) fn begin(
    connection: &Connection,
    job: i64,
    now: i64,
) -> rusqlite::Result<Option<(u32, u32)>> {
    let sql = "UPDATE jobs SET stage = 2, output = 11, attempts = attempts + 1, tries = tries + 1, updated_at = ?2
               WHERE job_id = ?1 AND stage = 1
                   AND (SELECT status FROM transforms WHERE transforms.transform_id = jobs.transform_id) = 2
               RETURNING attempts, tries";
    connection
        .prepare_cached(sql)?
        .query_row([job, now], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Notes that the attempt of a job runs.
pub(crate) fn set_processing(
    connection: &Connection,
    job: i64,
    attempt: u32,
    now: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE jobs SET output = 1, updated_at = ?3 WHERE job_id = ?1 AND attempts = ?2 AND stage = 2";
    connection
        .prepare_cached(sql)?
        .execute(params![job, attempt, now])?;
    Ok(())
}

/// Notes what became of the attempt of a job that ran; nothing when another one runs, or none.
pub(crate) fn end(
    connection: &Connection,
    job: &JobRow,
    attempted: &Attempted,
    now: i64,
) -> rusqlite::Result<()> {
    let (stage, output, tries, how) = match attempted {
        Attempted::Done => (JobStage::Done, Content::Available, 0, None),
        Attempted::Failed {
            how,
            is_final: true,
        } => (JobStage::Done, Content::FinalFailed, 0, Some(how)),
        Attempted::Failed { how, .. } => (JobStage::Ready, Content::Failed, 0, Some(how)),
        Attempted::Lost { how } => (JobStage::Ready, Content::New, 1, Some(how)),
    };
    let sql =
        "UPDATE jobs SET stage = ?3, output = ?4, tries = tries - ?5, ending = ?6, updated_at = ?7
               WHERE job_id = ?1 AND stage = 2 AND attempts = ?2";
    let changed = connection.prepare_cached(sql)?.execute(params![
        job.job_id,
        job.attempts,
        stage as i64,
        output.code(),
        tries,
        how,
        now
    ])?;
    if changed == 0 || stage != JobStage::Done {
        return Ok(());
    }
    let free = tell_waiting(connection, job.job_id)?;
    review(connection, free, now)?;
    // The row of the transform is written once, not with each of its jobs.
    match has_open(connection, job.transform_id)? {
        true => Ok(()),
        false => transforms::set_due(connection, job.transform_id),
    }
}

/// Tells whether a transform has jobs that are not done for.
pub(crate) fn has_open(connection: &Connection, transform: i64) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM jobs WHERE transform_id = ?1 AND stage < 3)";
    connection
        .prepare_cached(sql)?
        .query_row([transform], |row| row.get(0))
}

/// Ends the jobs of a transform that are not done for: as missing, or as if they were done.
pub(crate) fn close(
    connection: &Connection,
    transform: i64,
    is_forced: bool,
    now: i64,
) -> rusqlite::Result<()> {
    let output = if is_forced {
        Content::FakeAvailable
    } else {
        Content::Missing
    };
    let sql =
        "UPDATE jobs SET stage = 3, output = ?2, updated_at = ?3, ending = 'the work was ended'
               WHERE transform_id = ?1 AND stage < 3";
    connection
        .prepare_cached(sql)?
        .execute(params![transform, output.code(), now])?;
    if is_forced {
        let sql = "UPDATE jobs SET output = ?2, updated_at = ?3 WHERE transform_id = ?1 AND output NOT IN (2, 8)";
        connection
            .prepare_cached(sql)?
            .execute(params![transform, output.code(), now])?;
    }
    Ok(())
}

/// Lets the jobs of a transform be tried again that are done for without an output.
pub(crate) fn reopen(
    connection: &Connection,
    (request, transform): (i64, i64),
    now: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE jobs
               SET tries = 0, output = 0, ending = NULL, updated_at = ?2,
                   stage = CASE WHEN EXISTS (SELECT 1 FROM dependencies d WHERE d.job_id = jobs.job_id) THEN 0 ELSE 1 END,
                   input = CASE WHEN EXISTS (SELECT 1 FROM dependencies d WHERE d.job_id = jobs.job_id) THEN 0 ELSE 2 END
               WHERE transform_id = ?1 AND stage = 3 AND output NOT IN (2, 8)";
    connection
        .prepare_cached(sql)?
        .execute(params![transform, now])?;
    count_waits(connection, request, now)?;
    transforms::set_due(connection, transform)
}

/// Ends the jobs of a request that wait for what nobody makes any more: nothing of it can be started or runs. Returns how many.
pub(crate) fn prune(connection: &Connection, request: i64, now: i64) -> rusqlite::Result<usize> {
    let moves = "SELECT EXISTS (SELECT 1 FROM jobs WHERE request_id = ?1 AND stage IN (1, 2))";
    let moves: bool = connection
        .prepare_cached(moves)?
        .query_row([request], |row| row.get(0))?;
    if moves {
        return Ok(0);
    }
    let sql = "UPDATE jobs SET stage = 3, input = 9, output = 9, updated_at = ?2,
                   ending = 'nobody makes what it waits for'
               WHERE request_id = ?1 AND stage = 0 RETURNING transform_id";
    let pruned: Vec<i64> = connection
        .prepare_cached(sql)?
        .query_map([request, now], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let count = pruned.len();
    let transforms: std::collections::BTreeSet<_> = pruned.into_iter().collect();
    for transform in transforms {
        transforms::set_due(connection, transform)?;
    }
    Ok(count)
}

/// Counts the jobs of a transform by the state of their outputs.
pub(crate) fn tally(connection: &Connection, transform: i64) -> rusqlite::Result<Tally> {
    let sql = "SELECT output, count(*), ifnull(sum(bytes), 0) FROM jobs WHERE transform_id = ?1 AND number > 0 GROUP BY output";
    let mut tally = Tally::default();
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([transform])?;
    while let Some(row) = rows.next()? {
        tally.add(Content::of(row.get(0)?), row.get(1)?, row.get(2)?);
    }
    Ok(tally)
}

/// Returns how many jobs of a transform are in a stage.
pub(crate) fn count(
    connection: &Connection,
    transform: i64,
    stage: JobStage,
) -> rusqlite::Result<i64> {
    let sql = "SELECT count(*) FROM jobs WHERE transform_id = ?1 AND stage = ?2";
    connection
        .prepare_cached(sql)?
        .query_row(params![transform, stage as i64], |row| row.get(0))
}

/// Returns the tasks whose outputs the waiting jobs of a transform wait for, as many as are asked for at most: how many of these
/// outputs are there, and how many there are to be.
pub(crate) fn awaited(
    connection: &Connection,
    transform: i64,
    most: usize,
) -> rusqlite::Result<Vec<(String, i64, i64)>> {
    let sql = "SELECT task, count(*) FILTER (WHERE is_there), count(*) FROM (
                   SELECT DISTINCT d.task, d.name, EXISTS (
                       SELECT 1 FROM jobs o WHERE o.request_id = d.request_id AND o.task = d.task AND o.name = d.name
                           AND o.output IN (2, 8)) AS is_there
                   FROM jobs j JOIN dependencies d ON d.job_id = j.job_id WHERE j.transform_id = ?1 AND j.stage = 0)
               GROUP BY task ORDER BY task LIMIT ?2";
    connection
        .prepare_cached(sql)?
        .query_map(params![transform, most as i64], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect()
}

/// A job whose last attempt failed.
#[derive(Debug)]
pub(crate) struct FailedJob {
    pub(crate) name: String,
    pub(crate) attempts: u32,
    /// In words.
    pub(crate) how: String,
    /// Whether it is not tried again.
    pub(crate) is_final: bool,
}

/// Returns jobs of a transform whose last attempt failed, some of them.
pub(crate) fn failed(
    connection: &Connection,
    transform: i64,
    most: usize,
) -> rusqlite::Result<Vec<FailedJob>> {
    let sql = "SELECT name, attempts, ifnull(ending, ''), output = 4 FROM jobs
               WHERE transform_id = ?1 AND output IN (3, 4) ORDER BY number LIMIT ?2";
    let read = |row: &Row<'_>| {
        Ok(FailedJob {
            name: row.get(0)?,
            attempts: row.get(1)?,
            how: row.get(2)?,
            is_final: row.get(3)?,
        })
    };
    connection
        .prepare_cached(sql)?
        .query_map(params![transform, most as i64], read)?
        .collect()
}

/// Returns how the jobs of a transform ended that failed for good, some of them.
pub(crate) fn endings(
    connection: &Connection,
    transform: i64,
    most: usize,
) -> rusqlite::Result<Vec<(String, String)>> {
    let sql = "SELECT name, ending FROM jobs WHERE transform_id = ?1 AND output = 4 AND ending IS NOT NULL
               ORDER BY number LIMIT ?2";
    connection
        .prepare_cached(sql)?
        .query_map(params![transform, most as i64], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect()
}
