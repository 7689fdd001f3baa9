use idds_workflow::StepRef;

fn main() {
    if StepRef::new("stage_in").is_finished() {
        println!("nobody knows yet");
    }
}
