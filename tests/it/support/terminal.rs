//! A terminal, as a person in front of it sees it.

use std::ffi::CStr;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// How long a command may stay silent before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it may take, for a bar is drawn again and again whatever happens behind it.
const LONGEST: Duration = Duration::from_secs(300);

/// A terminal with a command in its foreground.
#[derive(Debug)]
pub(crate) struct Terminal {
    screen: File,
    child: Child,
    seen: String,
    /// What was seen and [waited for](Self::until) already.
    read: usize,
    start: Instant,
}

impl Terminal {
    /// Runs a program in a terminal of 24 lines of 80 columns; `prepare` sets its arguments and environment.
    pub(crate) fn run(program: &str, prepare: impl FnOnce(&mut Command)) -> io::Result<Self> {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        grantpt(&screen)?;
        unlockpt(&screen)?;
        resize(&screen, 80)?;
        let name = ptsname(&screen, Vec::new())?;
        let keyboard = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path(&name)?)?;
        // It makes the terminal the one that controls the program, which Ctrl-C needs, and becomes the program.
        let mut command = Command::new("setsid");
        command
            .args(["--ctty", program])
            .env("TERM", "xterm-256color");
        prepare(&mut command);
        command
            .stdin(keyboard.try_clone()?)
            .stdout(keyboard.try_clone()?)
            .stderr(keyboard);
        let child = command.spawn()?;
        Ok(Self {
            screen: screen.into(),
            child,
            seen: String::new(),
            read: 0,
            start: Instant::now(),
        })
    }

    /// Waits until this is shown, after what was waited for before, and returns what came before it.
    pub(crate) fn until(&mut self, text: &str) -> io::Result<String> {
        loop {
            if let Some(at) = self.seen[self.read..].find(text) {
                let before = self.seen[self.read..self.read + at].to_owned();
                self.read += at + text.len();
                return Ok(before);
            }
            if !self.look()? {
                return Err(io::Error::other(format!(
                    "{text:?} was never shown: {:?}",
                    self.seen
                )));
            }
        }
    }

    /// Presses keys; Ctrl-C is `\x03`.
    pub(crate) fn press(&mut self, keys: &str) -> io::Result<()> {
        self.screen.write_all(keys.as_bytes())
    }

    /// Changes the number of columns.
    pub(crate) fn resize(&self, columns: u16) -> io::Result<()> {
        resize(&self.screen, columns)
    }

    /// Waits until the command has ended, and returns its exit code and all that was shown.
    pub(crate) fn end(mut self) -> io::Result<(Option<i32>, String)> {
        while self.look()? {}
        Ok((self.child.wait()?.code(), std::mem::take(&mut self.seen)))
    }

    /// Takes up what is shown next; false when nobody is there who could show anything.
    fn look(&mut self) -> io::Result<bool> {
        let patience = Timespec::try_from(PATIENCE).map_err(io::Error::other)?;
        let mut polled = [PollFd::new(&self.screen, PollFlags::IN)];
        // The end of another test's process interrupts it.
        let ready = rustix::io::retry_on_intr(|| poll(&mut polled, Some(&patience)))?;
        if ready == 0 || self.start.elapsed() > LONGEST {
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("it did not come to its end: {:?}", self.seen),
            ));
        }
        let mut bytes = [0; 4096];
        match self.screen.read(&mut bytes) {
            Ok(0) => Ok(false),
            Ok(count) => {
                // A character may be cut in two; no test looks at such ones.
                self.seen
                    .push_str(&String::from_utf8_lossy(&bytes[..count]));
                Ok(true)
            }
            // What Linux says when all who held the terminal are gone.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended, or the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn path(name: &CStr) -> io::Result<&str> {
    name.to_str().map_err(io::Error::other)
}

fn resize(screen: impl AsFd, columns: u16) -> io::Result<()> {
    Ok(tcsetwinsize(
        screen,
        Winsize {
            ws_row: 24,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        },
    )?)
}
