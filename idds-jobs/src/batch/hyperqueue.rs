//! HyperQueue, by its command `hq` alone: many small jobs in few allocations.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::ask::{Answer, Ask};
use super::system::{Batch, BatchSystem, Habits, Refusal, Task, TaskState, Word};
use crate::Trouble;

/// Most tasks of an array.
const ARRAY: usize = 1000;

/// What is needed of the environment by `hq`. The wrapper gets the environment of the worker, and then that of the engine.
const KEPT: [&str; 6] = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "LD_LIBRARY_PATH"];

/// Name of the resource by which workers say how much memory they have, in megabytes.
const MEMORY: &str = "mem";

/// How HyperQueue says that a task took longer than its limit.
const OUT_OF_TIME: &str = "Time limit reached";

/// How it says that the machine of a task went down.
const LOST_WORKER: [&str; 2] = ["worker that was lost", "lost worker"];

/// How it says that the wrapper ended otherwise than well, which the wrapper says better.
const WITH_EXIT_CODE: &str = "Program terminated with";

/// HyperQueue, as the command `hq` in `PATH` knows it.
///
/// A server and workers, or an allocation queue, have to be there: `hq server start`, `hq worker start` or `hq alloc add slurm`. Attempts
/// are submitted as task arrays with their cores, their wall time, and their memory where workers say how much they have. A task whose
/// worker is lost is not started again by HyperQueue: its attempt is lost, and another one is begun.
#[derive(Clone, Debug, Default)]
pub struct HyperQueue {
    options: Vec<OsString>,
    array: Option<usize>,
    server: Option<OsString>,
    ask: Ask,
}

/// A row of `hq job list`.
#[derive(Debug, Deserialize)]
struct Row {
    id: u32,
    name: String,
    task_count: usize,
    task_stats: Counts,
}

/// How many tasks of a job are in which state.
#[derive(Debug, Deserialize)]
struct Counts {
    running: usize,
    waiting: usize,
    finished: usize,
}

/// A task in `hq task list`.
#[derive(Debug, Deserialize)]
struct Seen {
    id: usize,
    state: String,
    error: Option<String>,
}

/// A worker in `hq worker list`.
#[derive(Debug, Deserialize)]
struct Worker {
    configuration: Configuration,
}

#[derive(Debug, Deserialize)]
struct Configuration {
    resources: Resources,
}

#[derive(Debug, Deserialize)]
struct Resources {
    resources: Vec<Resource>,
}

#[derive(Debug, Deserialize)]
struct Resource {
    name: String,
}

/// What `hq submit` answers.
#[derive(Debug, Deserialize)]
struct Submitted {
    id: u32,
}

impl HyperQueue {
    /// Makes one that speaks with the server that `hq` finds by itself.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an option of `hq submit`, such as `--priority=10`.
    pub fn option(mut self, option: impl Into<OsString>) -> Self {
        self.options.push(option.into());
        self
    }

    /// Sets the most tasks of an array; 1,000 by default.
    pub fn array(mut self, tasks: usize) -> Self {
        self.array = Some(tasks.max(1));
        self
    }

    /// Names the directory of the server; `HQ_SERVER_DIR` says it by default, and else it is `~/.hq-server`.
    pub fn server(mut self, directory: impl Into<OsString>) -> Self {
        self.server = Some(directory.into());
        self
    }

    /// Sets how long a command may take; a minute by default.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.ask = Ask::within(patience);
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("hq");
        command
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| {
                let name = name.to_string_lossy();
                KEPT.contains(&&*name) || name == "HQ_SERVER_DIR"
            }));
        command.args(["--output-mode=json", "--colors=never"]);
        if let Some(directory) = &self.server {
            command.arg("--server-dir").arg(directory);
        }
        command.args(arguments);
        command
    }

    fn list<T: DeserializeOwned>(&self, arguments: &[&str]) -> Result<T, Trouble> {
        let answer = self.ask.run(&mut self.command(arguments))?;
        read(&answer)
    }

    /// Tells whether a worker says how much memory it has. Where none does, a task that asks for some would wait for ever.
    fn has_memory(&self) -> bool {
        let workers = self.list::<Vec<Worker>>(&["worker", "list"]);
        workers.is_ok_and(|workers| workers.iter().any(Worker::has_memory))
    }

    /// Says why nothing can begin; none when something can.
    fn has_no_workers(&self) -> Result<Option<String>, Trouble> {
        let has_some = |what: &str| {
            self.list::<Vec<serde_json::Value>>(&[what, "list"])
                .map(|some| !some.is_empty())
        };
        Ok((!has_some("worker")? && !has_some("alloc")?).then(|| {
            "HyperQueue has no workers: start some with `hq worker start` or `hq alloc add`"
                .to_owned()
        }))
    }
}

