//! Parameters that exist only when others have some value.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::schema::place;
use super::{OptSpace, Parameter, Point};
use crate::error::Problem;

/// Member of a parameter that says when it exists.
pub(super) const WHEN: &str = "when";

/// When a parameter exists: when each of some other parameters has one of these values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParameterCondition {
    values: IndexMap<String, Vec<Value>>,
}

impl ParameterCondition {
    /// Returns the parameters that it depends on, each with the values for which the parameter exists.
    pub fn values(&self) -> impl ExactSizeIterator<Item = (&str, &[Value])> {
        self.values
            .iter()
            .map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// Adds that another parameter has one of these values.
    pub(super) fn and(mut self, name: &str, values: &[Value]) -> Self {
        let there = self.values.entry(name.to_owned());
        let there = there.or_insert_with(|| values.to_vec());
        there.retain(|value| values.contains(value));
        self
    }

    /// Joins two conditions that differ in the values of their only parameter; none when they differ in more.
    pub(super) fn or(&self, other: &Self) -> Option<Self> {
        let (Some((name, values)), Some((other_name, others))) =
            (self.values.first(), other.values.first())
        else {
            return None;
        };
        if self.values.len() != 1 || other.values.len() != 1 || name != other_name {
            return None;
        }
        let new = others.iter().filter(|value| !values.contains(value));
        let values = values.iter().chain(new).cloned().collect();
        Some(Self {
            values: IndexMap::from_iter([(name.clone(), values)]),
        })
    }

    /// Takes the condition out of a parameter in JSON; none when it exists always.
    pub(super) fn take(name: &str, parameter: &mut Value) -> Result<Option<Self>, Problem> {
        let members = parameter.as_object_mut();
        let Some(when) = members.and_then(|members| members.remove(WHEN)) else {
            return Ok(None);
        };
        let wrong = |value: &Value| {
            let message = format!(
                "{value} does not say when the parameter exists, as {{\"optimizer\": [\"sgd\"]}} does"
            );
            Problem::new(format!("{}.{WHEN}", place(name)), message)
        };
        let Value::Object(parents) = &when else {
            return Err(wrong(&when));
        };
        let mut condition = Self::default();
        for (parent, values) in parents {
            let values = values.as_array().ok_or_else(|| wrong(&when))?;
            condition.values.insert(parent.clone(), values.clone());
        }
        Ok(Some(condition).filter(|condition| !condition.values.is_empty()))
    }

    /// Returns it as it stands in a parameter in JSON.
    pub(super) fn to_json(&self) -> Value {
        let parents = self.values.iter();
        let parents: Map<String, Value> = parents
            .map(|(name, values)| (name.clone(), json!(values)))
            .collect();
        parents.into()
    }

    fn problems(&self, name: &str, space: &OptSpace) -> Vec<Problem> {
        let own = space.parameters.get_index_of(name).unwrap_or_default();
        let problem = |(parent, values): (&String, &Vec<Value>)| {
            let at = |message: String| {
                Some(Problem::new(
                    format!("{}.{WHEN}.{parent}", place(name)),
                    message,
                ))
            };
            let before = space.parameters.get_full(parent);
            let Some((_, _, parameter)) = before.filter(|(index, ..)| *index < own) else {
                return at("is no parameter that stands before this one".to_owned());
            };
            let Some(choices) = choices(parameter) else {
                return at(
                    "is no choice of one value, and only on such can a parameter depend".to_owned(),
                );
            };
            if values.is_empty() {
                return at("is empty".to_owned());
            }
            let missing = values.iter().find(|value| !has(choices, value))?;
            at(format!("{missing} is none of the choices of {parent}"))
        };
        self.values.iter().filter_map(problem).collect()
    }
}

/// Returns the choices of a parameter that others can depend on.
pub(super) fn choices(parameter: &Parameter) -> Option<&[Value]> {
    match parameter {
        Parameter::Choice(choice) if choice.list_len().is_none() => Some(choice.choices()),
        Parameter::TransitionChoice(choice) if choice.list_len().is_none() => {
            Some(choice.choices())
        }
        _ => None,
    }
}

/// Tells whether a value is among others, numbers by their values.
fn has(values: &[Value], value: &Value) -> bool {
    let is_same =
        |other: &Value| other == value || value.is_number() && other.as_f64() == value.as_f64();
    values.iter().any(is_same)
}

impl OptSpace {
    /// Returns when a parameter exists; none when it always does.
    pub fn condition(&self, name: &str) -> Option<&ParameterCondition> {
        self.conditions.get(name)
    }

