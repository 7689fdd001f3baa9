//! What became of a point that was only tried, as it is printed.

use std::fmt;
use std::path::Path;

use idds::hpo::Tried;
use idds::workflow::{RequestId, printable};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Point;
use crate::cli::Exit;
use crate::cli::output::Show;

/// A point that was tried, of which nothing was reported.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct TriedRow {
    /// Id of its request.
    pub request_id: u64,
    /// The point, with the value that the program gave for it: null when it gave none.
    pub point: Point,
    /// Why there is no value; null when there is one.
    pub why: Option<String>,
    /// The end of what the program printed; empty when it gave a value.
    pub printed: String,
    /// Directory of the points that are tried.
    pub directory: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    #[serde(skip)]
    #[schemars(skip)]
    exit: Exit,
}

impl TriedRow {
    /// Sums up what became of a point in a folder.
    pub fn new(request: RequestId, folder: &Path, tried: Tried) -> Self {
        let Tried {
            id,
            parameters,
            outcome,
            duration,
            ..
        } = tried;
        let value = outcome.as_ref().ok().copied();
        let (why, printed, exit) = match &outcome {
            Ok(value) if value.is_finite() => (None, String::new(), Exit::Ok),
            Ok(value) => {
                let why = format!(
                    "the loss is {value}, which is not finite; --on_non_finite sets what to do with such a loss"
                );
                (Some(why), String::new(), Exit::EvaluationFailed)
            }
            Err(failure) => {
                let exit = if failure.is_trouble() {
                    Exit::Failure
                } else {
                    Exit::EvaluationFailed
                };
                (Some(failure.to_string()), failure.output().to_owned(), exit)
            }
        };
        let loss = match value {
            Some(value) if value.is_finite() => value.into(),
            Some(value) => value.to_string().into(),
            None => Value::Null,
        };
        Self {
            request_id: request.get(),
            point: Point {
                id: id.to_string(),
                loss,
                parameters,
            },
            why,
            printed,
            directory: folder.display().to_string(),
            seconds: duration.as_secs_f64(),
            exit,
        }
    }

    /// Returns the code that says how it ended.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// Says what to do when it worked.
    pub fn next(&self) -> Option<&'static str> {
        (self.exit == Exit::Ok).then_some("the same command without --try runs the search")
    }
}

impl Show for TriedRow {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        std::slice::from_ref(&self.point).show(f)?;
        for line in self.printed.lines() {
            writeln!(f, "{}", printable(line))?;
        }
        if let Some(why) = &self.why {
            writeln!(
                f,
                "point {} could not be evaluated: {}",
                self.point.id,
                printable(why)
            )?;
        }
        writeln!(
            f,
            "its files are in {}; nothing was reported",
            printable(&self.directory)
        )
    }
}
