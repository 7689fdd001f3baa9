//! Follows a request until it has ended.

use std::pin::pin;
use std::time::Duration;

use anyhow::Result;
use futures::TryStreamExt;
use idds::client::Client;
use idds::workflow::{RequestId, RequestStatus};
use tokio::time::{MissedTickBehavior, interval};

use super::{RequestRow, cause};
use crate::cli::progress::ProgressLine;
use crate::cli::{App, Exit};

/// For how long a request is followed, and how closely.
#[derive(Clone, Copy, Debug)]
pub struct Follow {
    /// Time between two looks.
    pub interval: Duration,
    /// For how long; until it ends by default.
    pub timeout: Option<Duration>,
}

/// How it ended.
#[derive(Debug)]
pub struct Followed {
    /// The request as it was last seen; none when it was not seen at all.
    pub last: Option<RequestRow>,
    /// The code that says so.
    pub exit: Exit,
}

/// Follows a request until it has ended, the time is over, or the user has enough, and calls `seen` for each of its states.
pub async fn follow(
    app: &App,
    client: &Client,
    request: RequestId,
    how: Follow,
    progress: &ProgressLine,
    mut seen: impl FnMut(&RequestRow) -> Result<()>,
) -> Result<Followed> {
    let mut interrupted = pin!(app.interrupt.wanted());
    let mut counting = pin!(count(client, request, how.interval, progress));
    let mut watch = client.requests().watch(request).interval(how.interval);
    if let Some(timeout) = how.timeout {
        watch = watch.timeout(timeout);
    }
    let mut last: Option<RequestRow> = None;
    loop {
        let state = tokio::select! {
            state = watch.try_next() => state?,
            () = &mut counting => None,
            exit = &mut interrupted => {
                progress.line(format_args!(
                    "request {request} continues: `idds request watch {request}` follows it, `idds request abort {request}` ends it"
                ));
                return Ok(Followed { last, exit });
            }
        };
        let Some(info) = state else { break };
        let row = RequestRow::from(info);
        progress.state(&row.status);
        seen(&row)?;
        last = Some(row);
    }
    let exit = match &last {
        Some(row) if RequestStatus::from_name(&row.status) == Some(RequestStatus::Finished) => {
            Exit::Ok
        }
        Some(row) if row.is_terminal => {
            if let Some(cause) = cause(client, request).await {
                progress.line(cause);
            }
            if RequestStatus::from_name(&row.status) == Some(RequestStatus::Suspended) {
                progress.line(format_args!(
                    "request {request} is suspended and makes no new points: `idds request resume {request}` continues it"
                ));
            }
            Exit::RequestFailed
        }
        _ => {
            let status = last.as_ref().map_or("not seen", |row| &row.status);
            progress.line(format_args!(
                "request {request} has not ended in time; it is {status}"
            ));
            Exit::Timeout
        }
    };
    Ok(Followed { last, exit })
}

/// Keeps telling how much of a request is done, and says once when it is a search whose points nobody evaluates; does not end.
async fn count(client: &Client, request: RequestId, period: Duration, progress: &ProgressLine) {
    // Twice as many calls in the log would tell nothing that the watch does not.
    let client = &client.without_retries();
    let mut ticks = interval(period.max(Duration::from_millis(100)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_told = false;
    loop {
        ticks.tick().await;
        // That it could not be counted shows in the counts staying as they are; the watch tells of lasting trouble.
        let Ok(rows) = client.requests().status_report(request).detailed().await else {
            continue;
        };
        let sum = |count: fn(&_) -> Option<i64>| {
            rows.iter()
                .filter_map(count)
                .filter_map(|it| u64::try_from(it).ok())
                .sum()
        };
        let (done, total): (u64, u64) =
            (sum(|row| row.processed_files), sum(|row| row.total_files));
        progress.counts(done, total);
        if done < total && !is_told {
            is_told = tell_of_points(client, request, progress).await;
        }
    }
}

/// Says that points wait for an evaluation, if any do and none has been evaluated, and by what it is done.
async fn tell_of_points(client: &Client, request: RequestId, progress: &ProgressLine) -> bool {
    let Ok(points) = client.hpo().get(request).await else {
        return false;
    };
    let open = points.iter().filter(|point| point.loss.is_none()).count();
    if open == 0 {
        return false;
    }
    // Where there are losses, somebody evaluates.
    if open == points.len() {
        let waits = if open == 1 {
            "1 point waits".to_owned()
        } else {
            format!("{open} points wait")
        };
        progress.line(format_args!(
            "{waits} for a loss: `idds hpo run {request} -- ./train.sh` evaluates them, if nothing does yet"
        ));
    }
    true
}
