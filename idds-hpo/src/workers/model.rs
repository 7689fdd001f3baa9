//! Every order in which a few workers can look, claim, evaluate, report, stall, die and come back.

use std::collections::{HashMap, HashSet, VecDeque};

use idds_client::PointId;

use super::crew::{Claim, choose};

const NAMES: [&str; 3] = ["a", "b", "c"];

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct World {
    points: Vec<Point>,
    workers: Vec<Worker>,
    /// How many more times a worker may stall or die.
    troubles: u8,
}

#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
struct Point {
    /// The holders of all terms.
    claims: Vec<usize>,
    /// Evaluations begun.
    evaluations: u8,
    /// Evaluations begun again by a worker that had died.
    repeats: u8,
    has_loss: bool,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Worker {
    life: Life,
    doing: Doing,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Life {
    Runs,
    Stalls,
    Dead,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Doing {
    Nothing,
    /// It has looked, and is about to claim this point with this term.
    Claims(usize, u32),
    Evaluates(usize),
}

fn id(point: usize) -> PointId {
    PointId::new(point.to_string())
}

impl World {
    fn new(points: usize, workers: usize, troubles: u8) -> Self {
        let worker = Worker {
            life: Life::Runs,
            doing: Doing::Nothing,
        };
        Self {
            points: vec![Point::default(); points],
            workers: vec![worker; workers],
            troubles,
        }
    }

    /// Every world that can be next.
    fn next(&self) -> Vec<Self> {
        let mut worlds = Vec::new();
        for (index, worker) in self.workers.iter().enumerate() {
            let with = |change: &dyn Fn(&mut Self)| {
                let mut world = self.clone();
                change(&mut world);
                world
            };
            match (worker.life, worker.doing) {
                (Life::Runs, Doing::Nothing) => worlds.extend(self.look(index)),
                (Life::Runs, Doing::Claims(point, term)) => worlds.push(with(&|world| {
                    let claims = &mut world.points[point].claims;
                    // Making the file fails when it is there.
                    let is_first = claims.len() < term as usize;
                    if is_first {
                        claims.push(index);
                        world.points[point].evaluations += 1;
                    }
                    world.workers[index].doing = if is_first {
                        Doing::Evaluates(point)
                    } else {
                        Doing::Nothing
                    };
                })),
                (Life::Runs, Doing::Evaluates(point)) => worlds.push(with(&|world| {
                    world.points[point].has_loss = true;
                    world.workers[index].doing = Doing::Nothing;
                })),
                (Life::Stalls, _) => {
                    worlds.push(with(&|world| world.workers[index].life = Life::Runs));
                }
                (Life::Dead, _) => {
                    let again = Worker {
                        life: Life::Runs,
                        doing: Doing::Nothing,
                    };
                    worlds.push(with(&|world| world.workers[index] = again.clone()));
                }
            }
            if worker.life == Life::Runs && self.troubles > 0 {
                for life in [Life::Stalls, Life::Dead] {
                    worlds.push(with(&|world| {
                        world.workers[index].life = life;
                        world.troubles -= 1;
                    }));
                }
            }
        }
        worlds
    }

    /// A worker looks at the server and the folder: whoever does not run may count as dead, or not yet.
    fn look(&self, index: usize) -> Vec<Self> {
        let then = |doing: Doing| {
            let mut world = self.clone();
            world.workers[index].doing = doing;
            world
        };
        let open: Vec<_> = (0..self.points.len())
            .filter(|point| !self.points[*point].has_loss)
            .collect();
        // What it holds by the last claim, it evaluates, again after it had died.
        if let Some(mine) = open
            .iter()
            .copied()
            .find(|point| self.points[*point].claims.last() == Some(&index))
        {
            let mut world = then(Doing::Evaluates(mine));
            world.points[mine].evaluations += 1;
            world.points[mine].repeats += 1;
            return vec![world];
        }
        let claim = |point: usize| {
            let claims = &self.points[point].claims;
            let holder = NAMES[*claims.last()?].to_owned();
            Some((
                id(point),
                Claim {
                    term: claims.len() as u32,
                    holder,
                },
            ))
        };
        let claims: HashMap<_, _> = open.iter().filter_map(|point| claim(*point)).collect();
        let open: Vec<_> = open.into_iter().map(id).collect();
        // It may also find, once for each point, that a living one is too slow.
        let was_mine = |point: &PointId| {
            let point: usize = point.as_str().parse().expect("a number");
            self.points[point].claims.contains(&index)
        };
        let views = [(false, false), (true, false), (false, true), (true, true)];
        let chosen = views.into_iter().flat_map(|(is_impatient, is_late)| {
            let counts = |other: &usize| {
                *other == index || !is_impatient || self.workers[*other].life == Life::Runs
            };
            let live: Vec<_> = (0..self.workers.len())
                .filter(counts)
                .map(|other| NAMES[other])
                .collect();
            choose(
                NAMES[index],
                &live,
                &open,
                &claims,
                |point| is_late && !was_mine(point),
                1,
            )
        });
        chosen
            .map(|(point, term)| {
                then(Doing::Claims(
                    point.as_str().parse().expect("a number"),
                    term,
                ))
            })
            .collect()
    }

    fn check(&self) {
        for point in &self.points {
            let take_overs = point.claims.len().saturating_sub(1) as u8;
            assert!(
                point.evaluations <= 1 + take_overs + point.repeats,
                "{self:?}"
            );
        }
    }

    fn is_done(&self) -> bool {
        self.points.iter().all(|point| point.has_loss)
    }
}

/// Goes through every world that can come, and returns their number.
fn explore(start: World) -> usize {
    let mut known: HashMap<World, Vec<World>> = HashMap::new();
    let mut agenda = VecDeque::from([start]);
    while let Some(world) = agenda.pop_front() {
        if known.contains_key(&world) {
            continue;
        }
        world.check();
        let next = world.next();
        agenda.extend(next.iter().cloned());
        known.insert(world, next);
    }
    // From everywhere, some way leads to an end at which every point has a loss.
    let mut ends: HashSet<&World> = known.keys().filter(|world| world.is_done()).collect();
    loop {
        let more: Vec<_> = known
            .iter()
            .filter(|(world, next)| {
                !ends.contains(world) && next.iter().any(|next| ends.contains(next))
            })
            .collect();
        if more.is_empty() {
            break;
        }
        ends.extend(more.into_iter().map(|(world, _)| world));
    }
    assert_eq!(ends.len(), known.len());
    known.len()
}

#[test]
fn no_order_of_events_evaluates_a_point_more_than_once_for_each_take_over_or_loses_one() {
    let worlds =
        explore(World::new(2, 2, 3)) + explore(World::new(1, 3, 3)) + explore(World::new(2, 3, 1));
    assert!(worlds > 1000, "{worlds}");
}
