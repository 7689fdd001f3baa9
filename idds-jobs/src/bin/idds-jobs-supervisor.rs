//! A program that is nothing but the supervisor of jobs, for programs that cannot call `idds_jobs::init` themselves.

use std::process::ExitCode;

fn main() -> ExitCode {
    idds_jobs::init();
    eprintln!(
        "idds-jobs-supervisor: a program that runs jobs starts this one, to look after them; name it with `Supervisor::program`"
    );
    ExitCode::FAILURE
}
