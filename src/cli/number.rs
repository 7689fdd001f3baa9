//! Whole numbers on the command line.

use std::str::FromStr;

use idds::hpo::SearchOptions;

/// Reads a number that counts or names something.
pub fn whole<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| "it is not a whole number such as 20".to_owned())
}

/// Reads how many there are to be, of which there must be one.
pub fn at_least_one(text: &str) -> Result<usize, String> {
    whole(text)
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| "it is not a whole number from 1 on".to_owned())
}

/// Reads how many there are to be, of which there are at most this many.
pub fn up_to(
    most: usize,
) -> impl Fn(&str) -> Result<usize, String> + Clone + Send + Sync + 'static {
    move |text| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match whole(text) {
            Ok(count) if count <= most => Ok(count),
            // Also of one that no number here can hold.
            _ if is_number => Err(format!("it is above {most}, the most that is allowed")),
            wrong => wrong,
        }
    }
}

/// Reads how many there are to be at once, of which there must be one.
pub fn concurrency(text: &str) -> Result<usize, String> {
    match up_to(SearchOptions::MAX_CONCURRENCY)(text) {
        Ok(count) if count > 0 => Ok(count),
        Err(error) if at_least_one(text).is_ok() || error.contains("above") => Err(error),
        _ => at_least_one(text),
    }
}

/// Reads a number that may have a fraction; one that is not finite is taken as it is written, and no other.
pub fn real(text: &str) -> Result<f64, String> {
    let number: f64 = text
        .trim()
        .parse()
        .map_err(|_| "it is not a number such as 0.25 or -1e-5".to_owned())?;
    if number.is_infinite() && text.contains(|c: char| c.is_ascii_digit()) {
        return Err("it is too big for a 64-bit floating-point number".to_owned());
    }
    Ok(number)
}

/// Reads the port of a server; 0 is a free one.
pub fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| {
        "it is not a port, a whole number from 1 to 65535, or 0 for a free one".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_loss_and_no_port_is_said_in_plain_words() {
        for (text, number) in [
            ("-1e-5", -1e-5),
            (" 1", 1.0),
            ("-inf", f64::NEG_INFINITY),
            (".5", 0.5),
        ] {
            assert_eq!(real(text), Ok(number), "{text}");
        }
        for text in ["", "low", "-1_000", "-0x1", "-1,5", "\u{2212}1"] {
            assert_eq!(
                real(text),
                Err("it is not a number such as 0.25 or -1e-5".to_owned()),
                "{text}"
            );
        }
        assert!(real("-1e400").is_err_and(|error| error.contains("too big")));
        assert_eq!(port("8080"), Ok(8080));
        for text in ["x", "", "70000", "-1", "80.0"] {
            assert!(
                port(text).is_err_and(|error| error.contains("from 1 to 65535")),
                "{text}"
            );
        }
    }

    #[test]
    fn a_number_that_is_too_great_is_refused_by_what_is_allowed() {
        for text in ["21", "1000000000000", "99999999999999999999999"] {
            assert_eq!(
                up_to(20)(text),
                Err("it is above 20, the most that is allowed".to_owned()),
                "{text}"
            );
            assert_eq!(concurrency(text).is_ok(), text == "21", "{text}");
        }
        assert_eq!(up_to(20)("20"), Ok(20));
        assert!(up_to(20)("-1").is_err_and(|error| error.contains("whole number")));
        let most = "it is above 100000, the most that is allowed".to_owned();
        assert_eq!(concurrency("1000000000000"), Err(most));
        assert!(concurrency("0").is_err_and(|error| error.ends_with("from 1 on")));
    }

    #[test]
    fn what_is_no_number_is_said_in_plain_words() {
        assert_eq!((whole("20"), at_least_one("1")), (Ok(20_u64), Ok(1)));
        for text in ["-3", "2.5", "", "many", "99999999999999999999"] {
            assert!(
                whole::<u64>(text)
                    .is_err_and(|error| error == "it is not a whole number such as 20"),
                "{text}"
            );
        }
        assert!(at_least_one("0").is_err());
    }
}
