//! How far the steps of a request are, and why they are no further.

mod derived;

use std::collections::HashMap;

use idds_client::{Client, Error, ErrorKind, ExplainedStep, Explanation, Server, TransformId};
use idds_workflow::wire::Decoded;
use idds_workflow::{RequestId, Workflow, printable_within};
use serde_json::Value;

pub use self::derived::asked_before;
pub(crate) use self::derived::put_together;

/// How far the steps of a request are, and why they are no further.
///
/// The embedded server says what its engine knows. Of an iDDS server it is put together from the states, counts and errors that it
/// tells.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Id of the request.
    pub request_id: RequestId,
    /// State of the request, such as `Transforming`.
    pub status: String,
    /// Why the request is no further; none where its steps tell.
    pub why: Option<String>,
    /// The steps in the order of the workflow: once for each time that one has started, and those that have not.
    pub steps: Vec<StepProgress>,
    /// Number of steps that are left out, as there are too many.
    pub left_out: u64,
}

/// How far a step is, and why it is no further.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StepProgress {
    /// Name in the workflow, where it is known; else what it runs, or its id.
    pub step: String,
    /// Id in the request.
    pub id: String,
    /// Number of the round of the loop around it, from 1.
    pub round: u32,
    /// Its transform; none when it has not started.
    pub transform_id: Option<TransformId>,
    /// State of its transform, such as `Transforming`; `New` when it has not started.
    pub status: String,
    /// Why it has not started, is held or has failed, or what it waits for, with numbers.
    pub why: String,
}

impl Progress {
    /// Asks a server how far a request is; none when it does not know the request.
    ///
    /// # Errors
    ///
    /// Those of the calls.
    pub async fn of(client: &Client, request: RequestId) -> Result<Option<Self>, Error> {
        if client.server().await? == Server::Embedded {
            return Self::told(client, request).await;
        }
        let rows = client.requests().get(request).collections().await?;
        if rows.is_empty() {
            return Ok(None);
        }
        // Servers before 2.2 do not list transforms, and their errors are not known then.
        let transforms = client.transforms().list(request).await.unwrap_or_default();
        let stored = client.requests().get(request).metadata().await?;
        let decoded = stored.first().and_then(|stored| stored.decode().ok());
        Ok(put_together(request, &rows, &transforms, decoded.as_ref()))
    }

    /// Calls steps by their names wherever a text has their ids, which say nothing to a reader.
    pub(crate) fn name_steps(&mut self) {
        let names: HashMap<String, String> = self
            .steps
            .iter()
            .map(|step| {
                (
                    step.id.clone(),
                    printable_within(&step.step, NAME).into_owned(),
                )
            })
            .collect();
        let texts = self.steps.iter_mut().map(|step| &mut step.why);
        for text in texts.chain(&mut self.why) {
            *text = named(text, &names);
        }
    }

