//! What runs a workflow on this machine.

pub(crate) mod data;
pub(crate) mod flow;
pub(crate) mod jobs;
mod run_cache;
