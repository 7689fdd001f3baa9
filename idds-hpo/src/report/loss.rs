//! The losses over the points of a search.

use maud::{Markup, html};

use super::number::short;
use super::paper::{coordinate, over, paper, round_numbers};
use super::shades::{Shades, evaluated};
use crate::Direction;

const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 400.0;

/// Where the values are drawn: left, right, upper and lower edge.
const LEFT: f64 = 84.0;
const RIGHT: f64 = 980.0;
const UPPER: f64 = 48.0;
const LOWER: f64 = 336.0;

/// How far beyond the worst edge there is what has no place among the values.
const BEYOND: f64 = 16.0;

/// Draws the value of every point over its number; none when no point has one.
pub(super) fn over_points(shades: &Shades<'_>) -> Option<Markup> {
    let result = shades.result;
    let value = |row: usize| {
        shades
            .trial(row)
            .loss
            .map(|loss| result.direction.value(loss))
    };
    let scale = shades.scale?;
    let height = |value: f64| LOWER - (LOWER - UPPER) * scale.place(value).clamp(0.0, 1.0);
    let count = result.trials.len();
    let x = |row: usize| LEFT + (RIGHT - LEFT) * (row as f64 + 0.5) / count as f64;
    let rail = match result.direction {
        Direction::Minimize => UPPER - BEYOND,
        Direction::Maximize => LOWER + BEYOND,
    };
    let radius = if count > 500 {
        2.0
    } else if count > 100 {
        3.0
    } else {
        4.0
    };
    let rows = || 0..count;
    let is_made_up = |row: &usize| shades.trial(*row).made_up.is_some();
    let is_beyond = |row: &usize| {
        value(*row).is_some_and(|value| !(-1e-9..=1.0 + 1e-9).contains(&scale.place(value)))
    };

    let mut line = String::new();
    let mut best = None;
    for row in rows() {
        let Some(loss) = evaluated(shades.trial(row)) else {
            continue;
        };
        if let Some(best) = best.filter(|best| loss < *best) {
            line.push_str(&format!(
                "{},{} ",
                coordinate(x(row)),
                coordinate(height(result.direction.value(best)))
            ));
        }
        if best.is_none_or(|best| loss < best) {
            best = Some(loss);
            line.push_str(&format!(
                "{},{} ",
                coordinate(x(row)),
                coordinate(height(result.direction.value(loss)))
            ));
        }
    }
    if let Some(best) = best {
        line.push_str(&format!(
            "{},{}",
            coordinate(RIGHT),
            coordinate(height(result.direction.value(best)))
        ));
    }

    let cross = |x: f64, y: f64| {
        html! { path class="bad-line" d={ "M" (coordinate(x - 3.0)) " " (coordinate(y - 3.0)) "l6 6m0-6l-6 6" } stroke="#d62728" stroke-width="1.5" {} }
    };
    let ring = |x: f64, y: f64| {
        html! { circle class="bad-line" cx=(coordinate(x)) cy=(coordinate(y)) r="4" fill="none" stroke="#d62728" stroke-width="1.5" {} }
    };
    let wedge = |x: f64, y: f64| {
        html! { path class="far" d={ "M" (coordinate(x - 4.0)) " " (coordinate(y + 3.0)) "h8l-4-7z" } fill="#888" {} }
    };
    let is_open = |row: &usize| shades.trial(*row).loss.is_none();
    let is_usual = |row: &usize| value(*row).is_some() && !is_made_up(row) && !is_beyond(row);
    let far_rows: Vec<_> = rows()
        .filter(|row| is_beyond(row) && !is_made_up(row))
        .collect();
    let word = shades.word();
    let legend: Vec<(&str, Markup)> = [
        Some((
            word,
            html! { circle class="dot" cx="5" cy="8" r="4" fill="#1f77b4" {} },
        )),
        Some((
            "best so far",
            html! { path class="best-line" d="M0 8h14" stroke="#d6570a" stroke-width="2" {} },
        )),
        rows()
            .any(|row| is_made_up(&row))
            .then(|| ("made up", ring(6.0, 8.0))),
        (!far_rows.is_empty()).then(|| ("far worse", wedge(6.0, 9.0))),
        rows()
            .any(|row| is_open(&row))
            .then(|| ("no loss", cross(6.0, 8.0))),
    ]
    .into_iter()
    .flatten()
    .collect();

    let drawn = html! {
        @for (index, (name, mark)) in legend.iter().enumerate() {
            g transform={ "translate(" (LEFT + 110.0 * index as f64) " 2)" } { (mark) text x="20" y="12" { (name) } }
        }
        @for value in scale.ticks(6.0) {
            @let y = coordinate(height(value));
            line class="grid" x1=(LEFT) x2=(RIGHT) y1=(y) y2=(y) stroke="#e2e2e2" {}
            text x=(LEFT - 8.0) y=(coordinate(height(value) + 4.0)) text-anchor="end" { (short(value)) }
        }
        @for number in round_numbers(0.0, count as f64, 10.0).into_iter().filter(|number| *number >= 1.0 && number.fract() == 0.0) {
            text x=(coordinate(x(number as usize - 1))) y=(LOWER + 36.0) text-anchor="middle" { (number) }
        }
        line class="axis" x1=(LEFT) x2=(RIGHT) y1=(LOWER + 22.0) y2=(LOWER + 22.0) stroke="#888" {}
        text x=((LEFT + RIGHT) / 2.0) y=(LOWER + 56.0) text-anchor="middle" { "point, in the order in which they appeared" }
        text transform={ "translate(14 " ((LOWER + UPPER) / 2.0) ") rotate(-90)" } text-anchor="middle" {
            (shades.axis_name())
        }
        @for row in rows().filter(|row| is_usual(row) && shades.is_drawn(*row)) {
            @let y = height(value(row).unwrap_or_default());
            circle class="dot" cx=(coordinate(x(row))) cy=(coordinate(y)) r=(radius) fill="#1f77b4" fill-opacity="0.7" {
                title { (shades.long_hint(row)) }
            }
        }
        polyline class="best-line" points=(line.trim_end()) fill="none" stroke="#d6570a" stroke-width="2" {}
        @for row in rows().filter(|row| !is_usual(row) && shades.is_drawn(*row)) {
            g {
                @if is_open(&row) { (cross(x(row), rail)) } @else if is_made_up(&row) { (ring(x(row), rail)) } @else { (wedge(x(row), rail)) }
                title { (shades.long_hint(row)) }
            }
        }
        @if let Some(best) = best {
            (over(RIGHT, height(result.direction.value(best)) + if result.direction == Direction::Minimize { -6.0 } else { 16.0 }, "end", &short(result.direction.value(best))))
        }
    };
    Some(paper("losses over points", WIDTH, HEIGHT, &drawn))
}
