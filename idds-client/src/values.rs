//! A limit on the number of values in an answer, checked before they are made.

/// Length of an answer, in bytes, that each value in it may have on the average at the limit of its length. A value takes some 70 bytes
/// of memory, however short its text is.
const PER_VALUE: usize = 16;

/// Says whether JSON of at most `most` bytes holds more values than such a text has as a rule.
pub(crate) fn are_too_many(text: &[u8], most: usize) -> bool {
    let most = most / PER_VALUE;
    // Each value but the first needs a byte that is counted.
    text.len() > most && count(text) > most
}

/// Counts the values in JSON, names not: each but one follows a comma or a bracket.
fn count(text: &[u8]) -> usize {
    let (mut count, mut in_string, mut is_escaped) = (1, false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            b',' | b'[' | b'{' if !in_string => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_and_commas_in_texts_are_not() {
        assert_eq!(
            count(br#"{"a, b": [1, "x, \", [", {"c": 2}], "d": null}"#),
            7
        );
    }

    #[test]
    fn only_many_short_values_are_too_many() {
        let short = "[],".repeat(1000);
        assert!(are_too_many(short.as_bytes(), 3000) && !are_too_many(short.as_bytes(), 40_000));
        let usual =
            r#"{"id": "1", "loss": 0.5, "parameters": {"A": 4, "B": 0.123456}}, "#.repeat(1000);
        assert!(!are_too_many(usual.as_bytes(), usual.len() * 2));
    }
}
