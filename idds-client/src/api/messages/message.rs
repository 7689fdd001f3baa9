//! Messages as the server keeps them.

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A message of a request.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Message {
    /// A result of an asynchronous function.
    AsyncResult(AsyncResult),
    /// A command for the agents, such as `update_request`.
    Command {
        /// Name of the command.
        command: String,
        /// What it needs to know, such as `status`.
        parameters: Value,
    },
    /// Anything else; any JSON can be sent.
    Other(Value),
}

/// A result of an asynchronous function: a message whose header `channel` is `asyncresult`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AsyncResult {
    /// Headers, `channel` among them.
    pub headers: Map<String, Value>,
    /// The result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Everything else in the message.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

const CHANNEL: &str = "channel";
const ASYNC_RESULT: &str = "asyncresult";

impl AsyncResult {
    /// Makes a result.
    pub fn new(body: impl Into<Value>) -> Self {
        Self {
            body: Some(body.into()),
            ..Self::empty()
        }
    }

    /// Makes a message without a result.
    pub fn empty() -> Self {
        let headers = Map::from_iter([(CHANNEL.to_owned(), ASYNC_RESULT.into())]);
        Self {
            headers,
            body: None,
            rest: Map::new(),
        }
    }

    /// Adds a header; `channel` stays what it is.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let name = name.into();
        if name != CHANNEL {
            self.headers.insert(name, value.into());
        }
        self
    }

    fn read(message: &mut Map<String, Value>) -> Option<Self> {
        let channel = message.get("headers")?.get(CHANNEL)?;
        if channel != ASYNC_RESULT {
            return None;
        }
        let Some(Value::Object(headers)) = message.shift_remove("headers") else {
            return None;
        };
        Some(Self {
            headers,
            body: message.shift_remove("body"),
            rest: std::mem::take(message),
        })
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Object(mut message) => match AsyncResult::read(&mut message) {
                Some(result) => Self::AsyncResult(result),
                None => match message
                    .get("command")
                    .and_then(Value::as_str)
                    .map(str::to_owned)
                {
                    Some(command) => Self::Command {
                        command,
                        parameters: message.shift_remove("parameters").unwrap_or_default(),
                    },
                    None => Self::Other(message.into()),
                },
            },
            other => Self::Other(other),
        })
    }
}

impl<'de> Deserialize<'de> for AsyncResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&mut Map::deserialize(deserializer)?)
            .ok_or_else(|| D::Error::custom("a result has the header \"channel\": \"asyncresult\""))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(message: Value) -> Message {
        serde_json::from_value(message).expect("a message")
    }

    #[test]
    fn messages_are_told_apart_and_nothing_is_lost() {
        let result =
            read(json!({"headers": {"channel": "asyncresult", "id": 1}, "body": null, "x": 2}));
        let Message::AsyncResult(result) = result else {
            panic!("{result:?}")
        };
        assert_eq!(
            (&result.headers["id"], &result.body, &result.rest["x"]),
            (&json!(1), &Some(json!(null)), &json!(2))
        );

        let parameters = json!({"status": 10});
        let command = read(json!({"command": "update_request", "parameters": parameters}));
        assert_eq!(
            command,
            Message::Command {
                command: "update_request".to_owned(),
                parameters
            }
        );

        for other in [
            json!({"headers": {"channel": "other"}}),
            json!({"headers": 1}),
            json!([1]),
            json!(null),
        ] {
            assert_eq!(read(other.clone()), Message::Other(other));
        }
    }

    #[test]
    fn the_channel_of_a_result_cannot_be_changed() {
        let result = AsyncResult::new(json!({"x": 1}))
            .header("channel", "other")
            .header("id", 7);
        let expected = json!({"headers": {"channel": "asyncresult", "id": 7}, "body": {"x": 1}});
        assert_eq!(serde_json::to_value(result).expect("JSON"), expected);
    }
}
