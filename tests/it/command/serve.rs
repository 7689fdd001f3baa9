//! `idds serve`.

use std::process::Stdio;

use idds::client::Client;
use idds::workflow::{Work, Workflow};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Child;

use super::{Failure, User};
use crate::support::{self, in_time};

/// Starts a server, and returns its address.
async fn serve(user: &User, line: &str) -> Result<(Child, String), Failure> {
    let mut child = user
        .command(line.split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.as_mut().ok_or("no output")?);
    in_time("the address of the server", stdout.read_line(&mut line)).await??;
    let url = line
        .strip_prefix("export IDDS_HOST=")
        .and_then(|rest| Some(rest.split_once(' ')?.0));
    Ok((
        child,
        url.ok_or(format!("{line:?} is not for a shell"))?
            .to_owned(),
    ))
}

/// Takes an address apart: what people see of it, and the token.
fn split(url: &str) -> Result<(String, String), Failure> {
    let (before, rest) = url
        .split_once("/token_")
        .ok_or(format!("{url} has no token"))?;
    let (digits, path) = rest.split_once('/').ok_or("no path")?;
    Ok((format!("{before}/{path}"), format!("token_{digits}")))
}

/// Ends it, and returns its exit code and what it said.
async fn end(mut child: Child, signal: Signal) -> Result<(Option<i32>, String), Failure> {
    let pid = child
        .id()
        .and_then(|id| Pid::from_raw(id.try_into().ok()?))
        .ok_or("no process")?;
    kill_process(pid, signal)?;
    let mut said = String::new();
    let mut stderr = child.stderr.take().ok_or("no output")?;
    in_time("the end of the server", stderr.read_to_string(&mut said)).await??;
    Ok((
        in_time("the end of the server", child.wait())
            .await??
            .code(),
        said,
    ))
}

#[tokio::test]
async fn a_server_tells_its_address_keeps_its_data_and_ends_cleanly() -> Result<(), Failure> {
    let user = User {
        home: TempDir::new()?,
        url: String::new(),
    };
    let (child, url) = serve(&user, "serve --directory data").await?;
    let workflow = Workflow::builder()
        .name("kept")
        .work(Work::builder("run.sh").build()?)
        .build()?;
    let id = Client::builder(&url)
        .build()?
        .requests()
        .submit(&workflow)
        .await?;
    let (code, said) = end(child, Signal::INT).await?;
    let (shown, token) = split(&url)?;
    let page = said
        .lines()
        .find_map(|line| line.strip_prefix("in a browser: "));
    let page = page.ok_or("no page")?;
    assert!(
        page.starts_with("http://127.0.0.1:") && !page.contains(&token),
        "{page}"
    );
    let expected = format!(
        "iDDS is running at {shown}; stop it with Ctrl-C. To use it from a shell (commands and Python clients), run there:\nin a browser: {page}\nthe server has stopped\n"
    );
    assert_eq!((code, said), (Some(0), expected));

    let (child, url) = serve(&user, "serve --directory data --quiet").await?;
    assert_eq!(split(&url)?.1, token, "a server keeps its token");
    assert_eq!(
        Client::builder(&url).build()?.requests().get(id).await?[0]
            .name
            .as_deref(),
        Some("kept")
    );
    assert_eq!(end(child, Signal::TERM).await?, (Some(0), String::new()));
    Ok(())
}

#[tokio::test]
async fn with_v_each_request_has_a_line_and_each_connection_that_broke() -> Result<(), Failure> {
    let user = User {
        home: TempDir::new()?,
        url: String::new(),
    };
    let (child, url) = serve(&user, "serve -v").await?;
    Client::builder(&url).build()?.ping().await?;
    let address = url
        .trim_start_matches("http://")
        .split('/')
        .next()
        .unwrap_or_default();
    let path = &url["http://".len() + address.len()..];
    for (request, answers) in [
        (
            format!(
                "GET {path}/auth/refresh/atlas/s3cret HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
            ),
            true,
        ),
        (
            format!("GET /s3cret HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"),
            true,
        ),
        ("what is this\r\n\r\n".to_owned(), true),
        (format!("GET {path}/ping HTTP/1.1\r\nHost: "), false),
    ] {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(request.as_bytes()).await?;
        stream.shutdown().await?;
        let mut answer = Vec::new();
        in_time("the end of the connection", stream.read_to_end(&mut answer)).await??;
        assert_eq!(!answer.is_empty(), answers, "{request}");
    }
    let (_, said) = end(child, Signal::TERM).await?;
    // Our client shows the token in a header.
    for line in [
        "GET /idds/ping 200 ",
        "GET /…/idds/auth/refresh/… 404 ",
        "GET /… 401 ",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!said.contains("s3cret"), "{said}");
    assert_eq!(said.matches(" broke: ").count(), 2, "{said}");
    Ok(())
}

