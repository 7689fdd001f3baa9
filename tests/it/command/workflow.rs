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

/// The same of works that nothing is known against.
fn custom() -> String {
    CHAIN.replace(
        "type: program",
        "type: custom, class: Own, module: own.work",
    )
}

async fn user(definition: &str) -> Result<(Server, User), Failure> {
    let server = Server::builder().start().await?;
    let user = User::of(&server)?;
    fs::write(user.home.path().join("chain.yaml"), definition)?;
    Ok((server, user))
}

#[tokio::test]
async fn a_right_definition_is_told_to_be_and_shown() -> Result<(), Failure> {
    let (_server, user) = user(CHAIN).await?;
    fs::write(user.home.path().join("custom.yaml"), custom())?;
    let checked = user.run("workflow check custom.yaml --strict").await?;
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let told = &checked.stderr;
    assert!(told.starts_with("step "), "{told}");
    assert!(
        told.ends_with("checked for iDDS 2.6.21: 2 notes\n"),
        "{told}"
    );
    insta::assert_snapshot!(user.run("workflow show chain.yaml").await?.stdout, @r"
    my.chain

    step      type     what
    --------  -------  -----------------------
    simulate  program  simulate.sh --events 10
    merge     program  merge.sh
    ");
    let json = user.run("workflow show chain.yaml --output json").await?;
    assert_eq!(
        serde_json::from_str::<Value>(&json.stdout)?["steps"]["merge"]["executable"],
        "merge.sh"
    );
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
    assert!(
        user.run("workflow graph chain.yaml --format dot")
            .await?
            .stdout
            .starts_with("digraph")
    );
    assert!(
        user.run("workflow graph chain.yaml --format svg")
            .await?
            .stdout
            .starts_with("<svg")
    );
    Ok(())
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_and_the_exit_code_says_so() -> Result<(), Failure> {
    let wrong = CHAIN
        .replace("then: [merge]", "then: [marge]")
        .replace("arguments:", "argument:");
    let (_server, user) = user(&wrong).await?;
    let checked = user.run("workflow check chain.yaml").await?;
    insta::assert_snapshot!(checked.stdout, @r"
    chain.yaml:4:55: steps.simulate.argument: is no field here; did you mean arguments?
    chain.yaml:7:5: conditions[0]: marge is no step of the workflow; did you mean merge?
    ");
    assert_eq!(
        (checked.code, checked.stderr.as_str()),
        (Some(2), "2 problems\n")
    );
    let submitted = user.run("request submit chain.yaml -q").await?;
    insta::assert_snapshot!(submitted.stderr, @r"
    error: chain.yaml has 2 problems
    chain.yaml:4:55: steps.simulate.argument: is no field here; did you mean arguments?
    chain.yaml:7:5: conditions[0]: marge is no step of the workflow; did you mean merge?
    ");
    assert_eq!((submitted.code, submitted.stdout.as_str()), (Some(2), ""));
    let shown = user.run("workflow show chain.yaml").await?;
    assert_eq!((shown.code, shown.stdout.as_str()), (Some(2), ""));
    Ok(())
}

#[tokio::test]
async fn advice_counts_when_it_is_bad_or_strictness_is_asked_for() -> Result<(), Failure> {
    let (_server, user) = user(&custom().replace("then: [merge]", "otherwise: [merge]")).await?;
    let checked = user.run("workflow check chain.yaml --output json").await?;
    let findings: Value = serde_json::from_str(&checked.stdout)?;
    assert_eq!(
        (checked.code, &findings[2]["code"]),
        (Some(0), &"false-branch-at-once".into())
    );
    assert_eq!(
        user.run("workflow check chain.yaml --strict").await?.code,
        Some(4)
    );
    let refused = user
        .run("request submit chain.yaml --strict --dry_run -q")
        .await?;
    insta::assert_snapshot!(refused.stderr, @r"
    error: nothing was sent, because iDDS 2.6.21 would not do it as written and --strict is given
    chain.yaml:7:5: warning[false-branch-at-once] conditions[0]: the false branch starts at once, because not yet true is false; instead, put a condition such as is_failed before a true branch
    ");
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
    Ok(())
}

#[tokio::test]
async fn the_examples_pass_as_strict_as_can_be_on_the_server_that_they_are_for()
-> Result<(), Failure> {
    let (_server, user) = user(CHAIN).await?;
    let definitions = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/definitions");
    for file in ["search.yaml", "search.json"] {
        let checked = user
            .run(&format!(
                "workflow check {definitions}/{file} --strict --embedded"
            ))
            .await?;
        assert_eq!(
            (checked.code, checked.stdout.as_str()),
            (Some(0), ""),
            "{checked:?}"
        );
        let told = &checked.stderr;
        assert!(told.contains(" can run on this machine"), "{told}");
        assert!(
            told.ends_with("checked for the embedded server: nothing is wrong with it\n"),
            "{told}"
        );
    }
    let submitted = user
        .run(&format!(
            "request submit {definitions}/search.yaml --strict"
        ))
        .await?;
    let next = "next: `idds hpo run 1 -- ./train.sh` evaluates its points\n";
    assert_eq!(
        (submitted.code, submitted.stderr.as_str()),
        (Some(0), next),
        "{submitted:?}"
    );
    let checked = user.run("workflow check chain.yaml --embedded").await?;
    assert_eq!(checked.code, Some(0), "{checked:?}");
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_no_text_is_named_as_what_it_is() -> Result<(), Failure> {
    let (_server, user) = user(CHAIN).await?;
    let files: [(&str, &[u8]); 4] = [
        ("latin1.yaml", b"name: a\nusername: J\xf6rg\n"),
        ("utf16.yaml", b"\xff\xfen\0a\0"),
        ("binary.yaml", b"\x7fELF\0\xff"),
        ("mark.yaml", b"\xef\xbb\xbfname: a\r\nlifetime: -1\r\n"),
    ];
    let mut said = String::new();
    for (name, bytes) in files {
        fs::write(user.home.path().join(name), bytes)?;
        let checked = user.run(&format!("workflow check {name}")).await?;
        said.push_str(&format!(
            "{:?} {}{}",
            checked.code, checked.stdout, checked.stderr
        ));
    }
    fs::create_dir(user.home.path().join("directory"))?;
    for name in ["directory", "nothing.yaml"] {
        let checked = user.run(&format!("workflow check {name}")).await?;
        said.push_str(&format!(
            "{:?} {}{}",
            checked.code, checked.stdout, checked.stderr
        ));
    }
    insta::assert_snapshot!(said, @r"
    Some(1) error: latin1.yaml cannot be read: it is not UTF-8 text, save it as such: line 2, column 12 has the byte 0xf6
    Some(1) error: utf16.yaml cannot be read: it is UTF-16 text, save it as UTF-8
    Some(1) error: binary.yaml cannot be read: it is not UTF-8 text
    Some(2) mark.yaml:2:11: lifetime: -1 is not a number of days from 0 up
    1 problem
    Some(1) error: directory cannot be read: it is a directory
    Some(1) error: nothing.yaml cannot be read: No such file or directory
    ");
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

#[tokio::test]
async fn what_python_wrote_is_a_definition_for_every_command() -> Result<(), Failure> {
    let (_server, user) = user(CHAIN).await?;
    let written = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/reference/v2_hpo_nevergrad.json"
    );
    fs::copy(written, user.home.path().join("sent.json"))?;
    let checked = user.run("workflow check sent.json --embedded").await?;
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let converted = user.run("workflow convert sent.json").await?;
    assert_eq!((converted.code, &*converted.stderr), (Some(0), ""));
    fs::write(user.home.path().join("search.yaml"), &converted.stdout)?;
    for command in ["workflow show", "workflow graph", "workflow wire", "plan"] {
        let of_python = user.run(&format!("{command} sent.json")).await?;
        let of_yaml = user.run(&format!("{command} search.yaml")).await?;
        assert_eq!(of_python.code, Some(0), "{of_python:?}");
        if command != "workflow wire" {
            assert_eq!(of_python.stdout, of_yaml.stdout, "{command}");
        }
    }
    let submitted = user.run("request submit sent.json -q").await?;
    assert_eq!(submitted.code, Some(0), "{submitted:?}");

    let again = user.run("request definition 1").await?;
    assert_eq!(
        (again.code, again.stdout),
        (Some(0), converted.stdout),
        "{}",
        again.stderr
    );
    let json = user.run("workflow convert search.yaml --to json").await?;
    fs::write(user.home.path().join("search.json"), &json.stdout)?;
    let wire = user.run("workflow convert search.json --to wire").await?;
    fs::write(user.home.path().join("wire.json"), &wire.stdout)?;
    assert_eq!(
        user.run("workflow convert wire.json --to json")
            .await?
            .stdout,
        json.stdout
    );

    let unknown = user.run("request definition 9").await?;
    assert_eq!(unknown.code, Some(3), "{unknown:?}");
    Ok(())
}
