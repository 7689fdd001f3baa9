use std::time::Duration;

use idds_workflow::RequestId;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{Direction, Loss, RequestIdentity, SearchResult, Stage, StopReason};

fn header() -> Header {
    let start = Duration::from_secs(1_000_000);
    let identity = RequestIdentity {
        created_at: Some("2026-11-29T08:15:00Z".to_owned()),
        ..Default::default()
    };
    Header::new(
        RequestId::new(7),
        "http://127.0.0.1:1/idds",
        Direction::Minimize,
        start,
    )
    .identity(identity)
}

/// A journal of one of everything.
fn entries() -> Vec<Entry> {
    let at = Duration::from_micros(1_234_567);
    let loss = Loss::new(0.1).expect("finite");
    let point = |id: &str| id.into();
    vec![
        Entry::Journal(header()),
        Entry::Session {
            at: Duration::ZERO,
            pid: 4711,
        },
        Entry::Point {
            at,
            point: point("1"),
            parameters: json!({"A": 1, "B": 2.0, "c": "µ\n"}),
        },
        Entry::Point {
            at,
            point: point("2"),
            parameters: json!([0, {"A": 5e-324}]),
        },
        Entry::Point {
            at,
            point: point("3"),
            parameters: json!(null),
        },
        Entry::Leased {
            at,
            point: point("1"),
            slot: 0,
        },
        Entry::Leased {
            at,
            point: point("2"),
            slot: 1,
        },
        Entry::Intermediate {
            at,
            point: point("1"),
            step: 3,
            loss,
            attempt: None,
        },
        Entry::Failed {
            at,
            point: point("2"),
            why: "out of memory".to_owned(),
            attempt: None,
        },
        Entry::LeftOpen {
            at,
            point: point("2"),
        },
        Entry::Evaluated {
            at,
            point: point("1"),
            loss,
            made_up: Some("why".to_owned()),
            stopped_at: Some(3),
            attempt: None,
            same_as: None,
        },
        Entry::Reported {
            at,
            point: point("1"),
        },
        Entry::Confirmed {
            at,
            point: point("1"),
            loss: Some(loss),
        },
        Entry::Confirmed {
            at,
            point: point("3"),
            loss: None,
        },
        Entry::Lost {
            at,
            point: point("1"),
        },
        Entry::Confirmed {
            at,
            point: point("1"),
            loss: Some(loss),
        },
        Entry::Stopped {
            at,
            reason: StopReason::Ended(idds_workflow::RequestStatus::Failed),
            error: None,
        },
    ]
}

fn bytes() -> Vec<u8> {
    let mut bytes = Vec::new();
    lines(&entries(), &mut bytes);
    bytes
}

fn message(bytes: &[u8]) -> String {
    Journal::parse(bytes)
        .expect_err("not a journal")
        .to_string()
}

/// A journal with one line in place of another, with the right checksum.
fn with_line(number: usize, json: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes()).expect("text");
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines[number - 1] = format!("{:08x} {json}", crc32fast::hash(json.as_bytes()));
    (lines.join("\n") + "\n").into_bytes()
}

#[test]
fn a_journal_says_what_happened_to_every_point() {
    let SearchResult {
        request,
        stop,
        trials,
        elapsed,
        ..
    } = Journal::parse(&bytes()).expect("a journal");
    assert_eq!(
        (request.get(), elapsed),
        (7, Duration::from_micros(1_234_567))
    );
    assert_eq!(
        stop,
        StopReason::Ended(idds_workflow::RequestStatus::Failed)
    );
    let [first, second, third] = &trials[..] else {
        panic!("{trials:?}")
    };
    assert_eq!(
        (first.stage, first.loss.map(Loss::get), first.stopped_at),
        (Stage::Confirmed, Some(0.1), Some(3))
    );
    assert_eq!(
        (
            first.made_up.as_deref(),
            first.evaluations[0].intermediate.len()
        ),
        (Some("why"), 1)
    );
    assert_eq!(
        (second.stage, second.failure()),
        (Stage::LeftOpen, Some("out of memory"))
    );
    assert_eq!(
        (third.is_foreign, third.loss, &third.parameters),
        (true, None, &json!(null))
    );
}

