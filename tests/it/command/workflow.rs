//! `idds workflow`.

use std::fs;

use idds::local::Server;
use serde_json::Value;

use super::{Failure, User};

const CHAIN: &str = "
name: my.chain
steps:
  simulate: { type: program, executable: simulate.sh, arguments: --events 10 }
  merge: { type: program, executable: merge.sh }
conditions:
  - when: { step: simulate, is: finished }
    then: [merge]
";

async fn user(definition: &str) -> Result<(Server, User), Failure> {
    let server = Server::builder().start().await?;
    let user = User::of(&server)?;
    fs::write(user.home.path().join("chain.yaml"), definition)?;
    Ok((server, user))
}

#[tokio::test]
async fn a_right_definition_is_told_to_be_and_shown() -> Result<(), Failure> {
    let (_server, user) = user(CHAIN).await?;
    let checked = user.run("workflow check chain.yaml").await?;
    assert_eq!((checked.code, checked.stdout.as_str()), (Some(0), ""), "{checked:?}");
    assert_eq!(checked.stderr, "nothing is wrong with it\n");
    insta::assert_snapshot!(user.run("workflow show chain.yaml").await?.stdout, @r"
    my.chain

    step      type     what
    --------  -------  -----------------------
    simulate  program  simulate.sh --events 10
    merge     program  merge.sh
    ");
    let json = user.run("workflow show chain.yaml --output json").await?;
    assert_eq!(serde_json::from_str::<Value>(&json.stdout)?["steps"]["merge"]["executable"], "merge.sh");
    insta::assert_snapshot!(user.run("workflow graph chain.yaml").await?.stdout, @r#"
    %%{init: {"flowchart": {"wrappingWidth": 480}}}%%
    flowchart TB
        subgraph c0["<b>my.chain</b>"]
            direction TB
            n0["<b>▶ simulate</b><br/><i>Work</i><br/>simulate.sh #45;#45;events 10"]:::work
            n1["<b>merge</b><br/><i>Work</i><br/>merge.sh"]:::work
        end
        n0 -->|"is finished"| n1
        linkStyle 0 stroke:#748399
        classDef work fill:#f2f7ff,stroke:#4a78b5,color:#14233a
        style c0 fill:transparent,stroke:#94a3b8
    "#);
    assert!(user.run("workflow graph chain.yaml --format dot").await?.stdout.starts_with("digraph"));
    assert!(user.run("workflow graph chain.yaml --format svg").await?.stdout.starts_with("<svg"));
    Ok(())
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_and_the_exit_code_says_so() -> Result<(), Failure> {
    let wrong = CHAIN.replace("then: [merge]", "then: [marge]").replace("arguments:", "argument:");
    let (_server, user) = user(&wrong).await?;
    let checked = user.run("workflow check chain.yaml").await?;
    insta::assert_snapshot!(checked.stdout, @r"
    problem steps.simulate.argument: is no field here; did you mean arguments?
    problem conditions[0]: marge is no step of the workflow; did you mean merge?
    ");
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(2), ""));
    let shown = user.run("workflow show chain.yaml").await?;
    assert_eq!((shown.code, shown.stdout.as_str()), (Some(2), ""));
    Ok(())
}

#[tokio::test]
async fn advice_counts_when_it_is_bad_or_strictness_is_asked_for() -> Result<(), Failure> {
    let (_server, user) = user(&CHAIN.replace("then: [merge]", "otherwise: [merge]")).await?;
    let checked = user.run("workflow check chain.yaml --output json").await?;
    let findings: Value = serde_json::from_str(&checked.stdout)?;
    assert_eq!((checked.code, &findings[0]["code"]), (Some(0), &"false-branch-at-once".into()));
    assert_eq!(user.run("workflow check chain.yaml --strict").await?.code, Some(4));
    Ok(())
}

#[tokio::test]
async fn what_would_be_sent_is_the_payload_of_a_submission() -> Result<(), Failure> {
    let (_server, user) = user(CHAIN).await?;
    let wire: Value = serde_json::from_str(&user.run("workflow wire chain.yaml").await?.stdout)?;
    assert_eq!(wire["request_metadata"]["workflow"]["class"], "Workflow");
    assert_eq!(wire["name"], "my.chain");
    Ok(())
}
