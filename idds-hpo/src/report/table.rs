//! Tables for people.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use idds_workflow::printable;
use serde_json::Value;

use crate::SearchResult;

/// Returns the best points of a search as a table, best first: rank, id, parameters, loss, and what was made up.
///
/// It is as wide as it has to be. Names and values come from others, and are shown so that a terminal does not obey them.
pub fn best_points(result: &SearchResult, count: usize) -> String {
    table(result, count).to_string()
}

/// Returns the table of [`best_points`] for a terminal with so many columns: what does not fit is wrapped.
pub fn best_points_within(result: &SearchResult, count: usize, columns: u16) -> String {
    table(result, count).set_content_arrangement(ContentArrangement::Dynamic).set_width(columns).to_string()
}

fn table(result: &SearchResult, count: usize) -> Table {
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
    table.set_header(header.chain(has_notes.then_some("note")).map(printable));
    for (rank, trial) in (1..).zip(&best) {
        let mut row = vec![rank.to_string(), trial.id.to_string()];
        row.extend(names.iter().map(|name| trial.parameters.get(name).map(short).unwrap_or_default()));
        row.push(trial.loss.map(|loss| format!("{:.6}", loss.get())).unwrap_or_default());
        row.extend(trial.made_up.as_ref().map(|why| format!("made up: {why}")));
        table.add_row(row.iter().map(|cell| printable(cell)));
    }
    for column in table.column_iter_mut().take(names.len() + 3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A value in few characters: numbers with six digits, everything else as JSON.
fn short(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if value.is_f64() => format!("{number:.6}"),
        _ => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    }
}
