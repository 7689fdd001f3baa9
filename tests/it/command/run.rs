//! `idds run`: workflows of real programs, to their ends.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::time::sleep;

use super::{Failure, Ran, User};
use crate::support::in_time;

/// A user whose home has a workflow and programs; no server is there but that of `idds run`.
pub(super) fn user(files: &[(&str, &str)]) -> Result<User, Failure> {
    let home = tempfile::tempdir()?;
    for (name, text) in files {
        let path = home.path().join(name);
        fs::write(&path, text)?;
        if name.ends_with(".sh") {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        }
    }
    Ok(User {
        home,
        url: String::new(),
    })
}

impl User {
    /// Runs a workflow, and returns what it printed as JSON besides.
    pub(super) async fn json(&self, line: &str) -> Result<(Ran, Value), Failure> {
        let ran = self.run(&format!("{line} --output json")).await?;
        let json =
            serde_json::from_str(&ran.stdout).map_err(|error| format!("{error}: {ran:?}"))?;
        Ok((ran, json))
    }

    pub(super) fn path(&self, name: &str) -> std::path::PathBuf {
        self.home.path().join(name)
    }

    pub(super) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }
}

/// Returns name, state, and jobs in all, done and failed of each step.
pub(super) fn steps(ran: &Value) -> Vec<(String, String, [u64; 3])> {
    let row = |row: &Value| {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| row[name].as_u64().unwrap_or(u64::MAX);
        let run = match number("run") {
            1 => String::new(),
            run => format!(".{run}"),
        };
        (
            text("step") + &run,
            text("status"),
            [number("total"), number("done"), number("failed")],
        )
    };
    ran["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .map(row)
        .collect()
}

fn step(name: &str, status: &str, counts: [u64; 3]) -> (String, String, [u64; 3]) {
    (name.to_owned(), status.to_owned(), counts)
}

pub(super) const CHAIN: &str = "
steps:
  simulate: { type: program, executable: ./simulate.sh, arguments: '7' }
  merge: { type: program, executable: ./merge.sh }
conditions:
  - when: { step: simulate, is: finished }
    then: [merge]
";

/// Elsewhere what is done is done again, and nobody can say why (snakemake 1694, 4134): here nothing is, and what differs is named.
#[tokio::test]
async fn two_programs_run_one_after_the_other_and_once() -> Result<(), Failure> {
    let user = user(&[
        ("chain.yaml", CHAIN),
        (
            "simulate.sh",
            "#!/bin/sh\necho one >>runs; echo \"data $1\" >data\n",
        ),
        (
            "merge.sh",
            "#!/bin/sh\necho two >>runs; cat data; echo oops >&2\n",
        ),
    ])?;
    let (ran, json) = user.json("run chain.yaml").await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(json["status"], "Finished");
    let done = [
        step("simulate", "Finished", [1, 1, 0]),
        step("merge", "Finished", [1, 1, 0]),
    ];
    assert_eq!(steps(&json), done);
    assert_eq!(user.read("runs"), "one\ntwo\n");
    let logs = json["logs"].as_str().ok_or("no logs")?;
    let attempt = Path::new(logs).join("transform_2/job_1/attempt_1");
    assert_eq!(fs::read_to_string(attempt.join("stdout"))?, "data 7\n");
    assert_eq!(fs::read_to_string(attempt.join("stderr"))?, "oops\n");

    let (again, json) = user.json("run chain.yaml").await?;
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.stderr.contains("is Finished already"), "{again:?}");
    assert_eq!(steps(&json), done);
    assert_eq!(user.read("runs"), "one\ntwo\n");

    fs::write(user.path("chain.yaml"), CHAIN.replace("'7'", "'8'"))?;
    let changed = user.run("run chain.yaml").await?;
    assert_eq!(changed.code, Some(2), "{changed:?}");
    assert!(
        changed
            .stderr
            .contains("step simulate is another one; --new runs it from the beginning"),
        "{changed:?}"
    );
    let (new, _) = user.json("run chain.yaml --new").await?;
    assert_eq!(new.code, Some(0), "{new:?}");
    assert_eq!(user.read("runs"), "one\ntwo\none\ntwo\n");
    Ok(())
}

