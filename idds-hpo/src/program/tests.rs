//! What a program is given, what is taken from it, and when it is killed.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;

use idds_workflow::RequestId;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::{JoinHandle, spawn_blocking};

use super::*;
use crate::monitor::IntermediateReport;

/// A search of one script.
struct Bench {
    folder: TempDir,
    objective: Objective,
}

impl Bench {
    fn new(script: &str) -> io::Result<Self> {
        Self::with(script, |program| program)
    }

    fn with(script: &str, set: impl FnOnce(Program) -> Program) -> io::Result<Self> {
        Self::program("sh", &["-c", script], set)
    }

    fn program(
        name: &str,
        arguments: &[&str],
        set: impl FnOnce(Program) -> Program,
    ) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let program = Program::new(name, folder.path().join("points")).args(arguments);
        Ok(Self {
            objective: set(program).objective()?,
            folder,
        })
    }

    /// Starts to evaluate point 7; returns also what it tells.
    fn start(
        &self,
        point: Value,
        attempt: u32,
    ) -> (
        JoinHandle<Result<f64, Failure>>,
        UnboundedReceiver<IntermediateReport>,
    ) {
        let (sender, told) = unbounded_channel();
        let monitor = Monitor::new(RequestId::new(42), "7".into(), attempt, sender);
        (tokio::spawn(self.objective.evaluate(point, monitor)), told)
    }

    async fn evaluate(&self) -> Result<f64, Failure> {
        self.start(json!({"A": 1, "B": 2.5}), 1)
            .0
            .await
            .expect("an evaluation does not panic")
    }

    /// Evaluates a point that cannot be evaluated, and returns why, from the directory of the point on.
    async fn failure(script: &str) -> io::Result<String> {
        let bench = Self::new(script)?;
        let failure = bench.evaluate().await.expect_err("a failure");
        assert!(!failure.is_trouble(), "{failure}");
        let why = failure.to_string();
        let points = bench.folder.path().join("points/").display().to_string();
        Ok(why.strip_prefix(&points).expect("the directory").to_owned())
    }

    fn read(&self, file: &str) -> io::Result<String> {
        fs::read_to_string(self.folder.path().join("points").join(file))
    }

    /// Waits until no process of point 7 lives: each of them holds the lock.
    async fn is_dead(&self) -> io::Result<()> {
        let stdout = File::open(self.folder.path().join("points/7/stdout"))?;
        spawn_blocking(move || stdout.lock())
            .await
            .expect("locking does not panic")
    }
}

#[tokio::test]
async fn a_program_reads_its_point_and_writes_its_loss() -> io::Result<()> {
    let bench = Bench::with(
        r#"cat input.json; echo "$IDDS_REQUEST_ID $IDDS_POINT_ID $IDDS_ATTEMPT $MINE $IDDS_MODEL_ID"; pwd
        test "$IDDS_DIRECTORY" = "$(pwd)" && test -z "$(cat)" && echo '{"status": 0, "loss": 0.25}' >output.json"#,
        |program| program.env("MINE", "of my own"),
    )?;
    assert_eq!(bench.evaluate().await, Ok(0.25));
    let directory = bench.folder.path().join("points/7");
    let printed = format!(
        "{{\"A\":1,\"B\":2.5}}\n42 7 1 of my own \n{}\n",
        directory.display()
    );
    assert_eq!(bench.read("7/stdout")?, printed);
    Ok(())
}

