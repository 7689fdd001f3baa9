//! What the database says about a request, and what follows from it.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::Connection;

use super::words;
use super::{Begun, ExplainedStep, Explanation, MOST};
use crate::answer::Failure;
use crate::engine::flow::{Definition, FlowEvent, Machine, Reason, RunKey};
use crate::enumeration::{REQUEST_STATUS, TRANSFORM_STATUS};
use crate::listing::ROWS;
use crate::plan::{Plan, Terms};
use crate::state::Stage;
use crate::store::requests::{self, Content};
use crate::store::{Store, campaigns, events, transforms};
use crate::target::Target;

/// What the database says about a request.
pub(super) struct Facts {
    request: i64,
    content: Content,
    errors: Option<String>,
    /// Why it waits for other requests of its campaign.
    turn: Option<String>,
    /// What has happened to its workflow and was handled.
    events: Vec<(String, i64)>,
    begun: Vec<Begun>,
}

/// Explains a request of a running server; none when it has no such request.
pub(crate) async fn explain(store: &Store, request: i64) -> Result<Option<Explanation>, Failure> {
    let facts = store
        .call(move |connection| Facts::read(connection, request))
        .await?;
    // A flow is played through from its beginning.
    tokio::task::spawn_blocking(move || facts.map(Facts::explained))
        .await
        .map_err(|error| Failure::core(error.to_string()))
}

impl Facts {
    pub(super) fn read(connection: &Connection, request: i64) -> rusqlite::Result<Option<Self>> {
        let Some(content) = requests::content(connection, request)? else {
            return Ok(None);
        };
        let handled = events::handled(connection, request)?;
        let mut happened = events::after(connection, request, 0)?;
        happened.truncate(usize::try_from(handled).unwrap_or(0));
        let mut begun = Vec::new();
        let mut after = 0;
        while begun.len() < MOST {
            let rows = transforms::list(connection, Target::of(request), None, after, ROWS)?;
            let Some(last) = rows.last() else { break };
            after = last.transform_id;
            for row in rows {
                begun.push(Begun {
                    run: transforms::run_key(connection, row.transform_id)?,
                    why: words::of_work(connection, &row)?,
                    row,
                });
            }
        }
        Ok(Some(Self {
            errors: requests::errors(connection, request)?,
            turn: campaigns::waits_for(connection, request)?,
            events: happened,
            request,
            content,
            begun,
        }))
    }

    pub(super) fn explained(self) -> Explanation {
        let status = self.content.status;
        let mut explanation = Explanation {
            request_id: self.request,
            status: words::state(&REQUEST_STATUS, status),
            why: match (&self.turn, status == Stage::New.code()) {
                (Some(turn), true) => Some(turn.clone()),
                _ => words::of_request(status, self.errors.as_deref()),
            },
            ..Explanation::default()
        };
        let terms = Terms {
            has_programs: true,
            ..Terms::default()
        };
        let Content {
            request_type,
            metadata,
            ..
        } = &self.content;
        let mut steps = match Plan::read(*request_type, metadata, 0, terms) {
            Ok((plan, definition)) => self.steps(&plan, definition),
            // What cannot be read has no steps, and the request says so.
            Err(_) => self.begun.iter().map(Begun::told).collect(),
        };
        explanation.left_out = steps.len().saturating_sub(MOST);
        steps.truncate(MOST);
        explanation.steps = steps;
        explanation
    }

    fn steps(&self, plan: &Plan, definition: Definition) -> Vec<ExplainedStep> {
        let what = plan.in_short();
        let mut machine = Machine::new(definition, Timestamp::UNIX_EPOCH, None);
        for (event, at) in &self.events {
            let at = Timestamp::from_second(*at).unwrap_or(Timestamp::UNIX_EPOCH);
            if let Ok(event) = serde_json::from_str::<FlowEvent>(event) {
                // What it refuses now it has refused then.
                let _ = machine.handle(at, &event);
            }
        }
        let mut begun: HashMap<String, Vec<&Begun>> = HashMap::new();
        let mut others = Vec::new();
        for one in &self.begun {
            match &one.run {
                Some(run) => begun
                    .entry(RunKey::from(run.clone()).path())
                    .or_default()
                    .push(one),
                None => others.push(one),
            }
        }
        let waiting: HashMap<String, _> = machine
            .waiting()
            .into_iter()
            .map(|waiting| (waiting.run.path(), waiting))
            .collect();
        let mut steps = Vec::new();
        let mut outer: Option<(String, String)> = None;
        for step in machine.definition().steps() {
            let path = step.path.join("/");
            let what = what.get(&path).cloned();
            let runs = begun.remove(&path).unwrap_or_default();
            let has_begun = !runs.is_empty();
            let named = |told: ExplainedStep| ExplainedStep {
                id: step.path.last().copied().unwrap_or_default().to_owned(),
                name: step.label.clone(),
                what: what.clone(),
                ..told
            };
            steps.extend(runs.into_iter().map(|one| named(one.told())));
            if let Some(waiting) = waiting.get(&path) {
                steps.push(named(ExplainedStep {
                    round: waiting.run.round(),
                    status: "New".to_owned(),
                    why: self.why_not(&waiting.reason),
                    ..ExplainedStep::default()
                }));
                if step.is_workflow {
                    outer = Some((path + "/", step.label.clone()));
                }
            } else if let Some((_, around)) = outer
                .as_ref()
                .filter(|(outer, _)| !has_begun && path.starts_with(outer.as_str()))
            {
                steps.push(named(ExplainedStep {
                    round: 1,
                    status: "New".to_owned(),
                    why: self.why_not(&Reason::Outside(around.clone())),
                    ..ExplainedStep::default()
                }));
            }
        }
        // What was added, and build works, stand in no list of steps.
        others.extend(begun.into_values().flatten());
        others.sort_by_key(|one| one.row.transform_id);
        steps.extend(others.into_iter().map(Begun::told));
        steps
    }

    /// Says why a step has not started: what its flow says, unless the request stands still.
    fn why_not(&self, reason: &Reason) -> String {
        let status = self.content.status;
        if let Reason::Never(_) = reason {
            return reason.to_string();
        }
        match status {
            _ if status == Stage::Transforming.code() => reason.to_string(),
            _ if status == Stage::Suspended.code() => {
                format!("{reason}; its request is held, and a resume lets it go on")
            }
            _ if status == Stage::Building.code() => {
                "waits for the build of its workflow".to_owned()
            }
            _ if status == Stage::New.code() => Reason::NotBegun.to_string(),
            status => format!(
                "its request was {} before it could start; a retry lets it go on",
                words::state(&REQUEST_STATUS, status)
            ),
        }
    }
}

impl Begun {
    fn told(&self) -> ExplainedStep {
        let name = self.row.content.name.clone().unwrap_or_default();
        let id = self.row.content.internal_id.clone();
        ExplainedStep {
            id: id.unwrap_or_else(|| name.clone()),
            name,
            what: None,
            round: self
                .run
                .as_ref()
                .map_or(1, |run| RunKey::from(run.clone()).round()),
            transform_id: Some(self.row.transform_id),
            status: words::state(&TRANSFORM_STATUS, self.row.content.status),
            why: self.why.clone(),
        }
    }
}
