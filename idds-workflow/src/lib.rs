//! Typed definitions of iDDS workflows and hyperparameter search spaces: built, checked, and written as the exact JSON that
//! iDDS 2.6.21 understands.
//!
//! A definition is a plain value made by a builder, which checks it and names every problem it finds. The [`wire`] module
//! writes a definition as the request that the Python client would send. There is no I/O here, no clock and no randomness:
//! ids and times come in with a [`Stamp`].
//!
//! ```
//! use idds_workflow::{ATLASHPOWork, OptSpace, Stamp, Workflow, wire};
//!
//! let space = OptSpace::builder().choice("A", [1, 4]).scalar("B", 0..=5).build()?;
//! let search = ATLASHPOWork::nevergrad(space, 20).num_points_per_iteration(10).build()?;
//! let workflow = Workflow::builder().workload_id(20525135).work(search).build()?;
//!
//! let stamp = Stamp::new("2024-03-05T06:07:08Z".parse()?, 1);
//! let request = serde_json::to_value(wire::Submission::new(&workflow, &stamp))?;
//! assert_eq!(request["request_metadata"]["workflow"]["class"], "Workflow");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod advice;
mod boxed_if_set;
mod collection;
mod condition;
mod contract;
mod error;
mod execution;
mod graph;
mod id;
mod literal;
mod neutral;
mod number;
mod open_enum;
mod printable;
pub mod python_json;
mod relation;
mod space;
mod status;
mod text;
pub mod wire;
mod work;
mod workflow;

/// What a type derives for [`OptSpace::of`], with `#[schemars(crate = "idds_workflow::schemars")]`, or
/// `"idds::workflow::schemars"` where only the facade is a dependency.
pub use schemars;

pub use idds_workflow_derive::{Choices, Space};
/// A JSON value, as points have them.
pub use serde_json::Value;

pub use self::advice::{Advice, AdviceCode, Server, ServerVersion, Severity, StepPlaces};
pub use self::collection::{Collection, CollectionBuilder};
pub use self::condition::{Branch, Condition, Predicate, State, StepRef, all, any, nested, when};
pub use self::contract::{EvaluationOutput, SteeringInput, SteeringOutput};
pub use self::error::{Error, Position, Problem};
pub use self::execution::{
    Execution, FileCopy, InputFiles, JobDirectory, Memory, Needs, ProgramJob, Programs,
};
pub use self::graph::Graph;
pub use self::id::{InternalId, RequestId, Stamp, WorkloadId};
pub use self::literal::{Literal, NullableText, Seconds};
pub use self::neutral::Document;
pub use self::neutral::schema::{SCHEMAS_URL, schemas};
pub use self::number::Number;
pub use self::printable::{printable, printable_within};
pub use self::relation::{CollectionRelationType, ContentRelationType, ContentType};
pub use self::space::{
    Array, Choice, Choices, Dialect, Grid, InitialPoint, Log, LogNormal, ModelId, Normal, Numeric,
    OptSpace, OptSpaceBuilder, Parameter, ParameterCondition, Point, Scalar, SearchPoint,
    SearchSpace, SegmentedPoint, SegmentedSpace, SegmentedSpaceBuilder, Space, TransitionChoice,
    Untyped,
};
pub use self::status::{
    CollectionStatus, CollectionType, CommandType, ContentStatus, ProcessingStatus, RequestStatus,
    RequestType, TransformStatus, TransformType, WorkStatus,
};
pub use self::work::{
    ATLASActuatorWork, ATLASActuatorWorkBuilder, ATLASCondorWork, ATLASCondorWorkBuilder,
    ATLASHPOWork, ATLASHPOWorkBuilder, ATLASLocalPandaWork, ATLASLocalPandaWorkBuilder,
    ATLASPandaWork, ATLASPandaWorkBuilder, ATLASStageinWork, ATLASStageinWorkBuilder, AnyWork,
    AttributeForm, Base, Builder, CustomWork, CustomWorkBuilder, DataWork, DataWorkBuilder,
    Dependency, DomaDataWork, DomaDataWorkBuilder, DomaLSSTWork, DomaLSSTWorkBuilder,
    DomaPanDAESWork, DomaPanDAESWorkBuilder, DomaPanDAWork, DomaPanDAWorkBuilder, DomaRucioWork,
    DomaRucioWorkBuilder, DomaTask, Event, EventDependency, EventJob, JediTask, Job, JobCount,
    Method, ProcessingWork, ProcessingWorkBuilder, Work, WorkBuilder,
};
pub use self::workflow::{Days, ParameterLink, Step, Workflow, WorkflowBuilder, WorkflowClass};
