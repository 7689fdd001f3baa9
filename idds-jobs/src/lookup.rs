//! Where a program is, and what of an environment says nothing but that.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf, absolute};

/// Finds a program, so that a wrong name is told before anything has failed of it.
///
/// A name without `/` is looked up in `PATH`; another one counts from the current directory.
///
/// # Errors
///
/// When there is no such program, or it may not be executed.
pub fn find_program(name: &OsStr) -> io::Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    absolute(find_in(name, &path, Path::new(""))?)
}

/// Finds a program in the places of a `PATH`, or, when its name has a `/`, from a directory on.
pub(crate) fn find_in(name: &OsStr, path: &OsStr, from: &Path) -> io::Result<PathBuf> {
    let name = Path::new(name);
    if name.components().count() > 1 || name.is_absolute() || name.starts_with(".") {
        let path = absolute(from.join(name)).map_err(|error| about(name, &error))?;
        path.metadata().map_err(|error| about(&path, &error))?;
        if !is_program(&path) {
            let what = format!(
                "{}: this is no program, `chmod +x` makes a script one",
                path.display()
            );
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
        }
        return Ok(path);
    }
    let found = env::split_paths(path)
        .map(|place| from.join(place).join(name))
        .find(|path| is_program(path));
    found.ok_or_else(|| {
        let here = if from.join(name).is_file() {
            format!("; one in the current directory is ./{}", name.display())
        } else {
            String::new()
        };
        let what = format!("there is no program {} in PATH{here}", name.display());
        io::Error::new(io::ErrorKind::NotFound, what)
    })
}

fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Tells whether a variable says only where programs are, whose they are, and how they speak: `PATH`, `HOME`, `USER`, `LOGNAME`,
/// `SHELL`, `LANG`, `LC_*`, `TZ` and `TMPDIR`. Only these stay in a clean environment.
pub fn is_harmless(name: &OsStr) -> bool {
    const NAMES: [&str; 8] = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR",
    ];
    name.to_str()
        .is_some_and(|name| NAMES.contains(&name) || name.starts_with("LC_"))
}
