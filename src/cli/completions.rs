//! `idds completions`: what lets a shell complete the command line.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use clap_complete::{Shell, generate};

use super::generate::Generated;
use super::{App, Exit, examples, output};

/// The arguments of `idds completions`.
#[derive(Args, Debug)]
#[command(after_help = examples!(
    "idds completions --install            # for the shell that $SHELL names",
    "idds completions zsh --install",
    "idds completions bash >/usr/share/bash-completion/completions/idds    # for everybody",
))]
pub struct Completions {
    /// Shell (default: the one in $SHELL)
    #[arg(required_unless_present = "install")]
    shell: Option<Shell>,

    /// Install the script where the shell looks for it, instead of printing it
    #[arg(long)]
    install: bool,
}

impl Completions {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let no_shell = || {
            Exit::Usage.because("$SHELL names no known shell; name the shell, as in `idds completions bash --install`")
        };
        let shell = self.shell.or_else(Shell::from_env).ok_or_else(no_shell)?;
        if self.install {
            install(app, shell)?;
        } else {
            output::write(&text(shell))?;
        }
        Ok(Exit::Ok)
    }
}

/// Returns the files for the shells that most people have, each with the name that its shell looks for.
pub fn files() -> Vec<Generated> {
    let files = [
        (Shell::Bash, "idds.bash"),
        (Shell::Zsh, "_idds"),
        (Shell::Fish, "idds.fish"),
    ];
    files
        .into_iter()
        .map(|(shell, name)| Generated::new(name, text(shell)))
        .collect()
}

fn text(shell: Shell) -> Vec<u8> {
    let mut text = Vec::new();
    generate(shell, &mut super::command(), "idds", &mut text);
    text
}

/// The last line of a file that may be replaced.
const MARK: &str = "# Written by `idds completions --install`, which replaces it.\n";

/// Writes the file of a shell, and says what else is to be done.
fn install(app: &App, shell: Shell) -> Result<()> {
    let path = place(shell, |name| app.options.variable(name))?;
    // A link stays one: that is how dotfiles are kept elsewhere.
    let file = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
    let text = text(shell);
    let unwritten = || format!("the file {} cannot be written", path.display());
    match fs::read(&file) {
        Ok(old) if old != text && !old.ends_with(MARK.as_bytes()) => {
            let what = format!(
                "{} is there, and this command did not write it; move it away, then run the command again",
                path.display()
            );
            return Err(Exit::Failure.because(what));
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(unwritten);
        }
        _ => {}
    }
    replace(&file, &[text.as_slice(), MARK.as_bytes()].concat()).with_context(unwritten)?;
    app.note(format_args!(
        "{} is written; {}",
        path.display(),
        then(shell, &path)
    ));
    Ok(())
}

/// Returns where a shell looks for the completions of a user.
fn place(shell: Shell, variable: impl Fn(&str) -> Option<String>) -> Result<PathBuf> {
    let directory = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let no_home = || Exit::Usage.because("there is no home directory; set HOME");
    let home = || directory("HOME").ok_or_else(no_home);
    let within = |name: &str, otherwise: &str| match directory(name) {
        Some(path) => Ok(path),
        None => Ok::<_, anyhow::Error>(home()?.join(otherwise)),
    };
    Ok(match shell {
        Shell::Bash => match directory("BASH_COMPLETION_USER_DIR") {
            Some(path) => path,
            None => within("XDG_DATA_HOME", ".local/share")?.join("bash-completion"),
        }
        .join("completions/idds"),
        Shell::Zsh => within("ZDOTDIR", "")?.join(".zfunc/_idds"),
        Shell::Fish => within("XDG_CONFIG_HOME", ".config")?.join("fish/completions/idds.fish"),
        other => {
            let what = format!(
                "--install knows bash, zsh and fish; `idds completions {other}` prints what {other} needs"
            );
            return Err(Exit::Usage.because(what));
        }
    })
}

/// Says what to do so that a shell uses its file.
fn then(shell: Shell, path: &Path) -> String {
    match shell {
        Shell::Zsh => {
            let folder = path.parent().unwrap_or(path).display();
            format!(
                "put `fpath=({folder} $fpath); autoload -Uz compinit; compinit` into .zshrc, if it is not there, and open a new zsh"
            )
        }
        Shell::Bash => "open a new bash; it needs the package bash-completion".to_owned(),
        _ => format!("open a new {shell}"),
    }
}

/// Writes a file whole or not at all, and its directory if there is none.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    let mut file = tempfile::Builder::new()
        .permissions(permissions)
        .tempfile_in(folder)?;
    file.write_all(text)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shell_has_its_place() {
        let at = |shell, variables: &[(&str, &str)]| {
            let variable = |name: &str| {
                variables
                    .iter()
                    .find(|(it, _)| *it == name)
                    .map(|(_, value)| (*value).to_owned())
            };
            place(shell, variable)
                .map(|path| path.display().to_string())
                .map_err(|error| error.to_string())
        };
        let home = [("HOME", "/home/ada")];
        assert_eq!(
            at(Shell::Bash, &home),
            Ok("/home/ada/.local/share/bash-completion/completions/idds".to_owned())
        );
        assert_eq!(
            at(Shell::Zsh, &home),
            Ok("/home/ada/.zfunc/_idds".to_owned())
        );
        assert_eq!(
            at(Shell::Fish, &home),
            Ok("/home/ada/.config/fish/completions/idds.fish".to_owned())
        );
        assert_eq!(
            at(Shell::Fish, &[("XDG_CONFIG_HOME", "/c")]),
            Ok("/c/fish/completions/idds.fish".to_owned())
        );
        assert_eq!(
            at(Shell::Bash, &[("BASH_COMPLETION_USER_DIR", "/b")]),
            Ok("/b/completions/idds".to_owned())
        );
        assert!(at(Shell::Zsh, &[]).is_err_and(|error| error.contains("set HOME")));
        assert!(
            at(Shell::Elvish, &home)
                .is_err_and(|error| error.contains("`idds completions elvish` prints"))
        );
    }
}
