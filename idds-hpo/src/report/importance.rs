//! How much of the losses a parameter explains.

use super::columns::Column;
use crate::TrialRecord;

/// Fewest points of which something is said.
const FEWEST: usize = 10;

/// Into so many groups the points are divided by a parameter.
const GROUPS: usize = 5;

/// Returns the share of the variance of the ranks of the losses that the parameter alone explains, corrected for chance (ω²):
/// 0 for nothing, 1 for everything. None when there are too few points.
///
/// Ranks, so that neither a monotonic change of the loss nor a few great losses matter. Made-up losses do not count.
pub(super) fn importance(column: &Column, trials: &[TrialRecord]) -> Option<f64> {
    let evaluated = |(row, trial): (usize, &TrialRecord)| {
        let loss = trial.loss.filter(|_| trial.made_up.is_none())?;
        Some((column.position(row)?, loss))
    };
    let mut points: Vec<_> = trials.iter().enumerate().filter_map(evaluated).collect();
    if points.len() < FEWEST {
        return None;
    }
    points.sort_by_key(|(_, loss)| *loss);
    let mut ranked: Vec<(f64, f64)> = Vec::new();
    for equal in points.chunk_by(|a, b| a.1 == b.1) {
        let rank = ranked.len() as f64 + (equal.len() as f64 - 1.0) / 2.0;
        ranked.extend(equal.iter().map(|(position, _)| (*position, rank)));
    }
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let groups = groups(&ranked);
    let count = ranked.len() as f64;
    let mean = (count - 1.0) / 2.0;
    let square = |value: f64| value * value;
    let total: f64 = ranked.iter().map(|(_, rank)| square(rank - mean)).sum();
    let size_and_mean = |group: &&[(f64, f64)]| {
        (group.len() as f64, group.iter().map(|(_, rank)| rank).sum::<f64>() / group.len() as f64)
    };
    let between: f64 = groups.iter().map(size_and_mean).map(|(size, average)| size * square(average - mean)).sum();
    let freedom = groups.len() as f64 - 1.0;
    if total == 0.0 || count - freedom - 1.0 <= 0.0 {
        return Some(0.0);
    }
    let within = (total - between) / (count - freedom - 1.0);
    Some(((between - freedom * within) / (total + within)).clamp(0.0, 1.0))
}

/// Divides points, sorted by position, into groups of about the same size, never between equal positions.
fn groups(points: &[(f64, f64)]) -> Vec<&[(f64, f64)]> {
    let size = points.len().div_ceil(GROUPS);
    let mut groups = Vec::new();
    let mut start = 0;
    let mut end = 0;
    for equal in points.chunk_by(|a, b| a.0 == b.0) {
        end += equal.len();
        if end - start >= size {
            groups.push(&points[start..end]);
            start = end;
        }
    }
    if start < end {
        groups.push(&points[start..end]);
    }
    groups
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Loss;
    use crate::report::columns::columns;

    fn importances(count: u32, loss: impl Fn(u32) -> f64) -> Vec<Option<f64>> {
        let trials: Vec<_> = (0..count)
            .map(|number| {
                let name = ["a", "b", "c"][number as usize * 7 % 3];
                let parameters = json!({"x": number % 10, "name": name, "same": 1});
                let mut trial = TrialRecord::new(number.to_string().into(), parameters);
                trial.loss = Loss::new(loss(number));
                trial
            })
            .collect();
        columns(&trials, 8).iter().map(|column| importance(column, &trials)).collect()
    }

    #[test]
    fn what_decides_the_loss_is_important_and_the_rest_is_not() {
        let [Some(x), Some(name), Some(same)] = importances(60, |number| f64::from(number % 10).exp())[..] else {
            panic!("three columns")
        };
        assert!(x > 0.9, "{x}");
        assert!(name < 0.1, "{name}");
        assert_eq!(same, 0.0);
        assert_eq!(importances(60, |_| 1.0), [Some(0.0); 3]);
    }

    #[test]
    fn of_few_points_nothing_is_said() {
        assert_eq!(importances(9, f64::from), [None; 3]);
    }
}
