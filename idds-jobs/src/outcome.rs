//! How an attempt ended, and what it used: what the files in its directory say.

use std::io;
use std::path::Path;
use std::time::Duration;

use idds_file::read_regular;
use serde::{Deserialize, Serialize};

use crate::Trouble;

/// Names of the files in the directory of an attempt.
pub(crate) const EXIT: &str = "exit.json";
pub(crate) const USAGE: &str = "usage.json";

/// Longest file that says how an attempt ended, in bytes.
pub(crate) const LONGEST: u64 = 16 << 10;

/// How an attempt ended, and what it used.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AttemptOutcome {
    /// How it ended.
    #[serde(flatten)]
    pub end: End,
    /// What it used, unless nothing ran or nobody saw its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// How an attempt ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "end", rename_all = "snake_case")]
#[non_exhaustive]
pub enum End {
    /// The program ended with an exit code.
    Exited {
        /// The exit code; 0 is success.
        code: i32,
    },
    /// A signal ended the program.
    Killed {
        /// Number of the signal.
        signal: i32,
    },
    /// It took more memory than its limit, and was killed.
    OutOfMemory {
        /// The limit, in bytes.
        limit: u64,
        /// What it had, in bytes.
        used: u64,
    },
    /// It ran longer than its limit, and was ended.
    OutOfTime {
        /// The limit.
        #[serde(with = "seconds")]
        limit: Duration,
    },
    /// It was ended because the engine wanted that.
    Stopped,
    /// Nobody saw its end: what looked after it, or the machine, died. Nothing of it runs any more.
    Lost {
        /// What is known, as one clause.
        why: String,
    },
    /// Something stood in the way that is not its fault: the disk is full, a program is not there, the container engine is dead.
    /// It can be run again when that is over.
    Trouble {
        /// What is wrong, where, and what to do, as one clause.
        why: String,
    },
}

/// What an attempt used.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Usage {
    /// Time of processors, of all its processes that it waited for.
    #[serde(with = "seconds")]
    pub cpu: Duration,
    /// Time from its start to its end.
    #[serde(with = "seconds")]
    pub wall: Duration,
    /// Most memory, in bytes: of all its processes together where it had a limit, as that is watched for; else of the largest one.
    pub peak_memory: u64,
}

impl AttemptOutcome {
    pub(crate) fn of(end: End) -> Self {
        Self { end, usage: None }
    }

    /// Makes the outcome of an attempt that could not be run, or whose end was not its own fault.
    pub(crate) fn trouble(trouble: Trouble) -> Self {
        Self::of(End::Trouble {
            why: trouble.into_string(),
        })
    }

    /// Tells whether the program did what it should.
    pub fn is_success(&self) -> bool {
        self.end == End::Exited { code: 0 }
    }

    /// Reads how an attempt ended from its directory; none when that does not say so.
    ///
    /// Directories of attempts are open to programs, so what stands there is bounded, a regular file, and may be anything: what is
    /// no outcome is one of an attempt that was lost.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn read(directory: impl AsRef<Path>) -> Result<Option<Self>, Trouble> {
        let path = directory.as_ref().join(EXIT);
        match read_regular(&path, LONGEST) {
            Ok(bytes) => Ok(Some(Self::parse(&bytes, &path))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => match error.kind() {
                io::ErrorKind::InvalidInput
                | io::ErrorKind::IsADirectory
                | io::ErrorKind::FileTooLarge => Ok(Some(Self::of(End::Lost {
                    why: format!("{}: {error}", path.display()),
                }))),
                _ => Err(Trouble::with(&path, &error)),
            },
        }
    }

    fn parse(bytes: &[u8], path: &Path) -> Self {
        serde_json::from_slice(bytes).unwrap_or_else(|error| {
            Self::of(End::Lost {
                why: format!("{}: it does not say how it ended: {error}", path.display()),
            })
        })
    }
}

/// Durations as numbers of seconds, for people and other programs.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        // Whole microseconds, so that they are short and come back as they were.
        (time.as_micros() as f64 / 1e6).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(from)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_comes_back_as_it_was_written() {
        let usage = Usage {
            cpu: Duration::from_micros(1_250_000),
            wall: Duration::from_secs(2),
            peak_memory: 7 << 20,
        };
        for end in [
            End::Exited { code: 3 },
            End::Killed { signal: 9 },
            End::OutOfMemory { limit: 5, used: 6 },
            End::OutOfTime {
                limit: Duration::from_millis(1500),
            },
            End::Stopped,
            End::Lost {
                why: "the machine died".to_owned(),
            },
            End::Trouble {
                why: "/data: no space".to_owned(),
            },
        ] {
            let outcome = AttemptOutcome {
                end,
                usage: Some(usage),
            };
            let text = serde_json::to_string(&outcome).expect("it is plain");
            let read: AttemptOutcome = serde_json::from_str(&text).expect(&text);
            assert_eq!(read, outcome, "{text}");
        }
        let text =
            serde_json::to_string(&AttemptOutcome::of(End::Exited { code: 0 })).expect("plain");
        assert_eq!(text, r#"{"end":"exited","code":0}"#);
    }

    #[test]
    fn what_is_no_outcome_is_one_that_was_lost() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join(EXIT);
        assert_eq!(AttemptOutcome::read(&folder), Ok(None));
        let lost = || {
            let outcome = AttemptOutcome::read(&folder).expect("read").expect("one");
            assert!(matches!(outcome.end, End::Lost { .. }), "{outcome:?}");
        };
        for text in ["", "{}", "[1]", r#"{"end":"exited"}"#, "\u{0}"] {
            std::fs::write(&path, text).expect("written");
            lost();
        }
        std::fs::write(&path, vec![b' '; 1 << 20]).expect("written");
        lost();
        std::fs::remove_file(&path).expect("removed");
        std::fs::create_dir(&path).expect("made");
        lost();
    }
}
