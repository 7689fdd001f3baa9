//! The directories of attempts, as an archive has them.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use crate::archive::{Archive, MAX_PATH};

/// What goes into an archive at most: logs and results, and not what a program makes of data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Bytes of a file.
    file: u64,
    /// Bytes of all files of an attempt.
    attempt: u64,
    /// Files of an attempt.
    files: usize,
}

/// What goes into an archive at most.
pub(super) const BOUNDS: Bounds = Bounds {
    file: 64 << 20,
    attempt: 256 << 20,
    files: 1_000,
};

/// Most names of a directory that are looked at.
const MAX_NAMES: usize = 1_000_000;

/// Adds the attempts of all jobs of a transform below a directory of the archive: what each has printed, how it ended, and what it has
/// written beside that. Names, kinds and sizes of what is there are the programs'.
pub(super) fn add(
    archive: &mut Archive,
    attempts: &Path,
    top: &str,
    bounds: Bounds,
) -> io::Result<()> {
    for job in names(attempts)? {
        let directory = format!("{top}/{job}");
        if directory.len() > MAX_PATH {
            continue;
        }
        archive.directory(&directory)?;
        for attempt in names(&attempts.join(&job))? {
            let below = format!("{directory}/{attempt}");
            if below.len() > MAX_PATH {
                continue;
            }
            archive.directory(&below)?;
            let path = attempts.join(&job).join(&attempt);
            let mut left = bounds.attempt;
            // What we have written comes first: a program may have written any number of files.
            let mut names = names(&path)?;
            names.sort_by_key(|name| !OURS.contains(&&**name));
            for name in names.iter().take(bounds.files) {
                let name_in_archive = format!("{below}/{name}");
                if name_in_archive.len() <= MAX_PATH
                    && let Some((file, length)) = open(&path.join(name), bounds.file.min(left))?
                {
                    left -= length;
                    archive.file(&name_in_archive, file)?;
                }
            }
        }
    }
    Ok(())
}

/// Files that every attempt has.
const OURS: [&str; 4] = ["stdout", "stderr", "exit.json", "usage.json"];

/// Returns the names in a directory, in their order; what is none has none, and a link is none.
fn names(directory: &Path) -> io::Result<Vec<String>> {
    if !fs::symlink_metadata(directory).is_ok_and(|metadata| metadata.is_dir()) {
        return Ok(Vec::new());
    }
    let entries = match fs::read_dir(directory) {
        // A program may have closed it.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names: Vec<_> = entries
        .take(MAX_NAMES)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort_by_key(|name| (number(name), name.clone()));
    Ok(names)
}

/// Returns the number at the end of a name, so that the tenth stands behind the second.
fn number(name: &str) -> Option<u64> {
    name.rsplit_once('_')?.1.parse().ok()
}

/// Opens a file, unless it is something else, or large; returns its size, too.
fn open(path: &Path, most: u64) -> io::Result<Option<(File, u64)>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path);
    let Ok(file) = opened else { return Ok(None) };
    let metadata = file.metadata()?;
    let length = metadata.len();
    let is_taken = metadata.is_file() && length <= most;
    Ok(is_taken.then_some((file, length)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::{Read, Seek};
    use std::os::unix::fs::symlink;

    use flate2::read::GzDecoder;

    use super::*;

    /// Returns the paths of the entries of an archive.
    fn paths(mut archive: File) -> BTreeSet<String> {
        let mut bytes = Vec::new();
        archive.rewind().expect("a file");
        GzDecoder::new(archive)
            .read_to_end(&mut bytes)
            .expect("an archive");
        let mut paths = BTreeSet::new();
        let mut at = 0;
        while bytes[at] != 0 {
            let text = |range: std::ops::Range<usize>| {
                let field = &bytes[at + range.start..at + range.end];
                let end = field.iter().position(|byte| *byte == 0);
                String::from_utf8_lossy(&field[..end.unwrap_or(field.len())]).into_owned()
            };
            let length = usize::from_str_radix(&text(124..136), 8).expect("a size");
            paths.insert(text(0..100));
            at += 512 + length.next_multiple_of(512);
        }
        paths
    }

    const SMALL: Bounds = Bounds {
        file: 1_000,
        attempt: 4_000,
        files: 20,
    };

    #[test]
    fn whatever_a_program_leaves_its_logs_can_be_packed() {
        let folder = tempfile::tempdir().expect("a directory");
        let attempts = folder.path().join("transform_1");
        let attempt = attempts.join("job_0/attempt_1");
        fs::create_dir_all(&attempt).expect("a directory");
        let write = |name: &str| fs::write(attempt.join(name), "x").expect("written");
        (0..SMALL.files).for_each(|number| write(&format!("a{number}")));
        OURS.into_iter().for_each(write);
        // All that it may plant beside its own directory, too.
        let long = "x".repeat(200);
        symlink("/etc", attempts.join("job_1")).expect("linked");
        symlink("/etc", attempts.join("job_0/attempt_2")).expect("linked");
        symlink("/etc/passwd", attempt.join("passwd")).expect("linked");
        fs::create_dir_all(attempts.join(&long).join("attempt_1")).expect("a directory");
        fs::create_dir_all(attempts.join("job_0").join(&long)).expect("a directory");
        File::create(attempt.join("0large"))
            .and_then(|file| file.set_len(SMALL.file + 1))
            .expect("a file");
        for number in 0..5 {
            File::create(attempt.join(format!("0sparse{number}")))
                .and_then(|file| file.set_len(SMALL.file))
                .expect("a file");
        }
        rustix::fs::mkfifoat(
            rustix::fs::CWD,
            attempt.join("0pipe"),
            rustix::fs::Mode::RUSR,
        )
        .expect("a pipe");
        let mut archive = Archive::new(tempfile::tempfile().expect("a file"), 0);
        add(&mut archive, &attempts, "top", SMALL).expect("packed");
        let paths = paths(archive.finish().expect("an archive"));
        let has = |name: &str| paths.contains(&format!("top/job_0/attempt_1/{name}"));
        assert!(OURS.into_iter().all(has));
        for name in ["passwd", "0large", "0pipe"] {
            assert!(!has(name), "{name}");
        }
        let sparse = paths.iter().filter(|path| path.contains("0sparse"));
        assert_eq!(sparse.count(), 3, "some bytes of the fourth are taken");
        assert!(paths.len() <= SMALL.files + 5, "{}", paths.len());
        assert!(!paths.iter().any(|path| path.contains("host")), "{paths:?}");
    }
}
