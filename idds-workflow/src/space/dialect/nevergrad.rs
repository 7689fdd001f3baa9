//! The dialect of the nevergrad script: the form of `OptSpace` without what nevergrad lacks.

use serde_json::Value;

use super::Dialect;
use crate::Number;
use crate::error::Problem;
use crate::space::schema::place;
use crate::space::{OptSpace, Parameter};

const DIALECT: Dialect = Dialect::Nevergrad;

pub(super) fn read(name: &str, value: &Value) -> Result<Parameter, Vec<Problem>> {
    let parameter = OptSpace::read_parameter(name, value)?;
    match unknown(&parameter) {
        Some(reason) => Err(vec![Problem::new(place(name), reason)]),
        None => Ok(parameter),
    }
}

pub(super) fn write(parameter: &Parameter) -> Result<Value, String> {
    if let Some(reason) = unknown(parameter).or_else(|| refused(parameter)) {
        return Err(reason);
    }
    serde_json::to_value(parameter).map_err(|error| error.to_string())
}

/// Tells what the nevergrad script has no word for.
fn unknown(parameter: &Parameter) -> Option<String> {
    if let Parameter::Normal(_) | Parameter::LogNormal(_) | Parameter::Untyped(_) = parameter {
        return Some(DIALECT.cannot_carry_kind(parameter));
    }
    let cannot = DIALECT.cannot_carry(format_args!(
        "every value is {}",
        parameter.grid()?.values()
    ));
    Some(format!("{cannot}; a TransitionChoice of the values can"))
}

/// Tells what nevergrad 1.0 raises an exception for.
fn refused(parameter: &Parameter) -> Option<String> {
    let (bounds, both_ways, start) = match parameter {
        Parameter::TransitionChoice(choice) if choice.choices().len() == 1 => {
            return Some(
                "has a single value, which nevergrad refuses; a Choice can have one".to_owned(),
            );
        }
        Parameter::Scalar(scalar) => {
            let (bounds, both_ways) = scalar.set_bounds()?;
            (bounds, both_ways, scalar.start())
        }
        Parameter::Array(array) => {
            let (bounds, both_ways) = array.set_bounds()?;
            (bounds, both_ways, None)
        }
        _ => return None,
    };
    if both_ways {
        return Some(
            "has bounds and also lower or upper, which nevergrad refuses; leave one of them out"
                .to_owned(),
        );
    }
    let start = start.unwrap_or(Number::Int(0));
    let [lower, upper] = bounds;
    (start < lower || start > upper).then(|| {
        format!(
            "starts at {start}, outside its bounds {lower} and {upper}, which nevergrad refuses; use lower and upper"
        )
    })
}
