use idds_workflow::{Work, Workflow};

fn main() {
    let mut workflow = Workflow::builder();
    workflow.add("first", Work::empty().build().unwrap());
    let built = workflow.build();
    workflow.add("second", Work::empty().build().unwrap());
    drop(built);
}
