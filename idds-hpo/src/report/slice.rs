//! The losses over one parameter.

use maud::{Markup, html};

use super::columns::Column;
use super::number::brief;
use super::paper::{coordinate, fitted, paper};
use super::parallel::thinned;
use super::shades::Shades;

/// How many names there is room for along the axis.
const MOST_NAMES: usize = 6;

/// Draws the losses of all points over one parameter.
pub(super) fn slice(column: &Column, shades: &Shades<'_>) -> Markup {
    let x = |place: f64| 74.0 + 232.0 * place;
    let y = |height: f64| 192.0 - 150.0 * height;
    let ticks = thinned(column.ticks(3.0), MOST_NAMES);
    let room = 250.0 / ticks.len().max(2) as f64;
    let radius = if shades.result.trials.len() > 500 {
        "2"
    } else {
        "3.5"
    };
    let drawn = html! {
        text x="190" y="13" text-anchor="middle" font-weight="600" {
            (fitted(&column.name, 150.0)) @if let Some(remark) = column.remark() { tspan class="soft" font-weight="400" fill="#666" { " (" (remark) ")" } } title { (brief(&column.name)) }
        }
        @for (height, text) in shades.ticks(4.0) {
            line class="grid" x1="68" x2="312" y1=(coordinate(y(height))) y2=(coordinate(y(height))) stroke="#e2e2e2" {}
            text x="64" y=(coordinate(y(height) + 4.0)) text-anchor="end" { (fitted(&text, 46.0)) }
        }
        text transform="translate(11 117) rotate(-90)" text-anchor="middle" font-size="11" { (shades.axis_name()) }
        line class="axis" x1="68" x2="312" y1="204" y2="204" stroke="#888" {}
        @for row in shades.order() {
            @let trial = shades.trial(row);
            @if let (Some(place), Some(loss)) = (column.position(row), trial.loss) {
                @if trial.made_up.is_some() {
                    circle class="bad-line" cx=(coordinate(x(place))) cy=(coordinate(y(shades.made_up_height()))) r=(radius) fill="none" stroke="#d62728" {
                        title { (shades.hint(row)) }
                    }
                } @else {
                    @let (class, colour) = shades.colour(row);
                    circle class=(class) cx=(coordinate(x(place))) cy=(coordinate(y(shades.height(loss)))) r=(radius) fill=(colour) fill-opacity="0.8" {
                        title { (shades.hint(row)) }
                    }
                }
            }
        }
        @for (place, text) in &ticks {
            @let anchor = if *place < 0.02 { "start" } else if *place > 0.98 { "end" } else { "middle" };
            line class="axis" x1=(coordinate(x(*place))) x2=(coordinate(x(*place))) y1="204" y2="208" stroke="#888" {}
            text x=(coordinate(x(*place))) y="220" text-anchor=(anchor) { (fitted(text, room)) }
        }
    };
    paper(
        &format!("losses over {}", brief(&column.name)),
        320.0,
        228.0,
        &drawn,
    )
}
