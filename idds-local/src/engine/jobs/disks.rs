//! The file systems on which jobs write.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The file systems on which jobs write, as far as that is known: those of where they begin and of where their output is.
#[derive(Debug)]
pub(super) struct Disks(Vec<(PathBuf, File)>);

impl Disks {
    /// Finds the file systems of directories. One that cannot be opened is left out: what begins there says why.
    pub(super) fn of(directories: &[&Path]) -> Self {
        let mut disks: Vec<(PathBuf, File)> = Vec::new();
        let device = |file: &File| file.metadata().map(|metadata| metadata.dev()).ok();
        for directory in directories {
            if let Ok(file) = File::open(directory)
                && !disks
                    .iter()
                    .any(|(_, other)| device(other) == device(&file))
            {
                disks.push((directory.to_path_buf(), file));
            }
        }
        Self(disks)
    }

    /// Waits until all that was written is on the disks, or says where that cannot be.
    pub(super) fn flush(&self) -> Result<(), String> {
        for (path, file) in &self.0 {
            flush(file).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(())
    }
}

#[cfg(target_os = "linux")]
fn flush(file: &File) -> io::Result<()> {
    use rustix::io::Errno;

    match rustix::fs::syncfs(file) {
        // Where that cannot be asked for.
        Err(Errno::NOSYS | Errno::OPNOTSUPP | Errno::INVAL | Errno::ROFS) => Ok(()),
        flushed => flushed.map_err(Into::into),
    }
}

#[cfg(not(target_os = "linux"))]
fn flush(_: &File) -> io::Result<()> {
    rustix::fs::sync();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_is_flushed_once_however_many_directories_are_on_it() {
        let folder = tempfile::tempdir().expect("a directory");
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).expect("a directory");
        let missing = folder.path().join("missing");
        let disks = Disks::of(&[folder.path(), &inner, &missing]);
        assert_eq!(disks.0.len(), 1);
        assert_eq!(disks.flush(), Ok(()));
    }
}
