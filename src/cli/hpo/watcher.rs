//! Tells on standard error how a search goes.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use idds::client::{Client, Error as ClientError, ErrorKind};
use idds::hpo::{
    Direction, Entry, Observer, Progress, SearchOptions, StudyError, WarmStart, report,
};
use idds::workflow::{AnyWork, Literal, RequestId, Step, printable};

use crate::cli::duration;
use crate::cli::progress::ProgressLine;

/// How long the server may take before people are told what is waited for.
const WAIT: Duration = Duration::from_secs(5);

/// Time after which it is told again that the server fails.
const REMINDER: Duration = Duration::from_secs(60);

/// Follows a search.
pub struct Watcher {
    progress: Arc<ProgressLine>,
    direction: Direction,
    attempts: u32,
    max_points: Arc<OnceLock<u64>>,
    seen: Option<(usize, usize)>,
    waiting: Option<Waiting>,
    /// How long a server that fails is asked again.
    patience: Duration,
    /// When it was told that the server fails.
    unanswered: Option<Instant>,
}

/// Since when nothing is left to do but to wait for the server.
struct Waiting {
    since: Instant,
    is_told: bool,
}

impl Watcher {
    /// Makes one that tells by this about a search with these options.
    pub fn new(
        progress: Arc<ProgressLine>,
        options: &SearchOptions,
        max_points: Arc<OnceLock<u64>>,
    ) -> Self {
        let (direction, attempts) = (options.direction, options.attempts);
        let patience = options.patience;
        Self {
            progress,
            direction,
            attempts,
            max_points,
            seen: None,
            waiting: None,
            patience,
            unanswered: None,
        }
    }

    /// Says what is waited for when it takes long.
    fn wait(&mut self, what: &str) {
        let waiting = self.waiting.get_or_insert_with(|| Waiting {
            since: Instant::now(),
            is_told: false,
        });
        if !waiting.is_told && waiting.since.elapsed() >= WAIT {
            waiting.is_told = true;
            self.progress.log(what);
        }
    }
}

impl Observer for Watcher {
    fn happened(&mut self, entry: &Entry) {
        match entry {
            Entry::Failed {
                point,
                why,
                attempt,
                ..
            } => {
                let (attempt, attempts) = (attempt.unwrap_or(1), self.attempts);
                let of = if attempt <= attempts {
                    format!(" of {attempts}")
                } else {
                    String::new()
                };
                self.progress.line(format_args!(
                    "point {point}, attempt {attempt}{of} failed: {}",
                    printable(why)
                ));
            }
            Entry::Evaluated {
                point,
                loss,
                made_up: Some(_),
                ..
            } => {
                self.progress.line(format_args!(
                    "point {point} could not be evaluated; a made-up loss is reported: {}",
                    report::short(loss.get())
                ));
            }
            Entry::Lost { point, .. } => {
                self.progress.line(format_args!(
                    "the server has lost the loss of point {point}; reporting it again"
                ));
            }
            Entry::LeftOpen { point, .. } => {
                self.progress.line(format_args!(
                    "point {point} is left without a loss; the server proposes no new points until its loss is reported"
                ));
            }
            _ => {}
        }
    }

    fn unwritten(&mut self, error: &StudyError) {
        self.progress.line(format_args!(
            "the Optuna study is not complete: {error}; the journal of the search is, and the next run adds what is missing"
        ));
    }

    fn began(&mut self, warm_start: &WarmStart) {
        match &warm_start.fitted {
            Some(fitted) => {
                let told = fitted.to_string();
                told.lines().for_each(|line| self.progress.line(line));
            }
            None => self.progress.line(format_args!(
                "{} earlier trials count, as the journal says",
                warm_start.trials
            )),
        }
        match warm_start.told {
            Some(told) if told.renewed > 0 => self.progress.line(format_args!(
                "the server proposes its first {} points anew in view of them",
                told.renewed
            )),
            Some(_) => {}
            None => self.progress.line(
                "this server cannot be told of them: its own program proposes the points; a steering program takes them with `idds hpo steer --from`",
            ),
        }
    }

