//! A command line that is wrong: what clap says about it, and what was probably meant.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};
use idds::workflow::printable;

use super::output;

/// Adds to the error what clap cannot know.
pub fn explain(mut error: Error, command: &Command, arguments: &[OsString]) -> Error {
    let is = |at: usize, words: &[&str]| {
        arguments
            .get(at)
            .is_some_and(|it| words.iter().any(|word| it == *word))
    };
    let tip = match error.kind() {
        ErrorKind::InvalidSubcommand => match error.get(ContextKind::InvalidSubcommand) {
            Some(ContextValue::String(name)) => {
                let found = if is(1, &[name]) {
                    elsewhere(command, name)
                } else {
                    None
                };
                found.or_else(|| similar(group(command, arguments, name), name))
            }
            _ => None,
        },
        ErrorKind::UnknownArgument
        | ErrorKind::ValueValidation
        | ErrorKind::MissingRequiredArgument
            if is(1, &["hpo"])
                && is(2, &["update"])
                && arguments.iter().any(|it| is_named(it, &NAMED_ELSEWHERE)) =>
        {
            Some("all three are given without flags: `idds hpo update 94 3 0.25`".to_owned())
        }
        // The documented commands have the flag.
        ErrorKind::UnknownArgument if is_about(&error, &["--request_id", "--request-id", "-r"]) => {
            Some(
                "the id of the request is given without a flag: `idds request status 94`"
                    .to_owned(),
            )
        }
        ErrorKind::UnknownArgument
            if is(1, &["hpo"])
                && is(2, &["run", "work"])
                && is_about(
                    &error,
                    &[
                        "--jobs",
                        "-j",
                        "--workers",
                        "--parallel",
                        "--n_jobs",
                        "--num_workers",
                    ],
                ) =>
        {
            Some("--concurrency sets the number of points evaluated in parallel".to_owned())
        }
        // Without the dashes, clap has no place for the program.
        ErrorKind::UnknownArgument
            if is(1, &["hpo"]) && is(2, &["run", "work"]) && !has_dashes(arguments) =>
        {
            Some("write -- before the program: `idds hpo run 94 -- ./train.sh`".to_owned())
        }
        _ => None,
    };
    if error.kind() == ErrorKind::MissingSubcommand {
        // clap lists what help texts hide, too.
        let names = arguments.iter().skip(1).filter_map(|it| it.to_str());
        let group = names.fold(command, |group, it| {
            group.find_subcommand(it).unwrap_or(group)
        });
        let visible = group
            .get_subcommands()
            .filter(|it| !it.is_hide_set())
            .map(|it| it.get_name().to_owned());
        error.insert(
            ContextKind::ValidSubcommand,
            ContextValue::Strings(visible.collect()),
        );
    }
    if let Some(tip) = tip {
        error.remove(ContextKind::SuggestedSubcommand);
        error.remove(ContextKind::SuggestedArg);
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    error
}

/// Prints what clap says, on standard output when it was asked for, and ends the command.
pub fn end(error: &Error) -> ! {
    if !error.use_stderr() {
        error.exit();
    }
    output::tell_styled(error.render().ansi().to_string().trim_end_matches('\n'));
    std::process::exit(error.exit_code())
}

/// Returns arguments as they can be repeated: names of files, which a shell puts in, may be those of somebody else.
pub fn repeatable(arguments: &[OsString]) -> Vec<OsString> {
    arguments
        .iter()
        .map(|it| printable(&it.to_string_lossy()).into_owned().into())
        .collect()
}

/// Flags of `idds update_hyperparameter`, for what `idds hpo update` takes by its place.
const NAMED_ELSEWHERE: [&str; 6] = [
    "--request_id",
    "--request-id",
    "--id",
    "--loss",
    "--point",
    "-r",
];

/// Says whether it is one of these flags, with or without its value.
fn is_named(argument: &OsString, flags: &[&str]) -> bool {
    let flag = argument
        .to_str()
        .map(|it| it.split('=').next().unwrap_or_default());
    flag.is_some_and(|flag| flags.contains(&flag))
}

/// Returns the command whose subcommand this is meant to be.
fn group<'a>(command: &'a Command, arguments: &[OsString], name: &str) -> &'a Command {
    let names = arguments.iter().skip(1).take_while(|it| *it != name);
    names.fold(command, |command, it| {
        command.find_subcommand(it).unwrap_or(command)
    })
}

