use idds_workflow::{Choices, Space};

#[derive(Space)]
struct Params {
    #[space(1..6)]
    layers: u8,
    #[space(logarithmic, 1..=6)]
    rate: f64,
    #[space(log)]
    lost: f64,
    #[space(choice("a"), step = 1)]
    choice: u8,
    #[space(ordered, 1..=6)]
    ordered: u8,
    #[serde(flatten)]
    #[space(1..=6)]
    flat: u8,
}

#[derive(Space)]
struct Pair(f64, f64);

#[derive(Space)]
enum Kind {
    Adam,
}

#[derive(Choices)]
enum Conditional {
    Adam { beta: f64 },
    Sgd,
}

fn main() {}
