use idds_workflow::{OptSpace, RequestId, SegmentedSpace, Workflow};

fn get(id: RequestId) -> RequestId {
    id
}

fn main() {
    get(42);
    SegmentedSpace::builder().segment(7, OptSpace::builder().build().unwrap());
    Workflow::builder().lifetime(30);
}
