//! Points that failed, and what is not the fault of a point.

use super::*;

/// An open search of which nothing has worked, with points that fail at their first attempt.
fn failing(points: usize) -> Search {
    let mut search = started(SearchOptions {
        attempts: 1,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&vec![None; points]));
    search
}

#[test]
fn failures_pause_longer_and_longer() {
    let mut search = started(SearchOptions {
        attempts: 3,
        backoff: 10 * SECOND,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None]));
    assert_eq!(
        words(&search.handle(SECOND, evaluated("1", Err("no data")))),
        [""; 0]
    );
    let evaluations = |search: &mut Search, second: u32| {
        let mut words = words(&search.handle(second * SECOND, SearchEvent::Woke));
        words.retain(|word| word != "poll");
        words
    };
    assert_eq!(evaluations(&mut search, 10), [""; 0]);
    assert_eq!(evaluations(&mut search, 11), ["evaluate 1"]);
    search.handle(11 * SECOND, evaluated_again("1", 2, Err("no data")));
    assert_eq!(evaluations(&mut search, 30), [""; 0]);
    assert_eq!(evaluations(&mut search, 31), ["evaluate 1"]);
}

#[test]
fn a_look_at_the_server_does_not_shorten_the_pause_after_a_failure() {
    for mine in [None, Some(["1"].map(PointId::from).into())] {
        let mut search = started(SearchOptions {
            backoff: 100 * SECOND,
            ..SearchOptions::default()
        });
        let look = || SearchEvent::Polled {
            status: RequestStatus::Transforming,
            points: points(&[None]),
            mine: mine.clone(),
        };
        assert_eq!(words(&search.handle(SECOND, look())), ["evaluate 1"]);
        search.handle(SECOND, evaluated("1", Err("no data")));
        search.handle(20 * SECOND, SearchEvent::Woke);
        assert_eq!(words(&search.handle(20 * SECOND, look())), [""; 0]);
        assert_eq!(search.progress().running, 0);
    }
}

#[test]
fn a_failed_point_that_another_worker_has_taken_is_not_tried_again_here() {
    let mut search = started(SearchOptions {
        backoff: 100 * SECOND,
        longest_poll: 1000 * SECOND,
        ..SearchOptions::default()
    });
    let look = |mine: &[&str]| SearchEvent::Polled {
        status: RequestStatus::Transforming,
        points: points(&[None]),
        mine: Some(mine.iter().map(|id| (*id).into()).collect()),
    };
    search.handle(SECOND, look(&["1"]));
    search.handle(SECOND, evaluated("1", Err("no data")));
    search.handle(20 * SECOND, SearchEvent::Woke);
    search.handle(20 * SECOND, look(&[]));
    search.handle(101 * SECOND, SearchEvent::Woke);
    assert_eq!(search.progress().running, 0);
}

#[test]
fn a_failed_evaluation_is_tried_again_and_then_reported_with_a_penalty_that_says_so() {
    let on_failure = OnFailure::Report(Loss::PANDA_PENALTY);
    let mut search = started(SearchOptions {
        attempts: 2,
        backoff: Duration::ZERO,
        on_failure,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None]));
    assert_eq!(
        words(&search.handle(SECOND, evaluated("1", Err("out of memory")))),
        ["evaluate 1"]
    );
    assert_eq!(
        words(&search.handle(SECOND, evaluated_again("1", 2, Err("no data")))),
        ["report 1 100000"]
    );
    let record = record(search, "1");
    assert_eq!(
        (record.attempts(), record.made_up.as_deref()),
        (2, Some("no data"))
    );
}

#[test]
fn a_failed_evaluation_can_end_the_search() {
    let mut search = started(SearchOptions {
        attempts: 1,
        on_failure: OnFailure::Stop,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None, None]));
    assert_eq!(
        words(&search.handle(SECOND, evaluated("1", Err("no data")))),
        ["stop EvaluationFailed"]
    );
    assert_eq!(words(&search.handle(SECOND, SearchEvent::Woke)), [""; 0]);
}

