//! Values that are mostly left alone.

use std::ops::{Deref, DerefMut};
use std::sync::LazyLock;

use serde_json::{Map, Value};

/// A value that takes the room of a pointer while it is the default one: a workflow may have a million works, most of which
/// set little.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sparse<T>(Option<Box<T>>);

/// A type whose default value can be lent.
pub(crate) trait Lent: Default + PartialEq + 'static {
    fn lent() -> &'static Self;
}

impl Lent for Map<String, Value> {
    fn lent() -> &'static Self {
        static EMPTY: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        &EMPTY
    }
}

impl<T: Lent> Deref for Sparse<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or_else(|| T::lent())
    }
}

impl<T: Lent> DerefMut for Sparse<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Lent> PartialEq for Sparse<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Lent> From<T> for Sparse<T> {
    fn from(value: T) -> Self {
        Self((value != *T::lent()).then(|| Box::new(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_the_default_one_until_it_is_changed() {
        let mut values = Sparse::<Map<_, _>>::default();
        assert!(values.is_empty() && values == Map::new().into());
        values.insert("name".to_owned(), Value::from(1));
        assert_eq!((values.len(), &values["name"]), (1, &Value::from(1)));
        values.clear();
        assert!(values == Sparse::default(), "the same, wherever it is kept");
    }
}
