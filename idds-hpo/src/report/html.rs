//! The report of a search as one HTML page.

use std::fmt;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::columns::{columns, short, text};
use super::export::stage;
use super::picture::Shown;
use super::shades::{Shades, dark_style};
use super::{loss, time_line};
use crate::{Direction, SearchResult, Stage, StopReason, TrialRecord};

/// How many items of a list have a column in the table.
const MAX_ITEMS: usize = 8;

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #222; --soft: #666; --paper: #fff; --line: #e4e4e4; --bad: #fdeeee; --warn: #fff6dd; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1100px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.6em; margin-bottom: 0; } h2 { font-size: 1.15em; margin: 2em 0 .3em; } p { margin: .3em 0; }
dl { display: flex; flex-wrap: wrap; gap: .4em 2.5em; } dt { color: var(--soft); font-size: .85em; } dd { margin: 0; font-size: 1.15em; overflow-wrap: anywhere; }
code { overflow-wrap: anywhere; }
figure { margin: 0; overflow-x: auto; } svg { display: block; width: 100%; height: auto; } figure.wide svg { min-width: 760px; }
.slices { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); gap: 1.2em 1em; }
polyline[class^=r]:hover { stroke-width: 4; stroke-opacity: 1; } circle:hover { stroke: var(--ink); stroke-width: 2; }
table { border-collapse: collapse; font-size: .85em; width: 100%; } th, td { padding: .2em .6em; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { position: sticky; top: 0; background: var(--paper); border-bottom: 2px solid var(--line); } td.note, th.note { text-align: left; }
.scroll { max-height: 32em; overflow: auto; } tr.bad td { background: var(--bad); } .advice { background: var(--warn); padding: .6em 1em; border-left: 4px solid #e0a800; }
.what { color: var(--soft); font-size: .9em; }
@media print { .scroll { max-height: none; } }
";

/// What is different in the dark; pictures bring the colours of white paper with them.
const DARK_STYLE: &str = "
:root { --ink: #dcdfe4; --soft: #9aa2ad; --paper: #15181d; --line: #333941; --bad: #3a2024; --warn: #37301a; }
svg { fill: var(--ink); } .paper { fill: none; } .grid { stroke: #2c3138; } .soft { fill: var(--soft); } .over { stroke: var(--paper); }
.idle { fill: #262b32; } .cut { fill: #c0c4ca; } .late { fill: #7d8590; } .bar { fill: #6d83c9; } circle.dot { fill: #6db3e8; } .best-line { stroke: #ff9a4d; }
.bad-line { stroke: #ff6b6b; } .bad { fill: #ff6b6b; } circle.none, rect.none { fill: #777d86; } polyline.none { stroke: #777d86; }
";

/// Returns the report of a search as one HTML page that needs no network: losses over points, parallel coordinates, importance
/// of the parameters, losses over each parameter, the time line of the evaluations, and a table of all points.
///
/// Made-up losses, failures and points without a loss are marked everywhere. The mouse shows what a mark stands for. It has no
/// program, follows the colours of the reader's desktop, light or dark, and fits a telephone. [`Page`] adds facts of one's own.
pub fn html(result: &SearchResult) -> String {
    Page::new(result).to_html()
}

/// The report of a search as an HTML page, with facts about the search that are not in its record.
///
/// ```
/// # fn page(result: &idds_hpo::SearchResult) -> std::io::Result<()> {
/// use idds_hpo::report::Page;
///
/// let page = Page::new(result).title("Learning rate of the tagger").fact("seed", 7).fact("server", "iDDS 2.6.21");
/// std::fs::write("report.html", page.to_html())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Page<'a> {
    result: &'a SearchResult,
    title: String,
    facts: Vec<(String, String)>,
}

impl<'a> Page<'a> {
    /// Makes the page of a search, whose title is that of its request.
    pub fn new(result: &'a SearchResult) -> Self {
        Self { result, title: format!("Search of request {}", result.request), facts: Vec::new() }
    }

    /// Sets the title.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Adds a fact, such as the seed, the sampler, or the version of what was tuned.
    pub fn fact(mut self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        self.facts.push((name.into(), value.to_string()));
        self
    }

    /// Returns the page, as [`html()`] does.
    pub fn to_html(&self) -> String {
        let result = self.result;
        let (shades, shown) = (Shades::new(result), Shown::new(result));
        let or = |picture: Option<Markup>, nothing: &str| match picture {
            Some(picture) => html! { figure class="wide" { (picture) } },
            None => html! { p { (nothing) } },
        };
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) "@media screen and (prefers-color-scheme: dark) {" (PreEscaped(DARK_STYLE)) (PreEscaped(dark_style())) "}" }
                }
                body {
                    h1 { (self.title) }
                    (self.summary())
                    (advice(result))
                    h2 { "Losses" }
                    (or(loss::over_points(&shades), "No point has a loss."))
                    h2 { "Parallel coordinates" }
                    p class="what" { "Every line is a point, from its parameters to its loss. Grey ones have no loss or a made-up one." }
                    (or(shown.parallel(&shades), "No point has parameters."))
                    h2 { "Importance of the parameters" }
                    p class="what" { "Share of the variance of the ranks of the losses that a parameter explains by itself." }
                    (or(shown.importance(), "There are too few points to say."))
                    h2 { "Losses over each parameter" }
                    p class="what" { "The worst tenth is drawn at the edge. Red rings are made-up losses." }
                    div class="slices" {
                        @for (_, picture) in shown.slices(&shades) { figure { (picture) } }
                    }
                    h2 { "Time line" }
                    @if let Some(idle) = time_line::idle(result) {
                        p class="what" { "Evaluations by worker. Of all the time, the workers were idle for " (format!("{:.0} %", idle * 100.0)) "." }
                    }
                    (or(time_line::time_line(&shades), "Nothing was evaluated here."))
                    h2 { "All points" }
                    div class="scroll" { (table(result)) }
                    p class="what" { "Written by idds-hpo " (env!("CARGO_PKG_VERSION")) "." }
                }
            }
        };
        page.into_string()
    }

    fn summary(&self) -> Markup {
        let result = self.result;
        let count = |is: fn(&TrialRecord) -> bool| result.trials.iter().filter(|trial| is(trial)).count();
        let made_up = count(|trial| trial.made_up.is_some());
        let failed: usize = result.trials.iter().map(|trial| trial.failures() as usize).sum();
        let best = match result.direction {
            Direction::Minimise => "least loss",
            Direction::Maximise => "greatest value",
        };
        let fact = |name: &str, value: &str| html! { div { dt { (name) } dd { (value) } } };
        html! {
            dl {
                @if let Some(trial) = result.best() {
                    (fact(best, &trial.loss.map(|loss| short(result.direction.value(loss))).unwrap_or_default()))
                    (fact("at point", &trial.id.to_string()))
                }
                (fact("request", &result.request.to_string()))
                (fact("points", &result.trials.len().to_string()))
                (fact("with a loss", &count(|trial| trial.loss.is_some()).to_string()))
                @for (name, number) in [
                    ("made up", made_up),
                    ("failed evaluations", failed),
                    ("cut short", count(|trial| trial.stopped_at.is_some())),
                    ("of somebody else", count(|trial| trial.is_foreign)),
                    ("of the same point", count(|trial| trial.same_as.is_some())),
                ] {
                    @if number > 0 { (fact(name, &number.to_string())) }
                }
                (fact("took", &time_line::time(result.elapsed.as_secs_f64())))
                (fact("ended", &ended(result.stop)))
                @for (name, value) in &self.facts { (fact(name, value)) }
            }
            @if let Some(best) = result.best() { p { "Best point: " code { (best.parameters) } } }
        }
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
        StopReason::NothingWorks => "no evaluation worked".to_owned(),
        StopReason::Trouble => "trouble that was not the fault of a point".to_owned(),
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
    let columns = columns(&result.trials, MAX_ITEMS);
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
    let superseded = trial.evaluations.iter().any(|evaluation| evaluation.is_superseded);
    let notes = [
        trial.made_up.as_ref().map(|why| format!("made up: {why}")),
        trial.failure().filter(|_| trial.made_up.is_none()).map(|why| format!("failed before: {why}")),
        trial.stopped_at.map(|step| format!("cut short at step {step}")),
        trial.is_foreign.then(|| "somebody else's loss".to_owned()),
        trial.same_as.as_ref().map(|other| format!("the loss of point {other}, which is the same")),
        (superseded && !trial.is_foreign).then(|| "evaluated twice, the first loss counts".to_owned()),
        (cut_off > 0).then(|| format!("evaluations cut off: {cut_off}")),
    ];
    notes.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
