//! The JSON that iDDS 2.6.21 understands.
//!
//! The server decodes every object `{"class", "module", "attributes"}` into an instance of that Python class. Nothing
//! outside this module knows about it. Encoding streams: a definition is written entry by entry, and no tree is built.
//! [`Submission::write_json`] is the fastest way to the text.

pub(crate) mod decode;
pub(crate) mod empty;
pub(crate) mod envelope;
mod family;
mod legacy;
mod object;
pub(crate) mod run;
mod steps;
mod submission;
pub(crate) mod zip;

use serde::Serialize;

use crate::{InternalId, TransformType};

pub use self::decode::{
    DecodeError, Decoded, RunNumber, StepInfo, StepRun, decode, decode_work, unpack,
};
pub use self::envelope::{Enumeration, Member};
pub use self::family::Family;
pub use self::legacy::LegacyRequest;
pub use self::object::Encoded;
pub use self::steps::{Steps, Upload};
pub use self::submission::{AddRequest, Submission};

/// Whether the encoding adds the attributes that the 2.6.21 server needs and the Python classes do not have.
///
/// They are added in the v2 family only; nothing helps the other one.
///
/// | attribute | where | without it |
/// | --- | --- | --- |
/// | `task_name` | every work | the request fails: `object has no attribute 'task_name'` |
/// | `output_json` | a search that sets none | the points are never read, the request stays Transforming for ever |
/// | `es` | every search | the second generation of points never appears |
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Remedies {
    /// They are added.
    #[default]
    Add,
    /// The encoding is exactly that of the Python package.
    Omit,
}

/// How a work is encoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mode<'a> {
    /// What its class determines of the attributes of all works.
    pub(crate) work: &'a Common<'a>,
    pub(crate) family: Family,
    pub(crate) remedies: Remedies,
    /// Whether the work is part of a workflow that is sent in steps, so that its jobs are sent before it.
    pub(crate) is_aside: bool,
}

/// What the class of a work determines of the attributes that works of all classes have.
#[derive(Debug)]
pub(crate) struct Common<'a> {
    pub(crate) class: &'a str,
    pub(crate) work_type: Option<TransformType>,
    pub(crate) tag: Option<&'static str>,
    pub(crate) exec_type: &'static str,
    pub(crate) name: CommonName<'a>,
    pub(crate) logs: Vec<InternalId>,
    pub(crate) release_inputs_after_submitting: bool,
}

/// The name of a work on the server: its id unless it was given one.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum CommonName<'a> {
    Given(&'a str),
    Id(InternalId),
}
