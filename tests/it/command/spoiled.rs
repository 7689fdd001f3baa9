//! What is not a point's fault never becomes its loss.

use std::fs;
use std::process::Output;

use idds::local::Server;
use idds::workflow::RequestId;
use serde_json::{Value, json};

use super::hpo::{points, program, search};
use super::{Failure, Ran, User, in_time};

async fn losses(user: &User, id: RequestId) -> Result<Vec<Option<f64>>, Failure> {
    Ok(points(user, id)
        .await?
        .iter()
        .map(|point| point["loss"].as_f64())
        .collect())
}

#[tokio::test]
async fn a_program_that_does_not_work_ends_the_search_with_its_output_and_without_a_loss()
-> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    program(
        &user,
        "echo Traceback >&2; printf '\\033[31mKeyError: lr\\033[0m\\n' >&2; exit 1",
    )?;
    let ran = user.run(&format!("hpo run {id} -- ./train.sh")).await?;
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(9), ""), "{ran:?}");
    assert_eq!(losses(&user, id).await?, [None; 3]);
    let home = user.home.path().display().to_string();
    let lines: Vec<_> = ran
        .stderr
        .lines()
        .map(|line| line.replace(&home, "~"))
        .collect();
    let [first, .., title, one, two, error] = &lines[..] else {
        panic!("{lines:?}")
    };
    let failed = "point 1, attempt 1 of 3 failed: ~/request-1/points/1: the program ended with exit code 1: KeyError: lr";
    assert!(
        lines.iter().any(|line| line.ends_with(failed)),
        "{first}: {lines:?}"
    );
    assert_eq!(
        [title, one, two],
        [
            "the end of ~/request-1/points/1/stderr:",
            "  Traceback",
            "  KeyError: lr"
        ]
    );
    insta::assert_snapshot!(error, @"error: the search of request 1 stopped with 0 of its 3 points evaluated: nothing works yet, and point 1 was the first to fail: ~/request-1/points/1: the program ended with exit code 1: KeyError: lr; no loss was reported for it; the same command continues the search; --try evaluates one point to find the cause, and --on_failure 1e5 reports failed points anyway");
    // Set right, the same command goes on.
    program(&user, "echo 0.5")?;
    let ran = user.run(&format!("hpo run {id} -- ./train.sh")).await?;
    assert_eq!(
        (ran.code, losses(&user, id).await?),
        (Some(0), vec![Some(0.5); 6]),
        "{ran:?}"
    );
    Ok(())
}

/// Runs a script of the shell as this user, with the command as `$0`, in name spaces of its own if that is wanted.
async fn script(user: &User, in_own_spaces: bool, script: &str) -> Result<Ran, Failure> {
    let command = user.command([""; 0]);
    let mut shell = tokio::process::Command::new(if in_own_spaces { "unshare" } else { "sh" });
    shell
        .args(if in_own_spaces {
            &["-rm", "sh"][..]
        } else {
            &[]
        })
        .args(["-c", script]);
    shell.arg(command.as_std().get_program()).env_clear().envs(
        command
            .as_std()
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let path = std::env::var_os("PATH").unwrap_or_default();
    let output = in_time(
        script,
        shell
            .env("PATH", path)
            .current_dir(user.home.path())
            .kill_on_drop(true)
            .output(),
    )
    .await??;
    let Output {
        status,
        stdout,
        stderr,
    } = output;
    Ok(Ran {
        code: status.code(),
        stdout: String::from_utf8(stdout)?,
        stderr: String::from_utf8(stderr)?,
    })
}

#[tokio::test]
async fn a_full_disk_is_no_points_fault() -> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    program(
        &user,
        "test $IDDS_POINT_ID = 2 || exec echo 0.25; cat /dev/zero > ballast; exit 1",
    )?;
    fs::create_dir(user.home.path().join("disk"))?;
    let mount = "mount -t tmpfs -o size=512k tmpfs disk";
    if script(&user, true, mount)
        .await
        .is_ok_and(|mounted| mounted.code == Some(0))
    {
        let run = format!(
            "{mount}; exec $0 hpo run {id} --directory disk/run --report report.html -- ./train.sh"
        );
        let ran = script(&user, true, &run).await?;
        assert_eq!(
            (ran.code, losses(&user, id).await?),
            (Some(1), vec![Some(0.25), None, None]),
            "{ran:?}"
        );
        let error = ran.stderr.lines().last().unwrap_or_default();
        assert!(
            error.contains("No space left on device") && error.contains("make room there"),
            "{error}"
        );
    } else {
        eprintln!("skipped: no file system can be mounted here, so that no disk is full");
    }
    Ok(())
}

