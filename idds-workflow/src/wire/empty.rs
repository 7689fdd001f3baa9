//! Values with nothing in them.

use serde::Serialize;

/// The value `null`.
pub(crate) const NULL: () = ();

/// The value `{}`, or an object that stays empty in a submission.
pub(crate) const EMPTY_OBJECT: EmptyObject = EmptyObject {};

/// The value `[]`.
pub(crate) const EMPTY_LIST: [(); 0] = [];

#[derive(Serialize)]
pub(crate) struct EmptyObject {}
