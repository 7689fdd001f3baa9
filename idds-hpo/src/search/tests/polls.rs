//! Looks at the server.

use std::collections::HashSet;

use super::*;

#[test]
fn polls_become_rarer_while_nothing_happens_and_frequent_when_something_does() {
    let options = SearchOptions {
        shortest_poll: SECOND,
        longest_poll: 5 * SECOND,
        ..SearchOptions::default()
    };
    let mut search = started(options);
    let mut now = SECOND;
    search.handle(now, polled(&[Some(1.0)]));
    let mut pauses = Vec::new();
    for _ in 0..5 {
        pauses.push(search.wakes_at() - now);
        now = search.wakes_at();
        assert_eq!(words(&search.handle(now, SearchEvent::Woke)), ["poll"]);
        search.handle(now, polled(&[Some(1.0)]));
    }
    assert_eq!(pauses, [1, 2, 4, 5, 5].map(|count| count * SECOND));
    search.handle(search.wakes_at(), SearchEvent::Woke);
    search.handle(now, polled(&[Some(1.0), Some(2.0)]));
    assert_eq!(search.wakes_at() - now, SECOND);
}

#[test]
fn the_server_is_asked_at_once_when_the_last_loss_of_a_generation_is_reported() {
    let mut search = started(SearchOptions::default());
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    assert_eq!(
        words(&search.handle(SECOND, SearchEvent::Reported { id: "1".into() })),
        ["poll"]
    );
}

#[test]
fn while_only_new_points_are_awaited_the_known_ones_are_read_after_the_longest_pause_only() {
    let options = SearchOptions {
        shortest_poll: SECOND,
        longest_poll: 5 * SECOND,
        ..SearchOptions::default()
    };
    let mut search = started(options);
    search.handle(SECOND, polled(&[Some(2.0), None]));
    search.handle(SECOND, evaluated("2", Ok(1.0)));
    let mut commands = search.handle(SECOND, SearchEvent::Reported { id: "2".into() });
    let status = RequestStatus::Transforming;
    let (mut now, mut looks) = (SECOND, Vec::new());
    while let Some(Command::Poll { next, .. }) = commands
        .iter()
        .find(|command| matches!(command, Command::Poll { .. }))
    {
        looks.push(next.as_ref().map(ToString::to_string));
        let Some(_) = next else { break };
        search.handle(now, SearchEvent::NothingNew { status });
        now = search.wakes_at();
        commands = search.handle(now, SearchEvent::Woke);
    }
    assert_eq!(
        looks,
        [Some("3"), Some("3"), None].map(|id| id.map(str::to_owned))
    );
    // The server has not kept what it acknowledged.
    assert_eq!(
        words(&search.handle(now, polled(&[Some(2.0), None]))),
        ["report 2 1"]
    );
}

#[test]
fn points_before_the_first_that_is_not_confirmed_are_read_after_the_longest_pause_only() {
    let mut search = started(SearchOptions {
        longest_poll: 5 * SECOND,
        ..SearchOptions::default()
    });
    let looks = |commands: Vec<Command>| -> Vec<_> {
        let since = |command| match command {
            Command::Poll { since, .. } => Some(since.map(|since| since.to_string())),
            _ => None,
        };
        commands.into_iter().filter_map(since).collect()
    };
    let status = RequestStatus::Transforming;
    let polled = |from: usize, losses: &[Option<f64>]| {
        let points = points(losses).split_off(from - 1);
        SearchEvent::Polled {
            status,
            points,
            mine: None,
        }
    };
    search.handle(SECOND, polled(1, &[Some(2.0), None, Some(2.0)]));
    search.handle(SECOND, evaluated("2", Ok(1.0)));
    // What was acknowledged is read back.
    assert_eq!(
        looks(search.handle(SECOND, SearchEvent::Reported { id: "2".into() })),
        [Some("2".to_owned())]
    );
    search.handle(SECOND, polled(2, &[Some(2.0), Some(1.0), Some(2.0), None]));
    search.handle(SECOND, evaluated("4", Ok(1.0)));
    assert_eq!(
        looks(search.handle(SECOND, SearchEvent::Reported { id: "4".into() })),
        [Some("4".to_owned())]
    );
    assert_eq!(
        words(&search.handle(SECOND, polled(4, &[Some(2.0), Some(1.0), Some(2.0), None]))),
        ["report 4 1"]
    );
    search.handle(SECOND, SearchEvent::Reported { id: "4".into() });
    search.handle(
        2 * SECOND,
        polled(4, &[Some(2.0), Some(1.0), Some(2.0), Some(1.0), None]),
    );
    search.handle(6 * SECOND, evaluated("5", Ok(1.0)));
    assert_eq!(
        looks(search.handle(6 * SECOND, SearchEvent::Reported { id: "5".into() })),
        [None]
    );
}