#[tokio::test]
async fn a_machine_without_descriptors_is_told_before_anything_begins() -> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    program(&user, "echo 0.25")?;
    for limit in [7, 12, 20] {
        let run = format!("ulimit -n {limit}; exec $0 hpo run {id} -- ./train.sh");
        let ran = script(&user, false, &run).await?;
        assert_eq!(
            (ran.code, losses(&user, id).await?),
            (Some(1), vec![None; 3]),
            "{ran:?}"
        );
        let says = |it: &str| ran.stderr.contains(it);
        assert!(
            says("error: no descriptors are left") && says("ulimit -n 1024") && !says("panicked"),
            "{ran:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn points_are_tried_as_often_as_is_said_and_no_loss_is_made_up_for_the_only_one()
-> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    program(&user, "exit 1")?;
    let run = format!("hpo run {id} --attempts 1");
    let ran = user
        .run(&format!("{run} --max_points 1 -- ./train.sh"))
        .await?;
    assert_eq!(
        (ran.code, losses(&user, id).await?),
        (Some(9), vec![None; 3]),
        "{ran:?}"
    );
    let ran = user
        .run(&format!(
            "{run} --max_points 2 --on_failure 7.5 -- ./train.sh"
        ))
        .await?;
    assert!(
        ran.stdout.contains("as the limit of points was reached"),
        "{ran:?}"
    );
    assert_eq!(
        (ran.code, losses(&user, id).await?),
        (Some(9), vec![Some(7.5), Some(7.5), None]),
        "{ran:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_program_that_goes_away_leaves_the_other_points_open() -> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    program(&user, "test $IDDS_POINT_ID = 2 && rm -f $0; echo 0.25")?;
    let ran = user.run(&format!("hpo run {id} -- ./train.sh")).await?;
    assert_eq!(
        (ran.code, losses(&user, id).await?),
        (Some(1), vec![Some(0.25), Some(0.25), None]),
        "{ran:?}"
    );
    let error = ran
        .stderr
        .lines()
        .last()
        .unwrap_or_default()
        .replace(&user.home.path().display().to_string(), "~");
    insta::assert_snapshot!(error, @"error: the search of request 1 stopped with 2 of its 3 points evaluated: point 3: the program cannot be started: ~/train.sh is not there any more; no loss was reported for it; the same command continues the search");
    Ok(())
}

#[tokio::test]
async fn a_search_that_breaks_in_the_middle_stops_and_goes_on_when_it_is_mended()
-> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    program(
        &user,
        "test $IDDS_POINT_ID -le 3 && echo 0.5 || { echo no data >&2; exit 2; }",
    )?;
    let ran = user
        .run(&format!("hpo run {id} --attempts 1 -- ./train.sh"))
        .await?;
    let known = [vec![Some(0.5); 3], vec![None; 3]].concat();
    assert_eq!(
        (ran.code, losses(&user, id).await?),
        (Some(9), known),
        "{ran:?}"
    );
    let home = user.home.path().display().to_string();
    let why = format!(
        "nothing works any more, and point 4 was the first to fail: {home}/request-1/points/4: the program"
    );
    assert!(ran.stderr.contains(&why), "{ran:?}");
    program(&user, "echo 0.7")?;
    let journal = user.home.path().join("request-1/journal");
    let whole = fs::read(&journal)?;
    let digit = if whole[0] == b'0' { b"1" } else { b"0" };
    fs::write(&journal, [digit, &whole[1..]].concat())?;
    let ran = user.run(&format!("hpo run {id} -- ./train.sh")).await?;
    assert!(
        ran.stderr.contains("journal: line 1, checksum: ")
            && ran.stderr.contains("move the file away"),
        "{ran:?}"
    );
    fs::write(&journal, whole)?;
    let ran = user.run(&format!("hpo run {id} -- ./train.sh")).await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(
        losses(&user, id).await?,
        [vec![Some(0.5); 3], vec![Some(0.7); 3]].concat()
    );
    Ok(())
}

#[tokio::test]
async fn a_loss_may_be_written_as_programs_write_it() -> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    program(
        &user,
        r#"case $IDDS_POINT_ID in
        1) echo '{"loss": 0.5}' >output.json;;
        2) printf '\357\273\277{"status": 0, "metrics": {"loss": 9, "auc": NaN}, "loss": 0.5, "message": {"a": 1}}' >output.json;;
        3) printf '10%%\r100%%\r\033[1mloss: 0.5\033[0m\r\n';;
        4) echo loss=0.5;;
        5) echo '{"status": 0, "loss": 0.5, "grad": Infinity}';;
        *) echo 0.5;;
        esac"#,
    )?;
    let ran = user.run(&format!("hpo run {id} -- ./train.sh")).await?;
    assert_eq!(
        (ran.code, losses(&user, id).await?),
        (Some(0), vec![Some(0.5); 6]),
        "{ran:?}"
    );
    Ok(())
}

