//! A command of a batch system, which may hang.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::Trouble;

/// Longest answer of a command, in bytes: a line for each of a million tasks.
const LONGEST: u64 = 256 << 20;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs commands of batch systems, and gives up those that hang.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    patience: Duration,
}

/// What a command has said.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer {
    /// Whether it ended with exit code 0. Otherwise it failed, or was given up.
    pub is_success: bool,
    /// Whether it was given up.
    pub is_given_up: bool,
    /// Its standard output.
    pub output: String,
    /// Its standard error.
    pub error: String,
}

impl Default for Ask {
    /// Gives commands a minute.
    fn default() -> Self {
        Self { patience: PATIENCE }
    }
}

impl Ask {
    /// Gives commands so long.
    pub fn within(patience: Duration) -> Self {
        Self { patience }
    }

    /// Runs a command, without standard input.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn run(self, command: &mut Command) -> Result<Answer, Trouble> {
        let name = command.get_program().to_string_lossy().into_owned();
        let about = |error| match error {
            error if std::io::Error::kind(&error) == std::io::ErrorKind::NotFound => {
                Trouble::new(format!("there is no command {name} in PATH"))
            }
            error => Trouble::new(format!("{name}: {error}")),
        };
        let until = Instant::now() + self.patience;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(about)?;
        let outputs = [
            child.stdout.take().map(drained),
            child.stderr.take().map(drained),
        ];
        let mut texts = [Vec::new(), Vec::new()];
        let mut is_given_up = false;
        for (output, text) in outputs.iter().zip(&mut texts) {
            let Some(output) = output else { continue };
            loop {
                let left = until.saturating_duration_since(Instant::now());
                match output.recv_timeout(left) {
                    Ok(piece) => text.extend(piece),
                    Err(RecvTimeoutError::Disconnected) => break,
                    Err(RecvTimeoutError::Timeout) => {
                        is_given_up = true;
                        text.extend(output.try_iter().flatten());
                        break;
                    }
                }
            }
        }
        if is_given_up {
            let _ = child.kill();
        }
        let status = child.wait().map_err(about)?;
        let [output, error] = texts.map(|text| String::from_utf8_lossy(&text).into_owned());
        Ok(Answer {
            is_success: status.success() && !is_given_up,
            is_given_up,
            output,
            error,
        })
    }
}

impl Answer {
    /// Returns what went wrong, in the command's own words, as one line.
    pub fn complaint(&self) -> String {
        let text = if self.error.trim().is_empty() {
            &self.output
        } else {
            &self.error
        };
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let mut text = lines.join("; ").chars().take(600).collect::<String>();
        if self.is_given_up {
            text = format!("no answer in time; {text}");
        }
        match text.trim_matches(|char: char| char == ';' || char.is_whitespace()) {
            "" => "it failed without a word".to_owned(),
            text => text.to_owned(),
        }
    }
}

fn drained(from: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (pieces, receiver) = channel();
    thread::spawn(move || {
        let mut from = from.take(LONGEST);
        let mut buffer = vec![0; 64 << 10];
        while let Ok(length) = from.read(&mut buffer)
            && length > 0
            && pieces.send(buffer[..length].to_vec()).is_ok()
        {}
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(line: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        command
    }

    #[test]
    fn what_a_command_says_is_read_whole() -> Result<(), Trouble> {
        let answer = Ask::default().run(&mut shell("seq 100000; echo wrong >&2; echo so >&2"))?;
        assert!(answer.is_success && answer.output.ends_with("\n100000\n"));
        assert_eq!(answer.complaint(), "wrong; so");
        let silent = Ask::default().run(&mut shell("exit 3"))?;
        assert!(!silent.is_success);
        assert_eq!(silent.complaint(), "it failed without a word");
        Ok(())
    }

    #[test]
    fn a_command_that_hangs_is_given_up_with_what_it_said() -> Result<(), Trouble> {
        let ask = Ask::within(Duration::from_millis(300));
        let answer = ask.run(&mut shell("echo full, retrying >&2; exec sleep 1000"))?;
        assert!(answer.is_given_up && !answer.is_success);
        assert_eq!(answer.complaint(), "no answer in time; full, retrying");
        // So is one whose child holds its output open.
        let answer = ask.run(&mut shell("sleep 1000 & echo $!"))?;
        let _ = Command::new("kill").arg(answer.output.trim()).status();
        assert!(answer.is_given_up);
        Ok(())
    }

    #[test]
    fn a_command_that_is_not_there_is_named() {
        let error = Ask::default().run(&mut Command::new("no-such-command"));
        let error = error.expect_err("none").to_string();
        assert_eq!(error, "there is no command no-such-command in PATH");
    }
}
