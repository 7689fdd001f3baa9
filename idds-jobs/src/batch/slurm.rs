//! Slurm, by its commands alone: no accounting, no library, no version of its own.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use super::ask::{Answer, Ask};
use super::system::{Batch, BatchSystem, Habits, Refusal, Task, TaskState, Word};
use crate::Trouble;

/// Most tasks of an array unless Slurm says otherwise: its own default.
const ARRAY: usize = 1000;

/// Names of variables that are there in a job of Slurm, and would be taken for wishes by `sbatch`.
const OF_A_JOB: &str = "SLURM_";

/// Those among them that say where Slurm is.
const OF_SLURM: [&str; 2] = ["SLURM_CONF", "SLURM_CLUSTERS"];

/// What is needed of the environment by `sbatch`, and by the wrapper until it has that of the engine.
const KEPT: [&str; 9] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "TZ",
];

/// Words of `sbatch` for a limit on how much somebody may have in the queue.
const FULL: [&str; 6] = [
    "temporarily unable to accept job",
    "job queue full",
    "MaxSubmitJob",
    "job submit limit",
    "SubmitJobsLimit",
    "Resource temporarily unavailable",
];

/// Words of `sbatch` that leave open whether the job was taken.
const UNKNOWN: [&str; 8] = [
    "Unable to contact slurm controller",
    "Socket timed out",
    "Zero Bytes were transmitted",
    "Unexpected message received",
    "Communication connection failure",
    "Connection refused",
    "Transport endpoint",
    "backup controller",
];

/// Reasons for which a job waits until somebody does something about it.
const NOT_BY_ITSELF: [&str; 14] = [
    "JobHeld",
    "held state",
    "BadConstraints",
    "InvalidAccount",
    "InvalidQOS",
    "PartitionDown",
    "PartitionInactive",
    "PartitionTimeLimit",
    "PartitionNodeLimit",
    "ReqNodeNotAvail",
    "Nodes required for job are DOWN",
    "Reservation",
    "Limit",
    "Licenses",
];

/// Slurm, as the commands `sbatch`, `squeue` and `scancel` in `PATH` know it.
///
/// No accounting is needed (`sacct` is never called): files say how attempts ended, and `squeue` is asked in one call who of all is
/// still there. Attempts are submitted as job arrays, with their cores, memory and wall time. Slurm does not requeue them: an attempt
/// whose node fails, or that has to make room, is lost, and another one is begun.
#[derive(Clone, Debug, Default)]
pub struct Slurm {
    options: Vec<OsString>,
    array: Option<usize>,
    configuration: Option<OsString>,
    most: OnceLock<usize>,
    ask: Ask,
}

impl Slurm {
    /// Makes one that submits to the default partition and account.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the partition.
    pub fn partition(self, name: &str) -> Self {
        self.option(format!("--partition={name}"))
    }

    /// Sets the account.
    pub fn account(self, name: &str) -> Self {
        self.option(format!("--account={name}"))
    }

    /// Adds an option of `sbatch`, such as `--qos=long`.
    pub fn option(mut self, option: impl Into<OsString>) -> Self {
        self.options.push(option.into());
        self
    }

    /// Sets the most tasks of an array; what Slurm allows by default.
    pub fn array(mut self, tasks: usize) -> Self {
        self.array = Some(tasks.max(1));
        self
    }

    /// Names the file of Slurm's configuration; `SLURM_CONF` says it by default, and else Slurm finds it.
    pub fn configuration(mut self, path: impl Into<OsString>) -> Self {
        self.configuration = Some(path.into());
        self
    }

    /// Sets how long a command may take; a minute by default.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.ask = Ask::within(patience);
        self
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| {
                let name = name.to_string_lossy();
                let is_wish = name.starts_with(OF_A_JOB) && !OF_SLURM.contains(&&*name);
                !is_wish
                    && (KEPT.contains(&&*name)
                        || name.starts_with("SLURM_")
                        || name.starts_with("SBATCH_"))
            }));
        // Lists of tasks in full, and words that are known.
        command
            .env("SLURM_BITSTR_LEN", "0")
            .env("SLURM_TIME_FORMAT", "standard");
        if let Some(path) = &self.configuration {
            command.env("SLURM_CONF", path);
        }
        command
    }

    fn arguments(&self, batch: &Batch) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec![
            "--parsable".into(),
            format!("--job-name={}", batch.name).into(),
            format!("--array=0-{}", batch.tasks - 1).into(),
            "--no-requeue".into(),
            "--nodes=1".into(),
            "--ntasks=1".into(),
            format!("--cpus-per-task={}", batch.cores).into(),
            "--export=ALL".into(),
            "--input=/dev/null".into(),
            "--open-mode=append".into(),
        ];
        let path = |option: &str, path: &Path| {
            let mut argument = OsString::from(option);
            argument.push(path);
            argument
        };
        arguments.push(path("--output=", &literal(&batch.said())));
        arguments.push(path("--chdir=", &batch.directory));
        if let Some(bytes) = batch.memory {
            arguments.push(format!("--mem={}M", bytes.div_ceil(1 << 20)).into());
        }
        if let Some(time) = batch.time {
            arguments.push(format!("--time={}", time.as_secs().div_ceil(60)).into());
        }
        // Last, as the last of two counts.
        arguments.extend(self.options.iter().cloned());
        arguments
    }
}

