//! Containers that the programs of a workflow need.

use idds::jobs::Container;
use idds::workflow::{AnyWork, Workflow};

use super::request::{Finding, Source};
use super::storage::each_work;

/// Adds to what was found that an image of a work cannot be run on this machine.
pub fn look_for(findings: &mut Vec<Finding>, workflow: &Workflow, source: &Source) {
    each_work("", workflow, &mut |place, work| {
        let Some(image) = work.image() else { return };
        if let Err(error) = Container::new(image).engine_of_environment().find_engine() {
            let field = match work {
                AnyWork::ATLASPandaWork(_) | AnyWork::ATLASLocalPandaWork(_) => {
                    "task_parameters.container_name"
                }
                _ => "sandbox",
            };
            findings.push(Finding::wrong(
                source,
                format!("{place}.{field}"),
                error.to_string(),
            ));
        }
    });
}
