//! Values that are boxed only when they differ from their default.

use std::ops::{Deref, DerefMut};
use std::sync::LazyLock;

use serde_json::{Map, Value};

/// A value that takes the room of a pointer while it is the default one: a workflow may have a million works, most of which
/// set little.
#[derive(Clone, Debug, Default)]
pub(crate) struct BoxedIfSet<T>(Option<Box<T>>);

/// A type whose default value can be lent.
pub(crate) trait DefaultRef: Default + PartialEq + 'static {
    fn default_ref() -> &'static Self;
}

impl DefaultRef for Map<String, Value> {
    fn default_ref() -> &'static Self {
        static EMPTY: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        &EMPTY
    }
}

impl<T: DefaultRef> Deref for BoxedIfSet<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or_else(|| T::default_ref())
    }
}

impl<T: DefaultRef> DerefMut for BoxedIfSet<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: DefaultRef> PartialEq for BoxedIfSet<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: DefaultRef> From<T> for BoxedIfSet<T> {
    fn from(value: T) -> Self {
        Self((value != *T::default_ref()).then(|| Box::new(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_the_default_one_until_it_is_changed() {
        let mut values = BoxedIfSet::<Map<_, _>>::default();
        assert!(values.is_empty() && values == Map::new().into());
        values.insert("name".to_owned(), Value::from(1));
        assert_eq!((values.len(), &values["name"]), (1, &Value::from(1)));
        values.clear();
        assert!(
            values == BoxedIfSet::default(),
            "the same, wherever it is kept"
        );
    }
}
