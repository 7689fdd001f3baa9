//! The life of a search as a pure state machine: points so far in, what to do next out.

use idds_sampler::{Steering, Trial, UnitSpace};
use idds_workflow::{OptSpace, Parameter, Point};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// State of a request that the server runs, or of a transform: both use the same numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stage {
    /// Stored, not looked at yet.
    New = 0,
    /// Points are being evaluated.
    Transforming = 2,
    /// As many points as asked for have a loss.
    Finished = 3,
    /// Ended early, with some losses.
    SubFinished = 4,
    /// Cannot be run here, or ended early without a loss.
    Failed = 5,
    /// Held by its user: no new points until it is resumed.
    Suspended = 12,
    /// Waits for its workflow, which another work makes; only a request.
    Building = 21,
    /// Has got its workflow; only a request.
    Built = 22,
}

impl Stage {
    /// Returns the number that is stored.
    pub(crate) const fn code(self) -> i64 {
        self as i64
    }

    /// Returns the number of the status that the processing of a transform in this stage has.
    pub(crate) const fn processing(self) -> i64 {
        match self {
            Self::New | Self::Building | Self::Built => 0,
            Self::Transforming => 3,
            Self::Finished => 4,
            Self::Failed => 5,
            Self::SubFinished => 11,
            Self::Suspended => 17,
        }
    }
}

/// What becomes of a work once it has begun.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) enum Run {
    /// Points are made until enough of them have a loss.
    Search(Search),
    /// The first points are made, and no others; only by the rules of 2.6.21.
    Stalls(Search),
    /// Nothing ever happens; only by the rules of 2.6.21.
    Hangs,
    /// It fails with this message; only by the rules of 2.6.21.
    Fails(String),
    /// Its programs are started until each job has an output, or has failed for good.
    Programs(Programs),
    /// The files of a dataset are copied until each of them is there, or has failed for good.
    Copy(Copying),
    /// A rule of Rucio brings the files of a dataset, and is followed until each of them is there, or nothing more is to come.
    Follow(Following),
    /// A program proposes points until enough of them have a loss, or it proposes none.
    Steered(Box<Steered>),
}

/// A search whose points a steering program proposes: a job for each generation.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Steered {
    /// How the program is run; its result is the file that it writes points to.
    pub(crate) programs: Programs,
    /// Command line, with `%MAX_POINTS`, `%NUM_POINTS`, `%IN` and `%OUT`.
    pub(crate) command: String,
    /// Space as it was sent; only the program has to understand it.
    pub(crate) opt_space: Value,
    /// Number of points with a loss that ends the search.
    pub(crate) max_points: u64,
    /// Number of open points that a generation starts with.
    pub(crate) num_points_per_iteration: u64,
}

/// Name of the file that a steering program reads.
pub(crate) const STEERING_INPUT: &str = "idds_input.json";

impl Steered {
    /// Returns how many points are to be proposed after so many have a loss.
    pub(crate) fn wanted(&self, evaluated: u64) -> u64 {
        self.max_points
            .saturating_sub(evaluated)
            .min(self.num_points_per_iteration)
    }

    /// Returns the command line that asks for so many points.
    pub(crate) fn command(&self, count: u64) -> String {
        self.command
            .replace("%MAX_POINTS", &self.max_points.to_string())
            .replace("%NUM_POINTS", &count.to_string())
            .replace("%IN", STEERING_INPUT)
            .replace("%OUT", &self.programs.result)
    }
}

/// The copying of a dataset between storage elements that are directories.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Copying {
    /// Scope of the dataset.
    pub(crate) scope: String,
    /// Name of the dataset.
    pub(crate) name: String,
    /// Storage element that has it; any but the other by default.
    pub(crate) from: Option<String>,
    /// Storage element that gets it.
    pub(crate) to: String,
    /// Seconds after which the work ends with what is there.
    pub(crate) patience: Option<f64>,
}

/// The container in which jobs run.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Image {
    /// Name of the image, or its path.
    pub(crate) name: String,
    /// Where the directory in which a job begins is shown; under its own path by default.
    pub(crate) workdir: Option<String>,
}

/// The following of the rule of Rucio that brings a dataset.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Following {
    /// Scope of the dataset.
    pub(crate) scope: String,
    /// Name of the dataset.
    pub(crate) name: String,
    /// Storage element that has it; any by default.
    pub(crate) from: Option<String>,
    /// Storage element that gets it, by a rule that is made when none is given.
    pub(crate) to: Option<String>,
    /// Rule that is followed; made by default.
    pub(crate) rule: Option<String>,
    /// Seconds after which the work ends with what is there.
    pub(crate) patience: Option<f64>,
}

