use idds_workflow::StepRef;

fn main() {
    let [stage_in, merge, report] = ["stage_in", "merge", "report"].map(StepRef::new);
    stage_in.is_finished().then(&merge).otherwise(&report);
}
