//! Works: the steps of a workflow. One file a family.

mod actuator;
pub(crate) mod base;
pub(crate) mod builder;
pub(crate) mod class;
mod custom;
mod doma;
mod doma_data;
pub(crate) mod fields;
mod generic;
pub(crate) mod hpo;
mod panda;
pub(crate) mod part;
mod stagein;

pub use self::actuator::{ATLASActuatorWork, ATLASActuatorWorkBuilder};
pub use self::base::{AttributeForm, Base};
pub use self::builder::Builder;
pub use self::custom::{CustomWork, CustomWorkBuilder};
pub use self::doma::{
    Dependency, DomaLSSTWork, DomaLSSTWorkBuilder, DomaPanDAESWork, DomaPanDAESWorkBuilder,
    DomaPanDAWork, DomaPanDAWorkBuilder, DomaTask, Event, EventDependency, EventJob, Job, JobCount,
};
pub(crate) use self::doma::{DependencyMap, Jobs, STORAGE};
pub use self::doma_data::{DomaDataWork, DomaDataWorkBuilder, DomaRucioWork, DomaRucioWorkBuilder};
pub use self::generic::{
    ATLASCondorWork, ATLASCondorWorkBuilder, DataWork, DataWorkBuilder, ProcessingWork,
    ProcessingWorkBuilder, Work, WorkBuilder,
};
pub use self::hpo::{ATLASHPOWork, ATLASHPOWorkBuilder, Method};
pub(crate) use self::panda::HasJediTask;
pub use self::panda::{
    ATLASLocalPandaWork, ATLASLocalPandaWorkBuilder, ATLASPandaWork, ATLASPandaWorkBuilder,
    JediTask,
};
pub use self::stagein::{ATLASStageinWork, ATLASStageinWorkBuilder};

/// Declares the enumeration of all works, and the macro that runs an expression on the one that is inside.
macro_rules! works {
    ($( $(#[$doc:meta])* $work:ident, )+) => {
        /// A work of any class.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum AnyWork {
            $( $(#[$doc])* $work(Box<$work>), )+
        }

        $(
            impl From<$work> for AnyWork {
                fn from(work: $work) -> Self {
                    Self::$work(Box::new(work))
                }
            }
        )+

        impl AnyWork {
            /// The neutral forms of works.
            pub(crate) const KINDS: &[$crate::neutral::WorkKind] = &[ $( $crate::neutral::WorkKind::of::<$work>() ),+ ];

            /// How works are read from the wire.
            pub(crate) const DECODERS: &[$crate::wire::decode::Decoder] =
                &[ $( $crate::wire::decode::Decoder::of::<$work>() ),+ ];
        }

        /// Runs an expression on the definition inside an [`AnyWork`], whatever its class.
        macro_rules! each_class {
            ($any:expr, $inner:ident => $body:expr) => {
                match $any { $( $crate::AnyWork::$work($inner) => $body, )+ }
            };
        }
        pub(crate) use each_class;
    };
}

works! {
    /// A program with collections.
    Work,
    /// A work that handles data.
    DataWork,
    /// A work that runs jobs.
    ProcessingWork,
    /// A hyperparameter search.
    ATLASHPOWork,
    /// Staging a dataset from tape.
    ATLASStageinWork,
    /// A program whose output decides how the workflow goes on.
    ATLASActuatorWork,
    /// A program that runs as an HTCondor job.
    ATLASCondorWork,
    /// A PanDA task of ATLAS.
    ATLASPandaWork,
    /// A PanDA task of ATLAS whose output files are read.
    ATLASLocalPandaWork,
    /// A PanDA task that is given job by job.
    DomaPanDAWork,
    /// A PanDA task whose jobs are divided into events.
    DomaPanDAESWork,
    /// A task of the first prototype for the Rubin Observatory.
    DomaLSSTWork,
    /// Moving a dataset.
    DomaDataWork,
    /// Waiting for a dataset to be moved.
    DomaRucioWork,
    /// A work of a class of the user's own.
    CustomWork,
}
