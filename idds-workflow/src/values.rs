//! Values by name, of which there are mostly none.

use std::ops::Deref;
use std::sync::LazyLock;

use serde_json::{Map, Value};

/// A map that takes the room of a pointer while it is empty: a workflow may have a million works with several of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values(Option<Box<Map<String, Value>>>);

impl Values {
    pub(crate) fn insert(&mut self, name: String, value: Value) {
        self.0.get_or_insert_default().insert(name, value);
    }
}

impl Deref for Values {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl From<Map<String, Value>> for Values {
    fn from(map: Map<String, Value>) -> Self {
        Self((!map.is_empty()).then(|| Box::new(map)))
    }
}
