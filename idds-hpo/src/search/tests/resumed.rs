//! What a search knows that goes on where the journal of a killed process ends.

use super::*;

/// The next process: nothing is kept but the journal.
fn next_process(search: Search, options: SearchOptions, now: Duration) -> Search {
    let mut search = Search::new(options, search.history);
    let said = search.handle(now, SearchEvent::Started { pid: 2 });
    assert_eq!(words(&said), ["poll"]);
    search
}

#[test]
fn each_run_has_the_whole_time_limit() {
    let options = SearchOptions {
        timeout: 100 * SECOND,
        longest_poll: 1000 * SECOND,
        ..SearchOptions::default()
    };
    let mut search = started(options.clone());
    search.handle(90 * SECOND, polled(&[None]));
    let mut search = next_process(search, options, 90 * SECOND);
    search.handle(90 * SECOND, polled(&[None]));
    assert_eq!(search.wakes_at(), 190 * SECOND);
}

#[test]
fn stragglers_are_told_by_what_evaluations_took_before() {
    let options = SearchOptions {
        concurrency: 2,
        speculate: Some(3.0),
        longest_poll: 1000 * SECOND,
        ..SearchOptions::default()
    };
    let mut search = started(options.clone());
    search.handle(Duration::ZERO, polled(&[None; 4]));
    for (second, id) in [(2, "1"), (2, "2"), (4, "3")] {
        search.handle(second * SECOND, evaluated(id, Ok(1.0)));
        search.handle(second * SECOND, SearchEvent::Reported { id: id.into() });
    }
    let mut search = next_process(search, options, 4 * SECOND);
    let losses = [Some(1.0), Some(1.0), Some(1.0), None];
    assert_eq!(
        words(&search.handle(5 * SECOND, polled(&losses))),
        ["evaluate 4"]
    );
    assert_eq!(search.wakes_at(), 11 * SECOND);
    assert_eq!(
        words(&search.handle(11 * SECOND, SearchEvent::Woke)),
        ["evaluate 4"]
    );
}

#[test]
fn a_point_that_failed_as_often_as_it_may_waits_for_its_penalty_and_is_not_tried_again() {
    let options = SearchOptions {
        attempts: 1,
        ..SearchOptions::default()
    };
    let mut search = started(options.clone());
    search.handle(SECOND, polled(&[None; 2]));
    search.handle(SECOND, evaluated("1", Err("no data")));
    let mut search = next_process(search, options, 2 * SECOND);
    assert_eq!(
        words(&search.handle(2 * SECOND, polled(&[None; 2]))),
        ["evaluate 2"]
    );
    // The second evaluation of it, as the first one was cut off.
    assert_eq!(
        words(&search.handle(2 * SECOND, evaluated_again("2", 2, Ok(0.5)))),
        ["report 2 0.5", "report 1 100000"]
    );
    assert_eq!(record(search, "1").made_up.as_deref(), Some("no data"));
}

#[test]
fn a_point_that_may_fail_again_is_tried_again() {
    let mut search = started(SearchOptions::default());
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Err("no data")));
    let mut search = next_process(search, SearchOptions::default(), 2 * SECOND);
    assert_eq!(
        words(&search.handle(2 * SECOND, polled(&[None]))),
        ["evaluate 1"]
    );
}

#[test]
fn a_point_that_was_cut_off_and_then_fails_is_tried_again() {
    let options = SearchOptions {
        backoff: Duration::ZERO,
        ..SearchOptions::default()
    };
    let mut search = started(options.clone());
    search.handle(SECOND, polled(&[None]));
    let mut search = next_process(search, options, 2 * SECOND);
    search.handle(2 * SECOND, polled(&[None]));
    assert_eq!(
        words(&search.handle(2 * SECOND, evaluated_again("1", 2, Err("no data")))),
        ["evaluate 1"]
    );
}

#[test]
fn time_does_not_go_back_when_the_next_process_begins_its_own() {
    let options = SearchOptions {
        timeout: 100 * SECOND,
        ..SearchOptions::default()
    };
    let mut search = started(options.clone());
    search.handle(50 * SECOND, polled(&[None]));
    let mut search = next_process(search, options, Duration::ZERO);
    search.handle(SECOND, polled(&[None]));
    let evaluations = record(search, "1").evaluations;
    assert_eq!(evaluations[1].started, 50 * SECOND);
}

