//! `idds completions`: what lets a shell complete the command line.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueHint};
use clap_complete::{Shell, generate};

use super::{App, Exit, examples, output};

/// The arguments of `idds completions`.
#[derive(Args, Debug)]
#[command(after_help = examples!(
    "idds completions bash > ~/.local/share/bash-completion/completions/idds",
    "idds completions zsh > ~/.zfunc/_idds",
    "idds completions fish > ~/.config/fish/completions/idds.fish",
))]
pub struct Completions {
    /// The shell; every one that this tree has files for when a directory is given
    #[arg(required_unless_present = "dir")]
    shell: Option<Shell>,

    /// Write files into this directory
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "shell")]
    dir: Option<PathBuf>,
}

/// The files of completions: the shell, and the name that it looks for.
const FILES: [(Shell, &str); 3] = [(Shell::Bash, "idds.bash"), (Shell::Zsh, "_idds"), (Shell::Fish, "idds.fish")];

impl Completions {
    /// Runs the command.
    pub async fn run(self, _: &App) -> Result<Exit> {
        if let Some(shell) = self.shell {
            output::write(&text(shell))?;
        }
        if let Some(dir) = self.dir {
            for (shell, name) in FILES {
                write(&dir, name, &text(shell))?;
            }
        }
        Ok(Exit::Ok)
    }
}

fn text(shell: Shell) -> Vec<u8> {
    let mut text = Vec::new();
    generate(shell, &mut super::command(), "idds", &mut text);
    text
}

/// Writes a file into a directory, which is made if need be, with those that stand in its name.
pub fn write(dir: &Path, name: &str, text: &[u8]) -> Result<()> {
    let path = dir.join(name);
    let written = fs::create_dir_all(path.parent().unwrap_or(dir)).and_then(|()| fs::write(&path, text));
    written.with_context(|| format!("the file {} cannot be written", path.display()))
}
