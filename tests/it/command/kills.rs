//! Runs in which the engine, the supervisor or jobs are killed, at each moment and at random ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::process::Child;
use tokio::time::sleep;

use super::run::user;
use super::{Failure, User};
use crate::support::in_time;

/// A chain whose second step is a map, and what its programs leave behind: a line for each attempt that begins, and one for each that
/// comes to its end.
const WORKFLOW: &str = "
steps:
  first: { type: program, executable: ./job.sh }
  map:
    type: doma_panda
    task_name: map
    executable: ./job.sh
    max_attempt: 9
    jobs: [{ name: a }, { name: b }, { name: c, after: [{ task: map, job: a }] }]
  last: { type: program, executable: ./job.sh }
conditions:
  - { when: { step: first, is: finished }, then: [map] }
  - { when: { step: map, is: finished }, then: [last] }
";

/// Leaves a process in a session of its own, too, that has to be gone in the end.
const JOB: &str = "#!/bin/sh
cd $IDDS_WORKFLOW_DIRECTORY
echo $IDDS_ATTEMPT_ID >>begun
setsid sleep 97$MARK &
sleep 0.0$(($$ % 6))
echo $IDDS_ATTEMPT_ID >>ended
";

/// Jobs of the workflow.
const JOBS: usize = 5;

fn victim() -> Result<User, Failure> {
    user(&[("killed.yaml", WORKFLOW), ("job.sh", JOB)])
}

/// Number of kills of each kind: `IDDS_TEST_KILLS`, and a few unless it is set.
fn wanted(few: usize) -> usize {
    let set = std::env::var("IDDS_TEST_KILLS").ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(few)
}

impl User {
    fn run_of(&self, mark: &str) -> tokio::process::Command {
        let mut command = self.command(["run", "killed.yaml", "--cores", "2", "--output", "json"]);
        command
            .env("PATH", "/usr/bin:/bin")
            .env("MARK", mark)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Takes the workflow to its end, and holds what is there against what has to be.
    async fn goes_on(&self, mark: &str, after: &str) -> Result<(), Failure> {
        let ran = in_time(after, self.run_of(mark).output()).await??;
        let stderr = String::from_utf8_lossy(&ran.stderr);
        let json: Value = serde_json::from_slice(&ran.stdout)
            .map_err(|error| format!("after {after}: {error}: {stderr}"))?;
        assert_eq!(json["status"], "Finished", "after {after}: {json} {stderr}");
        let total: u64 = json["steps"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|step| step["done"].as_u64())
            .sum();
        assert_eq!(total, JOBS as u64, "after {after}: jobs are lost");
        let text = |name: &str| fs::read_to_string(self.home.path().join(name));
        let (begun, ended) = (text("begun")?, text("ended")?);
        for (what, list) in [("begun", &begun), ("ended", &ended)] {
            let mut once: Vec<_> = list.lines().collect();
            once.sort_unstable();
            let all = once.len();
            once.dedup();
            assert_eq!(
                once.len(),
                all,
                "after {after}: an attempt has {what} twice: {list}"
            );
        }
        // What is noted as done is not begun again: the last attempt of each job is the one that has ended well.
        let mut last: BTreeMap<&str, u32> = BTreeMap::new();
        for (job, attempt) in begun.lines().filter_map(|line| line.split_once('-')) {
            let attempt: u32 = attempt.parse()?;
            let known = last.entry(job).or_default();
            *known = attempt.max(*known);
        }
        assert_eq!(last.len(), JOBS, "after {after}: {begun}");
        for (job, attempt) in last {
            let id = format!("{job}-{attempt}");
            assert!(
                ended.lines().any(|line| line == id),
                "after {after}: {id} has not ended: {ended}"
            );
        }
        assert_eq!(
            with(&format!("97{mark}")),
            Vec::<i32>::new(),
            "after {after}: orphans"
        );
        Ok(())
    }
}

/// Returns the processes that have this word in their command line.
fn with(word: &str) -> Vec<i32> {
    processes(|id| {
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line)
            .split('\0')
            .any(|part| part == word)
    })
}

fn processes(is_meant: impl Fn(i32) -> bool) -> Vec<i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|id| is_meant(*id))
        .collect()
}

