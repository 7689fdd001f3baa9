//! Losses: finite numbers, and nothing else.

use std::cmp::Ordering;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// The loss of an evaluation: a finite number, of which less is better. 0.0 is a loss like any other.
///
/// NaN and infinities are not losses. The server accepts them, and then its list of points is no JSON any more.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
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

impl<'de> Deserialize<'de> for Loss {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        Self::new(value)
            .ok_or_else(|| D::Error::custom(format_args!("{value} is no loss, it must be finite")))
    }
}

/// Whether the objective of a search is minimized or maximized.
///
/// The server and everything in the records of a search know losses only, of which less is better. The sign is turned here
/// and nowhere else.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The objective is a loss.
    #[default]
    #[serde(rename = "minimise")]
    Minimize,
    /// The objective is a score: its loss is its negative.
    #[serde(rename = "maximise")]
    Maximize,
}

impl Direction {
    /// Returns the loss of a value of the objective; none when it is NaN or infinite.
    pub fn loss(self, value: f64) -> Option<Loss> {
        Loss::new(self.turn(value))
    }

    /// Returns the value of the objective that has this loss.
    pub fn value(self, loss: Loss) -> f64 {
        self.turn(loss.get())
    }

    /// Makes the value a loss, or a loss the value.
    fn turn(self, value: f64) -> f64 {
        match self {
            Self::Minimize => value,
            // Not `-value`, as a score of 0 has the loss 0, not -0.
            Self::Maximize => 0.0 - value,
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Minimize => "minimise",
            Self::Maximize => "maximise",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_becomes_a_loss_and_a_score_again() {
        let loss = Direction::Maximize.loss(0.75).expect("finite");
        assert_eq!((loss.get(), Direction::Maximize.value(loss)), (-0.75, 0.75));
        assert_eq!(Direction::Minimize.loss(0.0).map(Loss::get), Some(0.0));
        assert_eq!(Direction::Maximize.loss(f64::NAN), None);
    }
}
