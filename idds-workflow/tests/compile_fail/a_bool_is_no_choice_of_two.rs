use idds_workflow::wire::Encoded;
use idds_workflow::{Stamp, Workflow};

fn encoded<'a>(workflow: &'a Workflow, stamp: &'a Stamp) -> Encoded<'a> {
    Encoded::new(workflow, stamp).remedies(false)
}

fn main() {}
