//! Tables for people.

use comfy_table::{CellAlignment, Table, presets};
use serde_json::Value;

use crate::SearchResult;

/// Returns the best points of a search as a table, best first: rank, id, parameters, loss, and what was made up.
pub fn best_points(result: &SearchResult, count: usize) -> String {
    let best = result.ranking().into_iter().take(count).collect::<Vec<_>>();
    let mut names: Vec<&str> = Vec::new();
    for trial in &best {
        for name in trial.parameters.as_object().into_iter().flat_map(|values| values.keys()) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    let has_notes = best.iter().any(|trial| trial.made_up.is_some());
    let header = ["rank", "point"].into_iter().chain(names.iter().copied()).chain(["loss"]);
    table.set_header(header.chain(has_notes.then_some("note")));
    for (rank, trial) in (1..).zip(&best) {
        let mut row = vec![rank.to_string(), trial.id.to_string()];
        row.extend(names.iter().map(|name| trial.parameters.get(name).map(short).unwrap_or_default()));
        row.push(trial.loss.map(|loss| format!("{:.6}", loss.get())).unwrap_or_default());
        row.extend(trial.made_up.as_ref().map(|why| format!("made up: {why}")));
        table.add_row(row);
    }
    for column in table.column_iter_mut().take(names.len() + 3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// A value in few characters: numbers with six digits, everything else as JSON.
fn short(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if value.is_f64() => format!("{number:.6}"),
        _ => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    }
}
