//! Intermediate values, which a program adds to a file.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::tail::regular;
use crate::{Monitor, Verdict};

/// How much is read at one look.
const PIECE: u64 = 1 << 20;

/// The intermediate values of a program, as far as they were read.
#[derive(Debug)]
pub(super) struct Values {
    path: PathBuf,
    read: u64,
    lines: u64,
    step: u64,
}

impl Values {
    pub(super) fn of(directory: &Path) -> Self {
        Self { path: directory.join("values.txt"), read: 0, lines: 0, step: 0 }
    }

    /// Tells what has been added, up to the verdict to stop.
    pub(super) async fn tell(&mut self, monitor: &Monitor) -> Verdict {
        let text = match self.added() {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Verdict::Continue,
            Err(error) => {
                tracing::warn!(path = %self.path.display(), %error, "values cannot be read");
                return Verdict::Continue;
            }
        };
        for line in text.lines() {
            self.lines += 1;
            match value(line, self.step) {
                Ok((step, value)) => {
                    self.step = step;
                    if monitor.tell(step, value).await == Verdict::Stop {
                        return Verdict::Stop;
                    }
                }
                Err(why) => tracing::warn!(path = %self.path.display(), line = self.lines, "{why}"),
            }
        }
        Verdict::Continue
    }

    /// Returns the whole lines that were added.
    fn added(&mut self) -> io::Result<String> {
        let mut file = regular(&self.path)?;
        file.seek(SeekFrom::Start(self.read))?;
        let mut bytes = Vec::new();
        file.take(PIECE).read_to_end(&mut bytes)?;
        // A line that is longer is none of this file, and is read over.
        if (bytes.len() as u64) < PIECE || bytes.contains(&b'\n') {
            bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1));
        }
        self.read += bytes.len() as u64;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Reads `STEP VALUE`, or `VALUE` for the step after the one before.
fn value(line: &str, before: u64) -> Result<(u64, f64), String> {
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
        assert_eq!(value("1 2 3", 0), Err("\"1 2 3\" is not STEP VALUE, such as 10 0.25".to_owned()));
        assert!(value("", 0).is_err());
        assert!(value("1.5 2", 0).is_err());
    }

    #[test]
    fn a_line_that_is_not_whole_waits_for_its_end() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let mut values = Values::of(folder.path());
        std::fs::write(folder.path().join("values.txt"), "1 0.5\n2 0.")?;
        assert_eq!(values.added()?, "1 0.5\n");
        std::fs::write(folder.path().join("values.txt"), "1 0.5\n2 0.25\n")?;
        assert_eq!(values.added()?, "2 0.25\n");
        assert_eq!(values.added()?, "");
        Ok(())
    }
}
