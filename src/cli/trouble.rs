//! How errors are told.

use std::error::Error as StdError;
use std::fmt::{Display, Write};
use std::io;

use anstyle::{AnsiColor, Style};
use idds::client::{Error, ErrorKind};
use idds::workflow::printable_within;

use super::exit::Exit;
use super::output;

/// Tells of an error in one line, with its causes if that is wanted, and returns the code to end with.
pub fn tell(error: &anyhow::Error, with_causes: bool) -> Exit {
    let exit = Exit::of(error);
    if exit != Exit::ClosedPipe {
        let style = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        output::tell_styled(format_args!(
            "{style}error:{style:#} {}",
            text(error, with_causes)
        ));
    }
    exit
}

fn text(error: &anyhow::Error, with_causes: bool) -> String {
    let told = |what: &dyn Display| printable_within(&what.to_string(), output::LINE).into_owned();
    let mut text = told(error);
    // What the system says about a file is a part of the message, not a cause.
    if let (Exit::Failure | Exit::Auth, Some(system)) = (
        Exit::of(error),
        error
            .chain()
            .skip(1)
            .find_map(<dyn StdError>::downcast_ref::<io::Error>),
    ) {
        let _ = write!(text, ": {}", without_file(&told(system)));
        if let Some(remedy) = remedy(system.kind(), &text) {
            let _ = write!(text, "; {remedy}");
        }
    }
    // Such an error says what is wrong, and its reason how.
    if let Some(reason) = reason(error).map(|reason| told(&reason))
        && !text.contains(without_file(&reason))
    {
        let _ = write!(text, ": {}", without_file(&reason));
    }
    text = without_number(&text);
    if let Some(next) = error
        .chain()
        .find_map(|cause| what_next(cause.downcast_ref()?))
        && !text.contains("`idds request list --name ")
    {
        text.push_str(if text.ends_with('?') { " " } else { "; " });
        text.push_str(next);
    }
    for line in Exit::lines(error) {
        let _ = write!(text, "\n{line}");
    }
    if with_causes {
        for cause in error.chain().skip(1) {
            // Writing to a string does not fail.
            let _ = write!(text, "\n  because: {}", told(&cause));
        }
    }
    text
}

/// Takes away the name of a temporary file, about which nobody has asked: ` at path "/out/.idds-x.part"`.
fn without_file(system: &str) -> &str {
    system
        .split_once(" at path \"")
        .map_or(system, |(what, _)| what)
}

/// Returns what to do about a file that the system does not let be written.
fn remedy(kind: io::ErrorKind, what: &str) -> Option<&'static str> {
    let is_writing = ["cannot be written", "cannot be made", "can be made"]
        .iter()
        .any(|it| what.contains(it));
    Some(match kind {
        io::ErrorKind::NotFound if is_writing => "make its directory first, with `mkdir -p`",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem if is_writing => {
            "choose a place that you can write to"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space, or use another disk"
        }
        _ => return None,
    })
}

/// Returns the reason of an error that is about what the user has set or given.
fn reason(error: &anyhow::Error) -> Option<String> {
    let is_of_user = |error: &Error| {
        matches!(
            error.kind(),
            ErrorKind::Configuration | ErrorKind::Credential | ErrorKind::Argument
        )
    };
    let place = error
        .chain()
        .position(|cause| cause.downcast_ref().is_some_and(is_of_user))?;
    error.chain().nth(place + 1).map(ToString::to_string)
}

/// Takes away the number that Rust puts behind what the system says: `(os error 2)`.
pub(super) fn without_number(text: &str) -> String {
    match text
        .split_once(" (os error ")
        .and_then(|(before, rest)| Some((before, rest.split_once(')')?.1)))
    {
        Some((before, after)) => format!("{before}{after}"),
        None => text.to_owned(),
    }
}

