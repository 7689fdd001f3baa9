use idds_workflow::{StepRef, when};

fn main() {
    let [stage_in, merge] = ["stage_in", "merge"].map(StepRef::new);
    when(stage_in.is_finished() || stage_in.is_subfinished()).then(&merge);
}
