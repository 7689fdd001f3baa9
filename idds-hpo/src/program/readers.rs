//! What holds for any bytes that a program leaves: they may be no loss and no values, but the reason can be shown, and is short. The
//! targets in `fuzz/`, which take this file and its neighbours, look for bytes for which this does not hold.

use idds_workflow::printable;

use super::output::{judge, said};
use super::values::{LONGEST, Values, value};

/// Hands bytes to a reader, by the name of its target.
pub(crate) fn check(reader: &str, bytes: &[u8]) {
    match reader {
        "output" => output(bytes),
        "values" => values(bytes),
        other => panic!("no reader is called {other}"),
    }
}

/// `output.json`, and the end of what a program prints.
fn output(bytes: &[u8]) {
    for outcome in [judge(bytes), said(&String::from_utf8_lossy(bytes))] {
        if let Err(why) = outcome {
            assert_eq!(printable(&why), why, "it is obeyed by a terminal");
            assert!(why.len() < 10_000, "{}", why.len());
        }
    }
}

/// `values.txt`, in pieces as it grows.
fn values(bytes: &[u8]) {
    for length in [1, 7, 1 << 20] {
        let (mut values, mut waiting, mut before, mut step) =
            (Values::of("".as_ref()), Vec::new(), 0, 0);
        for piece in bytes.chunks(length) {
            waiting.extend_from_slice(piece);
            let text = values.added(waiting.clone());
            for line in text.lines() {
                assert!(line.len() <= 3 * LONGEST, "{}", line.len());
                step = value(line, step).map_or_else(
                    |why| {
                        assert!(why.len() < 20_000, "{}", why.len());
                        step
                    },
                    |(step, _)| step,
                );
            }
            waiting.drain(..usize::try_from(values.read - before).expect("a piece"));
            before = values.read;
            assert!(waiting.len() <= LONGEST + length, "{}", waiting.len());
        }
    }
}
