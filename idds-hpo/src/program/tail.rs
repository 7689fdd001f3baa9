//! The end of what a program printed.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use idds_file::open_regular;
use idds_workflow::printable;

/// How much of a stream is looked at.
const TAIL: u64 = 64 * 1024;

/// How many lines of a stream are shown, and how much of a line.
const LINES: usize = 10;
const WIDTH: usize = 400;

/// How long the streams were when a program started.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) stdout: u64,
    pub(super) stderr: u64,
}

impl Started {
    pub(super) fn of(directory: &Path) -> Self {
        let length = |name: &str| {
            directory
                .join(name)
                .metadata()
                .map_or(0, |metadata| metadata.len())
        };
        Self {
            stdout: length("stdout"),
            stderr: length("stderr"),
        }
    }

    /// Returns the last lines of both streams, for people.
    pub(super) fn output(&self, directory: &Path) -> String {
        let mut output = String::new();
        for (name, start) in [("stdout", self.stdout), ("stderr", self.stderr)] {
            let file = directory.join(name);
            let lines = lines(&tail(&file, start));
            if !lines.is_empty() {
                output += &format!("the end of {}:\n", file.display());
            }
            for line in &lines[lines.len().saturating_sub(LINES)..] {
                output += &format!("  {}\n", shortened(line));
            }
        }
        output
    }
}

/// Returns what a file has at its end after a position; nothing when it cannot be read.
pub(super) fn tail(path: &Path, start: u64) -> String {
    let read = || -> io::Result<String> {
        let mut file = open_regular(path)?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(start.max(end.saturating_sub(TAIL))))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_default()
}

/// Returns the lines that are not blank, as a terminal shows them at last: of what a carriage return lets overwrite, only what
/// was written last, and nothing that steers the terminal.
pub(super) fn lines(text: &str) -> Vec<String> {
    let text = without_escapes(text);
    let last = |line: &str| {
        let line = line
            .split('\r')
            .map(str::trim)
            .rfind(|part| !part.is_empty())?;
        Some(printable(&line.replace('\t', " ")).into_owned())
    };
    text.lines().filter_map(last).collect()
}

/// Takes out the sequences that steer a terminal: colours, positions, titles (ECMA-48).
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('[') => {
                while characters
                    .next()
                    .is_some_and(|character| !('@'..='~').contains(&character))
                {}
            }
            Some(']' | 'P' | 'X' | '^' | '_') => {
                while let Some(character) = characters.next_if(|character| *character != '\u{7}') {
                    if character == '\u{1b}' {
                        break;
                    }
                }
                // Its end: BEL, or the backslash after ESC.
                characters.next_if(|character| matches!(character, '\u{7}' | '\\'));
            }
            Some('(' | ')') => _ = characters.next(),
            _ => {}
        }
    }
    plain
}

/// Returns so much of a text as a person wants to see in a line.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{} …", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_line_is_what_a_terminal_shows_at_last() {
        assert_eq!(lines("10%\r50%\r\x1b[32m0.5\x1b[0m\r\n\n"), ["0.5"]);
        assert_eq!(
            lines("\x1b]0;title\x07a\n\x1b]8;;x\x1b\\b\x1b(Bc\x1b[?25l\n"),
            ["a", "bc"]
        );
        assert_eq!(lines("a\x08\u{202e}b\tc\n"), [r"a\u{8}\u{202e}b c"]);
        assert_eq!(lines("\x1b"), [""; 0]);
    }

    #[test]
    fn the_last_lines_since_the_start_are_shown_with_their_file() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let place = folder.path().join("stderr");
        fs::write(&place, "before\n")?;
        let started = Started::of(folder.path());
        let said: String = (1..=12).map(|number| format!("line {number}\n")).collect();
        fs::write(&place, format!("before\n{said}{}", "x".repeat(500)))?;
        let output = started.output(folder.path());
        let [title, shown @ .., last] = &output.lines().collect::<Vec<_>>()[..] else {
            panic!("{output}")
        };
        assert_eq!(*title, format!("the end of {}:", place.display()));
        assert_eq!(
            (shown.len(), shown[0], last.chars().count()),
            (9, "  line 4", WIDTH + 4)
        );
        Ok(())
    }
}