#[tokio::test]
async fn a_point_of_a_segment_is_its_values_and_the_model_is_in_the_environment() -> io::Result<()>
{
    let bench = Bench::new(r#"cat input.json; echo "$IDDS_MODEL_ID""#)?;
    let outcome = bench
        .start(json!([11, {"A": 1}]), 1)
        .0
        .await
        .expect("no panic");
    assert_eq!(
        (outcome, bench.read("7/stdout")?.as_str()),
        (Ok(11.0), "{\"A\":1}\n11\n")
    );
    Ok(())
}

#[tokio::test]
async fn the_last_line_is_the_loss_of_a_program_without_output() -> io::Result<()> {
    assert_eq!(
        Bench::new("echo training; echo 0.5; echo")?
            .evaluate()
            .await,
        Ok(0.5)
    );
    assert!(
        Bench::new("echo nan")?
            .evaluate()
            .await
            .is_ok_and(f64::is_nan)
    );
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_directory() -> io::Result<()> {
    let why = Bench::failure("echo 1; echo first >&2; echo 'no data' >&2; exit 3").await?;
    assert_eq!(why, "7: the program ended with exit code 3: no data");
    let why =
        Bench::failure("echo '{\"status\": 0, \"loss\": 0.5}' >output.json; kill -SEGV $$").await?;
    assert_eq!(why, "7: the program was killed by signal 11");
    let why =
        Bench::failure("echo '{\"status\": 5, \"message\": \"no data\"}' >output.json; exit 1")
            .await?;
    assert_eq!(why, "7/output.json: status is 5: no data");
    let why = Bench::failure("echo done").await?;
    assert!(
        why.starts_with(
            "7: there is no output.json, and the last line of stdout is no loss but \"done\"; "
        ),
        "{why}"
    );
    let why = Bench::failure(":").await?;
    assert!(
        why.starts_with("7: there is no output.json, and stdout is empty; "),
        "{why}"
    );
    Ok(())
}

#[tokio::test]
async fn another_attempt_finds_the_checkpoint_and_nothing_it_could_take_for_its_own_result()
-> io::Result<()> {
    let bench = Bench::new(
        "test ! -e output.json || exit 1
        echo $IDDS_ATTEMPT >>checkpoint; echo '{\"status\": 0, \"loss\": 1}' >output.json; echo 2; echo 'what' >&2
        if test $IDDS_ATTEMPT = 3; then rm output.json; tr -d '\\n' <checkpoint; else exit 1; fi",
    )?;
    for attempt in 1..=2 {
        let failed = bench.start(json!({}), attempt).0.await.expect("no panic");
        assert!(failed.is_err_and(|why| why.to_string().ends_with("what")));
    }
    assert_eq!(
        bench.start(json!({}), 3).0.await.expect("no panic"),
        Ok(123.0)
    );
    assert_eq!(bench.read("7/stdout")?, "2\n2\n2\n123");
    Ok(())
}

#[tokio::test]
async fn what_printed_before_an_attempt_is_not_its_loss() -> io::Result<()> {
    let bench = Bench::new("test $IDDS_ATTEMPT = 2 || echo 1")?;
    assert_eq!(bench.evaluate().await, Ok(1.0));
    let why = bench
        .start(json!({}), 2)
        .0
        .await
        .expect("no panic")
        .expect_err("nothing is printed");
    assert!(why.to_string().contains("stdout is empty"), "{why}");
    Ok(())
}

#[tokio::test]
async fn a_program_that_is_given_up_is_killed_with_what_it_started() -> io::Result<()> {
    let bench = Bench::new("echo 1 >values.txt; sleep 1000 & sleep 1000 & wait")?;
    let (evaluation, mut told) = bench.start(json!({}), 1);
    let up = told.recv().await.expect("it tells");
    assert_eq!((up.step, up.value), (1, 1.0));
    evaluation.abort();
    bench.is_dead().await
}

#[tokio::test]
async fn what_a_program_leaves_behind_is_killed() -> io::Result<()> {
    let bench = Bench::new("sleep 1000 & echo 1")?;
    assert_eq!(bench.evaluate().await, Ok(1.0));
    bench.is_dead().await
}

#[tokio::test]
async fn a_program_that_is_stopped_can_write_its_loss() -> io::Result<()> {
    let bench = Bench::new(
        "trap 'echo \"{\\\"status\\\": 0, \\\"loss\\\": 0.75}\" >output.json; exit 1' TERM
        echo 5 9.5 >>values.txt; while :; do sleep 0.01; done",
    )?;
    let (evaluation, mut told) = bench.start(json!({}), 1);
    let told = told.recv().await.expect("it tells");
    assert_eq!((told.step, told.value), (5, 9.5));
    told.verdict.send(Verdict::Stop).expect("it waits");
    assert_eq!(evaluation.await.expect("no panic"), Ok(0.75));
    Ok(())
}

// Time passes when nothing else happens, so ten seconds are short.
#[tokio::test(start_paused = true)]
async fn a_program_that_does_not_stop_is_killed() -> io::Result<()> {
    let bench = Bench::new("trap '' TERM; echo 1 >values.txt; while :; do sleep 1000; done")?;
    let (evaluation, mut told) = bench.start(json!({}), 1);
    told.recv()
        .await
        .expect("it tells")
        .verdict
        .send(Verdict::Stop)
        .expect("it waits");
    let why = evaluation
        .await
        .expect("no panic")
        .expect_err("it has no loss");
    assert!(
        why.to_string()
            .ends_with("the program was killed by signal 9"),
        "{why}"
    );
    bench.is_dead().await
}

#[tokio::test(start_paused = true)]
async fn a_point_whose_earlier_attempt_still_runs_has_a_second_directory() -> io::Result<()> {
    let bench = Bench::new(
        "if test $IDDS_ATTEMPT = 1; then echo 1 >values.txt; sleep 1000; else echo 2; fi",
    )?;
    let (evaluation, mut told) = bench.start(json!({}), 1);
    let first = told.recv().await.expect("it tells");
    assert_eq!(
        bench.start(json!({}), 2).0.await.expect("no panic"),
        Ok(2.0)
    );
    assert_eq!(bench.read("7.2/stdout")?, "2\n");
    drop(first);
    evaluation.abort();
    bench.is_dead().await
}

#[tokio::test]
async fn a_point_of_another_search_keeps_its_directory() -> io::Result<()> {
    let bench = Bench::new("test ! -e checkpoint && echo >checkpoint && echo 1")?;
    for point in [json!({"A": 1}), json!({"A": 2}), json!({"A": 3.5})] {
        assert_eq!(bench.start(point, 1).0.await.expect("no panic"), Ok(1.0));
    }
    assert_eq!(bench.read("7.3/input.json")?, "{\"A\":3.5}\n");
    let again = bench.start(json!({"A": 2}), 1).0.await.expect("no panic");
    assert!(again.is_err_and(|why| why.to_string().contains("points/7.2: ")));
    Ok(())
}

#[tokio::test]
async fn what_is_linked_is_in_the_directory_of_each_point() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("data.txt"), "0.125\n")?;
    let bench = Bench::with("cat data.txt", |program| {
        program.link(folder.path().join("data.txt"))
    })?;
    assert_eq!(
        [bench.evaluate().await, bench.evaluate().await],
        [Ok(0.125), Ok(0.125)]
    );
    Ok(())
}

