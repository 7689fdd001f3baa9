//! Works that move data between storage elements that are directories.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use idds_local::{DatasetFile, Server, Storage, StorageElement};
use idds_workflow::wire::Submission;
use idds_workflow::{
    ATLASStageinWork, AnyWork, Collection, DomaDataWork, DomaRucioWork, Stamp, Workflow,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::http::{get, post, put};

/// Two storage elements, the first of which has a dataset.
struct Site {
    root: TempDir,
}

impl Site {
    fn with(files: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().expect("a directory");
        let site = Self { root };
        for element in ["tape", "disk"] {
            fs::create_dir(site.root.path().join(element)).expect("made");
        }
        fs::create_dir_all(site.dataset("tape")).expect("made");
        for (name, text) in files {
            fs::write(site.path("tape", name), text).expect("written");
        }
        site
    }

    fn dataset(&self, element: &str) -> PathBuf {
        self.root.path().join(element).join("s/raw")
    }

    fn path(&self, element: &str, file: &str) -> PathBuf {
        self.dataset(element).join(file)
    }

    fn element(&self, name: &str) -> StorageElement {
        StorageElement::new(self.root.path().join(name))
    }

    fn storage(&self) -> Storage {
        Storage::new()
            .element("TAPE", self.element("tape"))
            .element("DISK", self.element("disk"))
    }

    /// Starts a server with these storage elements, and its data in a file.
    async fn serve(&self, storage: Storage) -> Server {
        Server::builder()
            .database(self.root.path().join("state/idds.sqlite3"))
            .storage(storage)
            .start()
            .await
            .expect("a server")
    }

    fn text(&self, element: &str, file: &str) -> String {
        fs::read_to_string(self.path(element, file)).unwrap_or_default()
    }
}

fn raw() -> Collection {
    Collection::new("s", "raw").expect("a collection")
}

fn stage_in() -> AnyWork {
    let staged = Collection::new("s", "raw.staged").expect("a collection");
    let work = ATLASStageinWork::builder(raw(), staged)
        .src_rse("TAPE")
        .dest_rse("DISK");
    work.build().expect("a work").into()
}

async fn submit(server: &Server, work: impl Into<AnyWork>) -> u64 {
    let workflow = Workflow::builder().work(work.into()).build();
    let workflow = workflow.expect("a workflow");
    let stamp = Stamp::new(jiff::Timestamp::UNIX_EPOCH, 7);
    let mut body = Vec::new();
    Submission::new(&workflow, &stamp)
        .write_json(&mut body)
        .expect("JSON");
    let reply = post(server, body).await;
    reply.json()["request_id"].as_u64().expect("an id")
}

/// Waits until nothing moves in a request, and returns its status and what is said to be wrong with it.
async fn settled(server: &Server, request: u64) -> (String, String) {
    let wait = async {
        loop {
            let path = format!("/request/{request}/null/False/True");
            let row = get(server, &path).await.json()[0].take();
            let status = row["status"]["attributes"]["_name_"].as_str();
            let status = status.unwrap_or_default().to_owned();
            if !["New", "Transforming"].contains(&status.as_str()) {
                let errors = [&row["errors"], &row["transform_errors"]].map(Value::to_string);
                return (status, errors.join(" "));
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait)
        .await
        .expect("it settles")
}

/// Returns name, state, size and checksum of each file as an output.
async fn files(server: &Server, request: u64) -> Vec<(String, String, u64, String)> {
    let path = format!("/catalog/contents/{request}/null/null/null/null/1/null");
    let read = |row: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (
            text(&row["name"]),
            text(&row["status"]["attributes"]["_name_"]),
            row["bytes"].as_u64().unwrap_or_default(),
            text(&row["adler32"]),
        )
    };
    let rows = get(server, &path).await.json();
    rows.as_array().into_iter().flatten().map(read).collect()
}

async fn states(server: &Server, request: u64) -> Vec<String> {
    let files = files(server, request).await;
    files.into_iter().map(|(_, state, ..)| state).collect()
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.ino())
}

#[tokio::test]
async fn a_dataset_is_staged_file_by_file() {
    let site = Site::with(&[("a", "Wikipedia"), ("b", "")]);
    let server = site.serve(site.storage()).await;
    let request = submit(&server, stage_in()).await;
    let (status, errors) = settled(&server, request).await;
    assert_eq!(status, "Finished", "{errors}");
    // The checksum is the one that stands in the article on Adler-32.
    assert_eq!(
        files(&server, request).await,
        [
            (
                "a".to_owned(),
                "Available".to_owned(),
                9,
                "11e60398".to_owned()
            ),
            (
                "b".to_owned(),
                "Available".to_owned(),
                0,
                "00000001".to_owned()
            ),
        ]
    );
    assert_eq!(site.text("disk", "a"), "Wikipedia");
    let path = format!("/catalog/collections/{request}/null/null/null/null/1");
    let collection = get(&server, &path).await.json()[0].take();
    let count = |name: &str| collection[name].as_u64();
    assert_eq!(
        ["total_files", "processed_files", "failed_files", "bytes"].map(count),
        [Some(2), Some(2), Some(0), Some(9)]
    );
    assert_eq!(collection["status"]["attributes"]["_name_"], "Closed");
    for work in [
        AnyWork::from(
            DomaDataWork::builder(raw())
                .dest_rse("DISK")
                .build()
                .expect("a work"),
        ),
        DomaRucioWork::builder(raw())
            .dest_rse("DISK")
            .build()
            .expect("a work")
            .into(),
    ] {
        let request = submit(&server, work).await;
        assert_eq!(settled(&server, request).await.0, "Finished");
        assert_eq!(states(&server, request).await, ["Available", "Available"]);
    }
}

#[tokio::test]
async fn a_lost_and_a_spoiled_file_fail_and_a_retry_brings_them_alone() {
    let site = Site::with(&[("good", "Wikipedia"), ("spoiled", "Wikipaedia")]);
    let catalogue = ["good", "lost", "spoiled"]
        .map(|name| DatasetFile::new(name).bytes(9).adler32(0x11e6_0398));
    let storage = site.storage().dataset("s", "raw", catalogue);
    let server = site.serve(storage.expect("a catalogue")).await;
    let request = submit(&server, stage_in()).await;
    let (status, errors) = settled(&server, request).await;
    assert_eq!(status, "SubFinished");
    let expected = ["Available", "FinalFailed", "FinalFailed"];
    assert_eq!(states(&server, request).await, expected);
    for what in [
        "file lost:",
        "No such file",
        "it has 10 bytes, and has to have 9",
    ] {
        assert!(errors.contains(what), "{errors}");
    }
    assert!(!site.path("disk", "spoiled").exists());

    let copied = inode(&site.path("disk", "good"));
    for name in ["lost", "spoiled"] {
        fs::write(site.path("tape", name), "Wikipedia").expect("written");
    }
    put(&server, &format!("/request/retry/{request}/null")).await;
    assert_eq!(settled(&server, request).await.0, "Finished");
    assert_eq!(states(&server, request).await, ["Available"; 3]);
    assert_eq!(inode(&site.path("disk", "good")), copied);
}

#[tokio::test]
async fn what_is_there_and_right_is_not_copied_again_and_what_is_wrong_is() {
    let site = Site::with(&[("right", "one"), ("wrong", "two"), ("link", "three")]);
    fs::create_dir_all(site.dataset("disk")).expect("made");
    fs::write(site.path("disk", "right"), "one").expect("written");
    fs::write(site.path("disk", "wrong"), "twu").expect("written");
    fs::write(site.root.path().join("mine"), "mine").expect("written");
    symlink(site.root.path().join("mine"), site.path("disk", "link")).expect("linked");
    let before = ["right", "wrong"].map(|name| inode(&site.path("disk", name)));
    let server = site.serve(site.storage()).await;
    let request = submit(&server, stage_in()).await;
    assert_eq!(settled(&server, request).await.0, "Finished");
    let after = ["right", "wrong"].map(|name| inode(&site.path("disk", name)));
    assert_eq!(
        (before[0] == after[0], before[1] == after[1]),
        (true, false)
    );
    assert_eq!(site.text("disk", "wrong"), "two");
    // What a link leads to is not written.
    assert_eq!(site.text("disk", "link"), "three");
    let mine = fs::read_to_string(site.root.path().join("mine"));
    assert_eq!(mine.expect("text"), "mine");
}

#[tokio::test]
async fn trouble_of_the_machine_holds_the_work_and_fails_no_file() {
    let site = Site::with(&[("a", "x"), ("b", "y")]);
    fs::remove_dir(site.root.path().join("disk")).expect("removed");
    let server = site.serve(site.storage()).await;
    let request = submit(&server, stage_in()).await;
    let (status, errors) = settled(&server, request).await;
    assert_eq!(status, "Suspended");
    assert!(errors.contains("storage element DISK: "), "{errors}");
    assert_eq!(states(&server, request).await, ["New", "New"]);

    // A directory that is a file cannot be written, even by the administrator.
    fs::create_dir_all(site.root.path().join("disk/s")).expect("made");
    fs::write(site.root.path().join("disk/s/raw"), "").expect("written");
    put(&server, &format!("/request/retry/{request}/null")).await;
    assert_eq!(settled(&server, request).await.0, "Suspended");
    assert_eq!(states(&server, request).await, ["New", "New"]);

    fs::remove_file(site.root.path().join("disk/s/raw")).expect("removed");
    put(&server, &format!("/request/retry/{request}/null")).await;
    assert_eq!(settled(&server, request).await.0, "Finished");
}

#[tokio::test]
async fn no_link_leads_out_of_a_storage_element() {
    let site = Site::with(&[]);
    let outside = site.root.path().join("outside");
    fs::create_dir(&outside).expect("made");
    fs::write(outside.join("secret"), "secret").expect("written");
    fs::remove_dir(site.dataset("tape")).expect("removed");
    symlink(&outside, site.dataset("tape")).expect("linked");
    let server = site.serve(site.storage()).await;
    let request = submit(&server, stage_in()).await;
    let (status, errors) = settled(&server, request).await;
    assert_eq!(status, "Suspended");
    assert!(
        errors.contains("a link leads out of the directory"),
        "{errors}"
    );

    fs::remove_file(site.dataset("tape")).expect("removed");
    fs::create_dir(site.dataset("tape")).expect("made");
    fs::write(site.path("tape", "a"), "x").expect("written");
    fs::create_dir(site.root.path().join("disk/s")).expect("made");
    symlink(&outside, site.dataset("disk")).expect("linked");
    put(&server, &format!("/request/retry/{request}/null")).await;
    let (status, errors) = settled(&server, request).await;
    assert_eq!(status, "Suspended");
    assert!(
        errors.contains("a link leads out of the directory"),
        "{errors}"
    );
    assert_eq!(fs::read_dir(&outside).expect("listed").count(), 1);
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_no_dataset() {
    let site = Site::with(&[("a", "x")]);
    let server = site.serve(site.storage()).await;
    for (scope, name, why) in [
        ("..", "raw", "it names another directory"),
        ("s", "../../outside", "it has a /"),
    ] {
        let input = Collection::new(scope, name).expect("a collection");
        let work = DomaDataWork::builder(input).dest_rse("DISK").build();
        let request = submit(&server, work.expect("a work")).await;
        let (status, errors) = settled(&server, request).await;
        assert_eq!(status, "Failed");
        assert!(errors.contains(why), "{errors}");
    }
    for name in ["..", "a/b", ""] {
        let storage = site.storage().dataset("s", "raw", [DatasetFile::new(name)]);
        assert!(storage.is_err(), "{name}");
    }
    let work = DomaDataWork::builder(raw()).dest_rse("NOWHERE").build();
    let request = submit(&server, work.expect("a work")).await;
    let (status, errors) = settled(&server, request).await;
    assert_eq!(status, "Failed");
    let what = r#"dest_rse: there is no storage element \"NOWHERE\"; there are: TAPE, DISK"#;
    assert!(errors.contains(what), "{errors}");
}

/// Waits until so many files are at the destination.
async fn until_there(server: &Server, request: u64, count: usize) {
    let wait = async {
        while states(server, request)
            .await
            .iter()
            .filter(|state| *state == "Available")
            .count()
            < count
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait)
        .await
        .expect("in time");
}

/// A tape that gives one file after another, and a catalogue of them.
fn slow(site: &Site, delay: Duration) -> Storage {
    let tape = site.element("tape").delay(delay).at_once(1);
    site.storage().element("TAPE", tape)
}

#[tokio::test]
async fn a_server_that_ends_in_the_middle_goes_on_and_copies_nothing_twice() {
    let site = Site::with(&[("a", "1"), ("b", "2"), ("c", "3")]);
    let server = site.serve(slow(&site, Duration::from_millis(200))).await;
    let request = submit(&server, stage_in()).await;
    until_there(&server, request, 1).await;
    let first = inode(&site.path("disk", "a"));
    drop(server);
    // As if it had been killed after the file was there, and before that was noted.
    fs::write(site.path("disk", "b"), "2").expect("written");
    let second = inode(&site.path("disk", "b"));

    let server = site.serve(slow(&site, Duration::ZERO)).await;
    assert_eq!(settled(&server, request).await.0, "Finished");
    assert_eq!(states(&server, request).await, ["Available"; 3]);
    let after = ["a", "b"].map(|name| inode(&site.path("disk", name)));
    assert_eq!(after, [first, second]);
    let left = fs::read_dir(site.dataset("disk")).expect("listed").count();
    assert_eq!(left, 3, "nothing else is left there");
}

#[tokio::test]
async fn an_abort_stops_what_is_late_and_a_retry_brings_it() {
    let site = Site::with(&[("a", "1"), ("b", "2")]);
    let server = site.serve(slow(&site, Duration::from_millis(300))).await;
    let request = submit(&server, stage_in()).await;
    until_there(&server, request, 1).await;
    put(&server, &format!("/request/abort/{request}/null")).await;
    assert_eq!(settled(&server, request).await.0, "SubFinished");
    assert_eq!(states(&server, request).await, ["Available", "Missing"]);
    put(&server, &format!("/request/retry/{request}/null")).await;
    assert_eq!(settled(&server, request).await.0, "Finished");
}

#[tokio::test]
async fn a_work_ends_with_what_is_there_when_its_time_is_over() {
    let site = Site::with(&[("a", "1")]);
    let server = site.serve(slow(&site, Duration::from_secs(3600))).await;
    let staged = Collection::new("s", "staged").expect("a collection");
    let work = ATLASStageinWork::builder(raw(), staged)
        .src_rse("TAPE")
        .dest_rse("DISK")
        .max_waiting_time(Duration::from_secs(1))
        .build();
    let request = submit(&server, work.expect("a work")).await;
    let (status, errors) = settled(&server, request).await;
    assert_eq!(status, "Failed");
    assert!(errors.contains("it was not there after 1 s"), "{errors}");
    assert_eq!(states(&server, request).await, ["FinalFailed"]);
}
