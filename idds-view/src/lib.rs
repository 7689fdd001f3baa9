//! A live page of the requests of an iDDS server, for a browser on this machine.
//!
//! [`View`] serves it: a list of requests, a page for each with its steps, their states and why they are no further, and the commands. What it
//! shows comes through an [`idds_client::Client`], so that it works with any iDDS server that client can use.
//!
//! Pages are HTML that is made here, and need no script. A short script of our own asks for changes of the page (server-sent
//! events), which come as parts of it that were made anew. [`Progress`] is what a page says of the steps of a request, for other readers.
//!
//! # Who can use it
//!
//! | who | what keeps them out |
//! | --- | --- |
//! | other machines | it listens on the loopback interface alone |
//! | other users of this machine | a token of 160 bits in the address |
//! | pages of others in the same browser | `Host`, `Origin` and `Sec-Fetch-Site` are looked at; the token |
//! | texts of programs, names of users | they are written as text; the content security policy allows no script but ours |

mod assets;
mod command;
mod error;
mod guard;
mod hub;
mod live;
mod looks;
mod page;
mod progress;
mod token;
mod view;

pub use self::error::Error;
pub use self::progress::{Progress, StepProgress, asked_before, error_message};
pub use self::view::{View, ViewBuilder};
