//! Members of the server's enumerations, for `deserialize_with`.

use idds_workflow::wire::{Enumeration, Member};
use serde::{Deserialize, Deserializer};

/// Reads a member, as the object or as the number that the server writes.
pub(crate) fn required<'de, D: Deserializer<'de>, T: Enumeration>(deserializer: D) -> Result<T, D::Error> {
    Member::deserialize(deserializer).map(|Member(value)| value)
}

/// Reads a member or null.
pub(crate) fn optional<'de, D: Deserializer<'de>, T: Enumeration>(deserializer: D) -> Result<Option<T>, D::Error> {
    let member: Option<Member<T>> = Option::deserialize(deserializer)?;
    Ok(member.map(|Member(value)| value))
}
