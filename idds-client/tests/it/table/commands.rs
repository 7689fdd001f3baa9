//! Rows about commands to requests.

use idds_client::ErrorKind;
use idds_workflow::{RequestId, WorkloadId};

use super::{Expect, Row, call};

const LOOKED_UP: &str =
    "the server fails for a workload alone, so its requests are looked up; here there are none";
const IDS_ARE_NUMBERS: &str = "an id is a number that fits";

pub(super) fn rows() -> Vec<(&'static str, Row)> {
    vec![
        (
            "abort",
            Row::Same(
                call!(|c| c.requests().abort(RequestId::new(2))),
                Expect::Answer,
            ),
        ),
        (
            "abort_finished",
            Row::Same(
                call!(|c| c.requests().abort(RequestId::new(22))),
                Expect::Answer,
            ),
        ),
        (
            "abort_super_user",
            Row::Same(
                call!(|c| c.requests().abort(RequestId::new(4))),
                Expect::Answer,
            ),
        ),
        (
            "abort_other_user",
            Row::Same(
                call!(|c| c.requests().abort(RequestId::new(2))),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
        (
            "abort_x509_of_oidc",
            Row::Same(
                call!(|c| c.requests().abort(RequestId::new(24))),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
        (
            "submit_username_other_abort",
            Row::Same(
                call!(|c| c.requests().abort(RequestId::new(13))),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
        (
            "abort_unknown",
            Row::Same(
                call!(|c| c.requests().abort(RequestId::new(99_999_999))),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "abort_bad_id",
            Row::Differs(
                IDS_ARE_NUMBERS,
                call!(|c| c.requests().abort(RequestId::new(1))),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "abort_workload",
            Row::Differs(
                LOOKED_UP,
                call!(|c| c.requests().abort(WorkloadId::new(77_000_001))),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "abort_both_none",
            Row::NeverSent("the Python client asks for one of both ids; here the type does"),
        ),
        (
            "abort_task",
            Row::Same(
                call!(|c| c
                    .requests()
                    .abort_task(RequestId::new(5), WorkloadId::new(123))
                    .anyway()),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "abort_task_literal",
            Row::Differs(
                "it would abort the whole request",
                call!(|c| c.requests().abort(RequestId::new(5))),
                Expect::Answer,
            ),
        ),
        (
            "close",
            Row::Same(
                call!(|c| c.requests().close(RequestId::new(8))),
                Expect::Answer,
            ),
        ),
        (
            "close_no_auth",
            Row::Same(
                call!(|c| c.requests().close(RequestId::new(1))),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
        (
            "close_other_user",
            Row::Same(
                call!(|c| c.requests().close(RequestId::new(2))),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
        (
            "close_unknown",
            Row::Same(
                call!(|c| c.requests().close(RequestId::new(99_999_999))),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "retry",
            Row::Same(
                call!(|c| c.requests().retry(RequestId::new(2))),
                Expect::Answer,
            ),
        ),
        (
            "retry_other_user",
            Row::Same(
                call!(|c| c.requests().retry(RequestId::new(2))),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
        (
            "retry_unknown",
            Row::Same(
                call!(|c| c.requests().retry(RequestId::new(99_999_999))),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "retry_workload",
            Row::Differs(
                LOOKED_UP,
                call!(|c| c.requests().retry(WorkloadId::new(77_000_001))),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
    ]
}
