//! The report of a search as one HTML page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::charts::{Shades, bars, parallel, slice, time_line};
use super::columns::{columns, short, text};
use super::export::stage;
use super::importance::importance;
use super::loss_picture;
use crate::{Direction, SearchResult, Stage, StopReason, TrialRecord};

/// How many parameters are shown in the charts; the most important ones first.
const MAX_COLUMNS: usize = 12;

const STYLE: &str = "
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1100px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.6em; margin-bottom: 0; } h2 { font-size: 1.15em; margin: 2em 0 .3em; } p { margin: .3em 0; }
dl { display: flex; flex-wrap: wrap; gap: .4em 2.5em; } dt { color: #666; font-size: .85em; } dd { margin: 0; font-size: 1.15em; }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg[role] text { paint-order: stroke; stroke: #fff; stroke-width: 3px; } .slices { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 1em; }
.loss svg { max-width: 800px; } figure { margin: 0; } figcaption { font-weight: 600; text-align: center; }
table { border-collapse: collapse; font-size: .85em; width: 100%; } th, td { padding: .2em .6em; text-align: right; border-bottom: 1px solid #eee; }
th { position: sticky; top: 0; background: #fff; border-bottom: 2px solid #ccc; } td.note, th.note { text-align: left; }
.scroll { max-height: 32em; overflow: auto; } tr.bad td { background: #fdeeee; } .advice { background: #fff6dd; padding: .6em 1em; border-left: 4px solid #e0a800; }
.what { color: #666; font-size: .9em; }
";

/// Returns the report of a search as one HTML page that needs no network: losses over points, parallel coordinates, importance
/// of the parameters, losses over each parameter, the time line of the evaluations, and a table of all points.
///
/// Made-up losses, failures and points without a loss are marked everywhere. The mouse shows what a mark stands for.
pub fn html(result: &SearchResult) -> String {
    let mut columns: Vec<_> =
        columns(&result.trials).into_iter().map(|column| (importance(&column, &result.trials), column)).collect();
    columns.sort_by(|(a, _), (b, _)| b.unwrap_or(0.0).total_cmp(&a.unwrap_or(0.0)));
    let shares: Vec<_> = columns.iter().filter_map(|(share, column)| Some((column.name.as_str(), (*share)?))).collect();
    let importances = if shares.is_empty() {
        html! { p { "There are too few points to say." } }
    } else {
        bars(&shares)
    };
    let columns: Vec<_> = columns.into_iter().map(|(_, column)| column).collect();
    let shown = &columns[..columns.len().min(MAX_COLUMNS)];
    let shades = Shades::new(&result.trials);
    let title = format!("Search of request {}", result.request);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                (summary(result))
                (advice(result))
                h2 { "Losses" }
                @if let Ok(picture) = loss_picture(result) { div class="loss" { (PreEscaped(picture)) } }
                @else { p { "No point has a loss." } }
                h2 { "Parallel coordinates" }
                p class="what" { "Every line is a point; the darker, the better. Grey ones have no loss or a made-up one." }
                (parallel(result, shown, &shades))
                h2 { "Importance of the parameters" }
                p class="what" { "Share of the variance of the ranks of the losses that a parameter explains by itself." }
                (importances)
                h2 { "Losses over each parameter" }
                p class="what" { "The higher, the worse; the worst tenth is drawn at the top. Red rings are made-up losses." }
                div class="slices" {
                    @for column in shown {
                        figure {
                            (slice(result, column, &shades))
                            figcaption { (column.name) @if column.is_log() { " (log)" } }
                        }
                    }
                }
                h2 { "Time line" }
                p class="what" { "Evaluations, the darker, the better. Red ones failed, black ones were cut off by a kill, or given up." }
                (time_line(result, &shades))
                h2 { "All points" }
                div class="scroll" { (table(result)) }
                p class="what" { "Written by idds-hpo " (env!("CARGO_PKG_VERSION")) "." }
            }
        }
    };
    page.into_string()
}

fn summary(result: &SearchResult) -> Markup {
    let count = |is: fn(&TrialRecord) -> bool| result.trials.iter().filter(|trial| is(trial)).count();
    let made_up = count(|trial| trial.made_up.is_some());
    let failed: usize = result.trials.iter().map(|trial| trial.failures() as usize).sum();
    let best = match result.direction {
        Direction::Minimise => "least loss",
        Direction::Maximise => "greatest value",
    };
    let fact = |name: &str, value: String| html! { div { dt { (name) } dd { (value) } } };
    html! {
        dl {
            @if let Some(trial) = result.best() {
                (fact(best, trial.loss.map(|loss| short(result.direction.value(loss))).unwrap_or_default()))
                (fact("at point", trial.id.to_string()))
            }
            (fact("points", result.trials.len().to_string()))
            (fact("with a loss", count(|trial| trial.loss.is_some()).to_string()))
            (fact("made up", made_up.to_string()))
            (fact("failed evaluations", failed.to_string()))
            (fact("cut short", count(|trial| trial.stopped_at.is_some()).to_string()))
            (fact("took", format!("{:.1?}", result.elapsed)))
            (fact("ended", ended(result.stop)))
        }
        @if let Some(best) = result.best() { p { "Best point: " code { (best.parameters) } } }
    }
}

fn ended(stop: StopReason) -> String {
    match stop {
        StopReason::Finished => "finished by the server".to_owned(),
        StopReason::Ended(status) => format!("ended by the server as {status}"),
        StopReason::Budget => "its budget was used up".to_owned(),
        StopReason::TargetReached => "the target was reached".to_owned(),
        StopReason::NoImprovement => "no improvement".to_owned(),
        StopReason::TimeLimit => "at its time limit".to_owned(),
        StopReason::ServerSilent => "the server did nothing for too long".to_owned(),
        StopReason::EvaluationFailed => "an evaluation failed".to_owned(),
        StopReason::Interrupted => "it was interrupted".to_owned(),
        StopReason::Error => "with an error".to_owned(),
        StopReason::Unfinished => "not yet".to_owned(),
    }
}

fn advice(result: &SearchResult) -> Markup {
    let open: Vec<_> =
        result.trials.iter().filter(|trial| trial.loss.is_none() && trial.stage != Stage::Confirmed).collect();
    let is_over = matches!(result.stop, StopReason::Finished | StopReason::Ended(_));
    html! {
        @if !open.is_empty() && !is_over {
            p class="advice" {
                "The server proposes no further points before every point has a loss. Without one: "
                (open.iter().take(10).map(|trial| trial.id.to_string()).collect::<Vec<_>>().join(", "))
                @if open.len() > 10 { ", …" }
                "."
            }
        }
    }
}

fn table(result: &SearchResult) -> Markup {
    let columns = columns(&result.trials);
    html! {
        table {
            thead { tr {
                th { "point" } th { "value" } th { "stage" }
                @for column in &columns { th { (column.name) } }
                th class="note" { "note" }
            } }
            tbody {
                @for (row, trial) in result.trials.iter().enumerate() {
                    tr class=[(trial.made_up.is_some() || trial.loss.is_none()).then_some("bad")] {
                        td { (trial.id) }
                        td { @if let Some(loss) = trial.loss { (short(result.direction.value(loss))) } }
                        td { (stage(trial.stage)) }
                        @for column in &columns {
                            td { @if let Some(value) = &column.values[row] { (value.as_f64().map_or_else(|| text(value), short)) } }
                        }
                        td class="note" { (note(trial)) }
                    }
                }
            }
        }
    }
}

fn note(trial: &TrialRecord) -> String {
    let cut_off = trial.evaluations.iter().filter(|evaluation| evaluation.ended.is_none()).count();
    let notes = [
        trial.made_up.as_ref().map(|why| format!("made up: {why}")),
        trial.failure().filter(|_| trial.made_up.is_none()).map(|why| format!("failed before: {why}")),
        trial.stopped_at.map(|step| format!("cut short at step {step}")),
        trial.is_foreign.then(|| "somebody else's loss".to_owned()),
        (cut_off > 0).then(|| format!("evaluations cut off: {cut_off}")),
    ];
    notes.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
