//! Plans beside what the whole engine does: requests over HTTP, works, jobs that a script answers.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::random::{Random, Writer};
use super::*;
use crate::engine::jobs::Scripted;
use crate::preview::{PlannedWork, RunPlan};
use crate::server::Server;

/// Sends a request, and returns the body of its answer.
async fn send(server: &Server, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(server.local_addr())
        .await
        .expect("a server");
    let text = format!(
        "{method} /idds{path} HTTP/1.1\r\nHost: localhost\r\nX-IDDS-Server-Token: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        server.token().expect("a token"),
        body.len()
    );
    stream.write_all(text.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}

/// The engine with a workflow, and what it has started so far: the runs of works, each when it starts or is tried again.
struct Engine {
    server: Server,
    jobs: Arc<Scripted>,
    starts: Vec<String>,
}

impl Engine {
    async fn start(database: &Path) -> Self {
        let jobs = Arc::new(Scripted::default());
        let server = Server::builder()
            .database(database)
            .programs(database.parent().expect("a directory"))
            .scripted(Arc::clone(&jobs))
            .start()
            .await
            .expect("a server");
        Self {
            server,
            jobs,
            starts: Vec::new(),
        }
    }

    /// Ends one job after the other, each when nothing else moves, until the request has ended; returns its status.
    async fn run(&mut self, mut code: impl FnMut(&str) -> i32) -> i64 {
        loop {
            if let Some(status) = self.settled().await {
                return status;
            }
            let Some(attempt) = self.jobs.next() else {
                tokio::task::yield_now().await;
                continue;
            };
            let (job, _) = attempt.as_str().split_once('-').expect("a number");
            let job: i64 = job.parse().expect("a number");
            let read = move |connection: &mut Connection| {
                let sql = "SELECT run_key FROM jobs JOIN transforms USING (transform_id) WHERE job_id = ?1";
                connection.query_row(sql, [job], |row| row.get::<_, String>(0))
            };
            let run = self.server.store().call(read).await.expect("a run");
            let code = code(&run);
            self.starts.push(run);
            self.jobs.end(attempt, code);
            self.ended(job).await;
        }
    }

    /// Waits until the end of a job is noted, and all that comes of it.
    async fn ended(&self, job: i64) {
        let read = move |connection: &mut Connection| {
            let sql = "SELECT stage = 2 FROM jobs WHERE job_id = ?1";
            connection.query_row(sql, [job], |row| row.get::<_, bool>(0))
        };
        while self.server.store().call(read).await.expect("a job") {
            tokio::task::yield_now().await;
        }
    }

    /// Returns the status of the request once it has ended.
    async fn settled(&self) -> Option<i64> {
        let read = |connection: &mut Connection| {
            // Everything that is started stands still before the next job is answered.
            let sql = "SELECT status, status IN (0, 22) OR flow_due = 1 OR attempted <> 0
                           OR EXISTS (SELECT 1 FROM transforms WHERE status = 2 AND (due = 1 OR attempted <> 0))
                           OR EXISTS (SELECT 1 FROM jobs WHERE stage = 1)
                       FROM requests";
            connection.query_row(sql, [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?))
            })
        };
        loop {
            let (status, moves) = self.server.store().call(read).await.expect("a request");
            if !moves {
                return (status != 2).then_some(status);
            }
            tokio::task::yield_now().await;
        }
    }
}

/// Returns the id and the round of each work, as plans have them.
fn named(works: &[PlannedWork]) -> Vec<(String, u32)> {
    works
        .iter()
        .map(|work| (work.id.clone(), work.round))
        .collect()
}

fn of_runs(runs: &[String]) -> Vec<(String, u32)> {
    let runs = runs.iter().map(|run| RunKey::from(run.clone()));
    runs.map(|run| (run.id().to_owned(), run.round())).collect()
}

/// Waits for an engine that may never end.
async fn in_time<T>(seed: u64, run: impl Future<Output = T>) -> T {
    let ran = tokio::time::timeout(std::time::Duration::from_secs(120), run).await;
    ran.unwrap_or_else(|_| panic!("seed {seed} never ends"))
}

/// Others plan by looking at times of files, and then do something else.
#[tokio::test]
async fn a_plan_is_what_the_engine_does_and_what_is_done_is_not_done_again() {
    let (mut compared, mut again) = (0, 0);
    for seed in 0..60 {
        let workflow = Writer::new(seed).workflow();
        let metadata = json!({ "version": "2.6.21", "workflow": workflow }).to_string();
        let Ok(plan) = RunPlan::of(&metadata, None, None, false) else {
            continue;
        };
        // What goes on for ever is planned for a round, and what waits for ever does not end.
        let waits = |name: &str| name.starts_with("jobs of ");
        if !plan.loops.is_empty()
            || plan.status.is_none()
            || plan.never.iter().any(|(name, _)| waits(name))
            || metadata.contains("DomaPanDAWork")
        {
            continue;
        }
        let folder = tempfile::tempdir().expect("a directory");
        let body = format!(r#"{{"request_type": 0, "request_metadata": {metadata}}}"#);

        let database = folder.path().join("all.sqlite3");
        let mut engine = Engine::start(&database).await;
        _ = send(&engine.server, "POST", "/request", &body).await;
        let status = in_time(seed, engine.run(|_| 0)).await;
        assert_eq!(of_runs(&engine.starts), named(&plan.runs), "seed {seed}");
        let ended = Status::ALL.iter().find(|one| one.code() == status);
        assert_eq!(
            ended.map(|one| one.name()),
            plan.status.as_deref(),
            "seed {seed}"
        );
        engine.server.shutdown().await;
        compared += 1;

        // Some fail at first.
        let database = folder.path().join("some.sqlite3");
        let mut engine = Engine::start(&database).await;
        _ = send(&engine.server, "POST", "/request", &body).await;
        let mut random = Random::new(seed);
        let mut failed = std::collections::HashMap::new();
        let code = |run: &str| {
            let fails = failed.entry(run.to_owned());
            i32::from(*fails.or_insert_with(|| random.happens(30)))
        };
        let status = in_time(seed, engine.run(code)).await;
        engine.server.shutdown().await;
        if status == Status::Finished.code() {
            continue;
        }
        let plan = RunPlan::of(&metadata, Some(&database), None, false).expect("a plan");
        if !plan.loops.is_empty() {
            continue;
        }
        let mut engine = Engine::start(&database).await;
        _ = send(&engine.server, "PUT", "/request/retry/1/null", "").await;
        _ = in_time(seed, engine.run(|_| 0)).await;
        let did = of_runs(&engine.starts);
        assert_eq!(did, named(&plan.runs), "seed {seed}");
        for done in named(&plan.done) {
            assert!(!did.contains(&done), "seed {seed}: {done:?} is done again");
        }
        engine.server.shutdown().await;
        again += 1;
    }
    assert!(compared >= 10 && again >= 5, "{compared} and {again}");
}
