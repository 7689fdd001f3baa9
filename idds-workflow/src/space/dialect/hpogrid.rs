//! The methods and dimensions of hpogrid.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Dialect;
use crate::Number;
use crate::space::{Choice, Log, LogNormal, Normal, Parameter, Scalar};

const DIALECT: Dialect = Dialect::Hpogrid;

/// What the parts of a parameter are called here.
pub(super) const PLACES: &[(&str, &str)] = &[
    (".params.choices", ".dimension.categories"),
    (".params.lower", ".dimension.low"),
    (".params.upper", ".dimension.high"),
    (".params.exponent", ".dimension.base"),
    (".params.step", ".dimension.q"),
    (".params", ".dimension"),
];

/// A parameter of hpogrid.
#[derive(Deserialize, Serialize)]
#[serde(
    tag = "method",
    content = "dimension",
    rename_all = "lowercase",
    deny_unknown_fields
)]
enum Method {
    Categorical {
        categories: Vec<Value>,
        #[serde(default)]
        grid_search: Value,
    },
    Uniform {
        low: Number,
        high: Number,
    },
    UniformInt {
        low: Number,
        high: Number,
    },
    QUniform {
        low: Number,
        high: Number,
        q: Number,
    },
    LogUniform {
        low: Number,
        high: Number,
        #[serde(skip_serializing_if = "Option::is_none")]
        base: Option<Number>,
    },
    QLogUniform {
        low: Number,
        high: Number,
        q: Number,
        #[serde(skip_serializing_if = "Option::is_none")]
        base: Option<Number>,
    },
    Normal {
        mu: Number,
        sigma: Number,
    },
    QNormal {
        mu: Number,
        sigma: Number,
        q: Number,
    },
    LogNormal {
        mu: Number,
        sigma: Number,
        #[serde(skip_serializing_if = "Option::is_none")]
        base: Option<Number>,
    },
    QLogNormal {
        mu: Number,
        sigma: Number,
        q: Number,
        #[serde(skip_serializing_if = "Option::is_none")]
        base: Option<Number>,
    },
    Fixed {
        value: Value,
    },
}

pub(super) fn read(value: &Value) -> Result<Parameter, String> {
    let method = Method::deserialize(value).map_err(|error| error.to_string())?;
    Ok(match method {
        Method::Categorical {
            categories,
            grid_search,
        } => {
            if ![Value::Null, json!(0), json!(false)].contains(&grid_search) {
                return Err(format!(
                    "grid_search {grid_search} is about the search, not the space; set it to 0"
                ));
            }
            Choice::new(categories).into()
        }
        Method::Fixed { value } => Choice::new([value]).into(),
        Method::Uniform { low, high } => Scalar::new().range(low..=high).into(),
        Method::UniformInt { low, high } => Scalar::new().range(low..=high).integer().into(),
        Method::QUniform { low, high, q } => Scalar::new().range(low..=high).step(q).into(),
        Method::LogUniform { low, high, base } => log(low, high, base).into(),
        Method::QLogUniform { low, high, q, base } => log(low, high, base).step(q).into(),
        Method::Normal { mu, sigma } => Normal::new(mu, sigma).into(),
        Method::QNormal { mu, sigma, q } => Normal::new(mu, sigma).step(q).into(),
        Method::LogNormal { mu, sigma, base } => log_normal(mu, sigma, base).into(),
        Method::QLogNormal { mu, sigma, q, base } => log_normal(mu, sigma, base).step(q).into(),
    })
}

fn log(low: Number, high: Number, base: Option<Number>) -> Log {
    let log = Log::new(low..=high);
    match base {
        Some(base) => log.exponent(base),
        None => log,
    }
}

fn log_normal(mu: Number, sigma: Number, base: Option<Number>) -> LogNormal {
    match base {
        Some(base) => LogNormal::in_base(base, mu, sigma),
        None => LogNormal::new(mu, sigma),
    }
}

pub(super) fn write(parameter: &Parameter) -> Result<Value, String> {
    serde_json::to_value(method(parameter)?).map_err(|error| error.to_string())
}

fn method(parameter: &Parameter) -> Result<Method, String> {
    Ok(match parameter {
        Parameter::Choice(choice) => {
            DIALECT.without(choice.only_nevergrad())?;
            Method::Categorical {
                categories: choice.choices().to_vec(),
                grid_search: json!(0),
            }
        }
        Parameter::Scalar(scalar) => {
            DIALECT.without(scalar.only_nevergrad())?;
            let (Some(low), Some(high)) = (scalar.lower(), scalar.upper()) else {
                return Err(DIALECT.cannot_carry("lacks a bound"));
            };
            match scalar.grid() {
                None => Method::Uniform { low, high },
                Some(grid) if grid.is_every_integer() => {
                    // hpogrid wants integers here, whatever the bounds are.
                    let (low, high) = grid.indices().into_inner();
                    if low == high {
                        return Err(DIALECT.cannot_carry("takes a single integer"));
                    }
                    Method::UniformInt {
                        low: low.into(),
                        high: high.into(),
                    }
                }
                Some(_) => Method::QUniform {
                    low,
                    high,
                    q: step(parameter)?,
                },
            }
        }
        Parameter::Log(numbers) => {
            DIALECT.without(numbers.only_nevergrad())?;
            let (low, high, base) = (numbers.lower(), numbers.upper(), numbers.base());
            match numbers.grid() {
                None => Method::LogUniform { low, high, base },
                Some(_) => Method::QLogUniform {
                    low,
                    high,
                    q: step(parameter)?,
                    base,
                },
            }
        }
        Parameter::Normal(normal) => {
            let (mu, sigma) = (normal.mu(), normal.sigma());
            match normal.grid() {
                None => Method::Normal { mu, sigma },
                Some(_) => Method::QNormal {
                    mu,
                    sigma,
                    q: step(parameter)?,
                },
            }
        }
        Parameter::LogNormal(normal) => {
            let (mu, sigma, base) = (normal.mu(), normal.sigma(), normal.base());
            match normal.grid() {
                None => Method::LogNormal { mu, sigma, base },
                Some(_) => Method::QLogNormal {
                    mu,
                    sigma,
                    q: step(parameter)?,
                    base,
                },
            }
        }
        Parameter::TransitionChoice(_) | Parameter::Array(_) | Parameter::Untyped(_) => {
            return Err(DIALECT.cannot_carry_kind(parameter));
        }
    })
}

/// Returns the step of a parameter whose values are no JSON integers: those of hpogrid are written `32.0`.
fn step(parameter: &Parameter) -> Result<Number, String> {
    match parameter.grid() {
        Some(grid) if !grid.is_integer() => Ok(grid.step()),
        grid => {
            let step = grid
                .filter(|grid| !grid.is_every_integer())
                .map(|grid| format!(" and {}", grid.values()));
            Err(DIALECT.cannot_carry(format_args!(
                "every value is an integer{}",
                step.unwrap_or_default()
            )))
        }
    }
}
