//! Jobs that end by themselves, or because of a limit.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use idds_jobs::{
    AttemptChange, AttemptId, AttemptOutcome, End, ErrorKind, Executor, Job, LocalExecutorBuilder,
    Supervisor,
};

use crate::bench::{Bench, Result, late_supervisor, processes, supervisor};

#[tokio::test]
async fn a_job_prints_to_its_files_and_its_end_is_written_down() -> Result {
    let bench = Bench::new()?;
    let mut running = bench.start()?;
    let line = "echo $IDDS_ATTEMPT_ID $1; pwd; cat; echo wrong >&2; exit 3";
    let job = bench.job("7-1", line).args(["an argument"]);
    let outcome = running.run(job).await?;
    assert_eq!(outcome.end, End::Exited { code: 3 });
    let place = bench.path("7-1");
    assert_eq!(
        bench.read("7-1/stdout")?,
        format!("7-1 an argument\n{}\n", place.display())
    );
    assert_eq!(bench.read("7-1/stderr")?, "wrong\n");
    let mut names: Vec<_> = fs::read_dir(&place)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    names.sort();
    assert_eq!(names, ["exit.json", "stderr", "stdout", "usage.json"]);
    let usage = outcome.usage.ok_or("no usage")?;
    assert!(usage.peak_memory > 100_000, "{usage:?}");
    let busy = running
        .run(bench.job("busy", "i=0; while test $i -lt 100000; do i=$((i+1)); done"))
        .await?;
    let usage = busy.usage.ok_or("no usage")?;
    assert!(usage.cpu > Duration::from_millis(10), "{usage:?}");
    assert!(usage.wall >= Duration::from_millis(10), "{usage:?}");
    let killed = running.run(bench.job("killed", "kill -SEGV $$")).await?;
    assert_eq!(killed.end, End::Killed { signal: 11 });
    Ok(())
}

#[tokio::test]
async fn the_directory_of_an_attempt_is_made_once() -> Result {
    let bench = Bench::new()?;
    let mut running = bench.start()?;
    assert!(
        running
            .run(bench.job("1", "echo first"))
            .await?
            .is_success()
    );
    running.executor.start(bench.job("1", "echo second"));
    let (_, outcome) = running.ended().await?;
    let End::Trouble { why } = outcome.end else {
        return Err(format!("{outcome:?}").into());
    };
    assert!(why.contains("is made once"), "{why}");
    assert_eq!(bench.read("1/stdout")?, "first\n");
    assert!(AttemptOutcome::read(bench.path("1"))?.is_some_and(|outcome| outcome.is_success()));
    Ok(())
}

#[tokio::test]
async fn a_job_has_the_environment_of_the_engine_and_none_of_its_secrets_and_files() -> Result {
    let bench = Bench::new()?;
    let secret = fs::File::open("/dev/zero")?;
    let mut running = bench.start_with(|builder| builder.hide("CARGO_PKG_NAME"))?;
    let line = "env >&2; cd /proc/self/fd; echo *; ls -l";
    let job = bench.job("whole", line).env("TOLD.x", "x y");
    assert!(running.run(job).await?.is_success());
    let environment = bench.read("whole/stderr")?;
    assert!(
        environment.contains("\nCARGO_PKG_VERSION="),
        "{environment}"
    );
    assert!(!environment.contains("CARGO_PKG_NAME="), "{environment}");
    assert!(!environment.contains("IDDS_JOBS"), "{environment}");
    let files = bench.read("whole/stdout")?;
    // The shell opens the directory that it looks at.
    assert!(files.starts_with("0 1 2"), "{files}");
    assert!(
        !files.contains("/dev/zero") && !files.contains("sock"),
        "{files}"
    );
    let python = Job::program(AttemptId::new("env"), bench.path("env"), "env")
        .env("TOLD.x", "x y")
        .clean_environment();
    assert!(running.run(python).await?.is_success());
    let environment = bench.read("env/stdout")?;
    assert!(environment.contains("TOLD.x=x y\n"), "{environment}");
    assert!(environment.contains("PATH=") && !environment.contains("CARGO"));
    drop(secret);
    Ok(())
}

#[tokio::test]
async fn inputs_are_where_the_job_starts() -> Result {
    let bench = Bench::new()?;
    let mut running = bench.start()?;
    fs::write(bench.path("data"), "1\n")?;
    fs::write(bench.path("config"), "2\n")?;
    fs::create_dir(bench.path("elsewhere"))?;
    let job = bench
        .job("1", "cat data config; echo 3 >>config; pwd")
        .link(bench.path("data"))
        .copy(bench.path("config"))
        .start_in(bench.path("elsewhere"));
    assert!(running.run(job).await?.is_success());
    let elsewhere = bench.path("elsewhere").display().to_string();
    assert_eq!(bench.read("1/stdout")?, format!("1\n2\n{elsewhere}\n"));
    assert_eq!(bench.read("config")?, "2\n");
    assert_eq!(bench.read("elsewhere/config")?, "2\n3\n");
    let why = running
        .trouble(bench.job("2", "true").link(bench.path("none")))
        .await?;
    assert!(why.contains("/none: No such file"), "{why}");
    Ok(())
}

