//! The token of `idds serve`: who finds it, and where it does not stand.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::Child;

use super::{Failure, User};
use crate::support::{http, in_time};

/// A server that a user has started, whose standard output is a file.
struct Served {
    child: Child,
    /// The address with the token.
    url: String,
    /// The address that is shown.
    shown: String,
    token: String,
}

fn nobody() -> Result<User, Failure> {
    Ok(User {
        home: TempDir::new()?,
        url: String::new(),
    })
}

/// Starts a server, with its standard output in a file as the shell makes one.
async fn serve(user: &User, line: &str, file: &str) -> Result<Served, Failure> {
    let stdout = fs::File::create(user.home.path().join(file))?;
    stdout.set_permissions(fs::Permissions::from_mode(0o644))?;
    let arguments = std::iter::once("serve").chain(line.split_whitespace());
    let mut child = user
        .command(arguments)
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()?;
    // The line on standard output comes last.
    let printed = async {
        let mut looks = tokio::time::interval(std::time::Duration::from_millis(10));
        loop {
            looks.tick().await;
            let text = fs::read_to_string(user.home.path().join(file))?;
            if text.ends_with('\n') {
                return Ok::<_, std::io::Error>(text);
            }
            if child.try_wait()?.is_some() {
                return Ok(text);
            }
        }
    };
    let line = in_time("the address of the server", printed).await??;
    let url = line
        .strip_prefix("export IDDS_HOST=")
        .and_then(|rest| rest.split_once(' '))
        .ok_or(format!("{line:?}"))?
        .0;
    let token = url
        .split('/')
        .find(|part| part.starts_with("token_"))
        .unwrap_or_default()
        .to_owned();
    let shown = if token.is_empty() {
        url.to_owned()
    } else {
        url.replace(&format!("/{token}"), "")
    };
    Ok(Served {
        child,
        url: url.to_owned(),
        shown,
        token,
    })
}

/// Ends a server with a signal, and returns what it said.
async fn end(mut server: Served, signal: Signal) -> Result<String, Failure> {
    let pid = server
        .child
        .id()
        .and_then(|id| Pid::from_raw(id.try_into().ok()?))
        .ok_or("no process")?;
    kill_process(pid, signal)?;
    let mut said = String::new();
    let mut stderr = server.child.stderr.take().ok_or("no output")?;
    in_time("the end of the server", stderr.read_to_string(&mut said)).await??;
    in_time("the end of the server", server.child.wait()).await??;
    Ok(said)
}

/// Names the files below a directory that have a text in them.
fn files_with(directory: &Path, text: &str) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_with(&path, text)?);
        } else if path.is_file() && String::from_utf8_lossy(&fs::read(&path)?).contains(text) {
            found.push(
                path.file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
            );
        }
    }
    found.sort();
    Ok(found)
}

