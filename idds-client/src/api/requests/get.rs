//! Gets requests.

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::RequestId;

use super::row::Row;
use super::{
    RequestCollections, RequestInfo, RequestProcessing, RequestTransform, Requests, StoredRequest,
};
use crate::call::{Endpoint, Single};
use crate::endpoint::decode;
use crate::route::{self, Draft, Route};
use crate::{Call, Client, Error, Target};

/// Gets requests, a row each; the answer is empty when the server knows none.
///
/// Anybody may read every request.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::Client;
/// use idds_workflow::WorkloadId;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let recorded = Replay::new([
/// #     Exchange::new(
/// #         "GET",
/// #         "/idds/request/null/20525135/False/False/False/False",
/// #         200,
/// #         r#"[{"request_id": 7, "status": 4, "errors": {"msg": "no disk"}}]"#,
/// #     ),
/// #     Exchange::new(
/// #         "GET",
/// #         "/idds/request/7/null/False/False/True/False",
/// #         200,
/// #         r#"[{"request_id": 7, "status": 4, "transform_id": 9, "transform_status": 4}]"#,
/// #     ),
/// # ]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// for info in client.requests().get(WorkloadId::new(20525135)).await? {
///     let request = info.request_id.ok_or("an id")?;
///     println!("request {request} is {}: {:?}", info.status, info.errors);
///     for row in client.requests().get(request).transforms().await? {
///         println!("its transform: {:?}", row.transform);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Those of every call: [`ErrorKind`](crate::ErrorKind) lists them.
pub type GetRequests = Call<Vec<RequestInfo>, RequestQuery>;

/// The target of a question for requests.
#[derive(Clone, Debug)]
pub struct RequestQuery {
    target: Target,
}

impl Requests {
    /// Gets requests, by request id, workload id, or both.
    pub fn get(&self, target: impl Into<Target>) -> GetRequests {
        let target = target.into();
        Call::with(&self.client, RequestQuery { target })
    }

    /// Gets every request of everybody, in one answer.
    ///
    /// On a server in production that is a long one: the whole table, without a limit.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) also when a single request has a status that the server does not
    /// know, which breaks this list, and this list only.
    pub fn list_all(&self) -> Call<Vec<RequestInfo>> {
        Call::plain(
            &self.client,
            &route::LIST_REQUESTS,
            |draft| Detail::None.of(draft).bare(),
            decode,
        )
    }
}

impl GetRequests {
    /// Gets a row for each transform of a request instead.
    ///
    /// A request without transforms gives one row. Servers before 0.11 cannot be asked for them.
    pub fn transforms(self) -> Call<Vec<RequestTransform>> {
        self.rows(Detail::Transforms, |mut row, target| {
            Ok(RequestTransform {
                transform: row.transform()?,
                request: complete(row, target)?,
            })
        })
    }

    /// Gets a row for each processing of a request instead, with its transform.
    ///
    /// A request without processings gives one row. Servers before 0.11 cannot be asked for them.
    pub fn processings(self) -> Call<Vec<RequestProcessing>> {
        self.rows(Detail::Processings, |mut row, target| {
            Ok(RequestProcessing {
                transform: row.transform()?,
                processing: row.processing()?,
                request: complete(row, target)?,
            })
        })
    }

    /// Gets a row for each pair of an input and an output collection instead, with their transform and processing.
    ///
    /// A request without collections gives one row.
    pub fn collections(self) -> Call<Vec<RequestCollections>> {
        self.rows(Detail::Collections, |mut row, target| {
            Ok(RequestCollections {
                transform: row.transform()?,
                processing: row.processing()?,
                input: row.collection("input_")?,
                output: row.collection("output_")?,
                request: complete(row, target)?,
            })
        })
    }

    /// Gets the workflow as the server stores it too, which is some 55 kB for a request of one work.
    pub fn metadata(self) -> Call<Vec<StoredRequest>> {
        self.rows(Detail::Metadata, |mut row, target| {
            let stored = StoredRequest::stored(&mut row);
            Ok(StoredRequest::new(complete(row, target)?, stored))
        })
    }

    fn rows<T: 'static>(
        self,
        detail: Detail,
        read: impl Fn(Row, Target) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Call<Vec<T>> {
        let target = self.settings.target;
        let route = match detail {
            Detail::Transforms | Detail::Processings => &route::GET_REQUEST_PARTS,
            _ => &route::GET_REQUESTS,
        };
        Call::plain(
            &self.client,
            route,
            |draft| detail.of(draft.target(target)).bare(),
            move |response| {
                let rows = Row::read(response)?.into_iter();
                rows.map(|row| read(row, target)).collect()
            },
        )
    }
}

