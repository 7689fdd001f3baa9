//! Points with the same parameters.

use super::*;

/// Open points with these parameters.
pub(super) fn alike(parameters: &[i64]) -> SearchEvent {
    let points: Vec<_> = (1..)
        .zip(parameters)
        .map(|(id, x)| json!({"id": id.to_string(), "parameters": {"x": x}, "loss": null}))
        .collect();
    let points = serde_json::from_value(json!(points)).expect("points");
    SearchEvent::Polled {
        status: RequestStatus::Transforming,
        points,
        mine: None,
    }
}

#[test]
fn a_point_that_was_there_before_has_the_same_loss_if_that_is_the_rule() {
    let mut search = started(SearchOptions {
        concurrency: 3,
        reuse_losses: true,
        ..SearchOptions::default()
    });
    // The second one waits for the first one.
    assert_eq!(
        words(&search.handle(SECOND, alike(&[7, 7, 8]))),
        ["evaluate 1", "evaluate 3"]
    );
    assert_eq!(
        words(&search.handle(SECOND, evaluated("1", Ok(0.5)))),
        ["report 1 0.5", "report 2 0.5"]
    );
    let record = record(search, "2");
    assert_eq!(
        (record.same_as, record.evaluations.len(), record.made_up),
        (Some("1".into()), 0, None)
    );
}

#[test]
fn a_loss_that_comes_again_can_be_the_last_one_that_is_needed() {
    let mut search = started(SearchOptions {
        reuse_losses: true,
        max_points: Some(2),
        ..SearchOptions::default()
    });
    search.handle(SECOND, alike(&[7, 7, 7, 8]));
    assert_eq!(
        words(&search.handle(SECOND, evaluated("1", Ok(0.5)))),
        ["report 1 0.5", "report 2 0.5"]
    );
    search.handle(SECOND, SearchEvent::Reported { id: "1".into() });
    assert_eq!(
        words(&search.handle(SECOND, SearchEvent::Reported { id: "2".into() })),
        ["poll"]
    );
    let shown = serde_json::from_value(json!([
        {"id": "1", "parameters": {"x": 7}, "loss": 0.5},
        {"id": "2", "parameters": {"x": 7}, "loss": 0.5},
        {"id": "3", "parameters": {"x": 7}, "loss": null},
        {"id": "4", "parameters": {"x": 8}, "loss": null},
    ]));
    let shown = SearchEvent::Polled {
        status: RequestStatus::Transforming,
        points: shown.expect("points"),
        mine: None,
    };
    assert_eq!(words(&search.handle(SECOND, shown)), ["stop MaxPoints"]);
}

#[test]
fn a_made_up_loss_is_not_taken_for_another_point() {
    let on_failure = OnFailure::Report(Loss::PANDA_PENALTY);
    let mut search = started(SearchOptions {
        attempts: 1,
        reuse_losses: true,
        on_failure,
        ..SearchOptions::default()
    });
    search.handle(SECOND, alike(&[7, 7]));
    assert_eq!(
        words(&search.handle(SECOND, evaluated("1", Err("no data")))),
        ["report 1 100000", "evaluate 2"]
    );
}

#[test]
fn points_that_are_all_alike_are_evaluated_one_by_one() {
    let mut search = started(SearchOptions {
        concurrency: 3,
        ..SearchOptions::default()
    });
    assert_eq!(
        words(&search.handle(SECOND, alike(&[7, 7, 7]))),
        ["evaluate 1", "evaluate 2", "evaluate 3"]
    );
}

#[test]
fn a_repeated_point_has_the_loss_that_the_journal_knows() {
    let mut before = started(SearchOptions::default());
    let mut history = history();
    let mut commands = before.handle(SECOND, alike(&[7]));
    commands.extend(before.handle(SECOND, evaluated("1", Ok(0.5))));
    for command in commands {
        if let Command::Write(entry) = command {
            history.apply(&entry).expect("it follows");
        }
    }
    let mut search = Search::new(
        SearchOptions {
            reuse_losses: true,
            ..SearchOptions::default()
        },
        history,
    );
    search.handle(SECOND, SearchEvent::Started { pid: 2 });
    assert!(words(&search.handle(SECOND, alike(&[7, 7]))).contains(&"report 2 0.5".to_owned()));
}