    /// Tells whether some parameter exists only when others have some value.
    pub fn is_conditional(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// Tells whether a parameter exists in a point.
    pub fn is_active(&self, name: &str, point: &Point) -> bool {
        let Some(condition) = self.conditions.get(name) else {
            return true;
        };
        // Those that it depends on stand before it, so this comes to an end.
        condition.values.iter().all(|(parent, values)| {
            let value = point.get(parent);
            value.is_some_and(|value| has(values, value)) && self.is_active(parent, point)
        })
    }

    /// Returns a point without the parameters that do not exist in it. Programs that know no conditions propose a value for every
    /// parameter.
    ///
    /// ```
    /// use idds_workflow::{OptSpace, point};
    ///
    /// let space = OptSpace::builder()
    ///     .choice("optimizer", ["adam", "sgd"])
    ///     .when("optimizer", ["sgd"], |space| space.scalar("momentum", 0..=1))
    ///     .build()?;
    /// let proposed = point! { "optimizer": "adam", "momentum": 0.5 };
    /// assert_eq!(space.active(&proposed), point! { "optimizer": "adam" });
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    pub fn active(&self, point: &Point) -> Point {
        let values = point.as_map().iter();
        let there = values.filter(|(name, _)| self.is_active(name, point));
        there
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// Tells what is wrong with the conditions of a space.
    pub(super) fn wrong_conditions(&self) -> Vec<Problem> {
        let conditions = self.conditions.iter();
        conditions
            .flat_map(|(name, condition)| condition.problems(name, self))
            .collect()
    }

    /// Tells which parameters a point lacks or has, though they exist or not.
    pub(super) fn misplaced(&self, at: &str, point: &Point) -> Vec<Problem> {
        let problem = |(name, condition): (&String, &ParameterCondition)| {
            let message = match (self.is_active(name, point), point.get(name)) {
                (true, None) => "is missing".to_owned(),
                (false, Some(_)) => {
                    let needs = condition
                        .values
                        .iter()
                        .map(|(parent, values)| format!("{parent} is {}", one_of(values)));
                    let needs = needs.collect::<Vec<_>>().join(" and ");
                    format!("is given, and exists only when {needs}")
                }
                _ => return None,
            };
            Some(Problem::new(format!("{at}.{name}"), message))
        };
        self.conditions.iter().filter_map(problem).collect()
    }
}

fn one_of(values: &[Value]) -> String {
    let values: Vec<_> = values.iter().take(10).map(Value::to_string).collect();
    match &values[..] {
        [only] => only.clone(),
        several => format!("one of {}", several.join(", ")),
    }
}

/// Adds to the schema of a point what depends on others: for each parameter that something depends on, one of several forms.
pub(super) fn add_forms(space: &OptSpace, schema: &mut Value, values: &Map<String, Value>) {
    let single = |condition: &ParameterCondition| match condition.values.first() {
        Some((parent, _)) if condition.values.len() == 1 => Some(parent.clone()),
        _ => None,
    };
    let mut forms = Vec::new();
    for (parent, parameter) in space.parameters() {
        let children: Vec<(&String, &ParameterCondition)> = space
            .conditions
            .iter()
            .filter(|(_, condition)| single(condition).as_deref() == Some(parent))
            .collect();
        if children.is_empty() {
            continue;
        }
        // Choices for which the same parameters exist have one form.
        let mut groups: IndexMap<Vec<usize>, Vec<&Value>> = IndexMap::new();
        for choice in choices(parameter).unwrap_or_default() {
            let exists = |(_, condition): &(&String, &ParameterCondition)| {
                has(&condition.values[parent], choice)
            };
            let there = (0..children.len()).filter(|index| exists(&children[*index]));
            let group = groups.entry(there.collect()).or_default();
            if !group.contains(&choice) {
                group.push(choice);
            }
        }
        let mut branches: Vec<Value> = groups
            .into_iter()
            .map(|(there, choices)| {
                let names: Vec<&String> =
                    there.into_iter().map(|index| children[index].0).collect();
                form(values, &[(parent, choices)], &names)
            })
            .collect();
        if space.conditions.contains_key(parent) {
            branches.push(json!({ "not": { "required": [parent] } }));
        }
        forms.push(json!({ "oneOf": branches }));
    }
    let several = space
        .conditions
        .iter()
        .filter(|(_, condition)| single(condition).is_none());
    for (name, condition) in several {
        let parents: Vec<(&str, Vec<&Value>)> = condition
            .values()
            .map(|(parent, values)| (parent, values.iter().collect()))
            .collect();
        let other = json!({ "not": form(values, &parents, &[]) });
        forms.push(json!({ "oneOf": [form(values, &parents, &[name]), other] }));
    }
    schema["allOf"] = forms.into();
}

/// The schema of a point in which these parameters have one of these values, and these others exist.
fn form(values: &Map<String, Value>, parents: &[(&str, Vec<&Value>)], names: &[&String]) -> Value {
    let mut properties = Map::new();
    for (parent, choices) in parents {
        properties.insert((*parent).to_owned(), json!({ "enum": choices }));
    }
    for name in names {
        properties.insert((*name).clone(), values[*name].clone());
    }
    let required: Vec<&String> = properties.keys().collect();
    json!({ "required": required, "properties": properties })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::point;

    fn space() -> OptSpace {
        OptSpace::builder()
            .choice("optimizer", ["adam", "sgd", "rmsprop"])
            .when("optimizer", ["sgd", "rmsprop"], |space| {
                space
                    .scalar("momentum", 0..=1)
                    .choice("nesterov", [false, true])
            })
            .when("nesterov", [true], |space| space.integer("depth", 1..=3))
            .choice("layers", [1, 2])
            .when("layers", [2], |space| {
                space.when("optimizer", ["adam"], |space| space.log("beta", 0.1..=1.0))
            })
            .build()
            .expect("a space")
    }

    const DEPTH: &str = r#"{"type":"Scalar","params":{"lower":1,"upper":3,"integer":true},"when":{"nesterov":[true]}}"#;

    #[test]
    fn conditions_survive_a_round_trip() {
        let value = json!(space());
        assert_eq!(value["depth"].to_string(), DEPTH);
        assert_eq!(
            value["beta"][WHEN],
            json!({"layers": [2], "optimizer": ["adam"]})
        );
        assert_eq!(OptSpace::from_value(&value), Ok(space()));
        assert_eq!(
            crate::Dialect::Nevergrad
                .read(&json!({
                    "a": {"type": "Choice", "params": {"choices": [1, 2]}},
                    "b": {"type": "Scalar", "bounds": [0, 1], "when": {"a": [2]}},
                }))
                .map(|space| space.is_conditional()),
            Ok(true)
        );
    }

    #[test]
    fn a_point_has_what_exists_and_nothing_else() {
        let wrong = |point: Point| space().check(&point).map_err(|error| error.to_string());
        let good = [
            point! { "optimizer": "adam", "layers": 1 },
            point! { "optimizer": "adam", "layers": 2, "beta": 0.5 },
            point! { "optimizer": "sgd", "layers": 2, "momentum": 0.5, "nesterov": false },
            point! { "optimizer": "sgd", "layers": 1, "momentum": 0.5, "nesterov": true, "depth": 2 },
        ];
        let bad = [
            (
                point! { "optimizer": "adam", "layers": 1, "momentum": 0.5 },
                "point.momentum: is given, and exists only when optimizer is one of \"sgd\", \"rmsprop\"",
            ),
            (
                point! { "optimizer": "adam", "layers": 2 },
                "point.beta: is missing",
            ),
            (
                point! { "optimizer": "adam", "layers": 1, "beta": 0.5 },
                "point.beta: is given, and exists only when layers is 2 and optimizer is \"adam\"",
            ),
            (
                point! { "optimizer": "adam", "layers": 1, "depth": 2 },
                "point.depth: is given, and exists only when nesterov is true",
            ),
            (
                point! { "optimizer": "sgd", "layers": 1, "momentum": 2, "nesterov": false },
                "point.momentum: 2 is above 1, the most that is allowed",
            ),
        ];
        let validator = jsonschema::draft202012::new(&space().point_schema()).expect("a schema");
        for point in good {
            assert_eq!(wrong(point.clone()), Ok(()));
            assert!(validator.is_valid(&json!(point)), "{point}");
            let all = point.as_map().iter().fold(
                point! { "momentum": 0.5, "nesterov": true, "depth": 2, "beta": 0.5 },
                |all, (name, value)| all.with(name, value.clone()),
            );
            assert_eq!(space().active(&all).as_map().len(), point.as_map().len());
            assert_eq!(space().check(&space().active(&all)), Ok(()));
        }
        for (point, message) in bad {
            assert_eq!(wrong(point.clone()), Err(message.to_owned()));
            assert!(!validator.is_valid(&json!(point)), "{point}");
        }
    }

    #[test]
    fn conditions_on_what_is_no_choice_before_are_refused() {
        let why = |value: Value| {
            OptSpace::from_value(&value)
                .expect_err("a mistake")
                .to_string()
        };
        let space = |when: Value| {
            json!({
                "a": {"type": "Choice", "params": {"choices": [1, 2]}},
                "b": {"type": "Scalar", "bounds": [0, 1]},
                "c": {"type": "Scalar", "bounds": [0, 1], "when": when},
            })
        };
        for (when, message) in [
            (
                json!({"a": [3]}),
                "opt_space.c.when.a: 3 is none of the choices of a",
            ),
            (json!({"a": []}), "opt_space.c.when.a: is empty"),
            (
                json!({"b": [1]}),
                "opt_space.c.when.b: is no choice of one value, and only on such can a parameter depend",
            ),
            (
                json!({"c": [1]}),
                "opt_space.c.when.c: is no parameter that stands before this one",
            ),
        ] {
            assert_eq!(why(space(when)), message);
        }
        assert!(why(space(json!(5))).starts_with("opt_space.c.when: "));
        assert_eq!(
            why(
                json!({"a": {"type": "Choice", "params": {"choices": [1, 2]}}, "b": {"when": {"a": [1]}}})
            ),
            "opt_space.b: has no type, and says when it exists"
        );
    }

    #[test]
    fn a_parameter_of_two_variants_exists_for_both() {
        let space = OptSpace::builder()
            .choice("kind", ["a", "b", "c"])
            .when("kind", ["a"], |space| space.scalar("x", 0..=1))
            .when("kind", ["b"], |space| space.scalar("x", 0..=1))
            .build()
            .expect("a space");
        assert!(space.is_active("x", &point! { "kind": "b" }));
        assert!(!space.is_active("x", &point! { "kind": "c" }));
        let other = OptSpace::builder()
            .choice("kind", ["a", "b"])
            .when("kind", ["a"], |space| space.scalar("x", 0..=1))
            .when("kind", ["b"], |space| space.scalar("x", 0..=2))
            .build();
        let message = other.expect_err("two ranges").to_string();
        assert_eq!(message, "opt_space.x: is given twice");
    }
}
