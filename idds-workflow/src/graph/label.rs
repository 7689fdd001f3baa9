//! Texts of a picture: made harmless, shortened and measured.

/// Lines of text, which stand below each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Label {
    lines: Vec<Line>,
    full: String,
    is_shortened: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) style: Style,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Style {
    /// The name, larger and bold.
    Title,
    /// What it is, in grey.
    Kind,
    /// Anything else.
    Detail,
}

/// Longest line of a label, in characters.
const MAX_LINE: usize = 40;
/// Longest tooltip, in characters.
const MAX_FULL: usize = 2000;

impl Label {
    /// A label of one line.
    pub(super) fn new(style: Style, text: &str) -> Self {
        let mut label = Self::default();
        label.push(style, text);
        label
    }

    /// Adds a line, shortened when it is too long.
    pub(super) fn push(&mut self, style: Style, text: &str) {
        self.push_as(style, &shorten(text, MAX_LINE), text);
    }

    /// Adds a line that was shortened from `full` by the caller.
    pub(super) fn push_as(&mut self, style: Style, text: &str, full: &str) {
        let [text, full] = [text, full].map(harmless);
        self.is_shortened |= text != full;
        let separator = if self.full.is_empty() { "" } else { "\n" };
        self.full.extend(
            separator
                .chars()
                .chain(full.chars())
                .take(MAX_FULL.saturating_sub(self.full.len())),
        );
        self.lines.push(Line { text, style });
    }

    /// Returns the whole text with every number as `#`.
    pub(super) fn pattern(&self) -> String {
        let mut pattern = String::with_capacity(self.full.len());
        for c in self.full.chars() {
            if !c.is_ascii_digit() {
                pattern.push(c);
            } else if !pattern.ends_with('#') {
                pattern.push('#');
            }
        }
        pattern
    }

    /// Returns one label for many that differ in numbers only.
    pub(super) fn folded(labels: &[&Self]) -> Self {
        let mut folded = Self::default();
        let (Some(first), Some(last)) = (labels.first(), labels.last()) else {
            return folded;
        };
        for (index, line) in first.lines.iter().enumerate() {
            let end = last.lines.get(index).map_or("", |line| line.text.as_str());
            let is_same = labels
                .iter()
                .all(|label| label.lines.get(index) == Some(line));
            if is_same {
                folded.push(line.style, &line.text);
            } else {
                let range =
                    |most| format!("{} … {}", shorten(&line.text, most), shorten(end, most));
                folded.push_as(line.style, &range(MAX_LINE / 2), &range(MAX_FULL / 8));
            }
            if index == 0 {
                folded.push(Style::Kind, &format!("{} of them, folded", labels.len()));
            }
        }
        folded
    }

    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns the whole text, when a line does not show all of it.
    pub(super) fn tooltip(&self) -> Option<&str> {
        self.is_shortened.then_some(self.full.as_str())
    }
}

impl Style {
    /// Returns the size of the letters, in pixels.
    pub(super) fn font_size(self) -> f64 {
        match self {
            Self::Title => 14.0,
            Self::Kind | Self::Detail => 12.0,
        }
    }

    pub(super) fn line_height(self) -> f64 {
        self.font_size() + 5.0
    }
}

impl Line {
    /// Returns the width in pixels that the line takes in a usual sans-serif font, rather too much than too little.
    pub(super) fn width(&self) -> f64 {
        let thousandths: u32 = self.text.chars().map(advance).sum();
        let weight = if self.style == Style::Title {
            1.12
        } else {
            1.05
        };
        f64::from(thousandths) / 1000.0 * self.style.font_size() * weight
    }
}

/// Leaves out the middle of a text of more than `max` characters: beginnings and ends of names tell them apart.
pub(super) fn shorten(text: &str, max: usize) -> String {
    let count = text.chars().count();
    if count <= max {
        return text.to_owned();
    }
    let tail = max / 2 - 1;
    let head = max - 1 - tail;
    text.chars()
        .take(head)
        .chain(['…'])
        .chain(text.chars().skip(count - tail))
        .collect()
}

/// Replaces what no language of pictures can carry, and what would turn the text around it.
fn harmless(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
            '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{fffe}'
            | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
            c if c.is_control() => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect();
    if text.trim().is_empty() {
        "(blank)".to_owned()
    } else {
        text
    }
}

/// Widths of the characters from space to `~` in Helvetica, which Arial and Liberation Sans share, in thousandths of the
/// font size.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

fn advance(c: char) -> u32 {
    let ascii = (c as usize)
        .checked_sub(' ' as usize)
        .and_then(|index| WIDTHS.get(index));
    match (ascii, c) {
        (Some(width), _) => u32::from(*width),
        // Accents that stand above the character before.
        (None, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}') => 0,
        // Alphabets.
        (None, '\u{a0}'..='\u{10ff}') => 650,
        (None, _) => 1000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_lose_their_middle() {
        assert_eq!(shorten("data16.RAW", 10), "data16.RAW");
        assert_eq!(shorten("data16_13TeV.00298862.RAW", 10), "data1….RAW");
        assert_eq!(shorten("äöüäöüäöüäöü", 6).chars().count(), 6);
    }

    #[test]
    fn control_characters_do_not_get_through() {
        let label = Label::new(Style::Title, "a\u{0}b\nc\u{202e}");
        assert_eq!(label.lines()[0].text, "a\u{fffd}b c\u{fffd}");
        assert_eq!(Label::new(Style::Title, " \n").lines()[0].text, "(blank)");
    }

    #[test]
    fn the_tooltip_has_what_is_left_out() {
        let mut label = Label::new(Style::Title, "short");
        assert_eq!(label.tooltip(), None);
        label.push(Style::Detail, &"x".repeat(41));
        assert_eq!(
            label.tooltip(),
            Some(format!("short\n{}", "x".repeat(41)).as_str())
        );
    }

    #[test]
    fn wide_letters_are_wider() {
        let [narrow, wide, chinese] = ["iiii", "WWWW", "漢漢漢漢"].map(|text| {
            Line {
                text: text.to_owned(),
                style: Style::Detail,
            }
            .width()
        });
        assert!(narrow < wide && wide < chinese);
    }
}
