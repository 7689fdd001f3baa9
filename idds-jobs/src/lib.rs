//! One attempt of one program: its directory, its processes, its limits, its container, and how it ended.
//!
//! A [`Job`] says what is run, where and within which limits. An [`Executor`] starts it, looks after it and ends it, and tells by [`AttemptEvent`]s
//! what became of it. How it ended stands in a file of its directory ([`AttemptOutcome::read`]), written by a small process that outlives the
//! engine: one that starts anew adopts what still runs and believes the files, so that no job runs twice and none is lost.
//!
//! That small process, the supervisor, is a program that calls [`init`] first in its `main`: the program of the engine itself, or the
//! command `idds` ([`Supervisor::find`]).
//!
//! [`ProcessGroup`] is a program of another kind: one that dies with the process that started it. Whose fault it is when a program
//! fails is told by [`trouble_with`], [`not_started`] and [`OutOfMemory`]: [`Trouble`] of the machine is never the failure of a program.

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod batch;
mod container;
mod directory;
mod error;
mod executor;
mod group;
mod job;
mod local;
mod lookup;
mod machine;
mod moment;
mod outcome;
mod supervisor;

pub use self::batch::{
    Answer, Ask, Batch, BatchExecutor, BatchExecutorBuilder, BatchSystem, Habits, HyperQueue,
    Refusal, Slurm, Task, TaskState, Word,
};
pub use self::container::{Container, ContainerEngine};
pub use self::directory::{link_inputs, make_directory, open_stream};
pub use self::error::{Error, ErrorKind};
pub use self::executor::{AttemptChange, AttemptEvent, Executor};
pub use self::group::ProcessGroup;
pub use self::job::{AttemptId, CommandLine, Input, Job};
pub use self::local::{LocalExecutor, LocalExecutorBuilder, Supervisor};
pub use self::lookup::{find_program, is_harmless};
pub use self::machine::{OutOfMemory, Trouble, is_plain_script, not_started, trouble_with};
#[doc(hidden)]
pub use self::moment::{Victim, moment};
pub use self::outcome::{AttemptOutcome, End, Usage};
pub use self::supervisor::init;
