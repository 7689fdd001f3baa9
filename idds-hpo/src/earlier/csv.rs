//! Earlier trials of tables in CSV.

use std::io::Cursor;

use serde_json::{Map, Value};

use super::{EarlierError, EarlierTrials, Outcome};
use crate::{Direction, Loss};

/// What Optuna puts before the names of parameters in a table of a study.
const OPTUNA_PREFIX: &str = "params_";

impl EarlierTrials {
    /// Adds the trials of a table in CSV, whose first line has the names of its columns.
    ///
    /// A column is the parameter of its name. The column `loss` has losses, of which less is better; without it, the column `value` has
    /// values of the objective. Tables that `idds hpo report` writes are read, those of Optuna's `trials_dataframe` (`params_lr`,
    /// `value`, `state`), and any other with these columns. Lines without a loss are left out, and so are those whose columns `made_up` and `stopped_at`
    /// say that their loss was not evaluated to its end. Columns that the space has no parameter for are ignored.
    ///
    /// # Errors
    ///
    /// When the table has neither of the columns, or is no CSV.
    pub fn csv(mut self, source: impl Into<String>, bytes: &[u8]) -> Result<Self, EarlierError> {
        let source = source.into();
        let wrong = |what: String| EarlierError::new(&source, what);
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(Cursor::new(bytes));
        let names = reader
            .headers()
            .map_err(|error| wrong(format!("it is no table in CSV: {error}")))?
            .clone();
        let column = |name: &str| names.iter().position(|column| column == name);
        let (at, is_loss) = match (column("loss"), column("value")) {
            (Some(at), _) => (at, true),
            (None, Some(at)) => (at, false),
            (None, None) => {
                return Err(wrong(
                    "it is no journal of a search, no study of Optuna, and no table in CSV with a column loss or value"
                        .to_owned(),
                ));
            }
        };
        let (made_up, stopped) = (column("made_up"), column("stopped_at"));
        let state =
            column("state").filter(|_| names.iter().any(|name| name.starts_with(OPTUNA_PREFIX)));
        for record in reader.records() {
            let record =
                record.map_err(|error| wrong(format!("it is no table in CSV: {error}")))?;
            let text = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
            let number = text(Some(at));
            if !text(made_up).is_empty() {
                self.leave_out("they failed, and their loss was made up");
                continue;
            }
            if !text(stopped).is_empty() || text(state) == "PRUNED" {
                self.leave_out("their evaluation was cut short");
                continue;
            }
            if number.is_empty() || !["", "COMPLETE"].contains(&text(state)) {
                self.leave_out("they have no loss");
                continue;
            }
            let line = record.position().map_or(0, csv::Position::line);
            let number: f64 = number.parse().map_err(|_| {
                let column = if is_loss { "loss" } else { "value" };
                wrong(format!("line {line}, {column}: {number:?} is no number"))
            })?;
            let outcome = match (is_loss, Loss::new(number)) {
                (_, None) => {
                    self.leave_out("their loss is not finite");
                    continue;
                }
                (true, Some(loss)) => Outcome::Loss(loss),
                (false, Some(_)) => Outcome::Value(number),
            };
            let cells = names.iter().zip(&record).enumerate();
            let parameters: Map<String, Value> = cells
                .filter(|(place, (_, cell))| *place != at && !cell.is_empty())
                .map(|(_, (name, cell))| {
                    let name = name.strip_prefix(OPTUNA_PREFIX).unwrap_or(name);
                    (name.to_owned(), read(cell))
                })
                .collect();
            self.find(&source, Value::Object(parameters), outcome, true);
        }
        Ok(self)
    }
}

/// Reads a cell: JSON where it is some, `True` and `False` of Python, and else a text.
fn read(cell: &str) -> Value {
    match cell {
        "True" => true.into(),
        "False" => false.into(),
        _ => serde_json::from_str(cell).unwrap_or_else(|_| cell.into()),
    }
}

impl Outcome {
    /// Returns the loss in a search of this direction; none when it is one of a search in the other direction.
    pub(super) fn loss(self, direction: Direction) -> Option<Loss> {
        match self {
            Self::Loss(loss) => Some(loss),
            Self::Of(of, loss) => (of == direction).then_some(loss),
            Self::Value(value) => direction.loss(value),
        }
    }
}
