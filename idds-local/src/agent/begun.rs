//! Works that begin.

use idds_sampler::{Steering, Trial};
use rusqlite::Connection;

use super::WORKFLOW;
use crate::engine::flow::RunKey;
use crate::identity::Rules;
use crate::plan::{SLICE, Work};
use crate::planning::QUICK_WORK;
use crate::state::{Run, Stage};
use crate::store::transforms::NewTransform;
use crate::store::{earlier, files, jobs, points, transforms};

/// A work that begins, with its first points.
#[derive(Debug)]
pub(super) struct Begun {
    run: RunKey,
    work: Work,
    trials: Vec<Trial>,
    /// First points that are still to be made.
    lacking: u64,
}

/// How much is made at once of the first points of works.
#[derive(Debug)]
pub(super) struct Quick {
    weight: u64,
    work_left: f64,
}

impl Default for Quick {
    fn default() -> Self {
        Self {
            weight: 0,
            work_left: QUICK_WORK,
        }
    }
}

impl Begun {
    /// Makes the first points of a work, as far as that is quick.
    pub(super) fn new(run: RunKey, work: Work, steering: &Steering, quick: &mut Quick) -> Self {
        let (mut trials, mut lacking) = (Vec::new(), 0);
        if let Run::Steered(_) = &work.run {
            trials.clone_from(&work.initial);
        }
        if let Run::Search(search) | Run::Stalls(search) = &work.run {
            (trials, lacking) = search.start(work.initial.clone());
            quick.weight += search.weight().saturating_mul(lacking);
            quick.work_left -= steering.work(&search.opt_space, &trials, lacking as usize);
            if quick.weight <= SLICE && quick.work_left >= 0.0 {
                let points = search.propose(steering, &trials, lacking);
                trials.extend(points.into_iter().map(|point| Trial { point, loss: None }));
                lacking = 0;
            }
        }
        Self {
            run,
            work,
            trials,
            lacking,
        }
    }

    /// Stores the work, unless it has begun already.
    pub(super) fn store(
        self,
        connection: &Connection,
        (request, workload_id): (i64, Option<i64>),
        rules: Rules,
        now: i64,
    ) -> rusqlite::Result<()> {
        let Self {
            run,
            work,
            trials,
            lacking,
        } = self;
        if transforms::of_run(connection, request, run.as_str())?.is_some() {
            return Ok(());
        }
        let known = work
            .initial
            .iter()
            .filter(|trial| trial.loss.is_some())
            .count();
        let search = serde_json::to_string(&work.run)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        let transform = NewTransform {
            workload_id,
            name: Some(work.name),
            status: Stage::Transforming.code(),
            processing_status: Some(Stage::Transforming.processing()),
            internal_id: Some(work.id),
            input: work.input,
            output: work.output,
            metadata: work.metadata,
            search: Some(search),
            run_key: Some(run.as_str().to_owned()),
            ..NewTransform::new(request, WORKFLOW)
        };
        let transform = transforms::insert(connection, &transform, now)?;
        points::insert(connection, (request, transform), &trials, rules, now)?;
        jobs::insert(
            connection,
            (request, transform),
            &work.task,
            &work.jobs,
            now,
        )?;
        if let Run::Copy(_) | Run::Follow(_) = &work.run {
            files::ask(connection, transform, now)?;
        }
        transforms::set_lacking(connection, transform, lacking)?;
        transforms::set_due(connection, transform)?;
        transforms::set_history(connection, transform, known)?;
        // Points that the user has given are not replaced by others.
        if work.initial.len() == known {
            earlier::made(connection, transform)?;
            earlier::renew(connection, request)?;
        }
        Ok(())
    }
}
