//! `idds man`: the manual.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Command, ValueHint};
use clap_mangen::Man as Page;

use super::completions::write;
use super::{App, Exit, examples, output};

/// The arguments of `idds man`.
#[derive(Args, Debug)]
#[command(after_help = examples!("idds man | man -l -", "idds man --dir ~/.local/share/man/man1"))]
pub struct Man {
    /// Write a page for every command into this directory
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

impl Man {
    /// Runs the command.
    pub async fn run(self, _: &App) -> Result<Exit> {
        let pages = pages();
        match self.dir {
            Some(dir) => {
                for (name, text) in &pages {
                    write(&dir, name, text)?;
                }
            }
            None => output::write(pages.first().map(|(_, text)| text.as_slice()).unwrap_or_default())?,
        }
        Ok(Exit::Ok)
    }
}

/// Returns the pages, each with the name of its file, the one of the command itself first.
fn pages() -> Vec<(String, Vec<u8>)> {
    let mut command = super::command();
    command.build();
    let mut pages = Vec::new();
    collect(&command, "idds", &mut pages);
    pages
}

fn collect(command: &Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) {
    let mut text = Vec::new();
    let page =
        Page::new(command.clone().name(name.to_owned()).bin_name(name.replace('-', " "))).date("").manual("iDDS");
    // Writing to memory does not fail.
    if page.render(&mut text).is_ok() {
        pages.push((format!("{name}.1"), text));
    }
    for subcommand in command.get_subcommands().filter(|it| !it.is_hide_set() && it.get_name() != "help") {
        collect(subcommand, &format!("{name}-{}", subcommand.get_name()), pages);
    }
}