#[tokio::test]
async fn what_has_failed_is_tried_again_once_it_is_put_right() -> Result<(), Failure> {
    let user = user(&[
        ("chain.yaml", CHAIN),
        ("simulate.sh", "#!/bin/sh\necho one >>runs\n"),
        (
            "merge.sh",
            "#!/bin/sh\necho two >>runs; echo 'no such column' >&2; exit 3\n",
        ),
    ])?;
    let (ran, json) = user.json("run chain.yaml").await?;
    assert_eq!(ran.code, Some(10), "{ran:?}");
    assert_eq!(json["status"], "SubFinished");
    let why = json["why"].as_str().unwrap_or_default();
    assert!(
        why.contains("exit code 3; it said: no such column"),
        "{why}"
    );
    fs::write(user.path("merge.sh"), "#!/bin/sh\necho three >>runs\n")?;
    let (ran, json) = user.json("run chain.yaml").await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(json["status"], "Finished");
    assert_eq!(user.read("runs"), "one\ntwo\nthree\n");
    Ok(())
}

#[tokio::test]
async fn a_program_that_is_not_there_holds_its_work_and_fails_nothing() -> Result<(), Failure> {
    let user = user(&[
        ("chain.yaml", CHAIN),
        ("simulate.sh", "#!/bin/sh\necho one >>runs\n"),
    ])?;
    let (ran, json) = user.json("run chain.yaml").await?;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(json["status"], "Suspended");
    let why = json["why"].as_str().unwrap_or_default();
    assert!(why.contains("merge.sh: No such file or directory"), "{why}");
    assert_eq!(steps(&json)[1], step("merge", "Suspended", [1, 0, 0]));
    // Neither does one that may not be executed.
    fs::write(user.path("merge.sh"), "#!/bin/sh\necho two >>runs\n")?;
    let (ran, json) = user.json("run chain.yaml").await?;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        json["why"]
            .as_str()
            .unwrap_or_default()
            .contains("chmod +x"),
        "{json}"
    );
    fs::set_permissions(user.path("merge.sh"), fs::Permissions::from_mode(0o755))?;
    let (ran, json) = user.json("run chain.yaml").await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(json["status"], "Finished");
    assert_eq!(user.read("runs"), "one\ntwo\n");
    Ok(())
}