#[tokio::test]
async fn everything_that_a_job_has_started_ends_with_it() -> Result {
    ends_with_it("77", supervisor()).await
}

#[tokio::test]
async fn everything_ends_also_where_orphans_cannot_be_asked_for() -> Result {
    ends_with_it("79", late_supervisor()?).await
}

async fn ends_with_it(mark: &str, supervisor: Supervisor) -> Result {
    let bench = Bench::new()?;
    let mut running = bench.start_with(|builder| {
        let builder = builder.cores(4).grace(Duration::from_millis(50));
        builder.supervisor(supervisor)
    })?;
    let mark = format!("{mark}{}", std::process::id());
    let daemons = format!(
        "setsid sleep {mark}.1 & setsid sh -c 'setsid sleep {mark}.2 & sleep {mark}.3' >/dev/null 2>&1 & (setsid env -u X sleep {mark}.4 &) & sleep {mark}.5 & sleep 0.2"
    );
    assert!(running.run(bench.job("1", &daemons)).await?.is_success());
    assert_eq!(processes(&mark), Vec::<i32>::new());
    // One that is ended, and does not want to.
    let stubborn = format!("trap '' TERM; {daemons}; sleep {mark}.6; sleep {mark}.7");
    running.executor.start(bench.job("2", &stubborn));
    running.started("2").await?;
    while processes(&format!("sleep\0{mark}.6")).is_empty() {
        tokio::task::yield_now().await;
    }
    running.executor.end(&AttemptId::new("2"));
    let (_, outcome) = running.ended().await?;
    assert_eq!(outcome.end, End::Stopped);
    assert_eq!(processes(&mark), Vec::<i32>::new());
    Ok(())
}

#[tokio::test]
async fn a_job_that_is_asked_to_end_can_tidy_up() -> Result {
    let bench = Bench::new()?;
    let mut running = bench.start()?;
    let line = "trap 'echo tidied; exit 0' TERM; echo up; while :; do sleep 0.01; done";
    running.executor.start(bench.job("1", line));
    running.started("1").await?;
    while bench.read("1/stdout")?.is_empty() {
        tokio::task::yield_now().await;
    }
    running.executor.end(&AttemptId::new("1"));
    assert_eq!(running.ended().await?.1.end, End::Stopped);
    assert_eq!(bench.read("1/stdout")?, "up\ntidied\n");
    Ok(())
}

#[tokio::test]
async fn limits_of_time_and_memory_are_kept_to() -> Result {
    let bench = Bench::new()?;
    let mut running = bench.start()?;
    let limit = Duration::from_millis(200);
    let job = bench.job("time", "sleep 1000").wall_time(limit);
    let outcome = running.run(job).await?;
    assert_eq!(outcome.end, End::OutOfTime { limit });
    // Half of it is in a process of its own.
    let hungry =
        "grow() { x=$(head -c 30000000 /dev/zero | tr '\\0' x); sleep 1000; }; grow & grow; wait";
    let job = bench.job("memory", hungry).memory(50 << 20);
    let outcome = running.run(job).await?;
    let End::OutOfMemory { limit, used } = outcome.end else {
        return Err(format!("{outcome:?}").into());
    };
    assert!(limit == 50 << 20 && used > limit, "{outcome:?}");
    assert!(outcome.usage.is_some_and(|usage| usage.peak_memory >= used));
    let job = bench.job("fits", "sleep 0.3").memory(50 << 20);
    assert!(running.run(job).await?.is_success());
    Ok(())
}

#[tokio::test]
async fn as_many_run_at_once_as_fit() -> Result {
    let bench = Bench::new()?;
    let mut running = bench.start_with(|builder| builder.cores(3).memory(100))?;
    let wide = bench.job("wide", "true").cores(4);
    let error = running.executor.check(&wide).expect_err("too wide");
    assert_eq!(error.kind(), ErrorKind::Unfit);
    assert!(
        error
            .to_string()
            .starts_with("it needs 4 cores, and jobs may use 3 here")
    );
    assert_eq!(running.trouble(wide).await?, error.to_string());
    let count =
        "mkdir ../up/$IDDS_ATTEMPT_ID; ls ../up | wc -l; sleep 0.1; rmdir ../up/$IDDS_ATTEMPT_ID";
    fs::create_dir(bench.path("up"))?;
    for number in 0..12 {
        running
            .executor
            .start(bench.job(&number.to_string(), count));
    }
    let mut most = 0;
    for _ in 0..12 {
        let (name, outcome) = running.ended().await?;
        assert!(outcome.is_success(), "{outcome:?}");
        most = most.max(
            bench
                .read(&format!("{name}/stdout"))?
                .trim()
                .parse::<usize>()?,
        );
    }
    assert!((2..=3).contains(&most), "{most}");
    Ok(())
}

