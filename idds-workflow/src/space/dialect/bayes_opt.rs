//! The bounds of bayes_opt: `{"A": [1, 4]}`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Dialect;
use crate::Number;
use crate::space::{Parameter, Scalar};

const DIALECT: Dialect = Dialect::BayesOpt;

/// What the parts of a parameter are called here.
pub(super) const PLACES: &[(&str, &str)] = &[
    (".params.lower", "[0]"),
    (".params.upper", "[1]"),
    (".params", ""),
];

pub(super) fn read(value: &Value) -> Result<Parameter, String> {
    match <[Number; 2]>::deserialize(value) {
        Ok([lower, upper]) if value.as_array().is_some_and(|bounds| bounds.len() == 2) => {
            Ok(Scalar::new().range(lower..=upper).into())
        }
        _ => Err(format!(
            "{value} is not a list of two numbers, the lower and the upper bound"
        )),
    }
}

pub(super) fn write(parameter: &Parameter) -> Result<Value, String> {
    let Parameter::Scalar(scalar) = parameter else {
        return Err(DIALECT.cannot_carry_kind(parameter));
    };
    DIALECT.without(scalar.only_nevergrad())?;
    if let Some(grid) = scalar.grid() {
        return Err(DIALECT.cannot_carry(format_args!("every value is {}", grid.values())));
    }
    match (scalar.lower(), scalar.upper()) {
        (Some(lower), Some(upper)) => Ok(json!([lower, upper])),
        _ => Err(DIALECT.cannot_carry("lacks a bound")),
    }
}
