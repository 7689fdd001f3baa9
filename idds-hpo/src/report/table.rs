//! Tables for people.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use idds_workflow::printable;
use indexmap::IndexSet;

use super::number::{brief, short, text};
use crate::{Direction, SearchResult};

/// How many parameters have a column.
const MOST_COLUMNS: usize = 12;

/// Returns the best points of a search as a table, best first: rank, id, up to 12 parameters, and the loss, or the value of an objective that was maximized. Losses that were made up come last, and say why.
///
/// It is as wide as it has to be. Names and values come from others, and are shown so that a terminal does not obey them.
pub fn best_points(result: &SearchResult, count: usize) -> String {
    table(result, count).to_string()
}

/// Returns the table of [`best_points`] for a terminal with this many columns: what does not fit is wrapped.
pub fn best_points_within(result: &SearchResult, count: usize, columns: u16) -> String {
    table(result, count)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(columns)
        .to_string()
}

fn table(result: &SearchResult, count: usize) -> Table {
    let best = result.ranking().into_iter().take(count).collect::<Vec<_>>();
    let declared = result
        .space
        .iter()
        .flat_map(|space| space.parameters().map(|(name, _)| name));
    let found = best
        .iter()
        .filter_map(|trial| trial.parameters.as_object())
        .flat_map(|values| values.keys().map(String::as_str));
    let names: IndexSet<&str> = declared.chain(found).collect();
    let more = names.len().saturating_sub(MOST_COLUMNS);
    let names: Vec<&str> = names.into_iter().take(MOST_COLUMNS).collect();
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    let has_notes = best.iter().any(|trial| trial.made_up.is_some());
    let word = match result.direction {
        Direction::Minimize => "loss",
        Direction::Maximize => "value",
    };
    let header = ["rank", "point"].into_iter().chain(names.iter().copied());
    let header = header.map(|name| printable(&brief(name)).into_owned());
    let header = header
        .chain((more > 0).then(|| format!("and {more} more")))
        .chain([word.to_owned()]);
    table.set_header(header.chain(has_notes.then(|| "note".into())));
    for (rank, trial) in (1..).zip(&best) {
        let mut row = vec![
            if trial.made_up.is_none() {
                rank.to_string()
            } else {
                "-".to_owned()
            },
            brief(trial.id.as_str()).into_owned(),
        ];
        row.extend(
            names
                .iter()
                .map(|name| trial.parameters.get(name).map(text).unwrap_or_default()),
        );
        row.extend((more > 0).then(|| "…".to_owned()));
        row.push(
            trial
                .loss
                .map(|loss| short(result.direction.value(loss)))
                .unwrap_or_default(),
        );
        row.extend(
            trial
                .made_up
                .as_ref()
                .map(|why| format!("made up: {}", brief(why))),
        );
        table.add_row(row.iter().map(|cell| printable(cell)));
    }
    let columns = 3 + names.len() + usize::from(more > 0);
    for column in table.column_iter_mut().take(columns) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
