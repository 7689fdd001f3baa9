use std::time::Duration;

use idds_workflow::RequestId;
use serde_json::{Value, json};

use super::*;
use crate::{Direction, Loss, SearchResult, StopReason, TrialRecord};

fn result(trials: &[(Value, Option<f64>, Option<&str>)]) -> SearchResult {
    let trials = (1..).zip(trials).map(|(id, (parameters, loss, made_up))| {
        let mut record = TrialRecord::new(id.to_string().into(), parameters.clone());
        record.loss = loss.and_then(Loss::new);
        record.made_up = made_up.map(str::to_owned);
        record
    });
    let trials = trials.collect();
    SearchResult {
        request: RequestId::new(1),
        direction: Direction::Minimise,
        stop: StopReason::Finished,
        trials,
        elapsed: Duration::ZERO,
    }
}

#[test]
fn the_best_points_stand_first_and_made_up_losses_say_so() {
    let result = result(&[
        (json!({"A": 1, "B": 2.5}), Some(0.5), None),
        (json!({"A": 4, "B": "x"}), Some(0.0), None),
        (json!({"A": 4, "C": [1, 2]}), Some(1e5), Some("out of memory")),
        (json!({"A": 4}), None, None),
    ]);
    insta::assert_snapshot!(best_points(&result, 3));
    assert!(!best_points(&result, 2).contains("note"));
}

#[test]
fn a_picture_shows_every_loss_whatever_its_size() {
    let losses = [[0.0, 0.0, 0.0], [1.0, -2.0, 3.0], [f64::MIN, f64::MAX, 0.0], [1e-300, 0.0, 5e-324]];
    for losses in losses {
        let picture = loss_picture(&result(&losses.map(|loss| (json!({}), Some(loss), None)))).expect("a picture");
        // One circle is in the legend.
        assert_eq!(picture.matches("<circle").count(), losses.len() + 1, "{losses:?}");
        assert!(!picture.contains("NaN") && !picture.contains("inf"), "{losses:?}");
    }
}

#[test]
fn a_search_without_losses_has_no_picture() {
    let error = loss_picture(&result(&[(json!({}), None, None)])).expect_err("nothing to draw");
    assert_eq!(error.to_string(), "the picture could not be drawn: no point has a loss");
}
