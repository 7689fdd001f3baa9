//! Jobs of the embedded server, as a client sees and commands them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use idds::client::{Client, Decision, RequestCommand};
use idds::local::{Server, Storage, StorageElement};
use idds::workflow::{RequestId, RequestStatus, Workflow};
use tempfile::TempDir;

use crate::support::in_time;

type Failure = Box<dyn std::error::Error>;

/// Time for the embedded server to do what it is told.
const PATIENCE: Duration = Duration::from_secs(60);

/// Says when it begins and ends, and ends when it is let, or a moment after it is told to.
const HELD: &str = r#"#!/bin/sh
trap 'sleep 0.3; echo "told $1" >>runs; exit 1' TERM
echo "begins $1" >>runs
until [ -e "go $1" ] || [ -e go ]; do sleep 0.02; done
echo "ends $1" >>runs
"#;

/// A server that runs programs of a directory of its own, at most two at once.
struct Here {
    folder: TempDir,
    client: Client,
    server: Server,
}

impl Here {
    async fn new() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let server = Server::builder()
            .database(folder.path().join("idds.sqlite3"))
            .jobs(folder.path().join("jobs"))
            .programs(folder.path())
            .cores(2)
            .storage(
                Storage::new().element("DISK", StorageElement::new(folder.path().join("disk"))),
            )
            .supervisor(env!("CARGO_BIN_EXE_idds"))
            .start()
            .await?;
        let client = Client::builder(server.url()).build()?;
        let here = Self {
            folder,
            client,
            server,
        };
        here.script("held.sh", HELD)?;
        Ok(here)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn script(&self, name: &str, text: &str) -> Result<(), Failure> {
        use std::os::unix::fs::PermissionsExt;
        fs::write(self.path(name), text)?;
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755))?;
        Ok(())
    }

    fn let_go(&self, name: &str) -> Result<(), Failure> {
        Ok(fs::write(self.path(name), "")?)
    }

    async fn submit(&self, yaml: &str) -> Result<RequestId, Failure> {
        let workflow = Workflow::from_yaml(yaml)?;
        Ok(self.client.requests().submit(&workflow).await?)
    }

    async fn ended(&self, request: RequestId) -> Result<RequestStatus, Failure> {
        let waiting = self.client.requests().wait_until_ended(request);
        Ok(in_time("the end", waiting.into_future()).await??.status)
    }

    async fn told(
        &self,
        command: RequestCommand<RequestId>,
    ) -> Result<(Decision, RequestStatus), Failure> {
        let outcome = command.wait().timeout(PATIENCE).await?;
        Ok((outcome.decision, outcome.info.status))
    }

    /// Returns what is said to be wrong with a request.
    async fn why(&self, request: RequestId) -> Result<String, Failure> {
        let rows = self.client.requests().get(request).await?;
        let errors = rows[0].errors.as_ref().map(ToString::to_string);
        Ok(errors.unwrap_or_default())
    }

    /// Returns what jobs have told, once it has as many lines.
    async fn lines(&self, count: usize) -> Vec<String> {
        lines(&self.path("runs"), count).await
    }
}

