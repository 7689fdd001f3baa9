//! The directory of an attempt: made once, and its end written down in it.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::outcome::{EXIT, LONGEST, USAGE};
use crate::{AttemptOutcome, Job, Trouble, Victim, moment};

/// Holds the place of [`EXIT`] while the attempt runs.
pub(super) const DRAFT: &str = ".exit.json";

/// The file that will say how an attempt ended. It is there, with space on the disk, before the attempt begins: a disk that is full
/// later cannot keep the end from being written down.
#[derive(Debug)]
pub(super) struct Record {
    draft: Option<File>,
}

impl Record {
    /// Makes the directory of an attempt.
    pub(super) fn claim(directory: &Path) -> Result<(), Trouble> {
        let made = match fs::create_dir(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let parent = directory.parent().unwrap_or(directory);
                fs::create_dir_all(parent).and_then(|()| fs::create_dir(directory))
            }
            made => made,
        };
        made.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Trouble::new(format!(
                "{}: it is there already, and the directory of an attempt is made once; name another one",
                directory.display()
            )),
            _ => Trouble::with(directory, &error),
        })
    }

    /// Makes room for the end in a directory.
    pub(super) fn prepare(directory: &Path) -> Result<Self, Trouble> {
        let path = directory.join(DRAFT);
        let made = File::create_new(&path).and_then(|file| {
            reserve(&file)?;
            Ok(file)
        });
        let draft = made.map_err(|error| Trouble::with(&path, &error))?;
        Ok(Self { draft: Some(draft) })
    }

    /// Is the record of an attempt that has none.
    pub(super) fn none() -> Self {
        Self { draft: None }
    }

    /// Writes the end down. It can be tried again.
    pub(super) fn write(
        &mut self,
        directory: &Path,
        outcome: &AttemptOutcome,
    ) -> Result<(), Trouble> {
        let draft = directory.join(DRAFT);
        let about = |path: &Path, error: io::Error| Trouble::with(path, &error);
        if let Some(usage) = &outcome.usage {
            // It says nothing that the other file does not say, too.
            let text = serde_json::to_vec(usage).expect("numbers have names as keys");
            let _ =
                File::create_new(directory.join(USAGE)).and_then(|mut file| file.write_all(&text));
        }
        let mut text = serde_json::to_vec(outcome).expect("an outcome has names as keys");
        text.push(b'\n');
        debug_assert!(text.len() as u64 <= LONGEST, "reasons are short");
        let exit = directory.join(EXIT);
        if let Some(mut file) = self.draft.take()
            && is_still(&file, &draft)
            && file.write_all(&text).is_ok()
        {
            moment(Victim::Supervisor);
            if fs::rename(&draft, &exit).is_ok() {
                return Ok(());
            }
        }
        // The job has taken it away or put something else there, or it is half written.
        make_usable(directory).map_err(|error| about(directory, error))?;
        for path in [&draft, &exit] {
            free(path).map_err(|error| about(path, error))?;
        }
        File::create_new(&draft)
            .and_then(|mut file| file.write_all(&text))
            .map_err(|error| about(&draft, error))?;
        fs::rename(&draft, &exit).map_err(|error| about(&exit, error))
    }
}

/// Takes away what stands at a name that we have chosen. A directory, which need not be empty, gets another name.
pub(crate) fn free(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_dir() => {}
        _ => {
            return match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
    }
    let others = (1..1000).map(|number| path.with_extension(format!("taken-{number}")));
    let free = others
        .into_iter()
        .find(|other| fs::symlink_metadata(other).is_err());
    fs::rename(path, free.ok_or(io::ErrorKind::AlreadyExists)?)
}

/// Makes a directory one that can be written, whatever a job has made of it.
fn make_usable(directory: &Path) -> io::Result<()> {
    match fs::symlink_metadata(directory) {
        Ok(there) if there.is_dir() => {
            let mode = there.permissions().mode();
            if mode & 0o700 != 0o700 {
                fs::set_permissions(directory, Permissions::from_mode(mode | 0o700))?;
            }
            return Ok(());
        }
        Ok(_) => free(directory)?,
        Err(_) => {}
    }
    fs::create_dir_all(directory)
}

/// Tells whether a name is still that of an open file: the job may have put something else there.
fn is_still(file: &File, path: &Path) -> bool {
    let is_same =
        |open: &Metadata, named: &Metadata| (open.dev(), open.ino()) == (named.dev(), named.ino());
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(named)) => is_same(&open, &named),
        _ => false,
    }
}

/// Takes space for a short file.
fn reserve(file: &File) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{FallocateFlags, fallocate};
        use rustix::io::Errno;
        match fallocate(file, FallocateFlags::KEEP_SIZE, 0, LONGEST) {
            // Not every file system can.
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(()),
            taken => taken.map_err(Into::into),
        }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = file;
        Ok(())
    }
}

/// Puts the inputs of a job where it starts.
pub(super) fn place_inputs(job: &Job) -> Result<(), Trouble> {
    for input in job.inputs() {
        let target = job.place().join(&input.name);
        let placed = if input.is_copied {
            idds_file::open_regular(&input.source).and_then(|mut from| {
                let mode = from.metadata()?.permissions();
                let mut to = File::create_new(&target)?;
                io::copy(&mut from, &mut to)?;
                to.set_permissions(mode)
            })
        } else {
            // A link that leads nowhere would be told by the program, in words of its own.
            fs::metadata(&input.source)
                .and_then(|_| std::os::unix::fs::symlink(&input.source, &target))
        };
        match placed {
            // What starts elsewhere than in the directory of its attempt finds what an attempt before it has put there.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                let what = format!(
                    "{}: {error}, for {}",
                    input.source.display(),
                    target.display()
                );
                return Err(Trouble::new(what));
            }
            Ok(()) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::End;

    #[test]
    fn the_end_is_written_down_whatever_a_job_leaves_there() {
        let folder = tempfile::tempdir().expect("a directory");
        let outcome = AttemptOutcome::of(End::Exited { code: 3 });
        type Mischief = fn(&Path) -> io::Result<()>;
        let all: [(&str, Mischief); 7] = [
            ("directories", |at| {
                fs::remove_file(at.join(DRAFT))?;
                fs::create_dir_all(at.join(DRAFT).join("x"))?;
                fs::create_dir_all(at.join(EXIT).join("x"))
            }),
            ("a directory at the end", |at| {
                fs::create_dir_all(at.join(EXIT).join("x"))
            }),
            ("links", |at| {
                fs::remove_file(at.join(DRAFT))?;
                symlink("../victim", at.join(DRAFT))?;
                symlink("../victim", at.join(EXIT))
            }),
            ("another end", |at| fs::write(at.join(EXIT), "{}")),
            ("nothing", |at| fs::remove_dir_all(at)),
            ("a file", |at| {
                fs::remove_dir_all(at)?;
                fs::write(at, "")
            }),
            ("no rights", |at| {
                fs::remove_file(at.join(DRAFT))?;
                fs::set_permissions(at, Permissions::from_mode(0o0))
            }),
        ];
        for (number, (what, mischief)) in all.into_iter().enumerate() {
            let directory = folder.path().join(number.to_string());
            Record::claim(&directory).expect(what);
            let mut record = Record::prepare(&directory).expect(what);
            mischief(&directory).expect(what);
            record.write(&directory, &outcome).expect(what);
            let read = AttemptOutcome::read(&directory).expect(what);
            assert_eq!(read.as_ref(), Some(&outcome), "{what}");
        }
        assert!(!folder.path().join("victim").exists());
    }
}
