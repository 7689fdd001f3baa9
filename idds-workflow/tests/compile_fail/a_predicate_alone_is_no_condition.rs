use idds_workflow::{StepRef, Workflow};

fn main() {
    Workflow::builder().condition(StepRef::new("stage_in").is_finished());
}
