//! What may run at once: jobs that wait, and the cores and memory that are left.

use std::collections::{BTreeMap, HashSet, VecDeque};

use crate::{AttemptId, Job};

/// How often the job that waits longest is overtaken by smaller ones, before all wait for it.
const OVERTAKING: u32 = 100;

/// Cores and memory, in bytes.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Needs {
    pub(crate) cores: u32,
    pub(crate) memory: u64,
}

impl Needs {
    pub(crate) fn of(job: &Job) -> Self {
        Self {
            cores: job.cores_needed(),
            memory: job.memory_limit().unwrap_or(0),
        }
    }
}

/// Jobs that wait, in the order in which they came, and what those that run have taken.
#[derive(Debug)]
pub(crate) struct Slots {
    total: Needs,
    used: Needs,
    /// Those that need the same stand in one row, so that a look at many costs no more than one at a few.
    waiting: BTreeMap<Needs, VecDeque<(u64, Job)>>,
    withdrawn: HashSet<AttemptId>,
    number: u64,
    overtaken: u32,
}

impl Slots {
    pub(crate) fn new(total: Needs) -> Self {
        Self {
            total,
            used: Needs::default(),
            waiting: BTreeMap::new(),
            withdrawn: HashSet::new(),
            number: 0,
            overtaken: 0,
        }
    }

    /// Adds a job to those that wait.
    pub(crate) fn push(&mut self, job: Job) {
        self.number += 1;
        let row = self.waiting.entry(Needs::of(&job)).or_default();
        row.push_back((self.number, job));
    }

    /// Tells whether none waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes all jobs away that wait.
    pub(crate) fn drain(&mut self) -> Vec<Job> {
        let withdrawn = std::mem::take(&mut self.withdrawn);
        let rows = std::mem::take(&mut self.waiting).into_values();
        let mut jobs: Vec<_> = rows.flatten().collect();
        jobs.sort_by_key(|(at, _)| *at);
        let jobs = jobs.into_iter().map(|(_, job)| job);
        jobs.filter(|job| !withdrawn.contains(job.attempt()))
            .collect()
    }

    /// Takes a job away that waits.
    pub(crate) fn withdraw(&mut self, attempt: &AttemptId) {
        self.withdrawn.insert(attempt.clone());
    }

    /// Returns the job to be started next, for which there is room now, and counts it.
    pub(crate) fn next(&mut self) -> Option<Job> {
        let withdrawn = &mut self.withdrawn;
        self.waiting.retain(|_, row| {
            while row
                .front()
                .is_some_and(|(_, job)| withdrawn.remove(job.attempt()))
            {
                row.pop_front();
            }
            !row.is_empty()
        });
        let first = |row: &VecDeque<(u64, Job)>| row.front().map_or(u64::MAX, |(at, _)| *at);
        let oldest = self.waiting.values().map(first).min()?;
        let fitting = self
            .waiting
            .iter()
            .filter(|(needs, _)| self.fits(**needs))
            .map(|(needs, row)| (first(row), *needs));
        let (at, needs) = fitting.min()?;
        if at == oldest {
            self.overtaken = 0;
        } else if self.overtaken == OVERTAKING {
            return None;
        } else {
            self.overtaken += 1;
        }
        let (_, job) = self.waiting.get_mut(&needs)?.pop_front()?;
        self.take(needs);
        Some(job)
    }

    /// Counts a job that runs already.
    pub(crate) fn take(&mut self, needs: Needs) {
        self.used.cores = self.used.cores.saturating_add(needs.cores);
        self.used.memory = self.used.memory.saturating_add(needs.memory);
    }

    /// Counts a job no more.
    pub(crate) fn free(&mut self, needs: Needs) {
        self.used.cores = self.used.cores.saturating_sub(needs.cores);
        self.used.memory = self.used.memory.saturating_sub(needs.memory);
    }

    fn fits(&self, needs: Needs) -> bool {
        // What needs nothing of a kind does not wait for it, even when adopted jobs hold more than there is.
        let fit =
            |total: u64, used: u64, need: u64| need == 0 || used.saturating_add(need) <= total;
        fit(
            self.total.cores.into(),
            self.used.cores.into(),
            needs.cores.into(),
        ) && fit(self.total.memory, self.used.memory, needs.memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(name: &str, cores: u32, memory: u64) -> Job {
        Job::shell(AttemptId::new(name), name, "true")
            .cores(cores)
            .memory(memory)
    }

    fn slots(cores: u32, memory: u64) -> Slots {
        Slots::new(Needs { cores, memory })
    }

    fn started(slots: &mut Slots) -> Vec<String> {
        std::iter::from_fn(|| slots.next())
            .map(|job| job.attempt().to_string())
            .collect()
    }

    #[test]
    fn as_many_start_as_fit_in_the_order_in_which_they_came() {
        let mut slots = slots(4, 100);
        for (name, cores, memory) in [("a", 2, 10), ("b", 3, 10), ("c", 2, 80), ("d", 0, 20)] {
            slots.push(job(name, cores, memory));
        }
        assert_eq!(started(&mut slots), ["a", "c"]);
        slots.free(Needs {
            cores: 2,
            memory: 80,
        });
        assert_eq!(started(&mut slots), ["d"]);
        slots.free(Needs {
            cores: 2,
            memory: 10,
        });
        assert_eq!(started(&mut slots), ["b"]);
        assert_eq!(
            slots.used,
            Needs {
                cores: 3,
                memory: 30
            }
        );
    }

    #[test]
    fn what_needs_much_is_not_overtaken_for_ever() {
        let mut slots = slots(2, 0);
        slots.push(job("first", 1, 0));
        assert_eq!(started(&mut slots), ["first"]);
        slots.push(job("wide", 2, 0));
        let one = Needs {
            cores: 1,
            memory: 0,
        };
        let mut overtaken = 0;
        for number in 0..1000 {
            slots.push(job(&format!("narrow {number}"), 1, 0));
            let names = started(&mut slots);
            if names == ["wide"] {
                break;
            }
            overtaken += names.len();
            // One ends after the other, so that one always runs until nothing new starts.
            slots.free(one);
        }
        assert_eq!(overtaken, usize::try_from(OVERTAKING).expect("small"));
        assert_eq!(slots.used.cores, 2);
    }

    #[test]
    fn what_is_withdrawn_does_not_start() {
        let mut slots = slots(1, 0);
        for name in ["a", "b", "c"] {
            slots.push(job(name, 1, 0));
        }
        slots.withdraw(&AttemptId::new("b"));
        assert_eq!(started(&mut slots), ["a"]);
        slots.free(Needs {
            cores: 1,
            memory: 0,
        });
        assert_eq!(started(&mut slots), ["c"]);
    }
}