#[test]
fn the_text_of_a_line_is_as_documented() {
    let mut line = Vec::new();
    lines(
        &[Entry::Evaluated {
            at: Duration::from_micros(15_034),
            point: "1".into(),
            loss: Loss::new(1.25).expect("finite"),
            made_up: None,
            stopped_at: None,
            attempt: None,
            same_as: None,
        }],
        &mut line,
    );
    assert_eq!(
        String::from_utf8_lossy(&line),
        "1c420698 {\"evaluated\":{\"at\":15034,\"point\":\"1\",\"loss\":1.25}}\n"
    );
}

#[test]
fn a_torn_end_is_no_error_wherever_it_is_torn() {
    let bytes = bytes();
    let ends: Vec<_> = (0..bytes.len())
        .filter(|end| bytes[..*end].ends_with(b"\n"))
        .collect();
    for end in ends[0]..bytes.len() {
        let (history, whole) = read(&bytes[..end])
            .expect("a torn journal")
            .expect("a header");
        let last = ends.iter().filter(|line| **line <= end).max().copied();
        assert_eq!((Some(whole as usize), history.header()), (last, &header()));
    }
    for end in 0..ends[0] {
        assert_eq!(read(&bytes[..end]).expect("a torn header"), None, "{end}");
    }
    // A line that a power cut left empty.
    let torn = [&bytes[..ends[3]], &[0; 40], b"\n"].concat();
    assert_eq!(
        read(&*torn).expect("a torn journal").expect("a header").1,
        ends[3] as u64
    );
}

#[test]
fn damage_in_the_middle_is_named_by_line_and_field() {
    let mut bytes = bytes();
    let at = bytes.iter().position(|byte| *byte == b'\n').expect("lines") + 20;
    bytes[at] ^= 1;
    let message = message(&bytes);
    assert!(message.starts_with("line 2, checksum: it is "), "{message}");
}

#[test]
fn lines_that_say_what_cannot_be_are_named_by_line_and_field() {
    for (number, json, expected) in [
        (
            11,
            r#"{"evaluated":{"at":1,"point":"1","loss":"x"}}"#,
            "line 11, evaluated.loss: invalid type: string \"x\", expected f64 at",
        ),
        (
            11,
            r#"{"evaluated":{"at":1,"point":"1"}}"#,
            "line 11, evaluated: missing field `loss`",
        ),
        (
            6,
            r#"{"leased":{"at":1,"point":"9","slot":0}}"#,
            "line 6, point: there is no point 9 before",
        ),
        (
            6,
            r#"{"reported":{"at":1,"point":"1"}}"#,
            "line 6, point: point 1 cannot do this when it is Open",
        ),
        (
            4,
            r#"{"point":{"at":1,"point":"1","parameters":1}}"#,
            "line 4, point: point 1 appeared before",
        ),
        (
            1,
            r#"{"session":{"at":1,"pid":1}}"#,
            "line 1, journal: the first line must say what the journal is about",
        ),
    ] {
        let message = message(&with_line(number, json));
        assert!(message.starts_with(expected), "{message}");
    }
    let newer = with_line(
        1,
        &serde_json::to_string(&Entry::Journal(Header {
            version: 9,
            ..header()
        }))
        .expect("JSON"),
    );
    assert_eq!(
        message(&newer),
        "it is a journal of version 9 of the format, and this program reads version 2; begin a new one in another file"
    );
}

