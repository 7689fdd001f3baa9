//! Progress of a transfer.

/// How far a file is on its way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct TransferProgress {
    /// Bytes so far.
    pub done: u64,
    /// Bytes of the whole file, if the sender says so.
    pub total: Option<u64>,
}

/// Called with the progress of a transfer.
pub(super) type Listener = Box<dyn FnMut(TransferProgress) + Send>;
