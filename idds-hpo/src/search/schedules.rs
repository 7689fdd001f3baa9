//! Every moment at which a process can be killed, and every answer the server can give there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::poll::number;
use super::tests::{Server, error, history, loss_of};
use super::*;
use crate::journal::{Journal, lines, resume};

/// What becomes of one report.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Answered,
    LostBefore,
    LostAfter,
    Refused,
    /// The answer is lost, and the server acts on it only after this time.
    Late(Duration),
}

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Death {
    /// The operating system keeps what was written.
    Kill,
    /// Of what was not flushed, some of the first bytes are kept.
    PowerCut,
}

/// What goes wrong: deaths after this many steps, the fates of reports by their number, and how many milliseconds the first
/// evaluation of the last point takes and how many every other one of it.
#[derive(Clone, Debug, Default)]
struct Schedule {
    deaths: Vec<(usize, Death)>,
    fates: BTreeMap<usize, Fate>,
    straggler: Option<(u64, u64)>,
    /// How many evaluations of a point fail, by its number.
    failures: BTreeMap<u64, u32>,
}

struct World {
    server: Server,
    late: Vec<(Duration, PointId, f64)>,
    /// How often the server acted on a report of a point.
    acted: HashMap<PointId, u32>,
    reports: usize,
    steps: usize,
    now: Duration,
    disk: Vec<u8>,
    flushed: usize,
}

const SETTLING: Duration = Duration::from_secs(5);

impl World {
    fn new(max_points: usize) -> Self {
        Self {
            server: Server {
                losses: Vec::new(),
                max_points,
                generation: 2,
            },
            late: Vec::new(),
            acted: HashMap::new(),
            reports: 0,
            steps: 0,
            now: Duration::ZERO,
            disk: Vec::new(),
            flushed: 0,
        }
    }

    /// Lets one thing happen; tells whether the process dies of it.
    fn step(&mut self, schedule: &Schedule) -> bool {
        self.steps += 1;
        let death = schedule.deaths.iter().find(|(step, _)| *step == self.steps);
        if let Some((step, Death::PowerCut)) = death {
            let torn = (self.disk.len() - self.flushed) * (step % 3) / 3;
            self.disk.truncate(self.flushed + torn);
        }
        death.is_some()
    }

    fn is_last(&self, id: &PointId) -> bool {
        id.as_str() == self.server.max_points.to_string()
    }

    fn act(&mut self, id: &PointId, loss: f64) {
        let number: usize = id.as_str().parse().expect("a number");
        self.server.losses[number - 1] = Some(loss);
        *self.acted.entry(id.clone()).or_default() += 1;
    }

