//! File names without a directory.

use std::fmt;
use std::path::{Component, Path};

use http::HeaderMap;
use http::header::CONTENT_DISPOSITION;
use percent_encoding::percent_decode_str;
use tracing::debug;

use crate::endpoint::encoded;
use crate::{Error, ErrorKind};

/// How the name of an archive ends.
const ARCHIVE: &str = ".tar.gz";

/// Longest name that a server may give, in bytes; file systems take 255.
const LONGEST: usize = 200;

/// The name of a file without its directory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct FileName(String);

impl FileName {
    /// Takes a name, unless it could be anywhere else than in one directory.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let mut parts = Path::new(text).components();
        let is_one = matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == text);
        let is_plain = !text.contains(['/', '\\']) && !text.contains(char::is_control);
        (is_one && is_plain).then(|| Self(text.to_owned()))
    }

    /// Takes a name that the user gave.
    pub(crate) fn asked(text: &str) -> Result<Self, Error> {
        Self::new(text).ok_or_else(|| {
            Error::new(
                ErrorKind::Argument,
                format!("{text:?} is not the name of a file without a directory"),
            )
        })
    }

    /// Takes the name that an answer gives to its archive, if no harm can come of it: it is no name that another program, a shell or a
    /// terminal takes for something else.
    pub(crate) fn answered(headers: &HeaderMap) -> Option<Self> {
        let text = headers
            .get(CONTENT_DISPOSITION)
            .and_then(|value| value.to_str().ok())
            .and_then(named)?;
        let is_word = |it: char| it.is_alphanumeric() || "._-+".contains(it);
        let is_harmless = text.ends_with(ARCHIVE)
            && text.len() > ARCHIVE.len()
            && text.len() <= LONGEST
            && text.starts_with(char::is_alphanumeric)
            && text.chars().all(is_word);
        if !is_harmless {
            debug!(
                name = text,
                "the name that the server gives to the file is not taken"
            );
        }
        Self::new(&text).filter(|_| is_harmless)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Writes the name as a segment of a path.
    pub(crate) fn segment(&self) -> String {
        encoded(&self.0)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads the name out of `attachment; filename=x.txt`, the extended `filename*` of RFC 6266 first.
fn named(disposition: &str) -> Option<String> {
    let parameters = parameters(disposition);
    let find = |name: &str| {
        parameters
            .iter()
            .find(|(it, _)| it.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    let extended = find("filename*").and_then(|value| {
        let (charset, rest) = value.split_once('\'')?;
        let (_, text) = rest.split_once('\'')?;
        let text = percent_decode_str(text).decode_utf8().ok()?;
        charset
            .eq_ignore_ascii_case("utf-8")
            .then(|| text.into_owned())
    });
    extended.or_else(|| find("filename").cloned())
}

fn parameters(disposition: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let mut rest = disposition.split_once(';').map_or("", |(_, rest)| rest);
    while let Some((name, after)) = rest.split_once('=') {
        let (value, after) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => after
                .split_once(';')
                .map_or((after.trim().to_owned(), ""), |(v, after)| {
                    (v.trim().to_owned(), after)
                }),
        };
        parameters.push((name.trim().to_owned(), value));
        rest = after.trim_start().trim_start_matches(';');
    }
    parameters
}

/// Reads text up to its closing quote; returns what comes after it, too.
fn unquote(quoted: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((index, char)) = chars.next() {
        match char {
            '"' => return (value, &quoted[index + 1..]),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            _ => value.push(char),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn answered(value: &str) -> Option<String> {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header");
        FileName::answered(&HeaderMap::from_iter([(CONTENT_DISPOSITION, value)])).map(|name| name.0)
    }

    #[test]
    fn names_are_read_as_servers_write_them() {
        for (value, expected) in [
            (
                "attachment; filename=request_1.logs.tar.gz",
                "request_1.logs.tar.gz",
            ),
            (
                "attachment; FileName = \"a\\b.tar.gz\" ; size=3",
                "ab.tar.gz",
            ),
            (
                "attachment; filename=_.txt; filename*=UTF-8''%E5%90%8D.tar.gz",
                "名.tar.gz",
            ),
            (
                "attachment; filename=old.tar.gz; filename*=ISO-8859-1''%E9.tar.gz",
                "old.tar.gz",
            ),
        ] {
            assert_eq!(answered(value).as_deref(), Some(expected), "{value}");
        }
        for value in ["inline", "", ";;", "attachment; filename"] {
            assert_eq!(answered(value), None, "{value}");
        }
    }

    #[test]
    fn a_name_from_the_server_is_taken_only_when_no_harm_comes_of_it() {
        let long = format!("{}.tar.gz", "x".repeat(200));
        for name in [
            "../x.tar.gz",
            "..",
            "/etc/passwd",
            "a/b.tar.gz",
            "a\\b.tar.gz",
            "",
            ".tar.gz",
            ".bashrc",
            ".profile",
            ".x.tar.gz",
            "-rf.tar.gz",
            "--checkpoint-action=exec=sh.tar.gz",
            "~root.tar.gz",
            "a b.tar.gz",
            "a;b.tar.gz",
            "$(id).tar.gz",
            "x.tar.gz.sh",
            "Makefile",
            "CON",
            "x.TAR.GZ",
            &long,
        ] {
            assert_eq!(
                answered(&format!(
                    "attachment; filename=\"{}\"",
                    name.replace('\\', "\\\\")
                )),
                None,
                "{name:?}"
            );
        }
        for encoded in [
            "..%2Fx.tar.gz",
            "a%00b.tar.gz",
            "a%1B[2J.tar.gz",
            "a%C2%9B.tar.gz",
            "a%E2%80%AEb.tar.gz",
        ] {
            assert_eq!(
                answered(&format!("attachment; filename*=UTF-8''{encoded}")),
                None,
                "{encoded}"
            );
        }
    }

    #[test]
    fn any_other_name_is_one() {
        for name in [".bashrc", "a b", "null", "None", "é%", "C"] {
            assert!(FileName::asked(name).is_ok(), "{name}");
        }
        assert_eq!(
            FileName::asked("a b%é").expect("a name").segment(),
            "a%20b%25%C3%A9"
        );
        assert_eq!(
            FileName::asked("a/b").expect_err("refused").to_string(),
            "\"a/b\" is not the name of a file without a directory"
        );
    }
}