#[tokio::test]
async fn one_point_is_tried_and_nothing_is_reported() -> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    program(&user, "echo $IDDS_POINT_ID; test ! -e left && touch left")?;
    let attempt = format!("hpo run {id} --try --output json -- ./train.sh");
    for _ in 0..2 {
        let ran = user.run(&attempt).await?;
        let row: Value = serde_json::from_str(&ran.stdout)?;
        assert_eq!(
            (ran.code, &row["point"]["loss"], &row["why"]),
            (Some(0), &json!(1.0), &Value::Null),
            "{ran:?}"
        );
        assert_eq!(
            ran.stderr,
            "the same command without --try runs the search\n"
        );
    }
    program(&user, "echo no data; exit 3")?;
    let ran = user
        .run(&format!("hpo run {id} --try -- ./train.sh"))
        .await?;
    let home = user.home.path().display().to_string();
    let a = &points(&user, id).await?[0]["parameters"]["A"];
    let said = ran
        .stdout
        .replace(&home, "~")
        .replace(&format!("A={a}"), "A=…");
    insta::assert_snapshot!(said, @r"
      point  loss    parameters
    -------  ------  ------------
          1          A=…
    the end of ~/request-1/try/1/stdout:
      no data
    point 1 could not be evaluated: ~/request-1/try/1: the program ended with exit code 3
    its files are in request-1/try; nothing was reported
    ");
    assert_eq!(
        (ran.code, losses(&user, id).await?),
        (Some(9), vec![None; 3]),
        "{ran:?}"
    );
    assert!(!user.home.path().join("request-1/journal").exists());
    fs::remove_file(user.home.path().join("train.sh"))?;
    Ok(())
}

#[tokio::test]
async fn names_that_are_none_of_a_shell_reach_the_program() -> Result<(), Failure> {
    let (_server, user, id) = search().await?;
    let count = r#"tr '\0' '\n' </proc/$$/environ | grep -c -e '^my.param=a$' -e '^lr.init=0.1$' -e '^BASH_FUNC_hello%%='"#;
    let arguments = [
        "hpo",
        "run",
        &id.to_string(),
        "-e",
        "lr.init=0.1",
        "--",
        "/bin/sh",
        "-c",
        count,
    ];
    let mut command = user.command(arguments);
    command
        .env("my.param", "a")
        .env("BASH_FUNC_hello%%", "() {  echo hi\n}")
        .env("PATH", "/usr/bin:/bin");
    let ran = in_time("the search", command.output()).await??;
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(losses(&user, id).await?, [Some(3.0); 6]);
    Ok(())
}

#[tokio::test]
async fn a_request_without_points_has_none_to_try() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let user = User::of(&server)?;
    program(&user, "echo 1")?;
    let ran = user.run("hpo run 99 --try -- ./train.sh").await?;
    insta::assert_snapshot!(ran.stderr, @"error: the search of request 99 could not begin: the server does not know request 99");
    assert_eq!(ran.code, Some(3));
    Ok(())
}
