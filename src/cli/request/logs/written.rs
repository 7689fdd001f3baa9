//! What jobs have written, out of the archive of the server.

use std::collections::HashMap;
use std::io::{self, Read};

use anyhow::Result;
use flate2::read::GzDecoder;
use idds::workflow::printable;
use serde::Serialize;
use tar::{Archive, EntryType, PaxExtensions};

/// Most bytes that an archive unpacks to.
const MAX_UNPACKED: u64 = 8 << 30;

/// Most files that are kept apart.
const MAX_FILES: usize = 100_000;

/// Longest name of a file that does not fit into its place, with what comes with it, in bytes.
const MAX_NAME: u64 = 64 << 10;

/// Longest line, in bytes; a longer one is told in several.
const MAX_LINE: usize = 64 << 10;

/// A line that a job has written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line<'a> {
    /// Id of the transform of the step.
    pub transform_id: u64,
    /// File of the job below the directory of the transform, such as `job_1/attempt_1/stdout`.
    pub file: &'a str,
    /// The line, without the line feed.
    pub line: String,
}

/// What has been told of the files of jobs.
#[derive(Debug, Default)]
pub struct Written {
    /// Bytes of each file that were told.
    told: HashMap<String, u64>,
}

impl Written {
    /// Tells what is new in an archive, of the transforms that are wanted; a last line without an end is kept for later unless this is
    /// the last look.
    pub fn take(
        &mut self,
        archive: impl Read,
        is_wanted: impl Fn(u64) -> bool,
        is_last: bool,
        mut tell: impl FnMut(Line<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut archive = Archive::new(GzDecoder::new(archive).take(MAX_UNPACKED));
        let mut long_name = None;
        // The library would take a long name, which may be the whole archive, into memory.
        for entry in archive.entries()?.raw(true) {
            let mut entry = entry?;
            let kind = entry.header().entry_type();
            if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
                long_name = name(&mut entry, kind)?.or(long_name);
                continue;
            }
            let path = long_name.take().unwrap_or_else(|| {
                String::from_utf8_lossy(&entry.header().path_bytes()).into_owned()
            });
            let Some((transform, file)) = place(&path) else {
                continue;
            };
            if !entry.header().entry_type().is_file() || !is_wanted(transform) {
                continue;
            }
            let before = self.told.get(&path).copied().unwrap_or(0);
            if self.told.len() >= MAX_FILES && before == 0 {
                continue;
            }
            let mut lines = Lines {
                from: entry,
                left: Vec::new(),
            };
            let mut told = before;
            lines.skip(before)?;
            while let Some((line, bytes)) = lines.next(is_last)? {
                told += bytes as u64;
                tell(Line {
                    transform_id: transform,
                    file,
                    line: shown(&line),
                })?;
            }
            if told > before {
                self.told.insert(path, told);
            }
        }
        Ok(())
    }
}

/// Reads the name of the file that comes next, where it does not fit into its place.
fn name(entry: impl Read, kind: EntryType) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    entry.take(MAX_NAME).read_to_end(&mut bytes)?;
    if kind.is_gnu_longname() {
        let name = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        return Ok(Some(String::from_utf8_lossy(name).into_owned()));
    }
    let path = PaxExtensions::new(&bytes)
        .flatten()
        .find(|extension| extension.key_bytes() == b"path");
    Ok(path.map(|path| String::from_utf8_lossy(path.value_bytes()).into_owned()))
}

/// Reads which transform a file of an archive is of, and which file of its jobs; none of what is no output of a job.
fn place(path: &str) -> Option<(u64, &str)> {
    let (top, rest) = path.trim_start_matches("./").split_once('/')?;
    let transform = top.strip_prefix("transform_")?.parse().ok()?;
    let file = rest.split_once('/').map_or(rest, |(_, file)| file);
    let name = file.rsplit('/').next().unwrap_or_default();
    let is_output = matches!(name, "stdout" | "stderr")
        || [".out", ".err", ".log", ".stdout", ".stderr"]
            .iter()
            .any(|end| name.ends_with(end));
    is_output.then_some((transform, file))
}

/// Writes a line so that a terminal shows it and does not obey it; of one that was written over, the last writing counts.
fn shown(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let last = text.rsplit('\r').find(|part| !part.is_empty());
    let parts: Vec<_> = last
        .unwrap_or_default()
        .split('\t')
        .map(printable)
        .collect();
    parts.join("\t")
}

/// The lines of a file that is read once.
struct Lines<R> {
    from: R,
    /// What was read and not given.
    left: Vec<u8>,
}

