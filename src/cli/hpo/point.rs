//! A point of a search, as it is printed.

use std::fmt;

use idds::client::HyperParameters;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::output::Show;
use crate::cli::table::{Cell, Table};

/// A point of a search.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Point {
    /// Its name within its request.
    pub id: String,
    /// Its loss, null while it has none; not a number when somebody reported that.
    pub loss: Value,
    /// The values: usually an object with the names of the parameters.
    pub parameters: Value,
}

impl From<HyperParameters> for Point {
    fn from(point: HyperParameters) -> Self {
        let loss = |loss: f64| {
            if loss.is_finite() {
                json!(loss)
            } else {
                json!(loss.to_string())
            }
        };
        Self {
            id: point.id.to_string(),
            loss: point.loss.map_or(Value::Null, loss),
            parameters: point.parameters,
        }
    }
}

impl Show for [Point] {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let mut table = Table::new(["point", "loss", "parameters"]);
        for point in self {
            let id = point
                .id
                .parse::<u64>()
                .map_or_else(|_| Cell::from(point.id.as_str()), Cell::from);
            let loss = Some(&point.loss).filter(|loss| !loss.is_null());
            table.row([id, loss.map(text).into(), text(&point.parameters).into()]);
        }
        table.write(f)
    }
}

/// A value in few characters, as `A=1 B=2.5`.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            members.collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}
