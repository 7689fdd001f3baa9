//! Losses: finite numbers, and nothing else.

use std::cmp::Ordering;
use std::fmt;

/// The loss of an evaluation: a finite number, of which less is better. 0.0 is a loss like any other.
///
/// NaN and infinities are not losses. The server accepts them, and then its list of points is no JSON any more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss(f64);

impl Loss {
    /// What PanDA reports for a point whose evaluation failed for good.
    pub const PANDA_PENALTY: Self = Self(1e5);

    /// Makes a loss of a number; none when it is NaN or infinite.
    pub fn new(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self(value))
    }

    /// Returns the number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Eq for Loss {}

impl PartialOrd for Loss {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Loss {
    fn cmp(&self, other: &Self) -> Ordering {
        // Adding 0.0 makes -0.0 equal to 0.0, as `==` has it.
        (self.0 + 0.0).total_cmp(&(other.0 + 0.0))
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
