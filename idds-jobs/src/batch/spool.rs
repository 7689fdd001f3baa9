//! What an executor of a batch system keeps on the disk: which attempts it has submitted, and what wrappers tell.
//!
//! ```text
//! environment.json   the environment of jobs
//! program            the wrapper, as it was when the engine started
//! batches/NAME/      a batch, there before it is submitted, and until nothing of it is left in the system
//!   attempts         names of its attempts, a line each
//!   INDEX.json       what a wrapper is told
//!   INDEX.over       the engine has given this attempt up
//!   id               what the system calls it
//!   said             what the system and wrappers had to say
//! news/NAME-INDEX.begun, .ended
//! ```

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use idds_file::{Lock, LockError, open_own};

use super::system::{Batch, Habits, quoted};
use crate::outcome::EXIT;
use crate::supervisor::alone::Errand;
use crate::supervisor::record::free;
use crate::{AttemptId, AttemptOutcome, End, Error, ErrorKind, Job, Supervisor, Trouble};

pub(super) const SAID: &str = "said";

/// Beginning of the name of a batch that is being forgotten.
const GONE: &str = ".gone-";

/// Memory that the wrapper needs besides that of its job, in bytes.
const WRAPPER: u64 = 64 << 20;

/// Time that a wrapper needs besides that of its job.
const MARGIN: Duration = Duration::from_secs(60);

/// Longest list of attempts of a batch, in bytes.
const LONGEST: u64 = 64 << 20;

/// How much of what a system said is told, in bytes.
const TOLD: u64 = 300;

/// Longest name of an executor, and longest name of a batch in the system, in bytes.
const LONGEST_NAME: u64 = 4 << 10;

#[derive(Debug)]
pub(super) struct Spool {
    directory: PathBuf,
    /// Beginning of the names of all batches.
    pub(super) prefix: String,
    wrapper: String,
    habits: Habits,
    /// Keeps other engines away.
    _lock: (File, Lock),
}

/// A batch that an engine before this one has made.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) attempts: Vec<AttemptId>,
    /// What the system calls it; none when it may not have been submitted.
    pub(super) id: Option<String>,
}

/// What a wrapper has told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Told {
    Begun,
    Ended,
}

