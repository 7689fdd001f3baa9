//! Files that Python wrote, read as definitions.

use idds::workflow::{AnyWork, Document, Step, Workflow};
use serde_json::Value;

use super::{Failure, directory};

/// Files with what no definition can say: an integer beyond 64 bits, and dependencies that stand in a file of the server.
const UNSAID: [&str; 3] = ["v1_values", "v2_values", "v2_submit_steps"];

#[test]
fn every_workflow_that_python_wrote_is_a_definition_and_comes_back_from_yaml() -> Result<(), Failure>
{
    let mut count = 0;
    for entry in std::fs::read_dir(directory())? {
        let path = entry?.path();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(&path)?;
        let is_workflow = serde_json::from_str::<Value>(&text).is_ok_and(|value| {
            value.get("request_metadata").is_some() || value["class"] == "Workflow"
        });
        if !is_workflow || UNSAID.contains(&&*name) {
            continue;
        }
        match Document::of(&text).workflow() {
            Ok(workflow) => {
                assert_eq!(
                    Document::of(&workflow.to_yaml()?).workflow()?,
                    workflow,
                    "{name}"
                );
                count += 1;
            }
            // Written down wrongly in Python, too.
            Err(error) => assert!(error.to_string().contains("never start"), "{name}: {error}"),
        }
    }
    assert!(count >= 60, "only {count} were read");
    Ok(())
}

#[test]
fn a_request_without_a_workflow_is_the_workflow_that_the_server_makes_of_it() -> Result<(), Failure>
{
    let read = |name: &str| -> Result<Workflow, Failure> {
        let text = std::fs::read_to_string(directory().join(format!("{name}.json")))?;
        Ok(Document::of(&text).workflow()?)
    };
    let search = read("v2_add_request_old_hpo")?;
    let Some(Step::Work(AnyWork::ATLASHPOWork(work))) = search.step("step1") else {
        return Err(format!("{search:?}").into());
    };
    assert_eq!(
        work.max_points().map(ToString::to_string).as_deref(),
        Some("20")
    );
    assert_eq!(
        search.workload_id().map(|id| id.to_string()).as_deref(),
        Some("20525135")
    );
    let staging = read("v2_add_request_old_stagein")?;
    let Some(Step::Work(AnyWork::ATLASStageinWork(work))) = staging.step("step1") else {
        return Err(format!("{staging:?}").into());
    };
    assert_eq!(work.outputs().next(), work.inputs().next());
    assert_eq!(work.src_rse(), Some("NDGF-T1_DATATAPE"));
    Ok(())
}

#[test]
fn what_is_wrong_with_a_sent_workflow_has_its_line() {
    let error = Document::of("{\"class\": \"Workflow\",\n \"module\": \"idds.workflowv2.workflow\",\n \"attributes\": {\"template\": 7}}")
        .workflow()
        .map(drop)
        .expect_err("no workflow");
    assert_eq!(
        error.to_string(),
        "line 3, column 29: /attributes/template: 7 is no object with class, module and attributes"
    );
    let error = Document::of(r#"[{"request_metadata": {}}, {"request_metadata": {}}]"#)
        .workflow()
        .map(drop)
        .expect_err("two of them");
    assert_eq!(
        error.to_string(),
        "has 2 requests; a definition is one of them"
    );
}
