//! Tables and pictures of a search.

mod picture;
mod table;
#[cfg(test)]
mod tests;

pub use self::picture::{PictureError, loss_picture};
pub use self::table::best_points;
