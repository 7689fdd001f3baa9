//! `idds request why` and `idds request logs --follow`: what a request waits for, and what its jobs write.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use idds::local::Server;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};

use super::{Failure, User};
use crate::support::in_time;

const WORKFLOW: &str = "
steps:
  simulate:
    type: doma_panda
    task_name: simulate
    executable: sh $IDDS_WORKFLOW_DIRECTORY/wait.sh ${IN/L}
    max_attempt: 1
    jobs: [{ name: s0 }, { name: s1 }, { name: s2 }]
  merge:
    type: doma_panda
    task_name: merge
    executable: echo merged ${IN/L}
    jobs:
      - { name: m0, after: [{ task: simulate, job: s0 }, { task: simulate, job: s1 }, { task: simulate, job: s2 }] }
  report: { type: program, executable: echo, arguments: all is well }
  apology: { type: program, executable: echo, arguments: sorry }
conditions:
  - when: { all: [{ step: simulate, is: finished }, { step: merge, is: finished }] }
    then: [report]
  - when: { step: merge, is: failed }
    then: [apology]
";

/// Waits for a file, as no job is to end before it was looked at.
const WAIT: &str = "echo begins $1
[ $1 = s0 ] || until [ -e $IDDS_WORKFLOW_DIRECTORY/go ]; do sleep 0.05; done
printf 'ends \\033[2J%s\\n' $1
";

async fn server(directory: &Path) -> Result<Server, Failure> {
    Ok(Server::builder()
        .database(directory.join("idds.sqlite3"))
        .jobs(directory.join("jobs"))
        .programs(directory)
        .cores(4)
        .supervisor(env!("CARGO_BIN_EXE_idds"))
        .start()
        .await?)
}

impl User {
    /// Returns what is said of each step: its name, its state, and why.
    async fn why(&self, line: &str) -> Result<Vec<[String; 3]>, Failure> {
        let ran = self.run(&format!("{line} --output json")).await?;
        let told: Value =
            serde_json::from_str(&ran.stdout).map_err(|error| format!("{error}: {ran:?}"))?;
        let rows = told["steps"].as_array().cloned().unwrap_or_default();
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        Ok(rows
            .iter()
            .map(|row| ["step", "status", "why"].map(|name| text(row, name)))
            .collect())
    }

    /// Asks until something is said of a step.
    async fn until(&self, line: &str, step: &str, said: &str) -> Result<Vec<[String; 3]>, Failure> {
        let asking = async {
            loop {
                let rows = self.why(line).await?;
                if rows
                    .iter()
                    .any(|row| row[0] == step && row[2].contains(said))
                {
                    return Ok::<_, Failure>(rows);
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        in_time(&format!("{step}: {said}"), asking).await?
    }
}

#[tokio::test]
async fn a_request_says_of_each_step_what_it_waits_for() -> Result<(), Failure> {
    let directory = tempfile::tempdir()?;
    let server = server(directory.path()).await?;
    let user = User::of(&server)?;
    fs::write(directory.path().join("wait.sh"), WAIT)?;
    fs::write(user.home.path().join("map.yaml"), WORKFLOW)?;
    let ran = user.run("request submit map.yaml").await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");

    let rows = user
        .until(
            "request why 1",
            "merge",
            "waits for simulate: 1 of 3 inputs available",
        )
        .await?;
    let of = |rows: &[[String; 3]], step: &str| rows.iter().find(|row| row[0] == step).cloned();
    let simulate = of(&rows, "simulate").ok_or("no simulate")?;
    assert!(simulate[2].contains("1 of 3 outputs are there"), "{rows:?}");
    let report = of(&rows, "echo all is well").ok_or("no report")?;
    assert_eq!(report[1], "New");
    assert!(report[2].starts_with("waits for all of ("), "{report:?}");
    assert!(report[2].ends_with("): 0 of 2 hold"), "{report:?}");
    let one = user.why("request why 1 merge").await?;
    assert_eq!(one.len(), 1, "{one:?}");
    let none = user.run("request why 1 nothing").await?;
    assert_eq!(none.code, Some(3), "{none:?}");
    assert!(
        none.stderr
            .contains("request 1 has no step nothing; it has simulate, merge,"),
        "{none:?}"
    );
    let unknown = user.run("request why 9").await?;
    assert_eq!(unknown.code, Some(3), "{unknown:?}");

    // What jobs write is told while they run, and no terminal obeys it.
    let mut following = user
        .command("request logs 1 --follow".split_whitespace())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(following.stdout.take().ok_or("no output")?).lines();
    let mut seen = Vec::new();
    while let Some(line) = in_time("lines of jobs", lines.next_line()).await?? {
        seen.push(line);
        if seen
            .iter()
            .filter(|line| line.starts_with("begins"))
            .count()
            == 3
        {
            fs::write(directory.path().join("go"), "")?;
        }
    }
    assert!(in_time("the end of it", following.wait()).await??.success());
    for line in [
        "begins s1",
        "ends \\u{1b}[2Js2",
        "==> simulate: job_1/attempt_1/stdout <==",
        "merged m0",
        "all is well",
    ] {
        assert_eq!(
            seen.iter().filter(|seen| *seen == line).count(),
            1,
            "{line}: {seen:?}"
        );
    }
    let merge = user.run("request logs 1 merge").await?;
    assert_eq!(
        merge.stdout, "==> merge: job_1/attempt_1/stdout <==\nmerged m0\n",
        "{merge:?}"
    );

    let rows = user.why("request why 1").await?;
    let apology = of(&rows, "echo sorry").ok_or("no apology")?;
    assert!(
        apology[2].starts_with("can never start: this cannot come true any more: "),
        "{apology:?}"
    );
    let silent = user.run("request logs 1 0").await?;
    assert_eq!(silent.code, Some(3), "{silent:?}");

    // The same of a database without a server.
    server.shutdown().await;
    let here = directory.path().display();
    let after = user
        .why(&format!("request why 1 --directory {here}"))
        .await?;
    assert_eq!(after, rows);
    Ok(())
}

#[tokio::test]
async fn a_server_without_explanations_is_asked_for_what_it_tells() -> Result<(), Failure> {
    let server = Server::builder().like_2_6_21().start().await?;
    let user = User::of(&server)?;
    fs::write(
        user.home.path().join("chain.yaml"),
        "
steps:
  copy: { type: stage_in, input: { scope: a, name: b }, output: { scope: a, name: c }, src_rse: X, dest_rse: Y }
  merge: { type: program, executable: ./merge.sh }
conditions:
  - { when: { step: copy, is: finished }, then: [merge] }
",
    )?;
    let ran = user.run("request submit chain.yaml").await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let rows = user
        .until("request why 1", "./merge.sh", "waits for a condition on")
        .await?;
    assert_eq!(rows.len(), 2, "{rows:?}");
    Ok(())
}
