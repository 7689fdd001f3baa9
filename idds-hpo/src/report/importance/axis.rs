//! What one parameter alone does to the loss.

use idds_sampler::Axis;

/// A kernel along one axis of the cube, whose functions have mean 0 over the axis, times its size.
#[derive(Clone, Debug)]
pub(super) struct Effect {
    /// Places that stand for the whole axis, each for the same share of it.
    pub(super) places: Vec<f64>,
    is_category: bool,
    scale: f64,
    size: f64,
    /// Mean of the plain kernel over both of its arguments, and how it changes with the logarithm of the length scale.
    whole: (f64, f64),
    /// Mean of the centred kernel where its arguments are equal, likewise.
    spread: (f64, f64),
}

/// Number of places of an axis that has no few values of its own.
const PLACES: usize = 24;

impl Effect {
    pub(super) fn new(axis: Axis, scale: f64, size: f64) -> Self {
        let count = match axis {
            Axis::Categories(count) => count.max(1),
            Axis::Levels(count) if count <= PLACES => count.max(1),
            _ => PLACES,
        };
        let places: Vec<f64> = (0..count)
            .map(|index| (index as f64 + 0.5) / count as f64)
            .collect();
        let is_category = matches!(axis, Axis::Categories(_));
        let mut effect = Self {
            places,
            is_category,
            scale,
            size,
            whole: (1.0, 0.0),
            spread: (1.0, 0.0),
        };
        let means: Vec<_> = effect
            .places
            .iter()
            .map(|place| effect.mean(*place))
            .collect();
        let mean = |of: fn(&(f64, f64)) -> f64| means.iter().map(of).sum::<f64>() / count as f64;
        let whole = (mean(|mean| mean.0), mean(|mean| mean.1));
        let (squares, slopes) = (
            mean(|mean| mean.0 * mean.0),
            mean(|mean| 2.0 * mean.0 * mean.1),
        );
        // An axis with one value has no effect.
        let spread = (1.0 - squares / whole.0).max(1e-9);
        effect.spread = (
            spread,
            -slopes / whole.0 + squares * whole.1 / (whole.0 * whole.0),
        );
        effect.whole = whole;
        effect
    }

    /// Returns the plain kernel, of the smoothest functions, and how it changes with the logarithm of the length scale.
    fn plain(&self, a: f64, b: f64) -> (f64, f64) {
        if self.is_category {
            // Coordinates of a choice are exact.
            return (f64::from(a == b), 0.0);
        }
        let square = (a - b) * (a - b) / (self.scale * self.scale);
        let value = libm::exp(-0.5 * square);
        (value, value * square)
    }

    /// Returns the mean of the plain kernel from a place over the axis, and how it changes likewise.
    pub(super) fn mean(&self, at: f64) -> (f64, f64) {
        let count = self.places.len() as f64;
        let sum = self
            .places
            .iter()
            .map(|place| self.plain(at, *place))
            .fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
        (sum.0 / count, sum.1 / count)
    }

    /// Returns the kernel between two places with these means.
    pub(super) fn between(&self, a: f64, b: f64, mean_a: f64, mean_b: f64) -> f64 {
        self.size * (self.plain(a, b).0 - mean_a * mean_b / self.whole.0) / self.spread.0
    }

    pub(super) fn value(&self, a: f64, b: f64) -> f64 {
        self.between(a, b, self.mean(a).0, self.mean(b).0)
    }

    /// Returns the kernel between two places with these means, and how it changes with the logarithm of the length scale.
    pub(super) fn slopes(
        &self,
        a: f64,
        b: f64,
        mean_a: (f64, f64),
        mean_b: (f64, f64),
    ) -> (f64, f64) {
        let (plain, slope) = self.plain(a, b);
        let (whole, spread) = (self.whole, self.spread);
        let centred = plain - mean_a.0 * mean_b.0 / whole.0;
        let change = slope - (mean_a.1 * mean_b.0 + mean_a.0 * mean_b.1) / whole.0
            + mean_a.0 * mean_b.0 * whole.1 / (whole.0 * whole.0);
        let value = self.size * centred / spread.0;
        (
            value,
            self.size * change / spread.0 - value * spread.1 / spread.0,
        )
    }
}
