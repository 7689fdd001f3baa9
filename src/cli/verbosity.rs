//! What the library does, told on standard error when that is wanted.

use std::fmt::{self, Debug};
use std::io;

use anstyle::Style;
use idds::workflow::printable_within;
use tracing::Level;
use tracing::field::Field;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

use super::output::Visible;

/// Longest value in a line of the log, in characters.
const LONGEST: usize = 2000;

/// Tells of warnings, with `-v` of what the library does, with `-vv` of calls, with `-vvv` of everything.
pub fn listen(verbose: u8) {
    let level = match verbose {
        0 => Level::WARN,
        1 => Level::INFO,
        2 => Level::DEBUG,
        _ => Level::TRACE,
    };
    let is_ansi = anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(|| Visible(io::stderr()))
        .with_ansi(is_ansi)
        .with_target(verbose > 2)
        .fmt_fields(fields())
        .init();
}

/// Returns what writes the fields of an event: an event is one line, whatever a server says in it.
fn fields() -> impl for<'w> FormatFields<'w> + 'static {
    debug_fn(write).delimited(" ")
}

fn write(writer: &mut Writer<'_>, field: &Field, value: &dyn Debug) -> fmt::Result {
    if field.name() != "message" {
        let (name, joint) = match writer.has_ansi_escapes() {
            true => (Style::new().italic(), Style::new().dimmed()),
            false => (Style::new(), Style::new()),
        };
        write!(writer, "{name}{field}{name:#}{joint}={joint:#}")?;
    }
    writer.write_str(&printable_within(&format!("{value:?}"), LONGEST))
}