#[test]
fn ids_that_are_no_numbers_have_all_points_read() {
    let mut search = started(SearchOptions::default());
    let named = |loss| {
        let points = json!([{"id": "a", "parameters": {}, "loss": loss}, {"id": "2", "parameters": {}, "loss": 1.0}]);
        let points = serde_json::from_value(points).expect("points");
        SearchEvent::Polled {
            status: RequestStatus::Transforming,
            points,
            mine: None,
        }
    };
    search.handle(SECOND, named(None::<f64>));
    search.handle(SECOND, evaluated("a", Ok(1.0)));
    let commands = search.handle(SECOND, SearchEvent::Reported { id: "a".into() });
    assert!(
        commands
            .iter()
            .any(|command| matches!(command, Command::Poll { since: None, .. })),
        "{commands:?}"
    );
}

#[test]
fn an_end_in_the_middle_of_a_look_waits_for_what_the_points_say() {
    let mut search = started(SearchOptions::default());
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    search.handle(SECOND, SearchEvent::Reported { id: "1".into() });
    assert_eq!(
        words(&search.handle(SECOND, SearchEvent::Interrupted)),
        [""; 0]
    );
    let commands = search.handle(
        SECOND,
        SearchEvent::NothingNew {
            status: RequestStatus::Transforming,
        },
    );
    assert!(
        matches!(
            commands[..],
            [Command::Poll {
                want: 0,
                next: None,
                ..
            }]
        ),
        "{commands:?}"
    );
    assert_eq!(
        words(&search.handle(SECOND, polled(&[Some(1.0)]))),
        ["stop Interrupted"]
    );
}

#[test]
fn a_server_out_of_reach_is_borne_for_a_while() {
    let mut search = started(SearchOptions {
        patience: 60 * SECOND,
        ..SearchOptions::default()
    });
    assert_eq!(
        words(&search.handle(SECOND, SearchEvent::PollFailed(error(ErrorKind::Connect)))),
        [""; 0]
    );
    assert_eq!(
        words(&search.handle(30 * SECOND, SearchEvent::Woke)),
        ["poll"]
    );
    assert_eq!(
        words(&search.handle(
            60 * SECOND,
            SearchEvent::PollFailed(error(ErrorKind::Connect))
        )),
        [""; 0]
    );
    assert_eq!(
        words(&search.handle(
            61 * SECOND,
            SearchEvent::PollFailed(error(ErrorKind::Connect))
        )),
        ["stop a failure"]
    );
}

#[test]
fn the_sixth_refusal_in_a_row_ends_the_search() {
    let mut search = started(SearchOptions::default());
    let refused = |search: &mut Search| {
        search.handle(SECOND, SearchEvent::PollFailed(error(ErrorKind::Refused)))
    };
    for _ in 0..5 {
        assert_eq!(words(&refused(&mut search)), [""; 0]);
    }
    assert_eq!(words(&refused(&mut search)), ["stop a failure"]);
}

