mod ends;
mod failures;
mod lost;
mod polls;
mod repeats;
mod reports;
mod resumed;
mod stragglers;

use std::collections::{BTreeMap, HashMap};

use idds_client::HyperParameters;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::OnFailure;

const SECOND: Duration = Duration::from_secs(1);

fn seconds(count: f64) -> Duration {
    Duration::from_secs_f64(count)
}

pub(super) fn points(losses: &[Option<f64>]) -> Vec<HyperParameters> {
    let points: Vec<_> = (1..)
        .zip(losses)
        .map(|(id, loss)| json!({"id": id.to_string(), "parameters": {"x": id}, "loss": loss}))
        .collect();
    serde_json::from_value(json!(points)).expect("points")
}

fn polled(losses: &[Option<f64>]) -> SearchEvent {
    SearchEvent::Polled {
        status: RequestStatus::Transforming,
        points: points(losses),
        mine: None,
    }
}

fn evaluated(id: &str, outcome: Result<f64, &str>) -> SearchEvent {
    evaluated_again(id, 1, outcome)
}

fn evaluated_again(id: &str, attempt: u32, outcome: Result<f64, &str>) -> SearchEvent {
    SearchEvent::Evaluated {
        id: id.into(),
        attempt,
        outcome: outcome.map_err(Failure::point),
    }
}

pub(super) fn history() -> History {
    let request = idds_workflow::RequestId::new(1);
    History::new(crate::Header::new(
        request,
        "http://127.0.0.1:1/idds",
        crate::Direction::Minimize,
        Duration::ZERO,
    ))
}

pub(super) fn error(kind: ErrorKind) -> ClientError {
    ClientError::new(kind, "a failure")
}

/// Commands in few words.
fn words(commands: &[Command]) -> Vec<String> {
    commands
        .iter()
        .filter_map(|command| {
            Some(match command {
                Command::Write(_) => return None,
                Command::Poll { .. } => "poll".to_owned(),
                Command::Judge { id, verdict, .. } => format!("judge {id} {verdict:?}"),
                Command::Abandon { id, .. } => format!("abandon {id}"),
                Command::Evaluate { id, .. } => format!("evaluate {id}"),
                Command::Report { id, loss } => format!("report {id} {loss}"),
                Command::Stop(Ok(reason)) => format!("stop {reason:?}"),
                Command::Stop(Err(error)) => format!("stop {error}"),
            })
        })
        .collect()
}

/// A search that has asked the server for the first time.
fn started(options: SearchOptions) -> Search {
    let mut search = Search::new(options, history());
    assert_eq!(
        words(&search.handle(Duration::ZERO, SearchEvent::Started { pid: 1 })),
        ["poll"]
    );
    search
}

fn record(search: Search, id: &str) -> TrialRecord {
    search
        .into_result()
        .trials
        .into_iter()
        .find(|trial| trial.id.as_str() == id)
        .expect("a trial")
}

#[test]
fn open_points_are_evaluated_a_few_at_a_time_and_each_loss_is_reported() {
    let mut search = started(SearchOptions {
        concurrency: 2,
        ..SearchOptions::default()
    });
    let commands = search.handle(SECOND, polled(&[None, Some(0.5), None, None]));
    assert_eq!(words(&commands), ["evaluate 1", "evaluate 3"]);
    assert_eq!(
        words(&search.handle(SECOND, evaluated("3", Ok(0.25)))),
        ["report 3 0.25", "evaluate 4"]
    );
    let progress = search.progress();
    assert_eq!((progress.running, progress.evaluated), (2, 2));
    assert_eq!(progress.best.map(Loss::get), Some(0.25));
}

#[test]
fn zero_is_a_loss() {
    let mut search = started(SearchOptions::default());
    search.handle(SECOND, polled(&[None]));
    assert_eq!(
        words(&search.handle(SECOND, evaluated("1", Ok(0.0)))),
        ["report 1 0"]
    );
    assert_eq!(record(search, "1").made_up, None);
}

