//! How the classes of works are read.

use super::DecodeError;
use super::fields::Fields;
use crate::work::base::Base;
use crate::work::class::Class;
use crate::work::fields::Group;
use crate::{AnyWork, Error};

/// How a class of works is read.
pub(crate) struct Decoder {
    /// Name of the Python class.
    class: &'static str,
    /// Module of the class in the v2 family.
    module: &'static str,
    /// Names of the attributes that only this class has: its settings, and what the server keeps there.
    pub(super) own: fn() -> &'static [&'static str],
    /// Names of those that it writes besides its fields.
    pub(super) further: &'static [&'static str],
    /// What definitions of this class have of what `Work` of Python lets its user set.
    pub(super) inherits: Inherits,
    /// Where works of the class run by default.
    pub(super) exec_type: &'static str,
    /// Their tag by default.
    pub(super) tag: Option<&'static str>,
    /// Makes the definition of what all works have, and the class's own attributes.
    pub(super) decode: fn(Base, &Fields<'_>) -> Result<AnyWork, Refusal>,
}

impl Decoder {
    /// How a class is read whose settings are declared.
    pub(crate) const fn of<W: Class>() -> Self {
        let inherits = match (
            Group::Unrestricted.is_in(W::GROUPS),
            Group::Tag.is_in(W::GROUPS),
        ) {
            (true, _) => Inherits::All,
            (false, true) => Inherits::Placement,
            (false, false) => Inherits::Common,
        };
        Self {
            class: W::NAME,
            module: match W::MODULE {
                Some(module) => module,
                None => "",
            },
            own: W::attributes,
            further: W::FURTHER,
            inherits,
            exec_type: W::EXEC_TYPE,
            tag: W::TAG,
            decode: |base, fields| {
                let mut work = W::standard();
                *work.base_mut() = base;
                work.read_own(fields)?;
                let problems = work.finish();
                Ok(Error::unless_empty(problems, work)?.into())
            },
        }
    }
}

/// What definitions of a class have of what `Work` of Python lets its user set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inherits {
    /// What no class loses.
    Common,
    /// The tag and the id of the transform too, as tasks of PanDA.
    Placement,
    /// Everything.
    All,
}

/// Why attributes do not make a definition of the class.
pub(crate) enum Refusal {
    /// They cannot be read.
    Unreadable(DecodeError),
    /// The builder refuses them.
    Refused(Error),
}

impl From<DecodeError> for Refusal {
    fn from(error: DecodeError) -> Self {
        Self::Unreadable(error)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// Finds the class, none when this crate has no definition of it.
pub(super) fn find(class: &str, module: &str) -> Option<&'static Decoder> {
    AnyWork::DECODERS
        .iter()
        .find(|decoder| decoder.class == class && decoder.module == module)
}