#[test]
fn a_file_of_something_else_is_left_alone() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("notes.txt");
    for content in ["my notes", "my notes\n", "12345678 notes"] {
        std::fs::write(&path, content)?;
        let error = Journal::open(&Place::Named(path.clone()), header()).expect_err("no journal");
        assert_eq!(error.kind(), JournalErrorKind::Other, "{error}");
        assert!(
            error
                .to_string()
                .ends_with("notes.txt: this file is no journal of a search"),
            "{error}"
        );
        assert_eq!(
            Journal::read(&path).expect_err("no journal").to_string(),
            error.to_string()
        );
        assert_eq!(std::fs::read_to_string(&path)?, content);
    }
    for (path, what) in [
        ("/dev/full", "a device or a pipe"),
        ("/dev/zero", "a device or a pipe"),
        ("/", "a directory"),
    ] {
        let expected = format!("{path}: it is {what}, and a journal is a regular file");
        assert_eq!(
            Journal::open(&Place::Named(path.into()), header())
                .expect_err("no file")
                .to_string(),
            expected
        );
        assert_eq!(
            Journal::read(path).expect_err("no file").to_string(),
            expected
        );
    }
    Ok(())
}

#[test]
fn a_journal_belongs_to_one_driver_and_one_search() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("journal");
    let (journal, _) = Journal::open(&Place::Named(path.clone()), header())?;
    let error = Journal::open(&Place::Named(path.clone()), header()).expect_err("in use");
    assert_eq!(error.kind(), JournalErrorKind::InUse);
    assert!(
        error
            .to_string()
            .ends_with("journal: another process runs the search with this journal"),
        "{error}"
    );
    drop(journal);
    let identity = |created_at: &str| RequestIdentity {
        created_at: Some(created_at.to_owned()),
        ..Default::default()
    };
    for other in [
        Header {
            request: RequestId::new(8),
            ..header()
        },
        Header {
            direction: Direction::Maximize,
            ..header()
        },
        header().identity(identity("2026-11-30T08:15:00Z")),
    ] {
        let error = Journal::open(&Place::Named(path.clone()), other).expect_err("another search");
        assert_eq!(error.kind(), JournalErrorKind::Other, "{error}");
    }
    Ok(())
}

#[test]
fn what_was_written_is_there_again_and_a_torn_end_is_cut_off()
-> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("journal");
    std::fs::write(&path, &bytes()[..30])?;
    let entries = entries();
    for entry in &entries[1..] {
        let (mut journal, _) = Journal::open(&Place::Named(path.clone()), header())?;
        journal.append(entry)?;
        journal.flush()?;
        drop(journal);
        let mut torn = std::fs::read(&path)?;
        torn.extend(b"0000");
        std::fs::write(&path, torn)?;
    }
    assert_eq!(Journal::read(&path)?, Journal::parse(&bytes())?);
    Ok(())
}

#[test]
fn opening_a_journal_leaves_no_byte_of_a_torn_end() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("journal");
    for torn in ["0", "\n", "00", "0000 {\"sess"] {
        std::fs::write(&path, [&bytes()[..], torn.as_bytes()].concat())?;
        Journal::open(&Place::Named(path.clone()), header())?;
        assert_eq!(std::fs::read(&path)?, bytes(), "{torn:?}");
    }
    Ok(())
}

