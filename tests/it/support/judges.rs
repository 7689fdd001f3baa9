//! The judges of the JSON Schemas: what other people make of them in TypeScript and Python.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{is_installed, node, python, run, test_file};

/// Validators and generators of code, in Node and Python.
pub(crate) struct Judges {
    node: PathBuf,
    python: PathBuf,
    folder: tempfile::TempDir,
}

impl Judges {
    /// The judges, or `None` where they cannot be installed; in CI that is a failure.
    pub(crate) fn available() -> Option<Self> {
        if !is_installed("schemas") {
            return None;
        }
        let node = node::packages("schemas");
        let folder = tempfile::tempdir().expect("the temporary directory is writable");
        Some(Self {
            node,
            python: python::venv("schemas/requirements.txt"),
            folder,
        })
    }

    /// Says what ajv thinks of every sample, having made TypeScript types of every schema.
    pub(crate) fn ajv(&self, samples: &Value) -> Vec<bool> {
        let mut command = node::program(&self.node, "schemas/judge.mjs");
        verdicts(
            command
                .arg(schemas())
                .arg(self.file(samples))
                .arg(self.folder.path()),
        )
    }

    /// Says what the compiler thinks of the TypeScript types that `ajv` has made: nothing, when they are right.
    pub(crate) fn tsc(&self) -> String {
        let mut command = Command::new(self.node.join("node_modules/.bin/tsc"));
        command
            .args(["--noEmit", "--strict", "--exactOptionalPropertyTypes"])
            .current_dir(self.folder.path());
        for entry in fs::read_dir(self.folder.path()).expect("the folder is readable") {
            let path = entry.expect("the folder is readable").path();
            if path.extension().is_some_and(|extension| extension == "ts") {
                command.arg(path);
            }
        }
        let output = run(&mut command);
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    /// Says what Python's jsonschema thinks of every sample.
    pub(crate) fn jsonschema(&self, samples: &Value) -> Vec<bool> {
        let mut command = Command::new(&self.python);
        verdicts(
            command
                .arg(test_file("schemas/judge.py"))
                .arg(schemas())
                .arg(self.file(samples)),
        )
    }

    /// Reads and writes samples with Python models of the schemas; says what was different, nothing when they came back.
    pub(crate) fn models(&self, samples: &Value) -> String {
        let mut command = Command::new(&self.python);
        command
            .arg(test_file("schemas/models.py"))
            .arg(schemas())
            .arg(self.file(samples))
            .arg(self.folder.path());
        let output = run(command.env("PYTHONWARNINGS", "ignore"));
        if output.status.success() {
            String::new()
        } else {
            String::from_utf8_lossy(&output.stderr).into_owned()
        }
    }

    /// Returns what a Python program prints that checks itself against the schemas.
    pub(crate) fn python(&self, program: &Path) -> String {
        let output = run(Command::new(&self.python).arg(program));
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn file(&self, samples: &Value) -> PathBuf {
        let path = self.folder.path().join("samples.json");
        fs::write(&path, samples.to_string()).expect("the temporary directory is writable");
        path
    }
}

fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

fn verdicts(command: &mut Command) -> Vec<bool> {
    let output = run(command);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("the judge prints a list")
}