#[tokio::test]
async fn a_token_stands_in_the_printed_line_and_in_files_of_its_owner_alone() -> Result<(), Failure>
{
    let mut user = nobody()?;
    let server = serve(&user, "-vvv --directory data", "serve.sh").await?;
    user.url.clone_from(&server.url);
    let home = user.home.path();
    let secret = server
        .token
        .strip_prefix("token_")
        .ok_or("no token")?
        .to_owned();
    assert_eq!(home.join("serve.sh").metadata()?.mode() & 0o777, 0o600);
    let arguments = fs::read_to_string(format!(
        "/proc/{}/cmdline",
        server.child.id().unwrap_or_default()
    ))?;
    assert!(!arguments.contains(&secret), "{arguments}");

    fs::write(home.join("train.sh"), "#!/bin/sh\necho 1\n")?;
    fs::set_permissions(home.join("train.sh"), fs::Permissions::from_mode(0o755))?;
    fs::write(
        home.join("search.yaml"),
        "steps: {train: {type: hpo, method: nevergrad, max_points: 2, opt_space: {A: {type: Scalar, bounds: [0, 5]}}}}\n",
    )?;
    fs::write(home.join("file"), "x")?;
    for (line, code) in [
        ("-vvv ping", 0),
        ("-vvv config", 0),
        ("config --output json", 0),
        ("-vvv request submit search.yaml", 0),
        ("-vvv hpo run 1 -- ./train.sh", 0),
        ("hpo report request-1/journal --to report.json", 0),
        ("-vvv request status 1 --with_detail", 0),
        ("-vvv request status 99999999999999999999", 2),
        ("-vvv hpo update 1 99 0.5", 4),
        ("-vvv cacher put file", 0),
        ("-vvv request abort 77", 4),
        ("-vvv auth login --vo atlas", 4),
        ("-vvv --server_version 1.3.0 request finish 1", 4),
    ] {
        let ran = user.run(line).await?;
        assert!(
            !format!("{}{}", ran.stdout, ran.stderr).contains(&secret),
            "{line}: {ran:?}"
        );
        if code == 0 {
            assert_eq!(ran.code, Some(0), "{line}: {ran:?}");
        }
    }
    for wrong in [
        server.url.replace("token_", "token_0"),
        server.url.to_uppercase().replacen("HTTP", "http", 1),
    ] {
        let ran = User {
            url: wrong,
            home: TempDir::new()?,
        }
        .run("-vvv ping")
        .await?;
        assert!(
            ran.code != Some(0) && !ran.stderr.to_lowercase().contains(&secret),
            "{ran:?}"
        );
    }
    let asked = http::plain().build()?;
    for path in [
        format!("/{}/nowhere", server.token),
        format!("/{}/idds/ping", server.token.to_uppercase()),
    ] {
        asked
            .get(format!("{}{path}", server.shown.trim_end_matches("/idds")))
            .send()
            .await?;
    }
    let said = end(server, Signal::TERM).await?;
    assert!(!said.to_lowercase().contains(&secret), "{said}");
    // The announcement is gone with the server.
    assert_eq!(
        files_with(user.home.path(), &secret)?,
        ["idds.sqlite3-token", "serve.sh"]
    );
    for file in ["data/idds.sqlite3-token", "serve.sh"] {
        assert_eq!(
            user.home.path().join(file).metadata()?.mode() & 0o777,
            0o600,
            "{file}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_server_is_found_by_who_started_it_and_by_nobody_else() -> Result<(), Failure> {
    let user = nobody()?;
    let first = serve(&user, "--directory data", "one").await?;
    let ran = user.run("ping").await?;
    assert_eq!(
        (ran.code, ran.stderr),
        (
            Some(0),
            format!("no server is set; using your own at {}\n", first.shown)
        )
    );
    assert_eq!(user.run("ping --quiet").await?.stderr, "");
    let port = first
        .shown
        .rsplit(':')
        .next()
        .unwrap_or_default()
        .to_owned();
    for host in [first.shown.clone(), format!("http://localhost:{port}")] {
        let ran = user.run(&format!("ping --host {host}")).await?;
        assert!(
            ran.code == Some(0) && ran.stdout.starts_with(&format!("{}: OK", first.shown)),
            "{ran:?}"
        );
    }
    let seen = user.run(&format!("ping --host {}", first.url)).await?;
    assert!(
        seen.code == Some(0)
            && seen
                .stderr
                .contains("every user of this machine sees the arguments"),
        "{seen:?}"
    );

    let foreign = User {
        url: first.shown.clone(),
        home: TempDir::new()?,
    };
    let turned = foreign.run("ping").await?;
    let what = format!(
        "error: ping failed: the server at {} requires its token: set the host to the address that `idds serve` printed, which has the \
         token before /idds; without it nobody uses the server of somebody else\n",
        first.shown
    );
    assert_eq!((turned.code, turned.stderr), (Some(5), what));
    let old = User {
        url: first.url.replace("token_", "token_0"),
        home: TempDir::new()?,
    };
    let turned = old.run("ping").await?;
    let is_told = turned
        .stderr
        .contains("has another token than the one that was sent")
        && turned.stderr.contains(&first.shown);
    assert!(turned.code == Some(5) && is_told, "{turned:?}");

    let second = serve(&user, "", "two").await?;
    assert_ne!(first.token, second.token);
    let several = user.run("ping").await?;
    let is_told = [&first.shown, &second.shown]
        .iter()
        .all(|url| several.stderr.contains(*url));
    assert!(several.code == Some(2) && is_told, "{several:?}");
    for server in [&first, &second] {
        assert_eq!(
            user.run(&format!("ping --host {}", server.shown))
                .await?
                .code,
            Some(0)
        );
    }
    end(second, Signal::TERM).await?;
    end(first, Signal::INT).await?;
    assert_eq!(
        fs::read_dir(user.home.path().join(".idds/servers"))?.count(),
        0
    );
    Ok(())
}

#[tokio::test]
async fn whoever_listens_at_the_port_of_a_killed_server_is_not_shown_its_token()
-> Result<(), Failure> {
    let user = nobody()?;
    let server = serve(&user, "--directory data", "serve.sh").await?;
    let (shown, token) = (server.shown.clone(), server.token.clone());
    end(server, Signal::KILL).await?;
    assert_eq!(
        fs::read_dir(user.home.path().join(".idds/servers"))?.count(),
        1,
        "it had no time to take it away"
    );
    let address = shown
        .strip_prefix("http://")
        .and_then(|rest| rest.strip_suffix("/idds"))
        .ok_or("no address")?;
    let thief = TcpListener::bind(address).await?;
    let heard = tokio::spawn(async move {
        let mut heard = String::new();
        let (stream, _) = thief.accept().await?;
        let mut lines = BufReader::new(stream);
        while lines.read_line(&mut heard).await? > 2 {}
        Ok::<_, std::io::Error>(heard)
    });
    let ping = user.run(&format!("ping --host {shown}")).await?;
    let heard = in_time("the request", heard).await???;
    assert!(
        heard.starts_with("GET /idds/ping") && !heard.contains("token_"),
        "{heard}"
    );
    assert!(
        ping.code != Some(0) && !ping.stderr.contains(&token),
        "{ping:?}"
    );
    assert_eq!(
        user.run("ping").await?.code,
        Some(2),
        "no server is set, and none runs"
    );

    // It is started again, and its clients go on.
    let again = serve(&user, "--directory data", "serve.sh").await?;
    assert_eq!(again.token, token);
    assert_eq!(
        user.run(&format!("ping --host {}", again.shown))
            .await?
            .code,
        Some(0)
    );
    end(again, Signal::TERM).await?;
    Ok(())
}

#[tokio::test]
async fn a_token_is_switched_off_for_this_machine_alone() -> Result<(), Failure> {
    let user = nobody()?;
    let refused = user.run("serve --allow_remote --no_token").await?;
    assert!(
        refused.code == Some(2) && refused.stderr.contains("'--allow_remote'"),
        "{refused:?}"
    );
    let server = serve(&user, "--no_token", "open").await?;
    assert_eq!(
        (server.url.as_str(), server.token.as_str()),
        (server.shown.as_str(), "")
    );
    assert_eq!(
        user.home.path().join("open").metadata()?.mode() & 0o777,
        0o644
    );
    let foreign = User {
        url: server.url.clone(),
        home: TempDir::new()?,
    };
    assert_eq!(
        (
            foreign.run("ping").await?.code,
            user.run("ping").await?.code
        ),
        (Some(0), Some(0))
    );
    end(server, Signal::TERM).await?;
    Ok(())
}

#[tokio::test]
async fn the_token_lets_in_over_http_2_too() -> Result<(), Failure> {
    let user = nobody()?;
    let server = serve(&user, "", "serve.sh").await?;
    let client = http::plain().http2_prior_knowledge().build()?;
    let (header, token) = ("X-IDDS-Server-Token", server.token.as_str());
    let asked = async |url: &str, shown: &[&str]| {
        let mut request = client.get(format!("{url}/ping"));
        for token in shown {
            request = request.header(header, *token);
        }
        Ok::<_, Failure>(request.send().await?.status().as_u16())
    };
    for (url, shown, status) in [
        (&server.url, &[][..], 200),
        (&server.shown, &[token][..], 200),
        (&server.shown, &[][..], 401),
        (&server.shown, &["token_0"][..], 401),
        (&server.shown, &[token, token][..], 401),
        (&server.url, &["token_0"][..], 401),
    ] {
        assert_eq!(asked(url, shown).await?, status, "{url} {shown:?}");
    }
    end(server, Signal::TERM).await?;
    Ok(())
}