#[test]
fn a_loss_that_is_not_finite_is_never_reported() {
    for loss in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut search = started(SearchOptions {
            attempts: 1,
            on_failure: OnFailure::LeaveOpen,
            ..SearchOptions::default()
        });
        search.handle(SECOND, polled(&[None]));
        assert_eq!(
            words(&search.handle(SECOND, evaluated("1", Ok(loss)))),
            [""; 0]
        );
        assert_eq!(
            record(search, "1").failure(),
            Some(format!("the loss was {loss}").as_str())
        );

        let penalty = OnNonFinite::Report(Loss::new(7.0).expect("a finite number"));
        let mut search = started(SearchOptions {
            on_non_finite: penalty,
            ..SearchOptions::default()
        });
        search.handle(SECOND, polled(&[None]));
        assert_eq!(
            words(&search.handle(SECOND, evaluated("1", Ok(loss)))),
            ["report 1 7"]
        );
        assert_eq!(
            record(search, "1").made_up,
            Some(format!("the loss was {loss}"))
        );
    }
}

#[test]
fn a_point_whose_loss_is_not_finite_can_be_left_open_at_once() {
    let mut search = started(SearchOptions {
        on_non_finite: OnNonFinite::LeaveOpen,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None, None]));
    assert_eq!(
        words(&search.handle(SECOND, evaluated("1", Ok(f64::NAN)))),
        ["evaluate 2"]
    );
    let record = record(search, "1");
    assert_eq!(
        (record.stage, record.failure()),
        (Stage::LeftOpen, Some("the loss was NaN"))
    );
}

#[test]
fn evaluations_at_once_have_slots_of_their_own_and_the_first_free_one() {
    let mut search = started(SearchOptions {
        concurrency: 2,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None; 4]));
    search.handle(2 * SECOND, evaluated("1", Ok(1.0)));
    search.handle(3 * SECOND, evaluated("2", Ok(1.0)));
    let trials = search.into_result().trials;
    let slots = trials.iter().map(|trial| trial.evaluations[0].slot);
    assert_eq!(slots.collect::<Vec<_>>(), [0, 1, 0, 1]);
}

#[test]
fn no_more_is_evaluated_at_once_than_there_are_slots() {
    let mut search = Search::new(
        SearchOptions {
            concurrency: usize::MAX,
            ..SearchOptions::default()
        },
        history(),
    );
    let commands = search.handle(SECOND, SearchEvent::Started { pid: 1 });
    let is_bounded = |command: &Command| matches!(command, Command::Poll { want, .. } if *want == SearchOptions::MAX_CONCURRENCY);
    assert!(commands.iter().any(is_bounded), "{commands:?}");
}

#[test]
fn the_search_ends_when_the_server_says_so() {
    let ends = [
        (RequestStatus::Finished, "stop Finished"),
        (RequestStatus::Failed, "stop Ended(Failed)"),
        (RequestStatus::SubFinished, "stop Ended(SubFinished)"),
    ];
    for (status, stop) in ends {
        let mut search = started(SearchOptions::default());
        let event = SearchEvent::Polled {
            status,
            points: points(&[Some(1.0), None]),
            mine: None,
        };
        assert_eq!(words(&search.handle(SECOND, event)), [stop]);
    }
}

#[test]
fn the_search_ends_at_its_time_limit_while_the_server_is_silent() {
    let mut search = started(SearchOptions {
        timeout: 3 * SECOND,
        ..SearchOptions::default()
    });
    assert_eq!(search.wakes_at(), 3 * SECOND);
    assert_eq!(
        words(&search.handle(3 * SECOND, SearchEvent::Woke)),
        ["stop Timeout"]
    );
}

/// A server that behaves as the real one: generations with a barrier. Some calls to it fail, before or after it acted.
pub(super) struct Server {
    pub(super) losses: Vec<Option<f64>>,
    pub(super) max_points: usize,
    pub(super) generation: usize,
}

impl Server {
    /// Answers a look at it.
    pub(super) fn polled(&mut self, next: Option<PointId>, since: Option<PointId>) -> SearchEvent {
        let status = self.step();
        let is_known = |id: &PointId| {
            id.as_str()
                .parse()
                .is_ok_and(|number: usize| number <= self.losses.len())
        };
        match next {
            Some(next) if !status.is_terminal() && !is_known(&next) => {
                SearchEvent::NothingNew { status }
            }
            _ => {
                let mut points = points(&self.losses);
                points.drain(
                    ..since.map_or(0, |since| {
                        since.as_str().parse::<usize>().expect("a number") - 1
                    }),
                );
                SearchEvent::Polled {
                    status,
                    points,
                    mine: None,
                }
            }
        }
    }

    fn step(&mut self) -> RequestStatus {
        if self.losses.iter().all(Option::is_some) {
            let count = self.generation.min(self.max_points - self.losses.len());
            self.losses.extend(std::iter::repeat_n(None, count));
            if count == 0 {
                return RequestStatus::Finished;
            }
        }
        RequestStatus::Transforming
    }
}

