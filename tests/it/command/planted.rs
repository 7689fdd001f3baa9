//! What others put where the command reads and writes: pipes, links, journals that no search has, and numbers that no machine has.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::AsyncReadExt;
use tokio::task::spawn_blocking;

use super::hpo::{SPACE, program, search};
use super::{Failure, User};
use crate::support::in_time;

fn nobody() -> Result<User, Failure> {
    Ok(User {
        home: tempfile::tempdir()?,
        url: "http://127.0.0.1:1/idds".to_owned(),
    })
}

#[tokio::test]
async fn a_pipe_that_nobody_writes_ends_no_command_for_good() -> Result<(), Failure> {
    let user = nobody()?;
    let pipe = user.home.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status()?.success());
    // What a person may name as <(…) is waited for, and the first signal ends that.
    for line in [
        "workflow check pipe",
        "hpo steer --max_points 1 --num_points 1 --input pipe --output x",
    ] {
        for signal in [Signal::TERM, Signal::INT] {
            let mut command = user.command(line.split_whitespace());
            let mut child = command
                .arg("-vv")
                .stderr(std::process::Stdio::piped())
                .spawn()?;
            let path = pipe.clone();
            // There is a reader now, which waits for what comes.
            let opened = spawn_blocking(move || fs::OpenOptions::new().write(true).open(path));
            let writer = in_time(line, opened).await???;
            let id = child
                .id()
                .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?))
                .ok_or("no process")?;
            kill_process(id, signal)?;
            let status = in_time(line, child.wait()).await??;
            let mut said = String::new();
            child
                .stderr
                .take()
                .ok_or("no stderr")?
                .read_to_string(&mut said)
                .await?;
            assert!(
                matches!(status.code(), Some(130 | 143)),
                "{line}: {status:?} {said}"
            );
            drop(writer);
        }
    }
    // What nobody names so is refused.
    for (name, line) in [
        ("IDDS_CONFIG", "config show"),
        ("SSL_CERT_FILE", "ping"),
        ("X509_USER_PROXY", "ping"),
    ] {
        let mut command = user.command(line.split_whitespace());
        command
            .env(name, &pipe)
            .env("IDDS_HOST", "https://127.0.0.1:1/idds")
            .env("IDDS_AUTH_TYPE", "x509_proxy");
        let output = in_time(name, command.output()).await??;
        let said = String::from_utf8(output.stderr)?;
        let is_named = said.contains("regular file") || said.contains("proxy");
        assert!(!output.status.success() && is_named, "{name}: {said}");
    }
    let ran = user.run("hpo report pipe").await?;
    assert!(
        ran.stderr
            .contains("it is a device or a pipe, and a journal is a regular file"),
        "{ran:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_search_writes_through_no_link_but_those_of_a_person() -> Result<(), Failure> {
    let (server, user, id) = search().await?;
    program(&user, "env >env.txt; echo 1")?;
    let path = |name: &str| user.home.path().join(name);
    fs::create_dir(path("planted"))?;
    for (link, target) in [
        ("planted/report.html", "../mine"),
        ("journal", "named"),
        ("report.html", "page.html"),
    ] {
        symlink(target, path(link))?;
    }
    fs::write(path("mine"), "mine")?;
    let run = format!("hpo run {id} --max_points 3 --clean_env --env A=b");
    // A person names both files.
    let ran = user
        .run(&format!(
            "{run} --directory plain --journal journal --report report.html -- ./train.sh"
        ))
        .await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        path("journal").is_symlink() && fs::read_to_string(path("named"))?.contains("\"journal\"")
    );
    assert!(
        path("report.html").is_symlink()
            && fs::read_to_string(path("page.html"))?.starts_with("<!DOCTYPE")
    );
    assert!(!ran.stderr.contains("warning"), "{ran:?}");
    let environment = fs::read_to_string(path("plain/points/1/env.txt"))?;
    assert!(
        environment.contains("A=b") && environment.contains("IDDS_POINT_ID=1"),
        "{environment}"
    );
    assert!(!environment.contains("IDDS_HOST"), "{environment}");

    fs::set_permissions(path("planted"), fs::Permissions::from_mode(0o777))?;
    let ran = user
        .run(&format!(
            "hpo run {id} --max_points 3 --directory planted -- ./train.sh"
        ))
        .await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(fs::read_to_string(path("mine"))?, "mine");
    assert!(!path("planted/report.html").is_symlink());
    let warning = "warning: other users can write in planted and change what this search reads; \
                   `chmod go-w planted` prevents that";
    assert!(ran.stderr.contains(warning), "{ran:?}");

    fs::create_dir(path("third"))?;
    symlink("../mine", path("third/journal"))?;
    let ran = user
        .run(&format!("hpo run {id} --directory third -- ./train.sh"))
        .await?;
    assert!(
        ran.code == Some(1) && ran.stderr.contains("third/journal: it is a link that"),
        "{ran:?}"
    );
    assert_eq!(fs::read_to_string(path("mine"))?, "mine");
    server.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn numbers_that_no_machine_has_are_refused_by_what_is_allowed() -> Result<(), Failure> {
    let user = nobody()?;
    fs::write(user.home.path().join("in.json"), SPACE)?;
    let wide = r#"{"points": [], "opt_space": {"A": {"type": "Array", "params": {"shape": [2000], "lower": 0, "upper": 1}}}}"#;
    fs::write(user.home.path().join("wide.json"), wide)?;
    let steer = "hpo steer --output out.json --input";
    for (line, said) in [
        (
            format!("{steer} in.json --max_points 9 --num_points 1000000000000"),
            "it is above 1000000, the most",
        ),
        (
            format!("{steer} in.json --num_points 9 --max_points 99999999999999999999"),
            "it is above 2147483647, the most",
        ),
        (
            format!("{steer} wide.json --num_points 1000000 --max_points 1000000"),
            "1000000 new points of 2000 values each are too many to be made at once; ask for at most 2000 (--num_points)",
        ),
        (
            "hpo run 1 --concurrency 1000000000000 -- true".to_owned(),
            "it is above 100000, the most",
        ),
        (
            "hpo run 1 --worker 0/1000000000000 -- true".to_owned(),
            "there are at most 100000 workers",
        ),
        (
            "hpo what-if journal --concurrency 4,1000000000000".to_owned(),
            "it is above 100000, the most",
        ),
        (
            "hpo what-if journal --batch 1000000000000".to_owned(),
            "it is above 2147483647, the most",
        ),
    ] {
        let ran = user.run(&line).await?;
        assert!(
            ran.code == Some(2) && ran.stderr.contains(said),
            "{line}: {ran:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_summary_stands_before_what_is_wrong_with_a_report() -> Result<(), Failure> {
    let (server, user, id) = search().await?;
    program(&user, "echo 1")?;
    assert_eq!(
        user.run(&format!("hpo run {id} --directory d -- ./train.sh"))
            .await?
            .code,
        Some(0)
    );
    server.shutdown().await;
    let ran = user
        .run("hpo report d/journal --to none/a.html --to points.csv")
        .await?;
    assert!(
        ran.code == Some(1)
            && ran
                .stdout
                .starts_with(&format!("request {id}: 6 of 6 points")),
        "{ran:?}"
    );
    assert!(
        ran.stderr.contains("none/a.html cannot be written"),
        "{ran:?}"
    );
    assert!(
        user.home.path().join("points.csv").exists(),
        "the others are written"
    );
    Ok(())
}
