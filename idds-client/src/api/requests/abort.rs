//! Aborts requests.

use idds_workflow::WorkloadId;

use super::Requests;
use super::command::{Addressee, RequestCommand, Verb};

impl Requests {
    /// Aborts requests: their works are stopped, for good unless they are retried.
    ///
    /// An aborted search ends as SubFinished when some points have a loss, and as Failed when none has, never as
    /// Cancelled. A request whose works have not started yet may stay Transforming; it takes a second abort then.
    ///
    /// # Errors
    ///
    /// Those of every [`RequestCommand`].
    pub fn abort<A: Addressee>(&self, target: A) -> RequestCommand<A> {
        RequestCommand::told(&self.client, target, Verb::Abort)
    }

    /// Aborts one task of a request.
    ///
    /// Servers from 1.3 on cannot: the route of the Python client does not exist (405), and the one that exists aborts the
    /// whole request. They are not asked.
    ///
    /// # Errors
    ///
    /// Those of every [`RequestCommand`].
    pub fn abort_task<A: Addressee>(&self, target: A, task: WorkloadId) -> RequestCommand<A> {
        RequestCommand::told(&self.client, target, Verb::AbortTask(task))
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{RequestId, ServerVersion};
    use serde_json::{Value, json};

    use super::*;
    use crate::transport::recorded::{client, client_of, exchange, read, replay};
    use crate::{ErrorKind, Exchange, Replay};

    fn abort(id: u64) -> RequestCommand<RequestId> {
        client().requests().abort(RequestId::new(id))
    }

    #[test]
    fn an_abort_is_taken_note_of() {
        assert!(replay(&abort(2), "abort").is_ok());
        assert!(replay(&abort(22), "abort_finished").is_ok());
    }

    #[test]
    fn an_unknown_request_is_not_found() {
        let error = replay(&abort(99_999_999), "abort_unknown").expect_err("unknown");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(
            error.to_string(),
            "the server does not know request 99999999"
        );
    }

    #[test]
    fn a_request_of_another_user_is_not_allowed() {
        let error = replay(&abort(2), "abort_other_user").expect_err("not allowed");
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
        assert_eq!(
            error.to_string(),
            "the server refused it: User CN=idds-test-other has no permission to update request 2"
        );
    }

    #[test]
    fn an_answer_of_another_shape_is_an_error() {
        for body in ["[]", "[[0]]", "{}", "[[0, {}]]"] {
            assert_eq!(
                read(&abort(2), body).expect_err("not understood").kind(),
                ErrorKind::Answer,
                "{body}"
            );
        }
    }

    #[test]
    fn a_workload_alone_is_never_sent() {
        let error = client()
            .requests()
            .abort(WorkloadId::new(7))
            .request()
            .expect_err("looked up first");
        assert_eq!(error.kind(), ErrorKind::Argument);
    }

    #[tokio::test]
    async fn a_workload_is_resolved_to_its_requests_first() {
        let registered = r#"[[0, {"status": 0, "message": "Command registered successfully"}]]"#;
        let client = client_of(Replay::new([
            exchange("get_requests_workload"),
            Exchange::new("PUT", "/idds/request/abort/8/77000001", 200, registered),
            Exchange::new("PUT", "/idds/request/abort/9/77000001", 200, registered),
        ]));
        let aborted = client
            .requests()
            .abort(WorkloadId::new(77_000_001))
            .await
            .expect("aborted");
        assert_eq!(aborted, [RequestId::new(8), RequestId::new(9)]);
    }

    #[tokio::test]
    async fn a_failure_on_the_way_says_how_far_it_came() {
        let registered = r#"[[0, {"status": 0, "message": "Command registered successfully"}]]"#;
        let client = client_of(Replay::new([
            exchange("get_requests_workload"),
            Exchange::new("PUT", "/idds/request/abort/8/77000001", 200, registered),
            Exchange::new("PUT", "/idds/request/abort/9/77000001", 503, ""),
        ]));
        let error = client
            .requests()
            .abort(WorkloadId::new(77_000_001))
            .await
            .expect_err("unavailable");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(
            error.to_string(),
            "abort request failed: https://idds.example/idds cannot serve PUT /request/abort/9/77000001 now (503), after 1 of its requests had got the command"
        );
    }

    #[tokio::test]
    async fn a_request_without_the_workload_is_told_from_an_unknown_one() {
        let none = r#"[[-1, {"status": -1, "message": "No match requests"}]]"#;
        let row = r#"[{"request_id": 8, "workload_id": 6, "status": 2}]"#;
        let target = (RequestId::new(8), WorkloadId::new(7));
        let asked = |row| {
            client_of(Replay::new([
                Exchange::new("PUT", "/idds/request/abort/8/7", 200, none),
                Exchange::new(
                    "GET",
                    "/idds/request/8/null/False/False/False/False",
                    200,
                    row,
                ),
            ]))
        };
        let error = asked(row)
            .requests()
            .abort(target)
            .await
            .expect_err("another workload");
        assert_eq!(
            error.to_string(),
            "abort request failed: request 8 has the workload 6, not 7"
        );
        let error = asked("[]")
            .requests()
            .abort(target)
            .await
            .expect_err("unknown");
        assert_eq!(
            error.to_string(),
            "abort request failed: the server does not know request 8 of workload 7"
        );
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }

    #[test]
    fn a_single_task_is_not_aborted_by_a_server_that_cannot() {
        let call = client()
            .requests()
            .abort_task(RequestId::new(5), WorkloadId::new(123));
        let error = call.request().expect_err("405");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(
            error.to_string(),
            "iDDS 2.6.21 would answer 405, and abort the whole request by the one route that it has for it; use abort"
        );
        assert_eq!(
            replay(&call.anyway(), "abort_task")
                .expect_err("405")
                .kind(),
            ErrorKind::Refused
        );
    }

    #[test]
    fn older_servers_are_told_by_message() {
        let old = client().for_server(ServerVersion::new(0, 11, 15));
        let request = old
            .requests()
            .abort(RequestId::new(5))
            .request()
            .expect("a request");
        assert_eq!(
            (request.method().as_str(), request.uri().path()),
            ("POST", "/message/5/null")
        );
        let body: Value = serde_json::from_slice(request.body()).expect("JSON");
        assert_eq!(body["command"], "update_request");
        assert_eq!(
            body["parameters"]["status"]["attributes"]["_name_"],
            "ToCancel"
        );
        let request = old
            .requests()
            .abort_task(RequestId::new(5), WorkloadId::new(9))
            .request()
            .expect("a request");
        let body: Value = serde_json::from_slice(request.body()).expect("JSON");
        assert_eq!(
            (&body["command"], &body["parameters"][0]["workload_id"]),
            (&json!("update_processing"), &json!(9))
        );
    }

    #[tokio::test]
    async fn an_unknown_request_gets_no_message() {
        let path = "/idds/request/5/null/False/False/False/False";
        let client = client_of(Replay::new([Exchange::new("GET", path, 200, "[]")]));
        let old = client.for_server(ServerVersion::new(0, 11, 15));
        let error = old
            .requests()
            .abort(RequestId::new(5))
            .await
            .expect_err("unknown");
        assert_eq!(
            error.to_string(),
            "abort request failed: the server does not know request 5"
        );
    }
}
