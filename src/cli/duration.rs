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

/// Writes a length of time for people, with as many digits as it deserves: `4.2s`, `42s`, `7m 05s`, `3h 20m`, `2d 04h`.
pub fn shown(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1}s", time.as_secs_f64()),
        seconds @ 10..60 => format!("{seconds}s"),
        seconds @ 60..3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        seconds @ 3600..86_400 => format!("{}h {:02}m", seconds / 3600, seconds / 60 % 60),
        seconds => format!("{}d {:02}h", seconds / 86_400, seconds / 3600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_with_the_digits_it_deserves() {
        let times = [4.25, 42.9, 425.0, 12_000.0, 187_200.0].map(Duration::from_secs_f64);
        assert_eq!(
            times.map(shown),
            ["4.2s", "42s", "7m 05s", "3h 20m", "2d 04h"]
        );
    }

    #[test]
    fn a_number_alone_is_seconds() {
        for (text, seconds) in [
            ("90", 90),
            ("90s", 90),
            ("5m", 300),
            ("1.5h", 5400),
            ("2d", 172_800),
            ("0", 0),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_named() {
        for text in ["", "m", "5 minutes", "-1", "1e40d", "NaN", "inf", "5µ"] {
            assert!(
                parse(text).is_err_and(|error| error.contains(&format!("{text:?}"))),
                "{text}"
            );
        }
    }
}
