use std::time::Duration;

use idds_workflow::RequestId;
use serde_json::{Value, json};

use super::*;
use crate::{Direction, Evaluation, Loss, SearchResult, StopReason, TrialRecord};

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

/// A search with everything that can become of a point.
fn eventful() -> SearchResult {
    let mut result = result(&[
        (json!({"lr": 1e-5, "opt": "<b>"}), Some(0.5), None),
        (json!({"lr": 0.1, "opt": "sgd, fast"}), Some(1e5), Some("out of \"memory\"")),
        (json!({"lr": 0.01, "opt": "sgd, fast"}), None, None),
    ]);
    let mut evaluation = Evaluation::new(1, Duration::from_millis(500));
    evaluation.ended = Some(Duration::from_millis(2500));
    evaluation.failure = Some("out of \"memory\"".to_owned());
    result.trials[1].evaluations.push(evaluation);
    result.trials[2].evaluations.push(Evaluation::new(0, Duration::from_secs(1)));
    result.elapsed = Duration::from_secs(4);
    result.stop = StopReason::TimeLimit;
    result
}

#[test]
fn a_page_shows_everything_and_lets_nothing_of_a_point_become_html() {
    let page = html(&eventful());
    assert!(!page.contains("<b>") && page.contains("&lt;b&gt;"), "{page}");
    for text in [
        "made up: out of &quot;memory&quot;",
        "Without one: 3.",
        "at its time limit",
        "worker 2",
        "evaluations cut off: 1",
    ] {
        assert!(page.contains(text), "{text}");
    }
    // Nothing is loaded from elsewhere; the one address is the name space of SVG.
    assert_eq!(page.matches("http").count(), page.matches("http://www.w3.org/2000/svg").count());
    assert!(!page.contains("NaN") && !page.contains("inf\""), "{page}");
}

#[test]
fn an_empty_search_has_a_page_too() {
    assert!(html(&result(&[])).contains("No point has a loss."));
}

#[test]
fn csv_quotes_what_needs_it_and_has_a_line_for_every_point() {
    insta::assert_snapshot!(csv(&eventful()).replace('\r', ""), @r#"
    point,stage,loss,value,made_up,foreign,stopped_at,attempts,failure,started,ended,lr,opt
    1,open,0.5,0.5,,false,,0,,,,0.00001,<b>
    2,open,100000,100000,"out of ""memory""",false,,1,"out of ""memory""",0.5,2.5,0.1,"sgd, fast"
    3,open,,,,false,,0,,1,,0.01,"sgd, fast"
    "#);
}

#[test]
fn json_has_everything() {
    let json = json(&eventful());
    assert_eq!(json["trials"][1]["evaluations"][0]["ended"], 2.5);
    assert_eq!((&json["stop"], &json["trials"][2]["loss"]), (&json!("time_limit"), &Value::Null));
}
