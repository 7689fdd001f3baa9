//! The steps of a workflow, and the works of a request that they are.

use std::collections::HashMap;

use idds::client::RequestCollections;
use idds::view::asked_before;
use idds::workflow::{Step, Workflow};

use super::sent::Object;
use super::table::StepRow;

/// The steps of a workflow, with the names by which the server knows them.
#[derive(Debug)]
pub struct Steps {
    steps: Vec<Known>,
    /// Places by the names of the server.
    by_name: HashMap<String, usize>,
    /// Names of the sub-workflows, by their ids.
    workflows: HashMap<String, String>,
    /// Places by the names of the definition.
    by_step: HashMap<String, usize>,
}

#[derive(Debug)]
struct Known {
    /// Its name in the definition; one inside a sub-workflow is called like `outer/inner`.
    name: String,
    /// Steps that a condition asks before it starts.
    after: Vec<String>,
}

impl Steps {
    /// Finds the steps of a workflow in what is sent of it, where they stand in the same order.
    pub fn of(workflow: &Workflow, sent: &Object) -> Self {
        let mut steps = Self {
            steps: Vec::new(),
            by_name: HashMap::new(),
            workflows: HashMap::new(),
            by_step: HashMap::new(),
        };
        steps.add("", workflow, sent);
        steps
    }

    fn add(&mut self, at: &str, workflow: &Workflow, sent: &Object) {
        for ((name, step), (id, work)) in workflow.steps().zip(sent.works()) {
            let name = format!("{at}{name}");
            match step {
                Step::Workflow(inner) => {
                    self.workflows.insert(id.clone(), name.clone());
                    self.add(&format!("{name}/"), inner, work);
                }
                Step::Work(_) => {
                    let after = asked_before(workflow, &name[at.len()..])
                        .into_iter()
                        .map(|other| format!("{at}{other}"));
                    self.know(name.clone(), after.collect(), id, work);
                }
                _ => {}
            }
        }
        if let Some(build) = sent.build() {
            let id = build.id().unwrap_or_default();
            self.know(format!("{at}build_work"), Vec::new(), id, build);
        }
    }

    fn know(&mut self, name: String, after: Vec<String>, id: &str, work: &Object) {
        let at = self.steps.len();
        self.by_name.insert(id.to_owned(), at);
        if let Some(work_name) = work.name() {
            self.by_name.insert(work_name.to_owned(), at);
        }
        self.by_step.insert(name.clone(), at);
        self.steps.push(Known { name, after });
    }

    /// Calls a work by the name of its step, where a message begins with the one that the server has for it.
    pub fn named(&self, message: &str) -> String {
        let rest = message.strip_prefix("work ").unwrap_or(message);
        let named = rest.split_once(": ").and_then(|(name, rest)| {
            let place = *self.by_name.get(name)?;
            Some(format!("{}: {rest}", self.steps[place].name))
        });
        named.unwrap_or_else(|| message.to_owned())
    }

    /// Returns the name of the step with this id; the id where no step has it.
    pub fn name(&self, id: &str) -> String {
        self.known(id).unwrap_or(id).to_owned()
    }

    fn known(&self, id: &str) -> Option<&str> {
        let step = self.by_name.get(id).map(|place| &self.steps[*place].name);
        step.or_else(|| self.workflows.get(id)).map(String::as_str)
    }

    /// Returns the name of what has this name at the server, which may have those of the workflows around it in front.
    fn within(&self, name: &str) -> String {
        let known: Option<Vec<_>> = name.split('/').map(|part| self.known(part)).collect();
        match known.as_deref().and_then(<[_]>::last) {
            Some(last) => (*last).to_owned(),
            None => name.to_owned(),
        }
    }

    /// Calls works by the names of their steps, wherever a text has the names that the server has for them.
    pub fn in_words(&self, text: &str) -> String {
        let mut words = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let is_of_name = |c: char| c.is_alphanumeric() || "_-./".contains(c);
            let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
            words.push_str(&self.within(&rest[..end]));
            let next = rest[end..]
                .find(is_of_name)
                .map_or(rest.len(), |at| end + at);
            words.push_str(&rest[end..next]);
            rest = &rest[next..];
        }
        words
    }

    /// Makes a row of each work that has begun, and of each step that has not.
    pub fn rows(&self, works: &[RequestCollections]) -> Vec<StepRow> {
        let mut runs: Vec<Vec<StepRow>> = self.steps.iter().map(|_| Vec::new()).collect();
        let mut others = Vec::new();
        for work in works {
            let Some(transform) = &work.transform else {
                continue;
            };
            let name = transform.name.clone().unwrap_or_default();
            let output = work.output.as_ref();
            let count = |of: fn(&idds::client::CollectionSummary) -> Option<i64>| {
                output
                    .and_then(of)
                    .and_then(|count| u64::try_from(count).ok())
                    .unwrap_or(0)
            };
            let place = self.by_name.get(&name).copied();
            let row = StepRow {
                step: place.map_or(name, |place| self.steps[place].name.clone()),
                run: place.map_or(1, |place| runs[place].len() as u32 + 1),
                status: transform.status.to_string(),
                transform_id: Some(transform.id.get()),
                total: count(|output| output.total_files),
                running: count(|output| output.processing_files),
                done: count(|output| output.processed_files),
                failed: count(|output| output.failed_files) + count(|output| output.missing_files),
                waits_for: Vec::new(),
            };
            match place {
                Some(place) => runs[place].push(row),
                None => others.push(row),
            }
        }
        let is_over = |name: &String| {
            let place = self.by_step.get(name);
            place
                .and_then(|place| runs[*place].last())
                .is_some_and(|row| !matches!(&*row.status, "New" | "Transforming" | "Suspended"))
        };
        let waits: Vec<Vec<String>> = self
            .steps
            .iter()
            .map(|step| {
                step.after
                    .iter()
                    .filter(|name| !is_over(name))
                    .cloned()
                    .collect()
            })
            .collect();
        let mut rows = Vec::new();
        for ((step, runs), waits_for) in self.steps.iter().zip(runs).zip(waits) {
            if runs.is_empty() {
                rows.push(StepRow::waiting(step.name.clone(), waits_for));
            }
            rows.extend(runs);
        }
        rows.extend(others);
        rows
    }
}