async fn lines(path: &Path, count: usize) -> Vec<String> {
    let until = Instant::now() + PATIENCE;
    loop {
        let text = fs::read_to_string(path).unwrap_or_default();
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        if lines.len() >= count {
            return lines;
        }
        assert!(Instant::now() < until, "{count} lines: {lines:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

const ONE: &str = "steps: { held: { type: program, executable: ./held.sh, arguments: a } }";

/// Elsewhere a task that is resumed races the rest of its last attempt (nextflow 5600): here it waits for that to end.
#[tokio::test]
async fn an_abort_ends_the_job_that_runs_and_a_retry_begins_when_it_has_ended()
-> Result<(), Failure> {
    let here = Here::new().await?;
    let requests = here.client.requests();
    for command in [
        |here: &Here, request| here.client.requests().abort(request),
        |here: &Here, request| here.client.requests().close(request),
    ] {
        let _ = fs::remove_file(here.path("runs"));
        let request = here.submit(ONE).await?;
        here.lines(1).await;
        let (decision, status) = here.told(command(&here, request)).await?;
        assert_eq!(
            (decision, status),
            (Decision::Applied, RequestStatus::Failed)
        );
        let (decision, _) = here.told(requests.retry(request)).await?;
        assert_eq!(decision, Decision::Applied);
        here.lines(3).await;
        here.let_go("go a")?;
        assert_eq!(here.ended(request).await?, RequestStatus::Finished);
        assert_eq!(
            here.lines(4).await,
            ["begins a", "told a", "begins a", "ends a"]
        );
        fs::remove_file(here.path("go a"))?;
    }
    here.server.shutdown().await;
    Ok(())
}

const MAP: &str = "
steps:
  map:
    type: doma_panda
    task_name: map
    executable: cd $IDDS_WORKFLOW_DIRECTORY; exec ./held.sh ${IN/L}
    jobs: [{ name: a }, { name: b }, { name: c }]
";

#[tokio::test]
async fn what_is_suspended_ends_its_jobs_and_begins_no_others_until_it_is_resumed()
-> Result<(), Failure> {
    let here = Here::new().await?;
    let requests = here.client.requests();
    let request = here.submit(MAP).await?;
    let mut begun = here.lines(2).await;
    begun.sort();
    assert_eq!(begun, ["begins a", "begins b"]);
    let (decision, status) = here.told(requests.suspend(request)).await?;
    assert_eq!(
        (decision, status),
        (Decision::Applied, RequestStatus::Suspended)
    );
    here.let_go("go a")?;
    here.let_go("go b")?;
    here.lines(4).await;
    // Of another request, a job begins: there is room.
    let other = here
        .submit(&ONE.replace("arguments: a", "arguments: a b"))
        .await?;
    assert_eq!(here.ended(other).await?, RequestStatus::Finished);
    assert_eq!(here.lines(6).await.len(), 6);
    let (decision, _) = here.told(requests.resume(request)).await?;
    assert_eq!(decision, Decision::Applied);
    assert_eq!(here.lines(7).await[6], "begins c");
    here.let_go("go c")?;
    assert_eq!(here.ended(request).await?, RequestStatus::Finished);

    // What is done counts, and what is not does not.
    for (finished, status) in [
        (false, RequestStatus::SubFinished),
        (true, RequestStatus::Finished),
    ] {
        for name in ["runs", "go a", "go b", "go c"] {
            let _ = fs::remove_file(here.path(name));
        }
        here.let_go("go a")?;
        let request = here.submit(MAP).await?;
        here.lines(4).await;
        let command = match finished {
            true => requests.force_finish(request),
            false => requests.abort(request),
        };
        assert_eq!(here.told(command).await?, (Decision::Applied, status));
        here.lines(6).await;
    }
    Ok(())
}

#[tokio::test]
async fn a_request_ends_with_its_lifetime_and_its_jobs_with_it() -> Result<(), Failure> {
    let here = Here::new().await?;
    let request = here.submit(&format!("lifetime: 0.00002\n{ONE}")).await?;
    // As 2.6.21, by what its works are: nothing is there.
    assert_eq!(here.ended(request).await?, RequestStatus::Failed);
    let told = here.lines(2).await;
    assert_eq!(told, ["begins a", "told a"]);
    Ok(())
}

#[tokio::test]
async fn of_a_campaign_only_as_many_requests_run_as_it_says() -> Result<(), Failure> {
    let here = Here::new().await?;
    let requests = here.client.requests();
    let of = |campaign: &str, name: &str, priority: i32| {
        format!(
            "campaign: {campaign}\ncampaign_scope: s\ncampaign_group: g\ncampaign_tag: t\nmax_processing_requests: 1\n\
             priority: {priority}\n{}",
            ONE.replace("arguments: a", &format!("arguments: {name}"))
        )
    };
    let first = here.submit(&of("c", "a", 0)).await?;
    here.lines(1).await;
    let second = here.submit(&of("c", "b", 0)).await?;
    let third = here.submit(&of("c", "c", 5)).await?;
    let other = here.submit(&of("d", "d", 0)).await?;
    assert_eq!(here.lines(2).await[1], "begins d");
    here.let_go("go d")?;
    assert_eq!(here.ended(other).await?, RequestStatus::Finished);
    let waits = requests.explain(second).await?.why.unwrap_or_default();
    assert_eq!(
        waits,
        "waits for its turn: 1 requests of campaign c are processed, and its max_processing_requests is 1"
    );
    // The one with the higher priority is next; one that is held makes room.
    let (decision, _) = here.told(requests.suspend(first)).await?;
    assert_eq!(decision, Decision::Applied);
    assert_eq!(here.lines(4).await[3], "begins c");
    here.let_go("go c")?;
    assert_eq!(here.ended(third).await?, RequestStatus::Finished);
    here.let_go("go b")?;
    assert_eq!(here.ended(second).await?, RequestStatus::Finished);
    here.let_go("go a")?;
    let (decision, _) = here.told(requests.resume(first)).await?;
    assert_eq!(decision, Decision::Applied);
    assert_eq!(here.ended(first).await?, RequestStatus::Finished);
    Ok(())
}

/// Takes 60 MB, and tells so.
const HUNGRY: &str = r#"#!/bin/sh
echo "begins $IDDS_ATTEMPT_ID" >>"$IDDS_WORKFLOW_DIRECTORY/runs"
data=$(head -c 60000000 /dev/zero | tr '\0' x)
sleep 0.5
echo "ends ${#data}" >>"$IDDS_WORKFLOW_DIRECTORY/runs"
"#;

#[tokio::test]
async fn a_job_beyond_its_memory_is_killed_and_tried_again_with_more() -> Result<(), Failure> {
    let here = Here::new().await?;
    here.script("hungry.sh", HUNGRY)?;
    let map = |offset: u32, step: u32, most: u32| {
        format!(
            "
steps:
  map:
    type: doma_panda
    task_name: map
    executable: $IDDS_WORKFLOW_DIRECTORY/hungry.sh
    task_rss: 20
    task_rss_retry_offset: {offset}
    task_rss_retry_step: {step}
    task_rss_max: {most}
    max_attempt: 3
    jobs: [{{ name: a }}]
"
        )
    };
    // 20, 20 + 0 + 10 and 20 + 0 + 400 megabytes.
    let request = here.submit(&map(0, 200, 4000)).await?;
    assert_eq!(here.ended(request).await?, RequestStatus::Finished);
    let told = here.lines(3).await;
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[2], "ends 60000000");
    fs::remove_file(here.path("runs"))?;
    let request = here.submit(&map(5, 200, 30)).await?;
    assert_eq!(here.ended(request).await?, RequestStatus::Failed);
    assert_eq!(here.lines(3).await.len(), 3);
    let why = here.why(request).await?;
    assert!(why.contains("and may have 30"), "{why}");
    Ok(())
}

const LINKED: &str = "
steps:
  count: { type: program, executable: ./count.sh }
  use: { type: program, executable: ./use.sh, arguments: nothing }
links:
  - { source: count, destinations: [use], parameters: [{ source: user_line, destination: arguments }] }
conditions:
  - { when: { step: count, is: finished }, then: [use] }
";

#[tokio::test]
async fn a_link_hands_the_result_of_a_program_to_the_next() -> Result<(), Failure> {
    let here = Here::new().await?;
    here.script(
        "count.sh",
        "#!/bin/sh\necho '{\"line\": \"of 42\"}' >\"$IDDS_OUTPUT_JSON\"\n",
    )?;
    here.script("use.sh", "#!/bin/sh\necho \"$@\" >>runs\n")?;
    let request = here.submit(LINKED).await?;
    assert_eq!(here.ended(request).await?, RequestStatus::Finished);
    assert_eq!(here.lines(1).await, ["of 42"]);
    Ok(())
}

const PRUN: &str = r#"
steps:
  count:
    type: panda
    task_parameters:
      taskName: user.jdoe.count
      transPath: https://pandaserver.example/trf/user/runGen-00-00-02
      nFilesPerJob: 2
      jobParameters:
      - { type: constant, value: '-j "" --sourceURL ${SURL}' }
      - { type: constant, value: -r . }
      - { type: template, param_type: input, value: '-i "${IN/T}"', dataset: user.jdoe.raw/, exclude: '\.log\.tgz(\.\d+)*$' }
      - { type: constant, value: '-p "', padding: false }
      - { type: constant, value: 'echo%20%25IN%20%24%28cat%20%24%28echo%20%25IN%20%7C%20tr%20%2C%20%27%20%27%29%29%20%3E%3E%24IDDS_WORKFLOW_DIRECTORY%2Fruns', padding: false }
      - { type: constant, value: '"' }
"#;

#[tokio::test]
async fn a_task_of_prun_reads_the_files_of_its_dataset_so_many_a_job() -> Result<(), Failure> {
    let here = Here::new().await?;
    let directory = here.path("disk/user.jdoe/user.jdoe.raw");
    let missing = here.submit(PRUN).await?;
    assert_eq!(here.ended(missing).await?, RequestStatus::Failed);
    let why = here.why(missing).await?;
    assert!(
        why.contains("no storage element has a directory user.jdoe/user.jdoe.raw"),
        "{why}"
    );
    fs::create_dir_all(&directory)?;
    for name in ["a", "b", "it's c", "d.log.tgz"] {
        fs::write(directory.join(name), format!("data of {name}"))?;
    }
    fs::rename(directory.join("it's c"), directory.join("c"))?;
    let request = here.submit(PRUN).await?;
    assert_eq!(here.ended(request).await?, RequestStatus::Finished);
    let mut told = here.lines(2).await;
    told.sort();
    assert_eq!(told, ["a,b data of adata of b", "c data of it's c"]);
    Ok(())
}