impl Spool {
    pub(super) fn open(
        directory: PathBuf,
        supervisor: &Supervisor,
        environment: &[(OsString, OsString)],
        habits: Habits,
    ) -> Result<Self, Error> {
        let unfit = |path: &Path| {
            let path = path.display().to_string();
            move |error| Error::new(ErrorKind::Machine, path).caused_by(error)
        };
        for path in [
            directory.clone(),
            directory.join("batches"),
            directory.join("news"),
        ] {
            // The environment is in it, and who writes there can run programs.
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&path)
                .map_err(unfit(&path))?;
        }
        let path = directory.join("engine.lock");
        let file = open_own(&path).map_err(unfit(&path))?;
        let lock = Lock::take(&file, &path).map_err(|error| match error {
            LockError::Failed(error) => unfit(&path)(error),
            held => Error::new(
                ErrorKind::Busy,
                format!("{}: {held}; end that one first", directory.display()),
            ),
        })?;
        let path = directory.join("environment.json");
        let text = serde_json::to_vec(environment).expect("a list of texts");
        idds_file::WholeFile::private(&path)
            .and_then(|file| file.finish_with(&text))
            .map_err(unfit(&path))?;
        let prefix = name_of(&directory).map_err(unfit(&directory))?;
        let (program, arguments) = supervisor.command();
        let kept = directory.join("program");
        keep_program(&program, &kept).map_err(unfit(&kept))?;
        let words =
            std::iter::once(kept.as_os_str()).chain(arguments.iter().map(OsString::as_os_str));
        let wrapper = words.map(quoted).collect::<Vec<_>>().join(" ");
        Ok(Self {
            directory,
            prefix,
            wrapper,
            habits,
            _lock: (file, lock),
        })
    }

    /// Writes down that attempts will be submitted.
    pub(super) fn make(&self, jobs: &[&Job]) -> Result<Batch, Trouble> {
        let number = random().map_err(|error| Trouble::new(error.to_string()))?;
        let name = format!("{}{number:08x}", self.prefix);
        let directory = self.batch(&name);
        let draft = self.directory.join("batches").join(".draft");
        let written = self.write(&draft, &name, jobs);
        written
            .and_then(|()| fs::rename(&draft, &directory))
            .map_err(|error| Trouble::with(&directory, &error))?;
        let first = jobs[0];
        Ok(Batch {
            name,
            directory,
            tasks: jobs.len(),
            cores: first.cores_needed().max(1),
            memory: first.memory_limit().map(|bytes| bytes + WRAPPER),
            time: first
                .time_limit()
                .map(|limit| limit + self.habits.grace + MARGIN),
            wrapper: self.wrapper.clone(),
        })
    }

    fn write(&self, draft: &Path, name: &str, jobs: &[&Job]) -> io::Result<()> {
        match fs::remove_dir_all(draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir(draft)?,
        }
        let mut attempts = String::new();
        for (index, job) in jobs.iter().enumerate() {
            attempts.push_str(job.attempt().as_str());
            attempts.push('\n');
            let errand = Errand {
                job: Job::clone(job),
                environment: self.directory.join("environment.json"),
                grace: self.habits.grace,
                beat: self.habits.beat,
                needs_heir: !self.habits.ends_the_rest,
                given_up: self.given_up(name, index),
                begun: self.news(name, index, "begun"),
                ended: self.news(name, index, "ended"),
            };
            let text = serde_json::to_vec(&errand)?;
            fs::write(draft.join(format!("{index}.json")), text)?;
        }
        fs::write(draft.join("attempts"), attempts)?;
        File::create_new(draft.join(SAID)).map(|_| ())
    }

    /// Writes down that a batch was submitted. When that cannot be, the system is asked for its name after a kill.
    pub(super) fn submitted(&self, name: &str, id: &str) {
        let _ = fs::write(self.batch(name).join("id"), id);
    }

    /// Forgets a batch of which nothing is left. It is there or not, whenever this process is killed.
    pub(super) fn forget(&self, name: &str) {
        let gone = self.directory.join("batches").join(format!("{GONE}{name}"));
        if fs::rename(self.batch(name), &gone).is_ok() {
            let _ = fs::remove_dir_all(gone);
        }
    }

    /// Returns the batches that an engine before this one has made.
    pub(super) fn found(&self) -> Result<Vec<Found>, Trouble> {
        let batches = self.directory.join("batches");
        let about = |error: &io::Error| Trouble::with(&batches, error);
        let mut found = Vec::new();
        for entry in fs::read_dir(&batches).map_err(|error| about(&error))? {
            let name = entry.map_err(|error| about(&error))?.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(GONE) {
                let _ = fs::remove_dir_all(batches.join(&*name));
            }
            let Some(name) = Some(&*name).filter(|name| name.starts_with(&self.prefix)) else {
                continue;
            };
            let path = batches.join(name);
            let text = match idds_file::read_regular(path.join("attempts"), LONGEST) {
                // It was forgotten, and a batch system that makes the directory of a late task has made it anew.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.forget(name);
                    continue;
                }
                text => text.map_err(|error| Trouble::with(&path, &error))?,
            };
            let text = String::from_utf8_lossy(&text);
            found.push(Found {
                name: name.to_owned(),
                attempts: text.lines().map(AttemptId::new).collect(),
                id: idds_file::read_regular(path.join("id"), LONGEST_NAME)
                    .ok()
                    .and_then(|id| String::from_utf8(id).ok()),
            });
        }
        Ok(found)
    }

    /// Tells whether there is something that wrappers may have told.
    pub(super) fn told(&self) -> Vec<(String, usize, Told)> {
        let entries = fs::read_dir(self.directory.join("news"));
        let names = entries
            .into_iter()
            .flatten()
            .flatten()
            .map(|it| it.file_name());
        names
            .filter_map(|name| {
                let (name, what) = name.to_str()?.rsplit_once('.')?;
                let (batch, index) = name.rsplit_once('-')?;
                let told = match what {
                    "begun" => Told::Begun,
                    "ended" => Told::Ended,
                    _ => return None,
                };
                Some((batch.to_owned(), index.parse().ok()?, told))
            })
            .collect()
    }

    /// Takes away what a wrapper has told.
    pub(super) fn heard(&self, batch: &str, index: usize, told: Told) {
        let what = match told {
            Told::Begun => "begun",
            Told::Ended => "ended",
        };
        let _ = fs::remove_file(self.news(batch, index, what));
    }

    /// Returns the last words of a system or its wrappers about a batch.
    pub(super) fn said(&self, name: &str) -> Option<String> {
        let mut file = idds_file::open_regular(self.batch(name).join(SAID)).ok()?;
        let length = file.metadata().ok()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TOLD)))
            .ok()?;
        let mut tail = Vec::new();
        file.take(TOLD).read_to_end(&mut tail).ok()?;
        let text = String::from_utf8_lossy(&tail);
        let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
        Some(line.trim().to_owned())
    }

    /// Keeps an attempt from beginning, or from going on, wherever a batch system still has it.
    pub(super) fn give_up(&self, name: &str, index: usize) -> Result<(), Trouble> {
        let path = self.given_up(name, index);
        match fs::write(&path, []) {
            // It was forgotten, so no wrapper finds what it is to do.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            made => made.map_err(|error| Trouble::with(&path, &error)),
        }
    }

    /// Tells how long an attempt has shown no sign of life; none when nothing is there that could show one.
    pub(super) fn silence(&self, job: &Job) -> Option<Duration> {
        crate::supervisor::alone::silence(job.directory(), &self.directory.join("clock"))
    }

    /// Returns how long a living attempt may show no sign of life.
    pub(super) fn longest_silence(&self) -> Duration {
        self.habits.beat * 3
    }

    fn batch(&self, name: &str) -> PathBuf {
        self.directory.join("batches").join(name)
    }

    fn given_up(&self, name: &str, index: usize) -> PathBuf {
        self.batch(name).join(format!("{index}.over"))
    }

    fn news(&self, name: &str, index: usize, what: &str) -> PathBuf {
        let news = self.directory.join("news");
        news.join(format!("{name}-{index}.{what}"))
    }
}

