//! The charts of the HTML report.

use std::time::Duration;

use maud::{Markup, html};

use super::columns::{Column, short};
use crate::{Loss, SearchResult, TrialRecord};

/// Losses as colours, best to worst; made-up ones have none.
pub(super) struct Shades<'a> {
    sorted: Vec<Loss>,
    trials: &'a [TrialRecord],
}

impl<'a> Shades<'a> {
    pub(super) fn new(trials: &'a [TrialRecord]) -> Self {
        let mut sorted: Vec<_> = trials.iter().filter_map(evaluated).collect();
        sorted.sort_unstable();
        Self { sorted, trials }
    }

    /// How good a trial is among all: 0 for the best, 1 for the worst.
    fn rank(&self, row: usize) -> Option<f64> {
        let loss = evaluated(&self.trials[row])?;
        let better = self.sorted.partition_point(|other| *other < loss);
        Some(better as f64 / (self.sorted.len() - 1).max(1) as f64)
    }

    /// From dark blue over green to yellow, which people with any kind of colour vision tell apart.
    fn colour(&self, row: usize) -> String {
        const STOPS: [[f64; 3]; 5] =
            [[68.0, 1.0, 84.0], [59.0, 82.0, 139.0], [33.0, 145.0, 140.0], [94.0, 201.0, 98.0], [253.0, 231.0, 37.0]];
        let Some(rank) = self.rank(row) else { return "#c8c8c8".to_owned() };
        let place = rank * (STOPS.len() - 1) as f64;
        let from = (place as usize).min(STOPS.len() - 2);
        let [r, g, b] = [0, 1, 2]
            .map(|part| STOPS[from][part] + (STOPS[from + 1][part] - STOPS[from][part]) * (place - from as f64));
        format!("rgb({r:.0},{g:.0},{b:.0})")
    }