/// Fills in the id that the server leaves out of the row of a request without transforms.
fn complete(row: Row, target: Target) -> Result<RequestInfo, Error> {
    let mut request = row.request()?;
    request.request_id = request.request_id.or(target.request());
    Ok(request)
}

/// What the rows of an answer about requests are about, besides these.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Detail {
    None,
    Metadata,
    Collections,
    Transforms,
    Processings,
}

impl Detail {
    /// Sets the flags that ask for it.
    pub(super) fn of(self, draft: Draft) -> Draft {
        draft
            .flag("with_detail", self == Self::Collections)
            .flag("with_metadata", self == Self::Metadata)
            .flag("with_transform", self == Self::Transforms)
            .flag("with_processing", self == Self::Processings)
    }
}

impl Single for RequestQuery {}

impl Endpoint for RequestQuery {
    type Answer = Vec<RequestInfo>;

    fn route(&self) -> &'static Route {
        &route::GET_REQUESTS
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        let draft = self.route().draft(client)?.target(self.target);
        Detail::None.of(draft).bare()
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<Self::Answer, Error> {
        decode(response)
    }
}

impl Client {
    /// Gets one request, which must be there.
    pub(super) async fn existing(&self, request: RequestId) -> Result<RequestInfo, Error> {
        let rows = self.requests().get(request).await?;
        rows.into_iter()
            .next()
            .ok_or_else(|| Target::Request(request).unknown())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use idds_workflow::{CommandType, RequestStatus, RequestType, ServerVersion, WorkloadId};
    use jiff::SignedDuration;

    use super::*;
    use crate::ErrorKind;
    use crate::transport::recorded::{client, read, replay};

    fn path<T, S: Endpoint>(call: &Call<T, S>) -> String {
        call.request().expect("a request").uri().to_string()
    }

    #[test]
    fn a_finished_request_is_read() {
        let call = client().requests().get(RequestId::new(22));
        let [info] = <[_; 1]>::try_from(replay(&call, "get_requests_finished").expect("an answer"))
            .expect("one row");
        assert_eq!(info.request_id, Some(RequestId::new(22)));
        assert_eq!(info.request_type, Some(RequestType::Workflow));
        assert_eq!(info.status, RequestStatus::Finished);
        assert_eq!(info.substatus, Some(RequestStatus::New));
        assert_eq!(
            info.name.as_deref(),
            Some("idds.workflow.2026_11_22_12_21_37_446324387")
        );
        assert_eq!(
            (info.requester.as_deref(), info.username.as_deref()),
            (Some("panda"), Some("CN=idds-test"))
        );
        assert_eq!(
            info.created_at.map(|at| at.to_string()).as_deref(),
            Some("2026-11-22T12:21:37Z")
        );
        assert_eq!(
            info.expired_at.map(|at| at.to_string()).as_deref(),
            Some("2026-12-22T12:21:37Z")
        );
        assert_eq!(info.update_poll_period, Some(SignedDuration::from_secs(1)));
        assert_eq!(
            (info.command, info.is_locked),
            (Some(CommandType::NoneCommand), false)
        );
        assert_eq!((info.errors, info.workload_id), (None, None));
    }

    #[test]
    fn every_field_that_the_server_sends_is_typed() {
        let traffic = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/traffic");
        let mut rows = 0;
        for file in fs::read_dir(traffic).expect("the recorded traffic") {
            let path = file.expect("a file").path();
            let name = path
                .file_stem()
                .and_then(|name| name.to_str())
                .expect("a name");
            let text = fs::read_to_string(&path).expect("text");
            let Ok(exchange) = serde_json::from_str::<serde_json::Value>(&text) else {
                continue;
            };
            let body = exchange["response"]["body"].as_str().unwrap_or_default();
            if !name.starts_with("get_requests") || !body.starts_with('[') {
                continue;
            }
            let response = Response::new(Bytes::from(body.to_owned()));
            let call = client().requests().get(RequestId::new(1));
            for row in call.clone().collections().answer(&response).expect("rows") {
                let parts = [
                    row.transform.map(|part| part.rest),
                    row.processing.map(|part| part.rest),
                ];
                let collections = [
                    row.input.map(|part| part.rest),
                    row.output.map(|part| part.rest),
                ];
                for rest in parts.into_iter().chain(collections).flatten() {
                    assert!(rest.is_empty(), "{name}: {rest:?}");
                }
                let rest: Vec<_> = row
                    .request
                    .rest
                    .keys()
                    .filter(|key| !key.ends_with("_metadata"))
                    .collect();
                assert!(rest.is_empty(), "{name}: {rest:?}");
                rows += 1;
            }
        }
        assert!(rows > 30, "{rows}");
    }

    #[test]
    fn a_failed_request_says_why() {
        let call = client().requests().get(RequestId::new(3));
        let rows = replay(&call, "get_requests_failed").expect("an answer");
        assert_eq!(rows[0].status, RequestStatus::Failed);
        let errors = rows[0].errors.as_ref().expect("errors");
        assert_eq!(
            errors["submit_err"]["msg"],
            "'ATLASHPOWork' object has no attribute 'task_name'"
        );
        assert_eq!(rows[0].refusal(), None);
    }

    #[test]
    fn a_refused_command_leaves_its_reason() {
        let call = client().requests().get(RequestId::new(22));
        let rows = replay(&call, "get_requests_after_abort_finished").expect("an answer");
        assert_eq!(
            rows[0].refusal(),
            Some("Request is already terminated. Cannot be aborted")
        );
        assert_eq!(rows[0].command, Some(CommandType::AbortRequest));
    }

    #[test]
    fn a_workload_can_stand_in_several_requests() {
        let call = client().requests().get(WorkloadId::new(77_000_001));
        let rows = replay(&call, "get_requests_workload").expect("an answer");
        assert_eq!(
            rows.iter()
                .filter_map(|row| row.request_id.map(RequestId::get))
                .collect::<Vec<_>>(),
            [8, 9]
        );
        assert!(
            rows.iter()
                .all(|row| row.workload_id == Some(WorkloadId::new(77_000_001)))
        );
    }

    #[test]
    fn each_flag_has_its_place() {
        let call = || {
            client()
                .requests()
                .get((RequestId::new(1), WorkloadId::new(2)))
        };
        assert_eq!(path(&call()), "/request/1/2/False/False/False/False");
        assert_eq!(
            path(&call().collections()),
            "/request/1/2/True/False/False/False"
        );
        assert_eq!(
            path(&call().metadata()),
            "/request/1/2/False/True/False/False"
        );
        assert_eq!(
            path(&call().transforms()),
            "/request/1/2/False/False/True/False"
        );
        assert_eq!(
            path(&call().processings()),
            "/request/1/2/False/False/False/True"
        );
    }

    #[test]
    fn the_oldest_servers_are_asked_with_four_parts_and_not_for_what_they_lack() {
        let call = client()
            .for_server(ServerVersion::new(0, 5, 4))
            .requests()
            .get(RequestId::new(1));
        assert_eq!(path(&call), "/request/1/null/False/False");
        assert_eq!(
            path(&call.clone().collections()),
            "/request/1/null/True/False"
        );
        let error = call.transforms().request().expect_err("not there");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(
            error.to_string(),
            "iDDS 0.5.4 has no such call; use collections"
        );
    }

    #[test]
    fn everybody_is_asked_for_by_name_only() {
        let rows =
            replay(&client().requests().list_all(), "get_requests_both_null").expect("an answer");
        assert_eq!(rows.len(), 20);
        assert!(rows.iter().all(|row| row.request_id.is_some()));
        let error = replay(
            &client().requests().list_all(),
            "get_requests_both_null_broken",
        )
        .expect_err("broken");
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }

    #[test]
    fn an_unknown_request_is_an_empty_answer() {
        let call = client().requests().get(RequestId::new(99_999_999));
        assert_eq!(
            replay(&call, "get_requests_unknown").expect("an answer"),
            []
        );
    }

    #[test]
    fn an_impossible_id_is_not_found() {
        let call = client().requests().get(RequestId::new(u64::MAX));
        let error = replay(&call, "get_requests_largest_id").expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(!error.to_string().contains("SELECT"), "{error}");
        assert_eq!(
            error.server().and_then(|server| server.class.as_deref()),
            Some("NoObject")
        );
    }

    #[test]
    fn a_status_without_a_name_survives() {
        let call = client().requests().get(RequestId::new(1));
        let body = r#"[{"request_id": 1, "status": {"class": "RequestStatus", "module": "idds.common.constants",
            "attributes": {"_name_": "Pondering", "_value_": 97, "_sort_order_": 97}}, "mood": NaN}]"#;
        let rows = read(&call, body).expect("an answer");
        assert_eq!(rows[0].status, RequestStatus::Unknown(97));
        assert_eq!((&rows[0].name, rows[0].created_at), (&None, None));
        assert_eq!(rows[0].rest["mood"], "NaN");
    }

    #[test]
    fn a_field_of_another_shape_is_named() {
        let call = client().requests().get(RequestId::new(1));
        let error = read(
            &call,
            r#"[{"request_id": 1, "status": 3, "created_at": "yesterday"}]"#,
        )
        .expect_err("a date");
        assert_eq!(
            error.to_string(),
            "the answer cannot be understood at [0].created_at"
        );
    }
}
