//! A workflow as a picture: staging data, a search on it, merging what it found, and a report when something fails.
//!
//! ```text
//! cargo run --example draw_workflow
//! ```
//!
//! It writes the picture in three languages: SVG for a browser, Mermaid for Markdown, DOT for Graphviz.

use std::fs;

use idds::workflow::{
    ATLASHPOWork, ATLASStageinWork, Collection, Error, OptSpace, Work, Workflow, when,
};

/// Where the pictures go.
const FOLDER: &str = "target/draw_workflow";

pub(crate) fn workflow() -> Result<Workflow, Error> {
    let raw = Collection::new("data16_13TeV", "data16_13TeV.00298862.physics_Main.daq.RAW")?;
    let staged = Collection::new(
        "data16_13TeV",
        "data16_13TeV.00298862.physics_Main.daq.RAW.idds.stagein",
    )?;
    let model = Collection::new("user.physicist", "best.model")?;
    let space = OptSpace::builder()
        .choice("layers", [2, 4, 8])
        .log("learning_rate", 0.0001..=0.1)
        .build()?;

    let mut workflow = Workflow::builder().name("carousel.search");
    let stage_in = ATLASStageinWork::builder(raw, staged.clone())
        .src_rse("CERN-PROD_TAPE")
        .dest_rse("CERN-PROD_DISK");
    let stage_in = workflow.add("stage_in", stage_in.build()?);
    let search = ATLASHPOWork::nevergrad(space, 50).num_points_per_iteration(10);
    let search = workflow.add("search", search.build()?);
    let merge = Work::builder("merge.sh")
        .arguments("--best 5")
        .input(staged)
        .output(model);
    let merge = workflow.add("merge", merge.build()?);
    let report = workflow.add("report", Work::builder("report.sh").build()?);
    workflow
        .condition(when(stage_in.is_finished() | stage_in.is_subfinished()).then(&search))
        .condition(when(search.is_finished()).then(&merge))
        .condition(
            when(stage_in.is_failed() | search.is_failed() | merge.is_failed()).then(&report),
        )
        .build()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let graph = workflow()?.graph();
    fs::create_dir_all(FOLDER)?;
    for (language, picture) in [
        ("svg", graph.svg()),
        ("mmd", graph.mermaid()),
        ("dot", graph.dot()),
    ] {
        let file = format!("{FOLDER}/workflow.{language}");
        fs::write(&file, picture)?;
        println!("{file}");
    }
    Ok(())
}
