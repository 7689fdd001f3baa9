//! A study of Optuna that is written as a search goes.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use idds_client::PointId;
use idds_file::open_named;
use idds_workflow::OptSpace;
use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::StudyError;
use super::distribution::parts;
use super::journal::{Replay, op};
use super::lock::Lock;
use super::study::{OptunaTrial, TrialState};
use crate::{Direction, Header, Stage, TrialRecord};

/// Attribute of a trial with the id of its point, and of a study with its request.
const POINT: &str = "idds:point";
const REQUEST: &str = "idds:request";

/// The writer of a study, in a thread of its own: who else holds the file up does not hold up the search.
#[derive(Debug)]
pub(crate) struct Mirror {
    trials: Sender<TrialRecord>,
    thread: JoinHandle<Result<(), StudyError>>,
}

impl Mirror {
    /// Opens the study of a search in this file, or adds it.
    pub(crate) fn open(
        path: &Path,
        header: &Header,
        space: Option<OptSpace>,
    ) -> Result<Self, StudyError> {
        let mut writer = Writer::open(path, header, space)?;
        let (trials, changed) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("optuna".to_owned())
            .spawn(move || writer.follow(&changed))
            .map_err(|error| StudyError::new(error.to_string()))?;
        Ok(Self { trials, thread })
    }

    /// Writes down how far a trial has come, soon.
    pub(crate) fn write(&self, trial: TrialRecord) {
        // The thread goes on until this end is gone.
        let _ = self.trials.send(trial);
    }

    /// Waits until everything is written; returns what was not.
    pub(crate) fn finish(self) -> Result<(), StudyError> {
        drop(self.trials);
        self.thread
            .join()
            .expect("the writer of a study does not panic")
    }
}

/// What is known of a file and written to it.
#[derive(Debug)]
struct Writer {
    path: PathBuf,
    file: File,
    /// Bytes of the file that were read.
    read: u64,
    replay: Replay,
    /// Trials of the file that were looked at for their points.
    looked: usize,
    study: usize,
    by_point: HashMap<String, usize>,
    worker: String,
    started: Duration,
    direction: Direction,
    space: Option<OptSpace>,
}

impl Writer {
    fn open(path: &Path, header: &Header, space: Option<OptSpace>) -> Result<Self, StudyError> {
        let named = |error: io::Error| {
            StudyError::new(format!("{} cannot be opened: {error}", path.display()))
        };
        let file = open_named(path).map_err(named)?;
        let mut writer = Self {
            path: path.to_owned(),
            file,
            read: 0,
            replay: Replay::default(),
            looked: 0,
            study: 0,
            by_point: HashMap::new(),
            worker: format!("idds-hpo-{}", std::process::id()),
            started: header.started(),
            direction: header.direction,
            space,
        };
        let request = header.request.to_string();
        let name = match header.identity.mark() {
            Some(mark) => format!("request-{request}-{mark}"),
            None => format!("request-{request}"),
        };
        let _lock = writer.lock()?;
        writer.catch_up()?;
        let maximizes = header.direction == Direction::Maximize;
        match writer.replay.study(&name) {
            Some((id, study)) if study.maximizes == [maximizes] => {
                writer.study = id;
                writer.looked = 0;
                writer.by_point.clear();
                writer.look();
            }
            Some(_) => {
                return Err(StudyError::new(format!(
                    "{} has a study {name} that is not to {}; name another file",
                    path.display(),
                    header.direction
                )));
            }
            None => {
                writer.study = writer.replay.next_study();
                let direction = if maximizes { 2 } else { 1 };
                let attribute = |name: &str, value: &str| json!({"op_code": op::SET_STUDY_USER_ATTR, "study_id": writer.study, "user_attr": {name: value}});
                let operations = vec![
                    json!({"op_code": op::CREATE_STUDY, "study_name": name, "directions": [direction]}),
                    attribute(REQUEST, &request),
                    attribute("idds:server", &header.server),
                ];
                writer.append(operations)?;
            }
        }
        Ok(writer)
    }

