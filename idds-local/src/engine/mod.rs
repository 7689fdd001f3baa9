//! What runs a workflow on this machine.

#[expect(
    dead_code,
    unused_imports,
    reason = "the part of the engine that makes jobs of works asks it next"
)]
pub(crate) mod flow;
