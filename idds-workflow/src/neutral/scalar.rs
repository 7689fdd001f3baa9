//! What an unquoted word of YAML is, by the core schema of YAML 1.2.

use serde_json::{Number, Value};

/// Reads an unquoted word, or says why it is none that can be taken.
///
/// `yes`, `on`, `1:30`, `1_000` and dates are texts, as YAML 1.2 has it. A number with leading zeros is refused: older readers take
/// it for an octal one.
pub(super) fn read(word: &str) -> Result<Value, String> {
    match word {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(true.into()),
        "false" | "False" | "FALSE" => return Ok(false.into()),
        _ => {}
    }
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(word, ".nan" | ".NaN" | ".NAN") {
        return Err(format!(
            "{word} is not a finite number, which JSON has none of"
        ));
    }
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = word.strip_prefix(prefix)
            && !digits.is_empty()
            && digits.chars().all(|digit| digit.is_digit(radix))
        {
            return u64::from_str_radix(digits, radix)
                .map(Value::from)
                .map_err(|_| beyond(word));
        }
    }
    let is_integer = !unsigned.is_empty() && unsigned.bytes().all(|digit| digit.is_ascii_digit());
    if !is_integer && !is_float(unsigned) {
        return Ok(word.into());
    }
    if unsigned.len() > 1 && unsigned.starts_with('0') && unsigned.as_bytes()[1].is_ascii_digit() {
        let digits = unsigned.trim_start_matches('0');
        let digits = if digits.starts_with(|digit: char| digit.is_ascii_digit()) {
            digits.to_owned()
        } else {
            format!("0{digits}")
        };
        let sign = if word.starts_with('-') { "-" } else { "" };
        return Err(format!(
            "{word} has leading zeros; write {sign}{digits} for the number, or \"{word}\" for the text"
        ));
    }
    if is_integer {
        let digits = word.strip_prefix('+').unwrap_or(word);
        let number = digits
            .parse::<i64>()
            .map(Value::from)
            .or_else(|_| digits.parse::<u64>().map(Value::from));
        return number.map_err(|_| beyond(word));
    }
    let number = word.parse().ok().and_then(Number::from_f64);
    number
        .map(Value::Number)
        .ok_or_else(|| format!("{word} is too big for a number"))
}

/// Says that an integer cannot be kept as it is written.
fn beyond(word: &str) -> String {
    format!(
        "{word} is an integer beyond 64 bits, which cannot be kept as it is; put it in quotes for a text, or append .0 for the \
         nearest floating-point number"
    )
}

/// Tells whether it is digits with a point or an exponent, without a sign.
fn is_float(word: &str) -> bool {
    let (mantissa, exponent) = match word.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        ),
        None => (word, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    is_digits(whole)
        && is_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|digits| !digits.is_empty() && is_digits(digits))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_what_yaml_1_2_says() {
        let values = [
            ("~", json!(null)),
            ("", json!(null)),
            ("Null", json!(null)),
            ("nUll", json!("nUll")),
            ("true", json!(true)),
            ("yes", json!("yes")),
            ("on", json!("on")),
            ("1:30", json!("1:30")),
            ("1_000", json!("1_000")),
            ("0b11", json!("0b11")),
            ("2024-03-05", json!("2024-03-05")),
            ("0o17", json!(15)),
            ("0o8", json!("0o8")),
            ("0x1F", json!(31)),
            ("-0x1F", json!("-0x1F")),
            ("0x", json!("0x")),
            ("1", json!(1)),
            ("+1", json!(1)),
            ("-0", json!(0)),
            ("0", json!(0)),
            ("1.0", json!(1.0)),
            ("-0.0", json!(-0.0)),
            ("1.", json!(1.0)),
            (".5", json!(0.5)),
            ("1e3", json!(1000.0)),
            ("1E-3", json!(0.001)),
            ("1e", json!("1e")),
            ("e3", json!("e3")),
            (".", json!(".")),
            ("-", json!("-")),
            ("inf", json!("inf")),
            ("nan", json!("nan")),
            ("-.nan", json!("-.nan")),
            ("18446744073709551615", json!(u64::MAX)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("0.1000000000000000055511151231257827", json!(0.1)),
        ];
        for (word, value) in values {
            assert_eq!(
                read(word).map(|value| value.to_string()),
                Ok(value.to_string()),
                "{word}"
            );
        }
    }

    #[test]
    fn words_that_cannot_be_taken_are_named_with_what_would_be_right() {
        let words = [
            "007",
            "-08",
            "00",
            "007.5",
            "1180591620717411303425",
            "-9223372036854775809",
            "0xFFFFFFFFFFFFFFFFF",
            ".inf",
            "-.INF",
            ".nan",
            "1e999",
        ];
        let said: Vec<_> = words
            .into_iter()
            .map(|word| read(word).expect_err(word))
            .collect();
        insta::assert_snapshot!(said.join("\n"));
    }
}
