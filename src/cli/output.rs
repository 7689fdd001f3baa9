//! How results are printed.

use std::fmt;
use std::io::{self, Write};

use anyhow::Result;
use clap::ValueEnum;
use serde::Serialize;

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum Format {
    // Without help of their own, which would make every `--help` a long one.
    #[default]
    Table,
    Json,
    Yaml,
}

/// A result: its serialization is stable, its display is for people and may change.
pub trait Show: Serialize {
    /// Writes it for people; every line ends with a line feed.
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result;
}

/// Prints a result on standard output, as was asked.
pub fn print(result: &(impl Show + ?Sized), format: Format) -> Result<()> {
    let text = match format {
        Format::Table => {
            let mut text = String::new();
            result.show(&mut text)?;
            text
        }
        Format::Json => serde_json::to_string_pretty(result)? + "\n",
        Format::Yaml => serde_saphyr::to_string(&result)?,
    };
    write(text.as_bytes())
}

/// Prints a result in one line of JSON.
pub fn print_line(result: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_vec(result)?;
    text.push(b'\n');
    write(&text)
}

/// Writes a line on standard error; that nobody reads it is no error.
pub fn tell(line: impl fmt::Display) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Writes to standard output, without colours where they are not wanted.
pub fn write(text: &[u8]) -> Result<()> {
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    out.write_all(text)?;
    Ok(out.flush()?)
}
