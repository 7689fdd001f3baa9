//! Pictures as SVG.

use maud::{Markup, html};

use super::bars::bars;
use super::columns::{Column, columns};
use super::importance::importance;
use super::shades::Shades;
use super::{loss, parallel, slice, time_line};
use crate::SearchResult;

/// How many items of a list are looked at, and how many parameters are drawn; the most important ones first.
const MAX_ITEMS: usize = 8;
const MAX_COLUMNS: usize = 12;

/// A picture of a search, as an SVG document of its own: white paper, no style sheet, nothing from elsewhere.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Picture {
    /// What it shows, as the stem of a file name: `losses`, `parallel-coordinates`, `importance`, `time-line`, and
    /// `slice-NAME` for every parameter.
    pub name: String,
    /// The SVG document.
    pub svg: String,
}

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("the picture could not be drawn: {0}")]
pub struct PictureError(String);

/// Draws the value of every point over its number, with the best one so far as a line, and returns the SVG.
///
/// Losses that were made up are hollow, and crosses are points without a loss.
///
/// # Errors
///
/// When no point has a loss.
pub fn loss_picture(result: &SearchResult) -> Result<String, PictureError> {
    let drawn = loss::over_points(&Shades::new(result));
    drawn.map(Markup::into_string).ok_or_else(|| PictureError("no point has a loss".to_owned()))
}

/// Draws all pictures of the [page](super::html()) of a search: its losses, parallel coordinates, the importance of its parameters, a
/// slice for each of the 12 most important ones, and its time line. One that would show nothing is left out.
pub fn pictures(result: &SearchResult) -> Vec<Picture> {
    let shades = Shades::new(result);
    let shown = Shown::new(result);
    let picture = |name: &str, drawn: Markup| Picture { name: file_name(name), svg: drawn.into_string() };
    let whole = [
        ("losses", loss::over_points(&shades)),
        ("parallel-coordinates", shown.parallel(&shades)),
        ("importance", shown.importance()),
        ("time-line", time_line::time_line(&shades)),
    ];
    let whole = whole.into_iter().filter_map(|(name, drawn)| Some(picture(name, drawn?)));
    let slices = shown.slices(&shades);
    let slices = slices.into_iter().map(|(column, drawn)| picture(&format!("slice-{}", column.name), drawn));
    whole.chain(slices).collect()
}

/// The parameters that are drawn.
pub(super) struct Shown {
    columns: Vec<Column>,
    shares: Vec<Option<f64>>,
}

impl Shown {
    /// Chooses the most important ones.
    pub(super) fn new(result: &SearchResult) -> Self {
        let all = columns(&result.trials, MAX_ITEMS).into_iter();
        let mut all: Vec<_> = all.map(|column| (importance(&column, &result.trials), column)).collect();
        all.sort_by(|(a, _), (b, _)| b.unwrap_or(0.0).total_cmp(&a.unwrap_or(0.0)));
        all.truncate(MAX_COLUMNS);
        let (shares, columns) = all.into_iter().unzip();
        Self { columns, shares }
    }

    /// Draws parallel coordinates; none without parameters.
    pub(super) fn parallel(&self, shades: &Shades<'_>) -> Option<Markup> {
        (!self.columns.is_empty()).then(|| parallel::parallel(&self.columns, shades))
    }

    /// Draws the importance of each; none when there are too few points to say.
    pub(super) fn importance(&self) -> Option<Markup> {
        let shares = self.columns.iter().zip(&self.shares);
        let shares: Vec<_> = shares.filter_map(|(column, share)| Some((column.name.as_str(), (*share)?))).collect();
        (!shares.is_empty()).then(|| bars(&shares))
    }

    /// Draws the losses over each.
    pub(super) fn slices(&self, shades: &Shades<'_>) -> Vec<(&Column, Markup)> {
        self.columns.iter().map(|column| (column, slice::slice(column, shades))).collect()
    }
}

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
    text.chars().take(most - tail - 1).chain(['…']).chain(text.chars().skip(count - tail)).collect()
}

/// Returns about so many round numbers between two.
pub(super) fn round_numbers(from: f64, to: f64, about: f64) -> Vec<f64> {
    let range = to / about - from / about;
    if !range.is_finite() || range <= 0.0 {
        return Vec::new();
    }
    let power = 10_f64.powf(range.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= range);
    let step = step.unwrap_or(10.0 * power);
    let (first, last) = ((from / step).ceil(), (to / step).floor());
    if !(last - first).is_finite() || last - first > 100.0 {
        return Vec::new();
    }
    (0..=(last - first) as usize).map(|index| (first + index as f64) * step).collect()
}

/// Makes a name of a file of what a parameter is called.
fn file_name(name: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() || "-_.".contains(letter) { letter } else { '_' };
    name.chars().take(100).map(plain).collect()
}