/// What the jobs of a work have in common.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Programs {
    /// Shell commands that come before each job.
    pub(crate) setup: Option<String>,
    /// Whether a job begins in a directory of its own, and not in that of the server's user.
    pub(crate) own_directory: bool,
    /// Archive that is unpacked where a job begins.
    pub(crate) sandbox: Option<String>,
    /// Container in which the jobs run.
    #[serde(default)]
    pub(crate) image: Option<Image>,
    /// File with the result, below the directory of the job.
    pub(crate) result: String,
    /// Whether a job without a result has failed.
    pub(crate) needs_result: bool,
    /// Cores of a job.
    pub(crate) cores: u32,
    /// Megabytes of a job in its first attempt, what comes on top when it is tried again, with every attempt, and at most.
    pub(crate) memory: Option<(f64, f64, f64, Option<f64>)>,
    /// Seconds that a job may take.
    pub(crate) seconds: Option<f64>,
    /// Number of times that a job is tried.
    pub(crate) attempts: u32,
}

/// A search that the server makes points for.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Search {
    /// Where to search.
    pub(crate) opt_space: OptSpace,
    /// Number of points with a loss that ends the search.
    pub(crate) max_points: u64,
    /// Number of open points that a generation starts with.
    pub(crate) num_points_per_iteration: u64,
    /// Seed of the proposals.
    pub(crate) seed: u64,
}

/// How many points a search has, how many jobs a work of programs, or how many files a dataset.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tally {
    /// Points without a loss; jobs that have not begun.
    pub(crate) open: u32,
    /// Points with a loss; jobs whose output is there.
    pub(crate) evaluated: u32,
    /// Jobs that run.
    pub(crate) processing: u32,
    /// Jobs whose last attempt failed.
    pub(crate) failed: u32,
    /// Jobs that will not run.
    pub(crate) missing: u32,
    /// Bytes of outputs that are there.
    pub(crate) bytes: i64,
}

impl Tally {
    /// Counts outputs in this state, which have so many bytes.
    pub(crate) fn add(&mut self, state: Content, count: u32, bytes: i64) {
        match state {
            Content::Available | Content::FakeAvailable => {
                self.evaluated += count;
                self.bytes += bytes;
            }
            Content::New | Content::Activated => self.open += count,
            Content::Processing => self.processing += count,
            Content::Failed | Content::FinalFailed => self.failed += count,
            Content::Missing => self.missing += count,
        }
    }

    /// Returns how many there are.
    pub(crate) fn total(self) -> u32 {
        self.open + self.evaluated + self.processing + self.failed + self.missing
    }

    /// Returns how a work ends that has this many outputs: by all of them, by none, or by some.
    pub(crate) fn verdict(self) -> Stage {
        match self.evaluated {
            0 => Stage::Failed,
            there if there == self.total() => Stage::Finished,
            _ => Stage::SubFinished,
        }
    }
}

/// State of a content: what goes into a job, or comes out of it, or a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Content {
    /// Nothing has happened to it.
    New = 0,
    /// It is being made.
    Processing = 1,
    /// It is there.
    Available = 2,
    /// It could not be made, and that is tried again.
    Failed = 3,
    /// It could not be made.
    FinalFailed = 4,
    /// It counts as there.
    FakeAvailable = 8,
    /// Nobody makes it.
    Missing = 9,
    /// Its job waits for room on the machine.
    Activated = 11,
}

impl Content {
    /// Returns the number that is stored.
    pub(crate) const fn code(self) -> i64 {
        self as i64
    }

    /// Returns the state that is stored as this number.
    pub(crate) const fn of(code: i64) -> Self {
        match code {
            1 => Self::Processing,
            2 => Self::Available,
            3 => Self::Failed,
            4 => Self::FinalFailed,
            8 => Self::FakeAvailable,
            9 => Self::Missing,
            11 => Self::Activated,
            _ => Self::New,
        }
    }
}

/// What to do next in a search.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Next {
    /// Wait for the losses of the open points.
    Wait,
    /// Make this many new points.
    Generate(u64),
    /// End.
    Finish,
}

impl Search {
    /// Returns the points that the search starts with, of those known before, and how many others fill the first generation.
    ///
    /// Initial points with a loss count as evaluated. Those without open the first generation, as many as it holds; more
    /// are dropped.
    pub(crate) fn start(&self, initial: Vec<Trial>) -> (Vec<Trial>, u64) {
        let evaluated = initial.iter().filter(|trial| trial.loss.is_some()).count() as u64;
        let mut room = self.generation(evaluated);
        let mut trials = initial;
        trials.retain(|trial| {
            let keeps = trial.loss.is_some() || room > 0;
            room -= u64::from(keeps && trial.loss.is_none());
            keeps
        });
        (trials, room)
    }

