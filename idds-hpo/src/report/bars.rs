//! Shares as bars.

use maud::{Markup, html};

use super::importance::Share;
use super::number::brief;
use super::paper::{coordinate, fitted, paper};

/// Draws a bar for every share of 0 to 1, with how far off it may be as a line.
pub(super) fn bars(shares: &[(&str, Share)]) -> Markup {
    let x = |share: f64| 200.0 + share.clamp(0.0, 1.0) * 640.0;
    let lower = 26.0 * shares.len() as f64;
    let drawn = html! {
        @for percent in [0_u8, 20, 40, 60, 80, 100] {
            @let at = coordinate(x(f64::from(percent) / 100.0));
            line class="grid" x1=(at) x2=(at) y1="0" y2=(lower + 4.0) stroke="#e2e2e2" {}
            text x=(at) y=(lower + 20.0) text-anchor="middle" { (percent) " %" }
        }
        @for (index, (name, share)) in shares.iter().enumerate() {
            @let y = 26 * index;
            @let (from, to) = (x(share.value - share.error), x(share.value + share.error));
            text x="190" y=(y + 18) text-anchor="end" { (fitted(name, 180.0)) title { (brief(name)) } }
            rect class="bar" x="200" y=(y + 4) width=(coordinate((x(share.value) - 200.0).max(1.0))) height="19" rx="2" fill="#3b528b" {}
            path class="over-bar" d={ "M" (coordinate(from)) " " (y + 13) "H" (coordinate(to)) "M" (coordinate(from)) " " (y + 9) "v8M" (coordinate(to)) " " (y + 9) "v8" } stroke="#e07b39" stroke-width="1.5" fill="none" {}
            text x="860" y=(y + 18) { (percent(*share)) }
        }
        text x="520" y=(lower + 40.0) text-anchor="middle" { "share of the variance of the loss over the whole space" }
    };
    paper("importance of the parameters", 1000.0, lower + 50.0, &drawn)
}

/// Writes a share as people say it.
pub(super) fn percent(share: Share) -> String {
    format!(
        "{:.0} ± {:.0} %",
        share.value * 100.0,
        (share.error * 100.0).max(1.0)
    )
}
