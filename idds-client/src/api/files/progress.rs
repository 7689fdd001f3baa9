//! How far a file is on its way.

/// How far a file is on its way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct TransferProgress {
    /// Bytes so far.
    pub done: u64,
    /// Bytes of the whole file, if the sender says so.
    pub total: Option<u64>,
}

/// What the user wants to be told.
pub(super) type Listener = Box<dyn FnMut(TransferProgress) + Send>;
