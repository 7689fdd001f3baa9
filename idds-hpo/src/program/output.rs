//! What a program says itself: a loss, or why there is none.

use idds_workflow::python_json::{Document, NumberOrText, Part};

use super::tail::{lines, shortened};

/// How many beginnings of an object on standard output are tried.
const OBJECTS: usize = 100;

/// Reads `output.json`, or the same object on standard output.
pub(super) fn judge(bytes: &[u8]) -> Result<f64, String> {
    if bytes.trim_ascii().is_empty() {
        return Err("it is empty; it should be {\"loss\": 0.25}".to_owned());
    }
    let document = Document::parse(bytes).map_err(|error| error.to_string())?;
    let root = document.root();
    if !root.is_object() {
        return Err(format!(
            "it is {}; it should be an object, such as {{\"loss\": 0.25}}",
            on_one_line(&root)
        ));
    }
    let given = |name: &str| root.member(name).filter(|part| part.text() != "null");
    if let Some(status) = given("status")
        && !is_zero(&status)?
    {
        let message = given("message")
            .map(|part| format!(": {}", shortened(&words(&part))))
            .unwrap_or_default();
        return Err(format!("status is {}{message}", on_one_line(&status)));
    }
    let Some(loss) = given("loss") else {
        return Err("loss is missing; it should be a number, as in {\"loss\": 0.25}".to_owned());
    };
    loss.read()
        .map(|NumberOrText(loss)| loss)
        .map_err(|error| error.to_string())
}

/// Tells whether a status is one of success.
fn is_zero(status: &Part<'_, '_>) -> Result<bool, String> {
    match status.read::<bool>() {
        Ok(is_failure) => Ok(!is_failure),
        Err(_) => status
            .read::<f64>()
            .map(|status| status == 0.0)
            .map_err(|error| error.to_string()),
    }
}

/// A value as it was written, without the line breaks in it.
fn on_one_line(part: &Part<'_, '_>) -> String {
    shortened(&lines(part.text()).join(" "))
}

/// A message in words, whatever it is.
fn words(message: &Part<'_, '_>) -> String {
    let text = message
        .read::<String>()
        .unwrap_or_else(|_| message.text().to_owned());
    lines(&text).join("; ")
}

/// Reads the loss from the end of what a program printed: a number, `loss: 0.25`, or an object as in `output.json`.
pub(super) fn said(text: &str) -> Result<f64, String> {
    let lines = lines(text);
    let Some(last) = lines.last() else {
        return Err(
            "there is no output.json, and stdout is empty; print the loss as the last line, or write {\"loss\": 0.25} to output.json"
                .to_owned(),
        );
    };
    if last.ends_with('}') {
        // It may stand on several lines, and have objects inside.
        let beginnings = lines
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, line)| line.starts_with('{'))
            .take(OBJECTS);
        let objects = beginnings.map(|(at, _)| judge(lines[at..].join("\n").as_bytes()));
        let mut refused = None;
        for object in objects {
            match object {
                Ok(loss) => return Ok(loss),
                Err(why) => _ = refused.get_or_insert(why),
            }
        }
        let why = refused.unwrap_or_else(|| "it has no beginning".to_owned());
        let example = "{\"loss\": 0.25}";
        let next = if why.contains(example) {
            String::new()
        } else {
            format!("; it should be {example}")
        };
        return Err(format!(
            "the last line of stdout, {}: {why}{next}",
            shortened(last)
        ));
    }
    number(last).ok_or_else(|| {
        format!(
            "there is no output.json, and the last line of stdout is no loss but {:?}; it should be a number, such as 0.25, or {{\"loss\": 0.25}}",
            shortened(last)
        )
    })
}