    /// Runs one process; returns its result when it lives to the end.
    fn run(&mut self, schedule: &Schedule, pid: u32) -> Option<SearchResult> {
        let speculate = schedule.straggler.map(|_| 2.0);
        let options = SearchOptions {
            concurrency: 2,
            settling: SETTLING,
            speculate,
            ..SearchOptions::default()
        };
        let known = resume(&mut self.disk).expect("a whole journal");
        self.flushed = self.flushed.min(self.disk.len());
        let evaluated = evaluated(known.as_ref());
        let known = known.unwrap_or_else(|| {
            let history = history();
            lines(&[Entry::Journal(history.header().clone())], &mut self.disk);
            self.flushed = self.disk.len();
            history
        });
        let mut search = Search::new(options, known);
        let mut agenda: BTreeMap<(Duration, usize), SearchEvent> = BTreeMap::new();
        let mut event = SearchEvent::Started { pid };
        loop {
            assert!(self.steps < 2000, "no end: {schedule:?}");
            let (writes, others): (Vec<_>, Vec<_>) = search
                .handle(self.now, event)
                .into_iter()
                .partition(|command| matches!(command, Command::Write(_)));
            if self.step(schedule) {
                return None;
            }
            let entries: Vec<_> = writes
                .into_iter()
                .filter_map(|command| {
                    if let Command::Write(entry) = command {
                        Some(entry)
                    } else {
                        None
                    }
                })
                .collect();
            lines(&entries, &mut self.disk);
            if self.step(schedule) {
                return None;
            }
            let is_effect = |command: &Command| {
                matches!(
                    command,
                    Command::Evaluate { .. } | Command::Report { .. } | Command::Stop(_)
                )
            };
            if others.iter().any(is_effect) {
                self.flushed = self.disk.len();
            }
            for command in others {
                let (answer, takes) = match command {
                    Command::Stop(Ok(_)) => return Some(search.into_result()),
                    Command::Stop(Err(Obstacle::Evaluation(_))) => {
                        return Some(search.into_result());
                    }
                    Command::Stop(Err(error)) => panic!("{error}: {schedule:?}"),
                    Command::Poll { next, since, .. } => (self.server.polled(next, since), 10),
                    Command::Evaluate { id, attempt, .. } => {
                        assert!(
                            !evaluated.contains(&id),
                            "point {id} is evaluated again: {schedule:?}"
                        );
                        let takes = match schedule.straggler {
                            Some((first, _)) if self.is_last(&id) && attempt == 1 => first,
                            Some((_, later)) if self.is_last(&id) => later,
                            _ => 15,
                        };
                        let fails = schedule
                            .failures
                            .get(&number(&id).expect("a number"))
                            .copied()
                            .unwrap_or_default();
                        let outcome = if attempt <= fails {
                            Err(Failure::point("no data"))
                        } else {
                            Ok(loss_of(&id))
                        };
                        // One that is given up may still end.
                        (
                            SearchEvent::Evaluated {
                                outcome,
                                id,
                                attempt,
                            },
                            takes,
                        )
                    }
                    Command::Report { id, loss } => {
                        let is_made_up = loss == Loss::PANDA_PENALTY;
                        assert!(
                            !is_made_up || search.history.has_worked(),
                            "nothing has worked: {schedule:?}"
                        );
                        self.reports += 1;
                        let fate = schedule
                            .fates
                            .get(&self.reports)
                            .copied()
                            .unwrap_or(Fate::Answered);
                        if let Fate::Late(delay) = fate {
                            self.late.push((self.now + delay, id.clone(), loss.get()));
                        }
                        if matches!(fate, Fate::Answered | Fate::LostAfter) {
                            self.act(&id, loss.get());
                        }
                        let kind = if fate == Fate::Refused {
                            ErrorKind::Refused
                        } else {
                            ErrorKind::Interrupted
                        };
                        let failed = fate != Fate::Answered;
                        let answer = if failed {
                            SearchEvent::ReportFailed {
                                id,
                                error: error(kind),
                            }
                        } else {
                            SearchEvent::Reported { id }
                        };
                        (answer, 20)
                    }
                    Command::Write(_) | Command::Judge { .. } | Command::Abandon { .. } => continue,
                };
                agenda.insert(
                    (self.now + Duration::from_millis(takes), self.steps),
                    answer,
                );
                if self.step(schedule) {
                    return None;
                }
            }
            let wake = search.wakes_at();
            event = match agenda.first_entry().filter(|entry| entry.key().0 <= wake) {
                Some(entry) => {
                    self.now = entry.key().0.max(self.now);
                    entry.remove()
                }
                None => {
                    self.now = wake.max(self.now);
                    SearchEvent::Woke
                }
            };
            let now = self.now;
            for (_, id, loss) in self
                .late
                .extract_if(.., |(due, ..)| *due <= now)
                .collect::<Vec<_>>()
            {
                self.act(&id, loss);
            }
        }
    }
}

/// The points whose evaluation has ended, by what a journal says.
fn evaluated(known: Option<&History>) -> BTreeSet<PointId> {
    let stages = [Stage::Evaluated, Stage::Reported, Stage::Confirmed];
    let trials = known
        .into_iter()
        .flat_map(History::trials)
        .filter(|trial| stages.contains(&trial.stage));
    trials.map(|trial| trial.id.clone()).collect()
}

