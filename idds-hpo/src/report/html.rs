//! The report of a search as one HTML page.

use std::collections::HashMap;
use std::fmt;

use idds_client::PointId;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use super::columns::columns;
use super::export::stage;
use super::importance::Silence;
use super::number::{brief, harmless, short, text};
use super::picture::Shown;
use super::shades::{Shades, dark_style, evaluated};
use super::{curves, loss, time_line};
use crate::{Direction, SearchResult, Stage, StopReason, TrialRecord};

/// How many items of a list, and how many parameters, have a column in the table.
const MAX_ITEMS: usize = 8;
const MAX_COLUMNS: usize = 40;

/// How many points the table has, of more the best ones.
const MAX_ROWS: usize = 5000;

/// What makes the table sort and filter. The page shows all of it without, too.
const SCRIPT: &str = include_str!("table.js");

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #222; --soft: #666; --paper: #fff; --line: #e4e4e4; --bad: #fdeeee; --warn: #fff6dd; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1100px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.6em; margin-bottom: 0; overflow-wrap: anywhere; } h2 { font-size: 1.15em; margin: 2em 0 .3em; } p { margin: .3em 0; }
dl { display: flex; flex-wrap: wrap; gap: .4em 2.5em; } dt { color: var(--soft); font-size: .85em; } dd { margin: 0; font-size: 1.15em; overflow-wrap: anywhere; }
code { overflow-wrap: anywhere; }
figure { margin: 0; overflow-x: auto; } svg { display: block; width: 100%; height: auto; } figure.wide svg { min-width: 760px; }
.slices { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); gap: 1.2em 1em; }
polyline[class^=r]:hover { stroke-width: 4; stroke-opacity: 1; } circle:hover { stroke: var(--ink); stroke-width: 2; }
table { border-collapse: collapse; font-size: .85em; width: 100%; } th, td { padding: .2em .6em; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { position: sticky; top: 0; background: var(--paper); border-bottom: 2px solid var(--line); } td.note, th.note { text-align: left; }
.swipe { display: none; }
@media (max-width: 700px) { figure.wide, .scroll { background: linear-gradient(to left, var(--line), transparent 24px) right / 24px 100% no-repeat local; } .swipe { display: block; } }
th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid; } th[aria-sort=ascending] button::after { content: ' ▲'; } th[aria-sort=descending] button::after { content: ' ▼'; }
input { font: inherit; padding: .2em .5em; margin: .3em 0; width: min(24em, 100%); color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 4px; }
td.cell { max-width: 24em; overflow: hidden; text-overflow: ellipsis; } a { color: inherit; }
.scroll { max-height: 32em; overflow: auto; } tr.bad td { background: var(--bad); } .advice { background: var(--warn); padding: .6em 1em; border-left: 4px solid #e0a800; }
.what { color: var(--soft); font-size: .9em; }
@media print { .scroll { max-height: none; } }
";

/// What is different in the dark; pictures bring the colours of white paper with them.
const DARK_STYLE: &str = "
:root { --ink: #dcdfe4; --soft: #9aa2ad; --paper: #15181d; --line: #333941; --bad: #3a2024; --warn: #37301a; }
svg { fill: var(--ink); } .paper { fill: none; } .grid { stroke: #2c3138; } .soft { fill: var(--soft); } .over { stroke: var(--paper); }
.idle { fill: #262b32; } .cut { fill: #c0c4ca; } .late { fill: #7d8590; } .bar { fill: #6d83c9; } circle.dot { fill: #6db3e8; } .best-line { stroke: #ff9a4d; }
.bad-line { stroke: #ff6b6b; } .over-bar { stroke: #ff9a4d; } .bad { fill: #ff6b6b; } circle.none, rect.none { fill: #777d86; } polyline.none { stroke: #777d86; }
";

/// Returns the report of a search as one HTML page that needs no network: losses over points, parallel coordinates, importance
/// of the parameters, losses over each parameter, the time line of the evaluations, and a table of all points.
///
/// Made-up losses, failures and points without a loss are marked everywhere, and no made-up loss is ever the best. The mouse shows what
/// a mark stands for. A few lines of script sort and filter the table; the page shows the same without them. It follows the colours
/// of the reader's desktop, light or dark, and fits a telephone. [`Page`] adds facts of one's own.
///
/// The importance of a parameter is the share of the variance of the loss over the whole space that it explains by itself, as a model
/// of the loss says that was fitted to the points (a functional analysis of variance): where the sampler looked has no influence.
/// What parameters explain only together is a share of its own, so that all of them add up to 100 %. Where the points are too few,
/// or leave too much of the space open, nothing is said.
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
    files: HashMap<PointId, String>,
}

impl<'a> Page<'a> {
    /// Makes the page of a search, whose title is that of its request.
    pub fn new(result: &'a SearchResult) -> Self {
        Self {
            result,
            title: format!("Search of request {}", result.request),
            facts: Vec::new(),
            files: HashMap::new(),
        }
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

    /// Has the table lead from a point to its files: a path from the page, with `/` between its parts.
    pub fn files(mut self, point: PointId, path: impl Into<String>) -> Self {
        self.files.insert(point, path.into());
        self
    }

    /// Returns the page, as [`html()`] does.
    pub fn to_html(&self) -> String {
        let result = self.result;
        let (shades, shown) = (Shades::new(result), Shown::new(result));
        let or = |picture: Option<Markup>, nothing: &str| match picture {
            Some(picture) => {
                html! { p class="swipe what" { "Wider than the screen: swipe to the side." } figure class="wide" { (picture) } }
            }
            None => html! { p { (nothing) } },
        };
        let curves = curves::curves(&shades);
        let surface = shown.surface(&shades);
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
                    @if let Some(remark) = shades.remark() { p class="what" { (remark) } }
                    h2 { "Losses" }
                    (or(loss::over_points(&shades), "No point has a loss."))
                    h2 { "Importance of the parameters" }
                    (influence(&shown))
                    @if surface.is_some() {
                        h2 { "The two most important parameters" }
                        p class="what" { "Colours are the mean loss over all other parameters, as the model expects it; marks are the evaluated points." }
                        (or(surface, ""))
                    }
                    @if curves.is_some() {
                        h2 { "Learning curves" }
                        p class="what" { "What evaluations told on their way; colours go by the loss of the point." }
                        (or(curves, ""))
                    }
                    h2 { "Losses over each parameter" }
                    p class="what" { "The far worse ones are drawn at the edge. Red rings are made-up losses." @if shown.more > 0 { " And " (shown.more) " more parameters." } }
                    div class="slices" {
                        @for (_, picture) in shown.slices(&shades) { figure { (picture) } }
                    }
                    h2 { "Parallel coordinates" }
                    p class="what" { "Every line is a point, from its parameters to its loss. Grey ones have no loss or a made-up one." }
                    (or(shown.parallel(&shades), "No point has parameters."))
                    h2 { "Time line" }
                    @if let Some(idle) = time_line::idle(result) {
                        p class="what" { "Evaluations by worker. Of all the time, the workers were idle for " (format!("{:.0} %", idle * 100.0)) "." }
                    }
                    (or(time_line::time_line(&shades), "Nothing was evaluated here."))
                    h2 { "All points" }
                    (self.table())
                    p class="what" { "Written by idds-hpo " (env!("CARGO_PKG_VERSION")) "." }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        harmless(page.into_string())
    }

    fn summary(&self) -> Markup {
        let result = self.result;
        let count =
            |is: fn(&TrialRecord) -> bool| result.trials.iter().filter(|trial| is(trial)).count();
        let made_up = count(|trial| trial.made_up.is_some());
        let failed: usize = result
            .trials
            .iter()
            .map(|trial| trial.failures() as usize)
            .sum();
        let best = match result.direction {
            Direction::Minimize => "least loss",
            Direction::Maximize => "greatest value",
        };
        let fact = |name: &str, value: &str| html! { div { dt { (name) } dd { (value) } } };
        html! {
            dl {
                @if let Some(trial) = result.best_trial() {
                    (fact(best, &trial.loss.map(|loss| short(result.direction.value(loss))).unwrap_or_default()))
                    (fact("at point", &brief(trial.id.as_str())))
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
                @if let Some(started) = result.started { (fact("began", &time_line::date(started))) }
                (fact("took", &time_line::time(result.elapsed.as_secs_f64())))
                (fact("ended", &ended(result.stop)))
                @if !result.earlier.is_empty() { (fact("earlier trials", &result.earlier.len().to_string())) }
                @if !result.server.is_empty() { (fact("server", &result.server)) }
                @for (name, value) in &self.facts { (fact(name, value)) }
            }
            @if let Some(best) = result.best_trial() { p { "Best point: " code { (written(&best.parameters)) } } }
        }
    }
}

fn ended(stop: StopReason) -> String {
    match stop {
        StopReason::Finished => "finished by the server".to_owned(),
        StopReason::Ended(status) => format!("ended by the server as {status}"),
        StopReason::MaxPoints => "its budget was used up".to_owned(),
        StopReason::TargetReached => "the target was reached".to_owned(),
        StopReason::NoImprovement => "no improvement".to_owned(),
        StopReason::Timeout => "at its time limit".to_owned(),
        StopReason::ServerSilent => "the server did nothing for too long".to_owned(),
        StopReason::EvaluationFailed => "an evaluation failed".to_owned(),
        StopReason::Interrupted => "it was interrupted".to_owned(),
        StopReason::NothingWorks => "evaluations failed".to_owned(),
        StopReason::Trouble => "trouble that was not the fault of a point".to_owned(),
        StopReason::Error => "with an error".to_owned(),
        StopReason::Unfinished => "not yet".to_owned(),
    }
}

fn advice(result: &SearchResult) -> Markup {
    let open: Vec<_> = result
        .trials
        .iter()
        .filter(|trial| trial.loss.is_none() && trial.stage != Stage::Confirmed)
        .collect();
    let is_over = matches!(result.stop, StopReason::Finished | StopReason::Ended(_));
    html! {
        @if !open.is_empty() && !is_over {
            p class="advice" {
                "The server proposes no further points before every point has a loss. Without one: "
                (open.iter().take(10).map(|trial| brief(trial.id.as_str())).collect::<Vec<_>>().join(", "))
                @if open.len() > 10 { ", …" }
                "."
            }
        }
    }
}

/// Writes the parameters of a point as people do.
fn written(parameters: &Value) -> String {
    let Some(members) = parameters.as_object() else {
        return text(parameters);
    };
    let shown: Vec<_> = members
        .iter()
        .take(MAX_COLUMNS)
        .map(|(name, value)| format!("{} = {}", brief(name), text(value)))
        .collect();
    let more = members.len().saturating_sub(MAX_COLUMNS);
    let more = if more > 0 {
        format!(", and {more} more")
    } else {
        String::new()
    };
    format!("{}{more}", shown.join(", "))
}

/// Says how important the parameters are, or why nothing can be said.
fn influence(shown: &Shown) -> Markup {
    let why = match &shown.importance {
        Ok(_) => {
            let over = if shown.is_of_space {
                "Share of the variance of the loss over the whole space that a parameter explains by itself, by a model fitted to the evaluated points; the line is how far off it may be. Where the sampler looked does not count. All of them are 100 %."
            } else {
                "The space is not known here, so this is over the ranges of the points, whose scales are guessed: share of the variance of the loss that a parameter explains by itself, by a model fitted to the points; the line is how far off it may be. All of them are 100 %."
            };
            return html! {
                p class="what" { (over) }
                @if let Some(picture) = shown.importance() { figure class="wide" { (picture) } }
            };
        }
        Err(Silence::TooFew(found, fewest)) => {
            format!("Nothing can be said: {found} points with a loss are far enough apart, and it takes {fewest}.")
        }
        Err(Silence::TooMany) => "Nothing can be said of so many parameters, or of none.".to_owned(),
        Err(Silence::Flat) => "Nothing can be said: all losses are equal.".to_owned(),
        Err(Silence::Unpredictable) => {
            "Nothing can be said: the loss of a point cannot be predicted from the others, as it is mostly noise or there are too few points.".to_owned()
        }
        Err(Silence::Unexplored) => {
            "Nothing can be said: the points leave too much of the space open. Points from all over it, such as those of quasi-random search, would tell.".to_owned()
        }
    };
    html! { p { (why) } }
}

impl Page<'_> {
    fn table(&self) -> Markup {
        let result = self.result;
        let columns = columns(result, MAX_ITEMS, MAX_COLUMNS);
        let rows = result.trials.len();
        let mut is_shown = vec![rows <= MAX_ROWS; rows];
        if rows > MAX_ROWS {
            let mut order: Vec<usize> = (0..rows).collect();
            order.sort_by_key(|row| {
                (
                    evaluated(&result.trials[*row]).is_none(),
                    result.trials[*row].loss,
                )
            });
            order
                .iter()
                .take(MAX_ROWS)
                .for_each(|row| is_shown[*row] = true);
        }
        let best = result.best_trial().map(|trial| &trial.id);
        html! {
            p class="what" {
                @if rows > MAX_ROWS { "The best " (MAX_ROWS) " of " (rows) " points. " }
                @if !columns.left_out.is_empty() { "And " (columns.left_out.len()) " more parameters, which the CSV and the Parquet file have. " }
            }
            p class="swipe what" { "Wider than the screen: swipe to the side." }
            div class="scroll" {
                table {
                    thead { tr {
                        th { "point" } th { (Shades::new(result).word()) } th { "stage" }
                        @for column in &columns.list { th { (brief(&column.name)) } }
                        th class="note" { "note" }
                    } }
                    tbody {
                        @for (row, trial) in result.trials.iter().enumerate().filter(|(row, _)| is_shown[*row]) {
                            tr class=[(trial.made_up.is_some() || trial.loss.is_none()).then_some("bad")] {
                                td {
                                    @match self.files.get(&trial.id) {
                                        Some(path) => { a href=(address(path)) { (brief(trial.id.as_str())) } }
                                        None => { (brief(trial.id.as_str())) }
                                    }
                                }
                                td { @if let Some(loss) = trial.loss { (short(result.direction.value(loss))) } }
                                td { (stage(trial.stage)) }
                                @for column in &columns.list {
                                    td class="cell" { @if let Some(value) = column.value(row) { (text(value)) } }
                                }
                                td class="note" { @if best == Some(&trial.id) { "best; " } (note(trial)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Writes a path as an address relative to the page.
fn address(path: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    // A part with a colon would be taken for a scheme, and one that begins with a slash for another machine.
    let relative = if path.starts_with('/') { "" } else { "./" };
    format!("{relative}{}", path.bytes().map(byte).collect::<String>())
}

fn note(trial: &TrialRecord) -> String {
    let cut_off = trial
        .evaluations
        .iter()
        .filter(|evaluation| evaluation.ended.is_none())
        .count();
    let superseded = trial
        .evaluations
        .iter()
        .any(|evaluation| evaluation.is_superseded);
    let notes = [
        trial
            .made_up
            .as_ref()
            .map(|why| format!("made up: {}", brief(why))),
        trial
            .failure()
            .filter(|_| trial.made_up.is_none())
            .map(|why| format!("failed before: {}", brief(why))),
        trial
            .stopped_at
            .map(|step| format!("cut short at step {step}")),
        trial.is_foreign.then(|| "somebody else's loss".to_owned()),
        trial.same_as.as_ref().map(|other| {
            format!(
                "the loss of point {}, which is the same",
                brief(other.as_str())
            )
        }),
        (superseded && !trial.is_foreign)
            .then(|| "evaluated twice, the first loss counts".to_owned()),
        (cut_off > 0).then(|| format!("evaluations cut off: {cut_off}")),
    ];
    notes.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
