//! Text of others for a terminal.

use std::borrow::Cow;

/// Returns a text so that a terminal shows it and does not obey it.
///
/// What a server, a file or a program says may hold escape sequences, other control characters and marks that turn the direction of
/// writing. These, line feeds and tabs are written as Rust writes them in a string, and so is what cannot be seen or has no
/// meaning; all else stays.
///
/// ```
/// assert_eq!(idds_workflow::printable("\u{1b}]0;x\u{7}café\n"), "\\u{1b}]0;x\\u{7}café\\n");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || text.chars().all(is_printable) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_printable(character) {
            shown.push(character);
        } else {
            shown.extend(character.escape_default());
        }
    }
    shown.into()
}

/// Returns at most this many characters of a text as [`printable`] has them, and `…` when there are more.
///
/// For a line that a person reads: what others say has any length.
///
/// ```
/// assert_eq!(idds_workflow::printable_within("one\ntwo", 5), "one\\nt…");
/// ```
pub fn printable_within(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", printable(&text[..end])).into(),
        None => printable(text),
    }
}

fn is_printable(character: char) -> bool {
    // Only of the first character does Rust escape what would combine with a quote before it.
    let shown = ['a', character].iter().collect::<String>();
    matches!(character, '"' | '\'' | '\\') || shown.escape_debug().nth(1) == Some(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown_and_not_obeyed() {
        for (text, expected) in [
            (
                "\u{1b}[2Jcleared\nnext\ttab\r",
                "\\u{1b}[2Jcleared\\nnext\\ttab\\r",
            ),
            (
                "\u{0}\u{8}\u{7f}\u{9b}2J\u{9d}",
                "\\u{0}\\u{8}\\u{7f}\\u{9b}2J\\u{9d}",
            ),
            (
                "a\u{202e}b\u{2066}c\u{200f}d\u{2028}",
                "a\\u{202e}b\\u{2066}c\\u{200f}d\\u{2028}",
            ),
            ("\u{feff}\u{200b}", "\\u{feff}\\u{200b}"),
        ] {
            assert_eq!(printable(text), expected);
        }
    }

    #[test]
    fn text_of_people_stays() {
        for text in [
            "",
            "it's \"so\" \\ far",
            "naïve e\u{301} 点 Ω 😀 −1",
            "A=1 B=2.5",
        ] {
            assert!(
                matches!(printable(text), Cow::Borrowed(it) if it == text),
                "{text}"
            );
        }
    }
}