#[test]
fn failures_before_an_answer_do_not_count_any_more() {
    let mut search = started(SearchOptions {
        patience: 60 * SECOND,
        ..SearchOptions::default()
    });
    for _ in 0..5 {
        search.handle(SECOND, SearchEvent::PollFailed(error(ErrorKind::Refused)));
    }
    search.handle(2 * SECOND, polled(&[None]));
    assert_eq!(
        words(&search.handle(
            100 * SECOND,
            SearchEvent::PollFailed(error(ErrorKind::Refused))
        )),
        [""; 0]
    );
    assert_eq!(
        words(&search.handle(
            101 * SECOND,
            SearchEvent::PollFailed(error(ErrorKind::Connect))
        )),
        [""; 0]
    );
}

#[test]
fn a_point_that_somebody_else_evaluated_is_not_reported() {
    let mut search = started(SearchOptions::default());
    search.handle(Duration::ZERO, polled(&[None, None]));
    search.handle(SECOND, SearchEvent::Woke);
    search.handle(SECOND, polled(&[Some(0.5), Some(0.25)]));
    assert_eq!(
        words(&search.handle(SECOND, evaluated("1", Ok(9.0)))),
        [""; 0]
    );
    assert_eq!(search.progress().best.map(Loss::get), Some(0.25));
}

/// An answer with points that other workers evaluate, so that there is nothing to do here.
fn polled_by_others(losses: &[Option<f64>]) -> SearchEvent {
    SearchEvent::Polled {
        status: RequestStatus::Transforming,
        points: points(losses),
        mine: Some(HashSet::new()),
    }
}

#[test]
fn a_point_that_appears_and_a_loss_that_disappears_make_looks_frequent() {
    let mut search = started(SearchOptions {
        shortest_poll: SECOND,
        longest_poll: 5 * SECOND,
        ..SearchOptions::default()
    });
    let mut now = SECOND;
    let mut look = |losses: &[Option<f64>]| {
        search.handle(now, polled_by_others(losses));
        let pause = search.wakes_at() - now;
        now = search.wakes_at();
        search.handle(now, SearchEvent::Woke);
        pause
    };
    let known = [Some(1.0)];
    let pauses = [(); 4].map(|()| look(&known));
    assert_eq!(pauses, [1, 2, 4, 5].map(|count| count * SECOND));
    assert_eq!(look(&[Some(1.0), None]), SECOND);
    assert_eq!(look(&[Some(1.0), None]), 2 * SECOND);
    assert_eq!(look(&[None, None]), SECOND);
}

#[test]
fn losses_of_others_count_for_the_pace() {
    let mut search = started(SearchOptions::default());
    search.handle(SECOND, polled_by_others(&[None, None]));
    for (seconds, losses) in [(2, [Some(1.0), None]), (3, [Some(1.0), Some(2.0)])] {
        search.handle(seconds * SECOND, SearchEvent::Woke);
        search.handle(seconds * SECOND, polled_by_others(&losses));
    }
    assert!(search.progress().rate().is_some());
}

#[test]
fn a_loss_that_the_server_shows_again_is_not_written_again() {
    let mut search = started(SearchOptions::default());
    let writes = |commands: Vec<Command>| {
        let is_write = |command: &&Command| matches!(command, Command::Write(_));
        commands.iter().filter(is_write).count()
    };
    // The point, and that its loss is confirmed.
    assert_eq!(writes(search.handle(SECOND, polled(&[Some(1.0)]))), 2);
    search.handle(2 * SECOND, SearchEvent::Woke);
    assert_eq!(writes(search.handle(2 * SECOND, polled(&[Some(1.0)]))), 0);
}

#[test]
fn an_answer_without_news_ends_a_row_of_failures() {
    let mut search = started(SearchOptions {
        patience: 60 * SECOND,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[Some(1.0)]));
    let status = RequestStatus::Transforming;
    for seconds in [30, 120, 210] {
        let now = seconds * SECOND;
        search.handle(now, SearchEvent::Woke);
        let failed = search.handle(now, SearchEvent::PollFailed(error(ErrorKind::Unavailable)));
        assert!(words(&failed).is_empty(), "{:?}", words(&failed));
        search.handle(now + 20 * SECOND, SearchEvent::Woke);
        search.handle(now + 20 * SECOND, SearchEvent::NothingNew { status });
    }
}

