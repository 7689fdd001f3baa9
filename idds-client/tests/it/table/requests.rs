//! Rows about requests.

use idds_client::ErrorKind;
use idds_workflow::{RequestId, Workflow, WorkloadId};

use super::{Expect, Row, call};

const COMMANDS: &str = "commands on requests";
const RELAYS: &str = "headers that name the original user";
const SUBMISSIONS: &str = "submission of what is not a v2 workflow";
const DRAWN: &str = "ids, time and names are drawn anew; tests/it/reference compares the payloads with Python's";
const NOT_A_WORKFLOW: &str = "the body is made of a workflow, with every field; this was made by hand";
const IDS_ARE_NUMBERS: &str = "an id is a number that fits";
const OTHER_SPELLING: &str = "the path is always that of the Python client";

fn workflow() -> Workflow {
    Workflow::builder().name("demo").build().expect("a workflow")
}

pub(super) fn rows() -> Vec<(&'static str, Row)> {
    vec![
        // Requests: commands, updates, builds and names.
        ("abort", Row::Pending(COMMANDS)),
        ("abort_bad_id", Row::Pending(COMMANDS)),
        ("abort_finished", Row::Pending(COMMANDS)),
        ("abort_other_user", Row::Pending(COMMANDS)),
        ("abort_super_user", Row::Pending(COMMANDS)),
        ("abort_task", Row::Pending(COMMANDS)),
        ("abort_task_literal", Row::Pending(COMMANDS)),
        ("abort_unknown", Row::Pending(COMMANDS)),
        ("abort_workload", Row::Pending(COMMANDS)),
        ("abort_x509_of_oidc", Row::Pending(COMMANDS)),
        ("build_empty", Row::Pending(COMMANDS)),
        ("build_not_a_build", Row::Pending(COMMANDS)),
        ("build_unknown", Row::Pending(COMMANDS)),
        ("close", Row::Pending(COMMANDS)),
        ("close_no_auth", Row::Pending(COMMANDS)),
        ("close_other_user", Row::Pending(COMMANDS)),
        ("close_unknown", Row::Pending(COMMANDS)),
        ("get_request_id_by_name", Row::Pending(COMMANDS)),
        ("get_request_id_by_name_slash", Row::Pending(COMMANDS)),
        ("get_request_id_by_name_underscore", Row::Pending(COMMANDS)),
        ("get_request_id_by_name_unknown", Row::Pending(COMMANDS)),
        ("get_request_id_by_name_wildcard", Row::Pending(COMMANDS)),
        ("retry", Row::Pending(COMMANDS)),
        ("retry_other_user", Row::Pending(COMMANDS)),
        ("retry_unknown", Row::Pending(COMMANDS)),
        ("retry_workload", Row::Pending(COMMANDS)),
        ("submit_username_other_abort", Row::Pending(COMMANDS)),
        ("update_request_bad_json", Row::Pending(COMMANDS)),
        ("update_request_cancel", Row::Pending(COMMANDS)),
        ("update_request_empty", Row::Pending(COMMANDS)),
        ("update_request_finish", Row::Pending(COMMANDS)),
        ("update_request_null", Row::Pending(COMMANDS)),
        ("update_request_number", Row::Pending(COMMANDS)),
        ("update_request_other_user", Row::Pending(COMMANDS)),
        ("update_request_resume", Row::Pending(COMMANDS)),
        ("update_request_super_user", Row::Pending(COMMANDS)),
        ("update_request_suspend", Row::Pending(COMMANDS)),
        ("update_request_unknown", Row::Pending(COMMANDS)),
        ("get_requests_both_null", Row::Pending(COMMANDS)),
        ("get_requests_both_null_broken", Row::Pending(COMMANDS)),
        ("get_requests_all_flags", Row::Pending(COMMANDS)),
        ("abort_both_none", Row::NeverSent("the Python client asks for one of both ids")),
        ("relay_not_super", Row::Pending(RELAYS)),
        ("relay_other_username", Row::Pending(RELAYS)),
        ("submit_legacy_hpo", Row::Pending(SUBMISSIONS)),
        ("submit_legacy_stagein", Row::Pending(SUBMISSIONS)),
        ("submit_v1_hpo_nevergrad", Row::Pending(SUBMISSIONS)),
        ("submit_v1_hpo_plain", Row::Pending(SUBMISSIONS)),
        ("submit_v1_stagein", Row::Pending(SUBMISSIONS)),
        // Requests: submission.
        ("submit_v1_manager", Row::NeverSent("the Python client fails before it sends a v1 workflow")),
        ("submit_v2_hpo_container", Row::Differs(DRAWN, call!(|c| c.requests().submit(&workflow())), Expect::Answer)),
        ("submit_v2_hpo_nevergrad", Row::Differs(DRAWN, call!(|c| c.requests().submit(&workflow())), Expect::Answer)),
        ("submit_v2_hpo_plain", Row::Differs(DRAWN, call!(|c| c.requests().submit(&workflow())), Expect::Answer)),
        ("submit_v2_named_workload", Row::Differs(DRAWN, call!(|c| c.requests().submit(&workflow())), Expect::Answer)),
        ("submit_v2_stagein", Row::Differs(DRAWN, call!(|c| c.requests().submit(&workflow())), Expect::Answer)),
        ("submit_oidc", Row::Differs(DRAWN, call!(|c| c.requests().submit(&workflow())), Expect::Answer)),
        ("submit_same_again", Row::Differs(DRAWN, call!(|c| c.requests().submit(&workflow())), Expect::Answer)),
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
        ("submit_name_null", Row::Differs(NOT_A_WORKFLOW, call!(|c| c.requests().submit(&workflow())), Expect::Answer)),
        (
            "submit_name_unicode",
            Row::Differs(NOT_A_WORKFLOW, call!(|c| c.requests().submit(&workflow())), Expect::Answer),
        ),
        (
            "submit_no_lifetime",
            Row::Differs(NOT_A_WORKFLOW, call!(|c| c.requests().submit(&workflow())), Expect::Answer),
        ),
        ("submit_no_scope", Row::Differs(NOT_A_WORKFLOW, call!(|c| c.requests().submit(&workflow())), Expect::Answer)),
        (
            "submit_no_workflow",
            Row::Differs(NOT_A_WORKFLOW, call!(|c| c.requests().submit(&workflow())), Expect::Answer),
        ),
        (
            "submit_status_enum_partial",
            Row::Differs(NOT_A_WORKFLOW, call!(|c| c.requests().submit(&workflow())), Expect::Answer),
        ),
        (
            "submit_status_finished",
            Row::Differs(NOT_A_WORKFLOW, call!(|c| c.requests().submit(&workflow())), Expect::Answer),
        ),
        (
            "submit_status_unknown",
            Row::Differs(NOT_A_WORKFLOW, call!(|c| c.requests().submit(&workflow())), Expect::Answer),
        ),
        (
            "submit_username_other",
            Row::Differs(NOT_A_WORKFLOW, call!(|c| c.requests().submit(&workflow())), Expect::Answer),
        ),
        (
            "submit_workload_string",
            Row::Differs(NOT_A_WORKFLOW, call!(|c| c.requests().submit(&workflow())), Expect::Answer),
        ),
        // Requests: questions.
        ("get_requests_after_abort", Row::Same(call!(|c| c.requests().get(RequestId::new(2))), Expect::Answer)),
        (
            "get_requests_after_abort_finished",
            Row::Same(call!(|c| c.requests().get(RequestId::new(22))), Expect::Answer),
        ),
        ("get_requests_after_close", Row::Same(call!(|c| c.requests().get(RequestId::new(8))), Expect::Answer)),
        (
            "get_requests_after_message_suspend",
            Row::Same(call!(|c| c.requests().get(RequestId::new(21))), Expect::Answer),
        ),
        ("get_requests_after_retry", Row::Same(call!(|c| c.requests().get(RequestId::new(2))), Expect::Answer)),
        (
            "get_requests_after_update_request",
            Row::Same(call!(|c| c.requests().get(RequestId::new(1))), Expect::Answer),
        ),
        (
            "get_requests_detail_False_metadata_False",
            Row::Same(call!(|c| c.requests().get(RequestId::new(1))), Expect::Answer),
        ),
        ("get_requests_failed", Row::Same(call!(|c| c.requests().get(RequestId::new(3))), Expect::Answer)),
        ("get_requests_failed_v1", Row::Same(call!(|c| c.requests().get(RequestId::new(6))), Expect::Answer)),
        ("get_requests_finished", Row::Same(call!(|c| c.requests().get(RequestId::new(22))), Expect::Answer)),
        ("get_requests_legacy", Row::Same(call!(|c| c.requests().get(RequestId::new(10))), Expect::Answer)),
        ("get_requests_oidc", Row::Same(call!(|c| c.requests().get(RequestId::new(24))), Expect::Answer)),
        ("get_requests_other_user", Row::Same(call!(|c| c.requests().get(RequestId::new(1))), Expect::Answer)),
        ("get_requests_unknown", Row::Same(call!(|c| c.requests().get(RequestId::new(99_999_999))), Expect::Answer)),
        ("get_requests_zero", Row::Same(call!(|c| c.requests().get(RequestId::new(0))), Expect::Answer)),
        ("get_status", Row::Same(call!(|c| c.requests().get(RequestId::new(1))), Expect::Answer)),
        ("get_requests_workload", Row::Same(call!(|c| c.requests().get(WorkloadId::new(77_000_001))), Expect::Answer)),
        (
            "get_requests_largest_id",
            Row::Same(call!(|c| c.requests().get(RequestId::new(u64::MAX))), Expect::Error(ErrorKind::NotFound)),
        ),
        (
            "get_requests_detail_False_metadata_True",
            Row::Same(call!(|c| c.requests().get(RequestId::new(1)).metadata()), Expect::Answer),
        ),
        (
            "get_requests_detail_True_metadata_False",
            Row::Same(call!(|c| c.requests().get(RequestId::new(1)).collections()), Expect::Answer),
        ),
        (
            "get_requests_detail_True_metadata_True",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(1)).collections().metadata()),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_finished_detail",
            Row::Same(call!(|c| c.requests().get(RequestId::new(22)).collections()), Expect::Answer),
        ),
        (
            "get_status_detail",
            Row::Same(call!(|c| c.requests().get(RequestId::new(1)).collections()), Expect::Answer),
        ),
        (
            "get_requests_with_processing",
            Row::Same(call!(|c| c.requests().get(RequestId::new(1)).processings()), Expect::Answer),
        ),
        (
            "get_requests_with_transform",
            Row::Same(call!(|c| c.requests().get(RequestId::new(1)).transforms()), Expect::Answer),
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
            Row::Differs(OTHER_SPELLING, call!(|c| c.requests().get(RequestId::new(1))), Expect::Answer),
        ),
        (
            "get_requests_lower_case_flags",
            Row::Differs(OTHER_SPELLING, call!(|c| c.requests().get(RequestId::new(1))), Expect::Answer),
        ),
        (
            "get_requests_three_parts",
            Row::Differs(OTHER_SPELLING, call!(|c| c.requests().get(RequestId::new(1))), Expect::Answer),
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
