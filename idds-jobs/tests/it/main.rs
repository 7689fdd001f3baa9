//! Jobs as processes: how they are started, looked after and ended, and what becomes of them when something is killed.

mod bench;
mod jobs;
mod kills;

/// Not a test: the supervisor of the tests, which this program is when an executor starts it with this name.
#[test]
fn this_program_is_the_supervisor() {
    idds_jobs::init();
}
