//! How results are printed.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, IsTerminal, Write};

use anyhow::Result;
use clap::ValueEnum;
use idds::workflow::{printable, printable_within};
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
            visible(&text).into_owned()
        }
        Format::Json => json(&result)? + "\n",
        Format::Yaml => yaml(&result)?,
    };
    write(text.as_bytes())
}

/// Prints a result in one line of JSON.
pub fn print_line(result: &impl Serialize) -> Result<()> {
    let text = escaped(&serde_json::to_string(result)?).into_owned() + "\n";
    write(text.as_bytes())
}

/// Writes JSON in several lines.
pub fn json(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(escaped(&serde_json::to_string_pretty(value)?).into_owned())
}

/// Writes YAML. What holds characters that steer a terminal becomes JSON, which YAML has words for.
fn yaml(value: &impl Serialize) -> Result<String> {
    let text = serde_saphyr::to_string(value)?;
    // As this writes them, some of them stay as they are.
    if matches!(visible(&text), Cow::Borrowed(_)) {
        return Ok(text);
    }
    let json = serde_json::to_string_pretty(value)?;
    let json = replaced(&json, |character, out| {
        let code = u32::from(character);
        // Two halves of a character, as JSON has it, are none in YAML.
        let _ = match code {
            ..=0xffff => fmt::Write::write_fmt(out, format_args!("\\u{code:04x}")),
            _ => fmt::Write::write_fmt(out, format_args!("\\U{code:08x}")),
        };
    });
    Ok(json.into_owned() + "\n")
}

/// Writes the characters of JSON that steer a terminal, and which serde_json leaves as they are, as JSON has them.
pub fn escaped(json: &str) -> Cow<'_, str> {
    replaced(json, |character, out| {
        let mut units = [0; 2];
        for unit in character.encode_utf16(&mut units) {
            // Writing to a string does not fail.
            let _ = fmt::Write::write_fmt(out, format_args!("\\u{unit:04x}"));
        }
    })
}

/// Writes the characters that steer a terminal so that they are seen, but for line feeds and the styles that are ours.
///
/// Text of others is made [`printable`] where it comes in. This is for what was forgotten, and for libraries.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return replaced(text, |character, out| {
            out.extend(character.escape_default());
        });
    }
    let mut parts = text.split('\u{1b}');
    let mut seen = visible(parts.next().unwrap_or_default()).into_owned();
    for part in parts {
        let style = part
            .strip_prefix('[')
            .and_then(|rest| rest.split_once('m'))
            .map(|(style, _)| style);
        seen.push_str(if style.is_some_and(is_ours) {
            "\u{1b}"
        } else {
            "\\u{1b}"
        });
        seen.push_str(&visible(part));
    }
    seen.into()
}

/// Tells whether this is a style of ours, of clap or of the log: plain, bold, faint, italic, underlined, or one of six colours. Others
/// hide text.
fn is_ours(style: &str) -> bool {
    style.split(';').all(|it| {
        matches!(
            it,
            "" | "0" | "1" | "2" | "3" | "4" | "31" | "32" | "33" | "34" | "35" | "36"
        )
    })
}

/// Replaces what is not printable, but for line feeds and tabs.
fn replaced(text: &str, replace: impl Fn(char, &mut String)) -> Cow<'_, str> {
    let is_shown = |character: char| {
        matches!(character, ' '..='~' | '\n' | '\t')
            || matches!(
                printable(character.encode_utf8(&mut [0; 4])),
                Cow::Borrowed(_)
            )
    };
    if text.chars().all(is_shown) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_shown(character) {
            out.push(character);
        } else {
            replace(character, &mut out);
        }
    }
    out.into()
}

/// Longest line that is told, in characters: what others say has any length, and a person reads no more.
pub const LINE: usize = 4000;

/// Writes a line on standard error, whatever is in it; that nobody reads it is no error.
pub fn tell(line: impl fmt::Display) {
    tell_styled(printable_within(&line.to_string(), LINE));
}

/// Writes lines on standard error that have styles of ours, and text of others only [`printable`].
pub fn tell_styled(lines: impl fmt::Display) {
    let _ = writeln!(anstream::stderr(), "{}", visible(&lines.to_string()));
}

/// Writes to standard output, without colours where they are not wanted.
pub fn write(text: &[u8]) -> Result<()> {
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    if out.is_terminal() {
        out.write_all(visible(&String::from_utf8_lossy(text)).as_bytes())?;
    } else {
        out.write_all(text)?;
    }
    Ok(out.flush()?)
}

/// Returns how many columns the terminal has that results are printed on; none when they are not.
pub fn width() -> Option<u16> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&stdout).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0)
}

/// Standard error for what writes text of its own, such as the log.
#[derive(Debug)]
pub struct Visible(pub io::Stderr);

impl Write for Visible {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .write_all(visible(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_seen_and_our_colours_work() {
        for (text, expected) in [
            ("\u{1b}[1mNew\u{1b}[0m\n", "\u{1b}[1mNew\u{1b}[0m\n"),
            ("\u{1b}[31mred\u{1b}[m", "\u{1b}[31mred\u{1b}[m"),
            (
                "\u{1b}[8mhidden\u{1b}[1;30mblack",
                "\\u{1b}[8mhidden\\u{1b}[1;30mblack",
            ),
            (
                "\u{1b}]0;title\u{7}\u{1b}[2J",
                "\\u{1b}]0;title\\u{7}\\u{1b}[2J",
            ),
            (
                "a\u{9b}2Jb\rc\u{202e}d\u{7f}",
                "a\\u{9b}2Jb\\rc\\u{202e}d\\u{7f}",
            ),
            ("a\tb\u{1b}", "a\tb\\u{1b}"),
        ] {
            assert_eq!(visible(text), expected);
        }
    }

    #[test]
    fn json_and_yaml_stay_the_same() {
        let value = serde_json::json!({"a\u{9b}": "\u{1b}[2J\u{202e}\u{7f}\u{e0001} é 😀"});
        let text = json(&value).expect("JSON");
        assert!(
            text.chars()
                .all(|it| it == '\n' || matches!(printable(&it.to_string()), Cow::Borrowed(_))),
            "{text}"
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).expect("JSON"),
            value
        );
        let text = yaml(&value).expect("YAML");
        assert!(matches!(visible(&text), Cow::Borrowed(_)), "{text}");
        assert_eq!(
            serde_saphyr::from_str::<serde_json::Value>(&text).expect("YAML"),
            value
        );
    }
}