    /// Writes what changes, what comes together at once, until nothing more can come.
    fn follow(&mut self, changed: &Receiver<TrialRecord>) -> Result<(), StudyError> {
        let mut waiting: IndexMap<PointId, TrialRecord> = IndexMap::new();
        let mut trouble = Ok(());
        while let Ok(first) = changed.recv() {
            let together = std::iter::once(first).chain(changed.try_iter());
            waiting.extend(together.map(|trial| (trial.id.clone(), trial)));
            trouble = self.write(&waiting);
            match &trouble {
                Ok(()) => waiting.clear(),
                // They stay, and are written with the next ones.
                Err(error) => tracing::warn!(%error, "a study of Optuna was not written"),
            }
        }
        if trouble.is_err() {
            return self.write(&waiting);
        }
        Ok(())
    }

    fn write(&mut self, trials: &IndexMap<PointId, TrialRecord>) -> Result<(), StudyError> {
        let _lock = self.lock()?;
        self.catch_up()?;
        let mut operations = Vec::new();
        let mut next = self.replay.next_trial();
        for trial in trials.values() {
            let known = self.by_point.get(trial.id.as_str()).copied();
            let (id, known) = match known.and_then(|id| Some((id, self.replay.known_trial(id)?))) {
                Some((id, known)) => (id, known.clone()),
                None => {
                    operations.push(self.created(trial));
                    next += 1;
                    (next - 1, OptunaTrial::new(TrialState::Waiting))
                }
            };
            self.change(id, &known, trial, &mut operations);
        }
        self.append(operations)
    }

    /// The operation that adds a trial, which is to be evaluated.
    fn created(&self, trial: &TrialRecord) -> Value {
        let (parts, is_all) = parts(self.space.as_ref(), &trial.parameters);
        let mut attributes = Map::from_iter([(POINT.to_owned(), json!(trial.id.as_str()))]);
        if !is_all {
            attributes.insert("idds:parameters".to_owned(), trial.parameters.clone());
        }
        let params: Map<String, Value> = parts
            .iter()
            .map(|part| (part.name.clone(), json!(part.internal)))
            .collect();
        let distributions: Map<String, Value> = parts
            .into_iter()
            .map(|part| (part.name, part.distribution.to_string().into()))
            .collect();
        json!({
            "op_code": op::CREATE_TRIAL,
            "study_id": self.study,
            "datetime_start": null,
            "state": TrialState::Waiting.code(),
            "value": null,
            "values": null,
            "distributions": distributions,
            "params": params,
            "user_attrs": attributes,
            "system_attrs": {},
            "intermediate_values": {},
        })
    }

