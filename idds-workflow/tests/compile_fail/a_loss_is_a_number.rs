use idds_workflow::{ATLASHPOWork, OptSpace};

fn main() {
    let space = OptSpace::builder().scalar("B", 0..=5).build().unwrap();
    ATLASHPOWork::nevergrad(space, 20).initial_point([("B", 1)], "0.3");
}
