//! The shapes of what is printed as JSON.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use super::{auth, cacher, config, documented, hpo, message, ping, request, serve, workflow};

/// Returns the JSON Schema of each result that the client commands print with `--output json`, by its name.
pub fn schemas() -> Vec<(&'static str, Schema)> {
    vec![
        ("requests", of::<Vec<request::RequestRow>>()),
        ("request_outputs", of::<Vec<request::OutputRow>>()),
        ("request_state", of::<request::RequestRow>()),
        ("submitted", of::<request::Submitted>()),
        ("told", of::<request::Told>()),
        ("verdicts", of::<Vec<request::VerdictRow>>()),
        ("saved_file", of::<request::SavedFile>()),
        ("uploaded_file", of::<cacher::UploadedFile>()),
        ("identity", of::<auth::Identity>()),
        ("settings", of::<Vec<config::SettingRow>>()),
        ("config_path", of::<config::ConfigPath>()),
        ("messages", of::<message::MessageList>()),
        ("pong", of::<ping::Pong>()),
        ("points", of::<Vec<hpo::Point>>()),
        ("search", of::<hpo::SearchRow>()),
        ("findings", of::<Vec<workflow::Finding>>()),
        ("served", of::<serve::Served>()),
        ("reported", of::<documented::Reported>()),
    ]
}

fn of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
}
