//! What runs a workflow on this machine.

#[expect(
    dead_code,
    unused_imports,
    reason = "plans and explanations ask the rest of it"
)]
pub(crate) mod flow;
pub(crate) mod jobs;
