//! The neutral form of definitions whose fields are declared: reading, writing, and the schema.

use schemars::{Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use super::Effort;
use super::fill::{Filled, LeftOut, fill};
use super::refusal::no_field;
use crate::Error;
use crate::error::Problem;
use crate::literal::{Numeric, Takes};
use crate::work::base::Base;
use crate::work::class::Class;
use crate::work::fields::{Fields as _, Spec};

/// Most characters of a text that the server stores.
const MAX_CHARS: usize = 255;

/// What stands in a document for a value of a definition.
pub(crate) trait Form<T>: DeserializeOwned {
    /// Returns what stands for a value.
    fn of(value: &T) -> Self;

    /// Makes the value, or says what is wrong with it.
    fn build(self) -> Result<T, Error>;
}

impl<T, F: Form<T>> Form<Vec<T>> for Vec<F> {
    fn of(values: &Vec<T>) -> Self {
        values.iter().map(F::of).collect()
    }

    fn build(self) -> Result<Vec<T>, Error> {
        super::condition::build_list("", self, F::build)
    }
}

/// The value of a field that is being read.
pub(crate) struct Reading<'a> {
    name: &'a str,
    effort: Effort,
    left_out: &'a mut LeftOut,
    /// What the builders of values have to say.
    refused: &'a mut Vec<Problem>,
}

impl Reading<'_> {
    /// Reads a value that stands in the document as it is.
    pub(crate) fn plain<T: DeserializeOwned>(&mut self, value: Value) -> Option<T> {
        match fill(value, self.effort) {
            Ok(Filled { form, left_out }) => {
                self.left_out.absorb(self.name, left_out);
                Some(form)
            }
            Err(error) => {
                self.left_out.refuse(self.name, error);
                None
            }
        }
    }

    /// Reads a value that has a form of its own in documents.
    pub(crate) fn form<F: Form<T>, T>(&mut self, value: Value) -> Option<T> {
        let form = self.plain::<F>(value)?;
        match form.build() {
            Ok(value) => Some(value),
            Err(error) => {
                // A space names its parameters from `opt_space` on, wherever it stands.
                let is_named = |problem: &Problem| problem.at().starts_with(self.name);
                let error = if error.problems().iter().all(is_named) {
                    error
                } else {
                    error.within(self.name)
                };
                self.refused.extend(error.into_problems());
                None
            }
        }
    }

    /// Reads a number of a kind.
    pub(crate) fn amount<N: Numeric>(&mut self, value: Value, takes: Takes) -> Option<N> {
        let literal = self.plain(value)?;
        match takes.wrong(&literal) {
            None => Some(N::from(literal)),
            Some(message) => {
                self.left_out.refuse(self.name, Error::new("", message));
                None
            }
        }
    }
}

/// The fields of a class: those of its own, then those of all works that it has.
fn fields<W: Class>() -> impl Iterator<Item = (Place, &'static Spec)> {
    let own = W::specs().iter().map(|spec| (Place::Own(spec.index), spec));
    let common = Base::specs()
        .iter()
        .map(|spec| (Place::Common(spec.index), spec));
    own.chain(common)
        .filter(|(_, spec)| spec.group.is_none_or(|group| group.is_in(W::GROUPS)))
}

/// Where a definition has a field.
#[derive(Clone, Copy)]
enum Place {
    Own(usize),
    Common(usize),
}

fn is_required<W: Class>(spec: &Spec) -> bool {
    spec.is_required || W::REQUIRED.contains(&spec.name)
}

/// Reads and checks a work; places of problems are relative to it.
pub(crate) fn read<W: Class>(tree: Value, effort: Effort) -> Result<W, Error> {
    let Value::Object(mut given) = tree else {
        return Err(Error::new("", format!("{tree} is no work")));
    };
    match given.shift_remove("type") {
        Some(Value::String(kind)) if kind == W::TYPE => {}
        Some(other) => return Err(Error::new("type", format!("{other} is not {:?}", W::TYPE))),
        None => {
            return Err(Error::new(
                "type",
                format!("is missing; it is {:?}", W::TYPE),
            ));
        }
    }
    let (mut work, mut left_out, mut refused) = (W::standard(), LeftOut::default(), Vec::new());
    for (_, spec) in fields::<W>().filter(|(_, spec)| is_required::<W>(spec)) {
        if !given.contains_key(spec.name) {
            left_out.refuse(spec.name, Error::new("", "is missing"));
        }
    }
    for (name, value) in given {
        if !left_out.is_empty() && (effort == Effort::First || left_out.is_full()) {
            break;
        }
        let mut reading = Reading {
            name: &name,
            effort,
            left_out: &mut left_out,
            refused: &mut refused,
        };
        match fields::<W>().find(|(_, spec)| spec.name == name) {
            Some((Place::Own(index), _)) => work.read_field(index, value, &mut reading),
            Some((Place::Common(index), _)) => {
                work.base_mut().read_field(index, value, &mut reading);
            }
            None => {
                let names: Vec<_> = fields::<W>().map(|(_, spec)| spec.name).collect();
                left_out.refuse_key(&name, no_field(&name, &names));
            }
        }
    }
    if !left_out.is_empty() && effort == Effort::First {
        return Err(Error::of(left_out.and(Vec::new())));
    }
    refused.extend(work.finish());
    match left_out.is_empty() && refused.is_empty() {
        true => Ok(work),
        false => Err(Error::of(left_out.and(refused))),
    }
}

/// Writes a work, without what is not set.
pub(crate) fn write<W: Class, S: Serializer>(work: &W, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("type", W::TYPE)?;
    for (place, _) in fields::<W>() {
        match place {
            Place::Own(index) => work.write_field(index, &mut map)?,
            Place::Common(index) => work.base().write_field(index, &mut map)?,
        }
    }
    map.end()
}

/// Returns the schema of a class.
pub(crate) fn schema<W: Class>(generator: &mut SchemaGenerator) -> Schema {
    let mut properties = Map::from_iter([("type".to_owned(), json!({ "const": W::TYPE }))]);
    let mut required = vec![json!("type")];
    for (_, spec) in fields::<W>() {
        let mut property = (spec.schema)(generator);
        property.insert("description".to_owned(), json!(spec.about));
        if spec.has_max_chars {
            property.insert("maxLength".to_owned(), json!(MAX_CHARS));
        }
        properties.insert(spec.name.to_owned(), property.to_value());
        if is_required::<W>(spec) {
            required.push(json!(spec.name));
        }
    }
    let mut schema = Schema::default();
    let members = [
        ("description", json!(W::ABOUT)),
        ("type", json!("object")),
        ("additionalProperties", json!(false)),
        ("properties", Value::Object(properties)),
        ("required", Value::Array(required)),
        ("title", json!(W::SCHEMA)),
        ("examples", json!([W::example()])),
    ];
    for (name, value) in members {
        schema.insert(name.to_owned(), value);
    }
    schema
}