#[tokio::test]
async fn what_a_killed_server_left_is_removed_by_the_next() -> Result<(), Failure> {
    let user = User {
        home: TempDir::new()?,
        url: String::new(),
    };
    let temporary = user.home.path().join("tmp");
    std::fs::create_dir(&temporary)?;
    let start = async || {
        let mut command = user.command(["serve"]);
        let mut child = command
            .env("TMPDIR", &temporary)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdout = BufReader::new(child.stdout.as_mut().ok_or("no output")?);
        in_time(
            "the address of the server",
            stdout.read_line(&mut String::new()),
        )
        .await??;
        Ok::<_, Failure>(child)
    };
    let left = || {
        Ok::<_, Failure>(
            std::fs::read_dir(&temporary)?
                .map(|entry| Ok(entry?.path()))
                .collect::<std::io::Result<Vec<_>>>()?,
        )
    };
    end(start().await?, Signal::KILL).await?;
    let first = left()?;
    assert!(!first.is_empty());
    let child = start().await?;
    let second = left()?;
    assert!(
        !second.is_empty() && second.iter().all(|path| !first.contains(path)),
        "{first:?} {second:?}"
    );
    end(child, Signal::TERM).await?;
    assert!(left()?.is_empty());
    Ok(())
}

#[tokio::test]
async fn an_address_that_others_reach_must_be_allowed() -> Result<(), Failure> {
    let user = User {
        home: TempDir::new()?,
        url: String::new(),
    };
    let refused = user.run("serve --address 0.0.0.0").await?;
    insta::assert_snapshot!(refused.stderr, @"error: 0.0.0.0 can be reached from other machines; give --allow_remote to allow that");
    assert_eq!(refused.code, Some(2));
    Ok(())
}

#[tokio::test]
async fn what_stands_in_the_way_is_named_with_what_to_give_instead() -> Result<(), Failure> {
    let user = User {
        home: TempDir::new()?,
        url: String::new(),
    };
    let file = |name: &str| user.home.path().join(name);
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let port = taken.local_addr()?.port();
    std::fs::write(file("notes.txt"), "not a directory")?;
    std::fs::create_dir(file("theirs"))?;
    std::fs::write(
        file("theirs/idds.sqlite3"),
        "not a database, but long enough to be looked at as one\n",
    )?;
    std::fs::create_dir_all(file("odd/idds.sqlite3"))?;
    let (child, _) = serve(&user, "serve --directory data").await?;
    let busy = format!(
        "another program listens on port {port} of 127.0.0.1; give another --port, or none for a free one"
    );
    for (line, said) in [
        (format!("serve --port {port}").as_str(), busy.as_str()),
        (
            "serve --address 192.0.2.1 --allow_remote",
            "192.0.2.1 is no address of this machine; give another --address, or none for 127.0.0.1",
        ),
        (
            "serve --directory notes.txt",
            "notes.txt is a file; --directory names a directory",
        ),
        (
            "serve --directory notes.txt/data",
            "cannot make the directory notes.txt/data: Not a directory; give another --directory",
        ),
        (
            "serve --directory theirs",
            "theirs/idds.sqlite3 is no database but a file of another kind; it was not changed: give another --directory",
        ),
        (
            "serve --directory odd",
            "database odd/idds.sqlite3 cannot be written: Is a directory; give another --directory",
        ),
        (
            "serve --directory data",
            "database data/idds.sqlite3 is in use by another server; stop that server, or give another --directory",
        ),
    ] {
        assert_eq!(
            user.run(line).await?.stderr,
            format!("error: {said}\n"),
            "{line}"
        );
    }
    end(child, Signal::TERM).await?;
    Ok(())
}

#[tokio::test]
async fn the_line_for_a_shell_is_for_both_clients() -> Result<(), Failure> {
    let Some(python) = tokio::task::spawn_blocking(support::idds_python).await? else {
        return Ok(());
    };
    let user = User {
        home: TempDir::new()?,
        url: String::new(),
    };
    let mut child = user
        .command(["serve"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.as_mut().ok_or("no output")?);
    in_time("the address of the server", stdout.read_line(&mut line)).await??;
    let script = user.home.path().join("submit.py");
    std::fs::write(
        &script,
        "from idds.client.clientmanager import ClientManager\n\
         from idds.workflowv2.workflow import Workflow\n\
         print('submitted', ClientManager().submit(Workflow()))\n",
    )?;
    let (ours, theirs) = (
        env!("CARGO_BIN_EXE_idds"),
        std::path::Path::new(&python).with_file_name("idds"),
    );
    let theirs = format!("{python} -W ignore {}", theirs.display());
    let lines = format!(
        "{line}\nset -e\n{ours} ping\n{theirs} ping\n{python} -W ignore {}\n{theirs} get_requests_status --request_id 1\n\
         {ours} request status 1\n",
        script.display()
    );
    let mut shell = tokio::process::Command::new("sh");
    shell
        .args(["-c", &lines])
        .env_clear()
        .env("HOME", user.home.path())
        .env("PATH", "/usr/bin:/bin");
    shell.current_dir(user.home.path()).kill_on_drop(true);
    let output = in_time("both clients", shell.output()).await??;
    let (said, told) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}\n{told}");
    let has_pings = said.contains(": OK") && said.contains("{'Status': 'OK'}");
    assert!(
        has_pings && said.contains("submitted 1") && said.matches("workflow:").count() == 2,
        "{said}\n{told}"
    );
    end(child, Signal::TERM).await?;
    Ok(())
}
