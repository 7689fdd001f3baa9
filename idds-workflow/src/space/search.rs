//! The space of a search: one space, or one for each of several models.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::schema::PointChecker;
use super::{Dialect, ModelId, OptSpace, Point, SegmentedPoint, SegmentedSpace};
use crate::Error;
use crate::error::Problem;
use crate::neutral::Tree;

/// The space of a search: one space, or a space for each of several models.
///
/// The JSON form is that of [`OptSpace`], an object, or that of [`SegmentedSpace`], a list.
///
/// ```
/// use idds_workflow::{ModelId, OptSpace, SearchSpace, SegmentedPoint, SegmentedSpace};
///
/// let space = OptSpace::builder().choice("A", [1, 4]).build()?;
/// let segments = SearchSpace::from(SegmentedSpace::builder().segment(ModelId::new(7), space.clone()).build()?);
/// segments.check(&SegmentedPoint::new(ModelId::new(7), [("A", 4)]).into())?;
/// SearchSpace::from(space).check(&[("A", 4)].into())?;
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum SearchSpace {
    /// One space.
    Whole(OptSpace),
    /// A space for each of several models.
    Segmented(SegmentedSpace),
}

impl SearchSpace {
    /// Reads a space, or a list of segments, in the form of [`OptSpace`].
    ///
    /// # Errors
    ///
    /// As [`OptSpace::from_value`] and [`SegmentedSpace::from_value`].
    pub fn from_value(document: &Value) -> Result<Self, Error> {
        if document.is_array() {
            SegmentedSpace::from_value(document).map(Self::Segmented)
        } else {
            OptSpace::from_value(document).map(Self::Whole)
        }
    }

    /// Reads a space, or a list of segments, in this dialect.
    ///
    /// # Errors
    ///
    /// As [`Dialect::read`] and [`SegmentedSpace::read`].
    pub fn read(document: &Value, dialect: Dialect) -> Result<Self, Error> {
        if document.is_array() {
            SegmentedSpace::read(document, dialect).map(Self::Segmented)
        } else {
            dialect.read(document).map(Self::Whole)
        }
    }

    /// Reads a space, or a list of segments, in the form of [`OptSpace`], or else in the only dialect that fits.
    pub(crate) fn recognise(document: &Value) -> Result<(Self, Option<Dialect>), Error> {
        let own = match Self::from_value(document) {
            Ok(space) => return Ok((space, None)),
            Err(error) => error,
        };
        let read = |dialect| Some((Self::read(document, dialect).ok()?, dialect));
        let mut fitting = Dialect::ALL.into_iter().filter_map(read);
        match (fitting.next(), fitting.next()) {
            (Some((space, only)), None) => Ok((space, Some(only))),
            (None, _) => Err(own),
            (Some((_, one)), Some((_, other))) => Err(Error::new(
                "",
                format!("is of the {one} dialect or of the {other} one"),
            )),
        }
    }

    /// Writes the space, or the list of segments, in this dialect.
    ///
    /// # Errors
    ///
    /// Names every parameter that the dialect cannot carry, with the reason.
    pub fn write(&self, dialect: Dialect) -> Result<Value, Error> {
        match self {
            Self::Whole(space) => dialect.write(space),
            Self::Segmented(segments) => segments.write(dialect),
        }
    }

    /// Checks that a point is in the space, or in that of its model.
    ///
    /// # Errors
    ///
    /// When only one of point and space is segmented, for a model that has no space, and everything [`OptSpace::check`] does.
    pub fn check(&self, point: &SearchPoint) -> Result<(), Error> {
        Error::unless_empty(self.checker().problems("point", point), ())
    }

    /// Returns the spaces, each with its model when there are segments.
    pub(crate) fn spaces(&self) -> Vec<(Option<ModelId>, &OptSpace)> {
        match self {
            Self::Whole(space) => vec![(None, space)],
            Self::Segmented(segments) => segments
                .segments()
                .map(|(id, space)| (Some(id), space))
                .collect(),
        }
    }

    /// Prepares the check of many points.
    pub(crate) fn checker(&self) -> SearchChecker<'_> {
        SearchChecker {
            space: self,
            checkers: HashMap::new(),
        }
    }

    fn space_of(&self, point: &SearchPoint) -> Result<&OptSpace, String> {
        match (self, point.model_id()) {
            (Self::Whole(space), None) => Ok(space),
            (Self::Whole(_), Some(id)) => Err(format!(
                "is of the model {id}, and the search space has no segments"
            )),
            (Self::Segmented(_), None) => {
                Err("names no model, and the search space has segments".to_owned())
            }
            (Self::Segmented(segments), Some(id)) => segments
                .get(id)
                .ok_or_else(|| format!("there is no search space of the model {id}")),
        }
    }
}

impl From<OptSpace> for SearchSpace {
    fn from(space: OptSpace) -> Self {
        Self::Whole(space)
    }
}

impl From<SegmentedSpace> for SearchSpace {
    fn from(segments: SegmentedSpace) -> Self {
        Self::Segmented(segments)
    }
}

