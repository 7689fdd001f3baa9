//! Parallel coordinates.

use maud::{Markup, html};

use super::columns::Column;
use super::number::brief;
use super::paper::{coordinate, fitted, over, paper};
use super::shades::Shades;

const UPPER: f64 = 84.0;
const LOWER: f64 = 344.0;

/// How many names of an axis there is room for.
const MOST_NAMES: usize = 16;

/// Draws every point as a line through its parameters and its loss.
pub(super) fn parallel(columns: &[Column], shades: &Shades<'_>) -> Markup {
    let axes = columns.len() + 1;
    let gap = 860.0 / (axes - 1) as f64;
    let x = |index: usize| 50.0 + gap * index as f64;
    let y = |place: f64| LOWER - (LOWER - UPPER) * place;
    let line = |row: usize| {
        let places = columns
            .iter()
            .enumerate()
            .filter_map(|(index, column)| Some((index, column.position(row)?)));
        let loss = shades.trial(row).loss;
        let height = loss.map(|loss| match shades.trial(row).made_up {
            None => shades.height(loss),
            Some(_) => shades.made_up_height(),
        });
        let all = places.chain(height.map(|height| (columns.len(), height)));
        all.map(|(index, place)| format!("{},{}", coordinate(x(index)), coordinate(y(place))))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let opacity = match shades.result.trials.len() {
        0..=100 => "0.8",
        101..=500 => "0.4",
        501..=1500 => "0.2",
        _ => "0.1",
    };
    let name = |index: usize, name: &str, remark: Option<&str>| {
        html! {
            text x=(coordinate(x(index))) y="52" text-anchor="middle" font-weight="600" { (fitted(name, (0.8 * gap).min(160.0))) title { (brief(name)) } }
            @if let Some(remark) = remark {
                text class="soft" x=(coordinate(x(index))) y="36" text-anchor="middle" font-size="10" fill="#666" { (fitted(remark, gap)) }
            }
        }
    };
    let ends = |index: usize, ticks: &[(f64, String)]| {
        html! {
            @for (place, text) in ticks {
                line class="axis" x1=(coordinate(x(index) - 3.0)) x2=(coordinate(x(index) + 3.0)) y1=(coordinate(y(*place))) y2=(coordinate(y(*place))) stroke="#888" {}
                (over(x(index) + 6.0, y(*place) + 4.0, "start", &fitted(text, gap - 10.0)))
            }
        }
    };
    let drawn = html! {
        (shades.legend(20.0, 8.0))
        @for row in shades.order() {
            @let (class, colour) = shades.colour(row);
            polyline class=(class) points=(line(row)) fill="none" stroke=(colour) stroke-width="1.5" stroke-opacity=(opacity) {
                title { (shades.long_hint(row)) }
            }
        }
        @for index in 0..axes {
            line class="axis" x1=(coordinate(x(index))) x2=(coordinate(x(index))) y1=(UPPER) y2=(LOWER) stroke="#888" {}
        }
        @for (index, column) in columns.iter().enumerate() {
            (name(index, &column.name, column.remark()))
            (ends(index, &thinned(column.ticks(4.0), MOST_NAMES)))
        }
        (name(columns.len(), shades.word(), shades.scale.and_then(|scale| scale.remark()).as_deref()))
        (ends(columns.len(), &shades.ticks(4.0)))
    };
    paper("parallel coordinates", 1000.0, LOWER + 30.0, &drawn)
}

/// Keeps at most this many, evenly.
pub(super) fn thinned(ticks: Vec<(f64, String)>, most: usize) -> Vec<(f64, String)> {
    let step = ticks.len().div_ceil(most).max(1);
    ticks.into_iter().step_by(step).collect()
}
