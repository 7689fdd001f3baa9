//! What stands in the address of the page, so that only its reader can use it.

use std::fmt;
use std::io;

use subtle::ConstantTimeEq;

/// How every token begins, so that people, and programs that look for secrets, know it for one.
const PREFIX: &str = "token_";

/// Bytes of randomness, each of which is written as two digits.
const BYTES: usize = 20;

/// What only the reader of the page knows.
#[derive(Clone)]
pub(crate) struct Token(String);

impl Token {
    /// Draws a token from the randomness of the operating system.
    pub(crate) fn draw() -> io::Result<Self> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self(format!("{PREFIX}{digits}")))
    }

    /// Returns the token itself, for addresses within the page.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Tells whether this is the token, in a time that does not tell how much of it is right.
    pub(crate) fn is(&self, shown: &str) -> bool {
        self.0.as_bytes().ct_eq(shown.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_the_token_and_it_never_shows() {
        let (one, other) = (
            Token::draw().expect("a token"),
            Token::draw().expect("a token"),
        );
        let text = one.expose();
        assert!(one.is(text) && !one.is(other.expose()));
        assert!(!one.is("") && !one.is(&text[1..]) && !one.is(&format!("{text}0")));
        assert_eq!(format!("{one:?}"), "[redacted]");
    }
}