#[test]
fn a_program_that_cannot_run_is_told_before_the_search() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("train.sh");
    fs::write(&script, "#!/bin/sh\n")?;
    let why = |program: Program| {
        program
            .objective()
            .map(|_| ())
            .expect_err("it cannot run")
            .to_string()
    };
    let program = |name: &str| Program::new(name, folder.path().join("points"));
    assert_eq!(
        why(program("no-such-program")),
        "there is no program no-such-program in PATH"
    );
    let path = script.display();
    assert_eq!(
        why(Program::new(&script, folder.path())),
        format!("{path}: this is no program, `chmod +x` makes a script one")
    );
    let missing = why(program("sh").link(folder.path().join("data.txt")));
    assert!(
        missing.ends_with("data.txt: No such file or directory (os error 2)"),
        "{missing}"
    );
    assert!(why(Program::new("sh", &script)).contains("train.sh: "));
    Ok(())
}

#[tokio::test]
async fn the_whole_environment_reaches_the_program() -> io::Result<()> {
    let names = ["my.param", "BASH_FUNC_hello%%", "with space", "1"];
    let value = "() { echo 'a\nb'; }\n";
    let bench = Bench::program("/usr/bin/env", &["-0"], |program| {
        names
            .iter()
            .fold(program, |program, name| program.env(name, value))
    })?;
    bench.evaluate().await.expect_err("it prints no loss");
    let given = bench.read("7/stdout")?;
    for name in names {
        assert!(
            given
                .split('\0')
                .any(|variable| variable == format!("{name}={value}")),
            "{name}: {given:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_not_the_fault_of_the_point() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let script = |name: &str, text: &[u8]| -> io::Result<Program> {
        let path = folder.path().join(name);
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        Ok(Program::new(path, folder.path().join("points")))
    };
    let trouble = async |program: Program, is_removed: bool| -> io::Result<String> {
        let path = PathBuf::from(&program.program);
        let bench = Bench {
            objective: program.objective()?,
            folder: tempfile::tempdir()?,
        };
        if is_removed {
            fs::remove_file(&path)?;
        }
        let failure = bench.evaluate().await.expect_err("it cannot be started");
        assert!(failure.is_trouble(), "{failure}");
        Ok(failure
            .to_string()
            .replace(&format!("{}/", folder.path().display()), ""))
    };
    let said = [
        (
            script("a", b"#!/usr/bin/pyhton3\n")?,
            false,
            "a: its interpreter /usr/bin/pyhton3 is not there, which its first line names",
        ),
        (
            script("b", b"#!/bin/sh\r\necho 1\r\n")?,
            false,
            "b has line ends of Windows, so that the system looks for the interpreter \"/bin/sh\\r\"; `sed -i 's/\\r$//' b` takes them away",
        ),
        (
            script("c", b"#!/bin/sh\necho 1\n")?,
            true,
            "c is not there any more",
        ),
        (
            script("d", b"\x7fELF\0\0\0")?,
            false,
            "d is no program for this machine",
        ),
    ];
    for (program, is_removed, why) in said {
        assert_eq!(
            trouble(program, is_removed).await?,
            format!("the program cannot be started: {why}")
        );
    }
    // A shell says so by its exit code.
    for (text, code) in [
        ("#!/bin/sh\nno-such-command\n", 127),
        ("#!/bin/sh\n/\n", 126),
    ] {
        let why = trouble(script("e", text.as_bytes())?, false).await?;
        assert!(
            why.starts_with(&format!(
                "points/7: the program ended with exit code {code}: "
            )),
            "{why}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_script_without_a_first_line_for_the_system_is_one_of_the_shell() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("train");
    fs::write(&script, "echo $1\n")?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    let bench = Bench {
        objective: Program::new(script, folder.path())
            .args(["0.5"])
            .objective()?,
        folder,
    };
    assert_eq!(bench.evaluate().await, Ok(0.5));
    Ok(())
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_not_the_fault_of_the_point() -> io::Result<()> {
    for (name, why) in [
        (
            "7",
            "points/7: it is no directory but a file or a link; take it away",
        ),
        ("7/input.json/x", "points/7/input.json: Is a directory"),
    ] {
        let bench = Bench::new("echo 1")?;
        let path = bench.folder.path().join("points").join(name);
        match name {
            "7" => fs::write(path, "")?,
            _ => fs::create_dir_all(path)?,
        }
        let failure = bench.evaluate().await.expect_err("there is no directory");
        assert!(
            failure.is_trouble() && failure.to_string().contains(why),
            "{failure}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn what_is_no_file_is_not_read() -> io::Result<()> {
    for what in ["output.json", "values.txt", "stdout"] {
        let again = format!("rm -f {what}; mkfifo {what}; echo 0.5; exit 0");
        let bench = Bench::new(&again)?;
        let outcome = bench.evaluate().await;
        match what {
            "output.json" => {
                assert!(outcome.is_err_and(|why| {
                    why.to_string()
                        .ends_with("output.json: it is no regular file")
                }));
            }
            "values.txt" => assert_eq!(outcome, Ok(0.5)),
            _ => assert!(outcome.is_err()),
        }
    }
    Ok(())
}

#[tokio::test]
async fn nothing_is_written_through_a_link_that_was_put_there() -> io::Result<()> {
    for name in [
        "stdout",
        "stderr",
        ".input.json",
        "input.json",
        "output.json",
        "values.txt",
        "",
    ] {
        let bench = Bench::new("echo 0.5")?;
        let (points, mine) = (
            bench.folder.path().join("points"),
            bench.folder.path().join("mine"),
        );
        let point = points.join("7");
        if name.is_empty() {
            fs::create_dir(&mine)?;
            std::os::unix::fs::symlink(&mine, &point)?;
        } else {
            fs::create_dir(&point)?;
            fs::write(&mine, "mine")?;
            std::os::unix::fs::symlink(&mine, point.join(name))?;
        }
        let outcome = bench.evaluate().await;
        match name {
            "stdout" | "stderr" | "" => {
                let failure = outcome.expect_err(name);
                assert!(
                    failure.is_trouble() && failure.to_string().contains("a link"),
                    "{failure}"
                );
            }
            _ => assert_eq!(outcome, Ok(0.5), "{name}"),
        }
        match name {
            "" => assert_eq!(fs::read_dir(&mine)?.count(), 0),
            _ => assert_eq!(fs::read_to_string(&mine)?, "mine", "{name}"),
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_program_with_a_clean_environment_has_only_what_it_is_told() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("train");
    fs::write(&script, "#!/bin/sh\nenv >&2\necho 0.5\n")?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    let program = Program::new(script, folder.path())
        .env("TOLD", "x y")
        .clean_environment();
    let bench = Bench {
        objective: program.objective()?,
        folder,
    };
    assert_eq!(bench.evaluate().await, Ok(0.5));
    let environment = fs::read_to_string(bench.folder.path().join("7/stderr"))?;
    let names: Vec<_> = environment
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name)
        .collect();
    for name in ["PATH", "TOLD", "IDDS_POINT_ID", "IDDS_DIRECTORY"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    assert!(
        !names.iter().any(|name| name.starts_with("CARGO")),
        "{names:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_failure_has_the_end_of_what_was_printed() -> io::Result<()> {
    let bench = Bench::new(
        "echo epoch 1; printf '\\033[31mTraceback\\033[0m\\nKeyError: lr\\n' >&2; exit 1",
    )?;
    let failure = bench.evaluate().await.expect_err("a failure");
    let folder = bench.folder.path().join("points/7").display().to_string();
    assert_eq!(
        failure.to_string(),
        format!("{folder}: the program ended with exit code 1: KeyError: lr")
    );
    let output = format!(
        "the end of {folder}/stdout:\n  epoch 1\nthe end of {folder}/stderr:\n  Traceback\n  KeyError: lr\n"
    );
    assert_eq!(failure.output(), output);
    Ok(())
}

#[test]
fn outputs_that_fuzzing_begins_with_or_has_found_break_nothing() -> io::Result<()> {
    for reader in ["output", "values"] {
        let found = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/found")
            .join(reader);
        for entry in fs::read_dir(found)? {
            readers::check(reader, &fs::read(entry?.path())?);
        }
    }
    Ok(())
}
