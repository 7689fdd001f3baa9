use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;

fn why<T: DeserializeOwned>(text: &str) -> String {
    read::<T>(text.as_bytes())
        .map(|_| ())
        .expect_err(text)
        .to_string()
}

fn why_not_exact<T: DeserializeOwned>(text: &str) -> String {
    read_exact::<T>(text.as_bytes())
        .map(|_| ())
        .expect_err(text)
        .to_string()
}

#[derive(Debug, Deserialize, PartialEq)]
struct Row {
    id: u32,
    loss: Option<f64>,
    #[serde(default)]
    note: Value,
}

#[test]
fn words_of_python_are_numbers_where_a_number_is_read() {
    let row: Row = read(br#"{"id": 1, "loss": -Infinity, "note": {"auc": NaN}}"#).expect("a row");
    assert_eq!(
        row,
        Row {
            id: 1,
            loss: Some(f64::NEG_INFINITY),
            note: json!({"auc": "NaN"})
        }
    );
    assert!(read::<f64>(b" NaN\n").expect("a number").is_nan());
    assert_eq!(
        read::<Vec<f64>>(b"[1e999, -1e999, 1]").expect("numbers"),
        [f64::INFINITY, f64::NEG_INFINITY, 1.0]
    );
    assert!(read_exact::<f64>(b"NaN").expect("a number").is_nan());
}

#[test]
fn a_text_that_spells_such_a_word_is_no_number() {
    assert_eq!(
        why::<f64>(r#""NaN""#),
        r#"line 1, column 1: "NaN" is given where a number is expected"#
    );
    assert_eq!(
        read::<Value>(br#"{"a": "NaN \" NaN"}"#).expect("text"),
        json!({"a": "NaN \" NaN"})
    );
}

#[test]
fn what_cannot_be_kept_is_refused_where_nothing_may_be_lost() {
    let long = "1180591620717411303425";
    assert_eq!(
        read::<Value>(long.as_bytes()).expect("a number"),
        json!(1.1805916207174113e21)
    );
    assert_eq!(
        read_exact::<f64>(long.as_bytes()),
        Ok(1.1805916207174113e21)
    );
    assert_eq!(
        why_not_exact::<Value>("[1,\n {\"a\": -9223372036854775809}]"),
        "line 2, column 8: [1].a: the integer -9223372036854775809 is beyond 64 bits; write it as text"
    );
    assert_eq!(
        read_exact::<Value>(b"[18446744073709551615]"),
        Ok(json!([u64::MAX]))
    );
    assert_eq!(
        why_not_exact::<Value>("[Infinity]"),
        "line 1, column 2: [0]: Infinity is no finite number"
    );
    assert_eq!(
        why_not_exact::<Value>(r#"{"a": 1, "a": 2}"#),
        r#"line 1, column 10: the key "a" is given twice"#
    );
    assert_eq!(
        why_not_exact::<Value>(r#""\ud800""#),
        r"line 1, column 2: \ud800 is half of a character"
    );
}

#[test]
fn a_field_can_ask_for_exact_integers() {
    #[derive(Debug, Deserialize)]
    struct Point {
        #[serde(deserialize_with = "exact_integers")]
        values: Value,
        other: Value,
    }
    let point: Point = read(br#"{"values": {"a": 1, "b": NaN}, "other": 1180591620717411303425}"#)
        .expect("a point");
    assert_eq!(
        (point.values, point.other),
        (json!({"a": 1, "b": "NaN"}), json!(1.1805916207174113e21))
    );
    let error = why::<Point>(r#"{"values": {"a": 1180591620717411303425}, "other": 1}"#);
    assert!(
        error.starts_with("line 1, column 18: values.a: the integer 1180591620717411303425"),
        "{error}"
    );
    assert!(serde_json::from_str::<Point>(r#"{"values": 1, "other": 2}"#).is_ok());
}

#[test]
fn the_last_of_two_members_of_a_name_counts() {
    let row: Row = read(br#"{"id": 1, "loss": 2, "id": 3}"#).expect("a row");
    assert_eq!((row.id, row.loss), (3, Some(2.0)));
}

#[test]
fn byte_order_marks_and_halves_of_characters_are_read() {
    assert_eq!(
        read::<Value>(b"\xEF\xBB\xBF{}").expect("an object"),
        json!({})
    );
    let text: String = read(br#""\udcff \ud83d\ude00 \ud83d\u0041 \u00e9\n\/""#).expect("text");
    assert_eq!(text, "\u{FFFD} \u{1F600} \u{FFFD}A \u{e9}\n/");
    for other in [&b"\xFF\xFE[\0]\0"[..], b"\xFE\xFF\0[\0]", b"[\0]\0"] {
        let error = read::<Value>(other).expect_err("UTF-16");
        assert_eq!(
            error.to_string(),
            "line 1, column 1: the text is UTF-16, write it as UTF-8"
        );
    }
    let error = read::<Value>(b"[\n \"\xC3\xA9\xFF\"]").expect_err("a stray byte");
    assert_eq!(
        error.to_string(),
        "line 2, column 4: the byte 0xff is not UTF-8"
    );
}

#[test]
fn what_is_no_json_is_named_by_line_and_column() {
    for (text, message) in [
        (
            "",
            "line 1, column 1: the text is empty, a JSON value is expected",
        ),
        (
            "[1,\n 2",
            "line 1, column 1: the list that begins here has no end: the text is cut off",
        ),
        (
            "{\"é\": [1 2]}",
            "line 1, column 10: \"2\" is given where a comma or the end of the list is expected",
        ),
        (
            "[1, ]",
            "line 1, column 3: the comma before the end of the list is too much",
        ),
        (
            "[1,, 2]",
            "line 1, column 4: \",\" is given where a JSON value is expected",
        ),
        (
            "{'a': 1}",
            "line 1, column 2: \"'\" is no name in double quotes",
        ),
        (
            "{\"a\" 1}",
            "line 1, column 6: \"1\" is given where a colon is expected after \"a\"",
        ),
        (
            "[None]",
            "line 1, column 2: \"None\" is given where a JSON value is expected; write null",
        ),
        (
            "['a']",
            "line 1, column 2: \"'\" is given where a JSON value is expected; write text in double quotes",
        ),
        (
            "Infinite",
            "line 1, column 1: \"Infinite\" is given where a JSON value is expected",
        ),
        (
            "-NaN",
            "line 1, column 1: \"-NaN\" is given where a JSON value is expected",
        ),
        ("[01]", "line 1, column 2: the number 01 has a leading zero"),
        (
            "[1.]",
            "line 1, column 2: the number 1. has no digit where one is expected",
        ),
        (
            "1 2",
            "line 1, column 3: \"2\" follows after the end of the value",
        ),
        (
            "\"a",
            "line 1, column 1: the text that begins here has no closing quote",
        ),
        (
            "\"\\x\"",
            "line 1, column 2: the escape \"\\\\x\" is unknown",
        ),
        (
            "\"\\u12\"",
            "line 1, column 2: four hexadecimal digits are expected after \\u",
        ),
        (
            "\"\t\"",
            "line 1, column 2: the control character 0x09 stands in a text, write it as \\u0009",
        ),
    ] {
        let error = read::<Value>(text.as_bytes()).expect_err(text);
        assert_eq!(error.to_string(), message, "{text}");
        assert!(error.is_syntax(), "{text}");
    }
}

#[test]
fn what_does_not_fit_is_named_by_its_place_in_words_of_json() {
    for (text, message) in [
        (
            "[]",
            "line 1, column 1: a list of 0 is given where struct Row with 3 elements is expected",
        ),
        (
            "null",
            "line 1, column 1: null is given where an object is expected",
        ),
        (
            r#"{"id": -1, "loss": null}"#,
            "line 1, column 8: id: -1 is given where a whole number from 0 on is expected",
        ),
        (
            r#"{"id": 1, "loss": [0.5]}"#,
            "line 1, column 19: loss: a list is given where a number is expected",
        ),
    ] {
        let error = read::<Row>(text.as_bytes()).expect_err(text);
        assert_eq!(error.to_string(), message, "{text}");
        assert!(!error.is_syntax());
    }
    assert_eq!(
        why::<Vec<Row>>("[\n{\"loss\": 1}]"),
        "line 2, column 1: [0]: id is missing"
    );
    assert_eq!(
        why::<Vec<(String, f64)>>(r#"[["a", 1, 2]]"#),
        "line 1, column 2: [0]: a list of 3 is given where 2 are expected"
    );
    assert_eq!(
        why::<BTreeMap<String, bool>>(r#"{"a\n": 1}"#),
        r"line 1, column 9: a\n: 1 is given where true or false is expected"
    );
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize| format!("{}NaN{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read::<Value>(nested(MAX_DEPTH).as_bytes()).is_ok());
    let error = why::<Value>(&nested(MAX_DEPTH + 1));
    assert_eq!(
        error,
        "line 1, column 128: the text is nested deeper than 127 levels"
    );
    assert!(read::<Value>(nested(1_000_000).as_bytes()).is_err());
}

#[test]
fn parts_are_given_as_they_stand() {
    let document = Document::parse(b"[true, {\"a\": NaN, \"b\": [1]}]").expect("JSON");
    let parts: Vec<_> = document.root().items().collect();
    assert_eq!(parts[1].text(), r#"{"a": NaN, "b": [1]}"#);
    assert_eq!(
        parts[1]
            .members()
            .map(|(name, part)| (name, part.text()))
            .collect::<Vec<_>>(),
        [("a", "NaN"), ("b", "[1]")]
    );
    let error = parts[1]
        .member("b")
        .expect("a list")
        .read::<Vec<bool>>()
        .expect_err("no booleans");
    assert_eq!(
        (error.place(), error.line(), error.column()),
        ("[1].b[0]", 1, 25)
    );
}

#[test]
fn json_for_every_reader_says_the_same() {
    let text = b"\xEF\xBB\xBF{\"a\": [NaN, 1e999, -Infinity, 1.50, -0], \"b\": 1180591620717411303425,\n\"c\": \"x\\ud800\\n\", \"b\": null}";
    let json = Document::parse(text).expect("JSON").root().to_json();
    assert_eq!(
        json,
        r#"{"a":["NaN","Infinity","-Infinity",1.50,-0],"b":null,"c":"x\u{FFFD}\n"}"#
            .replace("\\u{FFFD}", "\u{FFFD}")
    );
    let long = Document::parse(b"[1180591620717411303425]")
        .expect("JSON")
        .root()
        .to_json();
    assert_eq!(long, "[1180591620717411303425]");
}

#[test]
fn keys_can_be_numbers_and_enumerations_have_content() {
    #[derive(Debug, Deserialize, PartialEq)]
    enum Shape {
        Dot,
        Circle(f64),
        Box { side: f64 },
    }
    let read = |text: &str| {
        Document::parse(text.as_bytes())
            .expect("JSON")
            .root()
            .read::<BTreeMap<i64, Shape>>()
    };
    let shapes = read(r#"{"1": "Dot", "-2": {"Circle": Infinity}, "3": {"Box": {"side": 2}}}"#)
        .expect("shapes");
    let expected = [
        (1, Shape::Dot),
        (-2, Shape::Circle(f64::INFINITY)),
        (3, Shape::Box { side: 2.0 }),
    ];
    assert_eq!(shapes, BTreeMap::from(expected));
    for wrong in [
        r#"{"x": "Dot"}"#,
        r#"{"1": "Circle"}"#,
        r#"{"1": {"Dot": 1}}"#,
        r#"{"1": "Line"}"#,
        r#"{"1": []}"#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_run_of_digits_is_found_wherever_it_begins() {
    for start in 0..60 {
        let text = |digits: usize| format!("{}{}x", "-".repeat(start), "7".repeat(digits));
        assert!(has_long_number(text(LONG).as_bytes()), "{start}");
        assert!(!has_long_number(text(LONG - 1).as_bytes()), "{start}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_json_reads_as_serde_json_reads_it(value in any_json(), is_pretty: bool) {
        let text = if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let text = text.expect("JSON");
        let document = Document::parse(text.as_bytes()).expect("JSON");
        prop_assert_eq!(document.root().read_exact::<Value>(), Ok(value.clone()));
        prop_assert_eq!(read::<Value>(text.as_bytes()), Ok(value));
    }

    #[test]
    fn any_text_is_judged_as_serde_json_judges_it(text in r#"[\[\]{}:,"\\ua0-9.eE+ \-nultrfse]{0,24}"#) {
        // Numbers too big and halves of characters are what it refuses and Python reads.
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let document = Document::parse(text.as_bytes()).expect("JSON");
            prop_assert_eq!(document.root().read::<Value>(), Ok(value));
        } else if let Ok(document) = Document::parse(text.as_bytes()) {
            let is_more = text.contains("\\u") || text.contains(['e', 'E']);
            prop_assert!(is_more, "{:?}", document);
        }
    }
}
