//! Counts and states for dashboards.

mod relation;
mod rows;
mod statistics;

use serde::de::DeserializeOwned;

pub use self::relation::{Relation, RelationWork, RequestRelation};
pub use self::rows::{ProcessingProgress, RequestProgress, RequestState, TransformProgress};
pub use self::statistics::{Months, StatusStatistics, TransformStatistics};
use crate::endpoint::decode;
use crate::route::{self, Route};
use crate::{Call, Client, Target};

/// The calls for dashboards.
///
/// The server answers them to anybody, so nothing is sent that says who asks. They read much less from its database than
/// the calls about requests.
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
/// #         "/idds/monitor/7/null/false/false/false",
/// #         200,
/// #         r#"[{"request_id": 7, "status": "Transforming"}]"#,
/// #     ),
/// #     Exchange::new(
/// #         "GET",
/// #         "/idds/monitor_request/7/null",
/// #         200,
/// #         r#"{"total": 1, "month_status": {"Total": {"2026-11": 1}}, "month_acc_status": {}}"#,
/// #     ),
/// # ]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// let request = RequestId::new(7);
/// for state in client.monitor().states(request).await? {
///     println!("request {} is {:?}", state.request_id, state.status);
/// }
/// let statistics = client.monitor().request_statistics(request).await?;
/// assert_eq!(statistics.month_status["Total"]["2026-11"], 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Monitoring {
    client: Client,
}

impl Monitoring {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Gets the state of requests; the answer is empty when the server knows no such request.
    pub fn states(&self, target: impl Into<Target>) -> Call<Vec<RequestState>> {
        self.rows(&route::REQUEST_STATES, target)
    }

    /// Gets the state of requests, with counts over their transforms; the answer is empty when the server knows no such request.
    pub fn requests(&self, target: impl Into<Target>) -> Call<Vec<RequestProgress>> {
        self.rows(&route::REQUEST_PROGRESS, target)
    }

    /// Gets the state of the transforms of requests; the answer is empty when the server knows no such request.
    pub fn transforms(&self, target: impl Into<Target>) -> Call<Vec<TransformProgress>> {
        self.rows(&route::TRANSFORM_PROGRESS, target)
    }

    /// Gets the state of the processings of requests; the answer is empty when the server knows no such request.
    pub fn processings(&self, target: impl Into<Target>) -> Call<Vec<ProcessingProgress>> {
        self.rows(&route::PROCESSING_PROGRESS, target)
    }

    /// Counts requests by state and month of their last change.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is nothing to count: the server fails then.
    pub fn request_statistics(&self, target: impl Into<Target>) -> Call<StatusStatistics> {
        self.statistics(&route::REQUEST_STATISTICS, target)
    }

    /// Counts processings by state and month of their last change.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is nothing to count: the server fails then.
    pub fn processing_statistics(&self, target: impl Into<Target>) -> Call<StatusStatistics> {
        self.statistics(&route::PROCESSING_STATISTICS, target)
    }

    /// Counts transforms, and what they processed, by state and month of their last change.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is nothing to count: the server fails then.
    pub fn transform_statistics(&self, target: impl Into<Target>) -> Call<TransformStatistics> {
        self.statistics(&route::TRANSFORM_STATISTICS, target)
    }

    /// Gets the order of the works of requests; the answer is empty when the server knows no such request.
    ///
    /// It comes with all the server knows about the request, the workflow included: some 55 kB for one of one work.
    pub fn relations(&self, target: impl Into<Target>) -> Call<Vec<RequestRelation>> {
        self.rows(&route::RELATIONS, target)
    }

    fn rows<T: DeserializeOwned + 'static>(
        &self,
        route: &'static Route,
        target: impl Into<Target>,
    ) -> Call<Vec<T>> {
        let target = target.into();
        Call::plain(
            &self.client,
            route,
            |draft| draft.target(target).bare(),
            decode,
        )
    }

    fn statistics<T: DeserializeOwned + 'static>(
        &self,
        route: &'static Route,
        target: impl Into<Target>,
    ) -> Call<T> {
        let target = target.into();
        Call::plain(
            &self.client,
            route,
            |draft| draft.target(target).bare(),
            move |response| decode(response).map_err(|error| statistics::explain(error, target)),
        )
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{
        ProcessingStatus, RequestId, RequestStatus, TransformStatus, TransformType, WorkloadId,
    };

    use bytes::Bytes;
    use http::Request;

    use super::*;
    use crate::Error;
    use crate::transport::recorded::{client, read, replay};

    fn monitor() -> Monitoring {
        client().monitor()
    }

    #[test]
    fn the_progress_of_a_request_is_read() {
        let rows = replay(&monitor().requests(RequestId::new(1)), "monitor").expect("an answer");
        let [row] = <[_; 1]>::try_from(rows).expect("one row");
        assert!(
            row.status
                .is_some_and(|status| status == RequestStatus::Transforming)
        );
        assert_eq!(row.transforms["Transforming"], 1);
        assert_eq!(
            row.created_at.map(|at| at.to_string()).as_deref(),
            Some("2026-11-22T12:19:01Z")
        );
        assert!(row.rest.is_empty(), "{:?}", row.rest);
    }

    #[test]
    fn the_rows_of_transforms_and_processings_are_read() {
        // As the real server sent them, shortened by the counts that are 0.
        let transform = r#"[{"errors": null, "output_coll_name": "", "output_coll_scope": 0, "output_total_files": 6,
            "request_id": 1, "transform_created_at": "Sun, 22 Nov 2026 22:22:13 UTC", "transform_finished_at": null,
            "transform_id": 1, "transform_status": "Transforming", "transform_type": "Workflow",
            "transform_updated_at": "Sun, 22 Nov 2026 22:22:25 UTC", "transform_workload_id": null, "workload_id": 7}]"#;
        let row = read(&monitor().transforms(RequestId::new(1)), transform)
            .expect("an answer")
            .remove(0);
        assert!(
            row.transform_status
                .is_some_and(|status| status == TransformStatus::Transforming)
        );
        assert!(
            row.transform_type
                .is_some_and(|kind| kind == TransformType::Workflow)
        );
        assert_eq!(
            (
                row.output_coll_scope,
                row.output_coll_name,
                row.output_total_files
            ),
            (None, None, 6)
        );
        assert_eq!(
            (row.workload_id, row.rest.len()),
            (Some(WorkloadId::new(7)), 0)
        );

        let processing = r#"[{"processing_created_at": "Sun, 22 Nov 2026 22:22:18 UTC", "processing_finished_at": null,
            "processing_id": 1, "processing_status": "Running", "processing_updated_at": null, "request_id": 1,
            "workload_id": null}]"#;
        let row = read(&monitor().processings(RequestId::new(1)), processing)
            .expect("an answer")
            .remove(0);
        assert!(
            row.processing_status
                .is_some_and(|status| status == ProcessingStatus::Running)
        );
        assert_eq!(row.rest.len(), 0);
    }

    #[test]
    fn each_kind_of_row_has_its_flags() {
        let both = (RequestId::new(1), WorkloadId::new(2));
        let path =
            |request: Result<Request<Bytes>, Error>| request.expect("a request").uri().to_string();
        assert_eq!(
            path(monitor().states(both).request()),
            "/monitor/1/2/false/false/false"
        );
        assert_eq!(
            path(monitor().transforms(RequestId::new(1)).request()),
            "/monitor/1/null/false/true/false"
        );
        assert_eq!(
            path(monitor().processings(WorkloadId::new(2)).request()),
            "/monitor/null/2/false/false/true"
        );
    }
}
