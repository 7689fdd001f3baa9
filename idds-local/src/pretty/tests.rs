use serde::Serialize;
use serde_json::json;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::*;

fn pretty(mut value: Value) -> String {
    value.sort_all_objects();
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(b"    ");
    value
        .serialize(&mut Serializer::with_formatter(&mut bytes, formatter))
        .expect("JSON");
    String::from_utf8(bytes).expect("text")
}

fn sent(mut script: Script) -> String {
    let mut bytes = Vec::new();
    while let Some(mut chunk) = script.next_chunk() {
        bytes.append(&mut chunk);
    }
    String::from_utf8(bytes).expect("text")
}

fn samples() -> Vec<Value> {
    let long = "y".repeat(100);
    vec![
        json!(null),
        json!("x\"\\\u{1}é"),
        json!([]),
        json!({}),
        json!([[], {}, [[1]], -1.5e300, true]),
        json!({ "b": 1, "a": { "d": [1, { "f": long, "e": {} }], "c": "}]\"" }, "ab": [], "a!": 2, "": 0 }),
        (0..2000)
            .map(|number| json!({ "n": number, "a": [long, number] }))
            .collect(),
    ]
}

#[test]
fn a_value_and_its_text_are_written_as_serde_writes_them() {
    for value in samples() {
        let mut script = Script::default();
        script.value(&value, 0);
        assert_eq!(sent(script), pretty(value.clone()));
        for text in [
            value.to_string(),
            pretty(value.clone()),
            format!(" {} ", serde_json::to_string_pretty(&value).expect("JSON")),
        ] {
            let mut script = Script::default();
            script.raw(text, 0);
            assert_eq!(sent(script), pretty(value.clone()));
        }
    }
}

#[test]
fn lines_inside_are_further_in() {
    let mut script = Script::default();
    let raw = || Cell::Raw(r#"{"x": [1]}"#.to_owned());
    script.object(vec![("b", raw()), ("a", Cell::Integer(1))], 1);
    assert_eq!(
        sent(script),
        "{\n        \"a\": 1,\n        \"b\": {\n            \"x\": [\n                1\n            ]\n        }\n    }"
    );
}

#[test]
fn parameters_keep_their_order() {
    let text = r#"{"b": {"opt_space": {"z": {"y": 1, "x": 2}, "a": 0}}, "a": 1}"#;
    let written = |text: &str| text.replace(['\n', ' '], "");
    let (mut raw, mut value) = (Script::default(), Script::default());
    raw.raw(text.to_owned(), 0);
    value.value(&serde_json::from_str(text).expect("JSON"), 0);
    let expected = r#"{"a":1,"b":{"opt_space":{"z":{"y":1,"x":2},"a":0}}}"#;
    assert_eq!(
        [written(&sent(raw)), written(&sent(value))],
        [expected, expected]
    );
}

#[test]
fn items_of_a_list_are_taken_out_of_it() {
    let mut script = Script::default();
    let is_empty = script.items(" [ ]".to_owned(), 0, true);
    let is_empty = script.items("[1, {\"a\": []}]".to_owned(), 0, is_empty);
    assert!(!script.items("[2]".to_owned(), 0, is_empty));
    assert_eq!(
        sent(script),
        "[\n    1,\n    {\n        \"a\": []\n    },\n    2"
    );
}

#[test]
fn of_a_name_that_stands_twice_the_last_counts() {
    let mut script = Script::default();
    script.raw(r#"{"b": 1, "\u0061": 0, "b": 2}"#.to_owned(), 0);
    assert_eq!(sent(script), "{\n    \"\\u0061\": 0,\n    \"b\": 2\n}");
}

#[test]
fn what_is_no_json_ends_too() {
    for text in [
        "",
        "[",
        "{",
        "{\"a\"",
        "{\"a\":",
        "[1,",
        "\"",
        "\"\\",
        "]",
        "{]",
        "[}",
        "[1 2]",
        "{\"a\" 1}",
    ] {
        let mut script = Script::default();
        script.raw(text.to_owned(), 0);
        sent(script);
    }
}
