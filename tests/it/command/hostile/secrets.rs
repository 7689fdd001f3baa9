//! Secrets stay where they are: out of what is shown and kept, in files that nobody else opens, and off the command line.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Stdio;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idds::client::Client;
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, OptSpace, Workflow};
use tokio::io::AsyncWriteExt;
use tokio::task::block_in_place;

use super::server::{self, Manner, What};
use super::{COMMANDS, Failure, Ran, User};
use crate::support::Terminal;

/// A token that is valid for long.
fn token() -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let claims = r#"{"sub": "0123456789", "name": "Ada", "exp": 9999999999}"#;
    format!(
        "{}.{}.{}",
        part(r#"{"alg": "RS256"}"#),
        part(claims),
        part("a signature that nobody else can make")
    )
}

/// Fails when a part of a secret of 20 characters is in a text.
fn is_kept(secret: &str, text: &str, place: &str) {
    for start in 0..=secret.len() - 20 {
        let part = &secret[start..start + 20];
        let around = text.find(part).map(|at| {
            text.chars()
                .skip(at.saturating_sub(100))
                .take(300)
                .collect::<String>()
        });
        assert_eq!(around, None, "{place}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_that_a_server_repeats_are_neither_shown_nor_kept() -> Result<(), Failure> {
    let mut all = tokio::task::JoinSet::new();
    for manner in Manner::ALL {
        all.spawn(async move { repeated(manner).await.map_err(|error| error.to_string()) });
    }
    while let Some(ended) = all.join_next().await {
        ended??;
    }
    Ok(())
}

async fn repeated(manner: Manner) -> Result<(), Failure> {
    let server = Server::builder().seed(1).start().await?;
    let search =
        ATLASHPOWork::nevergrad(OptSpace::builder().scalar("A", 0..=5).build()?, 2).build()?;
    let workflow = Workflow::builder().name("search").work(search).build()?;
    Client::builder(server.url())
        .build()?
        .requests()
        .submit(&workflow)
        .await?;
    let url = server::start(&server.url(), manner, What::Secrets).await?;
    let user = User {
        url,
        home: tempfile::tempdir()?,
    };
    let path = |name: &str| user.home.path().join(name);
    fs::write(path("workflow.json"), workflow.to_json())?;
    fs::write(path("message.json"), r#"{"a": 1}"#)?;
    fs::write(path("train.sh"), "#!/bin/sh\necho 1\n")?;
    fs::set_permissions(path("train.sh"), fs::Permissions::from_mode(0o755))?;
    let (id_token, refresh_token) = (token(), "a-refresh-token-of-some-length-0123456789");
    fs::create_dir(path(".idds"))?;
    let tokens = format!(r#"{{"id_token": "{id_token}", "refresh_token": "{refresh_token}"}}"#);
    for line in COMMANDS {
        fs::write(path(".idds/.token"), &tokens)?;
        fs::set_permissions(path(".idds/.token"), fs::Permissions::from_mode(0o600))?;
        let mut command = user.command(["-vvv"].into_iter().chain(line.split_whitespace()));
        let output = command
            .env("IDDS_AUTH_TYPE", "oidc")
            .env("IDDS_VO", "atlas")
            .output()
            .await?;
        let shown = String::from_utf8([output.stdout, output.stderr].concat())?;
        let journal = path("request-1/journal");
        let kept = fs::read_to_string(&journal).unwrap_or_default();
        for secret in [id_token.as_str(), refresh_token] {
            is_kept(secret, &shown, &format!("{manner:?}, {line}"));
            is_kept(secret, &kept, &format!("{manner:?}, {line}, journal"));
        }
        if journal.exists() {
            assert_eq!(fs::metadata(&journal)?.mode() & 0o777, 0o600);
        }
        let _ = fs::remove_dir_all(path("request-1"));
    }
    Ok(())
}

/// Starts a server that gives this name to logs.
async fn archive(name: &str) -> Result<String, Failure> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/idds", listener.local_addr()?);
    let value = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{name}"))?;
    let router = Router::new().fallback(move || async move {
        (
            HeaderMap::from_iter([(header::CONTENT_DISPOSITION, value)]),
            "theirs",
        )
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_chooses_no_file_that_is_written() -> Result<(), Failure> {
    let encoded = |name: &str| {
        name.bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect::<String>()
    };
    for name in [
        ".bashrc",
        ".profile",
        "-rf.tar.gz",
        "../x.tar.gz",
        "thesis.tar.gz",
        "request_2.logs.tar.gz",
        "link.tar.gz",
        "a\u{1b}[2J.tar.gz",
        "a\nb.tar.gz",
        "~.tar.gz",
    ] {
        for line in [
            "request logs 1",
            "request logs 1 --overwrite",
            "download_logs --request_id 1",
        ] {
            let user = User {
                url: archive(&encoded(name)).await?,
                home: tempfile::tempdir()?,
            };
            let path = |name: &str| user.home.path().join(name);
            let mine = [
                ".bashrc",
                "thesis.tar.gz",
                "request_2.logs.tar.gz",
                "target",
            ];
            for name in mine {
                fs::write(path(name), "mine")?;
            }
            symlink("target", path("link.tar.gz"))?;
            let Ran {
                code,
                stdout,
                stderr,
            } = user.run(line).await?;
            assert_eq!(
                (code, stdout.trim()),
                (Some(0), "./logs_1.tar.gz"),
                "{name:?}, {line}: {stderr}"
            );
            for name in mine {
                assert_eq!(fs::read_to_string(path(name))?, "mine", "{name:?}, {line}");
            }
            assert!(path("link.tar.gz").is_symlink(), "{name:?}, {line}");
            assert_eq!(
                fs::read_dir(user.home.path())?.count(),
                mine.len() + 2,
                "{name:?}, {line}"
            );
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_replace_only_logs_of_the_same_request() -> Result<(), Failure> {
    let user = User {
        url: archive("request_1.logs.tar.gz").await?,
        home: tempfile::tempdir()?,
    };
    let path = user.home.path().join("request_1.logs.tar.gz");
    for content in ["theirs", "older"] {
        let Ran { code, stdout, .. } = user.run("download_logs --request_id 1").await?;
        assert_eq!(
            (code, stdout.trim()),
            (Some(0), "./request_1.logs.tar.gz"),
            "{content}"
        );
        assert_eq!(fs::read_to_string(&path)?, "theirs");
        fs::write(&path, content)?;
    }
    fs::remove_file(&path)?;
    symlink("elsewhere", &path)?;
    let Ran { code, stderr, .. } = user.run("download_logs --request_id 1").await?;
    assert!(
        code == Some(1) && stderr.contains("is no regular file, and nothing is written into it"),
        "{stderr}"
    );
    assert!(!user.home.path().join("elsewhere").exists());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_read_from_standard_input_and_typed_without_a_trace() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let (user, token) = (User::of(&server)?, token());
    let file = user.home.path().join(".idds/idds_local.cfg");
    for arguments in [
        &["config", "set", "oidc_token"][..],
        &["setup", "--oidc_token"],
    ] {
        let _ = fs::remove_file(&file);
        let mut command = user.command(arguments.iter().chain(&["-"]));
        let mut child = command
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        child
            .stdin
            .take()
            .ok_or("no input")?
            .write_all(format!("{token}\n").as_bytes())
            .await?;
        let output = child.wait_with_output().await?;
        let told = String::from_utf8(output.stderr)?;
        assert!(
            output.status.success() && !told.contains("warning"),
            "{told}"
        );
        assert!(fs::read_to_string(&file)?.contains(&format!("oidc_token = {token}\n")));
        assert_eq!(fs::metadata(&file)?.mode() & 0o777, 0o600);

        let _ = fs::remove_file(&file);
        let (home, url) = (user.home.path(), &user.url);
        let shown = block_in_place(|| {
            let mut terminal = Terminal::run(env!("CARGO_BIN_EXE_idds"), |command| {
                command
                    .args(arguments)
                    .arg("-")
                    .env_clear()
                    .env("TERM", "xterm")
                    .env("HOME", home);
                command.env("IDDS_HOST", url).current_dir(home);
            })?;
            terminal.until("(it does not show): ")?;
            terminal.press(&format!("{token}\r"))?;
            terminal.end()
        })?
        .1;
        is_kept(&token, &shown, "terminal");
        assert!(fs::read_to_string(&file)?.contains(&token));

        let output = user
            .command(arguments.iter().copied().chain([token.as_str()]))
            .output()
            .await?;
        let told = String::from_utf8(output.stderr)?;
        assert!(
            told.contains("warning: other users of this machine can see the token"),
            "{told}"
        );
        let empty = user
            .command(arguments.iter().chain(&["-"]))
            .stdin(Stdio::null())
            .output()
            .await?;
        assert_eq!(empty.status.code(), Some(2));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn files_with_secrets_are_refused_when_others_can_see_them_or_have_made_them()
-> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let user = User::of(&server)?;
    let path = |name: &str| user.home.path().join(name);
    let pem = |name: &str| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("idds-client/tests/pem")
            .join(name)
    };
    fs::write(
        path("proxy"),
        [fs::read(pem("user.crt"))?, fs::read(pem("user.key"))?].concat(),
    )?;
    fs::write(path("token"), token())?;
    fs::write(path("secret"), "s3cret")?;
    fs::create_dir(path(".idds"))?;
    fs::write(
        path(".idds/idds_local.cfg"),
        format!("[oidc]\nvo = atlas\noidc_token = {}\n", token()),
    )?;
    let files = ["proxy", "token", "secret", ".idds/idds_local.cfg"];
    let run = async |name: &str| -> Result<(Option<i32>, String), Failure> {
        let login = "auth login --vo atlas --issuer http://127.0.0.1:9 --client_id me --client_secret_file secret";
        let (line, variables) = match name {
            "proxy" => (
                "auth status",
                [
                    ("IDDS_AUTH_TYPE", "x509_proxy"),
                    ("X509_USER_PROXY", "proxy"),
                ],
            ),
            "token" => (
                "auth status --oidc",
                [
                    ("IDDS_OIDC_TOKEN_FILE", "token"),
                    ("IDDS_LOCAL_CONFIG_ROOT", "none"),
                ],
            ),
            "secret" => (login, [("IDDS_AUTH_TYPE", "none"), ("IDDS_VO", "atlas")]),
            _ => (
                "auth status",
                [("IDDS_AUTH_TYPE", "oidc"), ("IDDS_VO", "atlas")],
            ),
        };
        let output = user
            .command(line.split_whitespace())
            .envs(variables)
            .output()
            .await?;
        Ok((output.status.code(), String::from_utf8(output.stderr)?))
    };
    for name in files {
        for mode in [0o644, 0o666, 0o640, 0o604, 0o620] {
            fs::set_permissions(path(name), fs::Permissions::from_mode(mode))?;
            let (code, told) = run(name).await?;
            assert_eq!(code, Some(5), "{name}, {mode:o}: {told}");
            assert!(
                told.contains("is open to others than its owner")
                    && told.contains("run: chmod 600 "),
                "{told}"
            );
        }
        for mode in [0o600, 0o400] {
            fs::set_permissions(path(name), fs::Permissions::from_mode(mode))?;
            let (_, told) = run(name).await?;
            assert!(
                !told.contains("open to others") && !told.contains("belongs to"),
                "{name}, {mode:o}: {told}"
            );
        }
        if rustix::process::geteuid().is_root() {
            chown(path(name), Some(54_321), None)?;
            let (code, told) = run(name).await?;
            assert!(
                code == Some(5) && told.contains("belongs to user 54321 and not to you"),
                "{name}: {told}"
            );
            chown(path(name), Some(0), None)?;
            let (real, link) = (path("real"), path(name));
            fs::rename(&link, &real)?;
            symlink(&real, &link)?;
            std::os::unix::fs::lchown(&link, Some(54_321), None)?;
            let (code, told) = run(name).await?;
            assert!(
                code == Some(5) && told.contains("which belongs to user 54321"),
                "{name}: {told}"
            );
            fs::rename(&real, &link)?;
        }
    }
    Ok(())
}