    /// Asks the embedded server.
    pub(crate) async fn told(client: &Client, request: RequestId) -> Result<Option<Self>, Error> {
        match client.requests().explain(request).await {
            Ok(told) => Ok(Some(told.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl StepProgress {
    fn new(id: String, name: String, what: Option<String>) -> Self {
        Self {
            // An id says nothing to a reader.
            step: match what {
                Some(what) if name == id || name.is_empty() => what,
                _ => name,
            },
            id,
            round: 1,
            transform_id: None,
            status: String::new(),
            why: String::new(),
        }
    }
}

impl From<Explanation> for Progress {
    fn from(told: Explanation) -> Self {
        Self {
            request_id: told.request_id,
            status: told.status,
            why: told.why,
            steps: told.steps.into_iter().map(StepProgress::from).collect(),
            left_out: told.left_out,
        }
    }
}

impl From<ExplainedStep> for StepProgress {
    fn from(step: ExplainedStep) -> Self {
        Self {
            round: step.round,
            transform_id: step.transform_id,
            status: step.status,
            why: step.why,
            ..Self::new(step.id, step.name, step.what)
        }
    }
}

/// Longest name of a step within a text, in characters.
const NAME: usize = 40;

/// Puts names in the place of ids.
fn named(text: &str, names: &HashMap<String, String>) -> String {
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let is_of_id = |c: char| c.is_ascii_alphanumeric();
        let end = rest.find(|c| !is_of_id(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        words.push_str(names.get(word).map_or(word, String::as_str));
        let next = after.find(is_of_id).unwrap_or(after.len());
        words.push_str(&after[..next]);
        rest = &after[next..];
    }
    words
}

/// Returns the first text in what a server writes as an error; an empty one says nothing.
pub fn error_message(error: &Value) -> Option<&str> {
    match error {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()),
        Value::Object(members) => match members.get("msg") {
            Some(msg) => error_message(msg),
            None => members.values().find_map(error_message),
        },
        Value::Array(items) => items.iter().find_map(error_message),
        _ => None,
    }
}

/// Returns the names of the steps of a definition by those that a decoded one has for them: `step2/step1` is the first step of the second.
pub(crate) fn by_position(workflow: &Workflow) -> Vec<(String, String)> {
    fn add(at: (&str, &str), workflow: &Workflow, names: &mut Vec<(String, String)>) {
        for (position, (name, step)) in (1..).zip(workflow.steps()) {
            let (decoded, own) = (format!("{}step{position}", at.0), format!("{}{name}", at.1));
            if let idds_workflow::Step::Workflow(inner) = step {
                add((&format!("{decoded}/"), &format!("{own}/")), inner, names);
            }
            names.push((decoded, own));
        }
    }
    let mut names = Vec::new();
    add(("", ""), workflow, &mut names);
    names
}

/// The workflow of a request, with the names of its steps by their ids.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) decoded: Decoded,
    /// The definition with the names that its author gave the steps, where it is known here.
    pub(crate) named: Option<Workflow>,
    /// Places of the steps in [`workflow`](Self::workflow), by their ids.
    paths: HashMap<String, String>,
}

impl Definition {
    pub(crate) fn new(decoded: Decoded, named: Option<Workflow>) -> Self {
        let names: HashMap<_, _> = named.iter().flat_map(by_position).collect();
        let path = |step: &str| names.get(step).cloned().unwrap_or_else(|| step.to_owned());
        let paths = decoded
            .steps
            .iter()
            .map(|info| (info.id.to_string(), path(info.step.as_str())))
            .collect();
        Self {
            decoded,
            named,
            paths,
        }
    }

    /// Returns the definition that a reader knows.
    pub(crate) fn workflow(&self) -> &Workflow {
        self.named.as_ref().unwrap_or(&self.decoded.workflow)
    }

    /// Returns the place of a step in the definition, such as `outer/inner`.
    pub(crate) fn path(&self, id: &str) -> Option<&str> {
        self.paths.get(id).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::Work;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_text_is_the_message() {
        for (error, text) in [
            (
                json!({"msg": "'NoneType' object is not iterable"}),
                Some("'NoneType' object is not iterable"),
            ),
            (json!({"submit_err": {"msg": "no"}}), Some("no")),
            (json!({"msg": {"msg": " no\n"}}), Some("no")),
            (json!({"msg": ""}), None),
            (json!({}), None),
            (json!(null), None),
        ] {
            assert_eq!(error_message(&error), text, "{error}");
        }
    }

    #[test]
    fn ids_in_texts_become_names() {
        let names = HashMap::from([("0000a1".to_owned(), "merge".to_owned())]);
        let text = named("waits for 0000a1 is_finished (0000a1é, x0000a1)", &names);
        assert_eq!(text, "waits for merge is_finished (mergeé, x0000a1)");
    }

    #[test]
    fn steps_keep_the_names_of_their_author() {
        let work = || Work::builder("run.sh").build().expect("a work");
        let (mut inner, mut outer) = (Workflow::builder(), Workflow::builder());
        inner.add("merge", work());
        outer.add("simulate", work());
        outer.add("rest", inner.build().expect("a workflow"));
        let names = by_position(&outer.build().expect("a workflow"));
        let expected = [
            ("step1", "simulate"),
            ("step2/step1", "rest/merge"),
            ("step2", "rest"),
        ];
        assert_eq!(names, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}
