//! What became of a program: the value of the objective, or why there is none.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;

use idds_workflow::{EvaluationOutput, Number};

/// How much of a stream is looked at for its last line.
const TAIL: u64 = 64 * 1024;

/// How Python writes what JSON cannot.
const WORDS: [(&str, f64); 3] = [("NaN", f64::NAN), ("Infinity", f64::INFINITY), ("-Infinity", f64::NEG_INFINITY)];

/// How long the streams were when a program started.
#[derive(Debug)]
pub(super) struct Started {
    stdout: u64,
    stderr: u64,
}

impl Started {
    pub(super) fn of(directory: &Path) -> Self {
        let length = |name: &str| directory.join(name).metadata().map_or(0, |metadata| metadata.len());
        Self { stdout: length("stdout"), stderr: length("stderr") }
    }
}

/// Reads what a program has left in its directory.
pub(super) fn read(directory: &Path, started: &Started, status: ExitStatus, is_stopped: bool) -> Result<f64, String> {
    let file = directory.join("output.json");
    let output = match fs::read_to_string(&file) {
        Ok(text) => Some(judge(&text).map_err(|why| format!("{}: {why}", file.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(format!("{}: {error}", file.display())),
    };
    match (output, status.success()) {
        // What it says itself is the better reason; one that was stopped may end as it likes.
        (Some(output), is_success) if is_success || is_stopped || output.is_err() => output,
        (_, false) => {
            let how = match (status.code(), status.signal()) {
                (Some(code), _) => format!("the program ended with exit code {code}"),
                (None, Some(signal)) => format!("the program was killed by signal {signal}"),
                (None, None) => "the program did not end as programs do".to_owned(),
            };
            let last = last_line(&directory.join("stderr"), started.stderr);
            let said = last.map(|line| format!(": {line}")).unwrap_or_default();
            Err(format!("{}: {how}{said}", directory.display()))
        }
        _ => match last_line(&directory.join("stdout"), started.stdout) {
            Some(line) => line.parse().map_err(|_| {
                format!(
                    "{}: there is no output.json, and the last line of stdout is no number but {line:?}",
                    directory.display()
                )
            }),
            None => Err(format!("{}: there is no output.json, and stdout is empty", directory.display())),
        },
    }
}

/// Reads `output.json`.
fn judge(text: &str) -> Result<f64, String> {
    let (text, word) = without_word(text);
    let output: EvaluationOutput = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let status = output.status.as_f64();
    if status != 0.0 {
        let message = output.message.map(|message| format!(": {message}")).unwrap_or_default();
        return Err(format!("status is {status}{message}"));
    }
    let missing = || "loss is missing, with status 0 it must be a number".to_owned();
    word.or(output.loss.map(Number::as_f64)).ok_or_else(missing)
}

/// Takes a loss out that is a word of Python and no JSON.
fn without_word(text: &str) -> (String, Option<f64>) {
    let found = text.match_indices("\"loss\"").find_map(|(at, key)| {
        let rest = text[at + key.len()..].trim_start().strip_prefix(':')?.trim_start();
        let (word, value) = WORDS.into_iter().find(|(word, _)| rest.starts_with(word))?;
        Some((text.len() - rest.len(), word, value))
    });
    match found {
        Some((at, word, value)) => (format!("{}null{}", &text[..at], &text[at + word.len()..]), Some(value)),
        None => (text.to_owned(), None),
    }
}

/// Returns the last line after a position that is not blank, of a file that can be read.
fn last_line(path: &Path, start: u64) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let end = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(start.max(end.saturating_sub(TAIL)))).ok()?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_a_loss_or_a_reason() {
        assert_eq!(judge(r#"{"status": 0, "loss": 0}"#), Ok(0.0));
        assert_eq!(judge(r#"{"status": 0, "loss": 0.25, "message": "fine", "auc": 0.9}"#), Ok(0.25));
        assert_eq!(judge(r#"{"status": 3, "message": "no data"}"#), Err("status is 3: no data".to_owned()));
        assert_eq!(judge(r#"{"status": 1, "loss": 0.5}"#), Err("status is 1".to_owned()));
        let why = judge(r#"{"status": 0}"#).expect_err("no loss");
        assert_eq!(why, "loss is missing, with status 0 it must be a number");
        let why = judge(r#"{"status": 0, "loss": [0.5, 0.25]}"#).expect_err("a list");
        assert!(why.starts_with("loss: "), "{why}");
        let why = judge(r#"{"loss": 0.5}"#).expect_err("no status");
        assert!(why.contains("status"), "{why}");
    }

    #[test]
    fn the_words_of_python_are_losses_that_are_none() {
        assert!(judge(r#"{"status": 0, "loss": NaN}"#).is_ok_and(f64::is_nan));
        assert_eq!(judge(r#"{"loss" : -Infinity, "status": 0}"#), Ok(f64::NEG_INFINITY));
        assert_eq!(judge(r#"{"loss": Infinity, "status": 2}"#), Err("status is 2".to_owned()));
        let why = judge(r#"{"loss": Infinite, "status": 0}"#).expect_err("no such word");
        assert!(why.contains("column"), "{why}");
    }
}
