//! Reading with a bound.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Reads a file of any kind, also a pipe, that holds at most so many bytes.
///
/// # Errors
///
/// [`io::ErrorKind::FileTooLarge`] for one that holds more, such as a device that never ends; and those of reading.
pub fn read(path: impl AsRef<Path>, most: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    match file.metadata()? {
        metadata if metadata.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")),
        metadata if metadata.is_file() && metadata.len() > most => Err(too_large(most)),
        _ => read_from(file, most),
    }
}

/// Reads at most so many bytes to the end, such as those of standard input.
///
/// # Errors
///
/// [`io::ErrorKind::FileTooLarge`] when there are more, and those of reading.
pub fn read_from(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large(most)) } else { Ok(bytes) }
}

fn too_large(most: u64) -> io::Error {
    let size = match most {
        _ if most >= 1 << 20 => format!("{} MiB", most >> 20),
        _ => format!("{most} bytes"),
    };
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it holds more than {size}, and no more is read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_is_not_read_to_its_end() {
        let error = read("/dev/zero", 5 << 20).expect_err("it has no end");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), "it holds more than 5 MiB, and no more is read");
        assert_eq!(read("/dev/null", 5).expect("nothing"), b"");
        assert_eq!(read("/", 5).expect_err("a directory").kind(), io::ErrorKind::IsADirectory);
    }

    #[test]
    fn a_file_and_a_pipe_are_read_up_to_the_bound() {
        let directory = tempfile::tempdir().expect("a directory");
        let [file, pipe] = ["file", "pipe"].map(|name| directory.path().join(name));
        std::fs::write(&file, "12345").expect("written");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from_raw_mode(0o600)).expect("a pipe");
        for (most, fits) in [(5, true), (4, false)] {
            assert_eq!(read(&file, most).is_ok(), fits);
            let writer = std::thread::spawn({
                let pipe = pipe.clone();
                move || std::fs::write(pipe, "12345")
            });
            assert_eq!(read(&pipe, most).is_ok(), fits);
            writer.join().expect("no panic").expect("written");
        }
    }
}
