//! `idds request status`.

use std::fmt;

use anyhow::Result;
use clap::Args;
use idds::client::{DetailedStatusRow, TransformId};
use idds::workflow::python_json::repr;
use idds::workflow::{RequestId, WorkloadId};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::row::coloured;
use super::target::unknown;
use super::{RequestRow, Target, cause};
use crate::cli::output::Show;
use crate::cli::table::{Cell, Table};
use crate::cli::{App, Exit, examples};

/// The arguments of `idds request status`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = examples!(
    "idds request status 94 --with_detail",
    "idds request status 94 --output json | jq -r '.[].status'",
))]
pub struct Status {
    /// Which requests.
    #[command(flatten)]
    pub target: Target,

    /// Show each output collection, with the number of its files (of a search: points) and how many
    /// are done
    #[arg(long, visible_alias = "detail")]
    pub with_detail: bool,

    /// Whether a table without rows is printed when no request is found, as the documented command prints it.
    #[arg(skip)]
    pub even_empty: bool,
}

impl Status {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let target = self.target.required()?;
        let client = app.client()?;
        let requests = client.requests();
        if self.with_detail {
            let rows = requests.status_report(target).detailed().await?;
            let rows: Vec<OutputRow> = rows.into_iter().map(OutputRow::from).collect();
            if !rows.is_empty() || self.even_empty {
                app.print(rows.as_slice())?;
            }
            if rows.is_empty() {
                return Err(unknown(target));
            }
            // What the request says itself is in the table.
            let silent = rows
                .iter()
                .filter(|row| row.errors.as_ref().is_none_or(Value::is_null));
            let mut ids: Vec<u64> = silent.filter_map(|row| row.request_id).collect();
            ids.dedup();
            for id in ids {
                if let Some(cause) = cause(&client, RequestId::new(id)).await {
                    app.note(cause);
                }
            }
        } else {
            let rows: Vec<RequestRow> = requests
                .get(target)
                .await?
                .into_iter()
                .map(RequestRow::from)
                .collect();
            let report = Report(rows);
            if !report.0.is_empty() || self.even_empty {
                app.print(&report)?;
            }
            if report.0.is_empty() {
                return Err(unknown(target));
            }
        }
        Ok(Exit::Ok)
    }
}

/// How far requests are.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Report(pub Vec<RequestRow>);

impl Show for Report {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let mut table = Table::new([
            "request_id",
            "request_workload_id",
            "scope:name",
            "status",
            "errors",
        ]);
        for row in &self.0 {
            table.row([
                row.request_id.into(),
                row.workload_id.into(),
                scope_and_name(row.scope.as_deref(), row.name.as_deref()),
                coloured(&row.status),
                row.errors
                    .as_ref()
                    .filter(|errors| !errors.is_null())
                    .map(repr)
                    .into(),
            ]);
        }
        table.write(f)
    }
}

/// An output of a request.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct OutputRow {
    /// Id of the request.
    pub request_id: Option<u64>,
    /// Id of the transform that makes it; none while the request has no transforms.
    pub transform_id: Option<u64>,
    /// Task of the request in the workload system.
    pub request_workload_id: Option<u32>,
    /// Task of the transform in the workload system.
    pub transform_workload_id: Option<u32>,
    /// Scope of the output collection.
    pub scope: Option<String>,
    /// Name of the output collection.
    pub name: Option<String>,
    /// State of the transform, such as Transforming, or a number without a name.
    pub status: Option<String>,
    /// Number of its files, or of points of a search.
    pub total_files: Option<i64>,
    /// Number of those that are done.
    pub processed_files: Option<i64>,
    /// Number of those that are being worked on.
    pub processing_files: Option<i64>,
    /// What went wrong with the request, as the server says it.
    pub errors: Option<Value>,
}

impl From<DetailedStatusRow> for OutputRow {
    fn from(row: DetailedStatusRow) -> Self {
        Self {
            request_id: row.request_id.map(RequestId::get),
            transform_id: row.transform_id.map(TransformId::get),
            request_workload_id: row.request_workload_id.map(WorkloadId::get),
            transform_workload_id: row.transform_workload_id.map(WorkloadId::get),
            scope: row.scope,
            name: row.name,
            status: row.status.map(|status| status.to_string()),
            total_files: row.total_files,
            processed_files: row.processed_files,
            processing_files: row.processing_files,
            errors: row.errors,
        }
    }
}

impl Show for [OutputRow] {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let mut table = Table::new([
            "request_id",
            "transform_id",
            "request_workload_id",
            "transform_workload_id",
            "scope:name",
            "status[Total/OK/Processing]",
            "errors",
        ]);
        for row in self {
            let count = |count: Option<i64>| {
                count.map_or_else(|| "None".to_owned(), |count| count.to_string())
            };
            let counts = [row.total_files, row.processed_files, row.processing_files]
                .map(count)
                .join("/");
            let status = row
                .status
                .as_ref()
                .map(|status| format!("{status}[{counts}]"));
            table.row([
                row.request_id.into(),
                row.transform_id.into(),
                row.request_workload_id.into(),
                row.transform_workload_id.into(),
                match status {
                    Some(_) => scope_and_name(row.scope.as_deref(), row.name.as_deref()),
                    None => Cell::None,
                },
                status.into(),
                row.errors
                    .as_ref()
                    .filter(|errors| !errors.is_null())
                    .map(repr)
                    .into(),
            ]);
        }
        table.write(f)
    }
}

fn scope_and_name(scope: Option<&str>, name: Option<&str>) -> Cell {
    format!("{}:{}", scope.unwrap_or("None"), name.unwrap_or("None")).into()
}
