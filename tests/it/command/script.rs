//! A whole search from the shell alone: `examples/search.sh`.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::Failure;
use crate::support::{RealServer, run};

/// Runs the script in an environment of its own, and returns what it prints.
fn search(variables: &HashMap<&str, String>) -> Result<String, Failure> {
    let folder = tempfile::tempdir()?;
    let idds = Path::new(env!("CARGO_BIN_EXE_idds"))
        .parent()
        .ok_or("no directory")?;
    let path = format!("{}:{}", idds.display(), std::env::var("PATH")?);
    let mut command =
        Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/search.sh"));
    command
        .env_clear()
        .env("HOME", folder.path())
        .env("PATH", path)
        .envs(variables)
        .current_dir(folder.path());
    let output = run(&mut command);
    let [stdout, stderr] = [output.stdout, output.stderr].map(String::from_utf8);
    let stdout = stdout?;
    assert!(output.status.success(), "{stdout}\n{}", stderr?);
    assert!(
        stdout
            .contains("8 of 8 points have a loss; the search is over, as the server says Finished"),
        "{stdout}"
    );
    let search = folder.path().join("target/search/request-1");
    for (file, begin) in [
        ("report.html", "<!DOCTYPE html>"),
        ("loss.svg", "<svg"),
        ("points.csv", "point,"),
    ] {
        let text = fs::read_to_string(search.join(file)).unwrap_or_default();
        assert!(
            variables.contains_key("IDDS_HOST") || text.starts_with(begin),
            "{file}: {text}"
        );
    }
    Ok(stdout)
}

#[test]
fn the_script_runs_a_whole_search_on_a_server_of_its_own() -> Result<(), Failure> {
    search(&HashMap::new()).map(|_| ())
}

#[test]
fn the_same_script_runs_a_whole_search_on_the_real_server() -> Result<(), Failure> {
    let Some(server) = RealServer::shared() else {
        return Ok(());
    };
    let stdout = search(&HashMap::from([
        ("IDDS_HOST", server.url().to_owned()),
        ("IDDS_AUTH_TYPE", "x509_proxy".to_owned()),
        ("X509_USER_PROXY", server.tls("proxy").display().to_string()),
        ("SSL_CERT_FILE", server.ca().display().to_string()),
    ]))?;
    let status = stdout.lines().last().unwrap_or_default();
    assert!(
        status.contains("neutral.search") && status.contains("Finished"),
        "{stdout}"
    );
    Ok(())
}
