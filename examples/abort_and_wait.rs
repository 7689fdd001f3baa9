//! Aborts a search, waits until the server has obeyed, and shows how the request ended.
//!
//! ```text
//! cargo run --example abort_and_wait
//! ```
//!
//! Everything runs on an embedded iDDS; `Client::from_env()` talks to a real one.

use std::time::Duration;

use idds::client::{Client, Decision};
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, OptSpace, RequestId, Workflow};
use tokio::time::timeout;

/// Submits a search that would go on for long, and waits until it has points.
async fn running(client: &Client) -> anyhow::Result<RequestId> {
    let space = OptSpace::builder().scalar("x", 0.0..=1.0).build()?;
    let search = ATLASHPOWork::nevergrad(space, 1000).build()?;
    let workflow = Workflow::builder().work(search).build()?;
    let request = client.requests().submit(&workflow).await?;
    while client.hpo().get(request).await?.is_empty() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(request)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = Server::builder().start().await?;
    let client = Client::builder(server.url()).build()?;
    let request = running(&client).await?;

    // What will be sent can be looked at first.
    let abort = client.requests().abort(request);
    let sent = abort.request()?;
    println!("{} {}", sent.method(), sent.uri());

    // The server takes note at once and obeys later; 2.6.21 now and then loses a command, so it is given again.
    let outcome = abort.wait().again_every(Duration::from_secs(30));
    let outcome = timeout(Duration::from_secs(300), outcome).await??;
    match outcome.decision {
        Decision::Applied => println!("request {request} is {}", outcome.info.status),
        Decision::Refused(reason) => println!("request {request} was not aborted: {reason}"),
        Decision::Pending => println!("request {request} is still {}", outcome.info.status),
    }

    // Another command; awaited alone, it is only taken note of. The wait for the end is one of its own.
    client.requests().retry(request).await?;
    client.requests().abort(request).await?;
    let ended = client.requests().wait_until_ended(request);
    let info = timeout(Duration::from_secs(300), ended).await??;
    println!("request {request} has ended as {}", info.status);
    Ok(())
}
