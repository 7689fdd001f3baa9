//! Searches that look for a point in each of several spaces.

use std::borrow::Cow;
use std::fmt;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::schema::{MAX_DEPTH, SPACE, is_deeper};
use super::{Dialect, OptSpace, Point};
use crate::error::Problem;
use crate::neutral::fill_by;
use crate::{Error, Number};

/// Largest id, and with a minus sign the smallest, that every JSON reader keeps exact.
const MAX_ID: i64 = (1 << 53) - 1;

/// Number of a segment: the model that is trained with the points of its space.
///
/// ```
/// use idds_workflow::ModelId;
///
/// assert_eq!(serde_json::from_str::<ModelId>("7")?, ModelId::new(7));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct ModelId(i64);

impl ModelId {
    /// Makes the id of a number.
    pub fn new(id: i64) -> Self {
        Self(id)
    }

    /// Returns the number.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for ModelId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = Number::deserialize(deserializer)?;
        if id.as_f64().fract() == 0.0 && id.as_f64().abs() <= MAX_ID as f64 {
            Ok(Self(id.as_f64() as i64))
        } else {
            Err(D::Error::custom(format_args!(
                "{id} is not an integer from -{MAX_ID} to {MAX_ID}"
            )))
        }
    }
}

impl JsonSchema for ModelId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ModelId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Number of a segment: the model that is trained with its points.",
            "type": "integer",
            "minimum": -MAX_ID,
            "maximum": MAX_ID,
        })
    }
}

/// The spaces of a segmented search, one for every model.
///
/// The JSON form is that of hpogrid, `[{"model_id": 1, "search_space": {…}}, …]`, with spaces in the form of [`OptSpace`];
/// [`read`](Self::read) and [`write`](Self::write) take any [`Dialect`] inside.
///
/// ```
/// use idds_workflow::{ModelId, OptSpace, SegmentedSpace};
/// use serde_json::json;
///
/// let spaces = SegmentedSpace::builder()
///     .segment(ModelId::new(0), OptSpace::builder().choice("A", [1, 4]).build()?)
///     .segment(ModelId::new(1), OptSpace::builder().choice("A", [2, 8]).build()?)
///     .build()?;
/// assert_eq!(
///     serde_json::to_value(&spaces)?[1],
///     json!({"model_id": 1, "search_space": {"A": {"type": "Choice", "params": {"choices": [2, 8]}}}})
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentedSpace {
    segments: IndexMap<ModelId, OptSpace>,
}

impl SegmentedSpace {
    /// Starts a space without segments.
    pub fn builder() -> SegmentedSpaceBuilder {
        SegmentedSpaceBuilder::default()
    }

    /// Reads segments whose spaces are in the form of [`OptSpace`].
    ///
    /// # Errors
    ///
    /// As [`SegmentedSpace::read`].
    pub fn from_value(document: &Value) -> Result<Self, Error> {
        Self::read_with(document, OptSpace::from_value)
    }

    /// Reads segments whose spaces are in this dialect.
    ///
    /// ```
    /// use idds_workflow::{Dialect, ModelId, SegmentedSpace};
    /// use serde_json::json;
    ///
    /// let lr = json!({"method": "uniform", "dimension": {"low": 0.1, "high": 1}});
    /// let spaces = SegmentedSpace::read(&json!([{"model_id": 7, "search_space": {"lr": lr}}]), Dialect::Hpogrid)?;
    /// assert_eq!(spaces.get(ModelId::new(7)).map(|space| space.len()), Some(1));
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Names every segment that is given twice, has other fields than `model_id` and `search_space`, or whose space is
    /// wrong. There is at least one segment.
    pub fn read(document: &Value, dialect: Dialect) -> Result<Self, Error> {
        Self::read_with(document, |space| dialect.read(space))
    }

    /// Writes the segments with their spaces in this dialect.
    ///
    /// ```
    /// use idds_workflow::{Dialect, ModelId, OptSpace, SegmentedSpace};
    /// use serde_json::json;
    ///
    /// let space = OptSpace::builder().scalar("A", 0..=5).build()?;
    /// let spaces = SegmentedSpace::builder().segment(ModelId::new(7), space).build()?;
    /// let document = json!([{"model_id": 7, "search_space": {"A": [0, 5]}}]);
    /// assert_eq!(spaces.write(Dialect::BayesOpt)?, document);
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Names every parameter that the dialect cannot carry, with the reason.
    pub fn write(&self, dialect: Dialect) -> Result<Value, Error> {
        let mut problems = Vec::new();
        let mut document = Vec::new();
        for (index, (model_id, space)) in self.segments().enumerate() {
            match dialect.write(space) {
                Ok(space) => document.push(json!({ "model_id": model_id, "search_space": space })),
                Err(error) => problems.extend(in_segment(index, error)),
            }
        }
        Error::unless_empty(problems, Value::Array(document))
    }

