//! Works: the steps of a workflow. One file a family.

mod hpo;
mod stagein;

pub use self::hpo::{ATLASHPOWork, ATLASHPOWorkBuilder, Method};
pub use self::stagein::{ATLASStageinWork, ATLASStageinWorkBuilder};

/// A work of any class.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AnyWork {
    /// A hyperparameter search.
    ATLASHPO(ATLASHPOWork),
    /// Staging a dataset from tape.
    ATLASStagein(ATLASStageinWork),
}

impl From<ATLASHPOWork> for AnyWork {
    fn from(work: ATLASHPOWork) -> Self {
        Self::ATLASHPO(work)
    }
}

impl From<ATLASStageinWork> for AnyWork {
    fn from(work: ATLASStageinWork) -> Self {
        Self::ATLASStagein(work)
    }
}