#[test]
fn a_penalty_waits_until_an_evaluation_has_worked() {
    let mut search = failing(4);
    assert_eq!(
        words(&search.handle(SECOND, evaluated("1", Err("no data")))),
        ["evaluate 2"]
    );
    assert_eq!(
        words(&search.handle(SECOND, evaluated("2", Ok(0.5)))),
        ["report 2 0.5", "report 1 100000", "evaluate 3"]
    );
    // That one worked says nothing of what has failed since.
    assert_eq!(
        words(&search.handle(SECOND, evaluated("3", Err("no luck")))),
        ["evaluate 4"]
    );
    assert_eq!(
        words(&search.handle(SECOND, evaluated("4", Ok(0.5)))),
        ["report 4 0.5", "report 3 100000"]
    );
    assert_eq!(record(search, "1").made_up.as_deref(), Some("no data"));
}

/// A search whose first point has worked, and of which all others fail.
fn broken(options: SearchOptions, points: usize) -> (Search, Vec<String>) {
    let mut search = started(SearchOptions {
        attempts: 1,
        ..options
    });
    search.handle(SECOND, polled(&vec![None; points]));
    search.handle(SECOND, evaluated("1", Ok(0.5)));
    search.handle(SECOND, SearchEvent::Reported { id: "1".into() });
    let mut said = Vec::new();
    for number in 2..=points {
        said = words(&search.handle(
            SECOND,
            evaluated(&number.to_string(), Err("train.py is gone")),
        ));
    }
    (search, said)
}

const BROKEN: &str =
    "stop nothing works any more, and point 2 was the first to fail: train.py is gone";

#[test]
fn what_breaks_in_the_middle_ends_the_search_and_no_loss_is_made_up() {
    // Ten in a row are enough, whatever else is left.
    let (mut search, _) = broken(SearchOptions::default(), 10);
    search.handle(SECOND, polled(&[vec![Some(0.5)], vec![None; 19]].concat()));
    let said = words(&search.handle(SECOND, evaluated("11", Err("train.py is gone"))));
    assert_eq!(said, [BROKEN]);
    // Three are when the server has no others.
    let (mut search, said) = broken(SearchOptions::default(), 4);
    assert_eq!(said, ["poll"]);
    assert_eq!(
        words(&search.handle(SECOND, polled(&[Some(0.5), None, None, None]))),
        [BROKEN]
    );
    let result = search.into_result();
    assert_eq!(
        (result.stop, result.awaited().len()),
        (StopReason::NothingWorks, 3)
    );
    // Two may be exceptions, and the server waits for them.
    let (mut search, _) = broken(SearchOptions::default(), 3);
    let said = words(&search.handle(SECOND, polled(&[Some(0.5), None, None])));
    assert_eq!(said, ["report 2 100000", "report 3 100000"]);
    let (mut search, _) = broken(
        SearchOptions {
            max_points: Some(4),
            ..SearchOptions::default()
        },
        4,
    );
    assert_eq!(
        words(&search.handle(SECOND, polled(&[Some(0.5), None, None, None, None]))),
        [BROKEN]
    );
}

#[test]
fn a_point_is_to_blame_itself_when_another_one_works_after_it_has_failed() {
    let mut search = started(SearchOptions {
        attempts: 2,
        backoff: SECOND,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None; 5]));
    for id in ["1", "2", "3", "4"] {
        search.handle(
            SECOND,
            evaluated(id, if id == "1" { Ok(0.5) } else { Err("no data") }),
        );
    }
    search.handle(SECOND, evaluated("5", Ok(0.5)));
    // Their last attempts come after all others.
    search.handle(3 * SECOND, SearchEvent::Woke);
    let mut said = Vec::new();
    for id in ["2", "3", "4"] {
        said.extend(words(
            &search.handle(3 * SECOND, evaluated_again(id, 2, Err("no data"))),
        ));
    }
    said.retain(|said| said.starts_with("report"));
    assert_eq!(
        said,
        ["report 2 100000", "report 3 100000", "report 4 100000"]
    );
}

#[test]
fn a_search_that_is_run_again_after_an_interrupt_tries_all_attempts_anew() {
    let mut search = failing(4);
    search.handle(SECOND, evaluated("1", Err("no data")));
    search.handle(SECOND, evaluated("2", Err("no data")));
    search.handle(SECOND, SearchEvent::Interrupted);
    search.handle(SECOND, polled(&[None; 4]));
    let mut search = Search::new(SearchOptions::default(), search.history);
    search.handle(SECOND, SearchEvent::Started { pid: 2 });
    assert_eq!(
        words(&search.handle(SECOND, polled(&[None; 4]))),
        ["evaluate 1"]
    );
    assert_eq!(record(search, "1").failed_attempts(), 0);
}

