//! `idds hpo`.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use idds::client::Client;
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, OptSpace, RequestId, Workflow};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::process::Child;
use tokio::sync::oneshot;

use super::{Failure, Ran, User};
use crate::support::in_time;

pub(super) const SPACE: &str =
    r#"{"points": [], "opt_space": {"A": {"type": "Choice", "params": {"choices": [1, 4]}}}}"#;

/// A server with a search of six points, and its user.
pub(super) async fn search() -> Result<(Server, User, RequestId), Failure> {
    let server = Server::builder().start().await?;
    let user = User::of(&server)?;
    let space = OptSpace::builder().integer("A", 1..=1000).build()?;
    let search = ATLASHPOWork::nevergrad(space, 6)
        .num_points_per_iteration(3)
        .build()?;
    let workflow = Workflow::builder().name("search").work(search).build()?;
    let id = Client::builder(server.url())
        .build()?
        .requests()
        .submit(&workflow)
        .await?;
    Ok((server, user, id))
}

/// Writes a program into the home of a user.
pub(super) fn program(user: &User, text: &str) -> Result<(), Failure> {
    let path = user.home.path().join("train.sh");
    fs::write(&path, format!("#!/bin/sh\n{text}\n"))?;
    Ok(fs::set_permissions(
        path,
        fs::Permissions::from_mode(0o755),
    )?)
}

pub(super) async fn points(user: &User, id: RequestId) -> Result<Vec<Value>, Failure> {
    Ok(serde_json::from_str(
        &user
            .run(&format!("hpo points {id} --output json"))
            .await?
            .stdout,
    )?)
}

#[tokio::test]
async fn a_program_evaluates_a_search_and_its_report_is_there() -> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    program(&user, r#"sed 's/[^0-9]//g' input.json"#)?;
    let ran = user
        .run(&format!(
            "hpo run {id} --concurrency 2 --output json -- ./train.sh"
        ))
        .await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let summary: Value = serde_json::from_str(&ran.stdout)?;
    assert_eq!(
        (&summary["stop"], &summary["points"], &summary["failed"]),
        (&json!("the server says Finished"), &json!(6), &json!([]))
    );
    let log: Vec<_> = ran
        .stderr
        .lines()
        .filter_map(|line| line.split_once("Z "))
        .map(|(_, line)| line)
        .collect();
    assert!(
        log.last()
            .is_some_and(|line| line.starts_with("6 of 6 points evaluated, 0 running, best ")),
        "{ran:?}"
    );
    for point in points(&user, id).await? {
        assert_eq!(
            point["loss"].as_f64(),
            point["parameters"]["A"].as_f64(),
            "{point}"
        );
    }
    let home = user.home.path();
    assert!(fs::read_to_string(home.join("request-1/report.html"))?.starts_with("<!DOCTYPE html>"));

    let shown = user
        .run("hpo report request-1/journal --to all.csv --to loss.svg")
        .await?;
    assert!(shown.stdout.starts_with(
        "request 1: 6 of 6 points have a loss; the search is over, as the server says"
    ));
    assert_eq!(fs::read_to_string(home.join("all.csv"))?.lines().count(), 7);
    assert!(fs::read_to_string(home.join("loss.svg"))?.starts_with("<svg"));

    let forecast = user
        .run("hpo what-if request-1/journal --concurrency 1,2 --batch 3 --output json")
        .await?;
    let rows: Vec<Value> = serde_json::from_str(&forecast.stdout)?;
    assert_eq!(
        rows.iter()
            .map(|row| row["concurrency"].as_u64())
            .collect::<Vec<_>>(),
        [Some(1), Some(2)]
    );
    assert!(
        rows.iter()
            .all(|row| row["points"] == 6 && row["generations"] == 2),
        "{rows:?}"
    );
    assert!(
        rows[1]["seconds"].as_f64() < rows[0]["seconds"].as_f64(),
        "{rows:?}"
    );
    Ok(())
}

#[tokio::test]
async fn quiet_is_quiet() -> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    program(&user, "echo 1")?;
    let ran = user
        .run(&format!("hpo run --quiet {id} -- ./train.sh"))
        .await?;
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    Ok(())
}

