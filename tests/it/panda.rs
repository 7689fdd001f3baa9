//! Calls through the relay of PanDA, packed as PanDA's own client packs them and made by the Python client of iDDS.

use std::process::Stdio;
use std::time::Duration;

use idds::client::{AsyncResult, Client, ErrorKind, Oidc, OriginalUser};
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, OptSpace, RequestId, Workflow};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::{self, in_time, test_file};

type Failure = Box<dyn std::error::Error>;

/// Starts a server that plays PanDA; the process that serves, and its address.
async fn panda(
    python: &str,
    token: &str,
    proxy: &std::path::Path,
) -> Result<(Child, String), Failure> {
    let config = proxy.with_file_name("idds.cfg");
    std::fs::write(&config, "[common]\n")?;
    let mut command = Command::new(python);
    command
        .arg(test_file("it/panda.py"))
        .arg(token)
        .env("X509_USER_PROXY", proxy)
        .env("IDDS_CONFIG", config);
    let mut server = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let lines = server.stdout.take().ok_or("no output")?;
    let mut lines = BufReader::new(lines).lines();
    let address = in_time("the address of PanDA", lines.next_line())
        .await??
        .ok_or("PanDA did not start")?;
    Ok((server, address))
}

#[tokio::test]
async fn panda_asks_for_its_users_what_they_would_ask_themselves() -> Result<(), Failure> {
    let Some(python) = tokio::task::spawn_blocking(support::idds_python).await? else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let proxy = folder.path().join("proxy");
    std::fs::write(&proxy, "")?;
    let token = "e30.e30.c2ln";
    let (_panda, address) = panda(&python, token, &proxy).await?;
    // PanDA, and not its users, would have to know a token.
    let local = Server::builder().without_token().start().await?;
    // It asks for her, whose request it is then.
    let direct = Client::builder(local.url())
        .build()?
        .on_behalf_of(&OriginalUser::new("CN=Ada Lovelace"))?;
    let relayed = Client::builder(local.url())
        .auth(Oidc::token("atlas", token))
        .through_panda(address)
        .build()?;

    relayed.ping().await?;
    let space = OptSpace::builder()
        .choice("A", [1, 4])
        .scalar("B", 0..=5)
        .build()?;
    let search = ATLASHPOWork::nevergrad(space, 6)
        .num_points_per_iteration(3)
        .build()?;
    let workflow = Workflow::builder()
        .name("through% panda?")
        .workload_id(7)
        .work(search)
        .build()?;
    let request = relayed.requests().submit(&workflow).await?;
    let points = async {
        while direct.hpo().get(request).await?.len() < 3 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok::<_, idds::client::Error>(())
    };
    in_time("the points", points).await??;
    relayed.hpo().update(request, &"1".into(), 0.0).await?;
    relayed
        .messages()
        .send(request, [AsyncResult::new(json!({"x": 1}))])
        .await?;

    let stored = direct.requests().get(request).metadata().await?;
    assert_eq!(relayed.requests().get(request).metadata().await?, stored);
    let named = relayed.requests().find_by_name("through% panda?").await?;
    assert_eq!(
        named,
        direct.requests().find_by_name("through% panda?").await?
    );
    assert_eq!(
        relayed.hpo().get(request).await?,
        direct.hpo().get(request).await?
    );
    assert_eq!(
        relayed.messages().get(request).await?,
        direct.messages().get(request).await?
    );
    assert_eq!(
        relayed.transforms().list(request).await?,
        direct.transforms().list(request).await?
    );
    let contents = |client: &Client| client.catalog().contents().request_id(request);
    assert_eq!(contents(&relayed).await?, contents(&direct).await?);
    let mut streamed = contents(&relayed).stream().await?;
    let mut count = 0;
    while let Some(content) = streamed.next().await {
        content?;
        count += 1;
    }
    assert_eq!(count, contents(&direct).await?.len());

    assert_eq!(relayed.requests().abort(request).await?, request);
    let unknown = RequestId::new(99_999_999);
    for client in [&relayed, &direct] {
        let error = client
            .requests()
            .abort(unknown)
            .await
            .err()
            .ok_or("it is unknown")?;
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        let error = client
            .hpo()
            .update(request, &"99".into(), 0.5)
            .await
            .err()
            .ok_or("it is unknown")?;
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    Ok(())
}
