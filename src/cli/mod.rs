//! The command, a file for each group of commands.
//!
//! A group is a type that clap reads its arguments into, with `async fn run(self, app: &App) -> Result<Exit>`, and a line in
//! `groups!`. It prints results with [`App::print`] and everything else with [`App::note`]; an error becomes one line and an
//! [exit code](Exit::of). Flags have underscores, as the documented ones (`#[command(rename_all = "snake_case")]`); each is taken with
//! dashes too.

mod auth;
mod cacher;
mod completions;
mod config;
mod containers;
mod duration;
mod exit;
mod generate;
mod hpo;
mod input;
mod interrupt;
mod live;
mod man;
mod message;
mod misuse;
mod named;
mod negative;
mod number;
mod options;
mod output;
mod ping;
mod progress;
mod python_compat;
mod reference;
mod request;
mod run;
mod schema;
mod schemas;
mod secret;
mod serve;
mod storage;
mod table;
mod trouble;
mod verbosity;
mod view;
mod workflow;

use std::fs::File;
use std::io;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use idds::client::Client;
use rustix::io::Errno;

use self::exit::Exit;
use self::interrupt::Interrupt;
use self::options::Options;
use self::output::Show;

/// Writes a heading in a help text as clap writes its own.
macro_rules! heading {
    ($text:literal) => {
        concat!("\u{1b}[1m\u{1b}[4m", $text, "\u{1b}[0m")
    };
}
use heading;

/// Makes the examples at the end of a help text.
macro_rules! examples {
    ($($line:literal),+ $(,)?) => {
        concat!($crate::cli::heading!("Examples:"), $("\n  ", $line),+)
    };
}
use examples;

/// Workflows and hyperparameter searches on iDDS
#[derive(Debug, Parser)]
#[command(
    version,
    name = "idds",
    arg_required_else_help = true,
    max_term_width = 100
)]
struct Cli {
    #[command(flatten)]
    options: Options,

    #[command(subcommand)]
    group: Group,
}

