//! The JSON that iDDS 2.6.21 understands.
//!
//! The server decodes every object `{"class", "module", "attributes"}` into an instance of that Python class. Nothing
//! outside this module knows about it. Encoding streams: a definition is written entry by entry, and no tree is built.

mod class;
mod envelope;
mod family;
mod legacy;
mod object;
mod submission;
mod zip;

use self::class::EncodeWork;
pub use self::envelope::{Enumeration, Member};
pub use self::family::Family;
pub use self::legacy::LegacyRequest;
pub use self::object::Encoded;
pub use self::submission::{AddRequest, Submission};
use crate::AnyWork;
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

/// Returns the number of collections of a work.
pub(crate) fn collection_count(work: &AnyWork) -> u32 {
    each_class!(work, work => work.collection_count())
}

/// Returns how many random numbers the names of a work take.
pub(crate) fn draws(work: &AnyWork) -> u32 {
    each_class!(work, work => work.draws())
}
