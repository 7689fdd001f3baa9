//! How a search ends.

use super::*;

/// Reports the losses of points in turn, with what the rules make of them; returns the last commands.
fn evaluate_all(options: SearchOptions, losses: &[f64]) -> (Search, Vec<String>) {
    let mut search = started(options);
    search.handle(SECOND, polled(&vec![None; losses.len() + 1]));
    let mut said = Vec::new();
    for (number, loss) in (1..).zip(losses) {
        said = words(&search.handle(SECOND, evaluated(&number.to_string(), Ok(*loss))));
        said.extend(words(&search.handle(
            SECOND,
            SearchEvent::Reported {
                id: number.to_string().into(),
            },
        )));
    }
    (search, said)
}

#[test]
fn a_search_ends_at_its_budget_its_target_and_without_improvement_when_the_server_shows_its_losses()
{
    let ends = [
        (
            SearchOptions {
                max_points: Some(2),
                ..SearchOptions::default()
            },
            StopReason::MaxPoints,
        ),
        (
            SearchOptions {
                target: Some(0.5),
                ..SearchOptions::default()
            },
            StopReason::TargetReached,
        ),
        (
            SearchOptions {
                no_improvement: Some(1),
                ..SearchOptions::default()
            },
            StopReason::NoImprovement,
        ),
    ];
    let losses = [[2.0, 1.0], [2.0, 0.5], [2.0, 2.0]];
    for ((options, reason), losses) in ends.into_iter().zip(losses) {
        let (mut search, said) = evaluate_all(options, &losses);
        assert_eq!(said, [format!("report 2 {}", losses[1]), "poll".to_owned()]);
        let shown = losses.map(Some);
        let stop = format!("stop {reason:?}");
        assert_eq!(
            words(&search.handle(SECOND, polled(&[shown[0], shown[1], None]))),
            [stop]
        );
        assert_eq!(search.into_result().stop, reason);
    }
}

#[test]
fn a_score_is_reported_as_its_negative_and_its_target_is_one_of_scores() {
    let options = SearchOptions {
        direction: crate::Direction::Maximize,
        target: Some(0.9),
        ..SearchOptions::default()
    };
    let (_, said) = evaluate_all(options.clone(), &[0.8]);
    assert_eq!(said, ["report 1 -0.8", "evaluate 2"]);
    let (_, said) = evaluate_all(options, &[0.95]);
    assert_eq!(said, ["report 1 -0.95", "poll"]);
}

