//! Whole numbers on the command line.

use std::str::FromStr;

/// Reads a number that counts or names something.
pub fn whole<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "it is not a whole number such as 20".to_owned())
}

/// Reads how many there are to be, of which there must be one.
pub fn at_least_one(text: &str) -> Result<usize, String> {
    whole(text).ok().filter(|count| *count > 0).ok_or_else(|| "it is not a whole number from 1 on".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_said_in_plain_words() {
        assert_eq!((whole("20"), at_least_one("1")), (Ok(20_u64), Ok(1)));
        for text in ["-3", "2.5", "", "many", "99999999999999999999"] {
            assert!(whole::<u64>(text).is_err_and(|error| error == "it is not a whole number such as 20"), "{text}");
        }
        assert!(at_least_one("0").is_err());
    }
}
