mod failures;
mod lost;
mod repeats;
mod reports;
mod stragglers;

use std::collections::{BTreeMap, HashMap};

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

fn polled(losses: &[Option<f64>]) -> Event {
    Event::Polled {
        status: RequestStatus::Transforming,
        points: points(losses),
        mine: None,
    }
}

fn evaluated(id: &str, outcome: Result<f64, &str>) -> Event {
    evaluated_again(id, 1, outcome)
}

fn evaluated_again(id: &str, attempt: u32, outcome: Result<f64, &str>) -> Event {
    Event::Evaluated {
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
        words(&search.handle(Duration::ZERO, Event::Started { pid: 1 })),
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
    assert_eq!(search.progress().running, 2);
    assert_eq!(search.progress().best.map(Loss::get), Some(0.25));
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
fn the_search_ends_when_the_server_says_so() {
    let ends = [
        (RequestStatus::Finished, "stop Finished"),
        (RequestStatus::Failed, "stop Ended(Failed)"),
        (RequestStatus::SubFinished, "stop Ended(SubFinished)"),
    ];
    for (status, stop) in ends {
        let mut search = started(SearchOptions::default());
        let event = Event::Polled {
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
        words(&search.handle(3 * SECOND, Event::Woke)),
        ["stop Timeout"]
    );
}

#[test]
fn polls_become_rarer_while_nothing_happens_and_frequent_when_something_does() {
    let options = SearchOptions {
        shortest_poll: SECOND,
        longest_poll: 5 * SECOND,
        ..SearchOptions::default()
    };
    let mut search = started(options);
    let mut now = SECOND;
    search.handle(now, polled(&[Some(1.0)]));
    let mut pauses = Vec::new();
    for _ in 0..5 {
        pauses.push(search.wakes_at() - now);
        now = search.wakes_at();
        assert_eq!(words(&search.handle(now, Event::Woke)), ["poll"]);
        search.handle(now, polled(&[Some(1.0)]));
    }
    assert_eq!(pauses, [1, 2, 4, 5, 5].map(|count| count * SECOND));
    search.handle(search.wakes_at(), Event::Woke);
    search.handle(now, polled(&[Some(1.0), Some(2.0)]));
    assert_eq!(search.wakes_at() - now, SECOND);
}

#[test]
fn the_server_is_asked_at_once_when_the_last_loss_of_a_generation_is_reported() {
    let mut search = started(SearchOptions::default());
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    assert_eq!(
        words(&search.handle(SECOND, Event::Reported { id: "1".into() })),
        ["poll"]
    );
}

#[test]
fn while_only_new_points_are_awaited_the_known_ones_are_read_after_the_longest_pause_only() {
    let options = SearchOptions {
        shortest_poll: SECOND,
        longest_poll: 5 * SECOND,
        ..SearchOptions::default()
    };
    let mut search = started(options);
    search.handle(SECOND, polled(&[Some(2.0), None]));
    search.handle(SECOND, evaluated("2", Ok(1.0)));
    let mut commands = search.handle(SECOND, Event::Reported { id: "2".into() });
    let status = RequestStatus::Transforming;
    let (mut now, mut looks) = (SECOND, Vec::new());
    while let Some(Command::Poll { next, .. }) = commands
        .iter()
        .find(|command| matches!(command, Command::Poll { .. }))
    {
        looks.push(next.as_ref().map(ToString::to_string));
        let Some(_) = next else { break };
        search.handle(now, Event::NothingNew { status });
        now = search.wakes_at();
        commands = search.handle(now, Event::Woke);
    }
    assert_eq!(
        looks,
        [Some("3"), Some("3"), None].map(|id| id.map(str::to_owned))
    );
    // The server has not kept what it acknowledged.
    assert_eq!(
        words(&search.handle(now, polled(&[Some(2.0), None]))),
        ["report 2 1"]
    );
}

#[test]
fn points_before_the_first_that_is_not_confirmed_are_read_after_the_longest_pause_only() {
    let mut search = started(SearchOptions {
        longest_poll: 5 * SECOND,
        ..SearchOptions::default()
    });
    let looks = |commands: Vec<Command>| -> Vec<_> {
        let since = |command| match command {
            Command::Poll { since, .. } => Some(since.map(|since| since.to_string())),
            _ => None,
        };
        commands.into_iter().filter_map(since).collect()
    };
    let status = RequestStatus::Transforming;
    let polled = |from: usize, losses: &[Option<f64>]| {
        let points = points(losses).split_off(from - 1);
        Event::Polled {
            status,
            points,
            mine: None,
        }
    };
    search.handle(SECOND, polled(1, &[Some(2.0), None, Some(2.0)]));
    search.handle(SECOND, evaluated("2", Ok(1.0)));
    // What was acknowledged is read back.
    assert_eq!(
        looks(search.handle(SECOND, Event::Reported { id: "2".into() })),
        [Some("2".to_owned())]
    );
    search.handle(SECOND, polled(2, &[Some(2.0), Some(1.0), Some(2.0), None]));
    search.handle(SECOND, evaluated("4", Ok(1.0)));
    assert_eq!(
        looks(search.handle(SECOND, Event::Reported { id: "4".into() })),
        [Some("4".to_owned())]
    );
    assert_eq!(
        words(&search.handle(SECOND, polled(4, &[Some(2.0), Some(1.0), Some(2.0), None]))),
        ["report 4 1"]
    );
    search.handle(SECOND, Event::Reported { id: "4".into() });
    search.handle(
        2 * SECOND,
        polled(4, &[Some(2.0), Some(1.0), Some(2.0), Some(1.0), None]),
    );
    search.handle(6 * SECOND, evaluated("5", Ok(1.0)));
    assert_eq!(
        looks(search.handle(6 * SECOND, Event::Reported { id: "5".into() })),
        [None]
    );
}

#[test]
fn ids_that_are_no_numbers_have_all_points_read() {
    let mut search = started(SearchOptions::default());
    let named = |loss| {
        let points = json!([{"id": "a", "parameters": {}, "loss": loss}, {"id": "2", "parameters": {}, "loss": 1.0}]);
        let points = serde_json::from_value(points).expect("points");
        Event::Polled {
            status: RequestStatus::Transforming,
            points,
            mine: None,
        }
    };
    search.handle(SECOND, named(None::<f64>));
    search.handle(SECOND, evaluated("a", Ok(1.0)));
    let commands = search.handle(SECOND, Event::Reported { id: "a".into() });
    assert!(
        commands
            .iter()
            .any(|command| matches!(command, Command::Poll { since: None, .. })),
        "{commands:?}"
    );
}

#[test]
fn an_end_in_the_middle_of_a_look_waits_for_what_the_points_say() {
    let mut search = started(SearchOptions::default());
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    search.handle(SECOND, Event::Reported { id: "1".into() });
    assert_eq!(words(&search.handle(SECOND, Event::Interrupted)), [""; 0]);
    let commands = search.handle(
        SECOND,
        Event::NothingNew {
            status: RequestStatus::Transforming,
        },
    );
    assert!(
        matches!(
            commands[..],
            [Command::Poll {
                want: 0,
                next: None,
                ..
            }]
        ),
        "{commands:?}"
    );
    assert_eq!(
        words(&search.handle(SECOND, polled(&[Some(1.0)]))),
        ["stop Interrupted"]
    );
}

#[test]
fn a_server_out_of_reach_is_borne_for_a_while() {
    let mut search = started(SearchOptions {
        patience: 60 * SECOND,
        ..SearchOptions::default()
    });
    assert_eq!(
        words(&search.handle(SECOND, Event::PollFailed(error(ErrorKind::Connect)))),
        [""; 0]
    );
    assert_eq!(words(&search.handle(30 * SECOND, Event::Woke)), ["poll"]);
    assert_eq!(
        words(&search.handle(60 * SECOND, Event::PollFailed(error(ErrorKind::Connect)))),
        [""; 0]
    );
    assert_eq!(
        words(&search.handle(61 * SECOND, Event::PollFailed(error(ErrorKind::Connect)))),
        ["stop a failure"]
    );
}

#[test]
fn the_sixth_refusal_in_a_row_ends_the_search() {
    let mut search = started(SearchOptions::default());
    let refused =
        |search: &mut Search| search.handle(SECOND, Event::PollFailed(error(ErrorKind::Refused)));
    for _ in 0..5 {
        assert_eq!(words(&refused(&mut search)), [""; 0]);
    }
    assert_eq!(words(&refused(&mut search)), ["stop a failure"]);
}

#[test]
fn failures_before_an_answer_do_not_count_any_more() {
    let mut search = started(SearchOptions {
        patience: 60 * SECOND,
        ..SearchOptions::default()
    });
    for _ in 0..5 {
        search.handle(SECOND, Event::PollFailed(error(ErrorKind::Refused)));
    }
    search.handle(2 * SECOND, polled(&[None]));
    assert_eq!(
        words(&search.handle(100 * SECOND, Event::PollFailed(error(ErrorKind::Refused)))),
        [""; 0]
    );
    assert_eq!(
        words(&search.handle(101 * SECOND, Event::PollFailed(error(ErrorKind::Connect)))),
        [""; 0]
    );
}

#[test]
fn a_point_that_somebody_else_evaluated_is_not_reported() {
    let mut search = started(SearchOptions::default());
    search.handle(Duration::ZERO, polled(&[None, None]));
    search.handle(SECOND, Event::Woke);
    search.handle(SECOND, polled(&[Some(0.5), Some(0.25)]));
    assert_eq!(
        words(&search.handle(SECOND, evaluated("1", Ok(9.0)))),
        [""; 0]
    );
    assert_eq!(search.progress().best.map(Loss::get), Some(0.25));
}

/// A server that behaves as the real one: generations with a barrier. Some calls to it fail, before or after it acted.
pub(super) struct Server {
    pub(super) losses: Vec<Option<f64>>,
    pub(super) max_points: usize,
    pub(super) generation: usize,
}

impl Server {
    /// Answers a look at it.
    pub(super) fn polled(&mut self, next: Option<PointId>, since: Option<PointId>) -> Event {
        let status = self.step();
        let is_known = |id: &PointId| {
            id.as_str()
                .parse()
                .is_ok_and(|number: usize| number <= self.losses.len())
        };
        match next {
            Some(next) if !status.is_terminal() && !is_known(&next) => Event::NothingNew { status },
            _ => {
                let mut points = points(&self.losses);
                points.drain(
                    ..since.map_or(0, |since| {
                        since.as_str().parse::<usize>().expect("a number") - 1
                    }),
                );
                Event::Polled {
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
        let mut agenda: BTreeMap<(Duration, u64), Event> = BTreeMap::new();
        let mut evaluated_times: HashMap<PointId, u32> = HashMap::new();
        let (mut now, mut serial, mut event) = (Duration::ZERO, 0, Event::Started { pid: 1 });
        let stop = 'search: loop {
            prop_assert!(serial < 10_000, "no end");
            for command in search.handle(now, event) {
                let (chance, millis) = chances.next().expect("endless");
                let is_lost = chance < 2;
                let answer = match command {
                    Command::Poll { .. } if is_lost => Event::PollFailed(error(ErrorKind::Connect)),
                    Command::Poll { next, since, .. } => server.polled(next, since),
                    Command::Evaluate { id, attempt, .. } => {
                        *evaluated_times.entry(id.clone()).or_default() += 1;
                        Event::Evaluated { outcome: Ok(loss_of(&id)), id, attempt }
                    }
                    Command::Report { id, loss } => {
                        if chance != 0 {
                            let index: usize = id.as_str().parse().expect("a number");
                            server.losses[index - 1] = Some(loss.get());
                        }
                        if is_lost {
                            Event::ReportFailed { id, error: error(ErrorKind::Interrupted) }
                        } else {
                            Event::Reported { id }
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
                    Event::Woke
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
    let mut commands = words(&search.handle(6 * SECOND, Event::Woke));
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

/// Reports the losses of points in turn, with what the rules make of them; returns the last commands.
fn evaluate_all(options: SearchOptions, losses: &[f64]) -> (Search, Vec<String>) {
    let mut search = started(options);
    search.handle(SECOND, polled(&vec![None; losses.len() + 1]));
    let mut said = Vec::new();
    for (number, loss) in (1..).zip(losses) {
        said = words(&search.handle(SECOND, evaluated(&number.to_string(), Ok(*loss))));
        said.extend(words(&search.handle(
            SECOND,
            Event::Reported {
                id: number.to_string().into(),
            },
        )));
    }
    (search, said)
}

#[test]
fn a_search_ends_at_its_budget_its_target_and_without_improvement_when_the_server_shows_its_losses()
{
    let ends = [
        (
            SearchOptions {
                max_points: Some(2),
                ..SearchOptions::default()
            },
            StopReason::MaxPoints,
        ),
        (
            SearchOptions {
                target: Some(0.5),
                ..SearchOptions::default()
            },
            StopReason::TargetReached,
        ),
        (
            SearchOptions {
                no_improvement: Some(1),
                ..SearchOptions::default()
            },
            StopReason::NoImprovement,
        ),
    ];
    let losses = [[2.0, 1.0], [2.0, 0.5], [2.0, 2.0]];
    for ((options, reason), losses) in ends.into_iter().zip(losses) {
        let (mut search, said) = evaluate_all(options, &losses);
        assert_eq!(said, [format!("report 2 {}", losses[1]), "poll".to_owned()]);
        let shown = losses.map(Some);
        let stop = format!("stop {reason:?}");
        assert_eq!(
            words(&search.handle(SECOND, polled(&[shown[0], shown[1], None]))),
            [stop]
        );
        assert_eq!(search.into_result().stop, reason);
    }
}

#[test]
fn a_score_is_reported_as_its_negative_and_its_target_is_one_of_scores() {
    let options = SearchOptions {
        direction: crate::Direction::Maximize,
        target: Some(0.9),
        ..SearchOptions::default()
    };
    let (_, said) = evaluate_all(options.clone(), &[0.8]);
    assert_eq!(said, ["report 1 -0.8", "evaluate 2"]);
    let (_, said) = evaluate_all(options, &[0.95]);
    assert_eq!(said, ["report 1 -0.95", "poll"]);
}

#[test]
fn an_interrupted_search_gives_up_evaluations_and_still_reports_losses() {
    let mut search = started(SearchOptions {
        concurrency: 2,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None, None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    assert_eq!(
        words(&search.handle(SECOND, Event::Interrupted)),
        ["abandon 2"]
    );
    assert_eq!(
        words(&search.handle(SECOND, Event::Reported { id: "1".into() })),
        ["poll"]
    );
    assert_eq!(
        words(&search.handle(SECOND, polled(&[Some(1.0), None]))),
        ["stop Interrupted"]
    );
}

#[test]
fn an_interrupted_search_whose_losses_are_acknowledged_looks_at_once_and_ends() {
    let mut search = started(SearchOptions {
        concurrency: 2,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None, None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    search.handle(SECOND, Event::Reported { id: "1".into() });
    assert_eq!(
        words(&search.handle(SECOND, Event::Interrupted)),
        ["abandon 2", "poll"]
    );
    assert_eq!(
        words(&search.handle(SECOND, polled(&[Some(1.0), None]))),
        ["stop Interrupted"]
    );
}

#[test]
fn a_server_that_does_nothing_for_too_long_ends_the_search() {
    let mut search = started(SearchOptions {
        silence: 60 * SECOND,
        shortest_poll: 600 * SECOND,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[Some(1.0)]));
    assert_eq!(search.wakes_at(), 61 * SECOND);
    assert_eq!(
        words(&search.handle(61 * SECOND, Event::Woke)),
        ["stop ServerSilent"]
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
    let told = |id: &str, value| Event::Intermediate {
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
fn a_journal_of_another_search_is_noticed_by_its_points() {
    let mut search = started(SearchOptions::default());
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, Event::Woke);
    let mut other = points(&[None]);
    other[0].parameters = json!({"x": 99});
    let said = words(&search.handle(
        SECOND,
        Event::Polled {
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
