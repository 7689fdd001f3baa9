//! Points with the same parameters.

use std::collections::HashMap;

use idds_client::PointId;
use serde_json::Value;

use crate::TrialRecord;

/// Which points have the same parameters, and the first of them with a loss that was evaluated here.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    groups: HashMap<String, usize>,
    group_of: HashMap<PointId, usize>,
    known: Vec<Option<PointId>>,
}

impl Repeats {
    /// Notes a point and its parameters.
    pub(super) fn appeared(&mut self, id: &PointId, parameters: &Value) {
        let group = *self
            .groups
            .entry(key(parameters))
            .or_insert(self.known.len());
        if group == self.known.len() {
            self.known.push(None);
        }
        self.group_of.insert(id.clone(), group);
    }

    /// Notes the loss of a trial, if it is one that others can have: evaluated here to the end, and not made up.
    pub(super) fn note(&mut self, trial: &TrialRecord) {
        if is_good(trial)
            && let Some(group) = self.group_of.get(&trial.id)
        {
            self.known[*group].get_or_insert_with(|| trial.id.clone());
        }
    }

    /// Returns the point whose loss this one can have.
    pub(super) fn known(&self, id: &PointId) -> Option<&PointId> {
        self.known[*self.group_of.get(id)?].as_ref()
    }

    /// Tells whether two points have the same parameters.
    pub(super) fn are_same(&self, id: &PointId, other: &PointId) -> bool {
        self.group_of
            .get(id)
            .is_some_and(|group| self.group_of.get(other) == Some(group))
    }
}

/// Tells whether the loss of a trial is what its parameters give.
pub(super) fn is_good(trial: &TrialRecord) -> bool {
    trial.loss.is_some()
        && !trial.is_foreign
        && trial.made_up.is_none()
        && trial.same_as.is_none()
        && trial.stopped_at.is_none()
}

/// The parameters as text in which members of objects have one order.
fn key(parameters: &Value) -> String {
    let mut sorted = parameters.clone();
    sorted.sort_all_objects();
    sorted.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Loss, Stage};

    fn trial(id: &str) -> TrialRecord {
        let loss = Loss::new(0.5);
        TrialRecord {
            stage: Stage::Evaluated,
            loss,
            ..TrialRecord::new(id.into(), json!(null))
        }
    }

    #[test]
    fn the_order_of_members_does_not_matter_and_values_do() {
        let mut repeats = Repeats::default();
        let points = [
            json!({"a": 1, "b": [2.5, {"c": 3, "d": 4}]}),
            json!({"b": [2.5, {"d": 4, "c": 3}], "a": 1}),
            json!({"a": 1}),
        ];
        for (id, parameters) in ["1", "2", "3"].into_iter().zip(&points) {
            repeats.appeared(&id.into(), parameters);
        }
        assert!(
            repeats.are_same(&"1".into(), &"2".into())
                && !repeats.are_same(&"1".into(), &"3".into())
        );
        repeats.note(&trial("1"));
        assert_eq!(repeats.known(&"2".into()), Some(&"1".into()));
        assert_eq!(repeats.known(&"3".into()), None);
    }

    #[test]
    fn losses_that_were_made_up_cut_short_or_come_from_elsewhere_are_not_taken() {
        let bad = [
            TrialRecord {
                made_up: Some("out of memory".to_owned()),
                ..trial("1")
            },
            TrialRecord {
                stopped_at: Some(3),
                ..trial("1")
            },
            TrialRecord {
                is_foreign: true,
                ..trial("1")
            },
            TrialRecord {
                stage: Stage::Leased,
                loss: None,
                ..trial("1")
            },
        ];
        for trial in bad {
            let mut repeats = Repeats::default();
            repeats.appeared(&"1".into(), &json!({}));
            repeats.note(&trial);
            assert_eq!(repeats.known(&"1".into()), None, "{trial:?}");
        }
    }
}
