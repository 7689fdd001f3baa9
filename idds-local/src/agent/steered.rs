//! Searches whose points a steering program proposes: a job for each generation, and the end of them.

use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::json;

use super::{Inner, Step};
use crate::state::{Stage, Steered};
use crate::store::{StoreError, attempts, jobs, points, transforms};

/// What comes next in a search.
enum Next {
    /// A loss of a point, or the end of the steering program.
    Wait,
    /// The steering program is asked for points: which generation it is, and how many.
    Ask { generation: i64, count: u64 },
    /// The search ends; with this message if something went wrong.
    End(Stage, Option<String>),
}

impl Inner {
    /// Has points proposed that a search lacks, or ends it.
    pub(super) async fn propose(
        &self,
        step: &Step,
        (request, transform): (i64, i64),
        steered: &Steered,
    ) -> Result<(), StoreError> {
        let due = step.due;
        let read = move |connection: &mut Connection| {
            Ok((
                points::tally(connection, transform)?,
                jobs::last_steering(connection, transform)?,
                transforms::history(connection, transform)?,
            ))
        };
        let (tally, last, history) = self.store.call(read).await?;
        let known = i64::from(tally.open) + i64::from(tally.evaluated);
        let wanted = steered.wanted(tally.evaluated.into());
        let next = match &last {
            _ if tally.open > 0 => Next::Wait,
            Some(last) if last.is_open => Next::Wait,
            Some(last) if last.is_failed => {
                let ending = last.ending.clone().unwrap_or_default();
                let told = format!("its steering program failed: {ending}");
                Next::End(Stage::Failed, Some(told))
            }
            _ if wanted == 0 => Next::End(Stage::Finished, None),
            // As the documentation says: no points end the search.
            Some(_) if known == history && known > 0 => Next::End(Stage::Finished, None),
            Some(_) if known == history => Next::End(
                Stage::Failed,
                Some("its steering program proposed no point".to_owned()),
            ),
            last => Next::Ask {
                generation: last.as_ref().map_or(0, |last| last.generation) + 1,
                count: wanted,
            },
        };
        match next {
            Next::Wait => {
                self.store
                    .call(move |connection| attempts::release(connection, due))
                    .await
            }
            Next::End(stage, told) => {
                let errors = told.map(|told| json!({ "msg": told }).to_string());
                self.end(step, (request, transform), stage, errors).await
            }
            Next::Ask { generation, count } => {
                tracing::info!(
                    "transform {transform} asks its steering program for {count} points: {} of {} have a loss",
                    tally.evaluated,
                    steered.max_points
                );
                let command = steered.command(count);
                let ask = move |connection: &mut Connection| {
                    let now = Timestamp::now().as_second();
                    let transaction = connection.transaction()?;
                    attempts::release(&transaction, due)?;
                    if transforms::is_in(&transaction, transform, Stage::Transforming)? {
                        let known = usize::try_from(known).unwrap_or(0);
                        transforms::set_history(&transaction, transform, known)?;
                        jobs::insert_steering(
                            &transaction,
                            (request, transform),
                            generation,
                            &command,
                            now,
                        )?;
                    }
                    transaction.commit()
                };
                self.store.call(ask).await?;
                self.wake.notify_one();
                Ok(())
            }
        }
    }
}
