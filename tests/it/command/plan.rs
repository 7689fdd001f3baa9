//! `idds plan`: what a run would do, and that it does it.

use std::fs;

use serde_json::Value;

use super::Failure;
use super::run::{CHAIN, user};

#[tokio::test]
async fn a_plan_is_what_runs_and_changes_nothing() -> Result<(), Failure> {
    let user = user(&[
        ("chain.yaml", CHAIN),
        ("simulate.sh", "#!/bin/sh\n"),
        ("merge.sh", "#!/bin/sh\ntest -e ready\n"),
    ])?;
    let (ran, plan) = user.json("plan chain.yaml").await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let row = |name: &str, jobs: Option<u64>, after: Option<&str>, has_begun: bool| {
        serde_json::json!({
            "step": name, "round": 1, "jobs": jobs, "after": after, "has_begun": has_begun, "seconds": null,
        })
    };
    let runs = [
        row("simulate", Some(1), None, false),
        row("merge", Some(1), Some("simulate"), false),
    ];
    assert_eq!(plan["runs"], Value::from(runs.to_vec()));
    assert_eq!(plan["status"], "Finished");
    assert!(!user.path(".idds").exists(), "a plan leaves nothing behind");

    // What is done is not planned again, and what has failed is.
    let (_, ended) = user.json("run chain.yaml").await?;
    assert_eq!(ended["status"], "SubFinished");
    let (_, plan) = user.json("plan chain.yaml").await?;
    assert_eq!(plan["done"], Value::from(vec!["simulate"]));
    assert_eq!(
        plan["runs"],
        Value::from(vec![row("merge", None, None, true)])
    );

    fs::write(user.path("ready"), "")?;
    let (_, ended) = user.json("run chain.yaml").await?;
    assert_eq!(ended["status"], "Finished");
    let ran = user.run("plan chain.yaml").await?;
    assert!(
        ran.stdout.contains("Finished: nothing is left to do"),
        "{ran:?}"
    );

    // Another definition is not that of the run.
    fs::write(user.path("chain.yaml"), CHAIN.replace("'7'", "'8'"))?;
    let ran = user.run("plan chain.yaml").await?;
    assert!(
        ran.code == Some(2) && ran.stderr.contains("step simulate is another one"),
        "{ran:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_plan_names_loops_and_the_jobs_of_maps() -> Result<(), Failure> {
    let user = user(&[(
        "loop.yaml",
        "
steps:
  round:
    type: loop_workflow
    steps:
      try: { type: program, executable: 'true' }
    loop_while: { step: try, is: finished }
  after: { type: program, executable: 'true' }
conditions:
  - { when: { step: round, is: finished }, then: [after] }
",
    )])?;
    let ran = user.run("plan loop.yaml").await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for line in [
        "after      after round/try",
        "a loop goes on while round/try",
    ] {
        assert!(ran.stdout.contains(line), "{line}: {ran:?}");
    }
    Ok(())
}