/// Names the subcommand that is spelled nearly so. clap's own measure misses `rnu` for `run`, and finds what is far away.
fn similar(group: &Command, name: &str) -> Option<String> {
    let visible = group
        .get_subcommands()
        .filter(|it| !it.is_hide_set())
        .map(Command::get_name);
    let distances = visible.map(|it| (strsim::osa_distance(it, name), it));
    let (distance, nearest) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= nearest.len().div_ceil(3))
        .then(|| format!("a similar subcommand exists: '{nearest}'"))
}

/// Says whether this is what clap stumbled over.
fn is_about(error: &Error, words: &[&str]) -> bool {
    matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(word)) if words.contains(&word.as_str()))
}

/// Names the commands of this name in all groups.
fn elsewhere(command: &Command, name: &str) -> Option<String> {
    let has = |group: &&Command| {
        group
            .get_subcommands()
            .any(|it| it.get_name() == name || it.get_visible_aliases().any(|alias| alias == name))
    };
    let groups = command
        .get_subcommands()
        .filter(|group| !group.is_hide_set())
        .filter(has);
    let found: Vec<String> = groups
        .map(|group| format!("`idds {} {name}`", group.get_name()))
        .collect();
    (!found.is_empty()).then(|| format!("there is {}", found.join(" and ")))
}

fn has_dashes(arguments: &[OsString]) -> bool {
    arguments.iter().any(|argument| argument == "--")
}

#[cfg(test)]
mod tests {
    use super::super::command;
    use super::*;

    fn told(line: &str) -> String {
        let arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let error = command()
            .try_get_matches_from(&arguments)
            .expect_err("a wrong command line");
        explain(error, &command(), &arguments).to_string()
    }

    #[test]
    fn a_command_without_its_group_is_found() {
        assert!(
            told("idds submit x.yaml").contains("tip: there is `idds request submit`"),
            "{}",
            told("idds submit")
        );
        assert!(
            told("idds status")
                .contains("tip: there is `idds request status` and `idds auth status`")
        );
        assert!(!told("idds nothing").contains("tip"));
        for (line, meant) in [
            ("hpo rnu 1", "run"),
            ("config ste vo x", "set"),
            ("reqest list", "request"),
            ("-q request lst", "list"),
        ] {
            let told = told(&format!("idds {line}"));
            assert!(
                told.contains(&format!("tip: a similar subcommand exists: '{meant}'\n")),
                "{told}"
            );
        }
    }

    #[test]
    fn a_command_that_is_missing_is_one_of_those_that_are_shown() {
        let told = told("idds --host https://idds.example/idds");
        assert!(
            told.contains("request, hpo, workflow") && !told.contains("get_hyperparameters"),
            "{told}"
        );
    }

    #[test]
    fn a_program_without_dashes_before_it_is_explained() {
        for line in [
            "idds hpo run 1 ./train.sh",
            "idds hpo work 1 python3 train.py",
        ] {
            assert!(
                told(line).contains("tip: write -- before the program"),
                "{}",
                told(line)
            );
        }
        assert!(
            told("idds hpo run -r 1 -- ./train.sh")
                .contains("tip: the id of the request is given without a flag")
        );
        assert!(
            told("idds request status --request_id 1")
                .contains("tip: the id of the request is given without")
        );
        for flag in ["--jobs 4", "--workers 4", "-j 4"] {
            let told = told(&format!("idds hpo run 1 {flag} -- ./train.sh"));
            assert!(
                told.contains("tip: --concurrency sets") && !told.contains("as a value"),
                "{told}"
            );
        }
        for line in [
            "1 1 --loss -1e-5",
            "--request_id 1 --id 1 --loss=0.5",
            "1 --id 3 0.5",
        ] {
            let told = told(&format!("idds hpo update {line}"));
            assert!(
                told.contains(
                    "tip: all three are given without flags: `idds hpo update 94 3 0.25`"
                ),
                "{told}"
            );
        }
        assert!(!told("idds hpo run 1 --jbs 4 -- ./train.sh").contains("write --"));
    }
}
