//! Losses as a model of them needs them.

/// Returns the losses with mean 0 and variance 1, bent so that they look as normal as they can.
///
/// Losses often span many orders of magnitude, and a penalty stands far from all others. Of a few powers of the distance to
/// the best loss, in units of the median distance, the one is taken under which the losses are most probable (Box and Cox).
pub(crate) fn standardised(losses: &[f64]) -> Vec<f64> {
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let mut above: Vec<f64> = losses.iter().map(|loss| loss / 2.0 - best / 2.0).collect();
    let mut sorted = above.clone();
    sorted.sort_by(f64::total_cmp);
    let Some(unit) = [sorted.len() / 2, sorted.len() - 1]
        .into_iter()
        .map(|index| sorted[index])
        .find(|unit| *unit > 0.0)
    else {
        return vec![0.0; losses.len()];
    };
    for value in &mut above {
        *value = (*value / unit + OFFSET).min(FARTHEST);
    }
    let logarithms: f64 = above.iter().map(|value| libm::log(*value)).sum();
    let bent = POWERS.map(|power| {
        let bent = standard(above.iter().map(|value| bend(*value, power)).collect());
        let count = losses.len() as f64;
        let score = -count * libm::log(bent.1) + (power - 1.0) * logarithms;
        (score, bent.0)
    });
    bent.into_iter()
        .reduce(|a, b| if b.0 > a.0 { b } else { a })
        .map(|(_, losses)| losses)
        .unwrap_or_default()
}

/// Says which losses were made up for points that failed: the largest ones, when they stand far above all others.
///
/// Such a loss says that a point failed, and nothing of how good it would be. The caller learns the one and leaves the other out.
pub(crate) fn failed(losses: &[f64]) -> Vec<bool> {
    let most = losses.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut others: Vec<f64> = losses.iter().copied().filter(|loss| *loss < most).collect();
    others.sort_by(f64::total_cmp);
    let is_made_up = others.len() >= 2 && {
        let (middle, worst) = (others[others.len() / 2], others[others.len() - 1]);
        let is_repeated = losses.len() - others.len() > 1;
        let gaps = if is_repeated { 4.0 } else { 20.0 };
        // Halves, as the difference of two numbers may be infinite.
        let spread = (worst / 2.0 - middle / 2.0).max(worst.abs() / 8.0);
        most / 2.0 - worst / 2.0 > gaps * spread.max(f64::MIN_POSITIVE)
    };
    losses
        .iter()
        .map(|loss| is_made_up && *loss == most)
        .collect()
}

/// Raises a single loss that is incredibly low to the next one, so that it does not hide all differences between the others.
pub(crate) fn without_a_miracle(losses: &mut [f64]) {
    if losses.len() < 8 {
        return;
    }
    let mut sorted = losses.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (first, second, middle) = (sorted[0], sorted[1], sorted[sorted.len() / 2]);
    let spread = (middle / 2.0 - second / 2.0).max(second.abs() / 8.0);
    if second / 2.0 - first / 2.0 > 100.0 * spread.max(f64::MIN_POSITIVE) {
        for loss in losses.iter_mut().filter(|loss| **loss == first) {
            *loss = second;
        }
    }
}

/// Added to the distances, so that the best loss has a logarithm that is not too far from the others.
const OFFSET: f64 = 0.05;

/// Beyond, squares would be infinite.
const FARTHEST: f64 = 1e100;

const POWERS: [f64; 4] = [1.0, 0.5, 0.25, 0.0];

fn bend(value: f64, power: f64) -> f64 {
    if power == 0.0 {
        libm::log(value)
    } else {
        (libm::pow(value, power) - 1.0) / power
    }
}