impl<'de> Deserialize<'de> for SearchSpace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for SearchSpace {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SearchSpace".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [generator.subschema_for::<OptSpace>(), generator.subschema_for::<SegmentedSpace>()],
        })
    }
}

/// Checks points of one search.
#[derive(Debug)]
pub(crate) struct SearchChecker<'a> {
    space: &'a SearchSpace,
    /// The checkers of the models that had a point already.
    checkers: HashMap<Option<ModelId>, PointChecker>,
}

impl SearchChecker<'_> {
    /// Tells what is wrong with a point that stands at this place of the definition.
    pub(crate) fn problems(&mut self, place: &str, point: &SearchPoint) -> Vec<Problem> {
        match self.space.space_of(point) {
            Ok(space) => {
                let checker = self
                    .checkers
                    .entry(point.model_id())
                    .or_insert_with(|| space.checker());
                checker.problems(place, point.values())
            }
            Err(message) => vec![Problem::new(place, message)],
        }
    }
}

/// A point of a search, with its model when the search is segmented.
///
/// The JSON form is that of [`Point`], an object, or that of [`SegmentedPoint`], a list of the model and the point.
///
/// ```
/// use idds_workflow::{ModelId, SearchPoint, SegmentedPoint};
///
/// let points: Vec<SearchPoint> = serde_json::from_str(r#"[{"A": 1}, [7, {"A": 1}]]"#)?;
/// assert_eq!(points, [[("A", 1)].into(), SegmentedPoint::new(ModelId::new(7), [("A", 1)]).into()]);
/// assert_eq!(points[0].values(), points[1].values());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum SearchPoint {
    /// A point of the space.
    Whole(Point),
    /// A point of the space of a model.
    Segmented(SegmentedPoint),
}

impl SearchPoint {
    /// Returns the model, none when the search is not segmented.
    pub fn model_id(&self) -> Option<ModelId> {
        match self {
            Self::Whole(_) => None,
            Self::Segmented(point) => Some(point.model_id()),
        }
    }

    /// Returns the values of the parameters.
    pub fn values(&self) -> &Point {
        match self {
            Self::Whole(point) => point,
            Self::Segmented(point) => point.point(),
        }
    }
}

impl From<Point> for SearchPoint {
    fn from(point: Point) -> Self {
        Self::Whole(point)
    }
}

impl From<SegmentedPoint> for SearchPoint {
    fn from(point: SegmentedPoint) -> Self {
        Self::Segmented(point)
    }
}

impl<K: Into<String>, V: Into<Value>, const N: usize> From<[(K, V); N]> for SearchPoint {
    fn from(values: [(K, V); N]) -> Self {
        Self::Whole(values.into())
    }
}

/// Writes the point as JSON.
impl fmt::Display for SearchPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl<'de> Deserialize<'de> for SearchPoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            segmented @ Value::Array(_) => SegmentedPoint::deserialize(Tree::from(segmented))
                .map(Self::Segmented)
                .map_err(D::Error::custom),
            whole => Point::deserialize(whole)
                .map(Self::Whole)
                .map_err(D::Error::custom),
        }
    }
}

impl JsonSchema for SearchPoint {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SearchPoint".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [generator.subschema_for::<Point>(), generator.subschema_for::<SegmentedPoint>()],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_point_of_another_kind_of_search_is_refused() {
        let space = OptSpace::builder()
            .choice("A", [1, 4])
            .build()
            .expect("a space");
        let segments = SegmentedSpace::builder()
            .segment(ModelId::new(7), space.clone())
            .build()
            .expect("segments");
        let point = |model_id| SegmentedPoint::new(ModelId::new(model_id), [("A", 1)]).into();
        let errors = [
            SearchSpace::from(space).check(&point(7)),
            SearchSpace::from(segments.clone()).check(&[("A", 1)].into()),
            SearchSpace::from(segments.clone()).check(&point(8)),
            SearchSpace::from(segments)
                .check(&SegmentedPoint::new(ModelId::new(7), [("A", 2)]).into()),
        ];
        let errors = errors.map(|checked| checked.expect_err("another kind").to_string());
        insta::assert_snapshot!(errors.join("\n"), @r"
        point: is of the model 7, and the search space has no segments
        point: names no model, and the search space has segments
        point: there is no search space of the model 8
        point.A: 2 is none of 1, 4
        ");
    }

    #[test]
    fn a_space_and_segments_are_told_apart_in_every_dialect() {
        let space = OptSpace::builder()
            .scalar("A", 0..=5)
            .build()
            .expect("a space");
        let segments = SegmentedSpace::builder()
            .segment(ModelId::new(7), space.clone())
            .build()
            .expect("segments");
        for space in [SearchSpace::from(space), segments.into()] {
            assert_eq!(SearchSpace::from_value(&json!(space)).as_ref(), Ok(&space));
            for dialect in [Dialect::Nevergrad, Dialect::Hpogrid, Dialect::BayesOpt] {
                let written = space.write(dialect).expect("a document");
                let read = SearchSpace::read(&written, dialect).expect("the same space");
                assert_eq!(read.write(dialect), Ok(written));
            }
        }
    }
}
