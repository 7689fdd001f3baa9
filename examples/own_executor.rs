//! A batch system of your own: three calls, and jobs run there with all guarantees. This one starts processes; with `ssh NODE` before
//! `setsid`, and a directory that the nodes share, it is a cluster.
//!
//! ```text
//! cargo run --example own_executor
//! ```

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use idds::jobs::{
    AttemptChange, AttemptId, Batch, BatchExecutor, BatchSystem, Executor, Job, Refusal, Task,
    TaskState, Trouble,
};

/// Processes that outlive the engine, each with a file that has its number.
#[derive(Debug)]
struct Processes(PathBuf);

impl BatchSystem for Processes {
    fn name(&self) -> &str {
        "own"
    }

    fn start(&self, batch: &Batch) -> Result<String, Refusal> {
        let number = self.0.join(&batch.name);
        let script = batch.directory.join("script.sh");
        // There are no arrays here: a batch has one attempt, with the index 0.
        let text = format!("echo $$ >{}\n{}", number.display(), batch.script("0"));
        fs::write(&script, text).map_err(|error| Refusal::Never(error.to_string()))?;
        let started = Command::new("setsid")
            .args(["--fork", "sh"])
            .arg(&script)
            .status();
        match started {
            Ok(status) if status.success() => Ok(batch.name.clone()),
            other => Err(Refusal::Never(format!("setsid: {other:?}"))),
        }
    }

    fn still_there(&self, prefix: &str) -> Result<Vec<Task>, Trouble> {
        let entries = fs::read_dir(&self.0).map_err(|error| Trouble::with(&self.0, &error))?;
        let names = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok());
        let task = |batch: String| {
            let id = fs::read_to_string(self.0.join(&batch))
                .ok()?
                .trim()
                .to_owned();
            // The number of a process that has ended may be that of another one.
            let environment = fs::read(format!("/proc/{id}/environ")).ok()?;
            let is_it = String::from_utf8_lossy(&environment).contains(&batch);
            let state = TaskState::Runs;
            is_it.then_some(Task {
                batch,
                index: 0,
                id,
                state,
            })
        };
        Ok(names
            .filter(|name| name.starts_with(prefix))
            .filter_map(task)
            .collect())
    }

    fn cancel(&self, tasks: &[Task]) -> Result<(), Trouble> {
        let ids = tasks.iter().map(|task| &task.id);
        // It also fails for those that have ended meanwhile.
        let killed = Command::new("kill").args(ids).output();
        killed
            .map(|_| ())
            .map_err(|error| Trouble::new(format!("kill: {error}")))
    }
}

fn main() -> anyhow::Result<()> {
    // Attempts are looked after by processes of this program.
    idds::jobs::init();
    tokio::runtime::Runtime::new()?.block_on(run())
}

async fn run() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let numbers = folder.path().join("processes");
    fs::create_dir(&numbers)?;
    let (events, mut told) = tokio::sync::mpsc::unbounded_channel();
    let executor =
        BatchExecutor::builder(folder.path().join("executor"), Processes(numbers)).start(events)?;
    for number in 1..=3 {
        let attempt = AttemptId::new(format!("{number}-1"));
        let line = format!("echo job {number} runs in $PWD");
        executor.start(Job::shell(
            attempt,
            folder.path().join(number.to_string()),
            line,
        ));
    }
    let mut left = 3;
    while left > 0
        && let Some(event) = told.recv().await
    {
        if let AttemptChange::Ended(outcome) = event.change {
            println!("attempt {}: {:?}", event.attempt, outcome.end);
            anyhow::ensure!(outcome.is_success(), "{} has failed", event.attempt);
            left -= 1;
        }
    }
    Ok(())
}
