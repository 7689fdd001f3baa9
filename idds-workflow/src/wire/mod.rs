//! The JSON that iDDS 2.6.21 understands.
//!
//! The server decodes every object `{"class", "module", "attributes"}` into an instance of that Python class. Nothing
//! outside this module knows about it. Encoding streams: a definition is written entry by entry, and no tree is built.
//! [`Submission::write_json`] is the fastest way to the text.

mod class;
pub(crate) mod decode;
pub(crate) mod envelope;
mod family;
mod legacy;
mod object;
pub(crate) mod run;
mod steps;
mod submission;
mod zip;

use self::class::EncodeWork;
pub use self::decode::{DecodeError, Decoded, RunNumber, StepInfo, StepRun, decode};
pub use self::envelope::{Enumeration, Member};
pub use self::family::Family;
pub use self::legacy::LegacyRequest;
pub use self::object::Encoded;
pub use self::steps::{Steps, Upload};
pub use self::submission::{AddRequest, Submission};
use crate::AnyWork;
use crate::work::base::HasBase as _;
use crate::work::each_class;

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

/// Returns the name of the Python class of a work.
pub(crate) fn class(work: &AnyWork) -> &str {
    each_class!(work, work => work.class())
}

/// Returns the number of collections of a work.
pub(crate) fn collection_count(work: &AnyWork) -> u32 {
    each_class!(work, work => work.collection_count())
}

/// Returns how many random numbers the names of a work take.
pub(crate) fn draws(work: &AnyWork) -> u32 {
    each_class!(work, work => work.draws())
}

/// Returns the attributes of the user's own that the class of a work has by itself.
pub(crate) fn repeated_attributes(work: &AnyWork) -> Vec<&str> {
    each_class!(work, work => class::repeated_attributes(&**work))
}

/// Tells whether a work has no `task_name` unless the remedies add one.
pub(crate) fn lacks_task_name(work: &AnyWork) -> bool {
    each_class!(work, work => !work.has_task_name() && work.base().details.task_name.is_none())
}