#[test]
fn a_loss_that_was_acknowledged_before_a_restart_is_reported_again_when_it_does_not_show() {
    let mut search = started(SearchOptions::default());
    search.handle(SECOND, polled(&[None]));
    search.handle(SECOND, evaluated("1", Ok(1.0)));
    search.handle(SECOND, SearchEvent::Reported { id: "1".into() });
    let mut search = Search::new(SearchOptions::default(), search.history);
    search.handle(2 * SECOND, SearchEvent::Started { pid: 2 });
    assert_eq!(
        words(&search.handle(2 * SECOND, polled(&[None]))),
        ["report 1 1"]
    );
}

#[test]
fn a_worker_that_has_nothing_left_asks_at_once_for_points_that_nobody_has_taken() {
    let mut search = started(SearchOptions {
        concurrency: 2,
        ..SearchOptions::default()
    });
    let event = SearchEvent::Polled {
        status: RequestStatus::Transforming,
        points: points(&[None; 3]),
        mine: Some(["1", "2"].map(PointId::from).into()),
    };
    assert_eq!(
        words(&search.handle(SECOND, event)),
        ["evaluate 1", "evaluate 2"]
    );
    assert_eq!(
        words(&search.handle(SECOND, evaluated("1", Ok(1.0)))),
        ["report 1 1", "poll"]
    );
}

#[test]
fn looks_are_frequent_again_when_the_last_loss_of_a_generation_is_reported() {
    let mut search = started(SearchOptions {
        shortest_poll: SECOND,
        longest_poll: 100 * SECOND,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[None]));
    for seconds in [101, 202, 303] {
        search.handle(seconds * SECOND, SearchEvent::Woke);
        search.handle(seconds * SECOND, polled(&[None]));
    }
    search.handle(303 * SECOND, evaluated("1", Ok(1.0)));
    search.handle(303 * SECOND, SearchEvent::Reported { id: "1".into() });
    let status = RequestStatus::Transforming;
    search.handle(303 * SECOND, SearchEvent::NothingNew { status });
    assert_eq!(search.wakes_at(), 305 * SECOND);
}

#[test]
fn a_look_at_all_points_that_failed_is_made_again() {
    let mut search = started(SearchOptions {
        longest_poll: 5 * SECOND,
        ..SearchOptions::default()
    });
    search.handle(SECOND, polled(&[Some(1.0)]));
    let is_at_all = |commands: &[Command]| {
        let is_at_all = |command: &Command| {
            matches!(
                command,
                Command::Poll {
                    next: None,
                    since: None,
                    ..
                }
            )
        };
        commands.iter().any(is_at_all)
    };
    assert!(is_at_all(&search.handle(7 * SECOND, SearchEvent::Woke)));
    let failed = SearchEvent::PollFailed(error(ErrorKind::Unavailable));
    search.handle(7 * SECOND, failed);
    assert!(is_at_all(&search.handle(8 * SECOND, SearchEvent::Woke)));
}

#[test]
fn a_server_that_fails_is_asked_more_and_more_rarely() {
    let mut search = started(SearchOptions {
        shortest_poll: SECOND,
        longest_poll: 5 * SECOND,
        ..SearchOptions::default()
    });
    let mut now = SECOND;
    let pauses = [(); 3].map(|()| {
        let failed = SearchEvent::PollFailed(error(ErrorKind::Unavailable));
        search.handle(now, failed);
        let pause = search.wakes_at() - now;
        now = search.wakes_at();
        search.handle(now, SearchEvent::Woke);
        pause
    });
    assert_eq!(pauses, [2, 4, 5].map(|count| count * SECOND));
}