impl<R: Read> Lines<R> {
    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        io::copy(&mut (&mut self.from).take(bytes), &mut io::sink()).map(drop)
    }

    /// Returns the next line without its end, and the number of its bytes with it.
    fn next(&mut self, is_last: bool) -> io::Result<Option<(Vec<u8>, usize)>> {
        let mut seen = 0;
        loop {
            if let Some(at) = self.left[seen..].iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.left.drain(..=seen + at).collect();
                let bytes = line.len();
                line.truncate(bytes - 1);
                return Ok(Some((line, bytes)));
            }
            seen = self.left.len();
            let is_long = seen >= MAX_LINE;
            let mut piece = [0; 8 << 10];
            let read = if is_long {
                0
            } else {
                self.from.read(&mut piece)?
            };
            if read > 0 {
                self.left.extend_from_slice(&piece[..read]);
                continue;
            }
            let is_told = seen > 0 && (is_last || is_long);
            return Ok(is_told.then(|| (std::mem::take(&mut self.left), seen)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, bytes) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            builder
                .append_data(&mut header, path, *bytes)
                .expect("a file");
        }
        let mut encoder = builder.into_inner().expect("an archive");
        encoder.flush().expect("an archive");
        encoder.finish().expect("an archive")
    }

    fn told(written: &mut Written, files: &[(&str, &[u8])], is_last: bool) -> Vec<String> {
        let mut lines = Vec::new();
        let tell = |line: Line<'_>| {
            lines.push(format!("{} {} {}", line.transform_id, line.file, line.line));
            Ok(())
        };
        let taken = written.take(&*archive(files), |transform| transform < 9, is_last, tell);
        taken.expect("an archive");
        lines
    }

    const OUT: &str = "transform_3/processing_3/job_1/attempt_1/stdout";

    #[test]
    fn what_is_new_is_told_once_line_by_line() {
        let mut written = Written::default();
        let mut look = |bytes: &[u8], is_last| told(&mut written, &[(OUT, bytes)], is_last);
        let line = |text: &str| format!("3 job_1/attempt_1/stdout {text}");
        assert_eq!(look(b"one\ntw", false), [line("one")]);
        assert_eq!(look(b"one\ntwo\n", false), [line("two")]);
        assert!(look(b"one\ntwo\nthr", false).is_empty());
        assert_eq!(look(b"one\ntwo\nthree", true), [line("three")]);
    }

    #[test]
    fn only_outputs_of_the_steps_that_are_wanted_are_told_and_no_terminal_obeys_them() {
        let files: [(&str, &[u8]); 5] = [
            (OUT, b"\x1b[2J\ta\rb\n"),
            (
                "transform_3/processing_3/job_1/attempt_1/usage.json",
                b"{}\n",
            ),
            ("transform_9/processing_9/job_1/attempt_1/stdout", b"no\n"),
            ("elsewhere/stdout", b"no\n"),
            ("transform_3/processing_3/condor.log", b"submitted\n"),
        ];
        assert_eq!(
            told(&mut Written::default(), &files, true),
            ["3 job_1/attempt_1/stdout b", "3 condor.log submitted"]
        );
        let escape: [(&str, &[u8]); 1] = [(OUT, b"\x1b[2J\ta\n")];
        assert_eq!(
            told(&mut Written::default(), &escape, true),
            ["3 job_1/attempt_1/stdout \\u{1b}[2J\ta"]
        );
    }

    /// An archive in which a file has a name of this kind besides the one in its place.
    fn with_name(kind: EntryType, name: &[u8]) -> Vec<u8> {
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (kind, path, bytes) in [(kind, "name", name), (EntryType::Regular, OUT, b"one\n")] {
            let mut header = tar::Header::new_ustar();
            header.set_entry_type(kind);
            header.set_size(bytes.len() as u64);
            builder
                .append_data(&mut header, path, bytes)
                .expect("an entry");
        }
        let encoder = builder.into_inner().expect("an archive");
        encoder.finish().expect("an archive")
    }

    #[test]
    fn a_long_name_is_read_and_an_endless_one_is_cut() {
        let place = format!("transform_3/processing_3/{}/stdout", "x".repeat(150));
        let record = format!("path={place}\n");
        let length = record.len() + 4;
        let pax = format!("{length} {record}");
        let gnu = format!("{place}\0");
        let look = |kind, name: &[u8]| {
            let mut files = Vec::new();
            let tell = |line: Line<'_>| {
                files.push(line.file.to_owned());
                Ok(())
            };
            let archive = with_name(kind, name);
            let taken = Written::default().take(&*archive, |_| true, true, tell);
            taken.expect("an archive");
            files
        };
        let expected = [format!("{}/stdout", "x".repeat(150))];
        assert_eq!(look(EntryType::GNULongName, gnu.as_bytes()), expected);
        assert_eq!(look(EntryType::XHeader, pax.as_bytes()), expected);
        let endless = [b"transform_3/processing_3/".as_slice(), &[b'x'; 1 << 20]].concat();
        for kind in [EntryType::GNULongName, EntryType::XHeader] {
            let told = look(kind, &endless);
            assert!(
                told.iter().all(|file| file.len() as u64 <= MAX_NAME),
                "{}",
                told.len()
            );
        }
    }

    #[test]
    fn a_line_without_an_end_does_not_grow_without_bound() {
        let long = vec![b'x'; 3 * MAX_LINE];
        let lines = told(&mut Written::default(), &[(OUT, &long)], false);
        assert_eq!(lines.len(), 3);
    }
}
