//! `idds run` with programs in real containers: podman, with an image made here of busybox.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::{Failure, User};
use crate::support::in_time;

const IMAGE: &str = "localhost/idds-steer:1";

/// A steering program, of a shell alone: as many points as it is asked for, and what it was given beside them.
const STEER: &str = "#!/bin/sh
cat $2 >given
printf '[' >$3
n=0
while [ $n -lt $1 ]; do
    [ $n -eq 0 ] || printf ', ' >>$3
    n=$((n + 1))
    printf '{\"A\": %d}' $n >>$3
done
printf ']' >>$3
echo proposed $1
";

const SEARCH: &str = "
steps:
  search:
    type: hpo
    method: docker
    executable: docker
    sandbox: localhost/idds-steer:1
    container_workdir: /data
    arguments: /bin/steer %NUM_POINTS %IN %OUT
    opt_space: { A: { type: Choice, params: { choices: [1, 2, 3] } } }
    max_points: 5
    num_points_per_iteration: 3
  report: { type: program, sandbox: 'localhost/idds-steer:1', executable: cat, arguments: /etc/made-of }
conditions:
  - { when: { step: search, is: finished }, then: [report] }
";

/// Podman with an image and storage of its own.
struct Podman {
    directory: TempDir,
}

impl Podman {
    /// Makes the image, or says why there are no containers here.
    fn new() -> Result<Result<Self, String>, Failure> {
        let podman = Self {
            directory: tempfile::tempdir()?,
        };
        for (program, package) in [("podman", "podman"), ("busybox", "busybox-static")] {
            if found(program).is_none() {
                return Ok(Err(format!("{package} is not installed")));
            }
        }
        let path = |name: &str| podman.path(name);
        for directory in ["root/bin", "root/etc"] {
            fs::create_dir_all(path(directory))?;
        }
        fs::copy(
            found("busybox").unwrap_or_default(),
            path("root/bin/busybox"),
        )?;
        for applet in ["sh", "cat", "echo", "printf", "true"] {
            symlink("busybox", path("root/bin").join(applet))?;
        }
        fs::write(path("root/etc/made-of"), "busybox\n")?;
        fs::write(path("root/bin/steer"), STEER)?;
        fs::set_permissions(path("root/bin/steer"), fs::Permissions::from_mode(0o755))?;
        let store = path("store").display().to_string();
        let storage = format!(
            "[storage]\ndriver = \"vfs\"\ngraphroot = \"{store}\"\nrunroot = \"{store}-run\"\n"
        );
        fs::write(path("storage.conf"), storage)?;
        // crun wants control groups of one version, and newer ones are seldom without it.
        let runtime = found("runc").map_or("", |_| "runtime = \"runc\"\n");
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
        let open = ["--ulimit=nofile=1000:1000", "--ulimit=nproc=1000:1000"];
        for arguments in [
            vec!["import", &image, IMAGE],
            // Whether anybody could run one here.
            vec!["run", "--rm", open[0], open[1], IMAGE, "true"],
        ] {
            let ran = podman.command(&arguments)?;
            if !ran.status.success() {
                return Ok(Err(String::from_utf8_lossy(&ran.stderr).trim().to_owned()));
            }
        }
        Ok(Ok(podman))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn variables(&self) -> [(&'static str, PathBuf); 2] {
        [
            ("CONTAINERS_STORAGE_CONF", self.path("storage.conf")),
            ("CONTAINERS_CONF", self.path("containers.conf")),
        ]
    }

    fn command(&self, arguments: &[&str]) -> Result<Output, Failure> {
        Ok(Command::new("podman")
            .args(arguments)
            .envs(self.variables())
            .output()?)
    }
}

fn found(name: &str) -> Option<String> {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {name}")])
        .output();
    let path = found.ok().filter(|it| it.status.success())?.stdout;
    Some(String::from_utf8_lossy(&path).trim().to_owned())
}

fn user() -> Result<User, Failure> {
    super::run::user(&[
        ("search.yaml", SEARCH),
        ("loss.sh", "#!/bin/sh\necho 0.5\n"),
    ])
}

const RUN: [&str; 6] = [
    "run",
    "search.yaml",
    "--evaluate",
    "./loss.sh",
    "--output",
    "json",
];

#[tokio::test]
async fn the_documented_container_search_runs_in_a_container() -> Result<(), Failure> {
    let podman = match Podman::new()? {
        Ok(podman) => podman,
        Err(why) => {
            // That is no failure in CI either, as many machines can run no containers.
            eprintln!("SKIPPED, as no container can be run here: {why}");
            return Ok(());
        }
    };
    let user = user()?;
    let output = user
        .command(RUN)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(podman.variables())
        .output();
    let output = in_time("a search in containers", output).await??;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let ran: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!(ran["status"], "Finished", "{ran}");
    let states: Vec<_> = ran["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|step| (step["status"].as_str(), step["done"].as_u64()))
        .collect();
    assert_eq!(
        states,
        [(Some("Finished"), Some(5)), (Some("Finished"), Some(1))]
    );
    let logs = PathBuf::from(ran["logs"].as_str().ok_or("no logs")?);
    let read = |name: &str| fs::read_to_string(logs.join(name));
    assert_eq!(
        read("transform_1/steering_1/attempt_1/stdout")?,
        "proposed 3\n"
    );
    assert_eq!(
        read("transform_1/steering_2/attempt_1/stdout")?,
        "proposed 2\n"
    );
    let given: Value = serde_json::from_str(&read("transform_1/steering_2/attempt_1/given")?)?;
    assert_eq!(given["points"].as_array().map(Vec::len), Some(3), "{given}");
    assert_eq!(given["points"][0], serde_json::json!([{"A": 1}, 0.5]));
    assert_eq!(given["opt_space"]["A"]["type"], "Choice");
    assert_eq!(read("transform_2/job_1/attempt_1/stdout")?, "busybox\n");
    Ok(())
}

#[tokio::test]
async fn without_a_container_engine_nothing_starts() -> Result<(), Failure> {
    let user = user()?;
    for command in [
        &RUN[..],
        &["plan", "search.yaml"],
        &["workflow", "check", "search.yaml", "--embedded"],
    ] {
        let output = user.command(command).env("PATH", "/nonexistent").output();
        let output = in_time("a refusal", output).await??;
        assert_eq!(output.status.code(), Some(4), "{command:?}: {output:?}");
        let told =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        for step in ["search", "report"] {
            let what = format!(
                "steps.{step}.sandbox: the image localhost/idds-steer:1 needs a container engine, and none of podman, docker"
            );
            assert!(told.contains(&what), "{command:?}: {told}");
        }
    }
    assert!(!user.home.path().join(".idds").exists());
    Ok(())
}
