//! A request, as it is printed.

use std::fmt;

use anstyle::{AnsiColor, Style};
use idds::client::RequestInfo;
use idds::workflow::{RequestId, RequestStatus, WorkloadId};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::cli::output::Show;
use crate::cli::table::{Cell, Table};

/// A request.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct RequestRow {
    /// Its id.
    pub request_id: Option<u64>,
    /// Id of its task in the workload system.
    pub workload_id: Option<u32>,
    /// Its scope, usually `workflow`.
    pub scope: Option<String>,
    /// Its name, which need not be unique.
    pub name: Option<String>,
    /// Its state, such as Transforming, or a number without a name.
    pub status: String,
    /// Whether it has ended.
    pub is_terminal: bool,
    /// The state that is being reached, such as ToCancel after an abort.
    pub substatus: Option<String>,
    /// Who submitted it.
    pub username: Option<String>,
    /// When it was submitted.
    #[schemars(extend("format" = "date-time"))]
    pub created_at: Option<String>,
    /// When the server last changed it.
    #[schemars(extend("format" = "date-time"))]
    pub updated_at: Option<String>,
    /// What went wrong, as the server says it.
    pub errors: Option<Value>,
}

impl From<RequestInfo> for RequestRow {
    fn from(info: RequestInfo) -> Self {
        Self {
            request_id: info.request_id.map(RequestId::get),
            workload_id: info.workload_id.map(WorkloadId::get),
            scope: info.scope,
            name: info.name,
            status: info.status.to_string(),
            is_terminal: info.status.is_terminal(),
            substatus: info.substatus.map(|status| status.to_string()),
            username: info.username,
            created_at: info.created_at.map(|at| at.to_string()),
            updated_at: info.updated_at.map(|at| at.to_string()),
            errors: info.errors,
        }
    }
}

impl Show for [RequestRow] {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let mut table = Table::new([
            "request_id",
            "workload_id",
            "status",
            "created_at",
            "username",
            "name",
        ]);
        for row in self {
            table.row([
                row.request_id.into(),
                row.workload_id.into(),
                coloured(&row.status),
                row.created_at.as_deref().into(),
                row.username.as_deref().into(),
                row.name.as_deref().into(),
            ]);
        }
        table.write(f)
    }
}

/// Returns a status in the colour of what it means.
pub fn coloured(status: &str) -> Cell {
    let colour = match RequestStatus::from_name(status) {
        Some(RequestStatus::Finished) => AnsiColor::Green,
        Some(RequestStatus::Failed | RequestStatus::Expired) => AnsiColor::Red,
        Some(status) if status.is_terminal() => AnsiColor::Yellow,
        Some(RequestStatus::Transforming) => AnsiColor::Cyan,
        _ => return status.into(),
    };
    Cell::Styled(
        status.to_owned(),
        Style::new().fg_color(Some(colour.into())),
    )
}
