use idds_workflow::Workflow;

fn main() {
    let mut workflow = Workflow::builder().build().unwrap();
    workflow.name = None;
}
