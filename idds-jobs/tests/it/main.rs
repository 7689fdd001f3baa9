//! Jobs as processes: how they are started, looked after and ended, and what becomes of them when something is killed.

mod bench;
mod conformance;
mod containers;
mod faults;
mod hyperqueue;
mod jobs;
mod kills;
mod own;
mod slurm;
mod spoiled;

/// Not a test: a supervisor whose work is not in the first thread of its process, as in a program that calls `init` too late.
#[test]
fn this_program_is_a_supervisor() {
    idds_jobs::init();
}
