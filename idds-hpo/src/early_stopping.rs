//! Cutting evaluations short that will not be good: rules over intermediate values.

use crate::{Evaluation, Loss, TrialRecord};

/// Rule that ends an evaluation early, by its intermediate values.
///
/// A point whose evaluation was cut short has a loss all the same, the one that the objective returns then, and its record
/// says at which step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EarlyStopping {
    /// Every evaluation runs to its end.
    Never,
    /// Ends an evaluation whose best value so far is worse than the median of the other points at the same step.
    Median {
        /// First step at which it may happen.
        warm_up: u64,
        /// Number of other points that must have a value at the step.
        others: usize,
    },
    /// Successive halving, asynchronously: at the steps `first`, `first * factor`, `first * factor²`, … only the best of
    /// every `factor` points that came so far go on.
    SuccessiveHalving {
        /// First step at which points are compared; at least 1.
        first: u64,
        /// One of this many points goes on; at least 2.
        factor: u32,
    },
}

/// Answer to an intermediate value: whether the evaluation goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The evaluation goes on.
    Continue,
    /// The evaluation should end now, with the value that it has.
    Stop,
}

impl EarlyStopping {
    /// Judges the newest value of an evaluation of a trial.
    pub(crate) fn judge<'a>(
        &self,
        trial: &TrialRecord,
        evaluation: &Evaluation,
        all: impl Iterator<Item = &'a TrialRecord>,
    ) -> Verdict {
        let [before @ .., newest] = &evaluation.intermediate[..] else {
            return Verdict::Continue;
        };
        let before = before.last().map(|last| last.step);
        let others = all.filter(|other| other.id != trial.id);
        let is_worse = match *self {
            Self::Never => false,
            Self::Median {
                warm_up,
                others: least,
            } if newest.step >= warm_up => {
                let mut there: Vec<_> = others.filter_map(|other| at(other, newest.step)).collect();
                there.sort_unstable();
                let best = evaluation.intermediate.iter().map(|value| value.loss).min();
                there.len() >= least.max(1) && best > there.get(there.len() / 2).copied()
            }
            Self::Median { .. } => false,
            Self::SuccessiveHalving { first, factor } => {
                match rung(first.max(1), factor.max(2), newest.step) {
                    Some(rung) if before.is_none_or(|step| step < rung) => {
                        let there: Vec<_> = others.filter_map(|other| at(other, rung)).collect();
                        let better = there.iter().filter(|loss| **loss < newest.loss).count();
                        better >= ((there.len() + 1) / factor.max(2) as usize).max(1)
                    }
                    _ => false,
                }
            }
        };
        if is_worse {
            Verdict::Stop
        } else {
            Verdict::Continue
        }
    }
}

/// The value of a trial at a step, or the first one after it, by the last evaluation that came so far.
fn at(trial: &TrialRecord, step: u64) -> Option<Loss> {
    let value = |evaluation: &Evaluation| {
        evaluation
            .intermediate
            .iter()
            .find(|value| value.step >= step)
            .copied()
    };
    trial
        .evaluations
        .iter()
        .rev()
        .find_map(value)
        .map(|value| value.loss)
}

/// The last step of comparison that is not after this one.
fn rung(first: u64, factor: u32, step: u64) -> Option<u64> {
    let rungs = std::iter::successors(Some(first), |rung| rung.checked_mul(factor.into()));
    rungs.take_while(|rung| *rung <= step).last()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Intermediate;

    fn trial(id: &str, losses: &[f64]) -> TrialRecord {
        let mut trial = TrialRecord::new(id.into(), json!({}));
        let losses = (1..).zip(losses);
        let intermediate = losses
            .map(|(step, loss)| Intermediate {
                step,
                loss: Loss::new(*loss).expect("finite"),
            })
            .collect();
        trial.evaluations.push(Evaluation {
            intermediate,
            ..Evaluation::new(0, std::time::Duration::ZERO)
        });
        trial
    }

    fn judge(rule: EarlyStopping, newest: &[f64], others: &[&[f64]]) -> Verdict {
        let all: Vec<_> = others
            .iter()
            .enumerate()
            .map(|(id, losses)| trial(&id.to_string(), losses))
            .collect();
        let trial = trial("x", newest);
        rule.judge(&trial, &trial.evaluations[0], all.iter())
    }

    #[test]
    fn the_median_rule_spares_the_better_half_the_warm_up_and_the_first_points() {
        let rule = EarlyStopping::Median {
            warm_up: 2,
            others: 3,
        };
        let others: [&[f64]; 3] = [&[9.0, 3.0], &[9.0, 2.0], &[9.0, 1.0]];
        assert_eq!(judge(rule, &[9.0, 2.5], &others), Verdict::Stop);
        assert_eq!(judge(rule, &[9.0, 2.0], &others), Verdict::Continue);
        assert_eq!(judge(rule, &[99.0], &others), Verdict::Continue);
        assert_eq!(judge(rule, &[9.0, 2.5], &others[..2]), Verdict::Continue);
        // Its best value counts, not its last one.
        assert_eq!(judge(rule, &[1.5, 9.0], &others), Verdict::Continue);
    }

    #[test]
    fn successive_halving_lets_the_best_third_pass_at_its_steps_only() {
        let rule = EarlyStopping::SuccessiveHalving {
            first: 2,
            factor: 3,
        };
        let others: [&[f64]; 5] = [
            &[9.0, 1.0],
            &[9.0, 2.0],
            &[9.0, 3.0],
            &[9.0, 4.0],
            &[9.0, 5.0],
        ];
        assert_eq!(judge(rule, &[9.0, 1.5], &others), Verdict::Continue);
        assert_eq!(judge(rule, &[9.0, 2.5], &others), Verdict::Stop);
        assert_eq!(judge(rule, &[99.0], &others), Verdict::Continue);
        assert_eq!(judge(rule, &[9.0, 1.5, 99.0], &others), Verdict::Continue);
        assert_eq!(judge(rule, &[9.0, 99.0], &[]), Verdict::Continue);
    }

    #[test]
    fn no_rule_no_stop() {
        assert_eq!(
            judge(EarlyStopping::Never, &[f64::MAX], &[&[0.0], &[0.0]]),
            Verdict::Continue
        );
    }
}
