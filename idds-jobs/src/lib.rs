//! One attempt of one program: its directory, its processes, its limits, its container, and how it ended.
//!
//! [`ProcessGroup`] is a program that dies with the process that started it. Whose fault it is when a program fails is told by
//! [`trouble_with`], [`not_started`] and [`OutOfMemory`]: [`Trouble`] of the machine is never the failure of a program.

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod directory;
mod group;
mod lookup;
mod machine;

pub use self::directory::{link_inputs, make_directory, open_stream};
pub use self::group::ProcessGroup;
pub use self::lookup::{find_program, is_harmless};
pub use self::machine::{OutOfMemory, Trouble, is_plain_script, not_started, trouble_with};
