//! Directories in which programs run, and what is put there for them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use idds_file::append_own;

use crate::Trouble;

/// Makes a directory for a program, which may be there already. One that a link names could be anybody's, and is refused.
///
/// # Errors
///
/// When it cannot be made, or something else is there.
pub fn make_directory(path: &Path) -> Result<(), Trouble> {
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(Trouble::with(path, &error))
        }
        _ => match fs::symlink_metadata(path) {
            Ok(there) if there.is_dir() => Ok(()),
            Ok(_) => Err(Trouble::new(format!(
                "{}: it is no directory but a file or a link; take it away",
                path.display()
            ))),
            Err(error) => Err(Trouble::with(path, &error)),
        },
    }
}

/// Opens what a program prints to, to add to it. What is there and no file would not take it, or never end.
///
/// # Errors
///
/// When it cannot be opened, or is no regular file.
pub fn open_stream(path: &Path) -> Result<File, Trouble> {
    append_own(path).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::IsADirectory => {
            Trouble::new(format!("{}: {error}; take it away", path.display()))
        }
        _ => Trouble::with(path, &error),
    })
}

/// Shows files and directories in a directory by symbolic links of the same names. What is there stays: it is from an earlier attempt,
/// or the program has put its own in the place.
///
/// # Errors
///
/// When a link cannot be made.
pub fn link_inputs(directory: &Path, sources: &[PathBuf]) -> Result<(), Trouble> {
    for source in sources {
        let Some(name) = source.file_name() else {
            continue;
        };
        let link = directory.join(name);
        match std::os::unix::fs::symlink(source, &link) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(|error| Trouble::with(&link, &error))?,
        }
    }
    Ok(())
}