#[tokio::test]
async fn what_waits_can_be_ended_and_does_not_start() -> Result {
    let bench = Bench::new()?;
    let mut running = bench.start_with(|builder| builder.cores(1))?;
    running.executor.start(bench.job("1", "sleep 1000"));
    running.executor.start(bench.job("2", "true"));
    running.started("1").await?;
    running.executor.end(&AttemptId::new("2"));
    let (name, outcome) = running.ended().await?;
    assert_eq!((name.as_str(), outcome.end), ("2", End::Stopped));
    running.executor.end(&AttemptId::new("1"));
    assert_eq!(running.ended().await?.0, "1");
    assert!(!bench.path("2").exists());
    Ok(())
}

#[tokio::test]
async fn trouble_of_the_machine_is_not_the_failure_of_a_job() -> Result {
    let bench = Bench::new()?;
    let mut running = bench.start()?;
    let script = bench.path("script");
    fs::write(&script, "#!/usr/bin/pyhton3\n")?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    let program =
        |name: &str, program: &str| Job::program(AttemptId::new(name), bench.path(name), program);
    for (job, said) in [
        (
            program("a", "no-such-program"),
            "there is no program no-such-program in PATH",
        ),
        (
            program("b", "/etc/passwd"),
            "/etc/passwd: this is no program",
        ),
        (
            Job::program(AttemptId::new("c"), bench.path("c"), &script),
            "its interpreter /usr/bin/pyhton3 is not there",
        ),
        (bench.job("d", "no-such-command"), "exit code 127: "),
        (bench.job("e", "/"), "exit code 126: "),
        (
            bench.job("f", "true").start_in(bench.path("nowhere")),
            "nowhere: No such file or directory",
        ),
    ] {
        let why = running.trouble(job).await?;
        assert!(why.contains(said), "{why}");
    }
    Ok(())
}

#[tokio::test]
async fn what_a_job_does_to_its_own_directory_hides_its_end_from_nobody() -> Result {
    let bench = Bench::new()?;
    let mut running = bench.start()?;
    fs::write(bench.path("mine"), "mine")?;
    for (name, line) in [
        ("removed", "rm -rf \"$PWD\""),
        ("draft", "rm .exit.json"),
        (
            "link",
            "rm .exit.json; ln -s ../mine .exit.json; ln -s ../mine exit.json; ln -s ../mine usage.json",
        ),
        ("faked", "echo '{\"end\":\"exited\",\"code\":7}' >exit.json"),
        ("directory", "rm .exit.json; mkdir usage.json"),
    ] {
        running.executor.start(bench.job(name, line));
        let (_, outcome) = running.ended().await?;
        assert!(outcome.is_success(), "{name}: {outcome:?}");
        assert_eq!(
            AttemptOutcome::read(bench.path(name))?,
            Some(outcome),
            "{name}"
        );
    }
    assert_eq!(bench.read("mine")?, "mine");
    Ok(())
}

#[tokio::test]
async fn a_job_starts_at_once() -> Result {
    let bench = Bench::new()?;
    let mut running = bench.start()?;
    running.run(bench.job("first", "true")).await?;
    let mut times = Vec::new();
    for number in 0..20 {
        let asked = Instant::now();
        running
            .executor
            .start(bench.job(&number.to_string(), "true"));
        assert_eq!(running.next().await?.change, AttemptChange::Started);
        times.push(asked.elapsed());
        running.ended().await?;
    }
    times.sort();
    // The median, as other tests run beside this one.
    assert!(times[10] < Duration::from_millis(50), "{times:?}");
    Ok(())
}

#[tokio::test]
async fn without_a_supervisor_no_job_begins_and_the_reason_is_said() -> Result {
    let bench = Bench::new()?;
    for (program, said) in [
        (
            "/bin/true",
            "does its `main` begin with `idds::jobs::init()`?",
        ),
        ("/no/such/program", "/no/such/program: No such file"),
    ] {
        let mut running = loop {
            // The one before it takes a moment to end.
            let set =
                |builder: LocalExecutorBuilder| builder.supervisor(Supervisor::program(program));
            match bench.start_with(set) {
                Ok(running) => break running,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        let why = running.trouble(bench.job("1", "true")).await?;
        assert!(why.contains(said), "{why}");
        assert!(!bench.path("1").exists());
    }
    Ok(())
}
