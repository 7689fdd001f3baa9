//! Searches: from a work on the wire to the points that the server makes.

use idds_sampler::Trial;
use idds_workflow::{Dialect, OptSpace, Point, python_json};
use serde::Deserialize;
use serde_json::Value;

use super::SLICE;
use crate::state::{self, Image, Programs, Run, Search, Steered};

/// Most points that a generation has, and most bytes that all of them, and that each of them, may have as JSON.
const MAX_GENERATION: u64 = 100_000;
const MAX_BYTES: u64 = 256 << 20;
const MAX_POINT: u64 = SLICE;

/// What the server reads of a search.
#[derive(Deserialize)]
pub(super) struct HpoWork {
    #[serde(default)]
    method: Option<String>,
    #[serde(default, deserialize_with = "python_json::exact_integers")]
    opt_space: Value,
    #[serde(default, deserialize_with = "python_json::exact_integers")]
    initial_points: Value,
    #[serde(default)]
    max_points: Value,
    #[serde(default)]
    num_points_per_iteration: Value,
    #[serde(default)]
    output_json: Value,
    #[serde(default)]
    es: Value,
    #[serde(default)]
    sandbox: Option<String>,
    #[serde(default)]
    executable: Option<String>,
    #[serde(default)]
    arguments: Option<String>,
    #[serde(default)]
    container_workdir: Option<String>,
}

impl HpoWork {
    /// Returns the search, and the points known before it begins.
    pub(super) fn plan(self, seed: u64) -> Result<(Run, Vec<Trial>), String> {
        match self.method() {
            "nevergrad" => {}
            "container" | "docker" | "sandbox" => return self.steered(),
            method => {
                return Err(format!(
                    "method {method} is none of nevergrad, container, docker and sandbox"
                ));
            }
        }
        let opt_space = read_space(&self.opt_space)?;
        let (max_points, num_points_per_iteration) = self.counts()?;
        let initial = initial_points(self.initial_points)?;
        opt_space
            .check_each(initial.iter().map(|trial| &trial.point))
            .map_err(|(index, error)| format!("initial_points[{index}]: {error}"))?;
        let (count, weight) = (
            max_points.min(num_points_per_iteration),
            state::weight(&opt_space),
        );
        if weight > MAX_POINT {
            return Err(format!(
                "opt_space: a point has up to {weight} bytes; the embedded server makes points of at most {MAX_POINT}"
            ));
        }
        if weight.saturating_mul(count) > MAX_BYTES {
            return Err(format!(
                "num_points_per_iteration: {num_points_per_iteration} points of up to {weight} bytes each are more than the \
                 embedded server makes for one generation, {MAX_BYTES} bytes; up to {} points are not",
                MAX_BYTES / weight
            ));
        }
        let search = Search {
            opt_space,
            max_points,
            num_points_per_iteration,
            seed,
        };
        Ok((Run::Search(search), initial))
    }

    /// Returns how the search is steered; as 2.6.21, by docker when the executable says so.
    fn method(&self) -> &str {
        let is_docker = || {
            let program = self.executable.as_deref();
            program.is_some_and(|program| program.contains("docker"))
        };
        match self.method.as_deref() {
            Some(method) => method,
            None if is_docker() => "docker",
            None => "null",
        }
    }

    /// Returns the number of points in all, and of a generation.
    fn counts(&self) -> Result<(u64, u64), String> {
        let max_points = positive("max_points", &self.max_points)?;
        let num_points_per_iteration = match &self.num_points_per_iteration {
            Value::Null => 10,
            given => positive("num_points_per_iteration", given)?,
        };
        if max_points.min(num_points_per_iteration) > MAX_GENERATION {
            return Err(format!(
                "num_points_per_iteration: {num_points_per_iteration} is more than the embedded server makes at once, \
                 {MAX_GENERATION}"
            ));
        }
        Ok((max_points, num_points_per_iteration))
    }