#[tokio::test]
async fn what_fails_is_told_and_shows_in_the_exit_code() -> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    program(&user, "echo 'no data' >&2; exit 3")?;
    let run = format!("hpo run {id} --attempts 1");
    let ran = user
        .run(&format!("{run} --on_failure stop -- ./train.sh"))
        .await?;
    assert_eq!(ran.code, Some(9), "{ran:?}");
    let ran = user
        .run(&format!("{run} --on_failure 7.5 -- ./train.sh"))
        .await?;
    let home = user.home.path().display();
    let line = format!(
        "point 4 could not be evaluated: {home}/request-1/points/4: the program ended with exit code 3: no data"
    );
    assert!(ran.code == Some(9) && ran.stdout.contains(&line), "{ran:?}");
    assert_eq!(points(&user, id).await?[5]["loss"], json!(7.5));
    Ok(())
}

#[tokio::test]
async fn what_cannot_run_is_told_before_anything_is_evaluated() -> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    let ran = user
        .run(&format!("hpo run {id} -- no-such-program"))
        .await?;
    insta::assert_snapshot!(ran.stderr, @"error: there is no program no-such-program in PATH");
    assert_eq!(ran.code, Some(2));
    program(&user, "echo 1")?;
    let ran = user.run("hpo run 99 -- ./train.sh").await?;
    insta::assert_snapshot!(ran.stderr, @"error: the search of request 99 could not begin: the server does not know request 99");
    assert_eq!(ran.code, Some(3));
    assert!(
        !user.home.path().join("request-99").exists(),
        "what never began leaves nothing behind"
    );
    let ran = user.run("hpo run 1 --worker 4/4 -- ./train.sh").await?;
    insta::assert_snapshot!(ran.stderr, @r"
    error: invalid value '4/4' for '--worker <I/N>': it is not I/N with I from 0 to N - 1, such as 0/4

    For more information, try '--help'.
    ");
    let ran = user.run("hpo run 1 --name mine -- ./train.sh").await?;
    insta::assert_snapshot!(ran.stderr, @"error: --name is for workers that share a search; use `idds hpo work`, or give --workers_dir, too");
    assert_eq!(ran.code, Some(2));
    fs::write(user.home.path().join("train.py"), "")?;
    let ran = user
        .run(&format!(
            "hpo run {id} --max_points 1 -- ./train.sh train.py"
        ))
        .await?;
    insta::assert_snapshot!(ran.stderr.lines().next().unwrap_or_default(), @"note: train.py is a relative path, but evaluations run in other directories; give its full path, or --link train.py");
    Ok(())
}

/// Starts a search whose program says that it is up and waits, and returns once it has said so.
async fn started(user: &User, id: RequestId) -> Result<Child, Failure> {
    program(
        user,
        r#"if test $IDDS_ATTEMPT = 1; then echo up >../../../up; sleep 1000; else echo 1; fi"#,
    )?;
    let up = user.home.path().join("up");
    if !up.exists() {
        let made = std::process::Command::new("mkfifo").arg(&up).status()?;
        assert!(made.success());
    }
    let run = format!("hpo run {id} -- ./train.sh");
    // Opened for writing too, it waits for no writer and has no end.
    let mut said = pipe::OpenOptions::new()
        .read_write(true)
        .open_receiver(&up)?;
    let child = user
        .command(run.split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    in_time("the program", said.read_exact(&mut [0; 3])).await??;
    Ok(child)
}

/// Waits until no process of the first point lives: each of them holds the lock.
async fn is_dead(home: &Path) -> Result<(), Failure> {
    let stdout = File::open(home.join("request-1/points/1/stdout"))?;
    // Not `spawn_blocking`, for which the end of a test waits, whatever it waits for itself.
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || tell.send(stdout.lock()));
    Ok(in_time("the end of the program", told).await???)
}

#[tokio::test]
async fn a_killed_search_takes_its_program_along_and_goes_on_when_it_is_run_again()
-> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    let mut child = started(&user, id).await?;
    child.kill().await?;
    is_dead(user.home.path()).await?;
    // From now on, nothing waits.
    program(&user, "echo $IDDS_ATTEMPT")?;
    let ran = user.run(&format!("hpo run {id} -- ./train.sh")).await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let losses: Vec<_> = points(&user, id)
        .await?
        .iter()
        .map(|point| point["loss"].as_f64())
        .collect();
    assert_eq!(losses, [2.0, 1.0, 1.0, 1.0, 1.0, 1.0].map(Some));
    Ok(())
}

