//! Values of parameters in the arguments of a program.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::check_command;

/// How much of arguments and how many parameters an error shows.
const SHOWN: usize = 200;
const NAMED: usize = 20;

/// Puts the values of parameters where arguments name them in braces, as `format` of Python does; arguments of a work without parameters
/// stay as they are.
pub(super) fn filled(
    arguments: &str,
    parameters: Option<&Map<String, Value>>,
) -> Result<String, String> {
    let Some(parameters) = parameters.filter(|parameters| !parameters.is_empty()) else {
        check_command(arguments.len())?;
        return Ok(arguments.to_owned());
    };
    let beginning = || {
        let mut shown: String = arguments.chars().take(SHOWN).collect();
        if shown.len() < arguments.len() {
            shown.push('…');
        }
        shown
    };
    let mut filled = String::with_capacity(arguments.len());
    let mut rest = arguments;
    while let Some(at) = rest.find(['{', '}']) {
        filled.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if let Some(after) = after.strip_prefix(brace) {
            filled.push_str(brace);
            rest = after;
            continue;
        }
        let name = after
            .split_once('}')
            .filter(|_| brace == "{")
            .map(|(name, _)| name)
            .ok_or_else(|| {
                format!(
                    "{:?} has a lone {brace}; a parameter stands in braces, and a brace itself is written twice",
                    beginning()
                )
            })?;
        let value = parameters.get(name).ok_or_else(|| {
            let mut known: Vec<_> = parameters.keys().map(String::as_str).take(NAMED).collect();
            let more = format!("{} more", parameters.len() - known.len());
            if parameters.len() > known.len() {
                known.push(&more);
            }
            let name: String = name.chars().take(SHOWN).collect();
            format!(
                "{{{name}}} is no parameter of the work; it has {}",
                known.join(", ")
            )
        })?;
        filled.push_str(&shown(value));
        rest = &after[name.len() + 1..];
        // A long value may be named again and again.
        check_command(filled.len())?;
    }
    filled.push_str(rest);
    check_command(filled.len())?;
    Ok(filled)
}

/// Writes a value as Python does.
fn shown(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fill(arguments: &str, parameters: &Value) -> Result<String, String> {
        filled(arguments, parameters.as_object())
    }

    #[test]
    fn parameters_are_filled_in_as_format_of_python_does() {
        let parameters = json!({ "n": 7, "x": 0.5, "name": "a b", "ok": true, "none": null });
        for (arguments, expected) in [
            ("--n {n} {{n}}", "--n 7 {n}"),
            ("{x}{name}", "0.5a b"),
            ("{ok} {none}", "True None"),
            ("plain", "plain"),
        ] {
            assert_eq!(fill(arguments, &parameters).as_deref(), Ok(expected));
        }
        assert_eq!(
            fill("a{1..3}", &json!({})).as_deref(),
            Ok("a{1..3}"),
            "without parameters, braces are the shell's"
        );
    }

    #[test]
    fn arguments_do_not_grow_without_bound() {
        let parameters = json!({ "a": "x".repeat(1 << 19) });
        assert!(fill("{a}", &parameters).is_ok());
        for (arguments, parameters) in [
            ("{a}".repeat(1_000), &parameters),
            ("x".repeat(2 << 20), &parameters),
            ("x".repeat(2 << 20), &json!({})),
        ] {
            let error = fill(&arguments, parameters).expect_err("it is too long");
            assert!(error.contains("longer than the 1048576 that"), "{error}");
        }
        let many = (0..1_000).map(|number| (format!("p{number}"), Value::Null));
        for arguments in [
            format!("{{{}}}", "k".repeat(5_000)),
            "x".repeat(5_000) + "{",
        ] {
            let error = filled(&arguments, Some(&many.clone().collect()));
            let error = error.expect_err("it names no parameter");
            assert!(error.len() < 1_000, "{error}");
        }
    }

    #[test]
    fn a_name_that_is_no_parameter_is_told_with_those_that_are() {
        let parameters = json!({ "n": 7, "m": 1 });
        insta::assert_snapshot!(
            fill("{k}", &parameters).expect_err("no parameter"),
            @"{k} is no parameter of the work; it has n, m"
        );
        insta::assert_snapshot!(
            fill("{n", &parameters).expect_err("a lone brace"),
            @r#""{n" has a lone {; a parameter stands in braces, and a brace itself is written twice"#
        );
    }
}
