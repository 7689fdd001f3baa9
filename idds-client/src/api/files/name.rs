//! Names of files that stay in their directory.

use std::fmt;
use std::path::{Component, Path};

use http::HeaderMap;
use http::header::CONTENT_DISPOSITION;
use percent_encoding::percent_decode_str;

use crate::endpoint::encoded;
use crate::{Error, ErrorKind};

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
            Error::new(ErrorKind::Argument, format!("{text:?} is not the name of a file without a directory"))
        })
    }

    /// Takes the name that an answer gives to its file.
    pub(crate) fn answered(headers: &HeaderMap) -> Result<Option<Self>, Error> {
        let Some(text) = headers.get(CONTENT_DISPOSITION).and_then(|value| value.to_str().ok()).and_then(named) else {
            return Ok(None);
        };
        Self::new(&text).map(Some).ok_or_else(|| {
            let what = format!("the server names the file {text:?}, which is not a name without a directory");
            Error::new(ErrorKind::Answer, what)
        })
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
    let find = |name: &str| parameters.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let extended = find("filename*").and_then(|value| {
        let (charset, rest) = value.split_once('\'')?;
        let (_, text) = rest.split_once('\'')?;
        let text = percent_decode_str(text).decode_utf8().ok()?;
        charset.eq_ignore_ascii_case("utf-8").then(|| text.into_owned())
    });
    extended.or_else(|| find("filename").cloned())
}

fn parameters(disposition: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let mut rest = disposition.split_once(';').map_or("", |(_, rest)| rest);
    while let Some((name, after)) = rest.split_once('=') {
        let (value, after) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => {
                after.split_once(';').map_or((after.trim().to_owned(), ""), |(v, after)| (v.trim().to_owned(), after))
            }
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

    fn answered(value: &str) -> Result<Option<FileName>, Error> {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header");
        FileName::answered(&HeaderMap::from_iter([(CONTENT_DISPOSITION, value)]))
    }

    #[test]
    fn names_are_read_as_servers_write_them() {
        for (value, expected) in [
            ("attachment; filename=request_1.logs.tar.gz", "request_1.logs.tar.gz"),
            ("attachment; filename=\"a; b.txt\"", "a; b.txt"),
            ("attachment; FileName = \"a\\\"b\" ; size=3", "a\"b"),
            ("attachment; filename=_.txt; filename*=UTF-8''%E5%90%8D.txt", "名.txt"),
            ("attachment; filename=old.txt; filename*=ISO-8859-1''%E9.txt", "old.txt"),
        ] {
            assert_eq!(answered(value).expect(value).map(|name| name.0).as_deref(), Some(expected), "{value}");
        }
        for value in ["inline", "", ";;", "attachment; filename"] {
            assert_eq!(answered(value).expect(value), None, "{value}");
        }
    }

    #[test]
    fn a_name_from_the_server_cannot_leave_the_directory() {
        for name in ["../x", "..", ".", "/etc/passwd", "a/b", "a\\b", "x/", ""] {
            let error = answered(&format!("attachment; filename=\"{}\"", name.replace('\\', "\\\\")))
                .map(|name| name.is_some());
            assert!(error.as_ref().is_err_and(|error| error.kind() == ErrorKind::Answer), "{name:?}: {error:?}");
        }
        assert!(answered("attachment; filename*=UTF-8''..%2Fx").is_err());
        assert!(answered("attachment; filename*=UTF-8''a%00b").is_err());
    }

    #[test]
    fn any_other_name_is_one() {
        for name in [".bashrc", "a b", "null", "None", "é%", "C"] {
            assert!(FileName::asked(name).is_ok(), "{name}");
        }
        assert_eq!(FileName::asked("a b%é").expect("a name").segment(), "a%20b%25%C3%A9");
        assert_eq!(
            FileName::asked("a/b").expect_err("refused").to_string(),
            "\"a/b\" is not the name of a file without a directory"
        );
    }
}
