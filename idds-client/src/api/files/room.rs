//! Free space for a file.

use std::fs::File;
use std::path::Path;

use crate::{Error, ErrorKind};

/// What is left for others on a file system, in bytes, or half of what is free if that is less: without any, other programs fail
/// as well.
const LEFT: u64 = 64 << 20;

/// Bytes after which it is looked again how much space there is.
const LOOK: u64 = 16 << 20;

/// The space of the file system that a file is on, which others use too.
#[derive(Debug)]
pub(super) struct Room<F> {
    free: F,
    written: u64,
    /// Bytes that may be written before it is looked again.
    known: u64,
}

impl Room<()> {
    /// Looks at the file system of this file; one that does not say how much space it has takes what it can.
    pub(super) fn on(file: &File) -> Room<impl Fn() -> u64> {
        Room::of(move || {
            let system = rustix::fs::fstatvfs(file);
            system.map_or(u64::MAX, |system| {
                system.f_bavail.saturating_mul(system.f_frsize)
            })
        })
    }
}

impl<F: Fn() -> u64> Room<F> {
    fn of(free: F) -> Self {
        Self {
            free,
            written: 0,
            known: 0,
        }
    }

    /// Fails when this many more bytes do not fit, and returns for how many there is room.
    pub(super) fn check(&self, path: &Path, bytes: u64) -> Result<u64, Error> {
        let free = (self.free)();
        let before = free.saturating_add(self.written);
        let room = before
            .saturating_sub(LEFT)
            .max(before / 2)
            .saturating_sub(self.written);
        if bytes <= room {
            return Ok(room);
        }
        let (path, bytes, free) = (
            path.display(),
            shown(bytes.saturating_add(self.written)),
            shown(free),
        );
        let what = match self.written {
            0 => {
                format!(
                    "there is no room for {path}, which has {bytes}: {free} are free, and some are left for others"
                )
            }
            _ => format!(
                "there is no room for {path}, of which {bytes} have come: {free} are left, for others"
            ),
        };
        Err(Error::new(ErrorKind::File, what))
    }

    /// Takes the space of this many more bytes.
    pub(super) fn take(&mut self, path: &Path, bytes: u64) -> Result<(), Error> {
        if self.known < bytes {
            self.known = self.check(path, bytes)?.min(LOOK.max(bytes));
        }
        self.known -= bytes;
        self.written += bytes;
        Ok(())
    }
}

fn shown(bytes: u64) -> String {
    if bytes < 10 << 20 {
        format!("{bytes} bytes")
    } else {
        format!("{} MiB", bytes >> 20)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Writes without end where so much is free, and returns what is left when it stops.
    fn left_of(size: u64) -> u64 {
        let free = Cell::new(size);
        let mut room = Room::of(|| free.get());
        let error = loop {
            match room.take(Path::new("f"), 1 << 16) {
                Ok(()) => free.set(free.get() - (1 << 16)),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::File);
        assert!(
            error
                .to_string()
                .starts_with("there is no room for f, of which "),
            "{error}"
        );
        free.get()
    }

    #[test]
    fn a_file_without_end_stops_while_there_is_space_for_others() {
        assert_eq!(left_of(1 << 30), LEFT);
        assert_eq!(left_of(32 << 20), 16 << 20);
    }

    #[test]
    fn an_announced_file_that_does_not_fit_is_not_begun() {
        let room = Room::of(|| 100 << 20);
        assert!(room.check(Path::new("f"), 50 << 20).is_ok());
        let error = room
            .check(Path::new("f"), u64::MAX)
            .expect_err("too large")
            .to_string();
        assert!(
            error.starts_with(
                "there is no room for f, which has 17592186044415 MiB: 100 MiB are free"
            ),
            "{error}"
        );
    }

    #[test]
    fn a_file_system_is_asked() {
        let file = tempfile::tempfile().expect("a file");
        assert!(Room::on(&file).check(Path::new("f"), u64::MAX).is_err());
    }
}
