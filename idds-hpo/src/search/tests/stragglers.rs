//! Evaluations that take much longer than others.

use super::*;

/// A search with three points evaluated in a second each, and three more of which one is evaluated.
fn with_stragglers(options: SearchOptions) -> Search {
    let mut search = started(SearchOptions {
        concurrency: 3,
        ..options
    });
    search.handle(Duration::ZERO, polled(&[None; 5]));
    for id in ["1", "2", "3"] {
        search.handle(SECOND, evaluated(id, Ok(1.0)));
    }
    assert_eq!(search.progress().running, 2);
    search
}

#[test]
fn a_straggler_is_evaluated_a_second_time_and_the_first_loss_counts() {
    let mut search = with_stragglers(SearchOptions {
        speculate: Some(3.0),
        ..SearchOptions::default()
    });
    // They began after one second.
    assert_eq!(search.wakes_at(), 4 * SECOND);
    assert_eq!(
        words(&search.handle(4 * SECOND, SearchEvent::Woke)),
        ["evaluate 4"]
    );
    // No more room, and never a third time.
    assert_eq!(
        words(&search.handle(5 * SECOND, SearchEvent::Woke)),
        [""; 0]
    );
    assert_eq!(
        words(&search.handle(5 * SECOND, evaluated_again("4", 2, Ok(0.5)))),
        ["abandon 4", "report 4 0.5", "evaluate 5"]
    );
    // The one that was given up may still end.
    assert_eq!(
        words(&search.handle(5 * SECOND, evaluated("4", Ok(0.75)))),
        [""; 0]
    );
    let record = record(search, "4");
    let seconds = |evaluation: &Evaluation| {
        (
            evaluation.ended.map(|ended| ended.as_secs()),
            evaluation.is_superseded,
        )
    };
    assert_eq!(
        record.evaluations.iter().map(seconds).collect::<Vec<_>>(),
        [(Some(5), true), (Some(5), false)]
    );
    assert_eq!(
        (record.loss.map(Loss::get), record.attempts()),
        (Some(0.5), 1)
    );
}

#[test]
fn a_second_evaluation_that_fails_leaves_the_first_one_alone() {
    let mut search = with_stragglers(SearchOptions {
        speculate: Some(3.0),
        attempts: 1,
        ..SearchOptions::default()
    });
    search.handle(4 * SECOND, SearchEvent::Woke);
    assert_eq!(
        words(&search.handle(5 * SECOND, evaluated_again("4", 2, Err("no data")))),
        ["evaluate 5"]
    );
    assert_eq!(
        words(&search.handle(6 * SECOND, evaluated("4", Ok(0.5)))),
        ["report 4 0.5"]
    );
    let record = record(search, "4");
    assert_eq!(
        (
            record.failures(),
            record.loss.map(Loss::get),
            record.made_up
        ),
        (1, Some(0.5), None)
    );
}

#[test]
fn when_both_evaluations_fail_the_policy_decides() {
    let on_failure = OnFailure::Report(Loss::PANDA_PENALTY);
    let mut search = with_stragglers(SearchOptions {
        speculate: Some(3.0),
        attempts: 1,
        on_failure,
        ..SearchOptions::default()
    });
    search.handle(4 * SECOND, SearchEvent::Woke);
    search.handle(5 * SECOND, evaluated("4", Err("no data")));
    assert_eq!(
        words(&search.handle(6 * SECOND, evaluated_again("4", 2, Err("no luck")))),
        ["report 4 100000"]
    );
    assert_eq!(record(search, "4").made_up.as_deref(), Some("no luck"));
}

#[test]
fn nothing_is_evaluated_twice_unless_told_nor_while_something_else_is_to_be_evaluated() {
    let search = with_stragglers(SearchOptions::default());
    assert!(search.wakes_at() > 4 * SECOND);
    let mut search = with_stragglers(SearchOptions {
        speculate: Some(3.0),
        ..SearchOptions::default()
    });
    search.handle(3 * SECOND, SearchEvent::Woke);
    search.handle(
        3 * SECOND,
        polled(&[Some(1.0), Some(1.0), Some(1.0), None, None, None]),
    );
    assert_eq!(
        words(&search.handle(4 * SECOND, SearchEvent::Woke)),
        [""; 0]
    );
    assert_eq!(search.progress().running, 3);
}

#[test]
fn a_second_evaluation_is_not_followed_by_a_third_one_when_the_first_one_has_failed() {
    let mut search = with_stragglers(SearchOptions {
        speculate: Some(3.0),
        backoff: 1000 * SECOND,
        longest_poll: 1000 * SECOND,
        ..SearchOptions::default()
    });
    search.handle(4 * SECOND, SearchEvent::Woke);
    search.handle(4 * SECOND, evaluated("5", Ok(1.0)));
    search.handle(4 * SECOND, evaluated("4", Err("no data")));
    assert_eq!(search.progress().running, 1);
    assert_eq!(
        words(&search.handle(100 * SECOND, SearchEvent::Woke)),
        [""; 0]
    );
}

#[test]
fn a_loss_that_is_not_finite_gives_up_the_other_evaluation_of_a_point_that_stays_open() {
    let mut search = with_stragglers(SearchOptions {
        speculate: Some(3.0),
        on_non_finite: OnNonFinite::LeaveOpen,
        ..SearchOptions::default()
    });
    search.handle(4 * SECOND, SearchEvent::Woke);
    assert_eq!(
        words(&search.handle(5 * SECOND, evaluated("4", Ok(f64::NAN)))),
        ["abandon 4", "evaluate 5"]
    );
}

#[test]
fn a_look_at_the_server_holds_up_a_second_evaluation_only_where_it_may_bring_points_of_others() {
    for is_shared in [false, true] {
        let mut search = started(SearchOptions {
            concurrency: 2,
            speculate: Some(3.0),
            ..SearchOptions::default()
        });
        let look = |losses: &[Option<f64>]| SearchEvent::Polled {
            status: RequestStatus::Transforming,
            points: points(losses),
            mine: is_shared.then(|| (1..=4).map(|id| id.to_string().into()).collect()),
        };
        search.handle(Duration::ZERO, look(&[None; 4]));
        for id in ["1", "2", "3"] {
            search.handle(4 * SECOND, evaluated(id, Ok(1.0)));
            search.handle(4 * SECOND, SearchEvent::Reported { id: id.into() });
        }
        // The fourth one began after 4 s, and is late after another 12 s.
        search.handle(15 * SECOND, SearchEvent::Woke);
        let said = words(&search.handle(20 * SECOND, SearchEvent::Woke));
        assert_eq!(
            said.contains(&"evaluate 4".to_owned()),
            !is_shared,
            "{said:?}"
        );
        let shown = look(&[Some(1.0), Some(1.0), Some(1.0), None]);
        let said = words(&search.handle(20 * SECOND, shown));
        assert_eq!(
            said.contains(&"evaluate 4".to_owned()),
            is_shared,
            "{said:?}"
        );
    }
}