#[test]
fn points_that_failed_before_the_kill_count_among_three_of_which_none_works() {
    let options = SearchOptions {
        attempts: 2,
        ..SearchOptions::default()
    };
    let mut search = started(options.clone());
    search.handle(SECOND, polled(&[None; 4]));
    search.handle(SECOND, evaluated("1", Err("no module named torch")));
    search.handle(SECOND, evaluated("2", Err("no luck")));
    let mut search = next_process(search, options, 2 * SECOND);
    assert_eq!(
        words(&search.handle(2 * SECOND, polled(&[None; 4]))),
        ["evaluate 1"]
    );
    // One of the two fails once more, which makes no third.
    let said = words(&search.handle(2 * SECOND, evaluated_again("1", 2, Err("no luck"))));
    assert_eq!(said, ["evaluate 2"]);
    search.handle(2 * SECOND, evaluated_again("2", 2, Err("no luck")));
    assert_eq!(
        words(&search.handle(2 * SECOND, evaluated_again("3", 2, Err("no luck")))),
        ["stop nothing works yet, and point 1 was the first to fail: no module named torch"]
    );
}

#[test]
fn points_that_failed_before_another_one_worked_are_still_to_blame_themselves() {
    let options = SearchOptions {
        attempts: 2,
        backoff: 100 * SECOND,
        ..SearchOptions::default()
    };
    let mut search = started(options.clone());
    search.handle(SECOND, polled(&[None; 5]));
    search.handle(SECOND, evaluated("1", Ok(0.5)));
    for id in ["2", "3", "4"] {
        search.handle(2 * SECOND, evaluated(id, Err("no data")));
    }
    search.handle(3 * SECOND, evaluated("5", Ok(0.5)));
    let mut search = next_process(search, options, 4 * SECOND);
    search.handle(
        4 * SECOND,
        polled(&[Some(0.5), None, None, None, Some(0.5)]),
    );
    let mut said = Vec::new();
    for id in ["2", "3", "4"] {
        said.extend(words(
            &search.handle(4 * SECOND, evaluated_again(id, 2, Err("no data"))),
        ));
    }
    said.retain(|said| said.starts_with("report"));
    assert_eq!(
        said,
        ["report 2 100000", "report 3 100000", "report 4 100000"]
    );
}

#[test]
fn a_penalty_that_was_an_exception_counts_among_what_fails_in_a_row() {
    let options = SearchOptions {
        attempts: 1,
        ..SearchOptions::default()
    };
    let mut search = started(options.clone());
    search.handle(SECOND, polled(&[None; 3]));
    search.handle(SECOND, evaluated("1", Ok(0.5)));
    search.handle(2 * SECOND, SearchEvent::Reported { id: "1".into() });
    search.handle(2 * SECOND, evaluated("2", Err("train.py is gone")));
    search.handle(2 * SECOND, evaluated("3", Err("train.py is gone")));
    let said = words(&search.handle(2 * SECOND, polled(&[Some(0.5), None, None])));
    assert_eq!(said, ["report 2 100000", "report 3 100000"]);
    let mut search = next_process(search, options, 3 * SECOND);
    let shown = [Some(0.5), Some(1e5), Some(1e5), None];
    assert_eq!(
        words(&search.handle(3 * SECOND, polled(&shown))),
        ["evaluate 4"]
    );
    search.handle(3 * SECOND, evaluated("4", Err("train.py is gone")));
    assert_eq!(
        words(&search.handle(3 * SECOND, polled(&shown))),
        ["stop nothing works any more, and point 2 was the first to fail: train.py is gone"]
    );
}

#[test]
fn what_failed_before_holds_up_no_search_that_makes_up_losses_at_once() {
    let options = SearchOptions {
        concurrency: 3,
        backoff: 100 * SECOND,
        on_failure: OnFailure::Report(Loss::PANDA_PENALTY),
        ..SearchOptions::default()
    };
    let mut search = started(options.clone());
    search.handle(SECOND, polled(&[None; 3]));
    for id in ["1", "2", "3"] {
        search.handle(SECOND, evaluated(id, Err("no data")));
    }
    let mut search = next_process(search, options, 2 * SECOND);
    assert_eq!(
        words(&search.handle(2 * SECOND, polled(&[None; 3]))),
        ["evaluate 1", "evaluate 2", "evaluate 3"]
    );
}

#[test]
fn a_point_of_the_budget_that_was_cut_off_is_evaluated_though_the_budget_is_spent() {
    let options = SearchOptions {
        max_points: Some(1),
        ..SearchOptions::default()
    };
    let mut search = started(options.clone());
    search.handle(SECOND, polled(&[None; 2]));
    let mut search = next_process(search, options, 2 * SECOND);
    assert_eq!(
        words(&search.handle(2 * SECOND, polled(&[None; 2]))),
        ["evaluate 1"]
    );
}
