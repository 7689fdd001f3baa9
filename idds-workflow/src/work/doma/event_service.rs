//! Event service: jobs that share one file of events.

use indexmap::IndexMap;

use crate::error::Problem;
use crate::{Job, Literal};

/// Group of the jobs that name none.
const DEFAULT_GROUP: &str = "es_default";

/// The event-service files of a task, and which job is in which.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct EventFiles {
    pub(crate) files: Vec<EventFile>,
    /// For every job the position of its file, and its own position in the file.
    pub(crate) places: Vec<(usize, usize)>,
}

/// A file of events, one for each of its jobs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EventFile {
    pub(crate) name: String,
    pub(crate) has_dependencies: bool,
    pub(crate) order_ids: Vec<u64>,
}

impl EventFiles {
    /// Divides the jobs into files of at most `max_events` jobs, group by group in the order of their numbers.
    ///
    /// The numbers of a group must follow each other without a gap: the Python package leaves all jobs before the last gap
    /// out, and the server then fails on them. (It also switches event service off when a number is missing or repeats.)
    pub(crate) fn new(
        jobs: &[Job],
        label: &str,
        max_events: &Literal,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut groups: IndexMap<&str, Vec<(u64, usize)>> = IndexMap::new();
        let mut numbers: IndexMap<u64, usize> = IndexMap::with_capacity(jobs.len());
        for (index, job) in jobs.iter().enumerate() {
            let place = || format!("jobs[{index}].order_id");
            let Some(number) = job.order().and_then(Literal::as_u64) else {
                problems.push(Problem::new(
                    place(),
                    "is missing or no whole number, which event service needs",
                ));
                continue;
            };
            if let Some(earlier) = numbers.insert(number, index) {
                problems.push(Problem::new(
                    place(),
                    format!("{number} is also that of jobs[{earlier}]"),
                ));
                continue;
            }
            groups
                .entry(job.group_name().unwrap_or(DEFAULT_GROUP))
                .or_default()
                .push((number, index));
        }
        // Python divides the jobs by it, and fails on a text and on a number with a decimal point.
        let max_events = match max_events {
            Literal::Int(count) if *count > 0 => usize::try_from(*count).unwrap_or(usize::MAX),
            other => {
                let message =
                    format!("{other} is not a whole number above 0, which event service needs");
                problems.push(Problem::new("max_events_per_job", message));
                return Self::default();
            }
        };
        let mut events = Self {
            files: Vec::new(),
            places: vec![(0, 0); jobs.len()],
        };
        for (group, mut members) in groups {
            members.sort_unstable();
            if let Some(gap) = members.windows(2).find(|pair| pair[0].0 + 1 != pair[1].0) {
                let [(before, _), (after, index)] = [gap[0], gap[1]];
                let message = format!(
                    "{after} does not follow {before}, the one before it in the group {group:?}"
                );
                problems.push(Problem::new(format!("jobs[{index}].order_id"), message));
            }
            for chunk in members.chunks(max_events) {
                let first = chunk.first().map_or(0, |(number, _)| *number);
                for (place, (_, index)) in chunk.iter().enumerate() {
                    events.places[*index] = (events.files.len(), place);
                }
                events.files.push(EventFile {
                    name: format!("{label}:eventservice_{first}^{}", chunk.len()),
                    has_dependencies: chunk
                        .iter()
                        .any(|(_, index)| !jobs[*index].dependencies().is_empty()),
                    order_ids: chunk.iter().map(|(number, _)| *number).collect(),
                });
            }
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dependency;

    #[test]
    fn files_are_filled_group_by_group() {
        let jobs = [
            Job::new("a").order_id(1),
            Job::new("b").order_id(0),
            Job::new("c").order_id(2).after(Dependency::new("t", "x")),
            Job::new("d").order_id(3).group("other"),
        ];
        let mut problems = Vec::new();
        let events = EventFiles::new(&jobs, "l", &2.into(), &mut problems);
        let names: Vec<_> = events
            .files
            .iter()
            .map(|file| (file.name.as_str(), file.has_dependencies))
            .collect();
        let expected = [
            ("l:eventservice_0^2", false),
            ("l:eventservice_2^1", true),
            ("l:eventservice_3^1", false),
        ];
        assert_eq!(
            (names.as_slice(), problems),
            (expected.as_slice(), Vec::new())
        );
        assert_eq!(events.places, [(0, 1), (0, 0), (1, 0), (2, 0)]);
    }
}
