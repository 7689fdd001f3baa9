//! Files that the programs of a search read and write.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use crate::neutral::{Read, deserialize_by_reading, fill_by};
use crate::{Error, InitialPoint, Number, OptSpace, SearchPoint, SearchSpace, SegmentedSpace};

/// What a steering program reads, in the file that `%IN` names: all points so far, and the space.
///
/// The space is in the form of [`OptSpace`]; [`SearchSpace::read`] reads those of other dialects.
///
/// ```
/// use idds_workflow::SteeringInput;
///
/// let input: SteeringInput = serde_json::from_str(
///     r#"{"points": [[{"B": 1}, 0.25], [{"B": 4}, null]], "opt_space": {"B": {"type": "Scalar", "bounds": [0, 5]}}}"#,
/// )?;
/// assert_eq!(input.points.len(), 2);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(remote = "Self")]
#[schemars(
    description = "What a steering program reads, in the file that `%IN` names: all points so far, and the space.",
    example = steering_input(),
    example = segmented_input()
)]
pub struct SteeringInput {
    /// Every point so far with its loss; null when it is not known yet.
    pub points: Vec<InitialPoint>,
    /// The space, or those of the segments; null when the search has none.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schemars(schema_with = "space_or_null")]
    pub opt_space: Option<SearchSpace>,
}

fn space_or_null(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            generator.subschema_for::<OptSpace>(),
            generator.subschema_for::<SegmentedSpace>(),
            { "type": "null" },
        ],
    })
}

fn steering_input() -> Value {
    json!({
        "points": [[{ "A": 1, "B": 2 }, 0.3], [{ "A": 4, "B": 3 }, null]],
        "opt_space": {
            "A": { "type": "Choice", "params": { "choices": [1, 4] } },
            "B": { "type": "Scalar", "bounds": [0, 5] },
        },
    })
}

fn segmented_input() -> Value {
    json!({
        "points": [[[7, { "A": 1 }], 0.3], [[8, { "A": 2 }], null]],
        "opt_space": [
            { "model_id": 7, "search_space": { "A": { "type": "Choice", "params": { "choices": [1, 4] } } } },
            { "model_id": 8, "search_space": { "A": { "type": "Choice", "params": { "choices": [2, 8] } } } },
        ],
    })
}

/// What a steering program writes, to the file that `%OUT` names: new points. No points end the search.
///
/// The points of a segmented search name their model: `[[7, {"A": 4}], …]`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(transparent, remote = "Self")]
#[schemars(example = steering_output(), example = segmented_output())]
pub struct SteeringOutput(pub Vec<SearchPoint>);

fn steering_output() -> Value {
    json!([{ "A": 4, "B": 2.5 }])
}

fn segmented_output() -> Value {
    json!([[7, { "A": 4 }], [8, { "A": 8 }]])
}

/// What the evaluation of a point writes, to `output.json`.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(remote = "Self")]
#[schemars(example = evaluation_output())]
pub struct EvaluationOutput {
    /// 0 when the evaluation succeeded.
    pub status: Number,
    /// Loss of the point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<Number>,
    /// Why the evaluation failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

fn evaluation_output() -> Value {
    json!({ "status": 0, "loss": 0.25 })
}

/// Reads and writes a type by its derived functions, strictly as definitions are read.
macro_rules! strictly {
    ($($file:ident),+) => { $(
        impl Read for $file {
            fn read(tree: Value) -> Result<Self, Error> {
                fill_by(tree, |fields| $file::deserialize(fields))
            }
        }

        impl Serialize for $file {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $file::serialize(self, serializer)
            }
        }
    )+ };
}

strictly!(SteeringInput, SteeringOutput, EvaluationOutput);
deserialize_by_reading!(SteeringInput, SteeringOutput, EvaluationOutput);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_in_a_space_is_named_once() {
        let error = serde_json::from_value::<SteeringInput>(
            json!({ "points": [], "opt_space": { "A": { "type": "Choise" } } }),
        );
        let message = error.expect_err("no such kind").to_string();
        assert!(message.starts_with("opt_space.A: type \"Choise\" is none of Choice, "), "{message}");
        let error = serde_json::from_value::<SteeringInput>(json!({ "points": 3, "opt_space": null }));
        assert!(error.expect_err("no list").to_string().starts_with("points: "));
    }
}
