//! Tables, pictures and pages of a search, and its data for other programs.

mod charts;
mod columns;
mod export;
mod html;
mod importance;
mod picture;
mod table;
#[cfg(test)]
mod tests;

pub use self::export::{csv, json};
pub use self::html::html;
pub use self::picture::{PictureError, loss_picture};
pub use self::table::best_points;