    /// Returns the segments in their order.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = (ModelId, &OptSpace)> {
        self.segments
            .iter()
            .map(|(model_id, space)| (*model_id, space))
    }

    /// Returns the space of a model.
    pub fn get(&self, model_id: ModelId) -> Option<&OptSpace> {
        self.segments.get(&model_id)
    }

    /// Checks that a point is in the space of its model.
    ///
    /// ```
    /// use idds_workflow::{ModelId, OptSpace, SegmentedPoint, SegmentedSpace};
    ///
    /// let space = OptSpace::builder().choice("A", [1, 4]).build()?;
    /// let spaces = SegmentedSpace::builder().segment(ModelId::new(7), space).build()?;
    /// spaces.check(&SegmentedPoint::new(ModelId::new(7), [("A", 4)]))?;
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Names a model that has no space, and everything [`OptSpace::check`] does.
    pub fn check(&self, point: &SegmentedPoint) -> Result<(), Error> {
        let Some(space) = self.get(point.model_id()) else {
            return Err(Error::new(
                "point",
                format!("there is no search space of the model {}", point.model_id()),
            ));
        };
        space.check(point.point())
    }

    fn read_with(
        document: &Value,
        read: impl Fn(&Value) -> Result<OptSpace, Error>,
    ) -> Result<Self, Error> {
        // The list and the segment are levels too.
        if is_deeper(document, MAX_DEPTH + 2) {
            return Err(Error::new(SPACE, "is nested too deep"));
        }
        let Value::Array(items) = document else {
            return Err(Error::new(
                SPACE,
                format!("{document} is not a list of segments"),
            ));
        };
        let mut problems = Vec::new();
        let mut builder = Self::builder();
        for (index, item) in items.iter().enumerate() {
            let segment = fill_by(item.clone(), |fields| Segment::<Value>::deserialize(fields))
                .map_err(|error| error.within(&format!("{SPACE}[{index}]")).into_problems());
            let segment = segment.and_then(
                |Segment {
                     model_id,
                     search_space,
                 }| {
                    Ok((
                        model_id,
                        read(&search_space).map_err(|error| in_segment(index, error))?,
                    ))
                },
            );
            match segment {
                Ok((model_id, space)) => builder = builder.segment(model_id, space),
                Err(wrong) => problems.extend(wrong),
            }
        }
        if problems.is_empty() {
            builder.build()
        } else {
            Error::unless_empty(
                problems,
                Self {
                    segments: IndexMap::new(),
                },
            )
        }
    }
}

impl Serialize for SegmentedSpace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.segments().map(|(model_id, search_space)| Segment {
            model_id,
            search_space,
        }))
    }
}

impl<'de> Deserialize<'de> for SegmentedSpace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for SegmentedSpace {
    fn schema_name() -> Cow<'static, str> {
        "SegmentedSpace".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "title": "Segmented search space",
            "description": "The search spaces of several models. No model is named twice.",
            "type": "array",
            "minItems": 1,
            "items": generator.subschema_for::<Segment<OptSpace>>(),
        })
    }
}

/// The search space of one model.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a segment")]
#[schemars(rename = "Segment")]
struct Segment<S> {
    model_id: ModelId,
    search_space: S,
}

/// Puts the problems of a space into its segment.
fn in_segment(index: usize, error: Error) -> Vec<Problem> {
    let place = |at: &str| {
        format!(
            "{SPACE}[{index}].search_space{}",
            at.strip_prefix(SPACE).unwrap_or_default()
        )
    };
    error
        .problems()
        .iter()
        .map(|problem| Problem::new(place(problem.at()), problem.message()))
        .collect()
}

/// Collects the spaces of a segmented search.
///
/// ```
/// use idds_workflow::{ModelId, OptSpace, SegmentedSpace};
///
/// let space = OptSpace::builder().choice("A", [1, 4]).build()?;
/// let twice = SegmentedSpace::builder().segment(ModelId::new(7), space.clone()).segment(ModelId::new(7), space).build();
/// assert_eq!(twice.unwrap_err().to_string(), "opt_space[1]: gives the model 7 again");
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct SegmentedSpaceBuilder {
    segments: Vec<(ModelId, OptSpace)>,
}

impl SegmentedSpaceBuilder {
    /// Adds the space of a model.
    pub fn segment(mut self, model_id: ModelId, space: OptSpace) -> Self {
        self.segments.push((model_id, space));
        self
    }

    /// Checks the segments and makes the space.
    ///
    /// # Errors
    ///
    /// When there is no segment, and for every model that is given twice.
    pub fn build(self) -> Result<SegmentedSpace, Error> {
        let mut problems = Vec::new();
        if self.segments.is_empty() {
            problems.push(Problem::new(SPACE, "has no segment"));
        }
        let mut segments = IndexMap::with_capacity(self.segments.len());
        for (index, (model_id, space)) in self.segments.into_iter().enumerate() {
            if segments.insert(model_id, space).is_some() {
                problems.push(Problem::new(
                    format!("{SPACE}[{index}]"),
                    format!("gives the model {model_id} again"),
                ));
            }
        }
        Error::unless_empty(problems, SegmentedSpace { segments })
    }
}