    /// Tells what to do when there are this many points.
    ///
    /// A new generation starts only when every point has a loss, and the last one is cut so that exactly `max_points` are
    /// evaluated.
    pub(crate) fn next(&self, tally: Tally) -> Next {
        match self.generation(tally.evaluated.into()) {
            _ if tally.open > 0 => Next::Wait,
            0 => Next::Finish,
            count => Next::Generate(count),
        }
    }

    /// Proposes new points with the seed of the search, given all so far.
    pub(crate) fn propose(&self, steering: &Steering, history: &[Trial], count: u64) -> Vec<Point> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        steering
            .clone()
            .seed(self.seed)
            .propose(&self.opt_space, history, count)
    }

    /// Returns the most bytes that a point has as JSON; every number counts as the longest one.
    pub(crate) fn weight(&self) -> u64 {
        weight(&self.opt_space)
    }

    fn generation(&self, evaluated: u64) -> u64 {
        self.max_points
            .saturating_sub(evaluated)
            .min(self.num_points_per_iteration)
    }
}

/// Bytes of the longest number, and of what stands around a name or a value.
const NUMBER: u64 = 24;
const AROUND: u64 = 6;

/// Returns the most bytes that a point of a space has as JSON.
pub(crate) fn weight(space: &OptSpace) -> u64 {
    let longest = |choices: &[Value]| {
        choices
            .iter()
            .map(|choice| choice.to_string().len() as u64 + AROUND)
            .max()
            .unwrap_or_default()
    };
    let of = |choices: &[Value], list_len: Option<u32>| {
        longest(choices) * u64::from(list_len.unwrap_or(1))
    };
    let names: u64 = space
        .parameters()
        .map(|(name, _)| name.len() as u64 + AROUND)
        .sum();
    let choices: u64 = space
        .parameters()
        .map(|(_, parameter)| match parameter {
            Parameter::Choice(choice) => of(choice.choices(), choice.list_len()),
            Parameter::TransitionChoice(choice) => of(choice.choices(), choice.list_len()),
            _ => 0,
        })
        .sum();
    names + choices + NUMBER * UnitSpace::new(space).dimensions() as u64
}

/// Returns the seed of a request: another one for every request and every seed of the server.
pub(crate) fn search_seed(server: u64, request: i64) -> u64 {
    let mut mixed = server ^ request.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for (shift, factor) in [(30, 0xbf58_476d_1ce4_e5b9), (27, 0x94d0_49bb_1331_11eb)] {
        mixed = (mixed ^ (mixed >> shift)).wrapping_mul(factor);
    }
    mixed ^ (mixed >> 31)
}

