//! What the library does, told on standard error when that is wanted.

use std::io;

use tracing::Level;
use tracing_subscriber::fmt;

use super::output::Visible;

/// Tells of warnings, with `-v` of what the library does, with `-vv` of calls, with `-vvv` of everything.
pub fn listen(verbose: u8) {
    let level = match verbose {
        0 => Level::WARN,
        1 => Level::INFO,
        2 => Level::DEBUG,
        _ => Level::TRACE,
    };
    let is_ansi = anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
    fmt()
        .with_max_level(level)
        .with_writer(|| Visible(io::stderr()))
        .with_ansi(is_ansi)
        .with_target(verbose > 2)
        .init();
}
