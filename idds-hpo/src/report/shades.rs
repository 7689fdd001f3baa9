//! How good each trial is among all, as a place and as a colour.

use maud::{Markup, html};

use super::number::{brief, short, text};
use super::scale::Scale;
use crate::{Direction, Loss, SearchResult, TrialRecord};

/// The trials of a search by how good they are.
pub(super) struct Shades<'a> {
    /// Losses that were evaluated, best first.
    sorted: Vec<Loss>,
    /// The axis of the losses that were evaluated, of made-up ones when there are no others.
    pub(super) scale: Option<Scale>,
    pub(super) result: &'a SearchResult,
    /// The rows that are drawn, from the worst to the best, so that the best are drawn on top.
    drawn: Vec<usize>,
    is_drawn: Vec<bool>,
}

/// How many points a picture has: the best half of them, and of the others every so many.
const MOST_DRAWN: usize = 4000;

/// Colours from the best to the worst, which people with any kind of colour vision tell apart: on white, and on black.
const ON_WHITE: [&str; 10] = [
    "#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58",
    "#a5c92b", "#d5c21e",
];
const ON_BLACK: [&str; 10] = [
    "#fde725", "#b5de2b", "#6ece58", "#35b779", "#1f9e89", "#26828e", "#31688e", "#4a5aa0",
    "#5d45a0", "#6c3f91",
];

/// How many parameters the mouse shows.
const MOST_HINTS: usize = 20;

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
        let mut drawn = sorted.clone();
        if drawn.is_empty() {
            drawn = result
                .trials
                .iter()
                .filter_map(|trial| trial.loss)
                .collect();
            drawn.sort_unstable();
        }
        let values: Vec<_> = drawn
            .into_iter()
            .map(|loss| result.direction.value(loss))
            .collect();
        let mut rows = ordered(result);
        let (count, best) = (rows.len(), MOST_DRAWN / 2);
        if count > MOST_DRAWN {
            let mut others = rows;
            let chosen = others.split_off(count - best);
            let step = others.len().div_ceil(MOST_DRAWN - best);
            rows = others.into_iter().step_by(step).chain(chosen).collect();
        }
        let mut is_drawn = vec![false; count];
        rows.iter().for_each(|row| is_drawn[*row] = true);
        Self {
            sorted,
            scale: Scale::new(&values),
            result,
            drawn: rows,
            is_drawn,
        }
    }

    /// Says how many points are drawn, when not all of them are.
    pub(super) fn remark(&self) -> Option<String> {
        let (drawn, all) = (self.drawn.len(), self.is_drawn.len());
        (drawn < all).then(|| {
            format!("The pictures show {drawn} of {all} points: the best ones, and some of each kind of the others.")
        })
    }

    /// Tells whether a point is drawn.
    pub(super) fn is_drawn(&self, row: usize) -> bool {
        self.is_drawn[row]
    }

    pub(super) fn trial(&self, row: usize) -> &'a TrialRecord {
        &self.result.trials[row]
    }

    /// Returns the class and the colour of a trial.
    pub(super) fn colour(&self, row: usize) -> (String, &'static str) {
        let Some(loss) = evaluated(self.trial(row)) else {
            return ("none".to_owned(), GREY);
        };
        let better = self.sorted.partition_point(|other| *other < loss);
        let rank = better * (ON_WHITE.len() - 1) / (self.sorted.len() - 1).max(1);
        (format!("r{rank}"), ON_WHITE[rank])
    }

    /// Returns the rows that are drawn, from the worst to the best, so that the best are drawn on top.
    pub(super) fn order(&self) -> Vec<usize> {
        self.drawn.clone()
    }

    /// Returns where a loss lies from the lower edge, 0, to the upper one, 1: small values below. The far worse ones are at the edge.
    pub(super) fn height(&self, loss: Loss) -> f64 {
        self.scale.map_or(0.5, |scale| {
            scale
                .place(self.result.direction.value(loss))
                .clamp(0.0, 1.0)
        })
    }

    /// Returns the places of some values, about this many, with the values.
    pub(super) fn ticks(&self, about: f64) -> Vec<(f64, String)> {
        let Some(scale) = self.scale else {
            return Vec::new();
        };
        scale
            .ticks(about)
            .into_iter()
            .map(|value| (scale.place(value), short(value)))
            .collect()
    }

    /// Returns the height of losses that were made up: beyond the worst.
    pub(super) fn made_up_height(&self) -> f64 {
        match self.result.direction {
            Direction::Minimize => 1.06,
            Direction::Maximize => -0.06,
        }
    }

    /// Returns what the values are called.
    pub(super) fn word(&self) -> &'static str {
        match self.result.direction {
            Direction::Minimize => "loss",
            Direction::Maximize => "value",
        }
    }

    /// Returns what stands at an axis of the values.
    pub(super) fn axis_name(&self) -> String {
        let remark = self.scale.and_then(|scale| scale.remark());
        remark.map_or_else(
            || self.word().to_owned(),
            |remark| format!("{} ({remark})", self.word()),
        )
    }

    /// Returns what is shown when the mouse rests on a trial, with all its parameters.
    pub(super) fn long_hint(&self, row: usize) -> String {
        let parameters = &self.trial(row).parameters;
        let lines: String = match parameters.as_object() {
            Some(members) => {
                let shown = members
                    .iter()
                    .take(MOST_HINTS)
                    .map(|(name, value)| format!("\n{}: {}", brief(name), text(value)));
                let more = members.len().saturating_sub(MOST_HINTS);
                shown
                    .chain((more > 0).then(|| format!("\nand {more} more")))
                    .collect()
            }
            None => format!("\n{}", text(parameters)),
        };
        format!("{}{lines}", self.hint(row))
    }

    /// Returns what is shown when the mouse rests on a trial, where there are many of them.
    pub(super) fn hint(&self, row: usize) -> String {
        let trial = self.trial(row);
        let value = trial
            .loss
            .map(|loss| short(self.result.direction.value(loss)));
        let value = value.map_or("no loss".to_owned(), |value| match &trial.made_up {
            Some(why) => format!("{value}, made up: {}", brief(why)),
            None => value,
        });
        format!("point {}: {value}", brief(trial.id.as_str()))
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

/// Returns all rows from the worst to the best.
fn ordered(result: &SearchResult) -> Vec<usize> {
    let mut rows: Vec<_> = (0..result.trials.len()).collect();
    let key = |row: usize| evaluated(&result.trials[row]);
    rows.sort_by(|a, b| match (key(*a), key(*b)) {
        (Some(a), Some(b)) => b.cmp(&a),
        (a, b) => a.is_some().cmp(&b.is_some()),
    });
    rows
}

/// Returns the class and the colour of a rank from 0, the best, to 1.
pub(super) fn heat(rank: f64) -> (String, &'static str) {
    let index = ((rank * ON_WHITE.len() as f64) as usize).min(ON_WHITE.len() - 1);
    (format!("r{index}"), ON_WHITE[index])
}

/// Returns the loss of a trial that was not made up.
pub(super) fn evaluated(trial: &TrialRecord) -> Option<Loss> {
    trial.loss.filter(|_| trial.made_up.is_none())
}
