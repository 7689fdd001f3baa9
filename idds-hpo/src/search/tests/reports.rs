//! The way of losses to the server.

use super::*;

#[test]
fn a_report_that_failed_is_repeated_and_a_report_that_cannot_succeed_ends_the_search() {
    let mut search = started(SearchOptions {
        shortest_poll: SECOND,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    let failed = |kind| SearchEvent::ReportFailed {
        id: "1".into(),
        error: error(kind),
    };
    assert_eq!(
        words(&search.handle(SECOND, failed(ErrorKind::Connect))),
        [""; 0]
    );
    search.handle(2 * SECOND, SearchEvent::Woke);
    assert!(
        words(&search.handle(3 * SECOND, SearchEvent::Woke)).contains(&"report 1 1".to_owned())
    );
    assert_eq!(
        words(&search.handle(3 * SECOND, failed(ErrorKind::Unauthorized))),
        ["stop a failure"]
    );
    assert_eq!(record(search, "1").loss.map(Loss::get), Some(1.0));
}

#[test]
fn an_acknowledged_loss_that_the_server_does_not_show_is_reported_again() {
    let mut search = started(SearchOptions::default());
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    assert_eq!(
        words(&search.handle(SECOND, SearchEvent::Reported { id: "1".into() })),
        ["poll"]
    );
    assert_eq!(
        words(&search.handle(SECOND, polled(&[None]))),
        ["report 1 1"]
    );
}

#[test]
fn a_loss_that_the_server_never_shows_does_not_hold_up_the_end() {
    let mut search = started(SearchOptions {
        max_points: Some(1),
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    for _ in 0..2 {
        assert_eq!(
            words(&search.handle(SECOND, SearchEvent::Reported { id: "1".into() })),
            ["poll"]
        );
        assert_eq!(
            words(&search.handle(SECOND, polled(&[None]))),
            ["report 1 1"]
        );
    }
    assert_eq!(
        words(&search.handle(SECOND, SearchEvent::Reported { id: "1".into() })),
        ["poll"]
    );
    assert_eq!(
        words(&search.handle(SECOND, polled(&[None]))),
        ["stop MaxPoints"]
    );
    assert_eq!(record(search, "1").stage, Stage::Reported);
}

#[test]
fn an_answer_older_than_the_report_is_no_reason_to_report_again() {
    let mut search = started(SearchOptions::default());
    search.handle(Duration::ZERO, polled(&[None, None]));
    assert_eq!(
        words(&search.handle(10 * SECOND, SearchEvent::Woke)),
        ["poll"]
    );
    search.handle(10 * SECOND, evaluated("1", Ok(1.0)));
    search.handle(10 * SECOND, SearchEvent::Reported { id: "1".into() });
    assert_eq!(
        words(&search.handle(10 * SECOND, polled(&[None, None]))),
        [""; 0]
    );
}

#[test]
fn a_report_whose_answer_was_lost_is_repeated_only_when_a_later_look_shows_no_loss() {
    let options = SearchOptions {
        settling: 5 * SECOND,
        shortest_poll: SECOND,
        longest_poll: SECOND,
        ..SearchOptions::default()
    };
    for is_there in [false, true] {
        let mut search = started(options.clone());
        search.handle(SECOND, polled(&[None]));
        assert_eq!(
            words(&search.handle(SECOND, evaluated("1", Ok(1.0)))),
            ["report 1 1"]
        );
        let lost = SearchEvent::ReportFailed {
            id: "1".into(),
            error: error(ErrorKind::Timeout),
        };
        assert_eq!(words(&search.handle(2 * SECOND, lost)), ["poll"]);
        // A look that began too early says nothing.
        assert_eq!(words(&search.handle(2 * SECOND, polled(&[None]))), [""; 0]);
        for second in 3..7 {
            assert_eq!(
                words(&search.handle(second * SECOND, SearchEvent::Woke)),
                ["poll"],
                "{second}"
            );
            assert_eq!(
                words(&search.handle(second * SECOND, polled(&[None]))),
                [""; 0],
                "{second}"
            );
        }
        assert_eq!(
            words(&search.handle(7 * SECOND, SearchEvent::Woke)),
            ["poll"]
        );
        let loss = is_there.then_some(1.0);
        let expected: &[&str] = if is_there { &[] } else { &["report 1 1"] };
        assert_eq!(words(&search.handle(7 * SECOND, polled(&[loss]))), expected);
    }
}

#[test]
fn a_look_that_began_before_a_lost_report_is_settled_says_nothing_however_late_it_ends() {
    let mut search = started(SearchOptions {
        settling: 5 * SECOND,
        longest_poll: SECOND,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    let lost = SearchEvent::ReportFailed {
        id: "1".into(),
        error: error(ErrorKind::Timeout),
    };
    assert_eq!(words(&search.handle(2 * SECOND, lost)), ["poll"]);
    // It was due at 7 s.
    assert_eq!(words(&search.handle(8 * SECOND, polled(&[None]))), ["poll"]);
    assert_eq!(
        words(&search.handle(8 * SECOND, polled(&[None]))),
        ["report 1 1"]
    );
}

#[test]
fn a_report_that_was_perhaps_under_way_at_a_kill_is_not_repeated_before_it_is_settled() {
    let mut before = started(SearchOptions::default());
    before.handle(SECOND, polled(&[None]));
    assert_eq!(
        words(&before.handle(SECOND, evaluated("1", Ok(1.0)))),
        ["report 1 1"]
    );
    let mut search = Search::new(
        SearchOptions {
            settling: 5 * SECOND,
            ..SearchOptions::default()
        },
        before.history,
    );
    assert_eq!(
        words(&search.handle(2 * SECOND, SearchEvent::Started { pid: 2 })),
        ["poll"]
    );
    for second in 2..7 {
        assert_eq!(
            words(&search.handle(second * SECOND, polled(&[None]))),
            [""; 0],
            "{second}"
        );
        let due = (second + 1) * SECOND;
        assert!(search.wakes_at() <= due, "{second}");
        assert_eq!(
            words(&search.handle(due, SearchEvent::Woke)),
            ["poll"],
            "{second}"
        );
    }
    assert_eq!(
        words(&search.handle(7 * SECOND, polled(&[None]))),
        ["report 1 1"]
    );
}

#[test]
fn a_doubt_about_a_report_is_looked_into_once_it_is_settled_though_other_points_are_evaluated() {
    let mut search = started(SearchOptions {
        concurrency: 2,
        settling: 5 * SECOND,
        longest_poll: 100 * SECOND,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None; 2]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    let lost = SearchEvent::ReportFailed {
        id: "1".into(),
        error: error(ErrorKind::Timeout),
    };
    search.handle(2 * SECOND, lost);
    assert_eq!(search.wakes_at(), 7 * SECOND);
}

#[test]
fn reports_that_are_acknowledged_end_a_row_of_refusals() {
    let mut search = started(SearchOptions::default());
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    let refused = || SearchEvent::PollFailed(error(ErrorKind::Refused));
    for _ in 0..5 {
        search.handle(SECOND, refused());
    }
    search.handle(SECOND, SearchEvent::Reported { id: "1".into() });
    for _ in 0..5 {
        assert_eq!(words(&search.handle(SECOND, refused())), [""; 0]);
    }
}