impl Worker {
    fn has_memory(&self) -> bool {
        let resources = &self.configuration.resources.resources;
        resources.iter().any(|resource| resource.name == MEMORY)
    }
}

impl BatchSystem for HyperQueue {
    fn name(&self) -> &str {
        "HyperQueue"
    }

    fn most_at_once(&self) -> usize {
        self.array.unwrap_or(ARRAY)
    }

    fn habits(&self) -> Habits {
        Habits {
            // It kills a second after it has asked.
            grace: Duration::from_millis(600),
            // What runs beside tasks that go on is ended by a file.
            beat: Duration::from_secs(5),
            cancels_each: false,
            remembers_cancelled: true,
            ends_the_rest: false,
        }
    }

    fn start(&self, batch: &Batch) -> Result<String, Refusal> {
        let script = batch.directory.join("script.sh");
        // HyperQueue would begin the file anew for each task.
        let said = super::system::quoted(batch.said().as_os_str());
        let text = batch.script("$HQ_TASK_ID").replacen(
            '\n',
            &format!("\nexec >>{said} 2>&1 </dev/null\n"),
            1,
        );
        fs::write(&script, text)
            .map_err(|error| Refusal::Never(format!("{}: {error}", script.display())))?;
        let mut command = self.command(&["submit", "--directives=off", "--crash-limit=1"]);
        command
            .args(["--stdout=none", "--stderr=none"])
            .arg(format!("--name={}", batch.name))
            .arg(format!("--array=0-{}", batch.tasks - 1))
            .arg(format!("--cpus={}", batch.cores))
            // It makes the directory when that is not there, also that of a batch that is long forgotten.
            .arg("--cwd=/");
        if let Some(time) = batch.time {
            // The worker has to live that long, too.
            let seconds = time.as_secs() + 1;
            command.arg(format!("--time-limit={seconds}s"));
            command.arg(format!("--time-request={seconds}s"));
        }
        if let Some(bytes) = batch.memory
            && self.has_memory()
        {
            let megabytes = bytes.div_ceil(1 << 20);
            command.arg(format!("--resource={MEMORY}={megabytes}"));
        }
        command
            .args(&self.options)
            .args(["--", "/bin/sh"])
            .arg(&script);
        let answer = self
            .ask
            .run(&mut command)
            .map_err(|trouble| Refusal::Never(trouble.into_string()))?;
        submitted(&answer)
    }

    fn still_there(&self, prefix: &str) -> Result<Vec<Task>, Trouble> {
        let rows: Vec<Row> = self.list(&["job", "list", "--all"])?;
        let ours: BTreeMap<u32, Row> = rows
            .into_iter()
            .filter(|row| row.name.starts_with(prefix))
            .map(|row| (row.id, row))
            .collect();
        // Where all is well, nothing more has to be asked.
        let unclear: Vec<u32> = ours
            .values()
            .filter(|row| row.task_stats.finished < row.task_count)
            .map(|row| row.id)
            .collect();
        let mut listed: HashMap<u32, Vec<Seen>> = match unclear.is_empty() {
            true => HashMap::new(),
            false => self.list(&["task", "list", &selector(&unclear)])?,
        };
        let is_waiting = ours.values().any(|row| row.task_stats.waiting > 0);
        let is_idle = ours.values().all(|row| row.task_stats.running == 0);
        let why = match is_waiting && is_idle {
            true => self.has_no_workers()?,
            false => None,
        };
        let mut tasks = Vec::new();
        for (id, row) in ours {
            let mut add = |index: usize, state| {
                tasks.push(Task {
                    batch: row.name.clone(),
                    index,
                    id: format!("{id}@{index}"),
                    state,
                });
            };
            match listed.remove(&id) {
                Some(seen) => {
                    for task in seen {
                        add(task.id, task.state(why.as_ref()));
                    }
                }
                // It may have been forgotten between the two calls, and then it is gone.
                None if unclear.contains(&id) => {}
                None => {
                    for index in 0..row.task_count {
                        add(index, TaskState::Over(Word::Ended));
                    }
                }
            }
        }
        Ok(tasks)
    }

