//! The server over HTTP, as any client sees it. The answers it is held to were recorded from iDDS 2.6.21.

mod areas;
mod bounds;
mod commands;
mod data;
mod forms;
mod found;
mod garbage;
mod hold;
mod hostile;
mod http;
mod like;
mod race;
mod readers;
mod recorded;
mod restart;
mod search;
mod sequence;
mod shape;
mod start;
mod traffic;
