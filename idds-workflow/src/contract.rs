//! Files that the programs of a search read and write.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use crate::neutral::{Effort, Read, deserialize_by_reading, fill_by};
use crate::python_json::{self, Document, NumberOrText};
use crate::{
    Dialect, Error, InitialPoint, Number, OptSpace, SearchPoint, SearchSpace, SegmentedSpace,
};

/// What a steering program reads, in the file that `%IN` names: all points so far, and the space.
///
/// The file is written by Python, so [`from_json`](Self::from_json) is what reads it.
///
/// ```
/// use idds_workflow::SteeringInput;
///
/// let input = SteeringInput::from_json(
///     br#"{"points": [[{"B": 1}, NaN], [{"B": 4}, null]], "opt_space": {"B": {"type": "Scalar", "bounds": [0, 5]}}}"#,
/// )?;
/// assert_eq!(input.points.len(), 2);
/// # Ok::<(), idds_workflow::python_json::Error>(())
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

impl SteeringInput {
    /// Reads the file as Python writes it, with a space in the form of [`OptSpace`].
    ///
    /// A loss can be NaN or infinite, and a number that is written as text, such as `"0.5"`. In the space nothing may be lost: an integer beyond 64 bits or a choice that is NaN would
    /// be another choice. In the points they are read as [`python_json::read`] does, since those are over.
    ///
    /// # Errors
    ///
    /// Names line, column and place of what is wrong.
    pub fn from_json(text: &[u8]) -> Result<Self, python_json::Error> {
        Self::read_with(text, None)
    }

    /// Reads the file as [`from_json`](Self::from_json) does, with a space in this dialect.
    ///
    /// # Errors
    ///
    /// Names line, column and place of what is wrong.
    pub fn from_json_in(text: &[u8], dialect: Dialect) -> Result<Self, python_json::Error> {
        Self::read_with(text, Some(dialect))
    }

    fn read_with(text: &[u8], dialect: Option<Dialect>) -> Result<Self, python_json::Error> {
        let document = Document::parse(text)?;
        let root = document.root();
        if !root.is_object() {
            return Err(root.error("an object with points and opt_space is expected"));
        }
        let member = |name: &str| {
            root.member(name)
                .ok_or_else(|| root.error(format!("{name} is missing")))
        };
        let (known, space) = (
            member("points")?.read::<Vec<Known>>()?,
            member("opt_space")?,
        );
        let points = known
            .into_iter()
            .map(|Known(point, loss)| InitialPoint::new(point, loss.map(|loss| loss.0)));
        let opt_space = match dialect {
            None => space.read_exact()?,
            Some(dialect) => {
                let document: Option<Value> = space.read_exact()?;
                let read = document
                    .map(|document| SearchSpace::read(&document, dialect))
                    .transpose();
                read.map_err(|error| space.error(error.to_string()))?
            }
        };
        Ok(Self {
            points: points.collect(),
            opt_space,
        })
    }
}

/// A point as it stands in a file of Python, whose loss is whatever the program that evaluated it wrote.
#[derive(Deserialize)]
#[serde(
    expecting = "a list of a point and its loss, such as [{\"A\": 1}, 0.5] or [{\"A\": 1}, null]"
)]
struct Known(SearchPoint, Option<NumberOrText>);

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
///
/// An evaluation that failed says so by a status, and why in the message.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(remote = "Self")]
#[schemars(example = evaluation_output())]
pub struct EvaluationOutput {
    /// 0, or absent, when the evaluation succeeded.
    #[serde(default = "success")]
    pub status: Number,
    /// Loss of the point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<Number>,
    /// Why the evaluation failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

fn success() -> Number {
    Number::Int(0)
}

fn evaluation_output() -> Value {
    json!({ "status": 0, "loss": 0.25 })
}

/// Reads and writes a type by its derived functions, strictly as definitions are read.
macro_rules! strictly {
    ($($file:ident),+) => { $(
        impl Read for $file {
            fn read(tree: Value, _: Effort) -> Result<Self, Error> {
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
        assert!(
            message.starts_with("opt_space.A: type \"Choise\" is none of Choice, "),
            "{message}"
        );
        let error =
            serde_json::from_value::<SteeringInput>(json!({ "points": 3, "opt_space": null }));
        assert!(
            error
                .expect_err("no list")
                .to_string()
                .starts_with("points: ")
        );
    }

    #[test]
    fn a_file_of_python_is_read() {
        let points = br#"{"points": [[{"A": 1}, NaN], [{"A": NaN}, -Infinity], [[7, {"A": 1}], 5], [{"A": 1}, null], [{"A": 2}, " 0.5\n"], [{"A": 2}, "1e5"]], "opt_space": null}"#;
        let input =
            SteeringInput::from_json(&[b"\xEF\xBB\xBF", &points[..]].concat()).expect("an input");
        let losses: Vec<_> = input
            .points
            .iter()
            .map(|known| known.loss().map(Number::as_f64))
            .collect();
        assert!(losses[0].is_some_and(f64::is_nan));
        assert_eq!(
            losses[1..],
            [
                Some(f64::NEG_INFINITY),
                Some(5.0),
                None,
                Some(0.5),
                Some(1e5)
            ]
        );
    }

    #[test]
    fn what_is_wrong_in_a_file_is_named_by_line_column_and_place() {
        let space = |choices: &str| {
            format!(
                "{{\"points\": [],\n \"opt_space\": {{\"A\": {{\"type\": \"Choice\", \"params\": {{\"choices\": {choices}}}}}}}}}"
            )
        };
        let why = |text: &str| {
            SteeringInput::from_json(text.as_bytes())
                .expect_err(text)
                .to_string()
        };
        assert_eq!(
            why(&space("[1, 1180591620717411303425]")),
            "line 2, column 66: opt_space.A.params.choices[1]: the integer 1180591620717411303425 is beyond 64 bits; write it as text"
        );
        assert_eq!(
            why(&space("[NaN]")),
            "line 2, column 63: opt_space.A.params.choices[0]: NaN is no finite number"
        );
        assert_eq!(
            why(&space("[]")),
            "line 2, column 15: opt_space.A.params.choices: is empty"
        );
        assert_eq!(
            why("[]"),
            "line 1, column 1: an object with points and opt_space is expected"
        );
        assert_eq!(
            why("{\"points\": []}"),
            "line 1, column 1: opt_space is missing"
        );
        assert_eq!(
            why("{\"points\": [[{}, \"low\"]], \"opt_space\": null}"),
            "line 1, column 18: points[0][1]: \"low\" is given where a number is expected"
        );
        let text = br#"{"points": [], "opt_space": {"A": {"method": "Grid"}}}"#;
        let error = SteeringInput::from_json_in(text, Dialect::Hpogrid)
            .expect_err("no such method")
            .to_string();
        assert!(
            error.starts_with("line 1, column 29: opt_space.A"),
            "{error}"
        );
    }
}
