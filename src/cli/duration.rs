//! Lengths of time on the command line.

use std::time::Duration;

/// Reads a length of time such as `90`, `90s`, `5m`, `1.5h` or `2d`; seconds when there is no unit.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a time such as 90, 90s, 5m, 2h or 1d");
    let (number, seconds) = match text.char_indices().last() {
        Some((at, 's')) => (&text[..at], 1.0),
        Some((at, 'm')) => (&text[..at], 60.0),
        Some((at, 'h')) => (&text[..at], 3600.0),
        Some((at, 'd')) => (&text[..at], 86400.0),
        _ => (text, 1.0),
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_alone_is_seconds() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("5m", 300), ("1.5h", 5400), ("2d", 172_800), ("0", 0)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_named() {
        for text in ["", "m", "5 minutes", "-1", "1e40d", "NaN", "inf", "5µ"] {
            assert!(parse(text).is_err_and(|error| error.contains(&format!("{text:?}"))), "{text}");
        }
    }
}
