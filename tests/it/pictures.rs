//! Pictures of workflows, as Mermaid and Graphviz understand them.

use std::fs;
use std::path::Path;

use idds::workflow::Workflow;

use crate::support::Pictures;
use crate::{documents, example, reference};

/// Mermaid finds what Graphviz finds, whose nodes, edges and frames are compared with the workflow beside the writers.
#[test]
fn mermaid_and_graphviz_find_the_same_in_every_picture() -> Result<(), Box<dyn std::error::Error>> {
    let Some(pictures) = Pictures::available() else {
        return Ok(());
    };
    let mut names = Vec::new();
    let mut drawings = Vec::new();
    let mut expected = Vec::new();
    let mut add = |name: String, mermaid: String, dot: &str| {
        expected.push(pictures.graphviz(dot));
        names.push(name);
        drawings.push(mermaid);
    };
    let mut workflows: Vec<(String, Workflow)> = example::workflows()?;
    workflows.extend(reference::workflows()?);
    workflows.extend((0..40).map(|seed| (format!("seed {seed}"), documents::workflow(seed))));
    for (name, workflow) in workflows {
        let graph = workflow.graph();
        add(name, graph.mermaid(), &graph.dot());
    }
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("idds-workflow/src/graph/snapshots");
    for entry in fs::read_dir(snapshots)? {
        let path = entry?.path();
        let name = path.to_string_lossy();
        if let Some(sample) = name.strip_suffix(".mermaid.snap") {
            add(
                sample.to_owned(),
                drawing(&name)?,
                &drawing(&format!("{sample}.dot.snap"))?,
            );
        }
    }
    let found = pictures.mermaid(&drawings);
    assert_eq!(found.len(), drawings.len());
    for (index, found) in found.into_iter().enumerate() {
        assert_eq!(
            found, expected[index],
            "{}: {}",
            names[index], drawings[index]
        );
    }
    assert!(
        expected
            .iter()
            .any(|found| found.nodes > 10 && found.edges > 10 && found.frames > 3)
    );
    Ok(())
}

/// The drawing that a snapshot holds after its header.
fn drawing(snapshot: &str) -> Result<String, Box<dyn std::error::Error>> {
    let text = fs::read_to_string(snapshot)?;
    Ok(text
        .splitn(3, "---\n")
        .nth(2)
        .ok_or("a snapshot has a header")?
        .to_owned())
}
