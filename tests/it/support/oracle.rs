//! The judge of the wire form: payloads recorded from Python, and the real Python packages.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{is_installed, python, run, test_file};

/// The real Python iDDS packages, which load and compare payloads.
pub(crate) struct Oracle {
    python: PathBuf,
}

/// What the oracle says; prints as its report.
#[derive(Debug)]
pub(crate) struct Verdict {
    passed: bool,
    report: String,
}

impl Oracle {
    /// The oracle, or `None` where it cannot be installed; in CI that is a failure.
    pub(crate) fn available() -> Option<Self> {
        is_installed("oracle").then(|| Self {
            python: python::venv("requirements.txt"),
        })
    }

    /// Compares a payload with a recorded one: `name` is a file of `tests/reference`, without `.json`.
    pub(crate) fn diff(&self, ours: &str, name: &str) -> Verdict {
        let file = Payload::new(name, ours);
        let reference = test_file("reference").join(format!("{name}.json"));
        self.judge("oracle/diff.py", &[file.path(), &reference])
    }

    /// Loads a payload with the packages, which must bring back every object and every value, and has the request agent of
    /// the server run it as it is.
    pub(crate) fn decode_as_agent(&self, name: &str, payload: &str) -> Verdict {
        self.judge(
            "oracle/decode.py",
            &[Path::new("--agent"), Payload::new(name, payload).path()],
        )
    }

    /// Asks what the package makes of many workflows; `tests/oracle/truth.py` says how cases and answers look.
    pub(crate) fn truths(&self, cases: &str) -> String {
        self.ask("oracle/truth.py", cases)
    }

    /// Asks how the package names the events of a task; `tests/oracle/events.py` says how the answer looks.
    pub(crate) fn events(&self, payload: &str) -> String {
        self.ask("oracle/events.py", payload)
    }

    /// Asks which numbers the package takes; `tests/oracle/amounts.py` says how the answer looks.
    pub(crate) fn numbers(&self) -> String {
        self.output(Command::new(&self.python).arg(test_file("oracle/amounts.py")))
    }

    /// Asks what the Python client makes of files and variables; `tests/oracle/configuration.py` says how cases and answers look.
    pub(crate) fn configurations(&self, cases: &str) -> String {
        self.ask("oracle/configuration.py", cases)
    }

    /// Has Python compute an expression over `utils`, the package's `OIDCAuthenticationUtils`, and prints it as JSON.
    pub(crate) fn token_file(&self, expression: &str) -> String {
        let program = format!(
            "import json, warnings; warnings.simplefilter('ignore')\n\
             from idds.common.authentication import OIDCAuthenticationUtils\n\
             utils = OIDCAuthenticationUtils(); print(json.dumps({expression}, default=str))"
        );
        let mut command = Command::new(&self.python);
        self.output(command.env("IDDS_CLIENT_MODE", "1").arg("-c").arg(program))
    }

    fn ask(&self, program: &str, cases: &str) -> String {
        let file = Payload::new("cases", cases);
        let cases = fs::File::open(file.path()).expect("it was just written");
        self.output(
            Command::new(&self.python)
                .arg(test_file(program))
                .stdin(cases),
        )
    }

    fn output(&self, command: &mut Command) -> String {
        let output = run(command);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn judge(&self, program: &str, arguments: &[&Path]) -> Verdict {
        let output = run(Command::new(&self.python)
            .arg(test_file(program))
            .args(arguments));
        let report = [output.stdout, output.stderr].concat();
        Verdict {
            passed: output.status.success(),
            report: String::from_utf8_lossy(&report).into_owned(),
        }
    }
}

impl Verdict {
    /// Whether nothing is wrong with the payload.
    pub(crate) fn passed(&self) -> bool {
        self.passed
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.report)
    }
}

/// A payload in a file of its own, named as in the report.
struct Payload {
    path: PathBuf,
    _directory: tempfile::TempDir,
}

impl Payload {
    fn new(name: &str, text: &str) -> Self {
        let directory = tempfile::tempdir().expect("the temporary directory is writable");
        let path = directory.path().join(format!("{name}.json"));
        fs::write(&path, text).expect("the temporary directory is writable");
        Self {
            path,
            _directory: directory,
        }
    }

    fn path(&self) -> &Path {
        &self.path
    }
}