#[test]
fn a_journal_from_elsewhere_is_refused_by_line_and_value() {
    let leased = |slot: &str| format!(r#"{{"leased":{{"at":1,"point":"1","slot":{slot}}}}}"#);
    let failed = |attempt: &str| {
        format!(r#"{{"failed":{{"at":1,"point":"1","why":"","attempt":{attempt}}}}}"#)
    };
    let point =
        |id: &str, at: &str| format!(r#"{{"point":{{"at":{at},"point":"{id}","parameters":1}}}}"#);
    let long = "x".repeat(1 << 20);
    for (json, expected) in [
        (
            leased("1000000000"),
            "line 6, slot: 1000000000 is above 99999, the most that there is".to_owned(),
        ),
        (
            leased("9223372036854775808"),
            "line 6, slot: 9223372036854775808 is above".to_owned(),
        ),
        (
            leased("18446744073709551616"),
            "line 6, leased.slot: invalid type: floating point".to_owned(),
        ),
        (
            leased("-1"),
            "line 6, leased.slot: invalid value: integer `-1`".to_owned(),
        ),
        (
            failed("9223372036854775808"),
            "line 6, failed.attempt: invalid value: integer `9223372036854775808`".to_owned(),
        ),
        (
            point("9", "18446744073709551616"),
            "line 6, point.at: invalid type: floating point `1.844".to_owned(),
        ),
        (
            point(&long, "1"),
            format!(
                "line 6, point: {} … has 1048576 bytes, and the id of a point has",
                &long[..200]
            ),
        ),
    ] {
        let text = String::from_utf8(bytes()).expect("text");
        let mut before: String = text
            .lines()
            .take(5)
            .map(|line| format!("{line}\n"))
            .collect();
        // Also as the last line, which no kill leaves with its checksum.
        before += &format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()));
        for bytes in [before.into_bytes(), with_line(6, &json)] {
            let message = message(&bytes);
            assert!(message.starts_with(&expected), "{message}");
        }
    }
}

#[test]
fn a_line_of_any_length_is_not_read_to_its_end() {
    let mut long = Vec::new();
    lines(&[Entry::Journal(header())], &mut long);
    long.resize(long.len() + (33 << 20), b'x');
    assert_eq!(message(&long), "line 2, line: it is longer than 32 MiB");
}

#[test]
fn a_link_that_a_program_did_not_make_is_refused_and_one_of_a_person_is_followed()
-> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let [target, link] = ["target", "journal"].map(|name| folder.path().join(name));
    std::os::unix::fs::symlink("target", &link)?;
    let error = Journal::open(&Place::Own(link.clone()), header()).expect_err("a link");
    assert!(error.to_string().contains("is not followed"), "{error}");
    assert!(!target.exists());
    Journal::open(&Place::Named(link.clone()), header())?;
    assert!(target.exists() && link.is_symlink());
    let error = Journal::open(&Place::Own(link), header()).expect_err("a link");
    assert!(
        error
            .to_string()
            .ends_with("it is a link that may be somebody else's and is not followed, and a journal is a regular file"),
        "{error}"
    );
    Ok(())
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
        prop_assert!(Journal::parse(&bytes).is_err());
    }

    #[test]
    fn a_damaged_journal_is_read_up_to_the_damage_or_refused(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut damaged = bytes();
        for (index, byte) in changes {
            let index = index.index(damaged.len());
            damaged[index] = byte;
        }
        if let Ok(Some((history, whole))) = read(&*damaged) {
            // What is read is what was written.
            prop_assert_eq!(&damaged[..whole as usize], &bytes()[..whole as usize]);
            prop_assert!(history.trials().len() <= 3);
        }
    }

    #[test]
    fn lines_in_any_order_are_read_or_refused(order in proptest::collection::vec(0..17_usize, 0..30)) {
        let all = entries();
        let mut bytes = Vec::new();
        lines(&[vec![all[0].clone()], order.iter().map(|index| all[*index].clone()).collect()].concat(), &mut bytes);
        match read(&*bytes) {
            Ok(known) => prop_assert_eq!(known.map(|(_, whole)| whole), Some(bytes.len() as u64)),
            Err(error) => prop_assert_eq!(error.kind(), JournalErrorKind::Line),
        }
    }
}

#[test]
fn a_journal_keeps_the_space_that_is_searched() {
    let space = idds_workflow::OptSpace::builder()
        .log("lr", 1e-6..=1.0)
        .choice("opt", ["adam", "sgd"])
        .build();
    let space = space.expect("a space");
    let mut bytes = bytes();
    lines(
        &[Entry::Space {
            space: space.clone(),
        }],
        &mut bytes,
    );
    let result = Journal::parse(&bytes).expect("a journal");
    assert_eq!(result.space, Some(space));
    assert_eq!(
        (result.server.as_str(), result.best_trial()),
        ("http://127.0.0.1:1/idds", None),
        "the only loss was made up"
    );
}
