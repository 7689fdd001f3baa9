//! Editing a configuration file without touching its other lines.

use super::ini::{IniError, Kind, Line, lines};

/// A configuration file in the making.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    lines: Vec<Line>,
}

impl Draft {
    /// Begins with the text of a file, which may be empty.
    pub(super) fn new(text: &str) -> Result<Self, IniError> {
        Ok(Self {
            lines: lines(text)?,
        })
    }

    /// Sets an option to a value of one line, in its place or at the end of its section.
    pub(super) fn set(&mut self, section: &str, option: &str, value: &str) {
        let kind = Kind::Option {
            name: option.to_owned(),
            value: value.to_owned(),
        };
        let line = Line {
            text: format!("{option} = {}", value.replace('%', "%%")),
            kind,
        };
        let is_header = |line: &Line| matches!(&line.kind, Kind::Section(name) if name == section);
        let Some(header) = self.lines.iter().position(is_header) else {
            if !self.lines.is_empty() {
                self.lines.push(Line {
                    text: String::new(),
                    kind: Kind::Blank,
                });
            }
            self.lines.push(Line {
                text: format!("[{section}]"),
                kind: Kind::Section(section.to_owned()),
            });
            self.lines.push(line);
            return;
        };
        let end = self.find(header + 1, |kind| matches!(kind, Kind::Section(_)));
        let old = self.find(
            header + 1,
            |kind| matches!(kind, Kind::Option { name, .. } if name == option),
        );
        if old < end {
            let next = self.find(old + 1, |kind| {
                matches!(kind, Kind::Option { .. } | Kind::Section(_))
            });
            self.lines[old] = line;
            let mut index = 0;
            self.lines.retain(|line| {
                let is_rest =
                    (old + 1..next).contains(&index) && matches!(line.kind, Kind::Continuation(_));
                index += 1;
                !is_rest
            });
        } else {
            let last = self.lines[header..end]
                .iter()
                .rposition(|line| line.kind != Kind::Blank)
                .unwrap_or(0);
            self.lines.insert(header + last + 1, line);
        }
    }

    /// Returns the place of the first line of this kind at or after `start`, or the end.
    fn find(&self, start: usize, is_it: impl Fn(&Kind) -> bool) -> usize {
        let found = self
            .lines
            .iter()
            .skip(start)
            .position(|line| is_it(&line.kind));
        found.map_or(self.lines.len(), |index| start + index)
    }

    /// Returns the text of the file.
    pub(super) fn text(&self) -> String {
        self.lines
            .iter()
            .map(|line| format!("{}\n", line.text))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, changes: &[(&str, &str, &str)]) -> String {
        let mut draft = Draft::new(text).expect("a configuration");
        for (section, option, value) in changes {
            draft.set(section, option, value);
        }
        draft.text()
    }

    #[test]
    fn comments_and_foreign_options_stay() {
        let text = "# mine\n[rest]\n; old\nHOST : https://old/\n  idds\n# between\nother = 1\n\n[x]\ny = 2\n";
        assert_eq!(
            edited(
                text,
                &[
                    ("rest", "host", "https://new/idds"),
                    ("rest", "z", "3"),
                    ("oidc", "vo", "atlas")
                ]
            ),
            "# mine\n[rest]\n; old\nhost = https://new/idds\n# between\nother = 1\nz = 3\n\n[x]\ny = 2\n\n[oidc]\nvo = atlas\n"
        );
    }

    #[test]
    fn a_new_file_has_what_was_set() {
        assert_eq!(
            edited("", &[("rest", "host", "https://h/%20")]),
            "[rest]\nhost = https://h/%%20\n"
        );
    }

    #[test]
    fn an_option_of_the_same_name_elsewhere_stays() {
        assert_eq!(
            edited("[a]\nhost = 1\n[b]\nhost = 2", &[("b", "host", "3")]),
            "[a]\nhost = 1\n[b]\nhost = 3\n"
        );
        assert_eq!(
            edited("[b]\n[a]\nhost = 1", &[("b", "host", "3")]),
            "[b]\nhost = 3\n[a]\nhost = 1\n"
        );
    }
}