    /// Cancels the jobs of which nothing else is left: there is no way to cancel a single task.
    fn cancel(&self, tasks: &[Task]) -> Result<(), Trouble> {
        let job_of = |task: &Task| task.id.split_once('@')?.0.parse::<u32>().ok();
        let jobs: Vec<u32> = tasks
            .iter()
            .filter_map(job_of)
            .collect::<HashSet<_>>()
            .into_iter()
            .collect();
        if jobs.is_empty() {
            return Ok(());
        }
        let unwanted: HashSet<&str> = tasks.iter().map(|task| task.id.as_str()).collect();
        let listed: HashMap<u32, Vec<Seen>> = self.list(&["task", "list", &selector(&jobs)])?;
        let to_cancel: Vec<u32> = listed
            .into_iter()
            .filter(|(job, seen)| {
                seen.iter().filter(|task| task.lives()).all(|task| {
                    let id = format!("{job}@{}", task.id);
                    unwanted.contains(id.as_str())
                })
            })
            .map(|(job, _)| job)
            .collect();
        if to_cancel.is_empty() {
            return Ok(());
        }
        let mut command = self.command(&["job", "cancel", &selector(&to_cancel)]);
        let answer = self.ask.run(&mut command)?;
        match answer.is_success {
            true => Ok(()),
            false => Err(Trouble::new(complaint(&answer))),
        }
    }
}

impl Seen {
    fn lives(&self) -> bool {
        matches!(self.state.as_str(), "waiting" | "running")
    }

    fn state(self, why: Option<&String>) -> TaskState {
        match self.state.as_str() {
            "waiting" => TaskState::Waits(why.cloned()),
            "finished" => TaskState::Over(Word::Ended),
            "canceled" | "aborted" => TaskState::Over(Word::Cancelled),
            "failed" => TaskState::Over(of_error(self.error.unwrap_or_default())),
            // A state that is not known is none of an end.
            _ => TaskState::Runs,
        }
    }
}

/// Reads why a task has failed.
fn of_error(error: String) -> Word {
    if error.contains(OUT_OF_TIME) {
        Word::OutOfTime
    } else if LOST_WORKER.iter().any(|words| error.contains(words)) {
        Word::Machine("its worker was lost".to_owned())
    } else if error.starts_with(WITH_EXIT_CODE) {
        Word::Ended
    } else {
        Word::Failed(error.lines().collect::<Vec<_>>().join(" "))
    }
}

