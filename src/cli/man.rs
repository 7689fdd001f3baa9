//! `idds man`: the manual.

use std::path::PathBuf;

use anyhow::Result;
use clap::builder::Resettable;
use clap::{Args, Command, ValueHint};
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, roman};

use super::generate::Generated;
use super::{App, Exit, examples, output};

/// The arguments of `idds man`.
#[derive(Args, Debug)]
#[command(after_help = examples!("idds man | man -l -", "idds man --dir ~/.local/share/man/man1"))]
pub struct Man {
    /// Write one page per command into this directory
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

impl Man {
    /// Runs the command.
    pub async fn run(self, _: &App) -> Result<Exit> {
        let mut pages = pages();
        match self.dir {
            Some(dir) => pages.iter().try_for_each(|page| page.write(&dir))?,
            None => output::write(&pages.swap_remove(0).text)?,
        }
        Ok(Exit::Ok)
    }
}

/// Returns the pages, the one of the command itself first.
pub fn pages() -> Vec<Generated> {
    let mut command = super::command();
    command.build();
    let mut pages = Vec::new();
    collect(&command, "idds", &mut pages);
    pages
}

fn collect(command: &Command, name: &str, pages: &mut Vec<Generated>) {
    let mut text = Vec::new();
    let sections = command
        .get_after_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    let command = command
        .clone()
        .name(name.to_owned())
        .bin_name(name.replace('-', " "))
        .version(None::<&str>);
    let page = Page::new(
        command
            .clone()
            .after_help(Resettable::Reset)
            .disable_version_flag(true),
    );
    let page = page
        .date("")
        .source(concat!("idds ", env!("CARGO_PKG_VERSION")))
        .manual("iDDS");
    let rendered = page
        .render(&mut text)
        .and_then(|()| sections_of(&sections).to_writer(&mut text));
    // Writing to memory does not fail.
    if rendered.is_ok() {
        pages.push(Generated::new(format!("{name}.1"), text));
    }
    // Hidden are the documented commands, too, which have pages of their own.
    for subcommand in command
        .get_subcommands()
        .filter(|it| !matches!(it.get_name(), "generate" | "help"))
    {
        collect(
            subcommand,
            &format!("{name}-{}", subcommand.get_name()),
            pages,
        );
    }
}

/// Writes what stands at the end of a help text: a line such as `Examples:` begins a section whose lines stay as they are.
fn sections_of(help: &str) -> Roff {
    let mut page = Roff::new();
    let mut is_verbatim = false;
    for line in help.lines().filter(|line| !line.is_empty()) {
        if let Some(title) = line.strip_suffix(':') {
            page.control("SH", [title.to_uppercase().as_str()]);
        } else if line.starts_with(' ') != is_verbatim {
            is_verbatim = !is_verbatim;
            page.control(if is_verbatim { "nf" } else { "fi" }, []);
            if !is_verbatim {
                page.control("PP", []);
            }
        }
        if !line.ends_with(':') {
            page.text([roman(line.trim_start())]);
        }
    }
    page
}