    /// Adds the operations that bring a trial to where it is. Nothing becomes of one that is over.
    fn change(
        &self,
        id: usize,
        known: &OptunaTrial,
        trial: &TrialRecord,
        operations: &mut Vec<Value>,
    ) {
        if known.state.is_finished() {
            return;
        }
        if let (TrialState::Waiting, Some(first)) = (known.state, trial.evaluations.first()) {
            operations.push(json!({
                "op_code": op::SET_TRIAL_STATE_VALUES,
                "trial_id": id,
                "state": TrialState::Running.code(),
                "values": null,
                "datetime_start": self.date(first.started),
            }));
        }
        // A later evaluation replaces what an earlier one said of a step.
        let told = trial
            .evaluations
            .iter()
            .flat_map(|evaluation| &evaluation.intermediate);
        let told: IndexMap<i64, f64> = told
            .filter_map(|told| {
                Some((
                    i64::try_from(told.step).ok()?,
                    self.direction.value(told.loss),
                ))
            })
            .collect();
        for (step, value) in told {
            if known.intermediate.get(&step) != Some(&value) {
                operations.push(json!({
                    "op_code": op::SET_TRIAL_INTERMEDIATE_VALUE,
                    "trial_id": id,
                    "step": step,
                    "intermediate_value": value,
                }));
            }
        }
        let value = trial.loss.map(|loss| self.direction.value(loss));
        let mut attributes = vec![
            ("idds:failure", trial.failure().map(Value::from)),
            ("idds:made_up", trial.made_up.as_deref().map(Value::from)),
            (
                "idds:same_as",
                trial.same_as.as_ref().map(|id| Value::from(id.as_str())),
            ),
        ];
        let (state, values) = match (trial.stage, value) {
            (Stage::Open | Stage::Leased, _) => (None, None),
            (Stage::LeftOpen, _) | (_, None) => (Some(TrialState::Fail), None),
            (_, Some(value)) if trial.made_up.is_some() => {
                attributes.push(("idds:value", Some(json!(value))));
                (Some(TrialState::Fail), None)
            }
            (_, Some(value)) if trial.stopped_at.is_some() => {
                (Some(TrialState::Pruned), Some([value]))
            }
            (_, Some(value)) => (Some(TrialState::Complete), Some([value])),
        };
        for (name, value) in attributes {
            if let Some(value) =
                value.filter(|value| known.user_attributes.get(name) != Some(value))
            {
                operations.push(json!({
                    "op_code": op::SET_TRIAL_USER_ATTR, "trial_id": id, "user_attr": {name: value},
                }));
            }
        }
        if let Some(state) = state {
            if known.state == TrialState::Waiting && trial.evaluations.is_empty() {
                // Somebody else has evaluated it, or nobody: it began when it was seen.
                operations.push(json!({
                    "op_code": op::SET_TRIAL_STATE_VALUES,
                    "trial_id": id,
                    "state": TrialState::Running.code(),
                    "values": null,
                    "datetime_start": self.date(trial.appeared),
                }));
            }
            let ended = trial
                .evaluations
                .iter()
                .filter_map(|evaluation| evaluation.ended)
                .max();
            operations.push(json!({
                "op_code": op::SET_TRIAL_STATE_VALUES,
                "trial_id": id,
                "state": state.code(),
                "values": values,
                "datetime_complete": self.date(trial.known.or(ended).unwrap_or(trial.appeared)),
            }));
        }
    }

    /// Returns a time since the start of the search as Optuna writes times.
    fn date(&self, at: Duration) -> String {
        let micros = i64::try_from((self.started + at).as_micros()).unwrap_or(i64::MAX);
        let time = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX);
        time.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
    }

    fn lock(&self) -> Result<Lock, StudyError> {
        Lock::take(&self.path).map_err(|error| self.failed("locked", &error))
    }

    /// Reads what others have written, with the lock.
    fn catch_up(&mut self) -> Result<(), StudyError> {
        let failed = |error: io::Error| {
            StudyError::new(format!("{} cannot be read: {error}", self.path.display()))
        };
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(self.read)).map_err(failed)?;
        self.file.read_to_end(&mut bytes).map_err(failed)?;
        let whole = self.replay.read(&bytes).map_err(|error| {
            StudyError::new(format!(
                "{} is no journal of Optuna: {error}; name another file",
                self.path.display()
            ))
        })?;
        self.read += whole as u64;
        if whole < bytes.len() {
            // Whoever wrote this has no lock any more, so it was killed at it.
            self.file.set_len(self.read).map_err(failed)?;
        }
        self.look();
        Ok(())
    }

    /// Notes which points the trials that came since are of.
    fn look(&mut self) {
        for id in self.looked..self.replay.next_trial() {
            let point = self.replay.trial_of(self.study, id);
            let point = point.and_then(|trial| trial.user_attributes.get(POINT)?.as_str());
            if let Some(point) = point {
                self.by_point.entry(point.to_owned()).or_insert(id);
            }
        }
        self.looked = self.replay.next_trial();
    }

    /// Appends operations, with the lock.
    fn append(&mut self, operations: Vec<Value>) -> Result<(), StudyError> {
        if operations.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for mut operation in operations {
            operation["worker_id"] = self.worker.as_str().into();
            serde_json::to_writer(&mut lines, &operation)
                .map_err(|error| StudyError::new(error.to_string()))?;
            lines.push(b'\n');
        }
        let write = |file: &mut File| {
            file.seek(SeekFrom::End(0))?;
            file.write_all(&lines)?;
            file.sync_data()
        };
        write(&mut self.file).map_err(|error| self.failed("written", &error))?;
        self.catch_up()
    }

    fn failed(&self, what: &str, error: &io::Error) -> StudyError {
        StudyError::new(format!("{} cannot be {what}: {error}", self.path.display()))
    }
}
