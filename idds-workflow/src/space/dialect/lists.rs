//! The lists of the first script: `{"A": [1, 4]}`. Its ranges were tuples of Python, which JSON turns into lists too.

use serde_json::{Value, json};

use super::Dialect;
use crate::space::{Choice, Parameter};

const DIALECT: Dialect = Dialect::Lists;

/// What the parts of a parameter are called here.
pub(super) const PLACES: &[(&str, &str)] = &[(".params.choices", ""), (".params", "")];

pub(super) fn read(value: &Value) -> Result<Parameter, String> {
    match value {
        Value::Array(choices) => Ok(Choice::new(choices.iter().cloned()).into()),
        other => Err(format!("{other} is not a list of choices")),
    }
}

pub(super) fn write(parameter: &Parameter) -> Result<Value, String> {
    let Parameter::Choice(choice) = parameter else {
        return Err(DIALECT.cannot_carry_kind(parameter));
    };
    DIALECT.without(choice.only_nevergrad())?;
    Ok(json!(choice.choices()))
}
