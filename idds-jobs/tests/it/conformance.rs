//! What holds for every executor: what an engine counts on, whatever starts its jobs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use idds_jobs::{AttemptChange, AttemptEvent, AttemptId, AttemptOutcome, End, Executor, Job};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{sleep, timeout};

use crate::bench::{Result, processes};

/// Nothing here takes as long on a machine that works.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes an executor that keeps what it needs in a directory.
pub(crate) type Make<'a> =
    &'a dyn Fn(&Path, UnboundedSender<AttemptEvent>) -> Result<Arc<dyn Executor>>;

/// An executor, and a directory of its own.
struct Trial<'a> {
    make: Make<'a>,
    folder: TempDir,
    executor: Option<Arc<dyn Executor>>,
    events: UnboundedReceiver<AttemptEvent>,
    /// A number of this trial, for processes that are looked for.
    mark: String,
}

/// Tries an executor.
pub(crate) async fn holds(make: Make<'_>, mark: &str) -> Result {
    let mut trial = Trial::new(make, mark)?;
    trial.ends_are_told_apart().await?;
    trial.a_job_finds_what_it_was_promised().await?;
    trial
        .what_is_ended_ends_with_all_that_it_has_started()
        .await?;
    trial.an_attempt_runs_once().await?;
    trial.the_next_engine_takes_over().await?;
    trial.many_run_once_each().await
}

impl<'a> Trial<'a> {
    fn new(make: Make<'a>, mark: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (sender, events) = unbounded_channel();
        let executor = make(&folder.path().join("executor"), sender)?;
        Ok(Self {
            make,
            folder,
            executor: Some(executor),
            events,
            mark: format!("{mark}{}", std::process::id()),
        })
    }

    async fn ends_are_told_apart(&mut self) -> Result {
        let limit = Duration::from_millis(300);
        let hungry = "x=$(head -c 60000000 /dev/zero | tr '\\0' x); sleep 1000";
        for job in [
            self.job("good", "exit 0"),
            self.job("bad", "exit 3"),
            self.job("dead", "kill -SEGV $$"),
            self.job("slow", "sleep 1000").wall_time(limit),
            self.job("hungry", hungry).memory(50 << 20),
            Job::program(AttemptId::new("none"), self.path("none"), "no-such-program"),
        ] {
            self.start(job);
        }
        let ends = self.ends(6).await?;
        assert_eq!(ends["good"], End::Exited { code: 0 });
        assert_eq!(ends["bad"], End::Exited { code: 3 });
        assert_eq!(ends["dead"], End::Killed { signal: 11 });
        assert_eq!(ends["slow"], End::OutOfTime { limit });
        assert!(
            matches!(ends["hungry"], End::OutOfMemory { used, .. } if used > 50 << 20),
            "{ends:?}"
        );
        assert!(
            matches!(&ends["none"], End::Trouble { why } if why.contains("no-such-program")),
            "{ends:?}"
        );
        Ok(())
    }

    async fn a_job_finds_what_it_was_promised(&mut self) -> Result {
        fs::write(self.path("data"), "1\n")?;
        let line = "cat data; echo $IDDS_ATTEMPT_ID $TOLD \"$1\"; pwd; cat; ls /proc/self/fd | wc -l; echo wrong >&2";
        let job = self
            .job("found", line)
            .args(["an 'argument'"])
            .env("TOLD", "x  y")
            .link(self.path("data"));
        self.start(job);
        assert_eq!(self.ends(1).await?["found"], End::Exited { code: 0 });
        let place = self.path("found");
        let expected = format!("1\nfound x y an 'argument'\n{}\n4\n", place.display());
        assert_eq!(fs::read_to_string(place.join("stdout"))?, expected);
        assert_eq!(fs::read_to_string(place.join("stderr"))?, "wrong\n");
        let outcome = AttemptOutcome::read(&place)?.ok_or("no end is written down")?;
        assert!(outcome.usage.is_some_and(|usage| usage.peak_memory > 0));
        Ok(())
    }

    async fn what_is_ended_ends_with_all_that_it_has_started(&mut self) -> Result {
        let mark = self.mark.clone();
        let line = format!("setsid sleep {mark}.1 & sleep {mark}.2; wait");
        self.start(self.job("runs", &line));
        self.started("runs").await?;
        while processes(&format!("sleep\0{mark}")).len() < 2 {
            sleep(Duration::from_millis(10)).await;
        }
        self.start(self.job("waits", &format!("sleep {mark}.3")));
        self.end("waits");
        self.end("runs");
        let ends = self.ends(2).await?;
        assert_eq!(
            (&ends["runs"], &ends["waits"]),
            (&End::Stopped, &End::Stopped)
        );
        assert_eq!(processes(&mark), Vec::<i32>::new());
        self.end("never heard of");
        Ok(())
    }

