use idds_workflow::WorkStatus;

fn is_over(status: WorkStatus) -> bool {
    match status {
        WorkStatus::Finished | WorkStatus::SubFinished | WorkStatus::Failed => true,
        WorkStatus::New | WorkStatus::Ready | WorkStatus::Transforming => false,
    }
}

fn main() {}