#[test]
fn three_points_that_fail_while_nothing_works_end_the_search_with_the_first_failure_and_without_a_report()
 {
    let mut search = failing(5);
    search.handle(SECOND, evaluated("1", Err("no module named torch")));
    search.handle(SECOND, evaluated("2", Err("no luck")));
    let said = words(&search.handle(SECOND, evaluated("3", Err("no luck"))));
    assert_eq!(
        said,
        ["stop nothing works yet, and point 1 was the first to fail: no module named torch"]
    );
    let result = search.into_result();
    assert_eq!(result.stop, StopReason::NothingWorks);
    assert_eq!(
        result.error.as_deref(),
        Some("nothing works yet, and point 1 was the first to fail: no module named torch")
    );
    assert!(
        result.trials.iter().all(|trial| trial.stage == Stage::Open),
        "{result:?}"
    );
}

#[test]
fn three_points_are_enough_when_each_has_failed_once() {
    let mut search = started(SearchOptions {
        concurrency: 3,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None; 3]));
    search.handle(SECOND, evaluated("1", Err("no data")));
    search.handle(SECOND, evaluated("2", Err("no data")));
    assert_eq!(
        words(&search.handle(SECOND, evaluated("3", Err("no data")))),
        ["stop nothing works yet, and point 1 was the first to fail: no data"]
    );
}

#[test]
fn what_still_runs_when_three_points_have_failed_may_work() {
    let mut search = started(SearchOptions {
        concurrency: 4,
        attempts: 1,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None; 5]));
    for id in ["1", "2", "3"] {
        let said = words(&search.handle(SECOND, evaluated(id, Err("no data"))));
        // The room that it leaves is used until it looks as if nothing works.
        assert_eq!(
            said,
            if id == "1" {
                vec!["evaluate 5"]
            } else {
                vec![]
            }
        );
    }
    search.handle(SECOND, evaluated("5", Err("no data")));
    let reports = [
        "report 4 1",
        "report 1 100000",
        "report 2 100000",
        "report 3 100000",
        "report 5 100000",
    ];
    assert_eq!(
        words(&search.handle(SECOND, evaluated("4", Ok(1.0)))),
        reports
    );
}

#[test]
fn a_server_that_waits_for_the_loss_of_a_failed_point_gets_none_while_nothing_works() {
    for points in [1, 2] {
        let mut search = failing(points);
        let mut said = Vec::new();
        for number in 1..=points {
            said = words(&search.handle(SECOND, evaluated(&number.to_string(), Err("no data"))));
        }
        // There may be more points by now.
        assert_eq!(said, ["poll"], "{points}");
        let status = RequestStatus::Transforming;
        let said = words(&search.handle(SECOND, SearchEvent::NothingNew { status }));
        assert_eq!(
            said,
            ["stop nothing works yet, and point 1 was the first to fail: no data"],
            "{points}"
        );
    }
    let mut search = failing(1);
    search.handle(SECOND, evaluated("1", Err("no data")));
    assert_eq!(
        words(&search.handle(SECOND, polled(&[None, None]))),
        ["evaluate 2"]
    );
}

#[test]
fn a_search_that_is_run_again_after_nothing_worked_tries_all_attempts_anew() {
    let options = SearchOptions {
        attempts: 2,
        backoff: Duration::ZERO,
        ..SearchOptions::default()
    };
    let mut search = started(options.clone());
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Err("no data")));
    search.handle(SECOND, evaluated_again("1", 2, Err("no data")));
    let status = RequestStatus::Transforming;
    assert_eq!(
        words(&search.handle(SECOND, SearchEvent::NothingNew { status })),
        ["stop nothing works yet, and point 1 was the first to fail: no data"]
    );
    let mut search = Search::new(options, search.history);
    search.handle(SECOND, SearchEvent::Started { pid: 2 });
    assert_eq!(
        words(&search.handle(SECOND, polled(&[None]))),
        ["evaluate 1"]
    );
    assert_eq!(
        words(&search.handle(SECOND, evaluated_again("1", 3, Err("no data")))),
        ["evaluate 1"]
    );
    assert_eq!(
        words(&search.handle(SECOND, evaluated_again("1", 4, Ok(1.0)))),
        ["report 1 1"]
    );
}

