use idds_workflow::Space;

#[derive(Space)]
struct Params {
    rate: f64,
    #[space(1..=300)]
    layers: u8,
    #[space(-1..=3)]
    depth: u32,
    #[space(1..=2)]
    optimizer: String,
}

fn main() {}