fn kill(id: i32) {
    if let Some(id) = Pid::from_raw(id) {
        let _ = kill_process(id, Signal::KILL);
    }
}

/// Returns the jobs of a user that run.
fn jobs(home: &Path) -> Vec<i32> {
    let home = home.display().to_string();
    processes(|id| {
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        line.contains(&home) && line.ends_with("job.sh\0")
    })
}

/// Returns the supervisor of a user's jobs.
fn supervisors(home: &Path) -> Vec<i32> {
    let mark = format!("IDDS_JOBS_SUPERVISOR={}", home.display());
    processes(|id| {
        let variables = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        variables
            .split(|byte| *byte == 0)
            .any(|variable| variable.starts_with(mark.as_bytes()))
            && fs::read(format!("/proc/{id}/cmdline"))
                .is_ok_and(|line| !String::from_utf8_lossy(&line).contains("job.sh"))
    })
}

/// Kills a process at one of its moments, between two effects, and returns whether it ever came to that.
async fn killed_at(whom: &str, number: usize) -> Result<bool, Failure> {
    let user = victim()?;
    // Both victims may have the same number at the same time.
    let mark = format!("{}{}{number}", std::process::id(), whom.len());
    let flag = user.home.path().join("killed");
    let kill = format!("{whom}:{number}:{}", flag.display());
    let ran = user.run_of(&mark).env("IDDS_TEST_KILL", kill).output();
    let what = format!("a kill of the {whom} at moment {number}");
    in_time(&what, ran).await??;
    user.goes_on(&mark, &what).await?;
    Ok(flag.exists())
}

/// Every moment is tried with `IDDS_TEST_KILLS=1000`; fewer are spread over all.
async fn killed_at_moments(whom: &str, few: usize) -> Result<(), Failure> {
    let most = wanted(few);
    // How many there are is found by doubling.
    let mut end = 8;
    let mut tried = 1;
    while killed_at(whom, end).await? {
        end *= 2;
        tried += 1;
    }
    let step = (end / most.saturating_sub(tried).max(1)).max(1);
    let mut kills = 0;
    for number in (1..end).step_by(step) {
        kills += usize::from(killed_at(whom, number).await?);
    }
    println!("{whom}: killed at {kills} moments, of {end} at most");
    assert!(kills > 0);
    Ok(())
}

#[tokio::test]
async fn an_engine_that_is_killed_between_any_two_effects_is_gone_on_from() -> Result<(), Failure> {
    killed_at_moments("engine", 16).await
}

#[tokio::test]
async fn a_supervisor_that_is_killed_between_any_two_effects_loses_nothing() -> Result<(), Failure>
{
    killed_at_moments("supervisor", 16).await
}

/// A killed head loses finished tasks (nextflow 1448), and what it has started runs beside what the next one starts (nextflow 5600).
#[tokio::test]
async fn whoever_is_killed_whenever_nothing_is_lost_or_done_twice_or_left_behind()
-> Result<(), Failure> {
    let (mut kills, wanted) = (0, wanted(10));
    let mut dice = 7_u64;
    let mut below = |end: u64| {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % end
    };
    let mut of_whom: BTreeMap<&str, u32> = BTreeMap::new();
    while kills < wanted {
        let user = victim()?;
        let mark = format!("{}0{kills}", std::process::id());
        let mut child: Child = user.run_of(&mark).spawn()?;
        for _ in 0..=below(3) {
            sleep(Duration::from_millis(below(900))).await;
            kills += 1;
            let whom = match below(4) {
                0 | 1 => "engine",
                2 => "supervisor",
                _ => "job",
            };
            *of_whom.entry(whom).or_default() += 1;
            match whom {
                "engine" => {
                    child.kill().await?;
                    child = user.run_of(&mark).spawn()?;
                }
                "supervisor" => supervisors(user.home.path()).into_iter().for_each(kill),
                _ => jobs(user.home.path()).into_iter().take(1).for_each(kill),
            }
        }
        in_time("the end of a run", child.wait()).await??;
        // A job that was killed has failed; the same command tries it again.
        user.goes_on(&mark, &format!("{kills} kills: {of_whom:?}"))
            .await?;
    }
    println!("{of_whom:?}");
    Ok(())
}
