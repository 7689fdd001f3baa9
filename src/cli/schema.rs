//! `idds schema`.

use std::fmt;

use anyhow::Result;
use clap::Args;
use idds::workflow::schemas;
use serde::Serialize;
use serde_json::Value;

use super::output::{Format, Show};
use super::{App, Exit, examples, schemas as results};

/// The arguments of `idds schema`.
#[derive(Args, Debug)]
#[command(after_help = examples!(
    "idds schema                            # their names",
    "idds schema workflow >workflow.json    # for an editor or a validator",
))]
pub struct Schema {
    /// Name of the schema; without it, all names are listed
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

/// A JSON Schema.
#[derive(Debug, Serialize)]
struct Row {
    /// Its name, for `idds schema NAME`.
    name: String,
    /// What it describes.
    about: String,
}

impl Schema {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let all = all();
        match self.name {
            None => {
                let rows: Vec<Row> = all
                    .into_iter()
                    .map(|(name, schema)| Row {
                        about: about(&schema),
                        name,
                    })
                    .collect();
                app.print(rows.as_slice())?;
            }
            Some(wanted) => {
                let bare = wanted.strip_suffix(".json").unwrap_or(&wanted);
                let Some((_, schema)) = all.into_iter().find(|(name, _)| name == bare) else {
                    let what = format!("there is no schema {wanted}; `idds schema` lists them");
                    return Err(Exit::Usage.because(what));
                };
                match app.options.output() {
                    Format::Yaml => app.print(&Document(schema))?,
                    Format::Table | Format::Json => {
                        super::output::print(&Document(schema), Format::Json)?;
                    }
                }
            }
        }
        Ok(Exit::Ok)
    }
}

/// Returns the first line of what a schema says that it describes.
fn about(schema: &Value) -> String {
    let text = schema
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}

/// Returns the schemas of documents, and those of what commands print as JSON.
fn all() -> Vec<(String, Value)> {
    let documents = schemas()
        .into_iter()
        .map(|(file, schema)| (file.trim_end_matches(".json").to_owned(), schema));
    documents
        .chain(
            results::schemas()
                .into_iter()
                .map(|(name, schema)| (name.to_owned(), schema)),
        )
        .collect()
}

#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Document(Value);

impl Show for Document {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(f, "{:#}", self.0)
    }
}

impl Show for [Row] {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let width = self.iter().map(|row| row.name.len()).max().unwrap_or(0);
        self.iter()
            .try_for_each(|row| writeln!(f, "{:width$}  {}", row.name, row.about))
    }
}
