//! Links between works: what one has made, another takes.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

/// A link, as the workflow that its destination is in keeps it.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// Attributes of the source and of the destination.
    pub(super) parameters: Vec<(String, String)>,
}

/// What the sources of links have said, by the workflow and the place of the link.
pub(super) type LinkValues = HashMap<(usize, usize), Arc<Vec<Value>>>;
