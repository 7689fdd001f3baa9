//! What crosses crates: payloads recorded from Python iDDS, whole searches, the real server.

mod advice;
mod areas;
mod command;
mod commands;
mod conditional;
mod configuration;
mod conformance;
#[path = "../../idds-workflow/tests/it/documents.rs"]
mod documents;
mod example;
mod faults;
mod hold;
mod kill;
mod numbers;
mod optuna;
mod pages;
mod panda;
mod pictures;
mod programs;
mod python_client;
mod random;
mod real_server;
mod reference;
mod rucio;
#[path = "../../idds-workflow/tests/it/samples.rs"]
mod samples;
mod schemas;
mod search;
#[path = "../../idds-local/tests/it/shape.rs"]
mod shape;
mod sign_in;
mod steering;
mod study;
mod support;
mod warm_start;
mod what_runs;