    fn progress(&mut self, standing: &Progress) {
        let Progress {
            status,
            points,
            evaluated,
            running,
            best,
            ..
        } = *standing;
        let best = best
            .map(|loss| format!(", best {}", report::short(self.direction.value(loss))))
            .unwrap_or_default();
        let total = self
            .max_points
            .get()
            .copied()
            .unwrap_or_default()
            .max(points as u64);
        let is_busy = running > 0 || status.is_terminal();
        let waits = if is_busy {
            None
        } else {
            awaited(points, evaluated, self.max_points.get().copied())
        };
        match &waits {
            Some(what) => self.progress.state(format_args!("{status}, {what}{best}")),
            None => self
                .progress
                .state(format_args!("{status}, {running} running{best}")),
        }
        self.progress.counts(evaluated as u64, total);
        if points > 0 && self.seen.replace((points, evaluated)) != Some((points, evaluated)) {
            self.progress.log(format_args!(
                "{evaluated} of {total} points evaluated, {running} running{best}"
            ));
        }
        match waits {
            Some(what) => self.wait(&what),
            None => self.waiting = None,
        }
    }

    fn unanswered(&mut self, error: &ClientError) {
        // Of what ends the search at once the error tells.
        let may_pass = matches!(
            error.kind(),
            ErrorKind::Connect
                | ErrorKind::Timeout
                | ErrorKind::Interrupted
                | ErrorKind::Unavailable
                | ErrorKind::Refused
        );
        if may_pass
            && self
                .unanswered
                .is_none_or(|told| told.elapsed() >= REMINDER)
        {
            self.unanswered = Some(Instant::now());
            let again = match error.kind() {
                ErrorKind::Refused => "trying again a few times".to_owned(),
                _ => format!(
                    "trying again, for at most {}",
                    duration::shown(self.patience)
                ),
            };
            self.progress.line(format_args!("{error}\n  {again}"));
        }
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").finish_non_exhaustive()
    }
}

/// Says what a search waits for that has nothing to evaluate; none when points are left.
fn awaited(points: usize, evaluated: usize, max_points: Option<u64>) -> Option<String> {
    match points {
        0 => Some("waiting for the server to propose the first points".to_owned()),
        _ if evaluated < points => None,
        _ if max_points.is_some_and(|count| count <= points as u64) => Some(format!(
            "waiting for the server to end the search; all {points} points are evaluated"
        )),
        _ => Some(format!(
            "waiting for the server to propose the next points; all {points} are evaluated"
        )),
    }
}

/// Asks the server for the workflow, and returns how many points its search will have; none when it has not one search, or its
/// workflow cannot be read.
pub async fn max_points(client: Client, request: RequestId) -> Option<u64> {
    let stored = client.requests().get(request).metadata().await.ok()?;
    let workflow = stored.first()?.decode().ok()?.workflow;
    let mut searches = workflow.steps().filter_map(|(_, step)| match step {
        Step::Work(AnyWork::ATLASHPOWork(search)) => Some(search),
        _ => None,
    });
    let search = searches.next()?;
    if searches.next().is_some() {
        None
    } else {
        search.max_points().and_then(Literal::as_u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_is_waited_for_is_said() {
        let said = |points, evaluated| awaited(points, evaluated, Some(20)).unwrap_or_default();
        assert_eq!(
            said(0, 0),
            "waiting for the server to propose the first points"
        );
        assert_eq!(said(10, 9), "");
        assert_eq!(
            said(10, 10),
            "waiting for the server to propose the next points; all 10 are evaluated"
        );
        assert_eq!(
            said(20, 20),
            "waiting for the server to end the search; all 20 points are evaluated"
        );
        assert_eq!(awaited(20, 20, None), awaited(20, 20, Some(40)));
    }
}
