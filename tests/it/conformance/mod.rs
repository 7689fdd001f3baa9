//! The same calls to the real server and to the embedded one: they answer alike, or the page of `idds-local` says why not.

mod calls;
mod plain;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use idds::local::Server;
use serde_json::Value;

use self::plain::{Plain, Reply};
use crate::shape::{PLUMBING, difference};
use crate::support::RealServer;

type Failure = Box<dyn std::error::Error>;

/// Calls that are answered differently on purpose, each with the row of the table on the page of `idds-local` that says so.
const DIFFERENT: &[(&str, &str)] = &[
    ("auth: url of a configured VO", "`/auth`"),
    ("hpo: limit", "`limit` and `status` of `GET /hpo`"),
    ("hpo: status", "`limit` and `status` of `GET /hpo`"),
    ("hpo: put nan", "loss NaN or infinite"),
    ("message: None for no id", "`None` for no id in `/message`"),
    ("request: name with a slash", "`/` in a name, as `%2F`"),
    (
        "transform: add a list",
        "a body that is no object, in `POST /transform`",
    ),
    ("workflow_task: create", "`POST /workflow_task`"),
];

#[tokio::test]
async fn the_embedded_server_answers_as_the_real_one() -> Result<(), Failure> {
    let Some(real) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let local = Server::builder().start().await?;
    let plain = Plain::new(local.url(), None)?;
    let unique = SystemTime::now()
        .duration_since(UNIX_EPOCH)?
        .subsec_nanos()
        .into();
    let (ours, theirs) = tokio::join!(calls::run(&plain, unique), async {
        let plain = Plain::new(real.url().to_owned(), Some((real.ca(), real.tls("user"))))?;
        calls::run(&plain, unique).await
    });
    let (ours, theirs) = (ours?, theirs?);
    assert_eq!(
        ours.keys().collect::<Vec<_>>(),
        theirs.keys().collect::<Vec<_>>()
    );
    let mut report = String::new();
    for (name, theirs) in &theirs {
        let is_excused = DIFFERENT.iter().any(|(different, _)| different == name);
        match (unlike(&ours[name], theirs), is_excused) {
            (Some(difference), false) => report.push_str(&format!("{name}: {difference}\n")),
            (None, true) => {
                report.push_str(&format!("{name}: is alike, and listed as different\n"));
            }
            _ => {}
        }
    }
    assert!(report.is_empty(), "\n{report}");
    let calls: BTreeSet<_> = theirs.keys().copied().collect();
    assert!(DIFFERENT.iter().all(|(name, _)| calls.contains(name)));
    Ok(())
}

#[test]
fn no_route_of_the_real_server_is_left_out() {
    let Some(real) = RealServer::shared() else {
        return;
    };
    let rules = real.routes();
    assert!(rules.lines().count() > 40, "{rules}");
    assert_eq!(calls::not_called(&rules), [""; 0]);
}

#[test]
fn every_difference_is_on_the_page_of_the_crate() -> Result<(), Failure> {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("idds-local/src/lib.rs"))?;
    for (name, row) in DIFFERENT {
        assert!(page.contains(&format!("//! | {row} |")), "{name}: {row}");
    }
    Ok(())
}

/// Tells in what our answer is unlike theirs: status, exception, headers, or the form of the body.
fn unlike(ours: &Reply, theirs: &Reply) -> Option<String> {
    let significant = |reply: &Reply| -> BTreeSet<String> {
        reply
            .headers
            .keys()
            .filter(|name| !PLUMBING.contains(&name.as_str()))
            .cloned()
            .collect()
    };
    let value = |headers: &BTreeMap<String, String>, name: &str| headers.get(name).cloned();
    if ours.status != theirs.status {
        return Some(format!(
            "status {}, theirs is {} ({:?})",
            ours.status, theirs.status, theirs.headers
        ));
    }
    if significant(ours) != significant(theirs) {
        return Some(format!(
            "headers {:?}, theirs are {:?}",
            significant(ours),
            significant(theirs)
        ));
    }
    for name in [
        "exceptionclass",
        "content-type",
        "content-range",
        "cache-control",
        "accept-ranges",
    ] {
        let (ours, theirs) = (value(&ours.headers, name), value(&theirs.headers, name));
        if ours != theirs {
            return Some(format!("{name} {ours:?}, theirs is {theirs:?}"));
        }
    }
    match (
        serde_json::from_slice::<Value>(&ours.body),
        serde_json::from_slice::<Value>(&theirs.body),
    ) {
        (Ok(ours), Ok(theirs)) => difference(&ours, &theirs, ""),
        (Err(_), Err(_)) => {
            (ours.body.is_empty() != theirs.body.is_empty()).then(|| "one body is empty".to_owned())
        }
        (ours, theirs) => Some(format!("body {ours:?}, theirs is {theirs:?}")),
    }
}
