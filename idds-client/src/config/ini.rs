//! Files in the syntax of Python's ConfigParser.

use std::collections::{BTreeMap, BTreeSet};

type Section = BTreeMap<String, String>;

/// The options of one or several files, as a `ConfigParser` with its default settings reads them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Options {
    sections: BTreeMap<String, Section>,
    defaults: Section,
}

/// Why a file or an option cannot be read; it never quotes a value, which may be secret.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub(super) struct IniError(String);

/// A line of a file, as it stands there, and what it is.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) kind: Kind,
}

/// What a line is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Blank,
    Comment,
    Section(String),
    Option { name: String, value: String },
    Continuation(String),
}

/// The section whose options count in every other.
const DEFAULT: &str = "DEFAULT";

/// How deep `%(name)s` may stand in what `%(name)s` stands for.
const DEPTH: usize = 10;

/// Splits a text into lines and says what each one is.
pub(super) fn lines(text: &str) -> Result<Vec<Line>, IniError> {
    let wrong = |number: usize, what: &str| Err(IniError(format!("line {} {what}", number + 1)));
    let mut lines = Vec::new();
    let mut seen = BTreeSet::new();
    let mut section: Option<String> = None;
    let mut is_in_option = false;
    let mut indent_of_option = 0;
    // Editors of Windows begin a text with a byte order mark, which Python does not take.
    let text = text
        .trim_start_matches('\u{feff}')
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    for (number, line) in text.lines().enumerate() {
        let value = line.trim();
        let indent = line
            .chars()
            .position(|character| !character.is_whitespace())
            .unwrap_or(0);
        let kind = if value.is_empty() {
            Kind::Blank
        } else if value.starts_with(['#', ';']) {
            Kind::Comment
        } else if is_in_option && indent > indent_of_option {
            Kind::Continuation(value.to_owned())
        } else {
            indent_of_option = indent;
            if let Some(name) = header(value) {
                if name != DEFAULT && !seen.insert((name.to_owned(), None)) {
                    return wrong(
                        number,
                        &format!("begins the section [{name}] a second time"),
                    );
                }
                section = Some(name.to_owned());
                is_in_option = false;
                Kind::Section(name.to_owned())
            } else {
                let Some(section) = &section else {
                    return wrong(number, "stands before the first [section]");
                };
                let Some((name, value)) = value
                    .split_once(['=', ':'])
                    .filter(|(name, _)| !name.trim().is_empty())
                else {
                    return wrong(
                        number,
                        "is neither a [section], nor an option with its value, nor a comment",
                    );
                };
                let name = name.trim().to_lowercase();
                if !seen.insert((section.clone(), Some(name.clone()))) {
                    return wrong(number, &format!("sets {name} in [{section}] a second time"));
                }
                is_in_option = true;
                Kind::Option {
                    name,
                    value: value.trim().to_owned(),
                }
            }
        };
        lines.push(Line {
            text: line.to_owned(),
            kind,
        });
    }
    Ok(lines)
}

/// Returns the name in a line that begins a section: up to its last bracket.
fn header(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix('[')?.rsplit_once(']')?;
    (!name.is_empty()).then_some(name)
}

/// Says whether this text sets an option to something.
pub(super) fn has(text: &str, section: &str, option: &str) -> bool {
    let mut options = Options::default();
    // What cannot be read has been told where it is read for its values.
    let _ = options.read(text);
    let raw = options
        .sections
        .get(section)
        .and_then(|own| own.get(option).or_else(|| options.defaults.get(option)));
    raw.is_some_and(|value| !value.trim().is_empty())
}

impl Options {
    /// Adds the options of a file; where both know one, that of the file counts.
    pub(super) fn read(&mut self, text: &str) -> Result<(), IniError> {
        let mut section = String::new();
        let mut option: Option<(String, Vec<String>)> = None;
        for line in lines(text)? {
            match line.kind {
                Kind::Section(name) => {
                    self.keep(&section, option.take());
                    if name != DEFAULT {
                        self.sections.entry(name.clone()).or_default();
                    }
                    section = name;
                }
                Kind::Option { name, value } => {
                    self.keep(&section, option.replace((name, vec![value])));
                }
                Kind::Continuation(value) => option
                    .iter_mut()
                    .for_each(|(_, all)| all.push(value.clone())),
                Kind::Blank => option
                    .iter_mut()
                    .for_each(|(_, all)| all.push(String::new())),
                Kind::Comment => {}
            }
        }
        self.keep(&section, option);
        Ok(())
    }

    fn keep(&mut self, section: &str, option: Option<(String, Vec<String>)>) {
        let Some((name, values)) = option else { return };
        let section = match section {
            DEFAULT => &mut self.defaults,
            name => self.sections.entry(name.to_owned()).or_default(),
        };
        section.insert(name, values.join("\n").trim_end().to_owned());
    }

