//! The directories of attempts, as an archive has them.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use crate::archive::Archive;

/// Largest file that goes into an archive, in bytes: logs and results, and not what a program makes of data.
const MAX_FILE: u64 = 64 << 20;

/// Adds the attempts of all jobs of a transform below a directory of the archive: what each has printed, how it ended, and what it has
/// written beside that.
pub(super) fn add(archive: &mut Archive, attempts: &Path, top: &str) -> io::Result<()> {
    for job in names(attempts)? {
        let directory = format!("{top}/{job}");
        archive.directory(&directory)?;
        for attempt in names(&attempts.join(&job))? {
            let below = format!("{directory}/{attempt}");
            archive.directory(&below)?;
            let path = attempts.join(&job).join(&attempt);
            for name in names(&path)? {
                // Names and kinds of files are the program's.
                let name_in_archive = format!("{below}/{name}");
                if name_in_archive.len() <= MAX_NAME
                    && let Some(file) = open(&path.join(&name))?
                {
                    archive.file(&name_in_archive, file)?;
                }
            }
        }
    }
    Ok(())
}

/// Longest name in an archive, in bytes.
const MAX_NAME: usize = 100;

/// Returns the names in a directory, in their order; one that is not there has none.
fn names(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(directory) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(Vec::new());
        }
        entries => entries?,
    };
    let mut names: Vec<_> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort_by_key(|name| (number(name), name.clone()));
    Ok(names)
}

/// Returns the number at the end of a name, so that the tenth stands behind the second.
fn number(name: &str) -> Option<u64> {
    name.rsplit_once('_')?.1.parse().ok()
}

/// Opens a file, unless it is something else, or large.
fn open(path: &Path) -> io::Result<Option<File>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path);
    let Ok(file) = opened else { return Ok(None) };
    let metadata = file.metadata()?;
    Ok((metadata.is_file() && metadata.len() <= MAX_FILE).then_some(file))
}
