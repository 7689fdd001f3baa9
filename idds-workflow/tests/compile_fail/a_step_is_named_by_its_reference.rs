use idds_workflow::{Work, Workflow};

fn main() {
    let mut workflow = Workflow::builder();
    workflow.add("first", Work::empty().build().unwrap());
    workflow.initial("first");
}
