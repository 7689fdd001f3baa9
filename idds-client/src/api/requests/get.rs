//! Asks for requests.

use bytes::Bytes;
use http::{Method, Request, Response};

use super::RequestInfo;
use crate::endpoint::{awaitable, decode, without_body};
use crate::{Client, Endpoint, Error, Target};

/// Asks for requests; the answer is empty when the server knows none.
///
/// One request gives one row, unless a [`detail`](Self::detail) is asked for. Anybody may read every request.
///
/// # Errors
///
/// Those of every call: [`ErrorKind`](crate::ErrorKind) lists them.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct GetRequests {
    client: Client,
    target: Target,
    detail: Option<Detail>,
    has_metadata: bool,
}

/// What the rows of a request are about, besides the request itself.
///
/// A request for which there is none gives one row.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Detail {
    /// A row for each transform and pair of input and output collection.
    Collections,
    /// A row for each transform.
    Transforms,
    /// A row for each processing.
    Processings,
}

impl GetRequests {
    pub(crate) fn new(client: Client, target: Target) -> Self {
        Self { client, target, detail: None, has_metadata: false }
    }

    /// Asks for a row for each part of a request; its fields are in [`RequestInfo::rest`].
    pub fn detail(mut self, detail: Detail) -> Self {
        self.detail = Some(detail);
        self
    }

    /// Asks for the workflow as the server stores it too, in [`RequestInfo::rest`] as `request_metadata`.
    ///
    /// It is some 55 kB for a request of one work.
    pub fn metadata(mut self) -> Self {
        self.has_metadata = true;
        self
    }
}

awaitable!(GetRequests);

impl Endpoint for GetRequests {
    type Answer = Vec<RequestInfo>;

    const OPERATION: &'static str = "get requests";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        let flag = |is_set| if is_set { "True" } else { "False" };
        let path = format!(
            "/request/{}/{}/{}/{}/{}/{}",
            self.target.request_segment(),
            self.target.workload_segment(),
            flag(self.detail == Some(Detail::Collections)),
            flag(self.has_metadata),
            flag(self.detail == Some(Detail::Transforms)),
            flag(self.detail == Some(Detail::Processings)),
        );
        without_body(Method::GET, &path)
    }

    fn answer(&self, response: Response<Bytes>) -> Result<Self::Answer, Error> {
        decode(&response)
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{RequestId, RequestStatus, WorkloadId};

    use super::*;
    use crate::ErrorKind;
    use crate::transport::recorded::{client, read, replay};

    fn path(call: &GetRequests) -> String {
        call.request().expect("a request").uri().to_string()
    }

    #[test]
    fn a_finished_request_is_read() {
        let call = client().requests().get(RequestId::new(22));
        let [info] = <[_; 1]>::try_from(replay(&call, "get_requests_finished").expect("an answer")).expect("one row");
        assert_eq!(info.request_id, Some(RequestId::new(22)));
        assert_eq!(info.status, RequestStatus::Finished);
        assert_eq!(info.substatus, Some(RequestStatus::New));
        assert_eq!(info.name.as_deref(), Some("idds.workflow.2026_11_22_12_21_37_446324387"));
        assert_eq!(info.username.as_deref(), Some("CN=idds-test"));
        assert_eq!(info.created_at.map(|at| at.to_string()).as_deref(), Some("2026-11-22T12:21:37Z"));
        assert_eq!(info.expired_at.map(|at| at.to_string()).as_deref(), Some("2026-12-22T12:21:37Z"));
        assert_eq!((info.errors, info.workload_id), (None, None));
        assert_eq!(info.rest["requester"], "panda");
        assert!(!info.rest.contains_key("status"));
    }

    #[test]
    fn a_failed_request_says_why() {
        let call = client().requests().get(RequestId::new(3));
        let rows = replay(&call, "get_requests_failed").expect("an answer");
        assert_eq!(rows[0].status, RequestStatus::Failed);
        let errors = rows[0].errors.as_ref().expect("errors");
        assert_eq!(errors["submit_err"]["msg"], "'ATLASHPOWork' object has no attribute 'task_name'");
    }

    #[test]
    fn a_workload_can_stand_in_several_requests() {
        let call = client().requests().get(WorkloadId::new(77_000_001));
        let rows = replay(&call, "get_requests_workload").expect("an answer");
        assert_eq!(rows.iter().filter_map(|row| row.request_id.map(RequestId::get)).collect::<Vec<_>>(), [8, 9]);
        assert!(rows.iter().all(|row| row.workload_id == Some(WorkloadId::new(77_000_001))));
    }

    #[test]
    fn the_fields_of_a_detail_are_kept() {
        let call = client().requests().get(RequestId::new(1)).detail(Detail::Transforms);
        let rows = replay(&call, "get_requests_with_transform").expect("an answer");
        assert_eq!(rows[0].rest["transform_status"]["attributes"]["_name_"], "Transforming");
    }

    #[test]
    fn each_flag_has_its_place() {
        let call = || client().requests().get((RequestId::new(1), WorkloadId::new(2)));
        assert_eq!(path(&call().detail(Detail::Collections)), "/request/1/2/True/False/False/False");
        assert_eq!(path(&call().metadata()), "/request/1/2/False/True/False/False");
        assert_eq!(path(&call().detail(Detail::Processings)), "/request/1/2/False/False/False/True");
    }

    #[test]
    fn an_unknown_request_is_an_empty_answer() {
        let call = client().requests().get(RequestId::new(99_999_999));
        assert_eq!(replay(&call, "get_requests_unknown").expect("an answer"), []);
    }

    #[test]
    fn an_impossible_id_is_not_found() {
        let call = client().requests().get(RequestId::new(u64::MAX));
        let error = replay(&call, "get_requests_largest_id").expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(!error.to_string().contains("SELECT"), "{error}");
        assert_eq!(error.server().and_then(|server| server.class.as_deref()), Some("NoObject"));
    }

    #[test]
    fn a_status_without_a_name_survives() {
        let call = client().requests().get(RequestId::new(1));
        let body = r#"[{"request_id": 1, "status": {"class": "RequestStatus", "module": "idds.common.constants",
            "attributes": {"_name_": "Pondering", "_value_": 97, "_sort_order_": 97}}}]"#;
        let rows = read(&call, body).expect("an answer");
        assert_eq!(rows[0].status, RequestStatus::Unknown(97));
        assert_eq!((&rows[0].name, rows[0].created_at), (&None, None));
    }

    #[test]
    fn a_field_of_another_shape_is_named() {
        let call = client().requests().get(RequestId::new(1));
        let error = read(&call, r#"[{"request_id": 1, "status": 3, "created_at": "yesterday"}]"#).expect_err("a date");
        assert_eq!(error.to_string(), "the answer cannot be understood at [0].created_at");
    }
}
