//! Checks of texts that end up in columns of the server's database.

use crate::error::Problem;

/// Longest name, scope or user name the server can store, in characters.
const MAX_CHARS: usize = 255;

/// Tells what is wrong with a text that must be there.
pub(crate) fn required(field: &str, text: &str) -> Option<Problem> {
    if text.is_empty() { Some(Problem::new(field, "is empty")) } else { optional(field, Some(text)) }
}

/// Tells what is wrong with a text that may be missing.
pub(crate) fn optional(field: &str, text: Option<&str>) -> Option<Problem> {
    let chars = text.map_or(0, |text| text.chars().count());
    (chars > MAX_CHARS)
        .then(|| Problem::new(field, format!("is {chars} characters long; at most {MAX_CHARS} are allowed")))
}
