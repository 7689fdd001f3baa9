//! Rows about questions for requests.

use idds_client::ErrorKind;
use idds_workflow::{RequestId, WorkloadId};

use super::{Expect, Row, call};

const ONE_DETAIL: &str = "a row is about one thing, so one detail is asked for at a time";
const IDS_ARE_NUMBERS: &str = "an id is a number that fits";
const OTHER_SPELLING: &str = "the path is always that of the Python client";

pub(super) fn rows() -> Vec<(&'static str, Row)> {
    vec![
        (
            "get_requests_after_abort",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(2))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_after_abort_finished",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(22))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_after_close",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(8))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_after_message_suspend",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(21))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_after_retry",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(2))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_after_update_request",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_detail_False_metadata_False",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_failed",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(3))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_failed_v1",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(6))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_finished",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(22))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_legacy",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(10))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_oidc",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(24))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_other_user",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_unknown",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(99_999_999))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_zero",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(0))),
                Expect::Answer,
            ),
        ),
        (
            "get_status",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_workload",
            Row::Same(
                call!(|c| c.requests().get(WorkloadId::new(77_000_001))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_largest_id",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(u64::MAX))),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "get_requests_detail_False_metadata_True",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(1)).metadata()),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_detail_True_metadata_False",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(1)).collections()),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_detail_True_metadata_True",
            Row::Differs(
                ONE_DETAIL,
                call!(|c| c.requests().get(RequestId::new(1)).collections()),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_all_flags",
            Row::Differs(
                ONE_DETAIL,
                call!(|c| c.requests().get(RequestId::new(1)).collections()),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_both_null",
            Row::Same(call!(|c| c.requests().list_all()), Expect::Answer),
        ),
        (
            "get_requests_both_null_broken",
            Row::Same(
                call!(|c| c.requests().list_all()),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "get_requests_finished_detail",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(22)).collections()),
                Expect::Answer,
            ),
        ),
        (
            "get_status_detail",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(1)).collections()),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_with_processing",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(1)).processings()),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_with_transform",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(1)).transforms()),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_bad_id",
            Row::Differs(
                IDS_ARE_NUMBERS,
                call!(|c| c.requests().get(RequestId::new(1))),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "get_requests_huge_id",
            Row::Differs(
                IDS_ARE_NUMBERS,
                call!(|c| c.requests().get(RequestId::new(1))),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "get_requests_word_None",
            Row::Differs(
                IDS_ARE_NUMBERS,
                call!(|c| c.requests().get(RequestId::new(1))),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "get_requests_unknown_json_outputs",
            Row::Differs(
                IDS_ARE_NUMBERS,
                call!(|c| c.requests().get(RequestId::new(1))),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "get_requests_json_outputs",
            Row::Differs(
                OTHER_SPELLING,
                call!(|c| c.requests().get(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_lower_case_flags",
            Row::Differs(
                OTHER_SPELLING,
                call!(|c| c.requests().get(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_three_parts",
            Row::Differs(
                OTHER_SPELLING,
                call!(|c| c.requests().get(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_no_flags",
            Row::Differs(
                OTHER_SPELLING,
                call!(|c| c.requests().get(RequestId::new(1))),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "get_request_one_part",
            Row::Differs(
                OTHER_SPELLING,
                call!(|c| c.requests().get(RequestId::new(1))),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
    ]
}