/// Tells whether an executor has batches that have not ended, in this directory of its own.
pub(super) fn has_batches(directory: &Path) -> bool {
    fs::read_dir(directory.join("batches")).is_ok_and(|mut entries| entries.next().is_some())
}

/// Makes the directory of an attempt in place of its wrapper, and writes down how it ended. Returns false when it has begun.
pub(super) fn claim(job: &Job, end: &End) -> Result<bool, Trouble> {
    let directory = job.directory();
    let made = match fs::create_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let parent = directory.parent().unwrap_or(directory);
            fs::create_dir_all(parent).and_then(|()| fs::create_dir(directory))
        }
        made => made,
    };
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Trouble::with(directory, &error)),
        Ok(()) => {
            // Whether it can be written or not, the attempt does not begin.
            let _ = conclude(job, end);
            Ok(true)
        }
    }
}

/// Writes down how an attempt ended of which nothing runs any more, unless it says so itself; returns what counts.
pub(crate) fn conclude(job: &Job, end: &End) -> Result<AttemptOutcome, Trouble> {
    let directory = job.directory();
    let (draft, path) = (directory.join(".exit.engine"), directory.join(EXIT));
    let about = |error: io::Error| Trouble::with(&path, &error);
    let outcome = AttemptOutcome::of(end.clone());
    let text = serde_json::to_vec(&outcome).expect("an outcome has names as keys");
    fs::create_dir_all(directory).map_err(about)?;
    free(&draft).map_err(about)?;
    File::create_new(&draft)
        .and_then(|mut file| file.write_all(&text))
        .map_err(about)?;
    let linked = fs::hard_link(&draft, &path);
    let _ = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Ok(AttemptOutcome::read(directory)?.unwrap_or(outcome))
        }
        linked => linked.map(|()| outcome).map_err(about),
    }
}

/// Returns how the names of all batches of an executor begin, which no other executor's do.
fn name_of(directory: &Path) -> io::Result<String> {
    let path = directory.join("name");
    match idds_file::read_regular(&path, LONGEST_NAME).map(String::from_utf8) {
        Ok(Ok(name)) if name.starts_with("idds-") && name.ends_with('-') => return Ok(name),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let name = format!("idds-{:08x}-", random()?);
    idds_file::WholeFile::own(&path)?.finish_with(&name)?;
    Ok(name)
}

fn random() -> io::Result<u32> {
    let mut bytes = [0; 4];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

/// Keeps the program that wrappers are: they go on when it is replaced by another version, and find it where machines share no `/usr`.
fn keep_program(program: &Path, kept: &Path) -> io::Result<()> {
    let (from, to) = (fs::metadata(program)?, fs::metadata(kept));
    if to.is_ok_and(|to| {
        (to.dev(), to.ino()) == (from.dev(), from.ino())
            || (to.len(), to.modified().ok()) == (from.len(), from.modified().ok())
    }) {
        return Ok(());
    }
    let draft = kept.with_extension("draft");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    if fs::hard_link(program, &draft).is_err() {
        fs::copy(program, &draft)?;
        File::options()
            .write(true)
            .open(&draft)?
            .set_modified(from.modified()?)?;
    }
    fs::rename(&draft, kept)
}
