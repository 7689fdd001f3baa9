use idds_workflow::{ATLASStageinWork, Collection};

fn main() {
    let raw = Collection::new("data16", "data16.RAW").unwrap();
    ATLASStageinWork::builder(raw);
}