/// Returns what to do about a call that failed.
fn what_next(error: &Error) -> Option<&'static str> {
    Some(match error.kind() {
        ErrorKind::Configuration => "`idds config` shows what is set, and where",
        // It may say so itself.
        ErrorKind::Credential
            if [" chmod ", "`", "copy it"]
                .iter()
                .any(|it| error.to_string().contains(it)) =>
        {
            return None;
        }
        ErrorKind::Credential if error.to_string().contains("there is no x509 proxy") => {
            "`idds auth login` gets a token, voms-proxy-init a proxy, and the lines that `idds serve` prints name the one to use with it"
        }
        ErrorKind::Credential => {
            "`idds auth login` gets a token, voms-proxy-init a proxy; `idds config` shows which is wanted"
        }
        // It is not about a person.
        ErrorKind::Unauthorized if error.to_string().contains("`idds serve`") => return None,
        ErrorKind::Unauthorized if error.to_string().contains("has no permission to") => {
            "only the owner of a request may do that; `idds request list` shows the owner, `idds auth status` your own name"
        }
        ErrorKind::Unauthorized => "`idds auth status` shows your credentials",
        ErrorKind::Connect => "is the address right? `idds config` shows where it comes from",
        ErrorKind::Certificate if error.to_string().contains("SSL_CERT_FILE") => return None,
        ErrorKind::Certificate => {
            "set SSL_CERT_FILE or X509_CERT_DIR to the certificate authority of the server"
        }
        ErrorKind::Undecided => "look with `idds request list` before you submit it again",
        ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Interrupted => {
            "try again later; -v shows more"
        }
        _ if is_foreign(error) && error.operation() == Some("ping") => {
            "`idds config` shows where the address comes from; -v shows more"
        }
        _ if is_foreign(error) => "`idds ping` asks who answers there; -v shows more",
        ErrorKind::Refused => "-v shows more",
        _ => return None,
    })
}

/// Says whether something else than iDDS seems to have answered.
fn is_foreign(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Answer => true,
        ErrorKind::Refused => error.server().is_some_and(|server| server.class.is_none()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_that_says_what_to_do_next() {
        let error = Error::new(
            ErrorKind::Connect,
            "no server answers at https://idds.example/idds",
        )
        .caused_by("refused");
        let error = anyhow::Error::new(error);
        let line = "no server answers at https://idds.example/idds; is the address right? `idds config` shows where it \
                    comes from";
        assert_eq!(text(&error, false), line);
        assert_eq!(text(&error, true), format!("{line}\n  because: refused"));
    }

    #[test]
    fn the_reason_of_what_the_user_has_set_is_in_the_line() {
        for kind in [
            ErrorKind::Configuration,
            ErrorKind::Credential,
            ErrorKind::Argument,
        ] {
            let error = anyhow::Error::new(
                Error::new(kind, "the file x.cfg cannot be read").caused_by("line 3 has no ="),
            );
            assert!(
                text(&error, false).starts_with("the file x.cfg cannot be read: line 3 has no =")
            );
        }
    }

    #[test]
    fn what_the_system_says_is_there_without_its_number() {
        let error =
            anyhow::Error::new(io::Error::from_raw_os_error(2)).context("x.yaml cannot be read");
        assert_eq!(
            text(&error, false),
            "x.yaml cannot be read: No such file or directory"
        );
    }

    #[test]
    fn a_place_that_cannot_be_written_to_is_named_with_the_remedy() {
        let told = |number: i32, what: &'static str| {
            let system = io::Error::from_raw_os_error(number);
            let named = io::Error::new(
                system.kind(),
                format!("{system} at path \"/out/.idds-x.part\""),
            );
            text(&anyhow::Error::new(named).context(what), false)
        };
        assert_eq!(
            told(2, "/out/x cannot be written"),
            "/out/x cannot be written: No such file or directory; make its directory first, with `mkdir -p`"
        );
        let denied =
            "/out/x cannot be written: Permission denied; choose a place that you can write to";
        assert_eq!(told(13, "/out/x cannot be written"), denied);
        assert!(
            told(30, "/out cannot be made").ends_with("; choose a place that you can write to")
        );
        assert!(
            told(28, "/out/x cannot be written")
                .ends_with("; free some space, or use another disk")
        );
        assert_eq!(
            told(2, "/in cannot be read"),
            "/in cannot be read: No such file or directory"
        );
    }

    #[test]
    fn a_credential_that_says_what_to_do_is_told_nothing_else() {
        let told = |what: &str| text(&Error::new(ErrorKind::Credential, what).into(), false);
        let what =
            "the x509 proxy p is open to others than its owner (mode 0644), run: chmod 600 p";
        assert_eq!(told(what), what);
        assert!(told("the token has expired").contains("; `idds auth login` gets a token"));
    }

    #[test]
    fn nothing_is_added_to_what_says_all() {
        assert_eq!(
            text(
                &Exit::Usage.because("points is 0, at least 1 is needed"),
                false
            ),
            "points is 0, at least 1 is needed"
        );
    }
}