pub(super) fn loss_of(id: &PointId) -> f64 {
    id.as_str().parse::<f64>().expect("a number") / 2.0
}

proptest! {
    /// Every answer takes a random time, and a third of all calls fail before or after the server acted.
    #[test]
    fn whatever_happens_on_the_way_every_point_is_evaluated_once_and_has_its_own_loss(
        max_points in 1..20_usize,
        generation in 1..7_usize,
        evaluations in 1..5_usize,
        chances in proptest::collection::vec((0..6_u8, 0..3000_u64), 400),
    ) {
        let mut server = Server { losses: Vec::new(), max_points, generation };
        let mut search = Search::new(SearchOptions { concurrency: evaluations, timeout: Duration::MAX, ..SearchOptions::default() }, history());
        let mut chances = chances.into_iter().cycle();
        let mut agenda: BTreeMap<(Duration, u64), SearchEvent> = BTreeMap::new();
        let mut evaluated_times: HashMap<PointId, u32> = HashMap::new();
        let (mut now, mut serial, mut event) = (Duration::ZERO, 0, SearchEvent::Started { pid: 1 });
        let stop = 'search: loop {
            prop_assert!(serial < 10_000, "no end");
            for command in search.handle(now, event) {
                let (chance, millis) = chances.next().expect("endless");
                let is_lost = chance < 2;
                let answer = match command {
                    Command::Poll { .. } if is_lost => SearchEvent::PollFailed(error(ErrorKind::Connect)),
                    Command::Poll { next, since, .. } => server.polled(next, since),
                    Command::Evaluate { id, attempt, .. } => {
                        *evaluated_times.entry(id.clone()).or_default() += 1;
                        SearchEvent::Evaluated { outcome: Ok(loss_of(&id)), id, attempt }
                    }
                    Command::Report { id, loss } => {
                        if chance != 0 {
                            let index: usize = id.as_str().parse().expect("a number");
                            server.losses[index - 1] = Some(loss.get());
                        }
                        if is_lost {
                            SearchEvent::ReportFailed { id, error: error(ErrorKind::Interrupted) }
                        } else {
                            SearchEvent::Reported { id }
                        }
                    }
                    Command::Stop(why) => break 'search why,
                    Command::Write(_) | Command::Judge { .. } | Command::Abandon { .. } => continue,
                };
                serial += 1;
                agenda.insert((now + Duration::from_millis(millis), serial), answer);
            }
            let wake = search.wakes_at();
            event = match agenda.first_entry().filter(|entry| entry.key().0 <= wake) {
                Some(entry) => {
                    now = entry.key().0;
                    entry.remove()
                }
                None => {
                    now = wake.max(now);
                    SearchEvent::Woke
                }
            };
            serial += 1;
        };
        prop_assert!(matches!(stop, Ok(StopReason::Finished)), "{:?}", stop);
        prop_assert_eq!(server.losses.len(), max_points);
        prop_assert!(evaluated_times.values().all(|times| *times == 1));
        for trial in search.into_result().trials {
            let index: usize = trial.id.as_str().parse().expect("a number");
            prop_assert_eq!(trial.loss.map(Loss::get), Some(loss_of(&trial.id)));
            prop_assert_eq!(server.losses[index - 1], Some(loss_of(&trial.id)));
        }
    }
}

#[test]
fn fractions_of_seconds_are_kept() {
    let mut search = started(SearchOptions::default());
    search.handle(seconds(0.25), polled(&[None]));
    search.handle(seconds(1.75), evaluated("1", Ok(1.0)));
    let evaluation = &record(search, "1").evaluations[0];
    assert_eq!(
        (evaluation.started, evaluation.ended),
        (seconds(0.25), Some(seconds(1.75)))
    );
}

#[test]
fn an_evaluation_that_takes_too_long_is_given_up_and_what_comes_of_it_later_does_not_count() {
    let options = SearchOptions {
        evaluation_timeout: Some(5 * SECOND),
        attempts: 2,
        backoff: Duration::ZERO,
        ..SearchOptions::default()
    };
    let mut search = started(options);
    search.handle(SECOND, polled(&[None]));
    let mut commands = words(&search.handle(6 * SECOND, SearchEvent::Woke));
    commands.retain(|word| word != "poll");
    assert_eq!(commands, ["abandon 1", "evaluate 1"]);
    assert_eq!(
        words(&search.handle(7 * SECOND, evaluated("1", Ok(9.0)))),
        [""; 0]
    );
    assert_eq!(
        words(&search.handle(8 * SECOND, evaluated_again("1", 2, Ok(1.0)))),
        ["report 1 1"]
    );
    let record = record(search, "1");
    assert_eq!(
        (record.failure(), record.loss.map(Loss::get)),
        (Some("there was no loss within 5s"), Some(1.0))
    );
}

