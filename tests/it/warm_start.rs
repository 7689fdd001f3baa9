//! Searches that begin with trials of earlier ones.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use idds::client::Client;
use idds::hpo::{EarlierTrials, Journal, Observer, StopReason, Study, WarmStart};
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, OptSpace, RequestId, Workflow};
use serde::Deserialize;

type Failure = Box<dyn std::error::Error>;

#[derive(Deserialize)]
struct Params {
    a: i64,
}

async fn submitted(client: &Client) -> Result<RequestId, Failure> {
    let space = OptSpace::builder().integer("a", 1..=12).build()?;
    let search = ATLASHPOWork::nevergrad(space, 6)
        .num_points_per_iteration(3)
        .build()?;
    let workflow = Workflow::builder().name("search").work(search).build()?;
    Ok(client.requests().submit(&workflow).await?)
}

/// Keeps with what searches began.
#[derive(Clone, Debug, Default)]
struct Began(Arc<Mutex<Vec<WarmStart>>>);

impl Observer for Began {
    fn began(&mut self, warm_start: &WarmStart) {
        self.0.lock().expect("no panic").push(warm_start.clone());
    }
}

async fn values(client: &Client, request: RequestId) -> Result<Vec<i64>, Failure> {
    let points = client.hpo().get(request).await?;
    let value = |parameters: &serde_json::Value| parameters["a"].as_i64();
    Ok(points
        .iter()
        .filter_map(|point| value(&point.parameters))
        .collect())
}

#[tokio::test]
async fn a_search_begins_with_what_earlier_ones_have_found() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let client = Client::builder(server.url()).build()?;
    let folder = tempfile::tempdir()?;
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    let objective = |params: Params| (params.a - 5).pow(2) as f64;

    let first = submitted(&client).await?;
    Study::new(&client, first)
        .points_as::<Params>()
        .journal(&old)
        .minimize(objective)
        .await?;
    let known: HashSet<i64> = values(&client, first).await?.into_iter().collect();
    assert_eq!(known.len(), 6);

    let second = submitted(&client).await?;
    let began = Began::default();
    let study = |max_points| {
        Study::new(&client, second)
            .points_as::<Params>()
            .journal(&new)
            .max_points(max_points)
            .observer(began.clone())
    };
    let result = study(2)
        .earlier(EarlierTrials::new().read(&old)?)
        .minimize(objective)
        .await?;
    assert_eq!(
        (result.stop, result.earlier.len()),
        (StopReason::MaxPoints, 6)
    );
    // What is known goes on without the file, too.
    std::fs::remove_file(&old)?;
    let result = study(100).minimize(objective).await?;
    assert_eq!(
        (result.stop, result.earlier.len(), result.trials.len()),
        (StopReason::Finished, 6, 6)
    );

    // The sampler proposes no point twice while there are others, also not those that it proposed before it was told.
    let points = values(&client, second).await?;
    assert_eq!(
        points.len(),
        6,
        "earlier trials are no points of the request"
    );
    assert!(
        points.iter().all(|a| !known.contains(a)),
        "{points:?} after {known:?}"
    );

    let began = began.0.lock().expect("no panic").clone();
    assert_eq!(began.len(), 2);
    assert_eq!(
        began[0].told.map(|told| (told.trials, told.renewed)),
        Some((6, 3))
    );
    assert_eq!(
        began[1].told.map(|told| (told.trials, told.renewed)),
        Some((6, 0))
    );
    assert_eq!(
        (began[0].fitted.is_some(), began[1].fitted.is_none()),
        (true, true)
    );
    assert!(began.iter().all(|warm_start| warm_start.trials == 6));
    assert_eq!(Journal::read(&new)?.earlier, result.earlier);
    // The journal of a search has what it had begun with.
    let both = EarlierTrials::new().read(&new)?;
    assert_eq!(both.len(), 12);
    Ok(())
}

#[tokio::test]
async fn points_that_somebody_has_seen_are_not_proposed_anew() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let client = Client::builder(server.url()).build()?;
    let request = submitted(&client).await?;
    let seen = loop {
        let points = values(&client, request).await?;
        if points.len() == 3 {
            break points;
        }
        tokio::task::yield_now().await;
    };
    let table = "a,loss\n1,0.5\n2,0.25\n99,1\n";
    let began = Began::default();
    let result = Study::new(&client, request)
        .points_as::<Params>()
        .earlier(EarlierTrials::new().csv("table", table.as_bytes())?)
        .observer(began.clone())
        .minimize(|params: Params| params.a as f64)
        .await?;
    let points = values(&client, request).await?;
    assert_eq!((&points[..3], result.trials.len()), (&seen[..], 6));
    assert!(
        points[3..].iter().all(|a| ![1, 2].contains(a)),
        "{points:?}"
    );
    let began = began.0.lock().expect("no panic");
    let told = began[0].told.map(|told| (told.trials, told.renewed));
    assert_eq!(told, Some((2, 0)));
    let fitted = began[0].fitted.as_ref().ok_or("trials were given")?;
    assert_eq!(
        fitted.to_string(),
        "2 of 3 earlier trials count\n  1 left out: a is outside of the space"
    );
    Ok(())
}
