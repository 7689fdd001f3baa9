//! The command `idds`: workflows and hyperparameter searches on iDDS, from a shell or a batch job.

#![expect(unreachable_pub, reason = "nothing reaches into a program")]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Jobs are looked after by a process of this program that outlives the engine.
    idds::jobs::init();
    cli::main()
}
