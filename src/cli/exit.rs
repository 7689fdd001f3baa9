//! Exit codes of the command.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::process::ExitCode;

use idds::client::{Error, ErrorKind};

/// The exit codes, each with one meaning.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Exit {
    /// Success.
    Ok = 0,
    /// A failure on this machine, for example a file that cannot be written.
    Failure = 1,
    /// The arguments, the configuration or a definition are wrong; nothing was sent.
    Usage = 2,
    /// The server does not know what was named.
    NotFound = 3,
    /// The server refuses the command, or would do something else.
    Refused = 4,
    /// The certificate or token is missing, expired or not accepted.
    Auth = 5,
    /// The server cannot be reached, or the connection was lost.
    Network = 6,
    /// The server failed, or its answer cannot be understood.
    Server = 7,
    /// The time limit was reached.
    Timeout = 8,
    /// Points of a search could not be evaluated.
    EvaluationFailed = 9,
    /// The request ended without finishing.
    RequestFailed = 10,
    /// Ctrl-C.
    Interrupted = 130,
    /// The output was closed, for example by `head`.
    ClosedPipe = 141,
    /// SIGTERM, as batch systems send it.
    Terminated = 143,
}

impl Exit {
    /// Every exit code, in order.
    pub const ALL: [Self; 14] = [
        Self::Ok,
        Self::Failure,
        Self::Usage,
        Self::NotFound,
        Self::Refused,
        Self::Auth,
        Self::Network,
        Self::Server,
        Self::Timeout,
        Self::EvaluationFailed,
        Self::RequestFailed,
        Self::Interrupted,
        Self::ClosedPipe,
        Self::Terminated,
    ];

    /// Returns the number.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Returns what it means, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "success",
            Self::Failure => "a failure on this machine, for example a file that cannot be written",
            Self::Usage => "wrong arguments, configuration or definition; nothing was sent",
            Self::NotFound => "the server does not know the request, file or point",
            Self::Refused => "the server refuses the command, or would do something else",
            Self::Auth => "the certificate or token is missing, expired or not accepted",
            Self::Network => "the server cannot be reached, or the connection was lost",
            Self::Server => "the server failed, or its answer cannot be understood",
            Self::Timeout => "the time limit was reached",
            Self::EvaluationFailed => "points of a search could not be evaluated",
            Self::RequestFailed => "the request ended without finishing",
            Self::Interrupted => "Ctrl-C",
            Self::ClosedPipe => "the output was closed, for example by `head`",
            Self::Terminated => "SIGTERM, as batch systems send it",
        }
    }

    /// Makes an error that ends the command with this code; `what` is one lower-case clause without full stop.
    pub fn because(self, what: impl Into<String>) -> anyhow::Error {
        self.because_of(what, Vec::new())
    }

    /// Makes an error that has lines of its own below it, in which text of others is printable.
    pub fn because_of(self, what: impl Into<String>, lines: Vec<String>) -> anyhow::Error {
        Complaint {
            exit: self,
            what: what.into(),
            lines,
        }
        .into()
    }

    /// Returns the lines that stand below an error.
    pub fn lines(error: &anyhow::Error) -> &[String] {
        error
            .downcast_ref::<Complaint>()
            .map_or(&[], |complaint| &complaint.lines)
    }

    /// Returns the code that an error stands for.
    pub fn of(error: &anyhow::Error) -> Self {
        if let Some(complaint) = error.downcast_ref::<Complaint>() {
            return complaint.exit;
        }
        error
            .chain()
            .find_map(Self::of_cause)
            .unwrap_or(Self::Failure)
    }

    fn of_cause(cause: &(dyn StdError + 'static)) -> Option<Self> {
        if let Some(complaint) = cause.downcast_ref::<Complaint>() {
            return Some(complaint.exit);
        }
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            return (error.kind() == io::ErrorKind::BrokenPipe).then_some(Self::ClosedPipe);
        }
        let error = cause.downcast_ref::<Error>()?;
        Some(match error.kind() {
            ErrorKind::Configuration | ErrorKind::Argument => Self::Usage,
            ErrorKind::Credential | ErrorKind::Unauthorized => Self::Auth,
            ErrorKind::Unsupported => Self::Refused,
            ErrorKind::Connect
            | ErrorKind::Certificate
            | ErrorKind::Interrupted
            | ErrorKind::Undecided => Self::Network,
            ErrorKind::Timeout => Self::Timeout,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::Refused
                if error
                    .server()
                    .is_none_or(|server| !server.status.is_server_error()) =>
            {
                Self::Refused
            }
            ErrorKind::Refused
            | ErrorKind::Unavailable
            | ErrorKind::Answer
            | ErrorKind::TooLarge => Self::Server,
            _ => Self::Failure,
        })
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// An error that knows its exit code.
#[derive(Debug)]
struct Complaint {
    exit: Exit,
    what: String,
    lines: Vec<String>,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl StdError for Complaint {}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_failed_call_has_the_code_of_its_kind() {
        for (kind, exit) in [
            (ErrorKind::Configuration, Exit::Usage),
            (ErrorKind::Credential, Exit::Auth),
            (ErrorKind::Unsupported, Exit::Refused),
            (ErrorKind::Connect, Exit::Network),
            (ErrorKind::Timeout, Exit::Timeout),
            (ErrorKind::NotFound, Exit::NotFound),
            (ErrorKind::Unavailable, Exit::Server),
            (ErrorKind::File, Exit::Failure),
            (ErrorKind::TooLarge, Exit::Server),
        ] {
            let error = anyhow::Error::new(Error::new(kind, "no")).context("first this, then that");
            assert_eq!(Exit::of(&error), exit, "{kind:?}");
        }
    }

    #[test]
    fn what_the_command_says_itself_counts_first() {
        let inner: Result<(), _> = Err(Error::new(ErrorKind::NotFound, "no"));
        let error = inner
            .context(Complaint {
                exit: Exit::Usage,
                what: "yes".to_owned(),
                lines: Vec::new(),
            })
            .expect_err("an error");
        assert_eq!(Exit::of(&error), Exit::Usage);
        assert_eq!(
            Exit::of(&Exit::Timeout.because("late").context("waiting")),
            Exit::Timeout
        );
    }

    #[test]
    fn every_code_is_listed_once_in_order() {
        let codes: Vec<u8> = Exit::ALL.into_iter().map(Exit::code).collect();
        assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
    }
}