    /// Returns the names of the options of a section; none when it is not there.
    pub(super) fn names(&self, section: &str) -> Option<impl Iterator<Item = &str>> {
        let options = self.sections.get(section)?;
        Some(options.keys().map(String::as_str))
    }

    /// Returns an option with what its `%(name)s` stand for; none when the section, or the option in it, is not there.
    pub(super) fn get(&self, section: &str, option: &str) -> Result<Option<String>, IniError> {
        let Some(options) = self.sections.get(section) else {
            return Ok(None);
        };
        let lookup = |name: &str| {
            options
                .get(name)
                .or_else(|| self.defaults.get(name))
                .map(String::as_str)
        };
        let Some(raw) = lookup(option) else {
            return Ok(None);
        };
        let mut value = String::new();
        interpolate(raw, &lookup, &mut value, 1)
            .map_err(|why| IniError(format!("{option} in [{section}] {why}")))?;
        Ok(Some(value))
    }
}

fn interpolate<'a>(
    raw: &'a str,
    lookup: &impl Fn(&str) -> Option<&'a str>,
    value: &mut String,
    depth: usize,
) -> Result<(), String> {
    if depth > DEPTH {
        return Err("refers to itself".to_owned());
    }
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('%') {
        value.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            value.push('%');
            rest = after;
            continue;
        }
        let name = after
            .strip_prefix('(')
            .and_then(|after| after.split_once(')'));
        let Some((name, after)) =
            name.and_then(|(name, after)| Some((name, after.strip_prefix('s')?)))
        else {
            return Err("has a single %, write %% for it".to_owned());
        };
        let name = name.to_lowercase();
        let referred =
            lookup(&name).ok_or_else(|| format!("refers to {name}, which is not set"))?;
        interpolate(referred, lookup, value, depth + 1)?;
        rest = after;
    }
    value.push_str(rest);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Options {
        let mut options = Options::default();
        options.read(text).expect("a configuration");
        options
    }

    fn get(text: &str, option: &str) -> Option<String> {
        options(text).get("s", option).expect("a value")
    }

    fn complaint(text: &str) -> String {
        Options::default()
            .read(text)
            .expect_err("refused")
            .to_string()
    }

    #[test]
    fn each_form_of_option_is_read() {
        let text = "# c\n; c\n[s]\nA=1\nb : x=y # no comment\nc = 1\n  2\n# in between\n\n  3\n\n\nd =\n[DEFAULT]\ne = all\r\n";
        for (option, expected) in [
            ("a", "1"),
            ("b", "x=y # no comment"),
            ("c", "1\n2\n\n3"),
            ("d", ""),
            ("e", "all"),
        ] {
            assert_eq!(get(text, option).as_deref(), Some(expected), "{option}");
        }
        assert_eq!(get(text, "f"), None);
        assert_eq!(
            get("[DEFAULT]\na = 1", "a"),
            None,
            "there is no section [s]"
        );
    }

    #[test]
    fn a_later_file_counts() {
        let mut both = options("[s]\na = 1\nb = 2");
        both.read("[s]\na = 3").expect("a configuration");
        assert_eq!(both.get("s", "a"), Ok(Some("3".to_owned())));
        assert_eq!(both.get("s", "b"), Ok(Some("2".to_owned())));
    }

    #[test]
    fn references_are_followed() {
        let text = "[DEFAULT]\nname = idds\n[s]\nhost = https://%(NAME)s/%%20\ntwice = %(host)s!";
        assert_eq!(get(text, "twice").as_deref(), Some("https://idds/%20!"));
        for (text, why) in [
            ("[s]\na = 50%", "a in [s] has a single %, write %% for it"),
            ("[s]\na = %(b)", "a in [s] has a single %, write %% for it"),
            ("[s]\na = %(b)s", "a in [s] refers to b, which is not set"),
            ("[s]\na = %(a)s", "a in [s] refers to itself"),
        ] {
            assert_eq!(
                options(text)
                    .get("s", "a")
                    .expect_err("refused")
                    .to_string(),
                why
            );
        }
    }

    #[test]
    fn a_wrong_line_is_named_and_not_quoted() {
        for (text, why) in [
            ("a = s3cret", "line 1 stands before the first [section]"),
            (
                "[s]\n\ns3cret",
                "line 3 is neither a [section], nor an option with its value, nor a comment",
            ),
            (
                "[s]\n= s3cret",
                "line 2 is neither a [section], nor an option with its value, nor a comment",
            ),
            (
                "[s]\na = s3cret\nA : 2",
                "line 3 sets a in [s] a second time",
            ),
            (
                "[s]\n[t]\n[s]",
                "line 3 begins the section [s] a second time",
            ),
        ] {
            assert_eq!(complaint(text), why);
        }
    }
}