/// Waits until a file has a text in it.
async fn written(path: &Path, text: &str) {
    let until = Instant::now() + Duration::from_secs(60);
    while !fs::read_to_string(path).unwrap_or_default().contains(text) {
        assert!(
            Instant::now() < until,
            "{} never has {text}",
            path.display()
        );
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_killed_run_goes_on_and_runs_nothing_twice() -> Result<(), Failure> {
    let user = user(&[
        ("chain.yaml", CHAIN),
        (
            "simulate.sh",
            "#!/bin/sh\necho begun >>runs\nuntil [ -e go ]; do sleep 0.05; done\necho ended >>runs\n",
        ),
        ("merge.sh", "#!/bin/sh\necho two >>runs\n"),
    ])?;
    let mut child = user.command(["run", "chain.yaml"]).spawn()?;
    written(&user.path("runs"), "begun").await;
    let id = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    kill_process(id.ok_or("no process")?, Signal::KILL)?;
    in_time("the end of the run", child.wait()).await??;
    let why = user
        .run("request why 1 --directory .idds/chain.yaml")
        .await?;
    assert!(why.stdout.contains("nothing runs it now"), "{why:?}");
    fs::write(user.path("go"), "")?;
    let (ran, json) = user.json("run chain.yaml").await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("goes on where it was"), "{ran:?}");
    assert_eq!(json["status"], "Finished");
    assert_eq!(user.read("runs"), "begun\nended\ntwo\n");
    Ok(())
}

#[tokio::test]
async fn jobs_wait_for_the_outputs_of_others_and_are_missing_without() -> Result<(), Failure> {
    let user = user(&[
        (
            "map.yaml",
            "
steps:
  simulate:
    type: doma_panda
    task_name: simulate
    executable: ./simulate.sh ${IN/L}
    max_attempt: 2
    jobs: [{ name: s0 }, { name: s1 }]
  merge:
    type: doma_panda
    task_name: merge
    executable: echo ${IN}
    jobs:
      - { name: m0, after: [{ task: simulate, job: s0 }] }
      - { name: m1, after: [{ task: simulate, job: s0 }, { task: simulate, job: s1 }] }
",
        ),
        (
            "simulate.sh",
            "#!/bin/sh\necho $1 >>\"$IDDS_WORKFLOW_DIRECTORY/runs\"; [ $1 = s0 ]\n",
        ),
    ])?;
    let (ran, json) = user.json("run map.yaml --cores 1").await?;
    assert_eq!(ran.code, Some(10), "{ran:?}");
    assert_eq!(json["status"], "SubFinished");
    assert_eq!(
        steps(&json),
        [
            step("simulate", "SubFinished", [2, 1, 1]),
            step("merge", "SubFinished", [2, 1, 1]),
        ]
    );
    let mut runs: Vec<_> = user.read("runs").lines().map(str::to_owned).collect();
    runs.sort();
    assert_eq!(runs, ["s0", "s1", "s1"]);
    Ok(())
}

#[tokio::test]
async fn the_output_of_an_actuator_decides_how_the_workflow_goes_on() -> Result<(), Failure> {
    let user = user(&[
        (
            "decide.yaml",
            "
steps:
  decide:
    type: actuator
    executable: ./decide.sh
    output_json: decision.json
    any_of: { is_good: true }
  more: { type: program, executable: touch more }
conditions:
  - when: { step: decide, is: custom }
    then: [more]
",
        ),
        (
            "decide.sh",
            "#!/bin/sh\necho '{\"is_good\": true}' >decision.json\n",
        ),
    ])?;
    let check = user.run("workflow check decide.yaml --embedded").await?;
    assert_eq!(check.code, Some(0), "{check:?}");
    let (ran, json) = user.json("run decide.yaml").await?;
    assert_eq!(ran.code, Some(0), "{ran:?} {json}");
    assert!(user.path("more").exists());
    Ok(())
}

#[tokio::test]
async fn a_loop_has_a_row_for_each_of_its_rounds() -> Result<(), Failure> {
    let user = user(&[
        (
            "loop.yaml",
            "
steps:
  try: { type: program, executable: ./try.sh }
loop_while: { step: try, is: finished }
",
        ),
        (
            "try.sh",
            "#!/bin/sh\necho x >>runs; [ $(wc -l <runs) -lt 3 ]\n",
        ),
    ])?;
    let (ran, json) = user.json("run loop.yaml").await?;
    assert_eq!(ran.code, Some(10), "{ran:?}");
    assert_eq!(
        steps(&json),
        [
            step("try", "Finished", [1, 1, 0]),
            step("try.2", "Finished", [1, 1, 0]),
            step("try.3", "Failed", [1, 0, 1]),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn a_search_is_evaluated_by_the_program_that_is_named() -> Result<(), Failure> {
    let user = user(&[
        (
            "search.yaml",
            "
steps:
  prepare: { type: program, executable: touch prepared }
  train:
    type: hpo
    method: nevergrad
    max_points: 4
    num_points_per_iteration: 2
    opt_space: { B: { type: Scalar, bounds: [0, 5] } }
conditions:
  - when: { step: prepare, is: finished }
    then: [train]
",
        ),
        ("train.sh", "#!/bin/sh\necho 0.5\n"),
    ])?;
    let lacking = user.run("run search.yaml").await?;
    assert_eq!(lacking.code, Some(2), "{lacking:?}");
    assert!(
        lacking
            .stderr
            .contains("step train is a search: `--evaluate ./train.sh`"),
        "{lacking:?}"
    );
    let (ran, json) = user
        .json("run search.yaml --evaluate ./train.sh --concurrency 2")
        .await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(
        steps(&json),
        [
            step("prepare", "Finished", [1, 1, 0]),
            step("train", "Finished", [4, 4, 0]),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn what_cannot_run_here_is_refused_before_anything_starts() -> Result<(), Failure> {
    let user = user(&[
        (
            "grid.yaml",
            "
steps:
  first: { type: program, executable: touch started }
  athena:
    type: panda
    task_parameters:
      taskName: user.me.athena
      transPath: https://x/runAthena-00-00-12
      jobParameters: []
  empty: { type: program }
",
        ),
        (
            "circle.yaml",
            "
steps:
  t:
    type: doma_panda
    task_name: t
    executable: echo
    jobs:
      - { name: a, after: [{ task: t, job: b }] }
      - { name: b, after: [{ task: t, job: a }] }
",
        ),
    ])?;
    let grid = user.run("run grid.yaml").await?;
    assert_eq!(grid.code, Some(4), "{grid:?}");
    for told in [
        "runAthena-00-00-12 is a transformation that only the grid has",
        "steps.empty.executable",
    ] {
        assert!(grid.stderr.contains(told), "{told}: {grid:?}");
    }
    assert!(!user.path("started").exists() && !user.path(".idds").exists());
    let circle = user.run("run circle.yaml").await?;
    assert_ne!(circle.code, Some(0), "{circle:?}");
    Ok(())
}

#[tokio::test]
async fn a_run_is_about_this_machine_and_its_state_about_a_directory() -> Result<(), Failure> {
    let user = user(&[
        (
            "chain.yaml",
            "steps: { a: { type: program, executable: touch started } }\n",
        ),
        ("state", "somebody's notes\n"),
    ])?;
    let host = "--host http://127.0.0.1:1/idds";
    for line in [
        format!("run chain.yaml {host}"),
        format!("plan chain.yaml {host}"),
    ] {
        let ran = user.run(&line).await?;
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("leave --host out"), "{ran:?}");
    }
    for line in [
        "run chain.yaml --directory state",
        "plan chain.yaml --directory state/below",
    ] {
        let ran = user.run(line).await?;
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("state is no directory"), "{ran:?}");
    }
    assert_eq!(user.read("state"), "somebody's notes\n");
    assert!(!user.path("started").exists() && !user.path(".idds").exists());
    Ok(())
}

/// Exit code of a script that may not mount a disk.
const NO_DISK: i32 = 77;

#[tokio::test]
async fn a_full_disk_loses_nothing_and_is_gone_on_from() -> Result<(), Failure> {
    let user = user(&[
        (
            "chain.yaml",
            "
steps:
  first: { type: program, executable: ./first.sh }
  then: { type: program, executable: ./then.sh }
conditions:
  - { when: { step: first, is: finished }, then: [then] }
",
        ),
        (
            "first.sh",
            "#!/bin/sh\necho first >> \"$HOME/ran\"\nhead -c 64M /dev/zero > \"$HOME/small/filler\" 2>/dev/null\nexit 0\n",
        ),
        ("then.sh", "#!/bin/sh\necho then >> \"$HOME/ran\"\n"),
        (
            "all.sh",
            "#!/bin/sh\nmount -t tmpfs -o size=16m tmpfs small || exit 77\n\
             \"$IDDS\" run chain.yaml --directory small/state 2> told & run=$!\n\
             until grep -q \"disk is full\" told; do sleep 0.1; done\n\
             rm small/filler\n\
             wait $run\n",
        ),
    ])?;
    fs::create_dir(user.path("small"))?;
    let output = tokio::process::Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "./all.sh"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", user.home.path())
        .env("IDDS", env!("CARGO_BIN_EXE_idds"))
        .current_dir(user.home.path())
        .kill_on_drop(true)
        .output();
    let output = in_time("runs on a small disk", output).await??;
    let told = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(NO_DISK) || told.starts_with("unshare:") {
        eprintln!(
            "a_full_disk_loses_nothing_and_is_gone_on_from is skipped: no disk can be mounted here: {output:?}"
        );
        return Ok(());
    }
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(user.read("ran"), "first\nthen\n", "{output:?}");
    Ok(())
}

#[tokio::test]
async fn a_dataset_is_staged_and_what_comes_after_it_uses_it() -> Result<(), Failure> {
    let user = user(&[
        (
            "storage.yaml",
            "elements: { TAPE: { directory: . }, DISK: { directory: disk } }",
        ),
        (
            "data.yaml",
            "
steps:
  stage:
    type: stage_in
    input: { scope: s, name: raw }
    output: { scope: s, name: raw.staged }
    src_rse: TAPE
    dest_rse: DISK
  count: { type: program, executable: cat disk/s/raw/* >all }
conditions:
  - { when: { step: stage, is: finished }, then: [count] }
",
        ),
    ])?;
    for directory in ["s/raw", "disk"] {
        fs::create_dir_all(user.path(directory))?;
    }
    for name in ["a", "b"] {
        fs::write(user.path(&format!("s/raw/{name}")), name)?;
    }
    // Without storage elements, nothing is started, and it says what to do.
    let ran = user.run("run data.yaml").await?;
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.stderr.contains("--storage FILE"), "{ran:?}");
    let checked = user.run("workflow check data.yaml --embedded --storage storage.yaml --strict");
    assert_eq!(checked.await?.code, Some(0));

    let (_, plan) = user.json("plan data.yaml --storage storage.yaml").await?;
    assert_eq!(plan["runs"][0]["jobs"], 2, "{plan}");
    let (_, json) = user.json("run data.yaml --storage storage.yaml").await?;
    let expected = [
        step("stage", "Finished", [2, 2, 0]),
        step("count", "Finished", [1, 1, 0]),
    ];
    assert_eq!(steps(&json), expected, "{json}");
    assert_eq!(user.read("all"), "ab");
    Ok(())
}
