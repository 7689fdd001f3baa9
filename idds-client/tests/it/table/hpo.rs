//! Rows about points of searches.

use idds_client::ErrorKind;
use idds_workflow::{RequestId, WorkloadId};

use super::{Expect, Row, call};

const IDS_ARE_NUMBERS: &str = "an id is a number that fits";
const A_TARGET_IS_NEEDED: &str =
    "what is not said to be of one request is everything of everybody, or a failure";
const FILTERED_HERE: &str = "the filters of the server fail, so the answer is filtered here";
const SAME_NUMBER: &str = "it is spelled as Rust spells it, and Python reads the same number";
const NOT_A_LOSS: &str = "the server would store it and then send what is not JSON";
const NOT_A_POINT: &str = "it would reach another route or mean any";
const A_LOSS_IS_A_NUMBER: &str = "the type of a loss is a number";

pub(super) fn rows() -> Vec<(&'static str, Row)> {
    vec![
        // Hyperparameters.
        (
            "hpo_get_all",
            Row::Same(call!(|c| c.hpo().get(RequestId::new(1))), Expect::Answer),
        ),
        (
            "hpo_get_after_put",
            Row::Same(
                call!(|c| c.hpo().get(RequestId::new(1)).id("1")),
                Expect::Answer,
            ),
        ),
        (
            "hpo_get_id",
            Row::Same(
                call!(|c| c.hpo().get(RequestId::new(1)).id("3")),
                Expect::Answer,
            ),
        ),
        (
            "hpo_get_id_unknown",
            Row::Same(
                call!(|c| c.hpo().get(RequestId::new(1)).id("999")),
                Expect::Answer,
            ),
        ),
        (
            "hpo_get_inf",
            Row::Same(
                call!(|c| c.hpo().get(RequestId::new(1)).id("3")),
                Expect::Answer,
            ),
        ),
        (
            "hpo_get_nan",
            Row::Same(
                call!(|c| c.hpo().get(RequestId::new(1)).id("3")),
                Expect::Answer,
            ),
        ),
        (
            "hpo_get_underscore",
            Row::Same(
                call!(|c| c.hpo().get(RequestId::new(1)).id("3")),
                Expect::Answer,
            ),
        ),
        (
            "hpo_get_negative",
            Row::Same(
                call!(|c| c.hpo().get(RequestId::new(1)).id("2")),
                Expect::Answer,
            ),
        ),
        (
            "hpo_get_by_workload",
            Row::Same(
                call!(|c| c.hpo().get(WorkloadId::new(77_000_001))),
                Expect::Answer,
            ),
        ),
        (
            "hpo_get_unknown_request",
            Row::Same(
                call!(|c| c.hpo().get(RequestId::new(99_999_999))),
                Expect::Answer,
            ),
        ),
        (
            "hpo_get_wrong_workload",
            Row::Same(
                call!(|c| c
                    .hpo()
                    .get((RequestId::new(1), WorkloadId::new(77_000_001)))),
                Expect::Answer,
            ),
        ),
        (
            "hpo_get_bad_request_id",
            Row::Differs(
                IDS_ARE_NUMBERS,
                call!(|c| c.hpo().get(RequestId::new(1))),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "hpo_get_both_null",
            Row::Differs(
                A_TARGET_IS_NEEDED,
                call!(|c| c.hpo().get(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "hpo_get_both_null_client",
            Row::NeverSent("the Python client asks for one of both ids; here the type does"),
        ),
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
            Row::Differs(
                FILTERED_HERE,
                call!(|c| c.hpo().get(RequestId::new(3)).limit(2)),
                Expect::Answer,
            ),
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
        (
            "hpo_put",
            Row::Same(
                call!(|c| c.hpo().update(RequestId::new(1), &"1".into(), 0.5)),
                Expect::Answer,
            ),
        ),
        (
            "hpo_put_again",
            Row::Same(
                call!(|c| c.hpo().update(RequestId::new(1), &"1".into(), 0.25)),
                Expect::Answer,
            ),
        ),
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
            Row::Differs(
                SAME_NUMBER,
                call!(|c| c.hpo().update(RequestId::new(1), &"2".into(), 1e-5)),
                Expect::Answer,
            ),
        ),
        (
            "hpo_put_other_user",
            Row::Differs(
                SAME_NUMBER,
                call!(|c| c.hpo().update(RequestId::new(1), &"1".into(), 7.0)),
                Expect::Answer,
            ),
        ),
        (
            "hpo_put_space",
            Row::Differs(
                SAME_NUMBER,
                call!(|c| c.hpo().update(RequestId::new(1), &"3".into(), 1.0)),
                Expect::Answer,
            ),
        ),
        (
            "hpo_put_underscore",
            Row::Differs(
                SAME_NUMBER,
                call!(|c| c.hpo().update(RequestId::new(1), &"3".into(), 1.0)),
                Expect::Answer,
            ),
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
                call!(|c| c
                    .hpo()
                    .update(RequestId::new(1), &"3".into(), f64::INFINITY)),
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
                call!(|c| c
                    .hpo()
                    .update(RequestId::new(1), &"3".into(), f64::INFINITY)),
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
                call!(|c| c.hpo().update(
                    (RequestId::new(8), WorkloadId::new(77_000_001)),
                    &"1".into(),
                    2.5
                )),
                Expect::Answer,
            ),
        ),
    ]
}
