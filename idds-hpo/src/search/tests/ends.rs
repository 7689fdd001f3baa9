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
