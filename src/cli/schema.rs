//! `idds schema`: the JSON Schemas of definitions, and of what the command prints.

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueHint};
use idds::workflow::SCHEMAS_URL;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::completions::write;
use super::output::{self, Show};
use super::table::Table;
use super::{App, Exit, auth, cacher, config, documented, examples, message, ping, request};

/// The arguments of `idds schema`.
#[derive(Args, Debug)]
#[command(after_help = examples!(
    "idds schema",
    "idds schema workflow > workflow.json",
    "idds schema output/requests",
))]
pub struct Schema {
    /// Which one; a list of all of them unless given
    name: Option<String>,

    /// Write all of them into this directory
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "name")]
    dir: Option<PathBuf>,
}

/// A schema in the list of all.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct SchemaRow {
    /// Its name.
    pub name: String,
    /// What it describes.
    pub description: String,
}

impl Show for [SchemaRow] {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let mut table = Table::new(["name", "description"]);
        for SchemaRow { name, description } in self {
            let (first, _) = description.split_once(". ").unwrap_or((description.trim_end_matches('.'), ""));
            table.row([name.clone().into(), first.to_owned().into()]);
        }
        table.write(f)
    }
}

impl Schema {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let all = all();
        if let Some(dir) = &self.dir {
            for (name, schema) in &all {
                write(dir, &format!("{name}.json"), format!("{schema:#}\n").as_bytes())?;
            }
            return Ok(Exit::Ok);
        }
        let Some(name) = self.name else {
            let row = |(name, schema): (String, Value)| {
                let description = schema["description"].as_str().unwrap_or_default().to_owned();
                SchemaRow { name, description }
            };
            app.print(all.into_iter().map(row).collect::<Vec<_>>().as_slice())?;
            return Ok(Exit::Ok);
        };
        let wanted = name.trim_end_matches(".json");
        let Some((_, schema)) = all.iter().find(|(name, _)| name == wanted) else {
            return Err(Exit::Usage.because(format!("no schema is called {name:?}; `idds schema` lists all")));
        };
        output::write(format!("{schema:#}\n").as_bytes())?;
        Ok(Exit::Ok)
    }
}

/// Returns every schema with its name: of definitions and files, and of what the commands print with `--output json`.
fn all() -> Vec<(String, Value)> {
    let definitions = idds::workflow::schemas().into_iter();
    let definitions = definitions.map(|(file, schema)| (file.trim_end_matches(".json").to_owned(), schema));
    definitions.chain(outputs()).collect()
}

fn outputs() -> [(String, Value); 16] {
    [
        of::<Vec<request::RequestRow>>("requests", "Requests, as `request list` and `request status` print them."),
        of::<request::RequestRow>("request", "A state of a request; `request watch` prints each in a line of its own."),
        of::<Vec<request::OutputRow>>("request_outputs", "What `request status --with_detail` prints."),
        of::<request::Submitted>("submitted", "What `request submit` prints."),
        of::<request::Told>("told", "What the commands to requests print: which requests were told what."),
        of::<Vec<request::VerdictRow>>("verdicts", "What the commands to requests print with `--wait`."),
        of::<request::SavedFile>("saved_file", "What `request logs` and `cacher get` print."),
        of::<cacher::UploadedFile>("uploaded_file", "What `cacher put` prints."),
        of::<auth::Identity>("identity", "What the commands of `auth` print."),
        of::<Vec<config::SettingRow>>("settings", "What `config show` prints."),
        of::<config::ConfigPath>("config_path", "What `config path` prints."),
        of::<message::MessageList>("messages", "What `message list` prints."),
        of::<ping::Pong>("pong", "What `ping` prints."),
        of::<Vec<documented::Point>>("points", "Points of a search."),
        of::<documented::Reported>("reported", "What `update_hyperparameter` prints."),
        of::<Vec<SchemaRow>>("schemas", "What `schema` prints."),
    ]
}

fn of<T: JsonSchema>(name: &str, description: &str) -> (String, Value) {
    let schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    let name = format!("output/{name}");
    let mut fields = Map::new();
    for (field, value) in [
        ("$schema", json!("https://json-schema.org/draft/2020-12/schema")),
        ("$id", json!(format!("{}/{name}.json", SCHEMAS_URL))),
        ("title", schema.get("title").cloned().unwrap_or_default()),
        ("description", json!(description)),
    ] {
        fields.insert(field.to_owned(), value);
    }
    for (field, value) in schema.to_value().as_object().into_iter().flatten() {
        fields.entry(field).or_insert_with(|| value.clone());
    }
    (name, Value::Object(fields))
}