/// Runs a whole search by a schedule; returns the number of its steps and reports.
fn play(schedule: &Schedule, max_points: usize) -> (usize, usize) {
    let mut world = World::new(max_points);
    let result = (1..)
        .find_map(|pid| world.run(schedule, pid))
        .expect("some process lives");
    for (_, id, loss) in std::mem::take(&mut world.late) {
        world.act(&id, loss);
    }
    assert_eq!(result.stop, StopReason::Finished, "{schedule:?}");
    assert_eq!(
        Journal::parse(&world.disk).expect("a whole journal"),
        result,
        "{schedule:?}"
    );
    assert_eq!(world.server.losses.len(), max_points, "{schedule:?}");
    let is_too_late = |fate: &Fate| matches!(fate, Fate::Late(delay) if *delay >= SETTLING);
    for trial in &result.trials {
        let expected = loss_of(&trial.id);
        let number: usize = trial.id.as_str().parse().expect("a number");
        assert_eq!(
            world.server.losses[number - 1],
            Some(expected),
            "{schedule:?}"
        );
        assert_eq!(trial.loss.map(Loss::get), Some(expected), "{schedule:?}");
        assert_eq!(
            (&trial.stage, &trial.made_up, trial.is_foreign),
            (&Stage::Confirmed, &None, false),
            "{schedule:?}"
        );
        let values = trial
            .evaluations
            .iter()
            .filter(|evaluation| evaluation.has_value())
            .count();
        assert_eq!(values, 1, "{trial:?}: {schedule:?}");
        if !schedule.fates.values().any(is_too_late) {
            assert_eq!(
                world.acted[&trial.id], 1,
                "point {} is reported twice: {schedule:?}",
                trial.id
            );
        }
    }
    (world.steps, world.reports)
}

const FATES: [Fate; 5] = [
    Fate::LostBefore,
    Fate::LostAfter,
    Fate::Refused,
    Fate::Late(Duration::from_millis(4_900)),
    Fate::Late(Duration::from_secs(60)),
];

#[test]
fn a_kill_at_any_step_with_any_answer_to_any_report_loses_nothing_and_repeats_nothing() {
    let mut played = 0;
    let (_, reports) = play(&Schedule::default(), 3);
    for report in 0..=reports {
        for fate in FATES {
            let fates = BTreeMap::from([(report, fate)]);
            let (steps, _) = play(
                &Schedule {
                    fates: fates.clone(),
                    ..Schedule::default()
                },
                3,
            );
            for step in 1..=steps {
                for death in [Death::Kill, Death::PowerCut] {
                    let deaths = vec![(step, death)];
                    play(
                        &Schedule {
                            deaths,
                            fates: fates.clone(),
                            ..Schedule::default()
                        },
                        3,
                    );
                    played += 1;
                }
            }
        }
    }
    assert!(played > 1000, "{played}");
}

/// The second evaluation is faster, the first one is, and both end at the same time.
const STRAGGLERS: [(u64, u64); 3] = [(500, 15), (40, 500), (45, 15)];

#[test]
fn a_point_that_is_evaluated_twice_at_once_is_reported_once_whatever_happens() {
    let mut played = 0;
    for straggler in STRAGGLERS.map(Some) {
        let schedule = Schedule {
            straggler,
            ..Schedule::default()
        };
        let (steps, reports) = play(&schedule, 4);
        for report in 0..=reports {
            for fate in [
                Fate::LostAfter,
                Fate::Refused,
                Fate::Late(Duration::from_millis(4_900)),
            ] {
                let fates = BTreeMap::from([(report, fate)]);
                for step in 1..=steps + 10 {
                    let deaths = vec![(step, Death::Kill)];
                    play(
                        &Schedule {
                            deaths,
                            fates: fates.clone(),
                            straggler,
                            ..Schedule::default()
                        },
                        4,
                    );
                    played += 1;
                }
            }
        }
    }
    assert!(played > 1000, "{played}");
}

#[test]
fn two_kills_at_any_two_steps_lose_nothing_and_repeat_nothing() {
    let (steps, _) = play(&Schedule::default(), 2);
    let mut played = 0;
    for first in 1..=steps {
        for second in first + 1..=2 * steps {
            for death in [Death::Kill, Death::PowerCut] {
                play(
                    &Schedule {
                        deaths: vec![(first, death), (second, Death::Kill)],
                        ..Schedule::default()
                    },
                    2,
                );
                played += 1;
            }
        }
    }
    assert!(played > 1000, "{played}");
}

