//! Losses that the server had and has not any more.

use super::*;

/// A search in its second process, whose journal says that the first two of three points have their losses.
fn resumed() -> Search {
    let mut history = history();
    let mut search = Search::new(SearchOptions::default(), history.clone());
    search.handle(Duration::ZERO, SearchEvent::Started { pid: 1 });
    let first = search.handle(SECOND, polled(&[Some(0.5), None, None]));
    let second = search.handle(SECOND, evaluated("2", Ok(0.25)));
    let third = search.handle(SECOND, SearchEvent::Reported { id: "2".into() });
    let fourth = search.handle(2 * SECOND, polled(&[Some(0.5), Some(0.25), None]));
    for command in [first, second, third, fourth].into_iter().flatten() {
        if let Command::Write(entry) = command {
            history.apply(&entry).expect("an entry that can follow");
        }
    }
    let mut search = Search::new(SearchOptions::default(), history);
    search.handle(3 * SECOND, SearchEvent::Started { pid: 2 });
    search
}

#[test]
fn losses_that_the_server_has_lost_are_reported_again_and_not_evaluated_again() {
    let mut search = resumed();
    let commands = search.handle(4 * SECOND, polled(&[None, None, None]));
    assert_eq!(
        words(&commands),
        ["report 1 0.5", "report 2 0.25", "evaluate 3"]
    );
    for id in ["1", "2"] {
        search.handle(5 * SECOND, SearchEvent::Reported { id: id.into() });
    }
    search.handle(6 * SECOND, polled(&[Some(0.5), Some(0.25), None]));
    let first = record(search, "1");
    assert!(
        first.stage == Stage::Confirmed && first.is_foreign,
        "{first:?}"
    );
}

#[test]
fn nothing_is_reported_to_a_request_that_is_over() {
    let mut search = resumed();
    let points = points(&[None, Some(0.25), None]);
    let commands = search.handle(
        4 * SECOND,
        SearchEvent::Polled {
            status: RequestStatus::Failed,
            points,
            mine: None,
        },
    );
    assert_eq!(words(&commands), ["stop Ended(Failed)"]);
}

#[test]
fn a_point_whose_loss_was_no_number_and_is_lost_is_evaluated_and_looked_at() {
    let mut search = started(SearchOptions::default());
    let mut shown = points(&[None, Some(0.5)]);
    shown[0].loss = Some(f64::NAN);
    let points = SearchEvent::Polled {
        status: RequestStatus::Transforming,
        points: shown,
        mine: None,
    };
    assert_eq!(words(&search.handle(SECOND, points)), [""; 0]);
    search.handle(11 * SECOND, SearchEvent::Woke);
    assert_eq!(
        words(&search.handle(11 * SECOND, polled(&[None, Some(0.5)]))),
        ["evaluate 1"]
    );
    search.handle(12 * SECOND, evaluated("1", Ok(0.25)));
    let commands = search.handle(12 * SECOND, SearchEvent::Reported { id: "1".into() });
    let is_read = |command: &Command| matches!(command, Command::Poll { since: Some(id), .. } if id.as_str() == "1");
    assert!(commands.iter().any(is_read), "{commands:?}");
}
