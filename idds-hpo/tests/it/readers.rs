//! What holds for any bytes that are taken for a journal: they may be refused, but what is read can be used in every way. The
//! target in `fuzz/` looks for bytes for which this does not hold.

use std::time::Duration;

use idds_hpo::{Journal, JournalErrorKind, SearchResult, Slowness, WhatIf, report};
use idds_sampler::{Random, Steering};

/// Hands bytes to the reader: as they are, and as lines whose checksums are still to be made.
pub(crate) fn journal(bytes: &[u8]) {
    read(bytes);
    read(&with_checksums(bytes));
}

/// Puts its checksum before each line.
pub(crate) fn with_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut lines = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let json = line.strip_suffix(b"\n").unwrap_or(line);
        lines.extend_from_slice(format!("{:08x} ", crc32fast::hash(json)).as_bytes());
        lines.extend_from_slice(line);
    }
    lines
}

fn read(bytes: &[u8]) {
    match Journal::parse(bytes) {
        Err(error) => {
            let beginnings: &[&str] = match error.kind() {
                JournalErrorKind::Line => &["line "],
                JournalErrorKind::Other => {
                    &["this file is no journal", "it is a journal of version "]
                }
                _ => panic!("{error:?}"),
            };
            assert!(
                beginnings
                    .iter()
                    .any(|beginning| error.to_string().starts_with(beginning)),
                "{error}"
            );
        }
        Ok(result) => {
            uses(&result);
            // What a kill leaves is read as well, as long as the first line is whole.
            let first = bytes
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(bytes.len(), |end| end + 1);
            for end in [first, first + (bytes.len() - first) / 2, bytes.len() - 1] {
                let torn = Journal::parse(&bytes[..end.max(first)])
                    .expect("the beginning of a journal is one");
                assert!(torn.trials.len() <= result.trials.len());
            }
        }
    }
}

fn uses(result: &SearchResult) {
    let with_loss = result
        .trials
        .iter()
        .filter(|trial| trial.loss.is_some())
        .count();
    assert_eq!(result.ranking().len(), with_loss);
    let evaluated = result
        .trials
        .iter()
        .filter(|trial| trial.loss.is_some() && trial.made_up.is_none())
        .count();
    assert_eq!(result.best_trial().is_some(), evaluated > 0);
    for trial in &result.trials {
        assert!(trial.attempts() >= trial.failures(), "{trial:?}");
    }
    let generations = result.generations();
    assert_eq!(
        generations
            .iter()
            .map(ExactSizeIterator::len)
            .sum::<usize>(),
        result.trials.len()
    );
    if let Ok(replayed) = result.replay(None, &Steering::new(Random)) {
        assert_eq!(replayed.len(), generations.len());
    }
    for slowness in [Slowness::Chance, Slowness::Point] {
        let plan = WhatIf::new(3, 4)
            .timeout(Duration::from_secs(1))
            .speculate(2.0)
            .slowness(slowness);
        if let Some(forecast) = result.what_if(&plan) {
            assert!(
                (0.0..=1.0).contains(&forecast.utilisation()),
                "{forecast:?}"
            );
            assert!(
                result
                    .best_batch(&plan, 0.1)
                    .is_some_and(|best| best.batch <= forecast.points)
            );
        }
    }
    assert!(report::csv(result).lines().count() > result.trials.len());
    assert!(report::json(result).is_object());
    assert!(!report::best_points(result, 3).is_empty());
}