#[test]
fn trouble_ends_the_search_at_once_and_its_point_stays_open() {
    let mut search = started(SearchOptions {
        concurrency: 2,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None; 4]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    let trouble = Failure::trouble("/data: no space left on device");
    let event = SearchEvent::Evaluated {
        id: "2".into(),
        attempt: 1,
        outcome: Err(trouble),
    };
    // What is evaluated is brought to the server.
    assert_eq!(words(&search.handle(SECOND, event)), ["abandon 3"]);
    assert_eq!(
        words(&search.handle(SECOND, SearchEvent::Reported { id: "1".into() })),
        ["poll"]
    );
    let said = words(&search.handle(SECOND, polled(&[Some(1.0), None, None, None])));
    assert_eq!(said, ["stop point 2: /data: no space left on device"]);
    let mut again = Search::new(SearchOptions::default(), search.history.clone());
    let result = search.into_result();
    assert_eq!(
        (result.stop, result.awaited().len()),
        (StopReason::Trouble, 3)
    );
    again.handle(SECOND, SearchEvent::Started { pid: 2 });
    assert_eq!(
        words(&again.handle(SECOND, polled(&[Some(1.0), None, None, None]))),
        ["evaluate 2"]
    );
    assert_eq!(record(again, "2").failures(), 0);
}

#[test]
fn as_many_points_are_tried_as_may_be_whatever_becomes_of_them() {
    let policies = [OnFailure::Report(Loss::PANDA_PENALTY), OnFailure::LeaveOpen];
    for on_failure in policies {
        let mut search = started(SearchOptions {
            attempts: 1,
            max_points: Some(2),
            concurrency: 3,
            on_failure,
            ..SearchOptions::default()
        });
        assert_eq!(
            words(&search.handle(SECOND, polled(&[None; 4]))),
            ["evaluate 1", "evaluate 2"]
        );
        search.handle(SECOND, evaluated("1", Err("no data")));
        search.handle(SECOND, evaluated("2", Err("no data")));
        for id in ["1", "2"] {
            search.handle(SECOND, SearchEvent::Reported { id: id.into() });
        }
        let loss = matches!(on_failure, OnFailure::Report(_)).then_some(1e5);
        search.handle(20 * SECOND, polled(&[loss, loss, None, None]));
        assert_eq!(
            search.into_result().stop,
            StopReason::MaxPoints,
            "{on_failure:?}"
        );
    }
    let mut search = started(SearchOptions {
        attempts: 1,
        max_points: Some(1),
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None; 3]));
    assert_eq!(
        words(&search.handle(SECOND, evaluated("1", Err("no data")))),
        ["poll"]
    );
    assert_eq!(
        words(&search.handle(SECOND, polled(&[None; 3]))),
        ["stop nothing works yet, and point 1 was the first to fail: no data"]
    );
}

#[test]
fn what_is_named_as_the_first_to_fail_failed_after_something_had_worked() {
    let mut search = started(SearchOptions {
        attempts: 1,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None; 5]));
    search.handle(SECOND, evaluated("1", Err("no luck")));
    search.handle(SECOND, evaluated("2", Ok(0.5)));
    for id in ["3", "4", "5"] {
        search.handle(SECOND, evaluated(id, Err("train.py is gone")));
    }
    for id in ["1", "2"] {
        search.handle(SECOND, SearchEvent::Reported { id: id.into() });
    }
    let shown = [Some(1e5), Some(0.5), None, None, None];
    assert_eq!(
        words(&search.handle(SECOND, polled(&shown))),
        ["stop nothing works any more, and point 3 was the first to fail: train.py is gone"]
    );
}

#[test]
fn a_failed_point_that_somebody_else_has_evaluated_gets_no_penalty() {
    let mut search = failing(3);
    search.handle(SECOND, evaluated("1", Err("no data")));
    search.handle(2 * SECOND, SearchEvent::Woke);
    search.handle(2 * SECOND, polled(&[Some(0.25), None, None]));
    assert_eq!(
        words(&search.handle(2 * SECOND, evaluated("2", Ok(0.5)))),
        ["report 2 0.5", "evaluate 3"]
    );
    assert_eq!(record(search, "1").made_up, None);
}

#[test]
fn losses_that_are_made_up_count_for_the_pace() {
    let mut search = started(SearchOptions {
        attempts: 1,
        on_failure: OnFailure::Report(Loss::PANDA_PENALTY),
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None; 2]));
    search.handle(2 * SECOND, evaluated("1", Err("no data")));
    search.handle(4 * SECOND, evaluated("2", Err("no data")));
    assert_eq!(search.progress().rate(), Some(0.5));
}
