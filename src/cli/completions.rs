//! `idds completions`: what lets a shell complete the command line.

use anyhow::Result;
use clap::Args;
use clap_complete::{Shell, generate};

use super::generate::Generated;
use super::{App, Exit, examples, output};

/// The arguments of `idds completions`.
#[derive(Args, Debug)]
#[command(after_help = examples!(
    "idds completions bash > ~/.local/share/bash-completion/completions/idds",
    "idds completions zsh > ~/.zfunc/_idds",
    "idds completions fish > ~/.config/fish/completions/idds.fish",
))]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Runs the command.
    pub async fn run(self, _: &App) -> Result<Exit> {
        output::write(&text(self.shell))?;
        Ok(Exit::Ok)
    }
}

/// Returns the files for the shells that most people have, each with the name that its shell looks for.
pub fn files() -> Vec<Generated> {
    let files = [(Shell::Bash, "idds.bash"), (Shell::Zsh, "_idds"), (Shell::Fish, "idds.fish")];
    files.into_iter().map(|(shell, name)| Generated::new(name, text(shell))).collect()
}

fn text(shell: Shell) -> Vec<u8> {
    let mut text = Vec::new();
    generate(shell, &mut super::command(), "idds", &mut text);
    text
}
