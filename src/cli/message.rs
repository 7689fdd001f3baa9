//! `idds message`: messages of requests.

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand, ValueHint};
use idds::client::{AsyncResult, Message as Received, TransformId};
use idds::workflow::python_json;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::number::whole;
use super::output::Show;
use super::request::Target;
use super::{App, Exit, examples};

/// The arguments of `idds message`.
#[derive(Args, Debug)]
pub struct Message {
    #[command(subcommand)]
    command: MessageCommand,
}

#[derive(Debug, Subcommand)]
enum MessageCommand {
    /// List the messages of a request, the oldest first
    #[command(visible_alias = "ls")]
    List(List),
    /// Send the result of an asynchronous function to a request
    Send(Send),
}

impl Message {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        match self.command {
            MessageCommand::List(args) => args.run(app).await,
            MessageCommand::Send(args) => args.run(app).await,
        }
    }
}

/// What a message is filed under.
#[derive(Args, Clone, Debug)]
#[command(rename_all = "snake_case")]
struct Filing {
    /// Id of the transform that the message belongs to
    #[arg(long, value_name = "ID", value_parser = whole::<u64>)]
    transform_id: Option<u64>,

    /// Internal id that the message belongs to
    #[arg(long, value_name = "ID")]
    internal_id: Option<String>,
}

/// The arguments of `idds message list`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = examples!("idds message list 94 --output json | jq '.[-1]'"))]
pub struct List {
    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    filing: Filing,
}

/// The messages of a request, the oldest first: any JSON.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[serde(transparent)]
pub struct MessageList(pub Vec<Value>);

impl Show for MessageList {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|message| writeln!(f, "{}", super::output::escaped(&message.to_string())))
    }
}

impl List {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let mut call = app.client()?.messages().get(self.target.required()?);
        if let Some(id) = self.filing.transform_id {
            call = call.transform_id(TransformId::new(id));
        }
        if let Some(id) = self.filing.internal_id {
            call = call.internal_id(id);
        }
        app.print(&MessageList(call.await?.into_iter().map(value).collect()))?;
        Ok(Exit::Ok)
    }
}

/// Returns a message as it was sent.
pub fn value(message: Received) -> Value {
    match message {
        Received::AsyncResult(result) => json!(result),
        Received::Command {
            command,
            parameters,
        } => json!({ "command": command, "parameters": parameters }),
        Received::Other(value) => value,
        _ => Value::Null,
    }
}

/// The arguments of `idds message send`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = examples!("idds message send 94 --file result.json"))]
pub struct Send {
    #[command(flatten)]
    target: Target,

    /// File with the result in JSON; - reads standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    #[command(flatten)]
    filing: Filing,
}

impl Send {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let target = self.target.required()?;
        let text = super::input::read(&self.file).await?;
        let wrong = |why| Exit::Usage.because(format!("{}: {why}", super::input::name(&self.file)));
        let body: Value = python_json::read_exact(text.as_bytes()).map_err(wrong)?;
        let mut call = app
            .client()?
            .messages()
            .send(target, [AsyncResult::new(body)]);
        if let Some(id) = self.filing.transform_id {
            call = call.transform_id(TransformId::new(id));
        }
        if let Some(id) = self.filing.internal_id {
            call = call.internal_id(id);
        }
        call.await?;
        app.note(format_args!("a message is sent to {target}"));
        Ok(Exit::Ok)
    }
}
