use idds_workflow::{StepRef, when};

fn main() {
    let merge = StepRef::new("merge");
    when("stage_in").then(&merge);
}
