//! Jobs as processes: how they are started, looked after and ended, and what becomes of them when something is killed.

mod bench;
mod containers;
mod jobs;
mod kills;
mod spoiled;

/// Not a test: the supervisor of the tests, which this program is when an executor starts it with this name.
#[test]
fn this_program_is_the_supervisor() {
    // With one thread, tests run in the first one, as a supervisor should.
    idds_jobs::init();
}