    async fn an_attempt_runs_once(&mut self) -> Result {
        let line = "echo once >>../told";
        self.start(self.job("once", line));
        assert_eq!(self.ends(1).await?["once"], End::Exited { code: 0 });
        self.start(self.job("once", line));
        // What it is told to be is of no matter, as its directory says what it was.
        self.ends(1).await?;
        let told = fs::read_to_string(self.path("told"))?;
        assert_eq!(told, "once\n");
        Ok(())
    }

    async fn the_next_engine_takes_over(&mut self) -> Result {
        let line = "until test -e ../go; do sleep 0.05; done; echo done";
        let jobs = [
            self.job("adopted", line),
            self.job("over", "echo done"),
            self.job("unknown", "echo done"),
        ];
        self.start(jobs[0].clone());
        self.started("adopted").await?;
        self.start(jobs[1].clone());
        assert_eq!(self.ends(1).await?["over"], End::Exited { code: 0 });
        self.executor = None;
        let (sender, events) = unbounded_channel();
        let next = async {
            loop {
                // The engine before it takes a moment to end.
                match (self.make)(&self.folder.path().join("executor"), sender.clone()) {
                    Ok(executor) => break executor,
                    Err(_) => sleep(Duration::from_millis(10)).await,
                }
            }
        };
        let next = timeout(PATIENCE, next).await?;
        self.events = events;
        next.adopt(jobs.to_vec());
        self.executor = Some(next);
        let mut news = BTreeMap::new();
        for _ in 0..2 {
            let event = self.next().await?;
            news.insert(event.attempt.to_string(), event.change);
        }
        news.remove("adopted");
        fs::write(self.path("go"), "")?;
        while news.len() < 3 {
            let event = self.next().await?;
            if !matches!(event.change, AttemptChange::Started) {
                news.insert(event.attempt.to_string(), event.change);
            }
        }
        assert_eq!(news["unknown"], AttemptChange::NeverStarted);
        for name in ["over", "adopted"] {
            assert!(
                matches!(&news[name], AttemptChange::Ended(outcome) if outcome.is_success()),
                "{news:?}"
            );
        }
        assert_eq!(
            fs::read_to_string(self.path("adopted").join("stdout"))?,
            "done\n"
        );
        Ok(())
    }

    async fn many_run_once_each(&mut self) -> Result {
        for number in 0..40 {
            let cores = 1 + number % 2;
            let job = self.job(&format!("many-{number}"), "echo $IDDS_ATTEMPT_ID >>../many");
            self.start(job.cores(cores));
        }
        let ends = self.ends(40).await?;
        assert!(
            ends.values().all(|end| *end == End::Exited { code: 0 }),
            "{ends:?}"
        );
        let text = fs::read_to_string(self.path("many"))?;
        let mut names: Vec<_> = text.lines().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!((names.len(), text.lines().count()), (40, 40));
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn job(&self, name: &str, line: &str) -> Job {
        Job::shell(AttemptId::new(name), self.path(name), line)
    }

    fn start(&self, job: Job) {
        if let Some(executor) = &self.executor {
            executor.check(&job).expect("it could run");
            executor.start(job);
        }
    }

    fn end(&self, name: &str) {
        if let Some(executor) = &self.executor {
            executor.end(&AttemptId::new(name));
        }
    }

    async fn next(&mut self) -> Result<AttemptEvent> {
        let event = timeout(PATIENCE, self.events.recv()).await;
        let event = event.map_err(|_| "nothing was told for a minute")?;
        event.ok_or_else(|| "the executor has ended".into())
    }

    async fn started(&mut self, name: &str) -> Result {
        loop {
            let event = self.next().await?;
            match event.change {
                AttemptChange::Started if event.attempt.as_str() == name => return Ok(()),
                AttemptChange::Ended(outcome) => {
                    return Err(format!("{}: {outcome:?}", event.attempt).into());
                }
                _ => {}
            }
        }
    }

    /// Waits until so many attempts have ended.
    async fn ends(&mut self, count: usize) -> Result<BTreeMap<String, End>> {
        let mut ends = BTreeMap::new();
        while ends.len() < count {
            let event = self.next().await?;
            if let AttemptChange::Ended(outcome) = event.change {
                let before = ends.insert(event.attempt.to_string(), outcome.end);
                assert_eq!(before, None, "{} has ended twice", event.attempt);
            }
        }
        Ok(ends)
    }
}

#[tokio::test]
async fn processes_of_this_machine_conform() -> Result {
    let make: Make<'_> = &|directory, events| {
        let builder = idds_jobs::LocalExecutor::builder(directory).cores(4);
        let grace = Duration::from_millis(200);
        Ok(Arc::new(
            builder
                .grace(grace)
                .supervisor(crate::bench::supervisor())
                .start(events)?,
        ))
    };
    holds(make, "81").await
}
