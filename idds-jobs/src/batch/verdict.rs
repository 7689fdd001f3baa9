//! How an attempt ended that a batch system has no more, and whose files do not say so.

use super::system::Word;
use crate::{End, Job};

/// What is known of an attempt of which nothing runs any more.
#[derive(Debug)]
pub(super) struct Remains<'a> {
    pub(super) job: &'a Job,
    /// Name of the batch system.
    pub(super) system: &'a str,
    /// What the system calls the task.
    pub(super) id: &'a str,
    /// Whether the engine has wanted its end.
    pub(super) is_ending: bool,
    /// Whether it has begun.
    pub(super) has_begun: bool,
    /// What the system remembers; none when it has forgotten the task.
    pub(super) word: Option<&'a Word>,
    /// What system and wrapper had to say.
    pub(super) said: Option<String>,
}

impl Remains<'_> {
    /// Tells how it ended. It is never the failure of a job, unless it took what it was not to take.
    pub(super) fn end(&self) -> End {
        let Self {
            job, system, id, ..
        } = self;
        let said = match &self.said {
            Some(said) => format!("; it said: {said}"),
            None => String::new(),
        };
        let trouble = |why: String| End::Trouble { why };
        let lost = |why: String| End::Lost { why };
        if self.is_ending {
            return End::Stopped;
        }
        match self.word {
            Some(Word::Cancelled) => trouble(format!(
                "{system} job {id} was cancelled there, and not by this engine; nothing was counted as failed, and it is submitted again when the work goes on"
            )),
            Some(Word::OutOfTime) => match job.time_limit() {
                Some(limit) if self.has_begun => End::OutOfTime { limit },
                _ => trouble(format!(
                    "{system} ended job {id} at its own limit of time: give the work a wall time, or name a partition that allows more"
                )),
            },
            Some(Word::OutOfMemory) => match job.memory_limit() {
                Some(limit) if self.has_begun => End::OutOfMemory { limit, used: limit },
                _ => trouble(format!(
                    "{system} killed job {id}, as it took more memory than a job has there that asks for none: give the work its memory"
                )),
            },
            Some(Word::Machine(how)) => lost(format!("{system} job {id}: {how}")),
            Some(Word::Failed(how)) if !self.has_begun => trouble(format!(
                "{system} job {id} could not be started ({how}){said}; its directory has to be there on the nodes, too"
            )),
            Some(Word::Ended) if !self.has_begun && !said.is_empty() => trouble(format!(
                "{system} job {id} ended before anything of it began{said}"
            )),
            Some(Word::Failed(_) | Word::Ended) => lost(format!(
                "{system} job {id} is over, and its end was not seen: what looked after it was killed"
            )),
            None if self.has_begun => lost(format!(
                "{system} has job {id} no more, and its end was not seen: it was killed, or its node went down"
            )),
            None => lost(format!("{system} has job {id} no more, and it never began")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::AttemptId;

    #[test]
    fn what_a_batch_system_does_to_an_attempt_is_not_the_failure_of_a_job() {
        let plain = Job::shell(AttemptId::new("1"), "/run/1", "true");
        let limited = plain.clone().memory(5).wall_time(Duration::from_secs(3));
        let words = [
            None,
            Some(Word::Ended),
            Some(Word::Cancelled),
            Some(Word::OutOfTime),
            Some(Word::OutOfMemory),
            Some(Word::Machine("NODE_FAIL".to_owned())),
            Some(Word::Failed("FAILED".to_owned())),
        ];
        for word in &words {
            for (has_begun, is_ending) in [(false, false), (true, false), (true, true)] {
                let end = |job| {
                    let remains = Remains {
                        job,
                        system: "Slurm",
                        id: "7_1",
                        is_ending,
                        has_begun,
                        word: word.as_ref(),
                        said: None,
                    };
                    remains.end()
                };
                match end(&plain) {
                    End::Stopped => assert!(is_ending),
                    End::Lost { why } | End::Trouble { why } => {
                        assert!(why.contains("7_1"), "{why}");
                    }
                    other => panic!("{word:?} {other:?}"),
                }
                // What it asked for itself is its own affair.
                let is_own = matches!(
                    end(&limited),
                    End::OutOfTime { .. } | End::OutOfMemory { .. }
                );
                let is_limit = matches!(word, Some(Word::OutOfTime | Word::OutOfMemory));
                assert_eq!(is_own, is_limit && has_begun && !is_ending, "{word:?}");
            }
        }
    }

    #[test]
    fn a_wrapper_that_cannot_be_started_holds_the_work_with_what_was_said() {
        let job = Job::shell(AttemptId::new("1"), "/run/1", "true");
        let remains = Remains {
            job: &job,
            system: "Slurm",
            id: "7_1",
            is_ending: false,
            has_begun: false,
            word: Some(&Word::Failed("FAILED".to_owned())),
            said: Some("sh: idds: not found".to_owned()),
        };
        let End::Trouble { why } = remains.end() else {
            panic!("it is trouble");
        };
        assert!(why.contains("it said: sh: idds: not found"), "{why}");
    }
}
