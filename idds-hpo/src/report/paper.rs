//! What all pictures are drawn with: paper, texts, coordinates, and round numbers along an axis.

use maud::{Markup, html};

/// Puts what is drawn on paper of this size.
pub(super) fn paper(label: &str, width: f64, height: f64, drawn: &Markup) -> Markup {
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height)
            role="img" aria-label=(label) font-family="system-ui, sans-serif" font-size="12" fill="#222" {
            rect class="paper" width=(width) height=(height) fill="#fff" {}
            (drawn)
        }
    }
}

/// Writes a text that may lie over what is drawn.
pub(super) fn over(x: f64, y: f64, anchor: &str, text: &str) -> Markup {
    html! {
        text class="over" x=(coordinate(x)) y=(coordinate(y)) text-anchor=(anchor) paint-order="stroke" stroke="#fff" stroke-width="3"
            stroke-linejoin="round" { (text) }
    }
}

/// Writes a coordinate in no more digits than can be seen.
pub(super) fn coordinate(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Shortens a text to about this width, in its middle: items of a list differ at their end.
pub(super) fn fitted(text: &str, width: f64) -> String {
    let most = ((width / 6.8) as usize).max(2);
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let tail = most / 3;
    text.chars()
        .take(most - tail - 1)
        .chain(['…'])
        .chain(text.chars().skip(count - tail))
        .collect()
}

/// Returns about this many round numbers between two.
pub(super) fn round_numbers(from: f64, to: f64, about: f64) -> Vec<f64> {
    let range = to / about - from / about;
    if !range.is_finite() || range <= 0.0 {
        return Vec::new();
    }
    let power = 10_f64.powf(range.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= range);
    let step = step.unwrap_or(10.0 * power);
    let (first, last) = ((from / step).ceil(), (to / step).floor());
    if !(last - first).is_finite() || last - first > 100.0 {
        return Vec::new();
    }
    (0..=(last - first) as usize)
        .map(|index| (first + index as f64) * step)
        .collect()
}
