//! From the tree to JSON that every reader reads.

use super::deserialize::word;
use super::parse::{Kind, Node};

/// Appends a value of a text.
pub(super) fn value(node: &Node<'_>, text: &str, json: &mut String) {
    match &node.kind {
        Kind::Float(number) if !number.is_finite() => string(word(*number), json),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Signed(_)
        | Kind::Unsigned(_)
        | Kind::Long(_)
        | Kind::Float(_) => {
            json.push_str(&text[node.range.clone()]);
        }
        Kind::Text(content) => string(content, json),
        Kind::List(items) => {
            json.push('[');
            for (index, item) in items.iter().enumerate() {
                json.push_str(if index == 0 { "" } else { "," });
                value(item, text, json);
            }
            json.push(']');
        }
        Kind::Object(members) => {
            json.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                json.push_str(if index == 0 { "" } else { "," });
                string(name, json);
                json.push(':');
                value(member, text, json);
            }
            json.push('}');
        }
    }
}

fn string(content: &str, json: &mut String) {
    json.push_str(&serde_json::Value::from(content).to_string());
}
