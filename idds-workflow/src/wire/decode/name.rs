//! Names that Python makes: generated ones, and those of outputs with the numbers of their runs.

use crate::WorkloadId;

/// Takes the run numbers off the name of an output: `out.0` and `out.0..1` are `out`.
///
/// The constructor appends `.0`, the agents append further ones, which may be empty or like `1_2`.
pub(crate) fn without_runs(name: &str) -> &str {
    let mut end = name.len();
    while let Some((rest, run)) = name[..end].rsplit_once('.') {
        if run == "0" {
            return rest;
        }
        if !run.chars().all(|c| c.is_ascii_digit() || c == '_') {
            break;
        }
        end = rest.len();
    }
    name
}

/// What the name of a search is.
#[derive(Debug, PartialEq)]
pub(crate) enum Search {
    /// The user gave it.
    Given,
    /// Python made it, perhaps with the workload id.
    Generated(Option<WorkloadId>),
}

/// Tells who made the name of a search.
pub(crate) fn search(name: &str) -> Search {
    let Some(rest) = name.strip_prefix("hpo.") else {
        return Search::Given;
    };
    if is_moment(rest) {
        return Search::Generated(None);
    }
    match rest.split_once('.') {
        Some((workload, rest)) if is_moment(rest) => workload
            .parse()
            .map_or(Search::Given, |workload| Search::Generated(Some(workload))),
        _ => Search::Given,
    }
}

/// Tells whether Python made the name, of this prefix and the time.
pub(crate) fn is_generated(prefix: &str, name: &str) -> bool {
    name.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('.'))
        .is_some_and(is_moment)
}

/// Tells whether a text is a time such as `2024_03_05_06_07_08_000009` with a number from 1 to 1000 after it.
fn is_moment(text: &str) -> bool {
    const TIME: &[u8] = b"dddd_dd_dd_dd_dd_dd_dddddd";
    let Some((time, draw)) = text.as_bytes().split_at_checked(TIME.len()) else {
        return false;
    };
    let is_time = time.iter().zip(TIME).all(|(c, form)| {
        if *form == b'd' {
            c.is_ascii_digit()
        } else {
            c == form
        }
    });
    is_time && (1..=4).contains(&draw.len()) && draw.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_numbers_come_off_and_nothing_else() {
        let names = [
            ("out.0", "out"),
            ("out.0..1", "out"),
            ("data.2.0.1_2", "data.2"),
            ("x.0.0", "x.0"),
            ("a.0.b", "a.0.b"),
        ];
        for (sent, name) in names {
            assert_eq!(without_runs(sent), name);
        }
        assert_eq!(without_runs("a___idds___.7"), "a___idds___.7");
        assert_eq!(without_runs(".0"), "");
    }

    #[test]
    fn generated_names_are_known() {
        assert_eq!(
            search("hpo.2024_03_05_06_07_08_0000091000"),
            Search::Generated(None)
        );
        assert_eq!(
            search("hpo.7.2024_03_05_06_07_08_0000091"),
            Search::Generated(Some(WorkloadId::new(7)))
        );
        for given in [
            "hpo",
            "hpo.",
            "hpo.2024",
            "hpo.x.2024_03_05_06_07_08_0000091",
            "hpo.2024_03_05_06_07_08_000009",
        ] {
            assert_eq!(search(given), Search::Given, "{given}");
        }
        assert!(is_generated(
            "idds.workflow",
            "idds.workflow.2024_03_05_06_07_08_000009512"
        ));
        assert!(!is_generated("idds.workflow", "idds.workflow.mine"));
    }
}
