//! Files that only their owner may read.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file in the making: it takes the place of the old one at once, or not at all.
#[derive(Debug)]
pub(crate) struct PrivateFile {
    path: PathBuf,
    new: NamedTempFile,
}

impl PrivateFile {
    /// Makes an empty file with mode 0600 beside the one it will replace, and its directory (0700) if there is none.
    ///
    /// A symbolic link is followed: what it names is replaced, not the link.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
        make_directory(directory)?;
        let new = NamedTempFile::with_prefix_in(".idds-", directory)?;
        Ok(Self { path, new })
    }

    /// Fills the file and puts it in place.
    pub(crate) fn replace(mut self, text: &str) -> io::Result<()> {
        self.new.write_all(text.as_bytes())?;
        self.new.as_file().sync_all()?;
        self.new.persist(&self.path)?;
        Ok(())
    }
}

/// Returns the permissions a file has beyond those of its owner, such as 0o044; none on systems without them.
#[cfg(unix)]
pub(crate) fn excess(file: &File) -> io::Result<u32> {
    use std::os::unix::fs::PermissionsExt;

    Ok(file.metadata()?.permissions().mode() & 0o077)
}

/// Returns the permissions a file has beyond those of its owner, such as 0o044; none on systems without them.
#[cfg(not(unix))]
pub(crate) fn excess(_: &File) -> io::Result<u32> {
    Ok(0)
}

#[cfg(unix)]
fn make_directory(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;

    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_directory(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        PrivateFile::create(path).and_then(|file| file.replace(text)).expect("written");
    }

    #[test]
    fn a_file_is_replaced_whole_and_for_its_owner_only() {
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("new/.token");
        write(&path, "one");
        write(&path, "two");
        assert_eq!(fs::read_to_string(&path).expect("text"), "two");
        assert_eq!(excess(&File::open(&path).expect("a file")).expect("a mode"), 0);
        assert_eq!(fs::read_dir(root.path().join("new")).expect("a directory").count(), 1);
    }

    #[test]
    fn what_is_not_put_in_place_leaves_nothing_behind() {
        let root = tempfile::tempdir().expect("a directory");
        drop(PrivateFile::create(&root.path().join("file")).expect("a file"));
        assert_eq!(fs::read_dir(root.path()).expect("a directory").count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let root = tempfile::tempdir().expect("a directory");
        let [target, link] = ["target", "link"].map(|name| root.path().join(name));
        fs::write(&target, "old").expect("written");
        std::os::unix::fs::symlink(&target, &link).expect("linked");
        write(&link, "new");
        assert_eq!(fs::read_to_string(&target).expect("text"), "new");
        assert!(link.is_symlink());
    }
}
