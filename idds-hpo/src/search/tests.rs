use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use serde_json::json;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn seconds(count: f64) -> Duration {
    Duration::from_secs_f64(count)
}

fn points(losses: &[Option<f64>]) -> Vec<HyperParameters> {
    let points: Vec<_> = (1..)
        .zip(losses)
        .map(|(id, loss)| json!({"id": id.to_string(), "parameters": {"x": id}, "loss": loss}))
        .collect();
    serde_json::from_value(json!(points)).expect("points")
}

fn polled(losses: &[Option<f64>]) -> Event {
    Event::Polled { status: RequestStatus::Transforming, points: points(losses) }
}

fn evaluated(id: &str, outcome: Result<f64, &str>) -> Event {
    Event::Evaluated { id: id.into(), outcome: outcome.map_err(str::to_owned) }
}

fn error(kind: ErrorKind) -> ClientError {
    ClientError::new(kind, "a failure")
}

/// Commands in few words.
fn words(commands: &[Command]) -> Vec<String> {
    commands
        .iter()
        .map(|command| match command {
            Command::Poll => "poll".to_owned(),
            Command::Evaluate { id, .. } => format!("evaluate {id}"),
            Command::Report { id, loss } => format!("report {id} {loss}"),
            Command::Stop(Ok(reason)) => format!("stop {reason:?}"),
            Command::Stop(Err(error)) => format!("stop {error}"),
        })
        .collect()
}

/// A search that has asked the server for the first time.
fn started(rules: Rules) -> Search {
    let mut search = Search::new(rules);
    assert_eq!(words(&search.handle(Duration::ZERO, Event::Woke)), ["poll"]);
    search
}

fn record(search: Search, id: &str) -> TrialRecord {
    search.into_trials().into_iter().find(|trial| trial.id.as_str() == id).expect("a trial")
}

#[test]
fn open_points_are_evaluated_a_few_at_a_time_and_each_loss_is_reported() {
    let mut search = started(Rules { evaluations: 2, ..Rules::default() });
    let commands = search.handle(SECOND, polled(&[None, Some(0.5), None, None]));
    assert_eq!(words(&commands), ["evaluate 1", "evaluate 3"]);
    assert_eq!(words(&search.handle(SECOND, evaluated("3", Ok(0.25)))), ["report 3 0.25", "evaluate 4"]);
    assert_eq!(search.progress().running, 2);
    assert_eq!(search.progress().best.map(Loss::get), Some(0.25));
}

#[test]
fn zero_is_a_loss() {
    let mut search = started(Rules::default());
    search.handle(SECOND, polled(&[None]));
    assert_eq!(words(&search.handle(SECOND, evaluated("1", Ok(0.0)))), ["report 1 0"]);
    assert_eq!(record(search, "1").made_up, None);
}

#[test]
fn a_failed_evaluation_is_tried_again_and_then_reported_with_a_penalty_that_says_so() {
    let mut search = started(Rules { attempts: 2, ..Rules::default() });
    search.handle(SECOND, polled(&[None]));
    assert_eq!(words(&search.handle(SECOND, evaluated("1", Err("out of memory")))), ["evaluate 1"]);
    assert_eq!(words(&search.handle(SECOND, evaluated("1", Err("no data")))), ["report 1 100000"]);
    let record = record(search, "1");
    assert_eq!((record.attempts, record.made_up.as_deref()), (2, Some("no data")));
}

#[test]
fn a_loss_that_is_not_finite_is_never_reported() {
    for loss in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut search = started(Rules { attempts: 1, on_failure: OnFailure::LeaveOpen, ..Rules::default() });
        search.handle(SECOND, polled(&[None]));
        assert_eq!(words(&search.handle(SECOND, evaluated("1", Ok(loss)))), [""; 0]);
        assert_eq!(record(search, "1").failure, Some(format!("the loss was {loss}")));

        let penalty = OnNonFinite::Report(Loss::new(7.0).expect("a finite number"));
        let mut search = started(Rules { on_non_finite: penalty, ..Rules::default() });
        search.handle(SECOND, polled(&[None]));
        assert_eq!(words(&search.handle(SECOND, evaluated("1", Ok(loss)))), ["report 1 7"]);
        assert_eq!(record(search, "1").made_up, Some(format!("the loss was {loss}")));
    }
}

