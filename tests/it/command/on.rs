//! `idds run --on slurm`: the same file, on a cluster that the test starts.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{Duration, sleep};

use super::{Failure, Ran, User};
use crate::support::in_time;

/// A cluster of two nodes.
struct Cluster(TempDir);

impl Cluster {
    /// Starts one; none where the machine lacks Slurm, which fails in CI.
    fn start() -> Result<Option<Self>, Failure> {
        let top = Path::new(env!("CARGO_MANIFEST_DIR"));
        let needs = std::process::Command::new(top.join("tests/needs"))
            .arg("slurm")
            .output()?;
        if !needs.stdout.is_empty() {
            let what = format!(
                "SKIPPED: idds run --on slurm; install {}",
                String::from_utf8_lossy(&needs.stdout).replace('\n', " ")
            );
            if std::env::var_os("CI").is_some() {
                return Err(what.into());
            }
            #[expect(clippy::print_stderr, reason = "a skipped test says so")]
            {
                eprintln!("{what}");
            }
            return Ok(None);
        }
        let cluster = Self(tempfile::tempdir()?);
        cluster.script("up")?;
        Ok(Some(cluster))
    }

    fn script(&self, name: &str) -> Result<(), Failure> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/slurm")
            .join(name);
        // Into a file: what it starts would hold a pipe.
        let log = fs::File::create(self.0.path().join("script.log"))?;
        let status = std::process::Command::new(script)
            .arg(self.0.path())
            .stdout(log.try_clone()?)
            .stderr(log)
            .status()?;
        match status.success() {
            true => Ok(()),
            false => Err(fs::read_to_string(self.0.path().join("script.log"))?.into()),
        }
    }

    /// Returns a command of a user that finds the cluster.
    fn command(&self, user: &User, line: &str) -> tokio::process::Command {
        let mut command = user.command(line.split_whitespace());
        command
            .env("PATH", "/usr/bin:/bin")
            .env("SLURM_CONF", self.0.path().join("slurm.conf"))
            .env_remove("IDDS_HOST");
        command
    }

    async fn run(&self, user: &User, line: &str) -> Result<Ran, Failure> {
        let output = in_time(line, self.command(user, line).output()).await??;
        Ok(Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.script("down");
    }
}

const CHAIN: &str = "
steps:
  simulate: { type: program, executable: 'echo $SLURM_JOB_PARTITION >>runs; until test -e go; do sleep 0.1; done' }
  merge: { type: program, executable: 'echo merged >>runs' }
conditions:
  - when: { step: simulate, is: finished }
    then: [merge]
";

#[tokio::test]
async fn a_workflow_runs_on_slurm_and_a_killed_run_takes_its_jobs_over() -> Result<(), Failure> {
    let Some(cluster) = Cluster::start()? else {
        return Ok(());
    };
    let user = User {
        home: tempfile::tempdir()?,
        url: String::new(),
    };
    let path = |name: &str| user.home.path().join(name);
    fs::write(path("chain.yaml"), CHAIN)?;
    fs::create_dir(path(".idds"))?;
    let profile = "[on.mini]\nsystem = slurm\npartition = main\noptions = --nice --comment=mine\nlook_every = 1\n";
    fs::write(path(".idds/idds_local.cfg"), profile)?;

    let plan = cluster.run(&user, "plan chain.yaml --on mini").await?;
    assert_eq!(plan.code, Some(0), "{plan:?}");
    assert!(
        plan.stdout
            .contains("jobs go to slurm --partition=main --nice --comment=mine"),
        "{plan:?}"
    );
    let unknown = cluster.run(&user, "run chain.yaml --on moon").await?;
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(
        unknown
            .stderr
            .contains("a section [on.moon] with `system = slurm`"),
        "{unknown:?}"
    );

    let mut first = cluster
        .command(&user, "run chain.yaml --on mini")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let begun = async {
        while !path("runs").exists() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    in_time("the job begins", begun).await?;
    first.kill().await?;
    let here = cluster.run(&user, "run chain.yaml").await?;
    assert_eq!(here.code, Some(1), "{here:?}");
    assert!(here.stderr.contains("go on there (--on mini)"), "{here:?}");
    fs::write(path("go"), "")?;
    let ran = cluster
        .run(&user, "run chain.yaml --on mini --output json")
        .await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let json: Value = serde_json::from_str(&ran.stdout)?;
    assert_eq!(json["status"], "Finished");
    assert_eq!(fs::read_to_string(path("runs"))?, "main\nmerged\n");
    Ok(())
}

#[tokio::test]
async fn a_workflow_runs_on_hyperqueue() -> Result<(), Failure> {
    let Ok(program) = idds::jobs::find_program("hq".as_ref()) else {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            // No package of Debian or PyPI has that command.
            eprintln!("SKIPPED: idds run --on hyperqueue; the command hq is not in PATH");
        }
        return Ok(());
    };
    let user = User {
        home: tempfile::tempdir()?,
        url: String::new(),
    };
    let path = |name: &str| user.home.path().join(name);
    fs::create_dir(path("server"))?;
    let start = |arguments: &[&str]| {
        tokio::process::Command::new(&program)
            .arg("--server-dir")
            .arg(path("server"))
            .args(arguments)
            .current_dir(user.home.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    };
    let _server = start(&["server", "start"])?;
    let serves = async {
        while !path("server/hq-current/access.json").exists() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    in_time("the server starts", serves).await?;
    let _worker = start(&["worker", "start", "--cpus=4"])?;
    let chain = CHAIN
        .replace("$SLURM_JOB_PARTITION", "${HQ_JOB_ID:+there}")
        .replace("until test -e go; do sleep 0.1; done", "true");
    fs::write(path("chain.yaml"), chain)?;
    fs::create_dir(path(".idds"))?;
    let server = path("server");
    let profile = format!(
        "[on.fast]\nsystem = hyperqueue\nserver = {}\nlook_every = 1\n[on.wrong]\nsystem = hyperqueue\npartition = main\n",
        server.display()
    );
    fs::write(path(".idds/idds_local.cfg"), profile)?;
    let bin = program.parent().ok_or("a directory")?;
    let run = async |line: &str| -> Result<Ran, Failure> {
        let mut command = user.command(line.split_whitespace());
        command
            .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
            .env_remove("IDDS_HOST");
        let output = in_time(line, command.output()).await??;
        Ok(Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    };
    let wrong = run("run chain.yaml --on wrong").await?;
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(
        wrong
            .stderr
            .contains("partition, which means nothing for hyperqueue"),
        "{wrong:?}"
    );
    let ran = run("run chain.yaml --on fast --output json").await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let json: Value = serde_json::from_str(&ran.stdout)?;
    assert_eq!(json["status"], "Finished");
    assert_eq!(fs::read_to_string(path("runs"))?, "there\nmerged\n");
    Ok(())
}
