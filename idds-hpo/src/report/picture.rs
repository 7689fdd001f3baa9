//! Pictures as SVG.

use maud::{Markup, html};

use super::bars::bars;
use super::columns::{Column, Columns, columns, coordinates};
use super::importance::{Importance, Share, Silence};
use super::number::harmless;
use super::shades::{Shades, evaluated};
use super::{curves, loss, parallel, slice, surface, time_line};
use crate::SearchResult;

/// How many items of a list are looked at, and how many parameters are drawn; the most important ones first.
const MAX_ITEMS: usize = 8;
const MAX_COLUMNS: usize = 12;

/// How many parameters are looked at to find those.
const MAX_LOOKED_AT: usize = 200;

/// A picture of a search, as an SVG document of its own: white paper, no style sheet, nothing from elsewhere.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Picture {
    /// What it shows, as the stem of a file name: `losses`, `parallel-coordinates`, `importance`, `surface`, `learning-curves`, `time-line`, and
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
    drawn
        .map(|drawn| harmless(drawn.into_string()))
        .ok_or_else(|| PictureError("no point has a loss".to_owned()))
}

/// Draws all pictures of the [page](super::html()) of a search: its losses, parallel coordinates, the importance of its parameters, the
/// loss over the two most important ones, learning curves, a slice for each of the 12 most important ones, and its time line. One that would show nothing is left out.
pub fn pictures(result: &SearchResult) -> Vec<Picture> {
    let shades = Shades::new(result);
    let shown = Shown::new(result);
    let picture = |name: &str, drawn: Markup| Picture {
        name: file_name(name),
        svg: harmless(drawn.into_string()),
    };
    let whole = [
        ("losses", loss::over_points(&shades)),
        ("parallel-coordinates", shown.parallel(&shades)),
        ("importance", shown.importance()),
        ("surface", shown.surface(&shades)),
        ("learning-curves", curves::curves(&shades)),
        ("time-line", time_line::time_line(&shades)),
    ];
    let whole = whole
        .into_iter()
        .filter_map(|(name, drawn)| Some(picture(name, drawn?)));
    let slices = shown.slices(&shades);
    let slices = slices
        .into_iter()
        .map(|(column, drawn)| picture(&format!("slice-{}", column.name), drawn));
    whole.chain(slices).collect()
}

/// The parameters that are drawn.
pub(super) struct Shown {
    /// In the order of the space.
    columns: Vec<Column>,
    /// How many parameters there are besides.
    pub(super) more: usize,
    /// Names of the axes of the space, and what is known of their influence.
    axes: Vec<String>,
    pub(super) importance: Result<Importance, Silence>,
    /// Whether the influence is that over the space, not over the ranges of the points.
    pub(super) is_of_space: bool,
}

impl Shown {
    /// Chooses the most important ones.
    pub(super) fn new(result: &SearchResult) -> Self {
        let Columns { mut list, left_out } = columns(result, MAX_ITEMS, MAX_LOOKED_AT);
        list.retain(|column| !column.values().is_empty());
        let (axes, names, points) = coordinates(result, &list);
        let points = points
            .into_iter()
            .filter_map(|(row, point)| Some((point, evaluated(&result.trials[row])?)));
        let (points, losses): (Vec<_>, Vec<_>) =
            points.map(|(point, loss)| (point, loss.get())).unzip();
        let importance = Importance::new(&axes, &points, &losses);
        let share = |column: &Column| {
            let shares = importance.as_ref().ok()?;
            let axis = names.iter().position(|name| *name == column.name)?;
            Some(shares.axes[axis].value)
        };
        let mut by_share: Vec<usize> = (0..list.len()).collect();
        by_share.sort_by(|a, b| {
            let shares = [*a, *b].map(|index| share(&list[index]).unwrap_or_default());
            shares[1].total_cmp(&shares[0])
        });
        let more = left_out.len() + list.len().saturating_sub(MAX_COLUMNS);
        let mut is_shown = vec![false; list.len()];
        by_share
            .iter()
            .take(MAX_COLUMNS)
            .for_each(|index| is_shown[*index] = true);
        let columns = list
            .into_iter()
            .zip(is_shown)
            .filter_map(|(column, is_shown)| is_shown.then_some(column));
        Self {
            columns: columns.collect(),
            more,
            axes: names,
            importance,
            is_of_space: result.space.is_some(),
        }
    }

    /// Draws parallel coordinates; none without parameters.
    pub(super) fn parallel(&self, shades: &Shades<'_>) -> Option<Markup> {
        (!self.columns.is_empty()).then(|| parallel::parallel(&self.columns, shades))
    }

    /// Returns the influence of each parameter in the order of the space, and of several together.
    pub(super) fn shares(&self) -> Vec<(&str, Share)> {
        let Ok(importance) = &self.importance else {
            return Vec::new();
        };
        let axes = self
            .axes
            .iter()
            .map(String::as_str)
            .zip(importance.axes.iter().copied());
        axes.chain((self.axes.len() > 1).then_some(("several together", importance.together)))
            .collect()
    }

    /// Draws the importance of each; none when nothing can be said.
    pub(super) fn importance(&self) -> Option<Markup> {
        let shares = self.shares();
        (!shares.is_empty()).then(|| bars(&shares))
    }

    /// Draws the losses over the two most important ones; none when it is not known which they are.
    pub(super) fn surface(&self, shades: &Shades<'_>) -> Option<Markup> {
        let importance = self.importance.as_ref().ok()?;
        let column = |axis: usize| {
            self.columns
                .iter()
                .find(|column| column.name == self.axes[axis])
        };
        let mut order: Vec<usize> = (0..self.axes.len()).collect();
        order.sort_by(|a, b| {
            importance.axes[*b]
                .value
                .total_cmp(&importance.axes[*a].value)
        });
        let [first, second, ..] = order[..] else {
            return None;
        };
        Some(surface::surface(
            column(first)?,
            column(second)?,
            &importance.surface(first, second),
            shades,
        ))
    }

    /// Draws the losses over each.
    pub(super) fn slices(&self, shades: &Shades<'_>) -> Vec<(&Column, Markup)> {
        self.columns
            .iter()
            .map(|column| (column, slice::slice(column, shades)))
            .collect()
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

/// Makes a name of a file of what a parameter is called.
fn file_name(name: &str) -> String {
    let plain = |letter: char| {
        if letter.is_alphanumeric() || "-_.".contains(letter) {
            letter
        } else {
            '_'
        }
    };
    name.chars().take(100).map(plain).collect()
}