#[test]
fn a_failed_evaluation_can_end_the_search() {
    let mut search = started(Rules { attempts: 1, on_failure: OnFailure::Stop, ..Rules::default() });
    search.handle(SECOND, polled(&[None, None]));
    assert_eq!(words(&search.handle(SECOND, evaluated("1", Err("no data")))), ["stop EvaluationFailed"]);
    assert_eq!(words(&search.handle(SECOND, Event::Woke)), [""; 0]);
}

#[test]
fn the_search_ends_when_the_server_says_so() {
    let ends = [
        (RequestStatus::Finished, "stop Finished"),
        (RequestStatus::Failed, "stop Ended(Failed)"),
        (RequestStatus::SubFinished, "stop Ended(SubFinished)"),
    ];
    for (status, stop) in ends {
        let mut search = started(Rules::default());
        let event = Event::Polled { status, points: points(&[Some(1.0), None]) };
        assert_eq!(words(&search.handle(SECOND, event)), [stop]);
    }
}

#[test]
fn the_search_ends_at_its_time_limit_while_the_server_is_silent() {
    let mut search = started(Rules { time_limit: 3 * SECOND, ..Rules::default() });
    assert_eq!(search.wakes_at(), 3 * SECOND);
    assert_eq!(words(&search.handle(3 * SECOND, Event::Woke)), ["stop TimeLimit"]);
}

#[test]
fn polls_become_rarer_while_nothing_happens_and_frequent_when_something_does() {
    let rules = Rules { shortest_poll: SECOND, longest_poll: 5 * SECOND, ..Rules::default() };
    let mut search = started(rules);
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
    let mut search = started(Rules::default());
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    assert_eq!(words(&search.handle(SECOND, Event::Reported { id: "1".into() })), ["poll"]);
}

#[test]
fn a_report_that_failed_is_repeated_and_a_report_that_cannot_succeed_ends_the_search() {
    let mut search = started(Rules { shortest_poll: SECOND, ..Rules::default() });
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    let failed = |kind| Event::ReportFailed { id: "1".into(), error: error(kind) };
    assert_eq!(words(&search.handle(SECOND, failed(ErrorKind::Connect))), [""; 0]);
    search.handle(2 * SECOND, Event::Woke);
    assert!(words(&search.handle(3 * SECOND, Event::Woke)).contains(&"report 1 1".to_owned()));
    assert_eq!(words(&search.handle(3 * SECOND, failed(ErrorKind::Unauthorized))), ["stop a failure"]);
    assert_eq!(record(search, "1").loss.map(Loss::get), Some(1.0));
}

#[test]
fn a_server_out_of_reach_is_borne_for_a_while() {
    let mut search = started(Rules { patience: 60 * SECOND, ..Rules::default() });
    assert_eq!(words(&search.handle(SECOND, Event::PollFailed(error(ErrorKind::Connect)))), [""; 0]);
    assert_eq!(words(&search.handle(30 * SECOND, Event::Woke)), ["poll"]);
    assert_eq!(words(&search.handle(60 * SECOND, Event::PollFailed(error(ErrorKind::Connect)))), [""; 0]);
    assert_eq!(words(&search.handle(61 * SECOND, Event::PollFailed(error(ErrorKind::Connect)))), ["stop a failure"]);
}

#[test]
fn the_sixth_refusal_in_a_row_ends_the_search() {
    let mut search = started(Rules::default());
    let refused = |search: &mut Search| search.handle(SECOND, Event::PollFailed(error(ErrorKind::Refused)));
    for _ in 0..5 {
        assert_eq!(words(&refused(&mut search)), [""; 0]);
    }
    assert_eq!(words(&refused(&mut search)), ["stop a failure"]);
}