    /// Rows from the worst to the best, so that the best are drawn on top.
    fn order(&self) -> Vec<usize> {
        let mut rows: Vec<_> = (0..self.trials.len()).collect();
        let key = |row: usize| evaluated(&self.trials[row]);
        rows.sort_by(|a, b| match (key(*a), key(*b)) {
            (Some(a), Some(b)) => b.cmp(&a),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
        rows
    }

    /// Where losses lie between 0 and 1: by their size from the best to the 90th percentile, the rest above.
    fn height(&self, loss: Loss) -> f64 {
        let (Some(best), Some(high)) = (self.sorted.first(), self.sorted.get(self.sorted.len() * 9 / 10)) else {
            return 1.0;
        };
        match high.get() / 2.0 - best.get() / 2.0 {
            range if range > 0.0 => ((loss.get() / 2.0 - best.get() / 2.0) / range * 0.9).clamp(0.0, 1.0),
            _ => 0.5,
        }
    }
}

fn evaluated(trial: &TrialRecord) -> Option<Loss> {
    trial.loss.filter(|_| trial.made_up.is_none())
}

/// What is shown when the mouse rests on a trial.
fn hint(result: &SearchResult, trial: &TrialRecord) -> String {
    let value = trial.loss.map(|loss| short(result.direction.value(loss)));
    let value = value.map_or("no loss".to_owned(), |value| match &trial.made_up {
        Some(why) => format!("{value}, made up: {why}"),
        None => value,
    });
    format!("point {}: {value}\n{}", trial.id, trial.parameters)
}

/// Draws every point as a line through its parameters, the best ones darkest.
pub(super) fn parallel(result: &SearchResult, columns: &[Column], shades: &Shades<'_>) -> Markup {
    const HEIGHT: f64 = 260.0;
    let gap = 940.0 / (columns.len().max(2) - 1) as f64;
    let x = |index: usize| 60.0 + gap * index as f64;
    let y = |position: f64| 30.0 + HEIGHT * (1.0 - position);
    let line = |row: usize| {
        let places =
            columns.iter().enumerate().filter_map(|(index, column)| Some((x(index), y(column.position(row)?))));
        places.map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
    };
    html! {
        svg viewBox={ "0 0 1080 " (HEIGHT + 60.0) } role="img" aria-label="parallel coordinates" {
            @for row in shades.order() {
                polyline points=(line(row)) fill="none" stroke=(shades.colour(row)) stroke-width="1.5" stroke-opacity="0.7" {
                    title { (hint(result, &result.trials[row])) }
                }
            }
            @for (index, column) in columns.iter().enumerate() {
                line x1=(x(index)) x2=(x(index)) y1=(y(1.0)) y2=(y(0.0)) stroke="#444" {}
                text x=(x(index)) y="16" text-anchor="middle" font-weight="600" { (column.name) @if column.is_log() { " (log)" } }
                @for (place, name) in column.ticks() {
                    text x=(x(index) + 5.0) y=(y(place) + if place == 0.0 { 16.0 } else if place == 1.0 { -3.0 } else { 4.0 }) { (name) }
                }
            }
        }
    }
}

/// Draws the losses over one parameter.
pub(super) fn slice(result: &SearchResult, column: &Column, shades: &Shades<'_>) -> Markup {
    let x = |position: f64| 20.0 + 280.0 * position;
    let y = |height: f64| 180.0 - 160.0 * height;
    html! {
        svg viewBox="0 0 320 220" role="img" aria-label={ "losses over " (column.name) } {
            line x1="12" x2="308" y1="188" y2="188" stroke="#444" {}
            @for row in shades.order() {
                @if let (Some(position), Some(loss)) = (column.position(row), result.trials[row].loss) {
                    @let is_made_up = result.trials[row].made_up.is_some();
                    circle cx=(format!("{:.1}", x(position))) cy=(format!("{:.1}", y(if is_made_up { 1.05 } else { shades.height(loss) })))
                        r="4" fill=(if is_made_up { "none".to_owned() } else { shades.colour(row) }) stroke=(if is_made_up { "#d62728" } else { "none" }) {
                        title { (hint(result, &result.trials[row])) }
                    }
                }
            }
            @for (place, name) in column.ticks() {
                text x=(x(place)) y="204" text-anchor=(if place == 0.0 { "start" } else if place == 1.0 { "end" } else { "middle" }) { (name) }
            }
        }
    }
}

/// Draws bars for shares of 0 to 1.
pub(super) fn bars(shares: &[(&str, f64)]) -> Markup {
    html! {
        svg viewBox={ "0 0 1080 " (shares.len() * 26 + 4) } role="img" aria-label="importance of the parameters" {
            @for (index, (name, share)) in shares.iter().enumerate() {
                text x="190" y=(index * 26 + 17) text-anchor="end" { (name) }
                rect x="200" y=(index * 26 + 3) width=(format!("{:.1}", (share * 800.0).max(1.0))) height="19" rx="2" fill="#3b528b" {}
                text x=(format!("{:.1}", 208.0 + share * 800.0)) y=(index * 26 + 17) { (format!("{:.0} %", share * 100.0)) }
            }
        }
    }
}

/// Draws when each of the evaluations at once was busy, with what.
pub(super) fn time_line(result: &SearchResult, shades: &Shades<'_>) -> Markup {
    let evaluations = || {
        let rows = result.trials.iter().enumerate();
        rows.flat_map(|(row, trial)| trial.evaluations.iter().map(move |evaluation| (row, evaluation)))
    };
    let lanes = evaluations().map(|(_, evaluation)| evaluation.slot + 1).max().unwrap_or(0);
    let whole = result.elapsed.as_secs_f64().max(1e-6);
    let x = |time: Duration| 90.0 + 880.0 * (time.as_secs_f64() / whole).min(1.0);
    let busy = |lane: usize| {
        let times = evaluations().filter(|(_, evaluation)| evaluation.slot == lane);
        let busy: f64 =
            times.filter_map(|(_, one)| Some((one.ended? - one.started.min(one.ended?)).as_secs_f64())).sum();
        (busy / whole * 100.0).min(100.0)
    };
    html! {
        svg viewBox={ "0 0 1080 " (lanes * 24 + 30) } role="img" aria-label="time line of the evaluations" {
            @for lane in 0..lanes {
                text x="80" y=(lane * 24 + 17) text-anchor="end" { "worker " (lane + 1) }
                rect x="90" y=(lane * 24 + 3) width="880" height="18" fill="#f2f2f2" {}
                text x="980" y=(lane * 24 + 17) { (format!("{:.0} % busy", busy(lane))) }
            }
            @for (row, evaluation) in evaluations() {
                @let end = evaluation.ended.unwrap_or(evaluation.started);
                rect x=(format!("{:.2}", x(evaluation.started))) y=(evaluation.slot * 24 + 3)
                    width=(format!("{:.2}", (x(end) - x(evaluation.started)).max(1.0))) height="18"
                    fill=(match (&evaluation.failure, evaluation.ended) {
                        (Some(_), _) => "#d62728".to_owned(),
                        (None, None) => "#111".to_owned(),
                        (None, Some(_)) => shades.colour(row),
                    }) {
                    title {
                        (hint(result, &result.trials[row]))
                        @if let Some(failure) = &evaluation.failure { "\nfailed: " (failure) }
                        @if evaluation.ended.is_none() { "\ncut off, or given up" }
                    }
                }
            }
            text x="90" y=(lanes * 24 + 22) { "0" }
            text x="970" y=(lanes * 24 + 22) text-anchor="end" { (format!("{:.1?}", result.elapsed)) }
        }
    }
}
