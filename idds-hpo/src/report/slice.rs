//! The losses over one parameter.

use maud::{Markup, html};

use super::columns::Column;
use super::parallel::thinned;
use super::picture::{coordinate, fitted, paper};
use super::shades::Shades;

/// How many names there is room for along the axis.
const MOST_NAMES: usize = 6;

/// Draws the losses of all points over one parameter.
pub(super) fn slice(column: &Column, shades: &Shades<'_>) -> Markup {
    let x = |place: f64| 64.0 + 240.0 * place;
    let y = |height: f64| 192.0 - 150.0 * height;
    let ticks = thinned(column.ticks(), MOST_NAMES);
    let room = 250.0 / ticks.len().max(2) as f64;
    let radius = if shades.result.trials.len() > 500 { "2" } else { "3.5" };
    let drawn = html! {
        text x="184" y="13" text-anchor="middle" font-weight="600" {
            (fitted(&column.name, 220.0)) @if column.is_log() { " (log)" } title { (column.name) }
        }
        @for (height, text) in shades.ticks() {
            line class="grid" x1="56" x2="312" y1=(coordinate(y(height))) y2=(coordinate(y(height))) stroke="#e2e2e2" {}
            text x="52" y=(coordinate(y(height) + 4.0)) text-anchor="end" { (fitted(&text, 52.0)) }
        }
        line class="axis" x1="56" x2="312" y1="204" y2="204" stroke="#888" {}
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
            @let anchor = if *place == 0.0 { "start" } else if *place == 1.0 { "end" } else { "middle" };
            text x=(coordinate(x(*place))) y="220" text-anchor=(anchor) { (fitted(text, room)) }
        }
    };
    paper(&format!("losses over {}", column.name), 320.0, 228.0, &drawn)
}
