//! The flow of a workflow as a pure state machine: events and the time in, commands out.
//!
//! A [`Definition`] is what a stored workflow (the JSON of the wire) says about the order of its works. A [`Machine`] says which
//! works start when, in which round of which loop, and with which parameters; it does no I/O. What it is told are [`FlowEvent`]s,
//! what it asks for are [`Command`]s:
//!
//! 1. Store the event, in the transaction that stores what it came from (the row of the transform, the command of the user).
//! 2. [`Machine::handle`] it and carry out the commands, in their order. Each names what it is about by a [`RunKey`], so that
//!    doing it twice can be seen.
//! 3. After a kill, have a new machine handle all stored events. The same events make the same machine; their commands come
//!    again, and those that were carried out already are known by the number of events that were, and by their keys.
//!
//! So the events are the state: each is written once, and what is written is in proportion to what has happened.
//!
//! # What it follows
//!
//! The classes `Workflow` and `WorkflowBase` of the Python package 2.6.21 (`workflowv2/workflow.py`): works of one step start in
//! the same order, with the same run numbers, names and parameters, and a workflow ends in the same state. A test drives
//! that package beside this machine. What 2.6.21 cannot do though its classes say it is listed, with what happens here instead, in
//! `tests/oracle/flow.py`.
//!
//! An event costs as much as what changes by it: conditions keep a count of their members that hold, and nothing looks at all
//! works of a workflow.

mod condition;
mod definition;
mod event;
mod key;
mod link;
mod machine;
mod outlook;
mod plan;
mod read;
mod run;
mod value;
mod waiting;

pub(crate) use self::definition::Definition;
pub(crate) use self::event::{Command, Ending, FlowEvent, Start, Status, UserCommand};
pub(crate) use self::key::RunKey;
pub(crate) use self::machine::{MAX_OUTPUT, Machine};
pub(crate) use self::plan::Plan;
pub(crate) use self::waiting::Reason;

#[cfg(test)]
mod tests;