#[test]
fn an_acknowledged_loss_that_the_server_does_not_show_is_reported_again() {
    let mut search = started(Rules::default());
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    assert_eq!(words(&search.handle(SECOND, Event::Reported { id: "1".into() })), ["poll"]);
    assert_eq!(words(&search.handle(SECOND, polled(&[None]))), ["report 1 1"]);
}

#[test]
fn an_answer_older_than_the_report_is_no_reason_to_report_again() {
    let mut search = started(Rules::default());
    search.handle(Duration::ZERO, polled(&[None, None]));
    assert_eq!(words(&search.handle(SECOND, Event::Woke)), ["poll"]);
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    search.handle(SECOND, Event::Reported { id: "1".into() });
    assert_eq!(words(&search.handle(SECOND, polled(&[None, None]))), [""; 0]);
}

#[test]
fn a_point_that_somebody_else_evaluated_is_not_reported() {
    let mut search = started(Rules::default());
    search.handle(Duration::ZERO, polled(&[None, None]));
    search.handle(SECOND, Event::Woke);
    search.handle(SECOND, polled(&[Some(0.5), Some(0.25)]));
    assert_eq!(words(&search.handle(SECOND, evaluated("1", Ok(9.0)))), [""; 0]);
    assert_eq!(search.progress().best.map(Loss::get), Some(0.25));
}

/// A server that behaves as the real one: generations with a barrier. Some calls to it fail, before or after it acted.
struct Server {
    losses: Vec<Option<f64>>,
    max_points: usize,
    generation: usize,
}

impl Server {
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

fn loss_of(id: &PointId) -> f64 {
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
        let mut search = Search::new(Rules { evaluations, time_limit: Duration::MAX, ..Rules::default() });
        let mut chances = chances.into_iter().cycle();
        let mut agenda: BTreeMap<(Duration, u64), Event> = BTreeMap::new();
        let mut evaluated_times: HashMap<PointId, u32> = HashMap::new();
        let (mut now, mut serial, mut event) = (Duration::ZERO, 0, Event::Woke);
        let stop = 'search: loop {
            prop_assert!(serial < 10_000, "no end");
            for command in search.handle(now, event) {
                let (chance, millis) = chances.next().expect("endless");
                let is_lost = chance < 2;
                let answer = match command {
                    Command::Poll if is_lost => Event::PollFailed(error(ErrorKind::Connect)),
                    Command::Poll => Event::Polled { status: server.step(), points: points(&server.losses) },
                    Command::Evaluate { id, .. } => {
                        *evaluated_times.entry(id.clone()).or_default() += 1;
                        Event::Evaluated { outcome: Ok(loss_of(&id)), id }
                    }
                    Command::Report { id, loss } => {
                        if chance != 0 {
                            let index: usize = id.as_str().parse().expect("a number");
                            server.losses[index - 1] = Some(loss.get());
                        }
                        if is_lost {
                            Event::ReportFailed { id, error: error(ErrorKind::Connect) }
                        } else {
                            Event::Reported { id }
                        }
                    }
                    Command::Stop(why) => break 'search why,
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
        for trial in search.into_trials() {
            let index: usize = trial.id.as_str().parse().expect("a number");
            prop_assert_eq!(trial.loss.map(Loss::get), Some(loss_of(&trial.id)));
            prop_assert_eq!(server.losses[index - 1], Some(loss_of(&trial.id)));
        }
    }
}

#[test]
fn fractions_of_seconds_are_kept() {
    let mut search = started(Rules::default());
    search.handle(seconds(0.25), polled(&[None]));
    search.handle(seconds(1.75), evaluated("1", Ok(1.0)));
    let record = record(search, "1");
    assert_eq!((record.started, record.ended), (Some(seconds(0.25)), Some(seconds(1.75))));
}
