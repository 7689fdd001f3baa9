//! The normal distribution, with the same bits on every platform.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The square root of a full turn, by which the density at the centre is divided.
pub(crate) const ROOT_TAU: f64 = 2.506_628_274_631_000_7;

/// Draws a number of mean 0 and variance 1, by the method of Box and Muller.
pub(crate) fn draw(rng: &mut ChaCha8Rng) -> f64 {
    let (radius, angle): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * libm::log(radius)).sqrt() * libm::cos(std::f64::consts::TAU * angle)
}

/// Returns the share of the distribution below a number.
pub(crate) fn share(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// Turns a step over an edge of the unit interval back into it.
pub(crate) fn reflected(u: f64) -> f64 {
    let u = u.abs();
    let u = if u > 1.0 { 2.0 - u } else { u };
    u.clamp(0.0, 1.0)
}
