//! Search spaces of Rust types, and the points that become values of these types again.

use idds_workflow::{
    ATLASHPOWork, Array, Choice, Choices, Log, LogNormal, Normal, OptSpace, Point, Scalar, Space,
    TransitionChoice, point,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Choices, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Activation {
    Relu,
    HardTanh,
    #[serde(rename = "s")]
    Sigmoid,
    #[serde(skip)]
    #[expect(dead_code, reason = "it is skipped")]
    Unknown,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq, Serialize, Space)]
struct Regularisation {
    #[schemars(range(min = 0.0, max = 0.5), extend("multipleOf" = 0.25))]
    #[space(0.0..=0.5, step = 0.25)]
    dropout: f64,
}

const MOST: i64 = 30;

#[derive(Debug, Deserialize, JsonSchema, PartialEq, Serialize, Space)]
#[serde(
    rename_all(deserialize = "camelCase", serialize = "camelCase"),
    deny_unknown_fields
)]
struct Params {
    /// Learning rate.
    #[schemars(range(min = 1e-6, max = 0.1), extend("x-scale" = "log"))]
    #[space(log, 1e-6..=0.1)]
    learning_rate: f64,
    #[schemars(range(min = 1, max = 30))]
    #[space(1..=MOST)]
    depth: u32,
    #[serde(rename = "n", default)]
    #[schemars(range(min = 10, max = 1000), extend("x-scale" = "log"))]
    #[space(log, 10..=1000)]
    trees: u16,
    activation: Activation,
    nesterov: bool,
    #[schemars(extend("enum" = [64, 128], "x-scale" = "ordered"))]
    #[space(ordered, choice(64, 128))]
    batch: u32,
    #[schemars(extend("enum" = ["adam", "sgd"]))]
    #[space(choice("adam", "sgd"))]
    optimizer: String,
    #[schemars(inner(range(min = 0, max = 1)))]
    #[space(0..=1)]
    weights: [f64; 3],
    #[schemars(inner(inner(range(min = 1, max = 9))))]
    #[space(1..=9)]
    sizes: [[u8; 2]; 1],
    layers: [Activation; 2],
    #[serde(default, rename(serialize = "move", deserialize = "move"))]
    #[schemars(range(min = -1, max = 1))]
    #[space(-1..=1)]
    r#move: f32,
    #[serde(skip)]
    cache: u64,
}

#[test]
fn a_derived_space_is_the_one_of_the_schema_of_the_type() {
    let space = OptSpace::builder()
        .parameter("learningRate", Log::new(1e-6..=0.1))
        .integer("depth", 1..=30)
        .parameter("n", Log::new(10..=1000).integer())
        .choice("activation", ["relu", "hard-tanh", "s"])
        .choice("nesterov", [false, true])
        .parameter("batch", TransitionChoice::new([64, 128]))
        .choice("optimizer", ["adam", "sgd"])
        .parameter("weights", Array::new([3]).range(0..=1))
        .parameter("sizes", Array::new([1, 2]).range(1..=9).integer())
        .parameter(
            "layers",
            Choice::new(["relu", "hard-tanh", "s"]).repetitions(2),
        )
        .scalar("move", -1..=1)
        .build()
        .expect("a space");
    let of_schema = OptSpace::of::<Params>().expect("a space");
    assert_eq!(Params::space(), Ok(space.clone()));
    assert_eq!(of_schema.point_schema(), space.point_schema());
}

#[test]
fn a_point_of_a_derived_space_becomes_the_type() {
    let params = Params {
        learning_rate: 0.01,
        depth: 3,
        trees: 10,
        activation: Activation::HardTanh,
        nesterov: true,
        batch: 64,
        optimizer: "sgd".to_owned(),
        weights: [0.0, 0.5, 1.0],
        sizes: [[1, 9]],
        layers: [Activation::Sigmoid, Activation::Relu],
        r#move: -0.5,
        cache: 0,
    };
    let point = Point::of(&params).expect("a point");
    assert_eq!(Params::space().expect("a space").check(&point), Ok(()));
    assert_eq!(point.to::<Params>(), Ok(params));
}

#[derive(Space)]
#[expect(dead_code, reason = "only its space counts")]
struct Rest {
    #[space(normal(0, 2.5))]
    shift: f64,
    #[space(normal(-3, 1), step = 2)]
    even: i32,
    #[space(log_normal(0.0, 1.0))]
    scale: f64,
    #[space(32..=512, step = 32)]
    width: u32,
    #[space(choice(0.5, 1))]
    mixed: f64,
    #[space(ordered)]
    activation: Activation,
    #[space(choice("a", "b"))]
    names: [String; 2],
    #[serde(flatten)]
    regularisation: Regularisation,
}

#[test]
fn every_kind_of_parameter_can_be_derived() {
    let space = OptSpace::builder()
        .parameter("shift", Normal::new(0, 2.5))
        .parameter("even", Normal::new(-3, 1).integer().step(2))
        .parameter("scale", LogNormal::new(0.0, 1.0))
        .parameter("width", Scalar::new().range(32..=512).integer().step(32))
        .parameter(
            "mixed",
            Choice::new([serde_json::json!(0.5), serde_json::json!(1)]),
        )
        .parameter(
            "activation",
            TransitionChoice::new(["relu", "hard-tanh", "s"]),
        )
        .parameter("names", Choice::new(["a", "b"]).repetitions(2))
        .parameter("dropout", Scalar::new().range(0.0..=0.5).step(0.25))
        .build()
        .expect("a space");
    assert_eq!(Rest::space(), Ok(space));
}

#[derive(Space)]
#[expect(dead_code, reason = "only its space counts")]
struct Wrong {
    #[space(log, 0..=1)]
    log_of_zero: f64,
    #[space(5..=1)]
    reversed: u8,
    #[serde(rename = "reversed")]
    #[space(1..=5)]
    again: u8,
}

#[test]
fn a_search_names_what_is_wrong_with_its_space_beside_all_else() {
    let error = ATLASHPOWork::search::<Wrong>(20)
        .name("n".repeat(300))
        .build()
        .expect_err("a wrong space");
    insta::assert_snapshot!(
        error
            .problems()
            .iter()
            .map(|problem| format!("{problem}\n"))
            .collect::<String>()
    );
}

#[test]
fn values_of_different_kinds_make_a_point() {
    let point = point! { "A": 1, "B": 2.5, "C": "x", "D": [1, 2], "E": true, };
    assert_eq!(
        point.to_string(),
        r#"{"A":1,"B":2.5,"C":"x","D":[1,2],"E":true}"#
    );
    assert_eq!(point! {}, Point::new());
}
