//! In which dialect the space of a search is sent, and how that is known when it is read again.

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::ATLASHPOWork;
use crate::{Dialect, Error, SearchSpace};

/// Attribute of our own that says in which dialect the space is sent, where the same text can be of several.
pub(crate) const DIALECT: &str = "opt_space_dialect";

impl ATLASHPOWork {
    /// Returns the dialect that the space is written in.
    pub fn dialect(&self) -> Dialect {
        self.dialect.unwrap_or_default()
    }

    /// Returns the dialect of the space when that does not show it.
    pub(crate) fn hidden_dialect(&self) -> Option<Dialect> {
        let dialect = self
            .dialect
            .filter(|dialect| *dialect != Dialect::Nevergrad)?;
        let document = self
            .opt_space
            .as_ref()
            .and_then(|space| space.write(dialect).ok());
        let shown = document
            .and_then(|document| SearchSpace::recognise(&document).ok())
            .and_then(|(_, shown)| shown);
        Some(dialect).filter(|_| shown != Some(dialect))
    }

    /// Returns the space as it is sent.
    pub(crate) fn wire_space(&self) -> Option<WireSpace<'_>> {
        self.opt_space.as_ref().map(|space| WireSpace {
            space,
            dialect: self.dialect(),
        })
    }
}

/// Reads a space in the dialect that the definition names, or else in the one that it shows.
pub(super) fn read_space(
    document: &Value,
    dialect: Option<Dialect>,
) -> Result<(SearchSpace, Option<Dialect>), Error> {
    match dialect {
        Some(dialect) => Ok((SearchSpace::read(document, dialect)?, Some(dialect))),
        None => SearchSpace::recognise(document),
    }
}

/// A space that is serialised in a dialect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WireSpace<'a> {
    space: &'a SearchSpace,
    dialect: Dialect,
}

impl Serialize for WireSpace<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.dialect {
            Dialect::Nevergrad => self.space.serialize(serializer),
            dialect => self
                .space
                .write(dialect)
                .map_err(S::Error::custom)?
                .serialize(serializer),
        }
    }
}
