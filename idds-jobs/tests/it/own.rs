//! A batch system of one's own, with nothing but the three calls: processes of this machine, each with a file that has its number.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use idds_jobs::{
    AttemptChange, Batch, BatchSystem, End, Executor, Refusal, Task, TaskState, Trouble,
};
use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

use crate::bench::{Bench, Result, processes};
use crate::conformance::{Make, holds};
use crate::slurm::executor;

#[derive(Debug)]
struct Processes(PathBuf);

impl Processes {
    fn new(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self(folder.to_owned()))
    }
}

impl BatchSystem for Processes {
    fn name(&self) -> &str {
        "own"
    }

    fn start(&self, batch: &Batch) -> std::result::Result<String, Refusal> {
        let never = |error: std::io::Error| Refusal::Never(error.to_string());
        let script = batch.directory.join("script.sh");
        let number = self.0.join(&batch.name);
        let text = format!("echo $$ >{}\n{}", number.display(), batch.script("0"));
        fs::write(&script, text).map_err(never)?;
        let started = Command::new("setsid")
            .args(["--fork", "sh"])
            .arg(&script)
            .status()
            .map_err(never)?;
        match started.success() {
            true => Ok(batch.name.clone()),
            false => Err(Refusal::Never("setsid failed".to_owned())),
        }
    }

    fn still_there(&self, prefix: &str) -> std::result::Result<Vec<Task>, Trouble> {
        let entries = fs::read_dir(&self.0).map_err(|error| Trouble::with(&self.0, &error))?;
        let names = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok());
        let task = |batch: String| {
            let id = fs::read_to_string(self.0.join(&batch)).ok()?;
            let id = id.trim().to_owned();
            let environment = fs::read(format!("/proc/{id}/environ")).ok()?;
            let is_it = String::from_utf8_lossy(&environment).contains(&batch);
            is_it.then_some(Task {
                batch,
                index: 0,
                id,
                state: TaskState::Runs,
            })
        };
        Ok(names
            .filter(|name| name.starts_with(prefix))
            .filter_map(task)
            .collect())
    }

    fn cancel(&self, tasks: &[Task]) -> std::result::Result<(), Trouble> {
        for id in tasks.iter().filter_map(|task| task.id.parse().ok()) {
            // It also fails for those that have ended meanwhile.
            let _ = Pid::from_raw(id).map(|id| kill_process(id, Signal::TERM));
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_system_of_three_calls_conforms() -> Result {
    let folder = tempfile::tempdir()?;
    let make: Make<'_> = &|directory, events| {
        let system = Processes::new(&folder.path().join("numbers"))?;
        Ok(Arc::new(executor(directory, system).start(events)?))
    };
    holds(make, "84").await
}

#[tokio::test]
async fn nothing_that_a_killed_wrapper_has_started_goes_on() -> Result {
    let bench = Bench::new()?;
    let (sender, mut events) = unbounded_channel();
    let numbers = bench.path("numbers");
    // It would be told sooner than a sign of life could be missed.
    let executor = executor(&bench.path("executor"), Processes::new(&numbers)?)
        .beat(Duration::from_secs(600))
        .start(sender)?;
    let mark = format!("85{}", std::process::id());
    let line = format!("setsid sleep {mark}.1 & sleep {mark}.2; wait");
    executor.start(bench.job("1", &line));
    let mut next = async || -> Result<AttemptChange> {
        let event = timeout(Duration::from_secs(60), events.recv()).await?;
        Ok(event.ok_or("the executor has ended")?.change)
    };
    assert_eq!(next().await?, AttemptChange::Started);
    while processes(&format!("sleep\0{mark}")).len() < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for entry in fs::read_dir(&numbers)? {
        let id = fs::read_to_string(entry?.path())?.trim().parse()?;
        kill_process(Pid::from_raw(id).ok_or("a process")?, Signal::KILL)?;
    }
    let change = next().await?;
    let AttemptChange::Ended(outcome) = change else {
        return Err(format!("{change:?}").into());
    };
    assert!(
        matches!(&outcome.end, End::Lost { why } if why.contains("was killed")),
        "{outcome:?}"
    );
    assert_eq!(processes(&mark), Vec::<i32>::new());
    Ok(())
}

#[tokio::test]
async fn what_was_submitted_before_and_cannot_be_read_goes_on() -> Result {
    let bench = Bench::new()?;
    let numbers = bench.path("numbers");
    let line = "echo once >>../told; until test -e ../go; do sleep 0.05; done";
    let start = || -> Result<_> {
        let (sender, events) = unbounded_channel();
        let system = Processes::new(&numbers)?;
        let executor = executor(&bench.path("executor"), system).start(sender)?;
        Ok((executor, events))
    };
    let (first, mut events) = start()?;
    first.start(bench.job("1", line));
    let begun = timeout(Duration::from_secs(60), events.recv()).await?;
    assert_eq!(begun.ok_or("it has ended")?.change, AttemptChange::Started);
    drop(first);
    // It ends when its last call has.
    while events.recv().await.is_some() {}
    let batches = bench.path("executor/batches");
    let prefix = bench.read("executor/name")?;
    let broken = batches.join(format!("{prefix}broken"));
    fs::create_dir_all(broken.join("attempts"))?;
    // As a batch system makes it anew that starts a task late.
    let late = batches.join(format!("{prefix}late"));
    fs::create_dir(&late)?;
    // As a kill in the midst of forgetting leaves it.
    let gone = batches.join(format!(".gone-{prefix}old"));
    fs::create_dir(&gone)?;

    let (next, mut events) = start()?;
    next.adopt(vec![bench.job("1", line)]);
    let mut change = async || -> Result<AttemptChange> {
        let event = timeout(Duration::from_secs(60), events.recv()).await?;
        Ok(event.ok_or("the executor has ended")?.change)
    };
    let waits = change().await?;
    assert!(
        matches!(&waits, AttemptChange::Waits { why } if why.contains("broken")),
        "{waits:?}"
    );
    fs::remove_dir_all(&broken)?;
    fs::write(bench.path("go"), "")?;
    let end = loop {
        if let AttemptChange::Ended(outcome) = change().await? {
            break outcome.end;
        }
    };
    assert_eq!(end, End::Exited { code: 0 });
    assert!(!gone.exists() && !late.exists());
    assert_eq!(bench.read("told")?, "once\n");
    Ok(())
}
