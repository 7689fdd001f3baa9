//! Files: written whole, read within bounds, and held by one process at a time.
//!
//! A path that a person names is followed wherever it leads. Where a program has chosen the name itself, a symbolic link may have
//! been put there by somebody else: [`append_own`] and [`WholeFile::own`] do not follow it.

mod lock;
mod own;
mod read;
mod secret;
mod trouble;
mod whole;

use std::path::Path;

pub use self::lock::{Lock, LockError, machine};
pub use self::own::{append_own, is_open_to_others, open_named, open_own, refuse_foreign_link};
pub use self::read::{open_regular, read, read_from, read_regular};
pub use self::secret::{SecretError, read_secret};
pub use self::trouble::is_of_the_machine;
pub use self::whole::{WholeFile, is_special};

/// Returns the directory that a file is in.
fn directory(path: &Path) -> &Path {
    path.parent()
        .filter(|directory| !directory.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}
