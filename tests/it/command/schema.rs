//! `idds schema`.

use idds::local::Server;
use serde_json::Value;

use super::{Failure, User};

#[tokio::test]
async fn schemas_are_listed_and_printed() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let user = User::of(&server)?;
    let listed = user.run("schema").await?.stdout;
    for name in ["workflow", "work_hpo", "evaluation_output", "result_points"] {
        assert!(
            listed
                .lines()
                .any(|line| line.split_whitespace().next() == Some(name)),
            "{name}: {listed}"
        );
    }
    assert!(
        listed.contains("result_points         Points of a search: `idds hpo points`.\n"),
        "{listed}"
    );
    let committed: Value = serde_json::from_str(include_str!("../../../schemas/workflow.json"))?;
    for name in ["workflow", "workflow.json"] {
        let printed = user.run(&format!("schema {name}")).await?;
        assert_eq!(serde_json::from_str::<Value>(&printed.stdout)?, committed);
    }
    let unknown = user.run("schema workflows").await?;
    insta::assert_snapshot!(unknown.stderr, @"error: there is no schema workflows; `idds schema` lists them");
    assert_eq!(unknown.code, Some(2));
    Ok(())
}