/// Moves numbers to mean 0 and variance 1, and returns what their standard deviation was.
fn standard(mut numbers: Vec<f64>) -> (Vec<f64>, f64) {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let deviation = (numbers
        .iter()
        .map(|number| (number - mean) * (number - mean))
        .sum::<f64>()
        / count)
        .sqrt();
    for number in &mut numbers {
        *number = (*number - mean) / deviation;
    }
    (numbers, deviation)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn order_is_kept_and_the_scale_is_one() {
        let losses = [3.0, -1.0, 1e5, 0.5, 2.0, 0.0];
        let bent = standardised(&losses);
        let order = |values: &[f64]| {
            let mut indices: Vec<usize> = (0..values.len()).collect();
            indices.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
            indices
        };
        assert_eq!(order(&bent), order(&losses));
        let variance = bent.iter().map(|value| value * value).sum::<f64>() / 6.0;
        assert!((variance - 1.0).abs() < 1e-9, "{bent:?}");
    }

    #[test]
    fn a_penalty_does_not_hide_the_others() {
        let mut losses: Vec<f64> = (0..20).map(f64::from).collect();
        losses.push(1e5);
        let bent = standardised(&losses);
        assert!(bent[10] - bent[0] > 0.5, "{bent:?}");
    }

    #[test]
    fn made_up_losses_are_told_from_bad_ones() {
        let some = [0.1, 0.4, 0.2, 0.9, 0.3, 0.7];
        let with = |more: &[f64]| failed(&[&some[..], more].concat());
        assert_eq!(with(&[1e5]), [vec![false; 6], vec![true]].concat());
        assert_eq!(with(&[1e5; 9]), [vec![false; 6], vec![true; 9]].concat());
        assert_eq!(with(&[10.0; 2]), [vec![false; 6], vec![true; 2]].concat());
        assert_eq!(with(&[2.5]), [false; 7]);
        assert_eq!(with(&[1.2, 1.2]), [false; 8]);
        assert_eq!(failed(&[1e5; 4]), [false; 4]);
        assert_eq!(failed(&[3.0, 1e5]), [false; 2]);
    }

    #[test]
    fn one_miracle_counts_as_the_next_best() {
        let mut losses = vec![0.5, 0.1, -1e5, 0.9, 0.2, 0.3, 0.8, 0.7];
        without_a_miracle(&mut losses);
        assert_eq!(losses, [0.5, 0.1, 0.1, 0.9, 0.2, 0.3, 0.8, 0.7]);
        let mut losses: Vec<f64> = (0..10).map(|i| libm::pow(2.0, f64::from(i))).collect();
        let before = losses.clone();
        without_a_miracle(&mut losses);
        assert_eq!(losses, before);
    }

    proptest! {
        #[test]
        fn what_failed_is_never_better_than_what_did_not(
            losses in proptest::collection::vec(proptest::num::f64::ANY.prop_filter("a number", |loss| loss.is_finite()), 0..20),
        ) {
            let failed = failed(&losses);
            prop_assert_eq!(failed.len(), losses.len());
            let of = |kind: bool| losses.iter().zip(&failed).filter(move |(_, failed)| **failed == kind).map(|(loss, _)| *loss);
            let least = of(true).fold(f64::INFINITY, f64::min);
            prop_assert!(of(false).all(|loss| loss < least));
            prop_assert!(losses.is_empty() || of(false).count() > 0);
        }

        #[test]
        fn losses_of_any_size_stay_finite(
            losses in proptest::collection::vec(proptest::num::f64::ANY.prop_filter("a number", |loss| loss.is_finite()), 1..20),
        ) {
            prop_assert!(standardised(&losses).iter().all(|value| value.is_finite()));
        }
    }

    #[test]
    fn losses_that_are_all_alike_or_huge_stay_finite() {
        for losses in [
            vec![2.0; 5],
            vec![f64::MIN, f64::MAX, 0.0],
            vec![f64::MIN_POSITIVE, 0.0, 5e-324],
            vec![0.0, 1e-320, 1e300],
            vec![1.0],
        ] {
            assert!(
                standardised(&losses).iter().all(|value| value.is_finite()),
                "{losses:?}"
            );
        }
    }
}
