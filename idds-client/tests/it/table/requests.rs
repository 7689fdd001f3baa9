//! Rows about requests.

use std::time::Duration;

use idds_client::{Client, ErrorKind, OriginalUser, SubmitLegacy};
use idds_workflow::wire::LegacyRequest;
use idds_workflow::{
    ATLASHPOWork, ATLASStageinWork, Collection, OptSpace, RequestId, RequestStatus, Workflow,
    WorkloadId,
};

use super::{Expect, Row, call};

const LOOKED_UP: &str =
    "the server fails for a workload alone, so its requests are looked up; here there are none";
const STATUS: &str = "the body is a status as Python writes it; this was made by hand";
const ANY_CHARACTER: &str =
    "what the path or the pattern takes for something else stands for any character";
const ONE_DETAIL: &str = "a row is about one thing, so one detail is asked for at a time";
const V2: &str =
    "a 2.6.21 server accepts a workflow of the v1 classes and then fails, so it gets those of v2";
const DRAWN: &str =
    "ids, time and names are drawn anew; tests/it/reference compares the payloads with Python's";
const NOT_A_WORKFLOW: &str =
    "the body is made of a workflow, with every field; this was made by hand";
const IDS_ARE_NUMBERS: &str = "an id is a number that fits";
const OTHER_SPELLING: &str = "the path is always that of the Python client";

fn workflow() -> Workflow {
    Workflow::builder()
        .name("demo")
        .build()
        .expect("a workflow")
}

fn search(client: &Client) -> SubmitLegacy {
    let space = OptSpace::builder()
        .choice("A", [1, 4])
        .scalar("B", 0..=5)
        .build()
        .expect("a space");
    let search = ATLASHPOWork::nevergrad(space, 20)
        .build()
        .expect("a search");
    client.requests().submit_legacy(
        &LegacyRequest::search(&search)
            .expect("a request")
            .workload_id(20_525_135),
    )
}

fn stage_in(client: &Client) -> SubmitLegacy {
    let data = Collection::new("data17", "data17.physics.RAW").expect("a collection");
    let work = ATLASStageinWork::builder(data.clone(), data)
        .src_rse("SRC")
        .dest_rse("DST");
    let work = work
        .max_waiting_time(Duration::from_secs(3600))
        .rule_id("236e4bf87e11490291e3259b14724e30")
        .build()
        .expect("a work");
    client.requests().submit_legacy(
        &LegacyRequest::stage_in(&work)
            .expect("a request")
            .workload_id(20_776_840),
    )
}

pub(super) fn rows() -> Vec<(&'static str, Row)> {
    vec![
        // Requests: commands.
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
        // Requests: updates, builds, names, and other users.
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
        // Requests: what is not a v2 workflow.
        (
            "submit_legacy_hpo",
            Row::Differs(
                "an id is sent as a number, and the name and the tag, which the server replaces, are others",
                call!(|c| search(&c)),
                Expect::Answer,
            ),
        ),
        (
            "submit_legacy_stagein",
            Row::Differs(
                "an id is sent as a number",
                call!(|c| stage_in(&c)),
                Expect::Answer,
            ),
        ),
        (
            "submit_v1_hpo_nevergrad",
            Row::Differs(
                V2,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_v1_hpo_plain",
            Row::Differs(
                V2,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_v1_stagein",
            Row::Differs(
                V2,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        // Requests: submission.
        (
            "submit_v1_manager",
            Row::NeverSent("the Python client fails before it sends a v1 workflow"),
        ),
        (
            "submit_v2_hpo_container",
            Row::Differs(
                DRAWN,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_v2_hpo_nevergrad",
            Row::Differs(
                DRAWN,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_v2_hpo_plain",
            Row::Differs(
                DRAWN,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_v2_named_workload",
            Row::Differs(
                DRAWN,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_v2_stagein",
            Row::Differs(
                DRAWN,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_oidc",
            Row::Differs(
                DRAWN,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_same_again",
            Row::Differs(
                DRAWN,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_bad_json",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "submit_empty_body",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "submit_empty_object",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "submit_form_content_type",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "submit_json_list",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "submit_metadata_null",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "submit_request_type_number",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "submit_unknown_class",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "submit_workflow_plain_dict",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "submit_long_name",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "submit_workload_big",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "submit_workload_word",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "submit_no_auth",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
        (
            "submit_name_null",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_name_unicode",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_no_lifetime",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_no_scope",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_no_workflow",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_status_enum_partial",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_status_finished",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_status_unknown",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_username_other",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        (
            "submit_workload_string",
            Row::Differs(
                NOT_A_WORKFLOW,
                call!(|c| c.requests().submit(&workflow())),
                Expect::Answer,
            ),
        ),
        // Requests: questions.
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
