//! What a search takes, in plans that can be added up by hand.

use std::time::Duration;

use idds_workflow::RequestId;
use proptest::prelude::*;
use serde_json::json;

use super::{Slowness, WhatIf};
use crate::{Direction, Evaluation, Forecast, SearchResult, StopReason, TrialRecord};

/// A search whose points took this many seconds; the second ones after failures.
fn recorded(seconds: &[(Vec<u64>, u64)]) -> SearchResult {
    let trials = (1..).zip(seconds).map(|(id, (failures, last))| {
        let mut trial = TrialRecord::new(id.to_string().as_str().into(), json!({"x": id}));
        let evaluation = |seconds: u64, failure: Option<&str>| Evaluation {
            ended: Some(Duration::from_secs(seconds)),
            failure: failure.map(str::to_owned),
            ..Evaluation::new(0, Duration::ZERO)
        };
        trial.evaluations.extend(
            failures
                .iter()
                .map(|seconds| evaluation(*seconds, Some("no luck"))),
        );
        trial.evaluations.push(evaluation(*last, None));
        trial
    });
    let trials = trials.collect();
    let (request, direction, stop) = (RequestId::new(1), Direction::Minimize, StopReason::Finished);
    SearchResult {
        request,
        direction,
        stop,
        error: None,
        space: None,
        started: None,
        earlier: Vec::new(),
        server: String::new(),
        trials,
        elapsed: Duration::ZERO,
    }
}

fn simple(seconds: &[u64]) -> SearchResult {
    recorded(
        &seconds
            .iter()
            .map(|seconds| (Vec::new(), *seconds))
            .collect::<Vec<_>>(),
    )
}

fn seconds(forecast: Forecast) -> (u64, u64, u64) {
    (
        forecast.makespan.as_secs(),
        forecast.busy.as_secs(),
        forecast.idle.as_secs(),
    )
}

#[test]
fn every_generation_waits_for_its_slowest_point() {
    let result = simple(&[1, 5, 1, 1, 2, 2]);
    let play = |plan: WhatIf| seconds(result.what_if(&plan).expect("evaluations"));
    assert_eq!(play(WhatIf::new(2, 2)), (5 + 1 + 2, 12, 4));
    assert_eq!(play(WhatIf::new(2, 6)), (7, 12, 2));
    assert_eq!(play(WhatIf::new(1, 2)), (12, 12, 0));
    assert_eq!(
        play(WhatIf::new(2, 2).turnaround(Duration::from_secs(10))),
        (28, 12, 44)
    );
    assert_eq!(play(WhatIf::new(9, 99)).0, 5);
}

#[test]
fn a_time_limit_gives_up_what_takes_longer_as_often_as_it_may_be_tried() {
    let result = simple(&[1, 1, 1, 9]);
    let plan = WhatIf::new(1, 4)
        .timeout(Duration::from_secs(2))
        .attempts(2);
    let by_chance = result.what_if(&plan).expect("evaluations");
    assert_eq!(
        (
            seconds(by_chance).0,
            by_chance.evaluations,
            by_chance.given_up
        ),
        (3 + 2 + 1, 5, 0)
    );
    let by_point = result
        .what_if(&plan.slowness(Slowness::Point))
        .expect("evaluations");
    assert_eq!(
        (seconds(by_point).0, by_point.evaluations, by_point.given_up),
        (3 + 2 + 2, 5, 1)
    );
}

#[test]
fn a_second_evaluation_of_a_straggler_saves_time_only_if_the_point_is_not_to_blame() {
    let result = simple(&[1, 1, 1, 1, 1, 20]);
    let plan = WhatIf::new(2, 2).speculate(3.0);
    let forecast = result.what_if(&plan).expect("evaluations");
    assert_eq!(
        (seconds(forecast).0, forecast.speculative),
        (1 + 1 + 3 + 1, 1)
    );
    let forecast = result
        .what_if(&plan.slowness(Slowness::Point))
        .expect("evaluations");
    assert_eq!((seconds(forecast).0, forecast.speculative), (1 + 1 + 20, 1));
}

#[test]
fn the_best_batch_is_the_smallest_that_costs_little_time() {
    let result = simple(&[2; 40]);
    let best = |tolerance| {
        result
            .best_batch(&WhatIf::new(4, 1), tolerance)
            .expect("evaluations")
            .batch
    };
    assert_eq!(best(0.0), 4);
    // With a server that takes its time, larger ones pay.
    let slow = WhatIf::new(4, 1).turnaround(Duration::from_secs(10));
    assert_eq!(
        result.best_batch(&slow, 0.0).map(|forecast| forecast.batch),
        Some(40)
    );
    assert_eq!(
        result
            .best_batch(&slow, 1.0)
            .map(|forecast| (forecast.batch, forecast.generations)),
        Some((16, 3))
    );
}

#[test]
fn of_a_search_without_evaluations_nothing_is_said() {
    assert_eq!(simple(&[]).what_if(&WhatIf::new(1, 1)), None);
    assert_eq!(simple(&[]).best_batch(&WhatIf::new(1, 1), 0.1), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A worker evaluates one point at a time, and a generation waits for its slowest point.
    #[test]
    fn a_forecast_adds_up(
        durations in proptest::collection::vec((proptest::collection::vec(1..9_000_u64, 0..2), 1..90_000_u64), 1..30),
        workers in 1..6_usize,
        batch in 1..12_usize,
        timeout in proptest::option::of(20_001..60_001_u64),
        speculate in proptest::option::of(1.5..4.0),
    ) {
        let result = recorded(&durations);
        let mut plan = WhatIf::new(workers, batch);
        (plan.timeout, plan.speculate) = (timeout.map(Duration::from_secs), speculate);
        let forecast = result.what_if(&plan).expect("evaluations");
        let all = forecast.makespan * u32::try_from(workers).expect("few");
        prop_assert_eq!(forecast.busy + forecast.idle, all);
        prop_assert!(forecast.evaluations >= durations.len() + forecast.speculative);
        prop_assert_eq!(result.what_if(&plan), Some(forecast));
        if timeout.is_none() && speculate.is_none() {
            let seconds = |(failures, last): &(Vec<u64>, u64)| failures.iter().sum::<u64>() + last;
            let total: u64 = durations.iter().map(seconds).sum();
            let slowest: u64 = durations
                .chunks(batch)
                .map(|generation| generation.iter().map(seconds).max().unwrap_or(0))
                .sum();
            prop_assert_eq!(forecast.busy.as_secs(), total);
            prop_assert!(forecast.makespan.as_secs() >= slowest.max(total / workers as u64));
            prop_assert!(forecast.makespan.as_secs() <= total);
        }
    }
}