    /// Plans a search with a steering program of the user's own.
    fn steered(self) -> Result<(Run, Vec<Trial>), String> {
        let (max_points, num_points_per_iteration) = self.counts()?;
        let given = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim).unwrap_or_default();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let (executable, arguments) = (given(&self.executable), given(&self.arguments));
        let sandbox = given(&self.sandbox);
        let is_archive = self.method() == "sandbox";
        let (command, sandbox, image) = match (is_archive, sandbox) {
            (true, Some(archive)) => {
                let program = executable.ok_or(
                    "executable: is missing: it names the steering program in the archive of the sandbox",
                )?;
                let arguments = arguments.unwrap_or_default();
                // As 2.6.21, a program of the archive need not be executable there.
                let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./+-".contains(&byte);
                let line = match program.bytes().all(is_plain) && !program.starts_with('/') {
                    true => format!(
                        "if [ -f {program} ]; then chmod +x ./{program} && ./{program} {arguments}; else {program} {arguments}; fi"
                    ),
                    false => format!("{program} {arguments}"),
                };
                (line, Some(archive), None)
            }
            (true, None) => {
                return Err(
                    "sandbox: is missing: it names the archive with the steering program"
                        .to_owned(),
                );
            }
            (false, Some(name)) => {
                let workdir = given(&self.container_workdir);
                let image = Image { name, workdir };
                (arguments.unwrap_or_default(), None, Some(image))
            }
            (false, None) => {
                return Err(
                    "sandbox: is missing: it names the image of the steering program's container"
                        .to_owned(),
                );
            }
        };
        let result = match &self.output_json {
            Value::String(name) if !name.is_empty() => name.clone(),
            _ => "idds_output.json".to_owned(),
        };
        if result.contains('/') || result == ".." {
            return Err(format!(
                "output_json: {result:?} is no name of a file; a name such as idds_output.json is"
            ));
        }
        let initial = initial_points(self.initial_points)?;
        let steered = Steered {
            programs: Programs {
                setup: None,
                own_directory: true,
                sandbox,
                image,
                result,
                needs_result: true,
                cores: 1,
                memory: None,
                seconds: None,
                attempts: STEERING_ATTEMPTS,
            },
            command,
            opt_space: self.opt_space,
            max_points,
            num_points_per_iteration,
        };
        Ok((Run::Steered(Box::new(steered)), initial))
    }
}

/// Number of times that 2.6.21 tries a steering program.
const STEERING_ATTEMPTS: u32 = 3;

impl HpoWork {
    /// Returns the same with the defects of 2.6.21.
    pub(super) fn plan_as_2_6_21(mut self, seed: u64) -> Result<(Run, Vec<Trial>), String> {
        if self.method() != "nevergrad" {
            return Err(format!(
                "as 2.6.21, the embedded server starts no programs, and cannot run method {}; without --like it can",
                self.method()
            ));
        }
        self.initial_points = Value::Null;
        if self.max_points.is_null() {
            self.max_points = u64::MAX.into();
        }
        let (has_output, is_es) = (self.output_json.is_string(), self.es == true);
        let (run, initial) = self.plan(seed)?;
        let run = match run {
            Run::Search(_) if !has_output => Run::Hangs,
            Run::Search(search) if !is_es => Run::Stalls(search),
            run => run,
        };
        Ok((run, initial))
    }
}

/// Reads a space in its own form or in the only dialect that it can be in.
fn read_space(value: &Value) -> Result<OptSpace, String> {
    let own = match OptSpace::from_value(value) {
        Ok(space) => return Ok(space),
        Err(error) => error.to_string(),
    };
    let dialects = Dialect::candidates(value);
    match dialects[..] {
        [] => Err(own),
        [dialect] => dialect.read(value).map_err(|error| error.to_string()),
        [..] => {
            let names: Vec<_> = dialects.iter().map(|dialect| dialect.name()).collect();
            Err(format!(
                "opt_space can be read as {}, which differ; write it in the form of nevergrad",
                names.join(" and as ")
            ))
        }
    }
}

/// Reads pairs of a point and its loss or null.
fn initial_points(value: Value) -> Result<Vec<Trial>, String> {
    let pairs = match value {
        Value::Null => Vec::new(),
        Value::Array(pairs) => pairs,
        other => {
            return Err(format!(
                "initial_points: {other} is not a list of pairs of a point and its loss or null"
            ));
        }
    };
    let read = |(index, pair): (usize, Value)| {
        let (point, loss): (Point, Option<f64>) =
            serde_json::from_value(pair).map_err(|error| {
                format!(
                    "initial_points[{index}] is not a pair of a point and its loss or null: {error}"
                )
            })?;
        Ok(Trial { point, loss })
    };
    pairs.into_iter().enumerate().map(read).collect()
}

fn positive(field: &str, value: &Value) -> Result<u64, String> {
    // Python takes 20.0 for 20, too.
    let whole = || {
        value
            .as_f64()
            .filter(|number| number.fract() == 0.0 && (1.0..1e15).contains(number))
    };
    value.as_u64().or_else(|| whole().map(|number| number as u64)).filter(|number| *number > 0).ok_or_else(|| {
        format!("{field}: {value} is no number of points; the embedded server needs a whole number of 1 or more")
    })
}
