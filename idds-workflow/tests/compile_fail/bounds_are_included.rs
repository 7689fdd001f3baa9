use idds_workflow::OptSpace;

fn main() {
    OptSpace::builder().scalar("B", 0..5);
}
