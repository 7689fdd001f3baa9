//! Files of every kind that a person names: journals of other searches, links, pipes and devices.

use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;
use std::process::Command;

use idds::local::Server;

use super::hpo::{SPACE, program, search};
use super::{Failure, User};

fn pipe(path: &Path) -> Result<(), Failure> {
    assert!(Command::new("mkfifo").arg(path).status()?.success());
    Ok(())
}

#[tokio::test]
async fn the_journal_of_another_request_of_its_number_is_refused_at_once() -> Result<(), Failure> {
    let (server, mut user, id) = search().await?;
    program(&user, "echo 1")?;
    let run = format!("hpo run {id} -- ./train.sh");
    assert_eq!(user.run(&run).await?.code, Some(0));
    server.shutdown().await;

    let (today, other, same_number) = search().await?;
    assert_eq!(same_number, id);
    let yesterday = server_without_token(&user.url);
    user.url.clone_from(&other.url);
    let now = server_without_token(&user.url);
    let ran = user.run(&run).await?;
    let start = format!(
        "error: the search of request {id} could not begin: request-{id}/journal: it is the journal of request {id} made at "
    );
    assert!(
        ran.code == Some(1) && ran.stderr.contains(&start),
        "{ran:?}"
    );
    for part in [
        yesterday.as_str(),
        &now,
        "is another one, made at ",
        "name another file for the journal, or remove this one; give this search another --directory",
    ] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    assert_eq!(
        user.run(&format!("hpo run {id} --directory today -- ./train.sh"))
            .await?
            .code,
        Some(0)
    );
    today.shutdown().await;
    Ok(())
}

/// Returns an address as it is shown.
fn server_without_token(url: &str) -> String {
    url.split('/')
        .filter(|part| !part.starts_with("token_"))
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test]
async fn only_regular_files_are_replaced() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let user = User::of(&server)?;
    let path = |name: &str| user.home.path().join(name);
    fs::write(path("in.json"), SPACE)?;
    let steer = async |input: &str, output: &str| {
        user.run(&format!(
            "hpo steer --max_points=2 --num_points=2 --input={input} --output={output}"
        ))
        .await
    };

    fs::write(path("target.json"), "old")?;
    symlink("target.json", path("link.json"))?;
    assert_eq!(steer("in.json", "link.json").await?.code, Some(0));
    assert!(
        path("link.json").is_symlink()
            && fs::read_to_string(path("target.json"))?.starts_with("[{")
    );

    for output in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let ran = steer("in.json", output).await?;
        assert!(
            ran.code == Some(0) && ran.stdout.starts_with("[{\"A\":"),
            "{output}: {ran:?}"
        );
    }
    assert_eq!(steer("in.json", "/dev/null").await?.code, Some(0));
    assert!(fs::metadata("/dev/null")?.file_type().is_char_device());

    // What is named by the shell as <(…) and >(…) is a pipe.
    for name in ["in", "out"] {
        pipe(&path(name))?;
    }
    let feed = std::thread::spawn({
        let path = path("in");
        move || fs::write(path, SPACE)
    });
    let drain = std::thread::spawn({
        let path = path("out");
        move || fs::read_to_string(path)
    });
    assert_eq!(steer("in", "out").await?.code, Some(0));
    feed.join().map_err(|_| "the pipe was not read")??;
    assert!(
        drain
            .join()
            .map_err(|_| "the pipe was not written")??
            .starts_with("[{")
    );
    assert!(fs::metadata(path("out"))?.file_type().is_fifo());

    let ran = user.run("cacher put in.json").await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    symlink("copy.json", path("copy"))?;
    for to in ["copy", "/dev/null", "-"] {
        let ran = user
            .run(&format!("cacher get in.json --overwrite --to {to}"))
            .await?;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(ran.stdout == SPACE, to == "-", "{ran:?}");
    }
    assert!(path("copy").is_symlink() && fs::read_to_string(path("copy.json"))? == SPACE);
    assert!(fs::metadata("/dev/null")?.file_type().is_char_device());
    server.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn nothing_without_an_end_is_read_to_its_end() -> Result<(), Failure> {
    let (server, user, id) = search().await?;
    program(&user, "echo 1")?;
    for (line, code, what) in [
        (
            format!("hpo run {id} --journal /dev/full -- ./train.sh"),
            1,
            "/dev/full: it is a device or a pipe, and a journal is a regular file",
        ),
        (
            "hpo report /dev/zero".to_owned(),
            1,
            "/dev/zero: it is a device or a pipe, and a journal is a regular file",
        ),
        (
            "workflow check /dev/zero".to_owned(),
            1,
            "it holds more than 256 MiB, and no more is read",
        ),
        (
            "message send 1 --file /dev/zero".to_owned(),
            1,
            "it holds more than 256 MiB, and no more is read",
        ),
    ] {
        let ran = user.run(&line).await?;
        assert!(
            ran.code == Some(code) && ran.stderr.contains(what),
            "{line}: {ran:?}"
        );
    }
    server.shutdown().await;
    Ok(())
}