impl BatchSystem for Slurm {
    fn name(&self) -> &str {
        "Slurm"
    }

    fn most_at_once(&self) -> usize {
        self.array.unwrap_or_else(|| {
            *self.most.get_or_init(|| {
                let answer = self
                    .ask
                    .run(self.command("scontrol").args(["show", "config"]));
                let size = answer.ok().and_then(|answer| {
                    let is_it = |line: &&str| line.starts_with("MaxArraySize");
                    let line = answer.output.lines().find(is_it)?;
                    line.split_once('=')?.1.trim().parse::<usize>().ok()
                });
                // The greatest index is one less.
                size.map_or(ARRAY, |size| size.saturating_sub(1).clamp(1, ARRAY))
            })
        })
    }

    fn habits(&self) -> Habits {
        Habits {
            ends_the_rest: true,
            ..Habits::default()
        }
    }

    fn start(&self, batch: &Batch) -> Result<String, Refusal> {
        let script = batch.directory.join("script.sh");
        fs::write(&script, batch.script("$SLURM_ARRAY_TASK_ID"))
            .map_err(|error| Refusal::Never(format!("{}: {error}", script.display())))?;
        let mut command = self.command("sbatch");
        command.args(self.arguments(batch)).arg(&script);
        let answer = self
            .ask
            .run(&mut command)
            .map_err(|trouble| Refusal::Never(trouble.into_string()))?;
        submitted(&answer)
    }

    fn still_there(&self, prefix: &str) -> Result<Vec<Task>, Trouble> {
        let user = rustix::process::getuid().as_raw().to_string();
        let mut command = self.command("squeue");
        command
            .args([
                "--noheader",
                "--array",
                "--states=all",
                "--format=%j|%i|%T|%r",
            ])
            .arg(format!("--user={user}"));
        let answer = self.ask.run(&mut command)?;
        if !answer.is_success {
            return Err(Trouble::new(answer.complaint()));
        }
        Ok(answer
            .output
            .lines()
            .filter_map(|line| row(line, prefix))
            .collect())
    }

    fn cancel(&self, tasks: &[Task]) -> Result<(), Trouble> {
        // Tasks of one array go together.
        let mut arrays: HashMap<&str, Vec<&str>> = HashMap::new();
        for task in tasks {
            if let Some((job, index)) = task.id.split_once('_') {
                arrays.entry(job).or_default().push(index);
            }
        }
        let mut command = self.command("scancel");
        for (job, indexes) in arrays {
            command.arg(format!("{job}_[{}]", indexes.join(",")));
        }
        let answer = self.ask.run(&mut command)?;
        // It also fails for those that have ended meanwhile.
        match answer.is_success || !UNKNOWN.iter().any(|word| answer.error.contains(word)) {
            true => Ok(()),
            false => Err(Trouble::new(answer.complaint())),
        }
    }
}

/// Writes a path as a pattern of Slurm for names of files, in which `%` is the beginning of something else. Where there is a backslash,
/// nothing is replaced.
fn literal(path: &Path) -> PathBuf {
    let bytes = path.as_os_str().as_bytes();
    if bytes.contains(&b'\\') {
        return path.to_owned();
    }
    let bytes = bytes.iter().flat_map(|byte| match byte {
        b'%' => [Some(b'%'), Some(b'%')],
        byte => [Some(*byte), None],
    });
    OsString::from_vec(bytes.flatten().collect()).into()
}

/// Reads what `sbatch` has said.
fn submitted(answer: &Answer) -> Result<String, Refusal> {
    let has = |words: &[&str]| words.iter().any(|word| answer.error.contains(word));
    if answer.is_success {
        // With the name of the cluster behind it where there are several.
        let id = answer.output.lines().last().unwrap_or_default();
        return Ok(id.split(';').next().unwrap_or_default().trim().to_owned());
    }
    let said = answer.complaint();
    Err(if has(&FULL) {
        Refusal::Full(format!("Slurm has no room for more jobs: {said}"))
    } else if answer.is_given_up || has(&UNKNOWN) {
        Refusal::Unknown(format!("Slurm does not answer: {said}"))
    } else {
        Refusal::Never(said)
    })
}

