//! How good each trial is among all, as a place and as a colour.

use maud::{Markup, html};

use super::columns::short;
use crate::{Direction, Loss, SearchResult, TrialRecord};

/// The trials of a search by how good they are.
pub(super) struct Shades<'a> {
    /// Losses that were evaluated, best first.
    sorted: Vec<Loss>,
    pub(super) result: &'a SearchResult,
}

/// Colours from the best to the worst, which people with any kind of colour vision tell apart: on white, and on black.
const ON_WHITE: [&str; 10] =
    ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#a5c92b", "#d5c21e"];
const ON_BLACK: [&str; 10] =
    ["#fde725", "#b5de2b", "#6ece58", "#35b779", "#1f9e89", "#26828e", "#31688e", "#4a5aa0", "#5d45a0", "#6c3f91"];

/// Of trials without a loss of their own.
const GREY: &str = "#a8a8a8";

/// Returns the style sheet that gives pictures in a dark page its colours.
pub(super) fn dark_style() -> String {
    let colour = |(rank, colour): (usize, &&str)| {
        format!("circle.r{rank},rect.r{rank}{{fill:{colour}}}polyline.r{rank}{{stroke:{colour}}}")
    };
    ON_BLACK.iter().enumerate().map(colour).collect()
}

impl<'a> Shades<'a> {
    pub(super) fn new(result: &'a SearchResult) -> Self {
        let mut sorted: Vec<_> = result.trials.iter().filter_map(evaluated).collect();
        sorted.sort_unstable();
        Self { sorted, result }
    }

    pub(super) fn trial(&self, row: usize) -> &'a TrialRecord {
        &self.result.trials[row]
    }

    /// Returns the class and the colour of a trial.
    pub(super) fn colour(&self, row: usize) -> (String, &'static str) {
        let Some(loss) = evaluated(self.trial(row)) else { return ("none".to_owned(), GREY) };
        let better = self.sorted.partition_point(|other| *other < loss);
        let rank = better * (ON_WHITE.len() - 1) / (self.sorted.len() - 1).max(1);
        (format!("r{rank}"), ON_WHITE[rank])
    }

    /// Returns the rows from the worst to the best, so that the best are drawn on top.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut rows: Vec<_> = (0..self.result.trials.len()).collect();
        let key = |row: usize| evaluated(self.trial(row));
        rows.sort_by(|a, b| match (key(*a), key(*b)) {
            (Some(a), Some(b)) => b.cmp(&a),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
        rows
    }

    /// Returns where a loss lies from the lower edge, 0, to the upper one, 1: small values below, by their size up to the 90th
    /// percentile from the best, and the rest beyond that.
    pub(super) fn height(&self, loss: Loss) -> f64 {
        let (Some(best), Some(high)) = (self.sorted.first(), self.ninetieth()) else { return 1.0 };
        // Halves, as the widest range is not a finite number.
        self.upright(match high.get() / 2.0 - best.get() / 2.0 {
            range if range > 0.0 => ((loss.get() / 2.0 - best.get() / 2.0) / range * 0.9).clamp(0.0, 1.0),
            _ => 0.5,
        })
    }

    /// Returns the places of the best loss and of the 90th percentile, with their values.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let (Some(best), Some(high)) = (self.sorted.first(), self.ninetieth()) else { return Vec::new() };
        let ends = if high > *best { vec![*best, high] } else { vec![*best] };
        ends.into_iter().map(|loss| (self.height(loss), short(self.result.direction.value(loss)))).collect()
    }

    /// Returns the height of losses that were made up.
    pub(super) fn made_up_height(&self) -> f64 {
        self.upright(1.06)
    }

    fn ninetieth(&self) -> Option<Loss> {
        self.sorted.get(self.sorted.len() * 9 / 10).copied()
    }

    /// Great values are above, whether that is good or bad.
    fn upright(&self, from_best: f64) -> f64 {
        match self.result.direction {
            Direction::Minimise => from_best,
            Direction::Maximise => 1.0 - from_best,
        }
    }

    /// Returns what is shown when the mouse rests on a trial, with all its parameters.
    pub(super) fn long_hint(&self, row: usize) -> String {
        format!("{}\n{}", self.hint(row), self.trial(row).parameters)
    }

    /// Returns what is shown when the mouse rests on a trial, where there are many of them.
    pub(super) fn hint(&self, row: usize) -> String {
        let trial = self.trial(row);
        let value = trial.loss.map(|loss| short(self.result.direction.value(loss)));
        let value = value.map_or("no loss".to_owned(), |value| match &trial.made_up {
            Some(why) => format!("{value}, made up: {why}"),
            None => value,
        });
        format!("point {}: {value}", trial.id)
    }

    /// Draws what the colours mean, at a place of 190 by 12.
    pub(super) fn legend(&self, x: f64, y: f64) -> Markup {
        let first = x + 32.0;
        html! {
            text x=(x) y=(y + 10.0) { "best" }
            @for (rank, colour) in ON_WHITE.iter().enumerate() {
                rect class={ "r" (rank) } x=(first + 11.0 * rank as f64) y=(y) width="11" height="12" fill=(colour) {}
            }
            text x=(first + 116.0) y=(y + 10.0) { "worst" }
        }
    }
}

/// Returns the loss of a trial that was not made up.
pub(super) fn evaluated(trial: &TrialRecord) -> Option<Loss> {
    trial.loss.filter(|_| trial.made_up.is_none())
}
