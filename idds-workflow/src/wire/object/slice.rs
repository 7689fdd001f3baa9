//! Elements of global parameters on the wire.

use serde::{Serialize, Serializer};

use super::numbering::Scope;
use crate::wire::Family;
use crate::wire::empty::EMPTY_OBJECT;
use crate::workflow::Slice;

/// The elements of global parameters that are lists; the v1 classes lose them.
pub(super) struct Slices<'a>(pub(super) Scope<'a>);

impl Serialize for Slices<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Place<'a> {
            name: Option<&'a str>,
            index: u32,
        }
        if self.0.form.family == Family::V1 {
            return EMPTY_OBJECT.serialize(serializer);
        }
        let slices = self.0.workflow.slices().iter();
        serializer.collect_map(slices.map(|(source, Slice { name, index })| {
            (
                source,
                Place {
                    name: name.as_deref(),
                    index: *index,
                },
            )
        }))
    }
}
