//! What is particular to each class of works when it is read. One file a family, as for encoding.

mod doma;
mod hpo;
mod panda;
mod stagein;

use super::DecodeError;
use super::fields::Fields;
use crate::work::base::Base;
use crate::work::class::Class;
use crate::work::fields::Group;
use crate::{ATLASActuatorWork, ATLASCondorWork, AnyWork, DataWork, Error, NullableText, ProcessingWork, Work};

/// How a class of works is read.
pub(super) struct Decoder {
    /// Name of the Python class.
    class: &'static str,
    /// Module of the class in the v2 family.
    module: &'static str,
    /// Names of the attributes that only this class has: its settings, and what the server keeps there.
    pub(super) own: &'static [&'static str],
    /// What definitions of this class have of what `Work` of Python lets its user set.
    pub(super) inherits: Inherits,
    /// Makes the definition of what all works have, and the class's own attributes.
    pub(super) decode: fn(Base, &Fields<'_>) -> Result<AnyWork, Refusal>,
}

impl Decoder {
    /// How a class is read whose settings are declared.
    const fn of<W: Class>() -> Self {
        let inherits = match (Group::Unrestricted.is_in(W::GROUPS), Group::Tag.is_in(W::GROUPS)) {
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
            own: W::ATTRIBUTES,
            inherits,
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

const DECLARED: &[Decoder] = &[
    Decoder::of::<Work>(),
    Decoder::of::<DataWork>(),
    Decoder::of::<ProcessingWork>(),
    Decoder::of::<ATLASCondorWork>(),
    Decoder::of::<ATLASActuatorWork>(),
];

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

/// Takes away what all tasks of PanDA are sent with: the standard tag, where they run, and when inputs are released.
fn panda_base(mut base: Base, fields: &Fields<'_>, tag: &str) -> Result<Base, DecodeError> {
    let unless = |name, usual| Ok(fields.given::<NullableText>(name)?.filter(|given| given.as_text() != Some(usual)));
    base.details.work_tag = unless("work_tag", tag)?;
    base.details.exec_type = unless("exec_type", "panda")?;
    Ok(base)
}

/// Finds the class, none when this crate has no definition of it.
pub(super) fn find(class: &str, module: &str) -> Option<&'static Decoder> {
    let families = [doma::CLASSES, DECLARED, hpo::CLASSES, panda::CLASSES, stagein::CLASSES];
    families.into_iter().flatten().find(|decoder| decoder.class == class && decoder.module == module)
}
