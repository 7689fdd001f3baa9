//! What evaluations told on their way.

use maud::{Markup, html};

use super::number::short;
use super::paper::{coordinate, paper, round_numbers};
use super::scale::Scale;
use super::shades::Shades;

const LEFT: f64 = 84.0;
const RIGHT: f64 = 980.0;
const UPPER: f64 = 34.0;
const LOWER: f64 = 336.0;

/// How many curves are drawn: the best ones, and the last values of the others are left out.
const MOST: usize = 300;

/// Draws the intermediate values of every point over their steps; none when none were told.
pub(super) fn curves(shades: &Shades<'_>) -> Option<Markup> {
    let direction = shades.result.direction;
    let order = shades.order();
    let told = order.into_iter().filter_map(|row| {
        let longest = shades
            .trial(row)
            .evaluations
            .iter()
            .max_by_key(|evaluation| evaluation.intermediate.len())?;
        (!longest.intermediate.is_empty()).then_some((row, &longest.intermediate))
    });
    let told: Vec<_> = told.collect();
    let drawn = &told[told.len().saturating_sub(MOST)..];
    let values = drawn.iter().flat_map(|(_, values)| values.iter());
    let (first, last) = (
        values.clone().map(|value| value.step).min()?,
        values.clone().map(|value| value.step).max()?,
    );
    let mut sorted: Vec<_> = values.map(|value| value.loss).collect();
    sorted.sort_unstable();
    let sorted: Vec<_> = sorted
        .into_iter()
        .map(|loss| direction.value(loss))
        .collect();
    let scale = Scale::new(&sorted)?;
    let x = |step: u64| match last - first {
        0 => (LEFT + RIGHT) / 2.0,
        range => LEFT + (RIGHT - LEFT) * ((step - first) as f64 / range as f64),
    };
    let y = |value: f64| LOWER - (LOWER - UPPER) * scale.place(value).clamp(0.0, 1.0);
    let line = |values: &[crate::Intermediate]| {
        let place = |value: &crate::Intermediate| {
            format!(
                "{},{}",
                coordinate(x(value.step)),
                coordinate(y(direction.value(value.loss)))
            )
        };
        values.iter().map(place).collect::<Vec<_>>().join(" ")
    };
    let opacity = if drawn.len() > 100 { "0.45" } else { "0.8" };
    let cut: Vec<_> = drawn
        .iter()
        .filter(|(row, _)| shades.trial(*row).stopped_at.is_some())
        .filter_map(|(_, values)| values.last())
        .collect();
    let remark = scale
        .remark()
        .map(|remark| format!(" ({remark})"))
        .unwrap_or_default();
    let picture = html! {
        (shades.legend(LEFT, 8.0))
        @if !cut.is_empty() {
            circle class="soft" cx=(LEFT + 230.0) cy="14" r="3" fill="#666" {}
            text x=(LEFT + 240.0) y="18" { "cut short" }
        }
        @if drawn.len() < told.len() { text x=(RIGHT) y="18" text-anchor="end" { "the best " (drawn.len()) " of " (told.len()) " curves" } }
        @for value in scale.ticks(6.0) {
            @let at = coordinate(y(value));
            line class="grid" x1=(LEFT) x2=(RIGHT) y1=(at) y2=(at) stroke="#e2e2e2" {}
            text x=(LEFT - 8.0) y=(coordinate(y(value) + 4.0)) text-anchor="end" { (short(value)) }
        }
        line class="axis" x1=(LEFT) x2=(RIGHT) y1=(LOWER + 8.0) y2=(LOWER + 8.0) stroke="#888" {}
        @for step in round_numbers(first as f64, last as f64, 10.0).into_iter().filter(|step| step.fract() == 0.0) {
            text x=(coordinate(x(step as u64))) y=(LOWER + 24.0) text-anchor="middle" { (short(step)) }
        }
        text x=((LEFT + RIGHT) / 2.0) y=(LOWER + 44.0) text-anchor="middle" { "step of the evaluation" }
        text transform={ "translate(14 " ((LOWER + UPPER) / 2.0) ") rotate(-90)" } text-anchor="middle" { (shades.word()) (remark) }
        @for (row, values) in drawn {
            @let (class, colour) = shades.colour(*row);
            polyline class=(class) points=(line(values)) fill="none" stroke=(colour) stroke-width="1.5" stroke-opacity=(opacity) {
                title { (shades.hint(*row)) }
            }
        }
        @for value in cut {
            circle class="soft" cx=(coordinate(x(value.step))) cy=(coordinate(y(direction.value(value.loss)))) r="3" fill="#666" {}
        }
    };
    Some(paper("learning curves", 1000.0, LOWER + 54.0, &picture))
}
