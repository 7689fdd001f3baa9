//! Tables, pictures and pages of a search, and its data for other programs.
//!
//! | for | function |
//! | --- | --- |
//! | a terminal | [`best_points`] |
//! | a browser | [`html()`], or [`Page`] with facts of one's own |
//! | a paper or a talk | [`pictures`], [`loss_picture`]: SVG |
//! | a spreadsheet, pandas, ROOT | [`csv()`], `parquet` (with the feature of that name) |
//! | another program | [`json`] |
//!
//! All of them take what [`Study::run`](crate::Study::run) returns, and what [`Journal::read`](crate::Journal::read) does, also
//! while the search runs.

mod bars;
mod columns;
mod curves;
mod export;
mod html;
mod importance;
mod loss;
mod number;
mod paper;
mod parallel;
#[cfg(feature = "parquet")]
mod parquet;
mod picture;
mod scale;
mod shades;
mod slice;
mod surface;
mod table;
#[cfg(test)]
mod tests;
mod time_line;

pub use self::export::{csv, json};
pub use self::html::{Page, html};
pub use self::number::short;
#[cfg(feature = "parquet")]
pub use self::parquet::{ParquetError, parquet};
pub use self::picture::{Picture, PictureError, loss_picture, pictures};
pub use self::table::{best_points, best_points_within};
