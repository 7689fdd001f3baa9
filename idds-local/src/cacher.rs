//! The files that clients upload.

use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use futures::TryStreamExt;
use tempfile::NamedTempFile;
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task;

use crate::serve::FILES;

/// A directory of files, by their names; clones share it.
///
/// A file is there whole or not at all: it is written beside the others and moved to its place.
#[derive(Clone, Debug)]
pub(crate) struct Cacher {
    files: PathBuf,
    partial: PathBuf,
    turns: Arc<Semaphore>,
}

/// An open file, one of a few.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) file: File,
    _turn: OwnedSemaphorePermit,
}

impl Cacher {
    /// Makes the directory, and forgets what a killed server was receiving.
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        let [files, partial] = ["files", "partial"].map(|name| directory.join(name));
        if partial.exists() {
            std::fs::remove_dir_all(&partial)?;
        }
        crate::private::make_directory(&files)?;
        crate::private::make_directory(&partial)?;
        Ok(Self {
            files,
            partial,
            turns: Arc::new(Semaphore::new(FILES)),
        })
    }

    /// Opens a file, when it is its turn.
    pub(crate) async fn get(&self, name: &str) -> io::Result<Opened> {
        let path = self.path(name)?;
        if !fs::metadata(&path).await?.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let turn = self.turn().await?;
        Ok(Opened {
            file: File::open(path).await?,
            _turn: turn,
        })
    }

    /// Stores a body as it comes in, in place of an earlier file of this name.
    pub(crate) async fn put(&self, name: &str, body: Body) -> io::Result<()> {
        let (path, partial) = (self.path(name)?, self.partial.clone());
        let _turn = self.turn().await?;
        let new = task::spawn_blocking(move || NamedTempFile::new_in(partial))
            .await
            .map_err(io::Error::other)??;
        let (file, temporary) = new.into_parts();
        let mut file = File::from_std(file);
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.try_next().await.map_err(io::Error::other)? {
            file.write_all(&chunk).await?;
        }
        file.flush().await?;
        file.sync_all().await?;
        let files = self.files.clone();
        let keep = move || {
            temporary.persist(path).map_err(|error| error.error)?;
            std::fs::File::open(files)?.sync_all()
        };
        task::spawn_blocking(keep).await.map_err(io::Error::other)?
    }

    /// Waits until another file may be open: each takes a descriptor, and a client that stands still keeps it for a while.
    async fn turn(&self) -> io::Result<OwnedSemaphorePermit> {
        Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(io::Error::other)
    }

    /// Returns where a file of this name is: never outside of the directory.
    fn path(&self, name: &str) -> io::Result<PathBuf> {
        let mut parts = Path::new(name).components();
        match (parts.next(), parts.next()) {
            (Some(Component::Normal(part)), None) if part == name && !name.contains('\0') => {
                Ok(self.files.join(part))
            }
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{name:?} is no name of a file"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_does_not_leave_the_directory() {
        let directory = tempfile::tempdir().expect("a directory");
        let cacher = Cacher::open(directory.path()).expect("a directory");
        for name in [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "/etc/passwd",
            "a/",
            "./a",
            "a\0b",
        ] {
            assert_eq!(
                cacher.path(name).expect_err("a refusal").kind(),
                io::ErrorKind::InvalidInput,
                "{name:?}"
            );
        }
        for name in ["a", "...", ".hidden", "a b'\"é", "..a"] {
            assert_eq!(cacher.path(name).expect("a path"), cacher.files.join(name));
        }
    }

    #[tokio::test]
    async fn a_file_is_there_whole_or_not_at_all() {
        let directory = tempfile::tempdir().expect("a directory");
        let cacher = Cacher::open(directory.path()).expect("a directory");
        cacher
            .put("a.txt", Body::from("first"))
            .await
            .expect("stored");
        let broken =
            futures::stream::iter([Ok("sec"), Err(io::Error::other("the client went away"))]);
        assert!(
            cacher
                .put("a.txt", Body::from_stream(broken))
                .await
                .is_err()
        );
        assert_eq!(
            std::fs::read(cacher.files.join("a.txt")).expect("a file"),
            b"first"
        );
        std::fs::write(cacher.partial.join("left"), "half").expect("a file");
        let again = Cacher::open(directory.path()).expect("a directory");
        assert_eq!(
            std::fs::read_dir(&again.partial)
                .expect("a directory")
                .count(),
            0
        );
        assert!(again.get("a.txt").await.is_ok() && again.get("b.txt").await.is_err());
    }
}
