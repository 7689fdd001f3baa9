//! Values of parameters in the arguments of a program.

use serde_json::{Map, Value};

/// Puts the values of parameters where arguments name them in braces, as `format` of Python does; arguments of a work without parameters
/// stay as they are.
pub(super) fn filled(
    arguments: &str,
    parameters: Option<&Map<String, Value>>,
) -> Result<String, String> {
    let Some(parameters) = parameters.filter(|parameters| !parameters.is_empty()) else {
        return Ok(arguments.to_owned());
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
                    "{arguments:?} has a lone {brace}; a parameter stands in braces, and a brace itself is written twice"
                )
            })?;
        let value = parameters.get(name).ok_or_else(|| {
            let known: Vec<_> = parameters.keys().map(String::as_str).collect();
            format!(
                "{{{name}}} is no parameter of the work; it has {}",
                known.join(", ")
            )
        })?;
        filled.push_str(&shown(value));
        rest = &after[name.len() + 1..];
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Writes a value as Python does.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
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
