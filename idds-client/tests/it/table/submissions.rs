//! Rows about submissions.

use std::time::Duration;

use idds_client::{Client, ErrorKind, SubmitLegacy};
use idds_workflow::wire::LegacyRequest;
use idds_workflow::{ATLASHPOWork, ATLASStageinWork, Collection, OptSpace, Workflow};

use super::{Expect, Row, call};

const V2: &str =
    "a 2.6.21 server accepts a workflow of the v1 classes and then fails, so it gets those of v2";
const DRAWN: &str =
    "ids, time and names are drawn anew; tests/it/reference compares the payloads with Python's";
const NOT_A_WORKFLOW: &str =
    "the body is made of a workflow, with every field; this was made by hand";

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
    ]
}
