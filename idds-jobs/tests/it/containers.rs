//! Jobs in real containers: podman, with an image made here of busybox.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Output};
use std::time::Duration;

use idds_jobs::{AttemptId, Container, ContainerEngine, End, Executor, Job, LocalExecutorBuilder};

use crate::bench::{Bench, Result};

const IMAGE: &str = "localhost/idds-test:1";

/// Podman with storage of its own.
struct Podman {
    bench: Bench,
}

impl Podman {
    /// Makes an image, or says why there are no containers here.
    fn new() -> Result<std::result::Result<Self, String>> {
        let podman = Self {
            bench: Bench::new()?,
        };
        let found = |name: &str| {
            let found = Command::new("sh")
                .args(["-c", &format!("command -v {name}")])
                .output();
            let path = found.ok().filter(|it| it.status.success())?.stdout;
            Some(String::from_utf8_lossy(&path).trim().to_owned())
        };
        let missing = |name: &str| format!("{name} is not installed");
        if found("podman").is_none() {
            return Ok(Err(missing("podman")));
        }
        let Some(busybox) = found("busybox") else {
            return Ok(Err(missing("busybox-static")));
        };
        let path = |name: &str| podman.bench.path(name);
        fs::create_dir_all(path("root/bin"))?;
        fs::copy(busybox, path("root/bin/busybox"))?;
        for applet in [
            "sh", "echo", "cat", "env", "sleep", "head", "tr", "true", "pwd",
        ] {
            symlink("busybox", path("root/bin").join(applet))?;
        }
        let store = path("store").display().to_string();
        fs::write(
            path("storage.conf"),
            format!(
                "[storage]\ndriver = \"vfs\"\ngraphroot = \"{store}\"\nrunroot = \"{store}-run\"\n"
            ),
        )?;
        // crun wants control groups of one version, and newer ones are seldom without it.
        let runtime = if found("runc").is_some() {
            "runtime = \"runc\"\n"
        } else {
            ""
        };
        fs::write(
            path("containers.conf"),
            format!("[engine]\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\n{runtime}"),
        )?;
        let tar = Command::new("tar")
            .arg("-C")
            .arg(path("root"))
            .arg("-cf")
            .arg(path("image.tar"))
            .arg(".")
            .status()?;
        assert!(tar.success());
        let image = path("image.tar").display().to_string();
        let imported = podman.command(&["import", &image, IMAGE])?;
        if !imported.status.success() {
            return Ok(Err(said(&imported)));
        }
        // Whether anybody could run one here.
        let open = format!("--ulimit=nofile={0}:{0}", 1000);
        let ran = podman.command(&[
            "run",
            "--rm",
            &open,
            "--ulimit=nproc=1000:1000",
            IMAGE,
            "true",
        ])?;
        Ok(if ran.status.success() {
            Ok(podman)
        } else {
            Err(said(&ran))
        })
    }

    fn variables(&self) -> [(&'static str, std::path::PathBuf); 2] {
        [
            ("CONTAINERS_STORAGE_CONF", self.bench.path("storage.conf")),
            ("CONTAINERS_CONF", self.bench.path("containers.conf")),
        ]
    }

    fn command(&self, arguments: &[&str]) -> Result<Output> {
        Ok(Command::new("podman")
            .args(arguments)
            .envs(self.variables())
            .output()?)
    }

    fn set(&self, builder: LocalExecutorBuilder) -> LocalExecutorBuilder {
        let [storage, containers] = self.variables();
        builder
            .cores(4)
            .grace(Duration::from_millis(300))
            .env(storage.0, storage.1)
            .env(containers.0, containers.1)
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

/// Returns podman; where it cannot be, that is said. That is no failure in CI either, as many machines can run no containers.
fn podman() -> Result<Option<Podman>> {
    match Podman::new()? {
        Ok(podman) => Ok(Some(podman)),
        Err(why) => {
            eprintln!("SKIPPED, as no container can be run here: {why}");
            Ok(None)
        }
    }
}

#[tokio::test]
async fn a_job_in_a_container_has_its_directory_and_variables_and_nothing_else() -> Result {
    let Some(podman) = podman()? else {
        return Ok(());
    };
    let bench = &podman.bench;
    let mut running = bench.start_with(|builder| podman.set(builder).env("SECRET", "x"))?;
    let line =
        "cat input; pwd; env; echo 7 >output; test ! -e /etc/passwd -o ! -s /usr/bin/env && exit 3";
    fs::write(bench.path("input"), "5\n")?;
    let container = Container::new(IMAGE).engine(ContainerEngine::Podman);
    let job = bench
        .job("1", line)
        .copy(bench.path("input"))
        .env("TOLD", "x y")
        .env("HOME", "/elsewhere")
        .container(container.clone().workdir("/here"));
    let outcome = running.run(job).await?;
    let printed = bench.read("1/stdout")?;
    assert_eq!(
        outcome.end,
        End::Exited { code: 3 },
        "{printed}{}",
        bench.read("1/stderr")?
    );
    assert!(printed.starts_with("5\n/here\n"), "{printed}");
    for variable in ["TOLD=x y\n", "HOME=/elsewhere\n", "IDDS_ATTEMPT_ID=1\n"] {
        assert!(printed.contains(variable), "{printed}");
    }
    assert!(
        !printed.contains("SECRET") && !printed.contains("CARGO"),
        "{printed}"
    );
    assert_eq!(bench.read("1/output")?, "7\n");
    // What is not there is no failure of the job.
    let why = running
        .trouble(
            bench
                .job("2", "true")
                .container(Container::new("localhost/none:1")),
        )
        .await?;
    assert!(
        why.contains("could not run the image localhost/none:1"),
        "{why}"
    );
    let program = Job::program(AttemptId::new("3"), bench.path("3"), "no-such-program");
    let why = running.trouble(program.container(container)).await?;
    assert!(why.contains("exit code 127"), "{why}");
    Ok(())
}

/// Elsewhere a container gets no limits on the own machine (nextflow 6797).
#[tokio::test]
async fn limits_of_a_container_are_kept_to_and_none_is_left_behind() -> Result {
    let Some(podman) = podman()? else {
        return Ok(());
    };
    let bench = &podman.bench;
    let mut running = bench.start_with(|builder| podman.set(builder))?;
    let container = Container::new(IMAGE);
    let limit = Duration::from_secs(2);
    let job = bench.job("time", "sleep 1000").wall_time(limit);
    let outcome = running.run(job.container(container.clone())).await?;
    assert_eq!(outcome.end, End::OutOfTime { limit });
    let hungry = "x=$(head -c 90000000 /dev/zero | tr '\\0' x); sleep 1000";
    let job = bench
        .job("memory", hungry)
        .memory(30 << 20)
        .wall_time(Duration::from_secs(60));
    let outcome = running.run(job.container(container.clone())).await?;
    assert!(
        matches!(outcome.end, End::OutOfMemory { .. }),
        "{outcome:?}"
    );
    let job = bench
        .job("ended", "echo up; sleep 1000")
        .container(container);
    running.executor.start(job);
    running.started("ended").await?;
    while bench.read("ended/stdout")?.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    running.executor.end(&AttemptId::new("ended"));
    assert_eq!(running.ended().await?.1.end, End::Stopped);
    let left = podman.command(&["ps", "--all", "--quiet"])?;
    assert_eq!(String::from_utf8_lossy(&left.stdout), "");
    Ok(())
}
