//! Numbers of the server's records.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Declares the number of a kind of record.
macro_rules! record_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// Names the record with this number.
            pub const fn new(id: u64) -> Self {
                Self(id)
            }

            /// Returns the number.
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

record_id! {
    /// Number of a transform, a work on the server.
    TransformId
}

record_id! {
    /// Number of a processing, one attempt to run a transform.
    ProcessingId
}

record_id! {
    /// Number of a collection.
    CollectionId
}

record_id! {
    /// Number of a content.
    ContentId
}

/// Writes the number as a segment of a path, `null` for none.
pub(crate) fn or_null(id: Option<impl fmt::Display>) -> String {
    id.map_or_else(|| "null".to_owned(), |id| id.to_string())
}
