//! Shares as bars.

use maud::{Markup, html};

use super::picture::{coordinate, fitted, paper};

/// Draws a bar for every share of 0 to 1.
pub(super) fn bars(shares: &[(&str, f64)]) -> Markup {
    let drawn = html! {
        @for (index, (name, share)) in shares.iter().enumerate() {
            @let y = 26 * index;
            text x="190" y=(y + 18) text-anchor="end" { (fitted(name, 180.0)) title { (name) } }
            rect class="bar" x="200" y=(y + 4) width=(coordinate((share * 740.0).max(1.0))) height="19" rx="2" fill="#3b528b" {}
            text x=(coordinate(208.0 + share * 740.0)) y=(y + 18) { (format!("{:.0} %", share * 100.0)) }
        }
    };
    paper("importance of the parameters", 1000.0, 26.0 * shares.len() as f64 + 6.0, &drawn)
}