#[test]
fn an_evaluation_that_is_cut_short_has_the_loss_it_told_last_and_says_so() {
    let options = SearchOptions {
        early_stopping: crate::EarlyStopping::Median {
            warm_up: 1,
            others: 1,
        },
        ..SearchOptions::default()
    };
    let mut search = started(options);
    search.handle(SECOND, polled(&[None, None]));
    let told = |id: &str, value| SearchEvent::Intermediate {
        id: id.into(),
        attempt: 1,
        step: 3,
        value,
    };
    assert_eq!(
        words(&search.handle(SECOND, told("1", 1.0))),
        ["judge 1 Continue"]
    );
    search.handle(SECOND, evaluated("1", Ok(0.5)));
    assert_eq!(
        words(&search.handle(SECOND, told("2", 2.0))),
        ["judge 2 Stop"]
    );
    assert_eq!(
        words(&search.handle(SECOND, evaluated("2", Err("stopped")))),
        ["report 2 2"]
    );
    let record = record(search, "2");
    assert_eq!(
        (record.stopped_at, record.failures(), record.made_up),
        (Some(3), 0, None)
    );
}

#[test]
fn an_evaluation_that_fails_by_itself_has_no_loss_whatever_it_told_before() {
    let mut search = started(SearchOptions {
        backoff: 100 * SECOND,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None]));
    let told = |attempt| SearchEvent::Intermediate {
        id: "1".into(),
        attempt,
        step: 1,
        value: 0.5,
    };
    assert_eq!(words(&search.handle(SECOND, told(1))), ["judge 1 Continue"]);
    assert_eq!(
        words(&search.handle(SECOND, evaluated("1", Err("killed")))),
        [""; 0]
    );
    // Nobody waits for what it tells after its end.
    assert_eq!(words(&search.handle(SECOND, told(1))), ["judge 1 Stop"]);
    let record = record(search, "1");
    assert_eq!(
        (record.failure(), record.evaluations[0].intermediate.len()),
        (Some("killed"), 1)
    );
}

#[test]
fn a_journal_of_another_search_is_noticed_by_its_points() {
    let mut search = started(SearchOptions::default());
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, SearchEvent::Woke);
    let mut other = points(&[None]);
    other[0].parameters = json!({"x": 99});
    let said = words(&search.handle(
        SECOND,
        SearchEvent::Polled {
            status: RequestStatus::Transforming,
            points: other,
            mine: None,
        },
    ));
    let expected = r#"stop point 1 is {"x":99} on the server and {"x":1} in the journal, which is one of another search"#;
    assert_eq!(said, [expected]);
}

#[test]
fn the_time_left_is_told_by_the_losses_of_this_run() {
    let mut search = started(SearchOptions {
        concurrency: 5,
        ..SearchOptions::default()
    });
    // A loss that was there before says nothing.
    search.handle(SECOND, polled(&[Some(1.0), None, None, None, None]));
    for (second, id) in [(10, "2"), (20, "3"), (30, "4")] {
        search.handle(second * SECOND, evaluated(id, Ok(1.0)));
    }
    let progress = search.progress();
    assert_eq!(
        (progress.elapsed, progress.rate()),
        (30 * SECOND, Some(0.1))
    );
    assert_eq!(
        progress.time_for(7).map(|left| left.expected),
        Some(70 * SECOND)
    );
}

#[test]
fn the_points_for_whose_losses_the_server_waits_are_named() {
    let mut search = started(SearchOptions {
        attempts: 1,
        on_failure: OnFailure::LeaveOpen,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None, None, Some(1.0)]));
    search.handle(SECOND, evaluated("1", Err("no data")));
    search.handle(SECOND, evaluated("2", Ok(1.0)));
    let result = search.into_result();
    assert_eq!(
        result
            .awaited()
            .iter()
            .map(|trial| trial.id.as_str())
            .collect::<Vec<_>>(),
        ["1"]
    );
    let over = SearchResult {
        stop: StopReason::Finished,
        ..result
    };
    assert_eq!(over.awaited().len(), 0);
}
