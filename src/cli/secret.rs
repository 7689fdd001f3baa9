//! Secrets that come in without a trace: not as arguments, which all users of the machine see.

use std::io::{self, IsTerminal, Write};

use anyhow::{Context, Result};
use idds::client::Secret;
use idds::file;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::{App, Exit, output};

/// Largest secret that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// Takes a secret that was given as an argument: `-` stands for standard input, and for a question at a terminal.
pub async fn given(app: &App, what: &str, argument: &str) -> Result<Secret> {
    if argument == "-" {
        return read(what).await;
    }
    app.note(format_args!(
        "warning: other users of this machine can see {what} while this command runs, and the shell keeps it in its history; give - instead, to type or pipe it"
    ));
    Ok(Secret::new(argument))
}

/// Reads a secret from standard input; at a terminal it is asked for and does not show.
pub async fn read(what: &str) -> Result<Secret> {
    let stdin = io::stdin();
    // It is put right also when the command is interrupted, which drops this.
    let silence = if stdin.is_terminal() {
        let silence =
            Silence::begin().context("the terminal cannot be told not to show what is typed")?;
        let _ = write!(output::Visible(io::stderr()), "{what} (it does not show): ");
        Some(silence)
    } else {
        None
    };
    let is_asked = silence.is_some();
    let text = tokio::task::spawn_blocking(move || {
        if is_asked {
            let mut line = String::new();
            io::stdin().read_line(&mut line)?;
            return Ok(line);
        }
        file::read_from(io::stdin().lock(), LARGEST)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    });
    let text: io::Result<String> = text.await?;
    drop(silence);
    let text = Secret::new(text.context("standard input cannot be read")?);
    match text.expose().trim() {
        "" => Err(Exit::Usage.because(format!("standard input is empty, and should hold {what}"))),
        text => Ok(Secret::new(text)),
    }
}

/// A terminal that does not show what is typed, until this is dropped.
struct Silence(Termios);

impl Silence {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes -= LocalModes::ECHO;
        silent.local_modes |= LocalModes::ECHONL;
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // There is nobody to tell.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
