//! The losses over two parameters.

use maud::{Markup, html};

use super::columns::Column;
use super::paper::{coordinate, fitted, paper};
use super::parallel::thinned;
use super::shades::{Shades, heat};

const LEFT: f64 = 150.0;
const UPPER: f64 = 34.0;
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 420.0;

/// How many names there is room for along an axis.
const MOST_NAMES: usize = 8;

/// Draws the mean loss over all other parameters on a grid of two, row by row of the second, with the points that were evaluated.
pub(super) fn surface(
    across: &Column,
    up: &Column,
    means: &[Vec<f64>],
    shades: &Shades<'_>,
) -> Markup {
    let x = |place: f64| LEFT + WIDTH * place;
    let y = |place: f64| UPPER + HEIGHT * (1.0 - place);
    let mut sorted: Vec<f64> = means.iter().flatten().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let rank = |mean: f64| {
        sorted.partition_point(|other| *other < mean) as f64 / (sorted.len() - 1).max(1) as f64
    };
    let (columns, rows) = (means.first().map_or(1, Vec::len), means.len());
    let (wide, high) = (WIDTH / columns as f64, HEIGHT / rows as f64);
    let radius = if shades.result.trials.len() > 300 {
        "2"
    } else {
        "3"
    };
    let name = |column: &Column| match column.remark() {
        Some(remark) => format!("{} ({remark})", fitted(&column.name, 200.0)),
        None => fitted(&column.name, 260.0),
    };
    let best = shades.result.best_trial();
    let drawn = html! {
        (shades.legend(LEFT, 8.0))
        circle cx=(LEFT + 230.0) cy="14" r="3" fill="#fff" stroke="#222" {}
        text x=(LEFT + 240.0) y="18" { "evaluated" }
        path d={ "M" (LEFT + 330.0) " 8v12m-6-6h12" } stroke="#d6570a" stroke-width="2.5" {}
        text x=(LEFT + 342.0) y="18" { "best" }
        @for (row, means) in means.iter().enumerate() {
            @for (column, mean) in means.iter().enumerate() {
                @let (class, colour) = heat(rank(*mean));
                // A little more, so that no gaps are seen.
                rect class=(class) x=(coordinate(LEFT + wide * column as f64)) y=(coordinate(UPPER + high * (rows - 1 - row) as f64))
                    width=(coordinate(wide + 0.4)) height=(coordinate(high + 0.4)) fill=(colour) {}
            }
        }
        @for (row, trial) in shades.result.trials.iter().enumerate() {
            @if let (Some(at), Some(above), Some(_)) = (across.position(row), up.position(row), super::shades::evaluated(trial)) {
                circle cx=(coordinate(x(at))) cy=(coordinate(y(above))) r=(radius) fill="#fff" stroke="#222" stroke-width="0.8" { title { (shades.hint(row)) } }
                @if best.is_some_and(|best| best.id == trial.id) {
                    path d={ "M" (coordinate(x(at))) " " (coordinate(y(above) - 8.0)) "v16m-8-8h16" } stroke="#d6570a" stroke-width="2.5" {}
                }
            }
        }
        @for (place, text) in thinned(across.ticks(6.0), MOST_NAMES) {
            line class="axis" x1=(coordinate(x(place))) x2=(coordinate(x(place))) y1=(UPPER + HEIGHT) y2=(UPPER + HEIGHT + 5.0) stroke="#888" {}
            text x=(coordinate(x(place))) y=(UPPER + HEIGHT + 20.0) text-anchor="middle" { (fitted(&text, WIDTH / 8.0)) }
        }
        text x=(LEFT + WIDTH / 2.0) y=(UPPER + HEIGHT + 42.0) text-anchor="middle" font-weight="600" { (name(across)) }
        @for (place, text) in thinned(up.ticks(5.0), MOST_NAMES) {
            line class="axis" x1=(LEFT - 5.0) x2=(LEFT) y1=(coordinate(y(place))) y2=(coordinate(y(place))) stroke="#888" {}
            text x=(LEFT - 9.0) y=(coordinate(y(place) + 4.0)) text-anchor="end" { (fitted(&text, 100.0)) }
        }
        text transform={ "translate(16 " (UPPER + HEIGHT / 2.0) ") rotate(-90)" } text-anchor="middle" font-weight="600" { (name(up)) }
    };
    paper(
        &format!("loss over {} and {}", across.name, up.name),
        LEFT + WIDTH + 30.0,
        UPPER + HEIGHT + 54.0,
        &drawn,
    )
}
