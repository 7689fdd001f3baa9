//! Runs of constant entries.
//!
//! Most of what a work says on the wire is the same for every work. Where the target is JSON text, constant entries are
//! copied in one piece, together with the name of the entry after them: [`Text`] is several times as fast as a serializer that
//! gets them one by one, and its bytes are the same.

use std::cell::Cell;
use std::io;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

/// Writes named entries, in order, to an [`EntryMap`]: constants as `"name": value`, where the value is `null`, a literal,
/// `[]` or `{}`, and others as `"name" => expression`. Neither names nor constants may need escapes.
macro_rules! entries {
    ($map:expr; $($entries:tt)+) => { $crate::wire::run::run!($map; {} $($entries)+) };
}
pub(crate) use entries;

/// Writes entries that come after constants: the run of these with the first of the entries, then the rest.
macro_rules! run {
    ($map:expr; {}) => {{}};
    ($map:expr; {$($run:tt)*} $name:literal: $value:tt $(,)?) => {
        $crate::wire::run::run!($map; {$($run)*} $name => $crate::wire::run::constant!($value))
    };
    ($map:expr; {$($run:tt)*} $name:literal: $value:tt, $($rest:tt)+) => {
        $crate::wire::run::run!($map; {$($run)* $name: $value,} $($rest)+)
    };
    ($map:expr; {$($constant:literal: $constant_value:tt,)*} $name:literal => $value:expr $(, $($rest:tt)*)?) => {{
        $map.run(
            concat!($($constant, "\":", stringify!($constant_value), ",\"",)* $name),
            |map| {
                $(map.serialize_entry($constant, &$crate::wire::run::constant!($constant_value))?;)*
                map.serialize_key($name)
            },
            &$value,
        )?;
        $crate::wire::run::run!($map; {} $($($rest)*)?)
    }};
}
pub(crate) use run;

/// Makes an expression of a constant.
macro_rules! constant {
    (null) => {
        $crate::wire::empty::NULL
    };
    ([]) => {
        $crate::wire::empty::EMPTY_LIST
    };
    ({}) => {
        $crate::wire::empty::EMPTY_OBJECT
    };
    ($literal:literal) => {
        $literal
    };
}
pub(crate) use constant;

/// A map that [`entries!`] are written to.
pub(crate) trait EntryMap: SerializeMap {
    /// Writes a run of constant entries and the name after them, then the value.
    ///
    /// The run comes in two forms: as JSON text, without its first and last quote, and one by one.
    fn run<V: Serialize + ?Sized>(
        &mut self,
        text: &'static str,
        one_by_one: impl FnOnce(&mut Self) -> Result<(), Self::Error>,
        value: &V,
    ) -> Result<(), Self::Error>;
}

/// How runs of constant entries are written: whole where the serializer is that of a [`Text`], otherwise one by one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Runs<'a>(Option<&'a Cell<&'static str>>);

impl<'a> Runs<'a> {
    /// Begins an object.
    pub(crate) fn map<S: Serializer>(
        self,
        serializer: S,
    ) -> Result<Map<'a, S::SerializeMap>, S::Error> {
        Ok(Map {
            map: serializer.serialize_map(None)?,
            runs: self,
        })
    }
}

/// An object that is being written.
pub(crate) struct Map<'a, M> {
    map: M,
    runs: Runs<'a>,
}

impl<M: SerializeMap> EntryMap for Map<'_, M> {
    fn run<V: Serialize + ?Sized>(
        &mut self,
        text: &'static str,
        one_by_one: impl FnOnce(&mut Self) -> Result<(), M::Error>,
        value: &V,
    ) -> Result<(), M::Error> {
        match self.runs.0 {
            Some(run) => {
                run.set(text);
                self.map.serialize_key(&Placeholder)?;
            }
            None => one_by_one(self)?,
        }
        self.map.serialize_value(value)
    }
}

impl<M: SerializeMap> SerializeMap for Map<'_, M> {
    type Ok = M::Ok;
    type Error = M::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), M::Error> {
        self.map.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), M::Error> {
        self.map.serialize_value(value)
    }

    fn serialize_entry<K, V>(&mut self, key: &K, value: &V) -> Result<(), M::Error>
    where
        K: Serialize + ?Sized,
        V: Serialize + ?Sized,
    {
        self.map.serialize_entry(key, value)
    }

    fn end(self) -> Result<M::Ok, M::Error> {
        self.map.end()
    }
}

/// What stands for a run: the name of an entry as a number, of a type that nothing else in a definition has.
struct Placeholder;

impl Serialize for Placeholder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i8(0)
    }
}

/// Makes the JSON text of values that know their [`Runs`].
pub(crate) struct Text(Cell<&'static str>);

impl Text {
    pub(crate) fn new() -> Self {
        Self(Cell::new(""))
    }

    /// Returns what the values have to know.
    pub(crate) fn runs(&self) -> Runs<'_> {
        Runs(Some(&self.0))
    }

    pub(crate) fn write(
        &self,
        writer: impl io::Write,
        value: &impl Serialize,
    ) -> serde_json::Result<()> {
        value.serialize(&mut serde_json::Serializer::with_formatter(
            writer,
            WithRuns(&self.0),
        ))
    }
}

/// Compact JSON with the run in the place of its placeholder.
struct WithRuns<'a>(&'a Cell<&'static str>);

impl Formatter for WithRuns<'_> {
    fn write_i8<W: io::Write + ?Sized>(&mut self, writer: &mut W, _: i8) -> io::Result<()> {
        writer.write_all(self.0.get().as_bytes())
    }
}
