//! Losses bent so that a model can describe them, and back.

/// A power of the distance to the best loss, in units of the median distance (Box and Cox), moved to mean 0 and variance 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bend {
    power: f64,
    best: f64,
    unit: f64,
    mean: f64,
    deviation: f64,
    /// Where bent losses are, with some room on both sides: a model may not believe in what is far beyond.
    range: (f64, f64),
    /// The logarithm of how much the losses are stretched by it, all together.
    pub(super) stretch: f64,
}

/// Added to the distances, so that the best loss has a logarithm that is not too far from the others.
const OFFSET: f64 = 0.05;

/// Smallest unit, as a share of the greatest distance: a search that has found the best point tells much of its surroundings.
const LEAST_UNIT: f64 = 0.02;

/// Beyond, squares would be infinite.
const FARTHEST: f64 = 1e100;

/// The powers that are tried: none, and some that make few great losses less great.
pub(super) const POWERS: [f64; 4] = [1.0, 0.5, 0.25, 0.0];

impl Bend {
    /// Returns the bend for these losses, and them bent; none when all are equal.
    pub(super) fn new(losses: &[f64], power: f64) -> Option<(Self, Vec<f64>)> {
        let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
        // Halves, as the widest range is not a finite number.
        let mut above: Vec<f64> = losses.iter().map(|loss| loss / 2.0 - best / 2.0).collect();
        above.sort_by(f64::total_cmp);
        let unit = above[above.len() / 2].max(LEAST_UNIT * above.last()?);
        if unit <= 0.0 {
            return None;
        }
        let mut bend = Self {
            power,
            best,
            unit,
            mean: 0.0,
            deviation: 1.0,
            range: (0.0, 0.0),
            stretch: 0.0,
        };
        let raw: Vec<f64> = losses.iter().map(|loss| bend.bent(*loss)).collect();
        let count = losses.len() as f64;
        bend.mean = raw.iter().sum::<f64>() / count;
        bend.deviation = (raw
            .iter()
            .map(|value| (value - bend.mean) * (value - bend.mean))
            .sum::<f64>()
            / count)
            .sqrt();
        let logarithms: f64 = losses
            .iter()
            .map(|loss| libm::log(bend.distance(*loss)))
            .sum();
        let slope = if power == 0.0 { 1.0 } else { power };
        bend.stretch = (power - 1.0) * logarithms + count * libm::log(slope / bend.deviation);
        let bent: Vec<f64> = raw
            .iter()
            .map(|value| (value - bend.mean) / bend.deviation)
            .collect();
        let least = bent.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = bent.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let room = if power < 0.5 { 0.25 } else { 1.0 } * (greatest - least);
        bend.range = (least - room, greatest + room);
        bent.iter()
            .all(|value| value.is_finite())
            .then_some((bend, bent))
    }

    fn distance(&self, loss: f64) -> f64 {
        ((loss / 2.0 - self.best / 2.0) / self.unit + OFFSET).min(FARTHEST)
    }

    fn bent(&self, loss: f64) -> f64 {
        let distance = self.distance(loss);
        if self.power == 0.0 {
            libm::log(distance)
        } else {
            libm::pow(distance, self.power)
        }
    }

    /// Returns the distance to the best loss, in some unit, that a bent loss stands for.
    pub(super) fn straight(&self, bent: f64) -> f64 {
        let value = self.mean + self.deviation * bent.clamp(self.range.0, self.range.1);
        if self.power == 0.0 {
            libm::exp(value)
        } else if self.power == 1.0 {
            value
        } else {
            libm::pow(value.max(0.0), 1.0 / self.power)
        }
    }
}
