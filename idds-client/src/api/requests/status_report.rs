//! Progress of requests, as `get_status` of the Python client reports it.

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::{RequestId, RequestStatus, TransformStatus, WorkloadId};
use serde_json::Value;

use super::get::Detail;
use super::{RequestCollections, RequestInfo, Requests};
use crate::call::{Endpoint, Single};
use crate::endpoint::decode;
use crate::route::{self, Route};
use crate::{Call, Client, Error, Target, TransformId};

/// How far a request is: what `get_status` of the Python client prints.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StatusRow {
    /// Id of the request.
    pub request_id: Option<RequestId>,
    /// Its task in the workload system.
    pub request_workload_id: Option<WorkloadId>,
    /// Its scope.
    pub scope: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its state.
    pub status: RequestStatus,
    /// What went wrong; see [`RequestInfo::errors`].
    pub errors: Option<Value>,
}

/// How far an output of a request is: what `get_status` of the Python client prints with `with_detail`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DetailedStatusRow {
    /// Id of the request.
    pub request_id: Option<RequestId>,
    /// The transform; none for a request without transforms, for which Python fails.
    pub transform_id: Option<TransformId>,
    /// Task of the request in the workload system.
    pub request_workload_id: Option<WorkloadId>,
    /// Task of the transform in the workload system.
    pub transform_workload_id: Option<WorkloadId>,
    /// Scope of the output collection.
    pub scope: Option<String>,
    /// Name of the output collection.
    pub name: Option<String>,
    /// State of the transform.
    pub status: Option<TransformStatus>,
    /// Number of files of the output collection, or of points of a search.
    pub total_files: Option<i64>,
    /// Number of those that are done.
    pub processed_files: Option<i64>,
    /// Number of those being worked on.
    pub processing_files: Option<i64>,
    /// What went wrong with the request; see [`RequestInfo::errors`].
    pub errors: Option<Value>,
}

impl From<RequestInfo> for StatusRow {
    fn from(info: RequestInfo) -> Self {
        let RequestInfo {
            request_id,
            workload_id,
            scope,
            name,
            status,
            errors,
            ..
        } = info;
        Self {
            request_id,
            request_workload_id: workload_id,
            scope,
            name,
            status,
            errors,
        }
    }
}

impl From<RequestCollections> for DetailedStatusRow {
    fn from(row: RequestCollections) -> Self {
        let RequestCollections {
            request,
            transform,
            output,
            ..
        } = row;
        Self {
            request_id: request.request_id,
            transform_id: transform.as_ref().map(|transform| transform.id),
            request_workload_id: request.workload_id,
            transform_workload_id: transform
                .as_ref()
                .and_then(|transform| transform.workload_id),
            status: transform.map(|transform| transform.status),
            total_files: output.as_ref().and_then(|output| output.total_files),
            processed_files: output.as_ref().and_then(|output| output.processed_files),
            processing_files: output.as_ref().and_then(|output| output.processing_files),
            scope: output.as_ref().and_then(|output| output.scope.clone()),
            name: output.and_then(|output| output.name),
            errors: request.errors,
        }
    }
}

/// Gets the progress of requests; the answer is empty when the server knows none.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::Client;
/// use idds_workflow::RequestId;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let recorded = Replay::new([
/// #     Exchange::new(
/// #         "GET",
/// #         "/idds/request/7/null/False/False/False/False",
/// #         200,
/// #         r#"[{"request_id": 7, "status": 3, "name": "demo"}]"#,
/// #     ),
/// #     Exchange::new(
/// #         "GET",
/// #         "/idds/request/7/null/True/False/False/False",
/// #         200,
/// #         r#"[{"request_id": 7, "status": 3, "transform_id": 9, "transform_status": 3,
/// #             "output_coll_name": "out", "output_total_files": 20, "output_processed_files": 20, "output_processing_files": 0}]"#,
/// #     ),
/// # ]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// let report = client.requests().status_report(RequestId::new(7));
/// for row in report.clone().await? {
///     println!("{}: {}", row.name.unwrap_or_default(), row.status);
/// }
/// for row in report.detailed().await? {
///     println!("{:?} of {:?} files are done", row.processed_files, row.total_files);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Those of every call: [`ErrorKind`](crate::ErrorKind) lists them.
pub type StatusReport = Call<Vec<StatusRow>, StatusQuery>;

/// The target of a status report.
#[derive(Clone, Debug)]
pub struct StatusQuery {
    target: Target,
}

impl Requests {
    /// Gets the progress of requests, as `get_status` of the Python client does.
    pub fn status_report(&self, target: impl Into<Target>) -> StatusReport {
        let target = target.into();
        Call::with(&self.client, StatusQuery { target })
    }
}

impl StatusReport {
    /// Gets a row for each output of a request instead.
    pub fn detailed(self) -> Call<Vec<DetailedStatusRow>> {
        let target = self.settings.target;
        let rows = self.client.requests().get(target).collections();
        Call::plain(
            &self.client,
            &route::STATUS_REPORT,
            |draft| Detail::Collections.of(draft.target(target)).bare(),
            move |response| {
                let rows = rows.answer(response)?.into_iter();
                Ok(rows.map(DetailedStatusRow::from).collect())
            },
        )
    }
}

impl Single for StatusQuery {}

impl Endpoint for StatusQuery {
    type Answer = Vec<StatusRow>;

    fn route(&self) -> &'static Route {
        &route::STATUS_REPORT
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        let draft = self.route().draft(client)?.target(self.target);
        Detail::None.of(draft).bare()
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<Self::Answer, Error> {
        let rows: Vec<RequestInfo> = decode(response)?;
        Ok(rows.into_iter().map(StatusRow::from).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::recorded::{client, python_result, replay};

    fn call() -> StatusReport {
        client().requests().status_report(RequestId::new(1))
    }

    fn text(value: &Option<impl ToString>) -> String {
        value.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_report_says_what_the_python_client_prints() {
        let rows = replay(&call(), "get_status").expect("an answer");
        let row = &rows[0];
        let ours = format!(
            "{} {} {}:{} {} {}",
            text(&row.request_id),
            text(&row.request_workload_id),
            text(&row.scope),
            text(&row.name),
            row.status,
            text(&row.errors)
        );
        let printed = python_result("get_status");
        assert_eq!(printed.lines().count(), 2 + rows.len());
        assert_eq!(words(&ours), words(printed.lines().last().expect("a row")));
    }

    #[test]
    fn a_detailed_report_says_what_the_python_client_prints() {
        let rows = replay(&call().detailed(), "get_status_detail").expect("an answer");
        let row = &rows[0];
        let counts = [
            &row.total_files,
            &row.processed_files,
            &row.processing_files,
        ]
        .map(text)
        .join("/");
        let ours = format!(
            "{} {} {} {} {}:{} {}[{counts}] {}",
            text(&row.request_id),
            text(&row.transform_id),
            text(&row.request_workload_id),
            text(&row.transform_workload_id),
            text(&row.scope),
            text(&row.name),
            text(&row.status),
            text(&row.errors)
        );
        let printed = python_result("get_status_detail");
        assert_eq!(printed.lines().count(), 2 + rows.len());
        assert_eq!(words(&ours), words(printed.lines().last().expect("a row")));
    }
}