#[tokio::test]
async fn ctrl_c_and_the_end_of_a_batch_job_end_a_search_cleanly() -> Result<(), Failure> {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let (_server, user, id) = search().await?;
        let child = started(&user, id).await?;
        let pid = child
            .id()
            .and_then(|id| Pid::from_raw(id.try_into().ok()?))
            .ok_or("no process")?;
        kill_process(pid, signal)?;
        let ended = in_time("the end of the search", child.wait_with_output()).await??;
        assert_eq!(ended.status.code(), Some(code));
        assert!(
            String::from_utf8(ended.stdout)?.contains("the search is over, as it was interrupted")
        );
        is_dead(user.home.path()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn workers_share_a_search_and_evaluate_each_point_once() -> Result<(), Failure> {
    for sharing in [
        ["run --worker 0/2", "run --worker 1/2"],
        [
            "run --workers_dir w --name a",
            "run --workers_dir w --name b",
        ],
        ["work", "work"],
    ] {
        let (_server, user, id) = search().await?;
        program(&user, "echo evaluated >&2; echo 1")?;
        let lines = sharing.map(|sharing| format!("hpo {sharing} {id} -- ./train.sh"));
        let (first, second) = tokio::join!(user.run(&lines[0]), user.run(&lines[1]));
        assert_eq!((first?.code, second?.code), (Some(0), Some(0)));
        for point in 1..=6 {
            let stderr = user
                .home
                .path()
                .join(format!("request-1/points/{point}/stderr"));
            assert_eq!(fs::read_to_string(stderr)?, "evaluated\n", "point {point}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_program_has_the_environment_of_the_command_and_what_is_added() -> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    program(&user, r#"echo "$WEIGHT$IDDS_POINT_ID""#)?;
    let run = format!("hpo run {id} --env WEIGHT=-0.5 -- ./train.sh");
    let output = user
        .command(run.split_whitespace())
        .env("WEIGHT", "replaced")
        .output();
    let ran = in_time("the end of the search", output).await??;
    assert!(ran.status.success(), "{ran:?}");
    let losses: Vec<_> = points(&user, id)
        .await?
        .iter()
        .map(|point| point["loss"].as_f64())
        .collect();
    assert_eq!(losses, [-0.51, -0.52, -0.53, -0.54, -0.55, -0.56].map(Some));
    let ran = user
        .run(&format!("hpo run {id} --env WEIGHT -- ./train.sh"))
        .await?;
    insta::assert_snapshot!(ran.stderr.lines().next().unwrap_or_default(), @"error: invalid value 'WEIGHT' for '--env <NAME=VALUE>': it is not NAME=VALUE, such as OMP_NUM_THREADS=4");
    Ok(())
}

#[tokio::test]
async fn points_are_listed_and_their_losses_reported() -> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    let open = user
        .run(&format!("hpo points {id} --open --output json"))
        .await?;
    assert_eq!(serde_json::from_str::<Vec<Value>>(&open.stdout)?.len(), 3);
    let told = user.run(&format!("hpo update {id} 2 -0.5")).await?;
    assert_eq!(
        (told.code, told.stderr.as_str()),
        (Some(0), "point 2 of request 1 has the loss -0.5\n")
    );
    let shown = user.run(&format!("hpo points {id} --evaluated")).await?;
    let a = &points(&user, id).await?[1]["parameters"]["A"];
    assert_eq!(
        shown.stdout,
        format!(
            "  point  loss    parameters\n-------  ------  ------------\n      2  -0.5    A={a}\n"
        )
    );
    let refused = user.run(&format!("hpo update {id} 3 NaN")).await?;
    insta::assert_snapshot!(refused.stderr, @"error: the loss NaN is not finite, and JSON has no such number; a point that failed mostly gets a high one, such as 1e5");
    assert_eq!(refused.code, Some(2));
    Ok(())
}

#[tokio::test]
async fn steering_keeps_the_contract_of_the_container() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let user = User::of(&server)?;
    let home = user.home.path();
    fs::write(home.join("idds_input.json"), SPACE)?;
    let steer = "hpo steer --max_points=20 --num_points=10 --input=idds_input.json --output=idds_output.json";
    let ran = user.run(steer).await?;
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (Some(0), "", "10 new points after 0\n")
    );
    let points: Vec<Value> =
        serde_json::from_str(&fs::read_to_string(home.join("idds_output.json"))?)?;
    assert!(
        points.len() == 10
            && points
                .iter()
                .all(|point| point["A"] == 1 || point["A"] == 4)
    );

    let hpogrid = r#"{"points": [], "opt_space": {"lr": {"method": "uniform", "dimension": {"low": 0, "high": 1}}}}"#;
    fs::write(home.join("idds_input.json"), hpogrid)?;
    assert_eq!(
        user.run(&format!("{steer} --dialect hpogrid --sampler random"))
            .await?
            .code,
        Some(0)
    );
    let ran = user.run(steer).await?;
    insta::assert_snapshot!(ran.stderr, @r#"error: idds_input.json: line 1, column 29: opt_space.lr: {"method":"uniform","dimension":{"low":0,"high":1}} has no type, which is one of Choice, TransitionChoice, Scalar, Log, Array, Normal, LogNormal"#);
    assert_eq!(ran.code, Some(2));
    Ok(())
}

#[tokio::test]
async fn steering_reads_what_python_writes() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let user = User::of(&server)?;
    let home = user.home.path();
    let input = |choices: &str| {
        let points = r#"[{"A": 1}, NaN], [{"A": 4}, Infinity], [{"A": 9}, -Infinity], [{"A": 16}, 0.5], [{"A": NaN}, null]"#;
        let space =
            format!(r#"{{"A": {{"type": "Choice", "params": {{"choices": [{choices}]}}}}}}"#);
        fs::write(
            home.join("in.json"),
            format!("\u{feff}{{\"points\": [{points}],\n \"opt_space\": {space}}}"),
        )
    };
    let steer = "hpo steer --max_points=20 --num_points=2 --input=in.json --output=out.json";
    input("1, 4, 9, 16, 25, 36")?;
    for sampler in [
        "auto",
        "cma_es",
        "gaussian_process",
        "grid",
        "independent",
        "quasi_random",
        "random",
        "tpe",
    ] {
        let ran = user.run(&format!("{steer} --sampler {sampler}")).await?;
        assert_eq!(
            (ran.code, ran.stderr.as_str()),
            (Some(0), "2 new points after 5\n"),
            "{sampler}"
        );
        let points: Vec<std::collections::BTreeMap<String, u8>> =
            serde_json::from_str(&fs::read_to_string(home.join("out.json"))?)?;
        assert!(
            points.len() == 2
                && points
                    .iter()
                    .all(|point| [1, 4, 9, 16, 25, 36].contains(&point["A"])),
            "{sampler}"
        );
    }
    for (choices, why) in [
        (
            "1, 1180591620717411303425",
            "[1]: the integer 1180591620717411303425 is beyond 64 bits; write it as text",
        ),
        ("1, 4, NaN", "[2]: NaN is no finite number"),
    ] {
        input(choices)?;
        let ran = user.run(steer).await?;
        assert_eq!(ran.code, Some(2));
        let start = "error: in.json: line 2, column ";
        let end = format!(": opt_space.A.params.choices{why}\n");
        assert!(
            ran.stderr.starts_with(start) && ran.stderr.ends_with(&end),
            "{}",
            ran.stderr
        );
    }
    Ok(())
}

#[tokio::test]
async fn what_is_no_journal_is_no_report() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let user = User::of(&server)?;
    fs::write(user.home.path().join("journal"), "hello\n")?;
    let Ran { code, stderr, .. } = user.run("hpo report journal").await?;
    insta::assert_snapshot!(stderr, @"error: journal: this file is no journal of a search");
    assert_eq!(code, Some(1));
    let Ran { code, stderr, .. } = user.run("hpo report journal --to report.pdf").await?;
    insta::assert_snapshot!(stderr, @r"
    error: invalid value 'report.pdf' for '--to <FILE>': the name ends with none of .html, .svg, .csv, .json and .parquet

    For more information, try '--help'.
    ");
    assert_eq!(code, Some(2));
    Ok(())
}