/// Declares the groups of commands: the description, the name, and the type that reads its arguments and runs it.
macro_rules! groups {
    ($($(#[$meta:meta])* $group:ident($args:ty),)+) => {
        #[derive(Debug, Subcommand)]
        enum Group {
            $($(#[$meta])* $group($args),)+
        }

        impl Group {
            async fn run(self, app: &App) -> Result<Exit> {
                match self {
                    $(Self::$group(args) => args.run(app).await,)+
                }
            }
        }
    };
}

groups! {
    /// Run a workflow on this machine, to its end
    Run(run::Run),
    /// Show what `idds run` would do, and what can never start
    Plan(run::Plan),
    /// Submit workflows, and follow and control their requests
    Request(request::Request),
    /// Run hyperparameter searches: evaluate points, show results, propose new points
    Hpo(hpo::Hpo),
    /// Check, show and draw workflow definitions
    Workflow(workflow::Workflow),
    /// Print the JSON Schemas of workflow definitions and other files
    Schema(schema::Schema),
    /// Run an iDDS server on this machine
    Serve(serve::Serve),
    /// Show the requests of a server in a browser, live
    View(view::ViewArgs),
    /// Sign in, and show the current credentials
    Auth(auth::Auth),
    /// Upload and download files that the server stores for jobs
    Cacher(cacher::Cacher),
    /// Read and send messages of requests
    Message(message::Message),
    /// Show and change the configuration
    Config(config::Config),
    /// Check that the server is reachable and accepts your credentials
    Ping(ping::Ping),
    /// Write a completion script for your shell
    Completions(completions::Completions),
    /// Write the manual pages
    Man(man::Man),
    /// Write the schemas, completion scripts and manual pages of the source tree
    #[command(hide = true)]
    Generate(generate::Generate),
    #[command(flatten)]
    Documented(python_compat::PythonCompat),
}

/// What a command has at hand.
#[derive(Debug)]
pub struct App {
    /// The options that every command takes.
    pub options: Options,
    /// Tells when the user wants the command to end.
    pub interrupt: Interrupt,
}

impl App {
    /// Makes the client that the options, the environment and the configuration files ask for.
    pub fn client(&self) -> Result<Client> {
        self.options.client()
    }

    /// Prints a result on standard output, as was asked.
    pub fn print(&self, result: &(impl Show + ?Sized)) -> Result<()> {
        output::print(result, self.options.output())
    }

    /// Prints a result on standard output, in one line of JSON.
    pub fn print_line(&self, result: &impl serde::Serialize) -> Result<()> {
        output::print_line(result)
    }

    /// Tells people something on standard error, unless they want it quiet.
    pub fn note(&self, what: impl std::fmt::Display) {
        if !self.options.quiet {
            output::tell(what);
        }
    }

    /// Does so with a line that has styles of ours.
    pub fn note_styled(&self, line: impl std::fmt::Display) {
        if !self.options.quiet {
            output::tell_styled(line);
        }
    }
}

/// Runs the command that the arguments ask for.
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let read =
        |arguments: &[_]| negative::taken(command(), arguments).try_get_matches_from(arguments);
    let matches = read(&arguments).unwrap_or_else(|error| {
        let repeatable = misuse::repeatable(&arguments);
        let error = read(&repeatable).err().unwrap_or(error);
        misuse::end(&misuse::explain(error, &command(), &repeatable))
    });
    let Cli { options, group } =
        Cli::from_arg_matches(&matches).unwrap_or_else(|error| misuse::end(&error));
    verbosity::listen(options.verbose);
    let verbose = options.verbose;
    run(options, group)
        .unwrap_or_else(|error| trouble::tell(&error, verbose > 0))
        .into()
}

/// Returns the description of the command line: what clap derives, and every flag with dashes as well as underscores.
fn command() -> clap::Command {
    let codes: Vec<String> = Exit::ALL
        .iter()
        .map(|exit| format!("  {:>3}  {}", exit.code(), exit.meaning()))
        .collect();
    let examples = examples!(
        "idds config set host https://iddsserver.cern.ch:443/idds",
        "idds request submit search.yaml --wait",
        "idds request status 94 --with_detail",
    );
    let more = "`idds help documented` lists the commands of iDDS's documentation, which work too.";
    let help = format!(
        "{examples}\n\n{}\n{}\n\n{more}",
        heading!("Exit codes:"),
        codes.join("\n")
    );
    with_dashes(python_compat::described(Cli::command()).after_help(help))
}

fn with_dashes(command: clap::Command) -> clap::Command {
    let command = command.mut_args(
        |arg| match arg.get_long().map(|long| long.replace('_', "-")) {
            Some(dashed) if arg.get_long() != Some(&dashed) => arg.alias(dashed),
            _ => arg,
        },
    );
    command.mut_subcommands(with_dashes)
}

/// Number of files that a command has open at least: those of the runtime, a connection, a journal.
const FILES: usize = 24;

/// Fails when the system does not let this many files be open; libraries panic in the middle of things then.
fn check_descriptors() -> Result<()> {
    let opened: io::Result<Vec<File>> = (0..FILES).map(|_| File::open("/dev/null")).collect();
    match opened {
        Err(error) if matches!(Errno::from_io_error(&error), Some(Errno::MFILE | Errno::NFILE)) => {
            Err(Exit::Failure.because(format!(
                "no descriptors are left for files and connections, of which {FILES} are needed at least: {error}; `ulimit -n 1024` raises the limit of a shell"
            )))
        }
        _ => Ok(()),
    }
}

fn run(options: Options, group: Group) -> Result<Exit> {
    check_descriptors()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.context("the command cannot start")?;
    let result = runtime.block_on(async {
        let app = App {
            options,
            interrupt: Interrupt::listen()?,
        };
        tokio::select! {
            result = group.run(&app) => result,
            exit = app.interrupt.unheard() => Ok(exit),
        }
    });
    // A thread may be reading from a terminal, which nothing ends.
    runtime.shutdown_background();
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        command().debug_assert();
    }

    #[test]
    fn flags_are_taken_with_dashes_too() {
        for flag in ["--local_config_root", "--local-config-root"] {
            let matches =
                command().try_get_matches_from(["idds", "request", "list", flag, "/home/me"]);
            let cli = Cli::from_arg_matches(&matches.expect("taken")).expect("arguments");
            assert_eq!(
                cli.options.local_config_root.as_deref(),
                Some("/home/me".as_ref())
            );
        }
    }
}
