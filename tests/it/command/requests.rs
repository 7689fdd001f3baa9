//! `idds request`.

use idds::client::Client;
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, OptSpace, Workflow};

use super::{Failure, User};

#[tokio::test]
async fn a_request_is_shown_aborted_and_not_found() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let user = User::of(&server)?;
    let space = OptSpace::builder().choice("A", [1, 4]).build()?;
    let workflow = Workflow::builder().name("search").work(ATLASHPOWork::nevergrad(space, 2).build()?).build()?;
    let id = Client::builder(server.url()).build()?.requests().submit(&workflow).await?;

    let shown = user.run(&format!("request status {id} --output json")).await?;
    let rows: serde_json::Value = serde_json::from_str(&shown.stdout)?;
    assert_eq!((&rows[0]["request_id"], &rows[0]["name"]), (&id.get().into(), &"search".into()), "{shown:?}");

    let aborted = user.run(&format!("request abort {id}")).await?;
    assert_eq!((aborted.code, aborted.stdout), (Some(0), format!("request {id}: abort is registered\n")));

    let unknown = user.run("request status 99").await?;
    assert_eq!((unknown.code, &*unknown.stderr), (Some(3), "error: the server does not know request 99\n"));
    Ok(())
}