/// A point of a segmented search: the model, and a point of its space.
///
/// The JSON form is `[model_id, point]`; a steering program is given `[[model_id, point], loss]`.
///
/// ```
/// use idds_workflow::{ModelId, SegmentedPoint};
///
/// let (point, loss): (SegmentedPoint, Option<f64>) = serde_json::from_str(r#"[[7, {"A": 1}], 0.25]"#)?;
/// assert_eq!(point, SegmentedPoint::new(ModelId::new(7), [("A", 1)]));
/// assert_eq!(loss, Some(0.25));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(expecting = "a list of a model and a point, such as [7, {\"A\": 1}]")]
#[schemars(
    description = "A point of a segmented search: the model, and a point of its space.",
    // Generators that do not know `prefixItems` make a type of this.
    extend("items" = { "type": ["integer", "object"] })
)]
pub struct SegmentedPoint(ModelId, Point);

impl SegmentedPoint {
    /// Makes a point of a model's space.
    pub fn new(model_id: ModelId, point: impl Into<Point>) -> Self {
        Self(model_id, point.into())
    }

    /// Returns the model.
    pub fn model_id(&self) -> ModelId {
        self.0
    }

    /// Returns the point.
    pub fn point(&self) -> &Point {
        &self.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_keep_their_order_and_their_json() {
        let document = json!([
            {"model_id": 7, "search_space": {"A": {"type": "Choice", "params": {"choices": [1, 4]}}}},
            {"model_id": -1, "search_space": {}},
        ]);
        let spaces = SegmentedSpace::from_value(&document).expect("segments");
        assert_eq!(
            spaces
                .segments()
                .map(|(model_id, _)| model_id.get())
                .collect::<Vec<_>>(),
            [7, -1]
        );
        assert_eq!(serde_json::to_value(&spaces).expect("JSON"), document);
        assert_eq!(spaces.write(Dialect::Nevergrad), Ok(document));
    }

    #[test]
    fn the_schema_accepts_a_document_exactly_when_the_reader_does() {
        let schema = schemars::schema_for!(SegmentedSpace);
        let validator = jsonschema::draft202012::new(schema.as_value()).expect("a valid schema");
        for document in [
            json!([{"model_id": 7, "search_space": {"A": {"type": "Scalar"}}}]),
            json!([{"model_id": 7.0, "search_space": {}}]),
            json!([{"model_id": 7.5, "search_space": {}}]),
            json!([{"model_id": 1e300, "search_space": {}}]),
            json!([{"model_id": "7", "search_space": {}}]),
            json!([{"model_id": 7, "search_space": null}]),
            json!([{"model_id": 7, "search_space": {"A": [1, 4]}}]),
            json!([{"model_id": 7}]),
            json!([{"model_id": 7, "search_space": {}, "name": "x"}]),
            json!([]),
            json!({}),
        ] {
            assert_eq!(
                validator.is_valid(&document),
                SegmentedSpace::from_value(&document).is_ok(),
                "{document}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_segment() {
        let lr = json!({"method": "uniform", "dimension": {"low": 1, "high": 0}});
        let wrong = [
            json!({}),
            json!([]),
            json!([{"model_id": 7, "search_space": {}}, {"model_id": 7, "search_space": {}}]),
            json!([{"model_id": 7, "space": {}}, {"model_id": 8, "search_space": { "lr": lr }}, {"search_space": {}}]),
            (0..5000).fold(json!(1), |inner, _| Value::Array(vec![inner])),
        ];
        let errors: Vec<_> = wrong
            .iter()
            .map(|document| {
                SegmentedSpace::read(document, Dialect::Hpogrid)
                    .expect_err("wrong segments")
                    .to_string()
            })
            .collect();
        insta::assert_snapshot!(errors.join("\n"));
    }

    #[test]
    fn a_point_is_checked_against_the_space_of_its_model() {
        let space = OptSpace::builder()
            .choice("A", [1, 4])
            .array("B", [1], 1..=2)
            .build()
            .expect("a space");
        let spaces = SegmentedSpace::builder()
            .segment(ModelId::new(7), space)
            .build()
            .expect("segments");
        let point = |model_id| {
            SegmentedPoint::new(ModelId::new(model_id), [("A", json!(2)), ("B", json!([1]))])
        };
        let errors = [
            spaces.check(&point(7)),
            spaces.check(&point(8)),
            spaces.write(Dialect::Lists).map(drop),
        ];
        let errors = errors.map(|error| error.expect_err("an error").to_string());
        insta::assert_snapshot!(errors.join("\n"));
    }
}