/// Reads `0.25`, `loss: 0.25` or `loss=0.25`.
fn number(line: &str) -> Option<f64> {
    let named = line
        .split_at_checked(4)
        .filter(|(name, _)| name.eq_ignore_ascii_case("loss"))
        .map(|(_, rest)| rest);
    let value = match named {
        Some(rest) => rest
            .trim_start()
            .strip_prefix([':', '='])
            .or_else(|| rest.strip_prefix(' '))?,
        None => line,
    };
    value.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        judge(text.as_bytes()).expect_err(text)
    }

    #[test]
    fn an_output_is_a_loss_or_a_reason() {
        for text in [
            r#"{"loss": 0.25}"#,
            r#"{"status": 0, "loss": 0.25}"#,
            r#"{"status": null, "loss": 0.25, "message": "fine", "auc": 0.9}"#,
            r#"{"status": false, "loss": 0.25}"#,
            r#"{"status": 0.0, "loss": "0.25"}"#,
            r#"{"metrics": {"loss": 7, "auc": NaN}, "loss": 0.25, "history": [Infinity, -Infinity]}"#,
            r#"{"loss": 0.25, "best": {"loss": 7}}"#,
            r#"{"loss": 0.25, "status": 0, "message": {"epochs": [1, 2]}}"#,
            "\u{feff}{\"loss\": 0.25}\r\n",
        ] {
            assert_eq!(judge(text.as_bytes()), Ok(0.25), "{text}");
        }
        assert_eq!(
            refused(r#"{"status": 3, "message": "no data"}"#),
            "status is 3: no data"
        );
        assert_eq!(
            refused(r#"{"status": 3, "message": {"why": "no data"}}"#),
            r#"status is 3: {"why": "no data"}"#
        );
        assert_eq!(
            refused(r#"{"status": true, "loss": 0.5}"#),
            "status is true"
        );
        assert_eq!(refused(r#"{"loss": Infinity, "status": 2}"#), "status is 2");
        assert_eq!(
            refused(r#"{"status": 0}"#),
            "loss is missing; it should be a number, as in {\"loss\": 0.25}"
        );
        assert_eq!(
            refused(r#"{"metrics": {"loss": 7}}"#),
            refused(r#"{"loss": null}"#)
        );
        assert_eq!(
            refused("0.5"),
            "it is 0.5; it should be an object, such as {\"loss\": 0.25}"
        );
        assert_eq!(refused(" \n"), "it is empty; it should be {\"loss\": 0.25}");
        let why = refused(r#"{"status": 0, "loss": [0.5, 0.25]}"#);
        assert!(why.starts_with("line 1, column 23: loss: "), "{why}");
        let why = refused("{\"status\": 0,\n \"loss\": Infinite}");
        assert!(why.starts_with("line 2, column "), "{why}");
        assert!(
            refused(r#"{"status": "ok", "loss": 0.5}"#).starts_with("line 1, column 12: status: ")
        );
    }

    #[test]
    fn the_words_of_python_are_losses_that_are_none() {
        assert!(judge(br#"{"status": 0, "loss": NaN}"#).is_ok_and(f64::is_nan));
        assert_eq!(
            judge(br#"{"loss" : -Infinity, "status": 0}"#),
            Ok(f64::NEG_INFINITY)
        );
    }

    #[test]
    fn the_last_line_says_the_loss_in_one_of_the_usual_ways() {
        for text in [
            "0.5",
            "epoch 1\nepoch 2\n  0.5  \n\n",
            "loss: 0.5",
            "loss=0.5\n",
            "Loss = +.5",
            "loss 5e-1",
            " 10%|#\r100%|##########\r\x1b[1mloss: 0.5\x1b[0m\r\n",
            "{\"loss\": 0.5}",
            "epoch 1\n{\"status\": 0, \"loss\": 0.5, \"auc\": NaN}\n",
            "{\"a\": 1}\n{\n  \"loss\": 0.5,\n  \"metrics\": {\n    \"loss\": 7\n  }\n}\n",
        ] {
            assert_eq!(said(text), Ok(0.5), "{text}");
        }
        for text in ["nan", "NaN", "-nan", "loss: nan"] {
            assert!(said(text).is_ok_and(f64::is_nan), "{text}");
        }
        assert_eq!(
            [said("inf"), said("loss: -Infinity")],
            [Ok(f64::INFINITY), Ok(f64::NEG_INFINITY)]
        );
        for text in [
            "done",
            "0,5",
            "losses: 0.5",
            "loss0.5",
            "0.5 0.25",
            "[0.5]",
            "accuracy: 0.5",
        ] {
            let why = said(text).expect_err(text);
            assert!(
                why.contains(&format!(
                    "is no loss but {text:?}; it should be a number, such as 0.25, or"
                )),
                "{why}"
            );
        }
        let why = said("{'loss': 0.5}").expect_err("a dictionary of Python");
        assert!(
            why.starts_with("the last line of stdout, {'loss': 0.5}: line 1, column 2: "),
            "{why}"
        );
        assert!(why.ends_with("; it should be {\"loss\": 0.25}"), "{why}");
        let why = said("{\"loss\": null}").expect_err("no number");
        assert_eq!(why.matches("0.25").count(), 1, "{why}");
    }
}
