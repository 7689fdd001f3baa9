//! What this client does where the Python client, or a hand, was recorded.

use idds_client::{
    AsyncResult, BoxFuture, Client, CreateWorkflowTask, Detail, Download, Error, ErrorKind, TransformId,
};
use idds_workflow::{
    CollectionRelationType, ContentRelationType, ContentStatus, RequestId, RequestStatus, TransformType, Workflow,
    WorkloadId,
};
use serde_json::{Map, Value, json};

/// Sends a call and forgets its answer.
pub(crate) type Call = Box<dyn Fn(Client) -> BoxFuture<'static, Result<(), Error>>>;

/// What a row says about one recorded exchange.
pub(crate) enum Row {
    /// The call sends what was recorded.
    Same(Call, Expect),
    /// The call that is nearest sends something else, for this reason.
    Differs(&'static str, Call, Expect),
    /// The first call is refused before it is sent, for this reason; the second reads the recorded answer.
    Refused(&'static str, Call, Call, Expect),
    /// Nothing was sent, for this reason.
    NeverSent(&'static str),
    /// The call is not there yet; it is the matter of this.
    Pending(&'static str),
}

/// What the recorded answer means.
#[derive(Debug)]
pub(crate) enum Expect {
    /// It is the answer of the call.
    Answer,
    /// It is an error of this kind.
    Error(ErrorKind),
}

macro_rules! call {
    (|$client:ident| $call:expr) => {
        Box::new(|$client: Client| Box::pin(async move { $call.await.map(|_| ()) }))
    };
}

const COMMANDS: &str = "commands on requests";
const RELAYS: &str = "headers that name the original user";
const SUBMISSIONS: &str = "submission of what is not a v2 workflow";
const DRAWN: &str = "ids, time and names are drawn anew; tests/it/reference compares the payloads with Python's";
const NOT_A_WORKFLOW: &str = "the body is made of a workflow, with every field; this was made by hand";
const IDS_ARE_NUMBERS: &str = "an id is a number that fits";
const OTHER_SPELLING: &str = "the path is always that of the Python client";
const A_TARGET_IS_NEEDED: &str = "what is not said to be of one request is everything of everybody, or a failure";
const FILTERED_HERE: &str = "the filters of the server fail, so the answer is filtered here";
const SAME_NUMBER: &str = "it is spelled as Rust spells it, and Python reads the same number";
const NOT_A_LOSS: &str = "the server would store it and then send what is not JSON";
const NOT_A_POINT: &str = "it would reach another route or mean any";
const A_LOSS_IS_A_NUMBER: &str = "the type of a loss is a number";
const NULL_NOT_NONE: &str = "the Python client spells what is missing None, which the server looks for as a number";
const RESULTS_ONLY: &str = "a list is of results, since the server fails for any other";
const NOT_A_FILE_NAME: &str = "a name is not a path";
const OLD_TOKEN: &str = "the old ID token is not needed for a new one, and may have expired";

fn workflow() -> Workflow {
    Workflow::builder().name("demo").build().expect("a workflow")
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!("an object, not {value}") };
    object
}

fn task(client: &Client) -> CreateWorkflowTask {
    let task = client.workflow_tasks().create("EIC", "fast.task").requester("panda").username("idds-test");
    let task = task.transform_tag("workflow").cloud("US").campaign("c").campaign_scope("s").campaign_group("g");
    task.campaign_tag("t").run_id("20250101").core_count(1).memory_per_core(2000.0).site("SITE")
}

async fn file(download: Download) -> Result<(), Error> {
    download.body().await?.collect().await.map(|_| ())
}

/// Returns a row for every file in `tests/traffic`.
pub(crate) fn table() -> Vec<(&'static str, Row)> {
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
            Row::Same(call!(|c| c.requests().get(RequestId::new(1)).detail(Detail::Collections)), Expect::Answer),
        ),
        (
            "get_requests_detail_True_metadata_True",
            Row::Same(
                call!(|c| c.requests().get(RequestId::new(1)).detail(Detail::Collections).metadata()),
                Expect::Answer,
            ),
        ),
        (
            "get_requests_finished_detail",
            Row::Same(call!(|c| c.requests().get(RequestId::new(22)).detail(Detail::Collections)), Expect::Answer),
        ),
        (
            "get_status_detail",
            Row::Same(call!(|c| c.requests().get(RequestId::new(1)).detail(Detail::Collections)), Expect::Answer),
        ),
        (
            "get_requests_with_processing",
            Row::Same(call!(|c| c.requests().get(RequestId::new(1)).detail(Detail::Processings)), Expect::Answer),
        ),
        (
            "get_requests_with_transform",
            Row::Same(call!(|c| c.requests().get(RequestId::new(1)).detail(Detail::Transforms)), Expect::Answer),
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
        // Hyperparameters.
        ("hpo_get_all", Row::Same(call!(|c| c.hpo().get(RequestId::new(1))), Expect::Answer)),
        ("hpo_get_after_put", Row::Same(call!(|c| c.hpo().get(RequestId::new(1)).id("1")), Expect::Answer)),
        ("hpo_get_id", Row::Same(call!(|c| c.hpo().get(RequestId::new(1)).id("3")), Expect::Answer)),
        ("hpo_get_id_unknown", Row::Same(call!(|c| c.hpo().get(RequestId::new(1)).id("999")), Expect::Answer)),
        ("hpo_get_inf", Row::Same(call!(|c| c.hpo().get(RequestId::new(1)).id("3")), Expect::Answer)),
        ("hpo_get_nan", Row::Same(call!(|c| c.hpo().get(RequestId::new(1)).id("3")), Expect::Answer)),
        ("hpo_get_underscore", Row::Same(call!(|c| c.hpo().get(RequestId::new(1)).id("3")), Expect::Answer)),
        ("hpo_get_negative", Row::Same(call!(|c| c.hpo().get(RequestId::new(1)).id("2")), Expect::Answer)),
        ("hpo_get_by_workload", Row::Same(call!(|c| c.hpo().get(WorkloadId::new(77_000_001))), Expect::Answer)),
        ("hpo_get_unknown_request", Row::Same(call!(|c| c.hpo().get(RequestId::new(99_999_999))), Expect::Answer)),
        (
            "hpo_get_wrong_workload",
            Row::Same(call!(|c| c.hpo().get((RequestId::new(1), WorkloadId::new(77_000_001)))), Expect::Answer),
        ),
        (
            "hpo_get_bad_request_id",
            Row::Differs(IDS_ARE_NUMBERS, call!(|c| c.hpo().get(RequestId::new(1))), Expect::Error(ErrorKind::Refused)),
        ),
        (
            "hpo_get_both_null",
            Row::Differs(A_TARGET_IS_NEEDED, call!(|c| c.hpo().get(RequestId::new(1))), Expect::Answer),
        ),
        ("hpo_get_both_null_client", Row::NeverSent("the Python client asks for one of both ids; here the type does")),
        (
            "hpo_get_limit",
            Row::Differs(
                FILTERED_HERE,
                call!(|c| c.hpo().get(RequestId::new(1)).limit(2)),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "hpo_get_limit_none_there",
            Row::Differs(FILTERED_HERE, call!(|c| c.hpo().get(RequestId::new(3)).limit(2)), Expect::Answer),
        ),
        (
            "hpo_get_status_enum",
            Row::Differs(
                FILTERED_HERE,
                call!(|c| c.hpo().get(RequestId::new(1)).open()),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "hpo_get_status_name",
            Row::Differs(
                FILTERED_HERE,
                call!(|c| c.hpo().get(RequestId::new(1)).open()),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "hpo_get_status_new_number",
            Row::Differs(
                FILTERED_HERE,
                call!(|c| c.hpo().get(RequestId::new(1)).open()),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "hpo_get_status_available_number",
            Row::Differs(
                FILTERED_HERE,
                call!(|c| c.hpo().get(RequestId::new(1)).evaluated()),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        ("hpo_put", Row::Same(call!(|c| c.hpo().update(RequestId::new(1), &"1".into(), 0.5)), Expect::Answer)),
        ("hpo_put_again", Row::Same(call!(|c| c.hpo().update(RequestId::new(1), &"1".into(), 0.25)), Expect::Answer)),
        (
            "hpo_put_no_auth",
            Row::Same(
                call!(|c| c.hpo().update(RequestId::new(1), &"1".into(), 1.0)),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
        (
            "hpo_put_negative",
            Row::Differs(
                SAME_NUMBER,
                call!(|c| c.hpo().update(RequestId::new(1), &"2".into(), -3.5e300)),
                Expect::Answer,
            ),
        ),
        (
            "hpo_put_small",
            Row::Differs(SAME_NUMBER, call!(|c| c.hpo().update(RequestId::new(1), &"2".into(), 1e-5)), Expect::Answer),
        ),
        (
            "hpo_put_other_user",
            Row::Differs(SAME_NUMBER, call!(|c| c.hpo().update(RequestId::new(1), &"1".into(), 7.0)), Expect::Answer),
        ),
        (
            "hpo_put_space",
            Row::Differs(SAME_NUMBER, call!(|c| c.hpo().update(RequestId::new(1), &"3".into(), 1.0)), Expect::Answer),
        ),
        (
            "hpo_put_underscore",
            Row::Differs(SAME_NUMBER, call!(|c| c.hpo().update(RequestId::new(1), &"3".into(), 1.0)), Expect::Answer),
        ),
        (
            "hpo_put_unknown_id",
            Row::Same(
                call!(|c| c.hpo().update(RequestId::new(1), &"999".into(), 1.0)),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "hpo_put_unknown_request",
            Row::Same(
                call!(|c| c.hpo().update(RequestId::new(99_999_999), &"1".into(), 1.0)),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "hpo_put_inf",
            Row::Refused(
                NOT_A_LOSS,
                call!(|c| c.hpo().update(RequestId::new(1), &"3".into(), f64::INFINITY)),
                call!(|c| c.hpo().update(RequestId::new(1), &"3".into(), 1.0)),
                Expect::Answer,
            ),
        ),
        (
            "hpo_put_nan",
            Row::Refused(
                NOT_A_LOSS,
                call!(|c| c.hpo().update(RequestId::new(1), &"3".into(), f64::NAN)),
                call!(|c| c.hpo().update(RequestId::new(1), &"3".into(), 1.0)),
                Expect::Answer,
            ),
        ),
        (
            "hpo_put_overflow",
            Row::Refused(
                NOT_A_LOSS,
                call!(|c| c.hpo().update(RequestId::new(1), &"3".into(), f64::INFINITY)),
                call!(|c| c.hpo().update(RequestId::new(1), &"3".into(), 1.0)),
                Expect::Answer,
            ),
        ),
        (
            "hpo_put_id_empty",
            Row::Refused(
                NOT_A_POINT,
                call!(|c| c.hpo().update(RequestId::new(1), &"".into(), 1.0)),
                call!(|c| c.hpo().update(RequestId::new(1), &"1".into(), 2.0)),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "hpo_put_id_null",
            Row::Refused(
                NOT_A_POINT,
                call!(|c| c.hpo().update(RequestId::new(1), &"null".into(), 1.0)),
                call!(|c| c.hpo().update(RequestId::new(1), &"1".into(), 1.0)),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "hpo_put_comma",
            Row::Differs(
                A_LOSS_IS_A_NUMBER,
                call!(|c| c.hpo().update(RequestId::new(1), &"3".into(), 1.0)),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "hpo_put_hex",
            Row::Differs(
                A_LOSS_IS_A_NUMBER,
                call!(|c| c.hpo().update(RequestId::new(1), &"3".into(), 1.0)),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "hpo_put_null",
            Row::Differs(
                A_LOSS_IS_A_NUMBER,
                call!(|c| c.hpo().update(RequestId::new(1), &"3".into(), 1.0)),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "hpo_put_word",
            Row::Differs(
                A_LOSS_IS_A_NUMBER,
                call!(|c| c.hpo().update(RequestId::new(1), &"3".into(), 1.0)),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "hpo_put_post",
            Row::Differs(
                "the method is PUT",
                call!(|c| c.hpo().update(RequestId::new(1), &"1".into(), 1.0)),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "hpo_put_both_null",
            Row::Differs(
                A_TARGET_IS_NEEDED,
                call!(|c| c.hpo().update(RequestId::new(1), &"1".into(), 1.0)),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "hpo_put_by_workload",
            Row::Differs(
                "the request is looked up first: the server changes the first of several",
                call!(|c| c.hpo().update((RequestId::new(8), WorkloadId::new(77_000_001)), &"1".into(), 2.5)),
                Expect::Answer,
            ),
        ),
        // Transforms.
        (
            "get_transform",
            Row::Same(call!(|c| c.transforms().get(RequestId::new(1), TransformId::new(1))), Expect::Answer),
        ),
        (
            "get_transform_unknown",
            Row::Same(call!(|c| c.transforms().get(RequestId::new(1), TransformId::new(99_999_999))), Expect::Answer),
        ),
        ("get_transforms", Row::Same(call!(|c| c.transforms().list(RequestId::new(1))), Expect::Answer)),
        (
            "get_transforms_unknown",
            Row::Same(call!(|c| c.transforms().list(RequestId::new(99_999_999))), Expect::Answer),
        ),
        ("get_transforms_manager", Row::NeverSent("the Python client calls itself with a wrong argument")),
        (
            "get_transforms_null",
            Row::Differs(
                A_TARGET_IS_NEEDED,
                call!(|c| c.transforms().list(RequestId::new(1))),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "add_transform",
            Row::Differs(
                "all the fields of the Python client are sent; this was made by hand",
                call!(|c| c.transforms().add(RequestId::new(1), "x".into(), TransformType::Workflow)),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "add_transform_no_token",
            Row::Differs(
                "the type asks for the token",
                call!(|c| c.transforms().add(RequestId::new(1), "x".into(), TransformType::Workflow)),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        // Catalog.
        (
            "get_collections",
            Row::Same(call!(|c| c.catalog().collections().request_id(RequestId::new(1))), Expect::Answer),
        ),
        (
            "get_collections_unknown",
            Row::Same(call!(|c| c.catalog().collections().request_id(RequestId::new(99_999_999))), Expect::Answer),
        ),
        (
            "get_collections_output",
            Row::Same(
                call!(|c| c
                    .catalog()
                    .collections()
                    .request_id(RequestId::new(1))
                    .relation_type(CollectionRelationType::Output)),
                Expect::Answer,
            ),
        ),
        (
            "get_collections_all_null",
            Row::Refused(
                A_TARGET_IS_NEEDED,
                call!(|c| c.catalog().collections()),
                call!(|c| c.catalog().collections().request_id(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "get_collections_bad_id",
            Row::Differs(
                IDS_ARE_NUMBERS,
                call!(|c| c.catalog().collections().request_id(RequestId::new(1))),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        ("get_contents", Row::Same(call!(|c| c.catalog().contents().request_id(RequestId::new(1))), Expect::Answer)),
        (
            "get_contents_unknown",
            Row::Same(call!(|c| c.catalog().contents().request_id(RequestId::new(99_999_999))), Expect::Answer),
        ),
        (
            "get_contents_by_collection",
            Row::Same(
                call!(|c| c.catalog().contents().scope("HPO").name("hpo.2026_11_22_12_19_00_488217470output.0..1")),
                Expect::Answer,
            ),
        ),
        (
            "get_contents_output_new",
            Row::Same(
                call!(|c| c
                    .catalog()
                    .contents()
                    .request_id(RequestId::new(1))
                    .relation_type(ContentRelationType::Output)
                    .status(ContentStatus::New)),
                Expect::Answer,
            ),
        ),
        (
            "get_contents_output_ext",
            Row::Same(call!(|c| c.catalog().contents_output_ext(RequestId::new(1))), Expect::Answer),
        ),
        (
            "get_contents_output_ext_jedi",
            Row::Differs(
                "each output says its task, and the server fails to sort tasks and none",
                call!(|c| c.catalog().contents_output_ext(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "get_contents_output_ext_null",
            Row::Differs(
                A_TARGET_IS_NEEDED,
                call!(|c| c.catalog().contents_output_ext(RequestId::new(1))),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        // Messages.
        (
            "messages_get",
            Row::Differs(
                NULL_NOT_NONE,
                call!(|c| c.messages().get(RequestId::new(1))),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "messages_get_other_user",
            Row::Differs(
                NULL_NOT_NONE,
                call!(|c| c.messages().get(RequestId::new(1))),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
        (
            "messages_get_unknown",
            Row::Differs(
                NULL_NOT_NONE,
                call!(|c| c.messages().get(RequestId::new(99_999_999))),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "messages_get_ids",
            Row::Same(
                call!(|c| c
                    .messages()
                    .get(RequestId::new(1))
                    .transform_id(TransformId::new(1))
                    .internal_id("abcd1234")),
                Expect::Answer,
            ),
        ),
        (
            "messages_get_ids_null",
            Row::Same(
                call!(|c| c
                    .messages()
                    .get(RequestId::new(1))
                    .transform_id(TransformId::new(1))
                    .internal_id("abcd1234")),
                Expect::Answer,
            ),
        ),
        ("messages_get_null", Row::Same(call!(|c| c.messages().get(RequestId::new(1))), Expect::Answer)),
        (
            "messages_request_null",
            Row::Differs(
                A_TARGET_IS_NEEDED,
                call!(|c| c.messages().get(RequestId::new(1))),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "messages_send",
            Row::Same(
                call!(|c| c.messages().send(RequestId::new(1), [AsyncResult::new(json!({"x": 1}))])),
                Expect::Answer,
            ),
        ),
        (
            "messages_send_ids",
            Row::Same(
                call!(|c| c
                    .messages()
                    .send(RequestId::new(1), [AsyncResult::new(json!({"y": [1, 2]}))])
                    .transform_id(TransformId::new(1))
                    .internal_id("abcd1234")),
                Expect::Answer,
            ),
        ),
        (
            "messages_send_other_user",
            Row::Same(
                call!(|c| c.messages().send(RequestId::new(1), [AsyncResult::empty()])),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
        (
            "messages_send_dict",
            Row::Same(
                call!(|c| c.messages().send_to_clerk(RequestId::new(1), object(json!({"hello": "world"})))),
                Expect::Answer,
            ),
        ),
        (
            "messages_send_empty_list",
            Row::Refused(
                "the server fails for an empty list",
                call!(|c| c.messages().send(RequestId::new(1), [])),
                call!(|c| c.messages().send(RequestId::new(1), [AsyncResult::new(json!({"x": 1}))])),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "messages_send_command_unknown_status",
            Row::Refused(
                "a command has a call of its own",
                call!(|c| c
                    .messages()
                    .send_to_clerk(RequestId::new(1), object(json!({"command": "update_request", "parameters": {}})))),
                call!(|c| c.messages().send(RequestId::new(1), [AsyncResult::new(json!({"x": 1}))])),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "messages_send_bad_json",
            Row::Differs(
                RESULTS_ONLY,
                call!(|c| c.messages().send(RequestId::new(1), [AsyncResult::new(json!({"x": 1}))])),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "messages_send_empty",
            Row::Differs(
                RESULTS_ONLY,
                call!(|c| c.messages().send(RequestId::new(1), [AsyncResult::new(json!({"x": 1}))])),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "messages_send_plain",
            Row::Differs(
                RESULTS_ONLY,
                call!(|c| c.messages().send(RequestId::new(1), [AsyncResult::new(json!({"x": 1}))])),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "messages_send_resume_enum",
            Row::Same(
                call!(|c| c.messages().update_request(RequestId::new(1), RequestStatus::ToResume)),
                Expect::Answer,
            ),
        ),
        (
            "messages_send_suspend_enum",
            Row::Same(
                call!(|c| c.messages().update_request(RequestId::new(21), RequestStatus::ToSuspend)),
                Expect::Answer,
            ),
        ),
        (
            "messages_send_suspend",
            Row::Differs(
                "the server ignores a state that is a plain number",
                call!(|c| c.messages().update_request(RequestId::new(1), RequestStatus::ToSuspend)),
                Expect::Answer,
            ),
        ),
        // Cacher and logs.
        ("cacher_download", Row::Same(call!(|c| file(c.cacher().download("hello.txt"))), Expect::Answer)),
        ("cacher_download_other_user", Row::Same(call!(|c| file(c.cacher().download("hello.txt"))), Expect::Answer)),
        ("cacher_download_binary", Row::Same(call!(|c| file(c.cacher().download("hello.bin"))), Expect::Answer)),
        ("cacher_download_form", Row::Same(call!(|c| file(c.cacher().download("form.txt"))), Expect::Answer)),
        (
            "cacher_download_client",
            Row::Same(call!(|c| file(c.cacher().download("hello2.txt"))), Expect::Error(ErrorKind::Unauthorized)),
        ),
        (
            "cacher_download_unknown",
            Row::Same(call!(|c| file(c.cacher().download("nothing.txt"))), Expect::Error(ErrorKind::NotFound)),
        ),
        (
            "cacher_download_parent",
            Row::Refused(
                NOT_A_FILE_NAME,
                call!(|c| file(c.cacher().download("../etc/idds.cfg"))),
                call!(|c| file(c.cacher().download("x"))),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "cacher_download_range",
            Row::Differs(
                "a part is asked for only to go on after a break",
                call!(|c| file(c.cacher().download("hello.txt"))),
                Expect::Answer,
            ),
        ),
        ("cacher_upload", Row::Same(call!(|c| c.cacher().upload_body("hello.txt", "hello\nworld\n")), Expect::Answer)),
        (
            "cacher_upload_client",
            Row::Same(
                call!(|c| c.cacher().upload_body("hello.txt", "hello\nworld\n")),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
        (
            "cacher_upload_octets",
            Row::Same(call!(|c| c.cacher().upload_body("hello.bin", (0..=255).collect::<Vec<u8>>())), Expect::Answer),
        ),
        (
            "cacher_upload_form",
            Row::Differs(
                "with the content type of a form the server stores an empty file",
                call!(|c| c.cacher().upload_body("form.txt", "hello")),
                Expect::Answer,
            ),
        ),
        (
            "cacher_upload_subdirectory",
            Row::Refused(
                NOT_A_FILE_NAME,
                call!(|c| c.cacher().upload_body("a/b.txt", "x")),
                call!(|c| c.cacher().upload_body("b.txt", "x")),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        ("logs_download", Row::Same(call!(|c| file(c.logs().download(RequestId::new(1)))), Expect::Answer)),
        (
            "logs_download_workload",
            Row::Same(call!(|c| file(c.logs().download(WorkloadId::new(77_000_001)))), Expect::Answer),
        ),
        (
            "logs_download_none",
            Row::Same(call!(|c| file(c.logs().download(RequestId::new(3)))), Expect::Error(ErrorKind::NotFound)),
        ),
        (
            "logs_download_unknown",
            Row::Same(
                call!(|c| file(c.logs().download(RequestId::new(99_999_999)))),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "logs_both_null",
            Row::Differs(
                A_TARGET_IS_NEEDED,
                call!(|c| file(c.logs().download(RequestId::new(1)))),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        // Settings, monitor and tasks.
        ("metainfo_asyncresult", Row::Same(call!(|c| c.metainfo().asyncresult_config()), Expect::Answer)),
        ("metainfo_prompt_broker", Row::Same(call!(|c| c.metainfo().prompt_broker()), Expect::Answer)),
        (
            "metainfo_unknown",
            Row::Differs(
                "only what the server knows can be asked for",
                call!(|c| c.metainfo().prompt_broker()),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        ("monitor", Row::Same(call!(|c| c.monitor().requests(RequestId::new(1))), Expect::Answer)),
        ("monitor_no_auth", Row::Same(call!(|c| c.monitor().request_statistics(RequestId::new(1))), Expect::Answer)),
        (
            "workflow_task_adjust",
            Row::Same(
                call!(|c| c
                    .workflow_tasks()
                    .adjust(RequestId::new(23), TransformId::new(9))
                    .core_count(2)
                    .memory_per_core(1000.0)
                    .site("OTHER")),
                Expect::Answer,
            ),
        ),
        (
            "workflow_task_adjust_unknown",
            Row::Same(
                call!(|c| c
                    .workflow_tasks()
                    .adjust(RequestId::new(99_999_999), TransformId::new(99_999_999))
                    .core_count(2)),
                Expect::Answer,
            ),
        ),
        (
            "workflow_task_close",
            Row::Same(
                call!(|c| c.workflow_tasks().close(RequestId::new(23)).transform_id(TransformId::new(9))),
                Expect::Answer,
            ),
        ),
        (
            "workflow_task_close_unknown",
            Row::Same(call!(|c| c.workflow_tasks().close(RequestId::new(99_999_999))), Expect::Answer),
        ),
        (
            "workflow_task_close_old",
            Row::Differs(
                "this is the path of older servers",
                call!(|c| c.workflow_tasks().close(RequestId::new(23))),
                Expect::Answer,
            ),
        ),
        ("workflow_task_create", Row::Same(call!(|c| task(&c)), Expect::Answer)),
        (
            "workflow_task_create_bad_json",
            Row::Differs("the body is made of a task", call!(|c| task(&c)), Expect::Error(ErrorKind::Refused)),
        ),
        (
            "workflow_task_create_empty",
            Row::Differs("the body is made of a task", call!(|c| task(&c)), Expect::Error(ErrorKind::Refused)),
        ),
        (
            "workflow_task_create_no_workflow",
            Row::Differs("the body is made of a task", call!(|c| task(&c)), Expect::Error(ErrorKind::Refused)),
        ),
        // Signing in.
        ("auth_url", Row::Same(call!(|c| c.auth().sign_in_url("test")), Expect::Answer)),
        (
            "auth_url_unknown_vo",
            Row::Same(call!(|c| c.auth().sign_in_url("nobody")), Expect::Error(ErrorKind::Refused)),
        ),
        (
            "auth_url_x509",
            Row::Differs(
                "only OpenID Connect has an address to sign in",
                call!(|c| c.auth().sign_in_url("test")),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "auth_token",
            Row::Same(call!(|c| c.auth().token("test", "Q-IdQmRFjt9-Hai_Kvj2XzWB_sFW5AjOwwvO1t2meRq")), Expect::Answer),
        ),
        (
            "auth_token_denied",
            Row::Same(
                call!(|c| c.auth().token("test", "F9E5RJtUGTJRMugGjNp_xZZwLSodNIKFps_y-5Z0fRW")),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "auth_token_pending",
            Row::Same(
                call!(|c| c.auth().token("test", "Q-IdQmRFjt9-Hai_Kvj2XzWB_sFW5AjOwwvO1t2meRq")),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "auth_token_used",
            Row::Same(
                call!(|c| c.auth().token("test", "Q-IdQmRFjt9-Hai_Kvj2XzWB_sFW5AjOwwvO1t2meRq")),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "auth_token_unknown",
            Row::Same(call!(|c| c.auth().token("test", "nothing")), Expect::Error(ErrorKind::Refused)),
        ),
        (
            "auth_refresh",
            Row::Differs(
                OLD_TOKEN,
                call!(|c| c.auth().refresh("test", "ljdukbgJ29nTDsonTi_hvtLsOT63cC2CRfr11iaPg4i")),
                Expect::Answer,
            ),
        ),
        (
            "auth_refresh_revoked",
            Row::Differs(
                OLD_TOKEN,
                call!(|c| c.auth().refresh("test", "mQropModX4g0-3yZtkq0Ytkg2GtQZIMnnPLDmqrZrhi")),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "auth_refresh_unknown",
            Row::Differs(OLD_TOKEN, call!(|c| c.auth().refresh("test", "nothing")), Expect::Error(ErrorKind::Refused)),
        ),
        (
            "auth_refresh_form",
            Row::Differs(
                "the body is sent as JSON",
                call!(|c| c.auth().refresh("test", "x")),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "auth_refresh_no_key",
            Row::Differs(
                "the type asks for the refresh token",
                call!(|c| c.auth().refresh("test", "x")),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        // Whether the server is there.
        ("ping", Row::Same(call!(|c| c.ping()), Expect::Answer)),
        ("ping_header_dn", Row::Same(call!(|c| c.ping()), Expect::Answer)),
        ("ping_json_outputs", Row::Same(call!(|c| c.ping()), Expect::Answer)),
        ("ping_oidc", Row::Same(call!(|c| c.ping()), Expect::Answer)),
        ("ping_proxy", Row::Same(call!(|c| c.ping()), Expect::Answer)),
        ("ping_banned_dn", Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized))),
        ("ping_header_dn_only", Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized))),
        ("ping_no_certificate", Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized))),
        ("ping_oidc_access_token", Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized))),
        ("ping_oidc_bad_signature", Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized))),
        ("ping_oidc_bearer", Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized))),
        ("ping_oidc_garbage", Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized))),
        ("ping_oidc_no_token", Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized))),
        ("ping_oidc_no_vo", Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized))),
        ("ping_oidc_unknown_vo", Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized))),
        ("ping_unknown_auth_type", Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized))),
        ("ping_unknown_dn", Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized))),
        ("ping_post", Row::Differs("the method is GET", call!(|c| c.ping()), Expect::Error(ErrorKind::Refused))),
        (
            "trailing_slash",
            Row::Differs("no call has this path", call!(|c| c.ping()), Expect::Error(ErrorKind::NotFound)),
        ),
        (
            "unknown_route",
            Row::Differs("no call has this path", call!(|c| c.ping()), Expect::Error(ErrorKind::NotFound)),
        ),
        (
            "unknown_route_no_auth",
            Row::Differs("no call has this path", call!(|c| c.ping()), Expect::Error(ErrorKind::NotFound)),
        ),
    ]
}
