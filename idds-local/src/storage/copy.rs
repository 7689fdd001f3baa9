//! One file that comes from one storage element to another.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use simd_adler32::Adler32;

use super::element::{Place, said};

/// Bytes that are read at once; whether the copying is to stop is looked at in between.
const PIECE: usize = 1 << 20;

/// What the name of a file begins with while it is being copied.
const PART: &str = ".idds-part-";

/// What a file has to be, as far as it is known.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Expected {
    /// Its size.
    pub(crate) bytes: Option<u64>,
    /// Its Adler-32 checksum.
    pub(crate) adler32: Option<u32>,
}

/// A file that is at its destination, and right.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Brought {
    /// Its size.
    pub(crate) bytes: u64,
    /// Its Adler-32 checksum.
    pub(crate) adler32: u32,
    /// Whether it was there already.
    pub(crate) was_there: bool,
}

/// Why a file is not at its destination.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Trouble {
    /// It is lost, or not what it has to be.
    File(String),
    /// The machine stands in the way, which says nothing about the file.
    Machine(String),
    /// It was told to stop.
    Stopped,
}

/// Tells whether a name is that of a file which is being copied.
pub(super) fn is_part(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(PART.as_bytes())
}

/// Looks whether a file is at its destination already, which can be told without its source if its checksum is known.
pub(crate) fn already_there(
    to: &Place,
    name: &str,
    expected: Expected,
    stop: &dyn Fn() -> bool,
) -> Result<Option<Brought>, Trouble> {
    if expected.adler32.is_none() {
        return Ok(None);
    }
    let path = to.destination(name)?;
    Ok(measured(&path, expected, stop)?.filter(|it| expected.differs(it).is_none()))
}

/// Copies a file, unless it is there, right, already. It appears at its destination whole or not at all.
///
/// `part` tells this file from others that are copied at the same time; what a killed copying has left under that name is overwritten.
pub(crate) fn bring(
    from: &Place,
    to: &Place,
    name: &str,
    expected: Expected,
    part: i64,
    stop: &dyn Fn() -> bool,
) -> Result<Brought, Trouble> {
    let (source, destination) = (from.source(name)?, to.destination(name)?);
    let mut expected = expected;
    if expected.adler32.is_none() && destination.is_file() {
        // Only the source says what it has to be.
        let right = read(&source, &mut io::sink(), stop)?;
        if let Some(why) = expected.differs(&right) {
            return Err(Trouble::File(format!("{}: {why}", source.display())));
        }
        expected.bytes = Some(right.bytes);
        expected.adler32 = Some(right.adler32);
    }
    if let Some(there) = measured(&destination, expected, stop)?
        && expected.adler32.is_some()
        && expected.differs(&there).is_none()
    {
        return Ok(there);
    }
    let unwritable = |path: &Path, error: io::Error| Trouble::Machine(said(path, &error));
    let beside = to.directory().join(format!("{PART}{part}"));
    let mut file = Part(
        create(&beside).map_err(|error| unwritable(&beside, error))?,
        &beside,
    );
    let read = read(&source, &mut file, stop)?;
    if let Some(why) = expected.differs(&read) {
        return Err(Trouble::File(format!("{}: {why}", source.display())));
    }
    file.0
        .sync_all()
        .map_err(|error| unwritable(&beside, error))?;
    // What was written is what counts, so it is read once more.
    let wanted = Expected {
        bytes: Some(read.bytes),
        adler32: Some(read.adler32),
    };
    let written = measured(&beside, wanted, stop)?;
    if let Some(why) = written.map_or(Some("it is gone".to_owned()), |it| wanted.differs(&it)) {
        return Err(Trouble::Machine(format!("{}: {why}", beside.display())));
    }
    fs::rename(&beside, &destination).map_err(|error| unwritable(&destination, error))?;
    File::open(to.directory())
        .and_then(|directory| directory.sync_all())
        .map_err(|error| unwritable(to.directory(), error))?;
    Ok(read)
}

/// A file that is gone unless it gets its name.
struct Part<'p>(File, &'p Path);

impl Write for Part<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        // After it was renamed, there is none; what cannot be removed is overwritten by the next attempt.
        let _ = fs::remove_file(self.1);
    }
}

fn create(path: &Path) -> io::Result<File> {
    let _ = fs::remove_file(path);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::from_raw_mode(0o666))?.into())
}

/// Returns size and checksum of what is at a place; nothing when it is no file, or has another size.
fn measured(
    path: &Path,
    expected: Expected,
    stop: &dyn Fn() -> bool,
) -> Result<Option<Brought>, Trouble> {
    let is_candidate = match fs::symlink_metadata(path) {
        Ok(metadata) => {
            metadata.is_file() && expected.bytes.is_none_or(|bytes| bytes == metadata.len())
        }
        Err(_) => false,
    };
    if !is_candidate {
        return Ok(None);
    }
    let found = read(path, &mut io::sink(), stop);
    match found {
        Ok(it) => Ok(Some(Brought {
            was_there: true,
            ..it
        })),
        Err(Trouble::File(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Reads a file to its end, hands its bytes on, and measures them.
fn read(path: &Path, into: &mut dyn Write, stop: &dyn Fn() -> bool) -> Result<Brought, Trouble> {
    let unreadable = |error: io::Error| {
        let is_lost = !idds_file::is_of_the_machine(&error)
            && error.kind() != io::ErrorKind::PermissionDenied;
        match is_lost {
            true => Trouble::File(said(path, &error)),
            false => Trouble::Machine(said(path, &error)),
        }
    };
    let mut file = idds_file::open_regular(path).map_err(unreadable)?;
    let (mut sum, mut bytes) = (Adler32::new(), 0);
    let mut piece = vec![0; PIECE];
    loop {
        if stop() {
            return Err(Trouble::Stopped);
        }
        let length = match file.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(error)),
        };
        sum.write(&piece[..length]);
        bytes += length as u64;
        into.write_all(&piece[..length])
            .map_err(|error| Trouble::Machine(format!("a copy of {}", said(path, &error))))?;
    }
    Ok(Brought {
        bytes,
        adler32: sum.finish(),
        was_there: false,
    })
}

impl Expected {
    /// Says in what a file differs from what it has to be.
    fn differs(&self, it: &Brought) -> Option<String> {
        match (self.bytes, self.adler32) {
            (Some(bytes), _) if bytes != it.bytes => Some(format!(
                "it has {} bytes, and has to have {bytes}",
                it.bytes
            )),
            (_, Some(adler32)) if adler32 != it.adler32 => Some(format!(
                "it has the Adler-32 checksum {:08x}, and has to have {adler32:08x}",
                it.adler32
            )),
            _ => None,
        }
    }
}
