//! Texts in the wire form: what Python wrote to a file, what a server returned, what would be submitted.

use serde_json::Value;

use crate::error::Problem;
use crate::python_json::{self, Document, Part};
use crate::{Error, Position, Workflow, wire};

/// Tells whether a text is a workflow, a request or a list of requests in the wire form.
///
/// Only what is made of Python's classes is taken for one, so that what is wrong with any other text is said in its own words.
pub(super) fn is_sent(text: &str) -> bool {
    let may_be = text.trim_start().starts_with(['{', '['])
        && (text.contains("\"request_metadata\"") || text.contains("\"module\""));
    may_be && Document::parse(text.as_bytes()).is_ok_and(|document| is_request(&document.root()))
}

fn is_request(part: &Part<'_, '_>) -> bool {
    if part.items().next().is_some() {
        return part
            .items()
            .all(|item| item.member("request_metadata").is_some());
    }
    let has = |name: &str| part.member(name).is_some();
    has("request_metadata") || (has("class") && has("module") && has("attributes"))
}

/// Reads the workflow of such a text.
pub(super) fn workflow(text: &str) -> Result<Workflow, Error> {
    let document = Document::parse(text.as_bytes()).map_err(unread)?;
    let rows: Vec<_> = document.root().items().collect();
    let (root, prefix) = match &rows[..] {
        [] => (document.root(), ""),
        [row] => (row.clone(), "/0"),
        rows => {
            let what = format!("has {} requests; a definition is one of them", rows.len());
            return Err(Error::new("", what));
        }
    };
    let value: Value = root.read_exact().map_err(unread)?;
    let decoded = wire::decode(&value).map_err(|error| {
        let mut problem = Problem::new(format!("{prefix}{}", error.at()), error.message());
        problem.locate(|_| position(root.clone(), error.at()));
        Error::of(vec![problem])
    })?;
    Error::unless_empty(decoded.problems, decoded.workflow)
}

/// Returns where the value at a JSON Pointer stands, or the innermost one around it that is there.
fn position(root: Part<'_, '_>, pointer: &str) -> Option<Position> {
    let mut part = root;
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        let inner = match name.parse::<usize>() {
            Ok(index) => part.items().nth(index).or_else(|| part.member(&name)),
            Err(_) => part.member(&name),
        };
        match inner {
            Some(inner) => part = inner,
            None => break,
        }
    }
    at(&part.error(""))
}

fn unread(error: python_json::Error) -> Error {
    let mut problem = Problem::new(error.place(), error.message());
    problem.locate(|_| at(&error));
    Error::of(vec![problem])
}

fn at(error: &python_json::Error) -> Option<Position> {
    let [line, column] = [error.line(), error.column()].map(|number| u32::try_from(number).ok());
    Some(Position {
        line: line?,
        column: column?,
    })
}