#[test]
fn a_process_that_is_killed_again_and_again_still_gets_on() {
    for pace in 7..40 {
        let deaths = (1..40).map(|count| (count * pace, Death::Kill)).collect();
        play(
            &Schedule {
                deaths,
                ..Schedule::default()
            },
            5,
        );
    }
}

/// Runs a search in which evaluations fail, to its end and once more when it ended because nothing worked; returns its steps.
fn play_failing(schedule: &Schedule, max_points: usize) -> usize {
    let mut world = World::new(max_points);
    let result = (1..)
        .find_map(|pid| world.run(schedule, pid))
        .expect("some process lives");
    let steps = world.steps;
    let nothing_works = result.stop == StopReason::NothingWorks;
    assert_eq!(
        Journal::parse(&world.disk).expect("a whole journal"),
        result,
        "{schedule:?}"
    );
    let mut all = Vec::new();
    if nothing_works {
        // The server waits for one or two points that are left, after something has worked.
        let made_up = result
            .trials
            .iter()
            .filter(|trial| trial.made_up.is_some())
            .count();
        let has_worked = result.best_trial().is_some();
        assert!(
            if has_worked {
                made_up < max_points - 1
            } else {
                made_up == 0
            },
            "{result:?}: {schedule:?}"
        );
        assert!(
            result
                .error
                .as_ref()
                .is_some_and(|why| why.ends_with(": no data")),
            "{result:?}: {schedule:?}"
        );
        // The program was set right.
        all = world
            .run(&Schedule::default(), 1000)
            .expect("nobody kills it")
            .trials;
    }
    let trials = if nothing_works { &all } else { &result.trials };
    assert_eq!(trials.len(), max_points, "{schedule:?}");
    for trial in trials {
        let number = number(&trial.id).expect("a number");
        let fails = schedule
            .failures
            .get(&number)
            .is_some_and(|fails| *fails == u32::MAX);
        let is_made_up = |trial: &&TrialRecord| {
            trial.made_up.is_some() && trial.id.as_str() == number.to_string()
        };
        let fails =
            fails && (!nothing_works || result.trials.iter().any(|trial| is_made_up(&trial)));
        let expected = if fails {
            Loss::PANDA_PENALTY.get()
        } else {
            loss_of(&trial.id)
        };
        assert_eq!(
            world.server.losses[number as usize - 1],
            Some(expected),
            "{schedule:?}"
        );
        assert_eq!(
            (trial.stage, trial.made_up.is_some()),
            (Stage::Confirmed, fails),
            "{trial:?}: {schedule:?}"
        );
        assert_eq!(world.acted[&trial.id], 1, "{schedule:?}");
    }
    steps
}

#[test]
fn no_loss_is_made_up_before_something_has_worked_wherever_the_process_is_killed() {
    const ALWAYS: u32 = u32::MAX;
    let mut played = 0;
    let all =
        |points: std::ops::RangeInclusive<u64>| points.map(|number| (number, ALWAYS)).collect();
    let failures: [(BTreeMap<u64, u32>, usize); 7] = [
        (all(1..=1), 1),
        (all(1..=2), 2),
        (all(1..=5), 5),
        (all(1..=1), 3),
        (all(2..=3), 4),
        (all(2..=5), 5),
        (BTreeMap::from([(1, 2), (2, 1), (3, ALWAYS)]), 4),
    ];
    for (failures, max_points) in failures {
        let schedule = Schedule {
            failures,
            ..Schedule::default()
        };
        let steps = play_failing(&schedule, max_points);
        for step in 1..=steps {
            for death in [Death::Kill, Death::PowerCut] {
                play_failing(
                    &Schedule {
                        deaths: vec![(step, death)],
                        ..schedule.clone()
                    },
                    max_points,
                );
                played += 1;
            }
        }
    }
    assert!(played > 300, "{played}");
}
