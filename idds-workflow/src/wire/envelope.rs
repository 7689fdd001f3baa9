//! Objects with a Python class around them.

use serde::de::{Deserializer, Error as _};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::run::{EntryMap as _, Runs, entries};

/// An instance of a Python class: `{"class": …, "module": …, "attributes": …}`.
pub(super) struct Object<'a, A> {
    pub(super) class: &'a str,
    pub(super) module: &'a str,
    pub(super) attributes: A,
    pub(super) runs: Runs<'a>,
}

impl<A: Serialize> Serialize for Object<'_, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = self.runs.map(serializer)?;
        entries!(map; "class" => self.class, "module" => self.module, "attributes" => self.attributes);
        map.end()
    }
}

/// An enumeration of `idds.common.constants`: what [`Member`] needs to know of it.
pub trait Enumeration: Copy {
    /// Name of the Python class.
    const CLASS: &'static str;

    /// Returns the value with this number; every number has one.
    fn from_code(code: i64) -> Self;

    /// Returns the number.
    fn code(self) -> i64;

    /// Returns the position in the Python enumeration and the name, none for an unknown number.
    fn member(self) -> Option<(usize, &'static str)>;
}

/// A member of an enumeration in the form in which Python sends it, an object of its class.
///
/// Reads that form and the plain number, which the server mixes. A number without a name is written as a plain number: the
/// server would rename its own members after a wrong name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Member<T>(pub T);

impl<T: Enumeration> Serialize for Member<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.member() {
            Some((order, name)) => {
                let attributes = MemberAttributes {
                    value: self.0.code(),
                    name,
                    order,
                };
                let (class, module, runs) = (T::CLASS, "idds.common.constants", Runs::default());
                Object {
                    class,
                    module,
                    attributes,
                    runs,
                }
                .serialize(serializer)
            }
            None => serializer.serialize_i64(self.0.code()),
        }
    }
}

#[derive(Serialize)]
struct MemberAttributes {
    #[serde(rename = "_value_")]
    value: i64,
    #[serde(rename = "_name_")]
    name: &'static str,
    #[serde(rename = "_sort_order_")]
    order: usize,
}

impl<'de, T: Enumeration> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Code(i64),
            Object { class: String, attributes: Value },
        }
        #[derive(Deserialize)]
        struct Value {
            #[serde(rename = "_value_")]
            value: i64,
        }
        match Form::deserialize(deserializer)? {
            Form::Code(code) => Ok(Self(T::from_code(code))),
            Form::Object { class, attributes } if class == T::CLASS => {
                Ok(Self(T::from_code(attributes.value)))
            }
            Form::Object { class, .. } => Err(D::Error::custom(format_args!(
                "an object of class {class} is no {}",
                T::CLASS
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RequestStatus, RequestType};

    #[test]
    fn a_member_is_an_object_of_its_class() {
        insta::assert_json_snapshot!(Member(RequestType::Other), @r#"
        {
          "class": "RequestType",
          "module": "idds.common.constants",
          "attributes": {
            "_value_": 99,
            "_name_": "Other",
            "_sort_order_": 10
          }
        }
        "#);
    }

    #[test]
    fn members_are_read_with_and_without_their_names() {
        let forms = [
            r#"3"#,
            r#"{"class": "RequestStatus", "module": "m", "attributes": {"_value_": 3, "_loading": false}}"#,
        ];
        for form in forms {
            let member: Member<RequestStatus> = serde_json::from_str(form).expect("a member");
            assert_eq!(member.0, RequestStatus::Finished);
        }
    }

    #[test]
    fn a_member_of_another_class_is_refused() {
        let form = r#"{"class": "RequestType", "module": "m", "attributes": {"_value_": 3}}"#;
        assert!(serde_json::from_str::<Member<RequestStatus>>(form).is_err());
    }

    #[test]
    fn a_number_without_a_name_is_written_as_a_number() {
        let text = serde_json::to_string(&Member(RequestStatus::Unknown(777))).expect("JSON");
        assert_eq!(text, "777");
    }
}
