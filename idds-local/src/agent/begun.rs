//! Works that begin.

use idds_sampler::{Steering, Trial};
use rusqlite::Connection;

use super::WORKFLOW;
use crate::flow::Stages;
use crate::identity::Rules;
use crate::plan::{Plan, SLICE, Work};
use crate::planning::QUICK_WORK;
use crate::state::{Run, Stage};
use crate::store::transforms::NewTransform;
use crate::store::{points, transforms};

/// A work that begins, with its first points.
pub(super) struct Begun {
    work: Work,
    trials: Vec<Trial>,
    /// First points that are still to be made.
    lacking: u64,
}

/// Makes the first points of the works that can start, as far as that is quick.
pub(super) fn begun(
    plan: &Plan,
    stages: &Stages,
    steering: &Steering,
) -> Result<Vec<Begun>, String> {
    let (mut weight, mut work_left) = (0, QUICK_WORK);
    let begin = |work: Work| {
        let (mut trials, mut lacking) = (Vec::new(), 0);
        if let Run::Search(search) | Run::Stalls(search) = &work.run {
            (trials, lacking) = search.start(work.initial.clone());
            weight += search.weight().saturating_mul(lacking);
            work_left -= steering.work(&search.opt_space, &trials, lacking as usize);
            if weight <= SLICE && work_left >= 0.0 {
                let points = search.propose(steering, &trials, lacking);
                trials.extend(points.into_iter().map(|point| Trial { point, loss: None }));
                lacking = 0;
            }
        }
        Begun {
            work,
            trials,
            lacking,
        }
    };
    let works = if stages.is_empty() {
        plan.begin()?
    } else {
        plan.due(stages)?
    };
    Ok(works.into_iter().map(begin).collect())
}

impl Begun {
    pub(super) fn store(
        self,
        connection: &Connection,
        (request, workload_id): (i64, Option<i64>),
        rules: Rules,
        now: i64,
    ) -> rusqlite::Result<()> {
        let Self {
            work,
            trials,
            lacking,
        } = self;
        let known = work
            .initial
            .iter()
            .filter(|trial| trial.loss.is_some())
            .count();
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
        transforms::set_lacking(connection, transform, lacking)?;
        transforms::set_due(connection, transform)?;
        transforms::set_history(connection, transform, known)
    }
}