#[test]
fn an_interrupted_search_gives_up_evaluations_and_still_reports_losses() {
    let mut search = started(SearchOptions {
        concurrency: 2,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None, None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    assert_eq!(
        words(&search.handle(SECOND, SearchEvent::Interrupted)),
        ["abandon 2"]
    );
    assert_eq!(
        words(&search.handle(SECOND, SearchEvent::Reported { id: "1".into() })),
        ["poll"]
    );
    assert_eq!(
        words(&search.handle(SECOND, polled(&[Some(1.0), None]))),
        ["stop Interrupted"]
    );
}

#[test]
fn an_interrupted_search_whose_losses_are_acknowledged_looks_at_once_and_ends() {
    let mut search = started(SearchOptions {
        concurrency: 2,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None, None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    search.handle(SECOND, SearchEvent::Reported { id: "1".into() });
    assert_eq!(
        words(&search.handle(SECOND, SearchEvent::Interrupted)),
        ["abandon 2", "poll"]
    );
    assert_eq!(
        words(&search.handle(SECOND, polled(&[Some(1.0), None]))),
        ["stop Interrupted"]
    );
}

#[test]
fn a_server_that_does_nothing_for_too_long_ends_the_search() {
    let mut search = started(SearchOptions {
        silence: 60 * SECOND,
        shortest_poll: 600 * SECOND,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[Some(1.0)]));
    assert_eq!(search.wakes_at(), 61 * SECOND);
    assert_eq!(
        words(&search.handle(61 * SECOND, SearchEvent::Woke)),
        ["stop ServerSilent"]
    );
}

/// A search that waits a minute for the server, and rarely looks at it.
fn impatient(options: SearchOptions) -> Search {
    started(SearchOptions {
        silence: 60 * SECOND,
        shortest_poll: 1000 * SECOND,
        longest_poll: 1000 * SECOND,
        ..options
    })
}

#[test]
fn the_silence_of_a_server_does_not_count_while_there_is_something_to_do_here() {
    let mut search = impatient(SearchOptions {
        backoff: 200 * SECOND,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None]));
    // It is evaluated, waits to be tried again, is evaluated once more, and reported.
    let none = [""; 0];
    assert_eq!(words(&search.handle(100 * SECOND, SearchEvent::Woke)), none);
    search.handle(100 * SECOND, evaluated("1", Err("no data")));
    assert_eq!(words(&search.handle(200 * SECOND, SearchEvent::Woke)), none);
    assert_eq!(
        words(&search.handle(300 * SECOND, SearchEvent::Woke)),
        ["evaluate 1"]
    );
    assert_eq!(
        words(&search.handle(400 * SECOND, evaluated_again("1", 2, Ok(0.5)))),
        ["report 1 0.5"]
    );
    assert_eq!(words(&search.handle(500 * SECOND, SearchEvent::Woke)), none);
    assert_eq!(
        words(&search.handle(600 * SECOND, SearchEvent::Reported { id: "1".into() })),
        ["poll"]
    );
    assert_eq!(search.wakes_at(), 660 * SECOND);
    assert_eq!(
        words(&search.handle(660 * SECOND, SearchEvent::Woke)),
        ["stop ServerSilent"]
    );
}

#[test]
fn the_silence_of_a_server_begins_with_the_end_of_the_last_evaluation() {
    let mut search = impatient(SearchOptions {
        attempts: 1,
        on_failure: OnFailure::LeaveOpen,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None]));
    assert_eq!(
        words(&search.handle(100 * SECOND, evaluated("1", Err("no data")))),
        [""; 0]
    );
    assert_eq!(search.wakes_at(), 160 * SECOND);
}

#[test]
fn a_request_whose_state_changes_is_not_silent() {
    let mut search = started(SearchOptions {
        silence: 60 * SECOND,
        longest_poll: 100 * SECOND,
        ..SearchOptions::default()
    });
    let points = points(&[Some(1.0)]);
    let status = RequestStatus::New;
    let mine = None;
    search.handle(
        SECOND,
        SearchEvent::Polled {
            status,
            points,
            mine,
        },
    );
    search.handle(50 * SECOND, SearchEvent::Woke);
    let status = RequestStatus::Transforming;
    search.handle(50 * SECOND, SearchEvent::NothingNew { status });
    search.handle(61 * SECOND, SearchEvent::Woke);
    assert_eq!(search.wakes_at(), 110 * SECOND);
}

#[test]
fn a_search_that_has_begun_to_end_tries_nothing_again_and_makes_up_no_loss() {
    let mut search = started(SearchOptions {
        attempts: 2,
        backoff: 3 * SECOND,
        longest_poll: 100 * SECOND,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None; 3]));
    search.handle(SECOND, evaluated("1", Ok(0.5)));
    search.handle(SECOND, SearchEvent::Reported { id: "1".into() });
    // The second point fails for good, and the third one waits to be tried again.
    search.handle(SECOND, evaluated("2", Err("no data")));
    search.handle(5 * SECOND, evaluated("3", Err("no data")));
    search.handle(6 * SECOND, evaluated_again("2", 2, Err("no data")));
    assert_eq!(
        words(&search.handle(6 * SECOND, SearchEvent::Interrupted)),
        ["poll"]
    );
    assert!(search.wakes_at() > 100 * SECOND, "{:?}", search.wakes_at());
    assert_eq!(
        words(&search.handle(9 * SECOND, polled(&[Some(0.5), None, None]))),
        ["stop Interrupted"]
    );
}

#[test]
fn nothing_follows_the_end_in_the_same_moment() {
    let mut search = started(SearchOptions {
        concurrency: 2,
        shortest_poll: SECOND,
        longest_poll: 100 * SECOND,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None; 2]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    search.handle(SECOND, evaluated("2", Ok(1.0)));
    let failed = |id: &str, kind| SearchEvent::ReportFailed {
        id: id.into(),
        error: error(kind),
    };
    // It is due again after a pause, in which the other one is refused for good.
    search.handle(SECOND, failed("2", ErrorKind::Connect));
    assert_eq!(search.wakes_at(), 3 * SECOND);
    assert_eq!(
        words(&search.handle(3 * SECOND, failed("1", ErrorKind::Unauthorized))),
        ["stop a failure"]
    );
}

#[test]
fn a_point_that_would_have_the_loss_of_another_one_has_none_after_the_end() {
    let mut search = started(SearchOptions {
        reuse_losses: true,
        no_improvement: Some(2),
        ..SearchOptions::default()
    });
    search.handle(SECOND, repeats::alike(&[7, 7, 7, 7]));
    let said = words(&search.handle(SECOND, evaluated("1", Ok(0.5))));
    assert_eq!(said, ["report 1 0.5", "report 2 0.5", "report 3 0.5"]);
}
