//! The directory of a point.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use idds_client::PointId;
use idds_file::open_regular;
use idds_jobs::{Trouble, link_inputs, make_directory, open_stream};
use serde_json::Value;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use super::stopped;
use crate::Failure;
use crate::workers::file_name;

/// For how long the processes of an earlier attempt may still be dying.
const PATIENCE: Duration = Duration::from_secs(2);

/// The directory of a point, ready for a program.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    stdout: File,
    stderr: File,
}

impl Directory {
    /// Takes the directory of a point, in which no other program runs, and puts the input there.
    pub(super) async fn take(
        folder: &Path,
        point: &PointId,
        input: Value,
        links: &[PathBuf],
    ) -> Result<Self, Failure> {
        let base = folder.join(file_name(point.as_str()));
        let folder = folder.to_owned();
        blocking(move || {
            fs::create_dir_all(&folder).map_err(|error| stopped(Trouble::with(&folder, &error)))
        })
        .await?;
        let input: Arc<[u8]> = format!("{input}\n").into_bytes().into();
        let patience = Instant::now() + PATIENCE;
        let (path, stdout) = loop {
            let (base, input, is_late) =
                (base.clone(), Arc::clone(&input), Instant::now() >= patience);
            if let Some(free) = blocking(move || free(&base, &input, is_late)).await? {
                break free;
            }
            sleep(Duration::from_millis(10)).await;
        };
        let links = links.to_vec();
        blocking(move || prepare(path, stdout, &input, &links)).await
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what a program prints to; its processes hold the lock.
    pub(super) fn streams(&self) -> io::Result<(File, File)> {
        Ok((self.stdout.try_clone()?, self.stderr.try_clone()?))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    spawn_blocking(work)
        .await
        .expect("work on files does not panic")
}

/// Returns the directory of this name, or another one when that is in use for too long already or has another point, of
/// another search; locked by its `stdout`.
fn free(base: &Path, input: &[u8], is_late: bool) -> Result<Option<(PathBuf, File)>, Failure> {
    for number in 1_u32.. {
        let path = match number {
            1 => base.to_owned(),
            _ => base.with_extension(number.to_string()),
        };
        make_directory(&path).map_err(stopped)?;
        let stdout = open_stream(&path.join("stdout")).map_err(stopped)?;
        match stdout.try_lock() {
            Err(TryLockError::WouldBlock) if is_late => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            // Where there are no locks, it is assumed that nobody is there.
            Ok(()) | Err(TryLockError::Error(_)) => {
                if before(&path, input.len()).is_none_or(|before| before == input) {
                    return Ok(Some((path, stdout)));
                }
            }
        }
    }
    Ok(None)
}

/// Returns the input of an earlier attempt, and no more of it than the one that is compared with; none when there is none.
fn before(directory: &Path, length: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = open_regular(directory.join("input.json")).ok()?;
    file.take(length as u64 + 1).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn prepare(
    path: PathBuf,
    stdout: File,
    input: &[u8],
    links: &[PathBuf],
) -> Result<Directory, Failure> {
    for name in ["output.json", "values.txt"] {
        let file = path.join(name);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(stopped(Trouble::with(&file, &error)));
            }
            _ => {}
        }
    }
    let file = path.join("input.json");
    let write = || -> io::Result<()> {
        let draft = path.join(".input.json");
        // What an attempt that was killed has left, or somebody has put there to be written through.
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => File::create_new(&draft)?.write_all(input)?,
        }
        fs::rename(draft, &file)
    };
    write().map_err(|error| stopped(Trouble::with(&file, &error)))?;
    link_inputs(&path, links).map_err(stopped)?;
    let stderr = open_stream(&path.join("stderr")).map_err(stopped)?;
    Ok(Directory {
        path,
        stdout,
        stderr,
    })
}