/// Reads a row of `squeue`: name, id, state and reason.
fn row(line: &str, prefix: &str) -> Option<Task> {
    let mut fields = line.splitn(4, '|');
    let batch = fields.next().filter(|name| name.starts_with(prefix))?;
    let id = fields.next()?;
    let (_, index) = id.split_once('_')?;
    let state = fields.next()?;
    let reason = fields.next().unwrap_or_default();
    Some(Task {
        batch: batch.to_owned(),
        index: index.parse().ok()?,
        id: id.to_owned(),
        state: state_of(state, reason),
    })
}

fn state_of(state: &str, reason: &str) -> TaskState {
    match state {
        "PENDING" | "REQUEUED" | "REQUEUE_HOLD" | "REQUEUE_FED" | "SPECIAL_EXIT"
        | "RESV_DEL_HOLD" => {
            let needs_help = NOT_BY_ITSELF.iter().any(|word| reason.contains(word))
                // Of an array that was told to run so many at once.
                && reason != "JobArrayTaskLimit";
            TaskState::Waits(needs_help.then(|| format!("Slurm says {reason}")))
        }
        "COMPLETED" => TaskState::Over(Word::Ended),
        "CANCELLED" | "REVOKED" => TaskState::Over(Word::Cancelled),
        "TIMEOUT" | "DEADLINE" => TaskState::Over(Word::OutOfTime),
        "OUT_OF_MEMORY" => TaskState::Over(Word::OutOfMemory),
        "NODE_FAIL" => TaskState::Over(Word::Machine("its node failed".to_owned())),
        "PREEMPTED" => TaskState::Over(Word::Machine(
            "it had to make room for another job".to_owned(),
        )),
        "BOOT_FAIL" => TaskState::Over(Word::Machine("its node did not start".to_owned())),
        "FAILED" | "LAUNCH_FAILED" | "RECONFIG_FAIL" => {
            TaskState::Over(Word::Failed(match reason {
                "" | "None" => state.to_owned(),
                reason => format!("{state}, {reason}"),
            }))
        }
        // It runs, is configured, or being ended: a state that is not known is none of an end.
        _ => TaskState::Runs,
    }
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
    fn rows_of_others_are_passed_over_and_states_are_told_apart() {
        let rows = "wrap|12|RUNNING|None\nidds-a|x|7_0|RUNNING|None\nidds-1-|13_0|RUNNING|None\nidds-1-ab|14_3|PENDING|JobHeldUser\nidds-1-ab|14_4|PENDING|Priority\nidds-1-ab|14_5|COMPLETING|None\nidds-1-ab|14_6|CANCELLED|None\nidds-1-ab|14_7|SOMETHING_NEW|None\n";
        let tasks: Vec<_> = rows
            .lines()
            .filter_map(|line| row(line, "idds-1-a"))
            .collect();
        let states: Vec<_> = tasks.iter().map(|task| (task.index, &task.state)).collect();
        let held = TaskState::Waits(Some("Slurm says JobHeldUser".to_owned()));
        assert_eq!(
            states,
            [
                (3, &held),
                (4, &TaskState::Waits(None)),
                (5, &TaskState::Runs),
                (6, &TaskState::Over(Word::Cancelled)),
                (7, &TaskState::Runs),
            ]
        );
        assert_eq!(tasks[0].id, "14_3");
    }

    #[test]
    fn no_name_of_a_directory_means_something_to_slurm() {
        let literal = |path: &str| literal(Path::new(path)).display().to_string();
        assert_eq!(literal("/a/100%/%j"), "/a/100%%/%%j");
        assert_eq!(literal(r"/a\b/%j"), r"/a\b/%j");
    }

    #[test]
    fn what_sbatch_says_is_a_number_a_refusal_or_nothing_certain() {
        assert_eq!(submitted(&answer(true, "17\n", "")), Ok("17".to_owned()));
        assert_eq!(
            submitted(&answer(true, "17;alps\n", "")),
            Ok("17".to_owned())
        );
        let refused = |error: &str| submitted(&answer(false, "", error)).expect_err("refused");
        // As Slurm 22.05 says it.
        let invalid = "sbatch: error: invalid partition specified: gpu\nsbatch: error: Batch job submission failed: Invalid partition name specified";
        assert!(matches!(refused(invalid), Refusal::Never(why) if why.contains("partition")));
        let limit = "sbatch: error: AssocMaxSubmitJobLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)";
        assert!(matches!(refused(limit), Refusal::Full(_)));
        let silent = "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)";
        assert!(matches!(refused(silent), Refusal::Unknown(_)));
    }
}
