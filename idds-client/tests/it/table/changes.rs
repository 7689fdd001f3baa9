//! Rows about updates, builds, names, and requests of other users.

use idds_client::{ErrorKind, OriginalUser};
use idds_workflow::{RequestId, RequestStatus, Workflow};

use super::{Expect, Row, call};

const STATUS: &str = "the body is a status as Python writes it; this was made by hand";
const ANY_CHARACTER: &str =
    "what the path or the pattern takes for something else stands for any character";
const NOT_A_WORKFLOW: &str =
    "the body is made of a workflow, with every field; this was made by hand";
const IDS_ARE_NUMBERS: &str = "an id is a number that fits";

fn workflow() -> Workflow {
    Workflow::builder()
        .name("demo")
        .build()
        .expect("a workflow")
}

pub(super) fn rows() -> Vec<(&'static str, Row)> {
    vec![
        (
            "update_request_cancel",
            Row::Same(
                call!(|c| c
                    .requests()
                    .update(RequestId::new(1), RequestStatus::ToCancel)
                    .anyway()),
                Expect::Answer,
            ),
        ),
        (
            "update_request_finish",
            Row::Same(
                call!(|c| c
                    .requests()
                    .update(RequestId::new(1), RequestStatus::ToFinish)
                    .anyway()),
                Expect::Answer,
            ),
        ),
        (
            "update_request_resume",
            Row::Same(
                call!(|c| c
                    .requests()
                    .update(RequestId::new(1), RequestStatus::ToResume)
                    .anyway()),
                Expect::Answer,
            ),
        ),
        (
            "update_request_suspend",
            Row::Same(
                call!(|c| c
                    .requests()
                    .update(RequestId::new(1), RequestStatus::ToSuspend)
                    .anyway()),
                Expect::Answer,
            ),
        ),
        (
            "update_request_super_user",
            Row::Same(
                call!(|c| c
                    .requests()
                    .update(RequestId::new(1), RequestStatus::ToSuspend)
                    .anyway()),
                Expect::Answer,
            ),
        ),
        (
            "update_request_unknown",
            Row::Same(
                call!(|c| c
                    .requests()
                    .update(RequestId::new(99_999_999), RequestStatus::ToSuspend)
                    .anyway()),
                Expect::Answer,
            ),
        ),
        (
            "update_request_other_user",
            Row::Same(
                call!(|c| c
                    .requests()
                    .update(RequestId::new(1), RequestStatus::ToSuspend)
                    .anyway()),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
        (
            "update_request_number",
            Row::Differs(
                STATUS,
                call!(|c| c
                    .requests()
                    .update(RequestId::new(1), RequestStatus::ToSuspend)
                    .anyway()),
                Expect::Answer,
            ),
        ),
        (
            "update_request_bad_json",
            Row::Differs(
                STATUS,
                call!(|c| c
                    .requests()
                    .update(RequestId::new(1), RequestStatus::ToSuspend)
                    .anyway()),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "update_request_empty",
            Row::Differs(
                STATUS,
                call!(|c| c
                    .requests()
                    .update(RequestId::new(1), RequestStatus::ToSuspend)
                    .anyway()),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "update_request_null",
            Row::Differs(
                IDS_ARE_NUMBERS,
                call!(|c| c
                    .requests()
                    .update(RequestId::new(1), RequestStatus::ToSuspend)
                    .anyway()),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "build_empty",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c
                    .requests()
                    .update_build(RequestId::new(1), "x", &workflow())),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "build_not_a_build",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c
                    .requests()
                    .update_build(RequestId::new(1), "x", &workflow())),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "build_unknown",
            Row::Differs(
                "Python sends null for the workflow, which it cannot read",
                call!(|c| c
                    .requests()
                    .update_build(RequestId::new(99_999_999), "x", &workflow())),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "get_request_id_by_name",
            Row::Same(
                call!(|c| c.requests().find_by_name("a.name.of.mine")),
                Expect::Answer,
            ),
        ),
        (
            "get_request_id_by_name_unknown",
            Row::Same(
                call!(|c| c.requests().find_by_name("nobody")),
                Expect::Answer,
            ),
        ),
        (
            "get_request_id_by_name_underscore",
            Row::Same(
                call!(|c| c.requests().find_by_name("a_name_of_mine")),
                Expect::Answer,
            ),
        ),
        (
            "get_request_id_by_name_wildcard",
            Row::Differs(
                ANY_CHARACTER,
                call!(|c| c.requests().find_by_name("a.name%")),
                Expect::Answer,
            ),
        ),
        (
            "get_request_id_by_name_slash",
            Row::Differs(
                ANY_CHARACTER,
                call!(|c| c.requests().find_by_name("a/b")),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "relay_other_username",
            Row::Same(
                call!(|c| c
                    .on_behalf_of(&OriginalUser::new("CN=idds-test"))?
                    .messages()
                    .get(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "relay_not_super",
            Row::Same(
                call!(|c| c
                    .on_behalf_of(&OriginalUser::new("CN=idds-test"))?
                    .messages()
                    .get(RequestId::new(1))),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
    ]
}
