//! Pictures as SVG.

use maud::Markup;

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