/// Returns the seed of the search of a work at this place in its workflow; that of the first is the request's.
pub(crate) fn work_seed(request: u64, place: u64) -> u64 {
    if place == 0 {
        request
    } else {
        search_seed(request, place.cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Starts a search with proposals that fill the first generation.
    fn start(search: &Search, initial: Vec<Trial>) -> Vec<Trial> {
        let (mut trials, room) = search.start(initial);
        let proposals = search.propose(&Steering::default(), &trials, room);
        trials.extend(
            proposals
                .into_iter()
                .map(|point| Trial { point, loss: None }),
        );
        trials
    }

    fn search(max_points: u64, num_points_per_iteration: u64) -> Search {
        let opt_space = OptSpace::builder()
            .choice("A", [1, 4])
            .scalar("B", 0..=5)
            .build()
            .expect("a space");
        Search {
            opt_space,
            max_points,
            num_points_per_iteration,
            seed: 7,
        }
    }

    fn initial(losses: &[Option<f64>]) -> Vec<Trial> {
        losses
            .iter()
            .map(|loss| Trial {
                point: Point::from([("A", 1), ("B", 2)]),
                loss: *loss,
            })
            .collect()
    }

    /// Runs a search whose losses all arrive, and returns the number of new points of every generation.
    fn generations(search: &Search, initial: Vec<Trial>) -> Vec<usize> {
        let mut trials = start(search, initial);
        let mut sizes = vec![trials.iter().filter(|trial| trial.loss.is_none()).count()];
        loop {
            for trial in &mut trials {
                trial.loss.get_or_insert(1.0);
            }
            match search.next(Tally {
                open: 0,
                evaluated: trials.len() as u32,
                ..Tally::default()
            }) {
                Next::Generate(count) => {
                    let points = search.propose(&Steering::default(), &trials, count);
                    sizes.push(points.len());
                    trials.extend(points.into_iter().map(|point| Trial { point, loss: None }));
                }
                _ => return sizes,
            }
        }
    }

    #[test]
    fn the_last_generation_is_cut() {
        assert_eq!(generations(&search(7, 3), vec![]), [3, 3, 1]);
        assert_eq!(generations(&search(20, 10), vec![]), [10, 10]);
        assert_eq!(generations(&search(2, 10), vec![]), [2]);
    }

    #[test]
    fn initial_points_with_a_loss_count_and_those_without_open_the_first_generation() {
        let search = search(20, 10);
        let trials = start(&search, initial(&[Some(0.3), None]));
        assert_eq!(trials.len(), 11);
        assert_eq!(trials[..2], initial(&[Some(0.3), None])[..]);
        assert_eq!(generations(&search, initial(&[Some(0.3), None])), [10, 9]);
    }

    #[test]
    fn open_initial_points_never_exceed_the_first_generation() {
        assert_eq!(
            start(&search(20, 2), initial(&[None, None, None, Some(1.0)])).len(),
            3
        );
        assert_eq!(
            start(&search(3, 10), initial(&[Some(1.0), None, None, None])).len(),
            3
        );
    }

    #[test]
    fn a_search_whose_initial_points_suffice_is_over() {
        let search = search(2, 10);
        assert_eq!(
            start(&search, initial(&[Some(1.0), Some(2.0), Some(3.0), None])).len(),
            3
        );
        assert_eq!(
            search.next(Tally {
                open: 0,
                evaluated: 3,
                ..Tally::default()
            }),
            Next::Finish
        );
    }

    #[test]
    fn no_point_is_longer_than_its_weight() {
        let space = OptSpace::builder()
            .choice("name", ["x", "a long one of a few"])
            .array("w", [3, 5], -1e-300..=1e300)
            .integer("n", 0..=9_000_000_000_000_000_i64)
            .build()
            .expect("a space");
        let points = Steering::default().propose(&space, &[], 50);
        let longest = points
            .iter()
            .map(|point| point.to_string().len() as u64)
            .max();
        assert!(
            longest
                .is_some_and(|longest| longest <= weight(&space) && weight(&space) < 2 * longest),
            "{longest:?}"
        );
    }

    #[test]
    fn one_point_without_a_loss_stops_everything() {
        assert_eq!(
            search(20, 10).next(Tally {
                open: 1,
                evaluated: 9,
                ..Tally::default()
            }),
            Next::Wait
        );
        assert_eq!(
            search(20, 10).next(Tally {
                open: 1,
                evaluated: 30,
                ..Tally::default()
            }),
            Next::Wait
        );
    }

    #[test]
    fn every_request_has_its_own_seed() {
        let seeds: std::collections::HashSet<_> = (0..10)
            .flat_map(|server| (1..100).map(move |request| search_seed(server, request)))
            .collect();
        assert_eq!(seeds.len(), 990);
    }

    #[test]
    fn a_work_ends_by_all_of_its_outputs_by_none_or_by_some() {
        let tally = |states: &[Content]| {
            let mut tally = Tally::default();
            for state in states {
                tally.add(*state, 1, 10);
            }
            tally
        };
        let all = [
            Content::New,
            Content::Activated,
            Content::Processing,
            Content::Available,
            Content::FakeAvailable,
            Content::Failed,
            Content::FinalFailed,
            Content::Missing,
        ];
        let counted = Tally {
            open: 2,
            evaluated: 2,
            processing: 1,
            failed: 2,
            missing: 1,
            bytes: 20,
        };
        assert_eq!((tally(&all), counted.total()), (counted, 8));
        assert_eq!(tally(&[Content::Available; 2]).verdict(), Stage::Finished);
        assert_eq!(tally(&[]).verdict(), Stage::Failed);
        for other in all {
            let there = matches!(other, Content::Available | Content::FakeAvailable);
            let mixed = tally(&[Content::Available, other]).verdict();
            let alone = tally(&[other]).verdict();
            let expected = match there {
                true => (Stage::Finished, Stage::Finished),
                false => (Stage::SubFinished, Stage::Failed),
            };
            assert_eq!((mixed, alone), expected, "{other:?}");
            assert_eq!(Content::of(other.code()), other);
        }
    }

    #[test]
    fn the_first_work_of_a_request_has_its_seed_and_each_other_one_its_own() {
        assert_eq!(work_seed(7, 0), 7);
        assert_ne!(work_seed(7, 1), 7);
        assert_ne!(work_seed(7, 1), work_seed(7, 2));
    }
}
