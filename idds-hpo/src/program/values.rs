//! Intermediate values, which a program adds to a file.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use idds_file::open_regular;
use tokio::task::spawn_blocking;

use crate::{Monitor, Verdict};

/// How much is read at one look, how long a line may be, and how much of the file is read altogether.
const PIECE: u64 = 1 << 20;
pub(super) const LONGEST: usize = 1024;
const MOST: u64 = 64 << 20;

/// How many values of an evaluation are heard. Each stands in the journal.
const MOST_VALUES: u64 = 100_000;

/// The intermediate values of a program, as far as they were read.
#[derive(Debug)]
pub(super) struct Values {
    path: PathBuf,
    pub(super) read: u64,
    /// Whether the last piece ended within a line that is too long, the rest of which is no line.
    is_within: bool,
    lines: u64,
    step: u64,
    told: u64,
    is_over: bool,
}

impl Values {
    pub(super) fn of(directory: &Path) -> Self {
        let path = directory.join("values.txt");
        Self {
            path,
            read: 0,
            is_within: false,
            lines: 0,
            step: 0,
            told: 0,
            is_over: false,
        }
    }

    /// Tells what has been added, up to the verdict to stop.
    pub(super) async fn tell(&mut self, monitor: &Monitor) -> Verdict {
        if self.is_over {
            return Verdict::Continue;
        }
        let (path, from) = (self.path.clone(), self.read);
        // A file system can take its time.
        let piece = spawn_blocking(move || piece(&path, from))
            .await
            .expect("reading does not panic");
        let text = match piece {
            Ok(bytes) => self.added(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Verdict::Continue,
            Err(error) => {
                self.stop(format_args!("it is not read: {error}"));
                return Verdict::Continue;
            }
        };
        for line in text.lines() {
            self.lines += 1;
            match value(line, self.step) {
                Ok(_) if self.told == MOST_VALUES => {
                    self.stop(format_args!(
                        "it has more than {MOST_VALUES} values, and no more are read"
                    ));
                    break;
                }
                Ok((step, value)) => {
                    self.step = step;
                    self.told += 1;
                    if monitor.tell(step, value).await == Verdict::Stop {
                        return Verdict::Stop;
                    }
                }
                Err(why) => tracing::warn!(path = %self.path.display(), line = self.lines, "{why}"),
            }
        }
        if self.read >= MOST {
            self.stop(format_args!(
                "it is longer than {} MB, and no more is read",
                MOST >> 20
            ));
        }
        Verdict::Continue
    }

    /// Reads no more of it, which is said once.
    fn stop(&mut self, why: fmt::Arguments<'_>) {
        self.is_over = true;
        tracing::warn!(path = %self.path.display(), "{why}");
    }

    /// Returns the whole lines of a piece that was added. A line that is too long is read over, whatever it holds.
    pub(super) fn added(&mut self, mut bytes: Vec<u8>) -> String {
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |last| last + 1);
        let rest = bytes.len() - whole;
        if rest <= LONGEST && !(self.is_within && whole == 0) {
            // It waits for its end.
            bytes.truncate(whole);
        }
        self.read += bytes.len() as u64;
        let first = if self.is_within {
            bytes
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(bytes.len(), |at| at + 1)
        } else {
            0
        };
        let is_cut = bytes.last().is_some_and(|last| *last != b'\n');
        self.is_within = if bytes.is_empty() {
            self.is_within
        } else {
            is_cut
        };
        let lines = bytes[first..].split_inclusive(|byte| *byte == b'\n');
        let lines = lines.map(|line| {
            if line.len() > LONGEST {
                &line[..SHOWN]
            } else {
                line
            }
        });
        let lines = lines.map(|line| {
            String::from_utf8_lossy(line)
                .trim_end_matches('\n')
                .to_owned()
        });
        lines.map(|line| line + "\n").collect()
    }
}

/// So much of a line that is too long is shown.
const SHOWN: usize = 40;

/// Returns what a file has from here on, and not too much of it.
fn piece(path: &Path, from: u64) -> io::Result<Vec<u8>> {
    let mut file = open_regular(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(PIECE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads `STEP VALUE`, or `VALUE` for the step after the one before.
pub(super) fn value(line: &str, before: u64) -> Result<(u64, f64), String> {
    let wrong = || format!("{line:?} is not STEP VALUE, such as 10 0.25");
    let (step, value) = match line.trim().split_once(char::is_whitespace) {
        Some((step, value)) => (step.parse().map_err(|_| wrong())?, value.trim()),
        None => (before.saturating_add(1), line.trim()),
    };
    Ok((step, value.parse().map_err(|_| wrong())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_step_and_a_value_or_a_value() {
        assert_eq!(value("10 0.25", 3), Ok((10, 0.25)));
        assert_eq!(value(" 10\t-1e-3 ", 3), Ok((10, -1e-3)));
        assert_eq!(value("0.25", 3), Ok((4, 0.25)));
        assert_eq!(
            value("1 2 3", 0),
            Err("\"1 2 3\" is not STEP VALUE, such as 10 0.25".to_owned())
        );
        assert!(value("", 0).is_err());
        assert!(value("1.5 2", 0).is_err());
    }

    /// Reads as a look does.
    fn look(values: &mut Values) -> io::Result<String> {
        let bytes = piece(&values.path, values.read)?;
        Ok(values.added(bytes))
    }

    #[test]
    fn a_line_that_is_not_whole_waits_for_its_end() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let mut values = Values::of(folder.path());
        std::fs::write(folder.path().join("values.txt"), "1 0.5\n2 0.")?;
        assert_eq!(look(&mut values)?, "1 0.5\n");
        std::fs::write(folder.path().join("values.txt"), "1 0.5\n2 0.25\n")?;
        assert_eq!(look(&mut values)?, "2 0.25\n");
        assert_eq!(look(&mut values)?, "");
        Ok(())
    }

    #[test]
    fn a_line_without_an_end_is_read_once_and_the_next_one_counts() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let mut values = Values::of(folder.path());
        let long = "1".repeat(3 << 20);
        let path = folder.path().join("values.txt");
        std::fs::write(&path, format!("1 0.5\n{long}"))?;
        assert_eq!(
            look(&mut values)?,
            format!("1 0.5\n{}\n", "1".repeat(SHOWN))
        );
        for _ in 0..3 {
            assert_eq!(look(&mut values)?, "");
        }
        assert_eq!(values.read, (3 << 20) + 6, "nothing is read twice");
        std::fs::write(&path, format!("1 0.5\n{long}{}\n2 0.25\n", "1".repeat(10)))?;
        assert_eq!(look(&mut values)?, "2 0.25\n");
        Ok(())
    }
}
