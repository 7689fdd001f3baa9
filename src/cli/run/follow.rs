//! Follows a workflow to its end, and draws how far it is.

use std::pin::pin;
use std::time::{Duration, Instant};

use anyhow::Result;
use idds::client::Client;
use idds::hpo;
use idds::workflow::{RequestId, RequestStatus};
use tokio::time::sleep;

use super::evaluate::Evaluation;
use super::steps::Steps;
use super::table::StepRow;
use crate::cli::live::Live;
use crate::cli::request::cause;
use crate::cli::{App, Exit};

/// Time between two looks at the request.
const SOON: Duration = Duration::from_millis(100);

/// Longest time between two looks at all steps.
const LATE: Duration = Duration::from_secs(5);

/// Of the time that passes, the part that looking at all steps may take, of which there may be thousands: one of so many.
const SHARE: u32 = 10;

/// How a workflow ended, or how far it was when it was left.
pub struct End {
    pub status: RequestStatus,
    pub rows: Vec<StepRow>,
    pub exit: Exit,
}

/// Follows a request until it has ended, the time is over, or the user wants an end; its searches are evaluated meanwhile.
pub async fn to_the_end(
    app: &App,
    client: &Client,
    (request, steps): (RequestId, &Steps),
    evaluation: Option<Evaluation>,
    (timeout, wanted): (Option<Duration>, impl Future<Output = Exit>),
) -> Result<End> {
    let mut live = Live::new(app);
    let (evaluating, stop) = match evaluation.map(Evaluation::split) {
        Some((evaluating, stop)) => (Some(evaluating), Some(stop)),
        None => (None, None),
    };
    let evaluating = async {
        match evaluating {
            Some(evaluating) => evaluating.await,
            None => Ok(()),
        }
    };
    let (mut evaluating, mut wanted) = (pin!(evaluating), pin!(wanted));
    let (mut is_evaluating, began) = (stop.is_some(), Instant::now());
    let mut trouble: Option<hpo::Error> = None;
    let mut next_look = began;
    let exit = loop {
        let look = Instant::now();
        let status = if live.is_shown() && look >= next_look {
            let status = look_at(client, request, steps, &mut live).await?;
            next_look = Instant::now() + (look.elapsed() * SHARE).clamp(SOON, LATE);
            status
        } else {
            let status = status_of(client, request).await?;
            live.tick(status);
            status
        };
        if status.is_terminal() {
            break match status {
                RequestStatus::Finished => Exit::Ok,
                RequestStatus::Suspended => Exit::Failure,
                _ => Exit::RequestFailed,
            };
        }
        if timeout.is_some_and(|timeout| began.elapsed() >= timeout) {
            break Exit::Timeout;
        }
        tokio::select! {
            () = sleep(SOON) => {}
            exit = &mut wanted => break exit,
            ended = &mut evaluating, if is_evaluating => {
                is_evaluating = false;
                if let Err(error) = ended {
                    trouble = Some(error);
                    break Exit::EvaluationFailed;
                }
            }
        }
    };
    if let Some(stop) = stop {
        // It is told that there is no more to do, and ends what it does.
        drop(stop);
        if is_evaluating && let Err(error) = evaluating.await {
            trouble = trouble.or(Some(error));
        }
    }
    let status = look_at(client, request, steps, &mut live).await?;
    let rows = live.end();
    match trouble {
        Some(error) if exit == Exit::EvaluationFailed => Err(crate::cli::hpo::failed(error)),
        _ => Ok(End { status, rows, exit }),
    }
}

async fn status_of(client: &Client, request: RequestId) -> Result<RequestStatus> {
    let rows = client.requests().get(request).await?;
    Ok(rows.first().map_or(RequestStatus::New, |row| row.status))
}

/// Looks how far a request is, and shows it.
async fn look_at(
    client: &Client,
    request: RequestId,
    steps: &Steps,
    live: &mut Live,
) -> Result<RequestStatus> {
    let rows = client.requests().get(request).collections().await?;
    let status = rows
        .first()
        .map_or(RequestStatus::New, |row| row.request.status);
    live.show(status, steps.rows(&rows));
    Ok(status)
}

/// Returns why a request is not Finished, if it is said anywhere.
pub async fn why(client: &Client, request: RequestId) -> Option<String> {
    let told = cause(client, request).await;
    if let Some(told) = told {
        let prefix = format!("request {request} is ");
        let told = told.strip_prefix(&prefix).unwrap_or(&told);
        return Some(
            told.split_once(": ")
                .map_or(told, |(_, why)| why)
                .to_owned(),
        );
    }
    let info = client
        .requests()
        .get(request)
        .await
        .ok()?
        .into_iter()
        .next()?;
    if info.status != RequestStatus::Suspended {
        return None;
    }
    let errors = info.errors?;
    errors
        .get("msg")
        .and_then(|msg| msg.as_str())
        .map(str::to_owned)
}
