//! Disks that are full, directories that cannot be written: nothing is lost, and the reason is said.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use idds_jobs::{AttemptChange, AttemptId, AttemptOutcome, End, Executor, Job};

use crate::bench::{Bench, Result};

/// A file system of 1 MB below the directory of a bench; gone when it is dropped.
struct Disk<'a>(&'a Bench);

impl<'a> Disk<'a> {
    /// Mounts it, where that is possible.
    fn new(bench: &'a Bench) -> Result<Option<Self>> {
        fs::create_dir(bench.path("disk"))?;
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=1m,nr_inodes=64", "tmpfs"])
            .arg(bench.path("disk"));
        if mount.output().is_ok_and(|mounted| mounted.status.success()) {
            return Ok(Some(Self(bench)));
        }
        eprintln!("SKIPPED: no file system can be mounted here, so that no disk is full");
        Ok(None)
    }

    fn remount(&self, how: &str) -> Result {
        let how = format!("remount,{how}");
        let mounted = Command::new("mount")
            .args(["-o", &how])
            .arg(self.0.path("disk"))
            .status()?;
        assert!(mounted.success());
        Ok(())
    }

    /// Leaves only so many bytes.
    fn fill_up_to(&self, left: usize) -> Result {
        let mut file = fs::File::create(self.0.path("disk/ballast"))?;
        while file.write_all(&[0; 4096]).is_ok() {}
        let length = file.metadata()?.len();
        file.set_len(length.saturating_sub(left as u64))?;
        Ok(())
    }

    fn free(&self) -> Result {
        Ok(fs::remove_file(self.0.path("disk/ballast"))?)
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("-l")
            .arg(self.0.path("disk"))
            .status();
    }
}

#[tokio::test]
async fn a_full_disk_fails_no_job_and_loses_no_end() -> Result {
    let bench = Bench::new()?;
    let Some(disk) = Disk::new(&bench)? else {
        return Ok(());
    };
    let mut running = bench.start()?;
    // However much space is left: the job does not begin, or its end is written down.
    for pages in 0..14 {
        disk.fill_up_to(pages * 4096)?;
        let name = format!("disk/{pages}");
        let job = bench.job(&name, "echo 1; cat ballast >copy 2>/dev/null; exit 0");
        running.executor.start(job);
        let (_, outcome) = running.ended().await?;
        match &outcome.end {
            End::Trouble { why } => {
                assert!(why.contains("No space left on device"), "{why}");
                assert!(why.contains("make room there"), "{why}");
            }
            end => {
                assert_eq!(*end, End::Exited { code: 0 });
                assert_eq!(AttemptOutcome::read(bench.path(&name))?, Some(outcome));
            }
        }
        disk.free()?;
        let _ = fs::remove_dir_all(bench.path(&name));
    }
    // A job that fails of it is not to blame.
    let job = bench.job("disk/eats", "cat /dev/zero >all; exit 1");
    let why = running.trouble(job).await?;
    assert!(why.contains("No space left on device"), "{why}");
    assert!(AttemptOutcome::read(bench.path("disk/eats"))?.is_some());
    Ok(())
}

#[tokio::test]
async fn an_end_that_cannot_be_written_down_is_held_until_it_can() -> Result {
    let bench = Bench::new()?;
    let mut running = bench.start()?;
    let line = "mv ../../nest ../../moved; touch ../../nest; exit 0";
    let job = Job::shell(AttemptId::new("1"), bench.path("nest/1"), line);
    running.executor.start(job);
    running.started("1").await?;
    let event = running.next().await?;
    let AttemptChange::Unrecorded { why } = event.change else {
        return Err(format!("{event:?}").into());
    };
    assert!(why.contains("/nest/1: "), "{why}");
    fs::remove_file(bench.path("nest"))?;
    let (_, outcome) = running.ended().await?;
    assert!(outcome.is_success());
    assert_eq!(AttemptOutcome::read(bench.path("nest/1"))?, Some(outcome));
    Ok(())
}

#[tokio::test]
async fn a_file_system_that_cannot_be_written_is_trouble() -> Result {
    let bench = Bench::new()?;
    let Some(disk) = Disk::new(&bench)? else {
        return Ok(());
    };
    let mut running = bench.start()?;
    disk.remount("ro")?;
    let why = running.trouble(bench.job("disk/1", "true")).await?;
    assert!(why.contains("disk/1: Read-only file system"), "{why}");
    assert!(
        why.contains("name a directory that can be written"),
        "{why}"
    );
    disk.remount("rw")?;
    assert!(running.run(bench.job("disk/1", "true")).await?.is_success());
    Ok(())
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_trouble() -> Result {
    let bench = Bench::new()?;
    let mut running = bench.start()?;
    fs::write(bench.path("file"), "")?;
    let why = running.trouble(bench.job("file/1", "true")).await?;
    assert!(why.contains("file/1: Not a directory"), "{why}");
    fs::create_dir(bench.path("closed"))?;
    fs::set_permissions(bench.path("closed"), fs::Permissions::from_mode(0o500))?;
    if fs::write(bench.path("closed/probe"), "").is_ok() {
        // The administrator can write everywhere.
        return Ok(());
    }
    let why = running.trouble(bench.job("closed/1", "true")).await?;
    assert!(why.contains("Permission denied"), "{why}");
    assert!(
        why.contains("name a directory that can be written"),
        "{why}"
    );
    Ok(())
}
