//! Journals that a fuzzer begins with, and those with which it found something: lines without their checksums.

use std::fs;
use std::path::Path;

use idds_hpo::Journal;

use crate::readers;

#[test]
fn journals_that_fuzzing_begins_with_or_has_found_break_nothing() {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found/journal");
    for entry in fs::read_dir(&found).expect("tests/found/journal is there") {
        let input = entry.expect("the folder is readable").path();
        println!("{}", input.display());
        readers::journal(&fs::read(&input).expect("the input is readable"));
    }
}

#[test]
fn a_journal_of_this_version_is_read() {
    let journal = include_bytes!("../found/version-2.journal");
    let result = Journal::parse(journal).expect("a journal");
    let losses: Vec<_> = result
        .trials
        .iter()
        .map(|trial| trial.loss.map(idds_hpo::Loss::get))
        .collect();
    assert_eq!(
        (result.request.get(), losses),
        (7, vec![Some(0.1), None, None])
    );
    readers::journal(journal);
}

#[test]
fn a_journal_says_which_evaluations_ran_at_once_and_which_loss_came_from_another_point() {
    let lines = include_bytes!("../found/journal/twins");
    let result = Journal::parse(&readers::with_checksums(lines)).expect("a journal");
    let [_, second, third, _] = &result.trials[..] else {
        panic!("{result:?}")
    };
    let ends: Vec<_> = second
        .evaluations
        .iter()
        .map(|one| {
            (
                one.ended.map(|at| at.as_micros()),
                one.failure.is_some(),
                one.is_superseded,
            )
        })
        .collect();
    let cut_off = (None, false, false);
    assert_eq!(
        ends,
        [
            (Some(960), true, false),
            cut_off,
            (Some(9100), false, false),
            (Some(9100), false, true)
        ]
    );
    assert_eq!((second.attempts(), &third.same_as), (2, &Some("1".into())));
}