/// Names jobs as `hq` wants it: `1-3,7`.
fn selector(jobs: &[u32]) -> String {
    let mut jobs = jobs.to_vec();
    jobs.sort_unstable();
    let runs = jobs.chunk_by(|one, next| one + 1 == *next);
    let spelled = runs.map(|run| match run {
        [one] => one.to_string(),
        _ => format!("{}-{}", run[0], run[run.len() - 1]),
    });
    spelled.collect::<Vec<_>>().join(",")
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Trouble> {
    if !answer.is_success {
        return Err(Trouble::new(complaint(answer)));
    }
    serde_json::from_str(&answer.output)
        .map_err(|error| Trouble::new(format!("hq says what is not understood here: {error}")))
}

fn submitted(answer: &Answer) -> Result<String, Refusal> {
    match read::<Submitted>(answer) {
        Ok(job) => Ok(job.id.to_string()),
        // As its reader of arguments says it.
        Err(trouble) if answer.error.starts_with("error: ") => {
            Err(Refusal::Never(trouble.into_string()))
        }
        Err(trouble) => Err(Refusal::Unknown(format!(
            "HyperQueue does not answer: {trouble}"
        ))),
    }
}

/// Returns what went wrong, without the way there.
fn complaint(answer: &Answer) -> String {
    let (error, _) = answer
        .error
        .split_once("Stack backtrace")
        .unwrap_or((&answer.error, ""));
    let error = error.to_owned();
    Answer {
        error,
        ..answer.clone()
    }
    .complaint()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(is_success: bool, output: &str, error: &str) -> Answer {
        Answer {
            is_success,
            is_given_up: false,
            output: output.to_owned(),
            error: error.to_owned(),
        }
    }

    #[test]
    fn tasks_are_told_apart_as_hyperqueue_0_26_tells_of_them() {
        let listed = r#"{"4":[
            {"error":"Time limit reached","finished_at":"2026-12-01T09:47:46.285291505Z","id":0,"state":"failed","worker":1},
            {"error":"Program terminated with exit code 4.","id":1,"state":"failed"},
            {"error":"Task was running on a worker that was lost; the task has occurred 1 times in this situation and limit was reached.","id":2,"state":"failed"},
            {"error":"Cannot execute \"/bin/sh\": No such file or directory (os error 2)\nThe program","id":3,"state":"failed"},
            {"id":4,"state":"waiting"},
            {"cwd":"/run","id":5,"started_at":"2026-12-01T09:46:27.750600811Z","state":"running","worker":1},
            {"cwd":"/run","id":6,"state":"canceled"},
            {"id":7,"state":"finished"}]}"#;
        let mut listed: HashMap<u32, Vec<Seen>> =
            read(&answer(true, listed, "")).expect("it is understood");
        let why = "no workers".to_owned();
        let states: Vec<_> = listed
            .remove(&4)
            .expect("a job")
            .into_iter()
            .map(|task| task.state(Some(&why)))
            .collect();
        let failed =
            "Cannot execute \"/bin/sh\": No such file or directory (os error 2) The program";
        assert_eq!(
            states,
            [
                TaskState::Over(Word::OutOfTime),
                TaskState::Over(Word::Ended),
                TaskState::Over(Word::Machine("its worker was lost".to_owned())),
                TaskState::Over(Word::Failed(failed.to_owned())),
                TaskState::Waits(Some(why)),
                TaskState::Runs,
                TaskState::Over(Word::Cancelled),
                TaskState::Over(Word::Ended),
            ]
        );
    }

    #[test]
    fn jobs_are_named_by_runs_of_numbers() {
        assert_eq!(selector(&[3, 1, 2, 9, 7, 8, 5]), "1-3,5,7-9");
    }

    #[test]
    fn what_hq_submit_says_is_a_number_a_refusal_or_nothing_certain() {
        assert_eq!(
            submitted(&answer(true, "{\n  \"id\": 17\n}\n", "")),
            Ok("17".to_owned())
        );
        let refused = |error: &str| submitted(&answer(false, "", error)).expect_err("refused");
        let invalid =
            "error: invalid value '0' for '--cpus <CPUS>': Zero resources cannot be requested\n";
        assert!(matches!(refused(invalid), Refusal::Never(why) if why.contains("--cpus")));
        let silent = "No running instance of HQ found at \"/home/me/.hq-server\".\nTry to start the server: `hq server start`\n\nStack backtrace:\n   0: main\n";
        assert!(
            matches!(refused(silent), Refusal::Unknown(why) if why.contains("hq server start") && !why.contains("backtrace"))
        );
        assert!(matches!(
            submitted(&answer(true, "nonsense", "")),
            Err(Refusal::Unknown(_))
        ));
    }

    #[test]
    fn workers_say_whether_they_have_memory() {
        let list = r#"[{"allocation":null,"configuration":{"group":"default","resources":{"coupling":{"weights":[]},"resources":[
            {"end":3,"kind":"range","name":"cpus","start":0},{"kind":"sum","name":"mem","size":241055507}]}},"id":1}]"#;
        let workers: Vec<Worker> = read(&answer(true, list, "")).expect("it is understood");
        assert!(workers[0].has_memory());
    }
}
