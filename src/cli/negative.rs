//! Negative numbers as values.

use std::any::TypeId;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{Arg, Command};

/// Lets every argument that is not text take negative numbers, if there is one on the command line.
///
/// clap knows `-1` and `-1e5` as numbers, but not `-1e-5` and `-inf`. Its other way, `allow_hyphen_values`, takes flags for values
/// too, with worse errors for what is mistyped; so it is only used where a number makes it necessary.
pub fn taken(command: Command, arguments: &[OsString]) -> Command {
    let is_needed = arguments
        .iter()
        .take_while(|it| *it != "--")
        .any(|it| is_negative(it));
    if is_needed {
        with_hyphens(command)
    } else {
        command
    }
}

fn with_hyphens(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        if is_number(&arg) {
            arg.allow_hyphen_values(true)
        } else {
            arg
        }
    });
    command.mut_subcommands(with_hyphens)
}

fn is_number(arg: &Arg) -> bool {
    let text = [
        TypeId::of::<String>(),
        TypeId::of::<OsString>(),
        TypeId::of::<PathBuf>(),
    ];
    let kind = arg.get_value_parser().type_id();
    arg.get_action().takes_values() && !arg.is_last_set() && !text.iter().any(|it| kind == *it)
}

/// Says whether it is a negative number as Rust and Python print it (`-1e-05`, `-inf`, `-.5`), or begins as one: `-5m`.
fn is_negative(argument: &OsStr) -> bool {
    let Some(rest) = argument.to_str().and_then(|it| it.strip_prefix('-')) else {
        return false;
    };
    let is_digit = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    let is_word =
        rest.starts_with(|first: char| first.is_ascii_alphabetic()) && rest.parse::<f64>().is_ok();
    is_digit(rest) || rest.strip_prefix('.').is_some_and(is_digit) || is_word
}

#[cfg(test)]
mod tests {
    use super::super::command;
    use super::*;

    fn read(line: &str) -> Result<clap::ArgMatches, String> {
        let arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        taken(command(), &arguments)
            .try_get_matches_from(&arguments)
            .map_err(|error| error.to_string())
    }

    const NUMBERS: [&str; 9] = [
        "-1",
        "-1e-5",
        "-1E+3",
        "-1e-05",
        "-.5",
        "-0.0",
        "-5.",
        "-inf",
        "-Infinity",
    ];

    #[test]
    fn a_negative_number_is_a_value_wherever_a_number_is() {
        for number in NUMBERS {
            let matches = read(&format!("idds hpo update 1 1 {number} -v")).expect(number);
            let update = matches
                .subcommand()
                .and_then(|(_, hpo)| hpo.subcommand())
                .expect("hpo update")
                .1;
            assert_eq!(
                update.get_one::<f64>("loss"),
                number.parse().ok().as_ref(),
                "{number}"
            );
            assert_eq!(update.get_one::<u8>("verbose"), Some(&1));
            read(&format!(
                "idds update_hyperparameter --request_id 1 --id 1 --loss {number} -q"
            ))
            .expect(number);
        }
        for number in ["-1", "-1e-5", "-1E+3", "-.5"] {
            for flag in ["--target", "--on_failure", "--on_non_finite"] {
                read(&format!("idds hpo run 1 {flag} {number} -q -- true")).expect(number);
            }
        }
    }

    #[test]
    fn a_number_that_must_not_be_negative_is_named_with_what_is_wrong() {
        for line in [
            "hpo run 1 --concurrency -1e-5 -- true",
            "hpo points -n -3 1",
            "request watch 1 --timeout -5m",
        ] {
            let error = read(&format!("idds {line}")).expect_err(line);
            assert!(error.contains("invalid value '-"), "{line}: {error}");
        }
        let error = read("idds hpo run 1 --worker -1/4 -- true").expect_err("no worker");
        assert!(error.contains("it is not I/N"), "{error}");
    }

    #[test]
    fn a_mistyped_flag_is_one_as_before() {
        for line in [
            "hpo update 1 1 --verbos 0.5",
            "hpo update 1 -x 1 0.5",
            "hpo run 1 --target --quiet -- x -1",
        ] {
            let error = read(&format!("idds {line}")).expect_err(line);
            assert!(
                error.contains("unexpected argument '-") || error.contains("a value is required"),
                "{line}: {error}"
            );
        }
    }
}
