//! A document: its text, what it says, and where.

use std::sync::OnceLock;

use super::span::Span;
use super::tree::Tree;
use super::yaml::{Composed, compose};
use super::{Effort, Read, sent, words};
use crate::error::Problem;
use crate::{Error, Position, Workflow};

/// The text of a workflow in its neutral form.
///
/// Its problems are found all at once, each with its position in the text.
///
/// ```
/// use idds_workflow::Document;
///
/// let document = Document::yaml("steps:\n  a: { type: programme }\n  b: { type: program, argument: x }\n");
/// let error = document.workflow().unwrap_err();
/// let lines: Vec<_> = error.problems().iter().filter_map(|problem| problem.position()).map(|at| at.line).collect();
/// assert_eq!(lines, [2, 3]);
/// assert!(error.problems()[1].message().ends_with("did you mean arguments?"));
/// ```
///
/// YAML is read as version 1.2 has it: `true` and `false` are the only booleans, `yes`, `on`, `1:30` and dates are texts, and `0o17` is
/// an octal number. A number with leading zeros is refused, because earlier versions took it for an octal one. Anchors, aliases and
/// merge keys (`<<`) are read; tags other than those of JSON's types are not. One text holds one document.
///
/// An integer beyond 64 bits is refused: it could not be kept as it is written.
#[derive(Debug)]
pub struct Document<'t> {
    text: &'t str,
    is_json: bool,
    /// Whether it is in the wire form; none when it was said to be in the neutral one.
    is_sent: Option<OnceLock<bool>>,
    span: OnceLock<Option<Span>>,
}

impl<'t> Document<'t> {
    /// Takes a text in JSON.
    pub fn json(text: &'t str) -> Self {
        Self {
            text: without_mark(text),
            is_json: true,
            is_sent: None,
            span: OnceLock::new(),
        }
    }

    /// Takes a text in YAML.
    pub fn yaml(text: &'t str) -> Self {
        Self {
            text: without_mark(text),
            is_json: false,
            is_sent: None,
            span: OnceLock::new(),
        }
    }

    /// Takes a text in JSON, when it begins with a brace and is JSON, or else in YAML.
    ///
    /// A text in the [wire form](crate::wire) is taken, too: the workflow as Python's `json_dumps` writes it, the body of a submission, or what
    /// a server returns of one request with its metadata. Its steps are called `step1`, `step2`, … by their position.
    pub fn of(text: &'t str) -> Self {
        let begins = without_mark(text).trim_start();
        // YAML may begin with a brace, too; JSON's next sign is a quote or the other brace.
        let is_json = begins
            .strip_prefix('{')
            .is_some_and(|rest| rest.trim_start().starts_with(['"', '}']));
        Self {
            is_json,
            is_sent: Some(OnceLock::new()),
            ..Self::yaml(text)
        }
    }

    /// Reads the workflow.
    ///
    /// # Errors
    ///
    /// Names every place that is no JSON or YAML, no field, of the wrong type, or refused by the builders.
    pub fn workflow(&self) -> Result<Workflow, Error> {
        if self.is_sent() {
            return sent::workflow(self.text);
        }
        let quick = if self.is_json {
            self.quick_json()?
        } else {
            self.quick_yaml()?
        };
        match quick.map(|tree| Workflow::read(tree.0, Effort::First)) {
            Some(Ok(workflow)) => Ok(workflow),
            // What is wrong is looked for a second time, everywhere and with its position.
            Some(Err(first)) => self.thorough().and_then(|_| Err(first)),
            None => self.thorough(),
        }
    }

    /// Returns where a place of the definition stands, such as `steps.search.opt_space`, or the innermost one around it that is
    /// there; none in the wire form, where nothing stands as the definition has it.
    pub fn position(&self, at: &str) -> Option<Position> {
        if self.is_sent() {
            return None;
        }
        let span = self
            .span
            .get_or_init(|| compose(self.text).ok().map(|composed| composed.span));
        span.as_ref().map(|span| span.find(at, false))
    }

    fn is_sent(&self) -> bool {
        let is_sent = |known: &OnceLock<bool>| *known.get_or_init(|| sent::is_sent(self.text));
        self.is_sent.as_ref().is_some_and(is_sent)
    }

    /// Reads JSON by its own reader; none when the numbers of the text need a closer look.
    fn quick_json(&self) -> Result<Option<Tree>, Error> {
        match Tree::from_json(self.text) {
            Ok((tree, is_doubtful)) => Ok((!is_doubtful).then_some(tree)),
            Err(error) if error.is_data() => Ok(None),
            Err(error) => {
                let (message, position) = words::json(self.text, &error);
                let mut problem = Problem::new("", message);
                problem.locate(|_| Some(position));
                Err(Error::of(vec![problem]))
            }
        }
    }

    fn quick_yaml(&self) -> Result<Option<Tree>, Error> {
        let Composed { tree, problems, .. } = compose(self.text)?;
        Ok(problems.is_empty().then_some(Tree(tree)))
    }

    /// Reads everything, and says all that is wrong.
    fn thorough(&self) -> Result<Workflow, Error> {
        let Composed {
            tree,
            span,
            mut problems,
        } = compose(self.text)?;
        if tree.is_null() && problems.is_empty() {
            let message = "is empty; a workflow has steps, such as steps: { hello: { type: program, executable: /bin/hostname } }";
            problems.push(Problem::new("", message));
        } else {
            match Workflow::read(tree, Effort::All) {
                Ok(workflow) if problems.is_empty() => return Ok(workflow),
                Ok(_) => {}
                Err(error) => {
                    // What could not be read as it is written has its problem already.
                    let is_known =
                        |problem: &Problem| problems.iter().any(|known| known.at() == problem.at());
                    let more: Vec<_> = error
                        .into_problems()
                        .into_iter()
                        .filter(|problem| !is_known(problem))
                        .collect();
                    problems.extend(more);
                }
            }
        }
        for problem in &mut problems {
            let is_key = problem.is_of_key();
            problem.locate(|at| Some(span.find(at, is_key)));
        }
        problems.sort_by_key(Problem::position);
        Err(Error::of(problems))
    }
}

/// Takes the byte-order mark away that some editors begin a text with.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}
