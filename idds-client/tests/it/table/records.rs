//! Rows about transforms, the catalog and messages.

use idds_client::{AsyncResult, ErrorKind, TransformId};
use idds_workflow::{
    CollectionRelationType, ContentRelationType, ContentStatus, RequestId, TransformType,
};
use serde_json::{Map, Value, json};

use super::{Expect, Row, call};

const IDS_ARE_NUMBERS: &str = "an id is a number that fits";
const A_TARGET_IS_NEEDED: &str =
    "what is not said to be of one request is everything of everybody, or a failure";
const NULL_NOT_NONE: &str =
    "the Python client spells what is missing None, which the server looks for as a number";
const RESULTS_ONLY: &str = "a list is of results, since the server fails for any other";

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else {
        panic!("an object, not {value}")
    };
    object
}

pub(super) fn rows() -> Vec<(&'static str, Row)> {
    vec![
        // Transforms.
        (
            "get_transform",
            Row::Same(
                call!(|c| c.transforms().get(RequestId::new(1), TransformId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "get_transform_unknown",
            Row::Same(
                call!(|c| c
                    .transforms()
                    .get(RequestId::new(1), TransformId::new(99_999_999))),
                Expect::Answer,
            ),
        ),
        (
            "get_transforms",
            Row::Same(
                call!(|c| c.transforms().list(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "get_transforms_unknown",
            Row::Same(
                call!(|c| c.transforms().list(RequestId::new(99_999_999))),
                Expect::Answer,
            ),
        ),
        (
            "get_transforms_manager",
            Row::NeverSent("the Python client calls itself with a wrong argument"),
        ),
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
                call!(|c| c
                    .transforms()
                    .add(RequestId::new(1), "x", TransformType::Workflow)),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "add_transform_no_token",
            Row::Differs(
                "the type asks for the token",
                call!(|c| c
                    .transforms()
                    .add(RequestId::new(1), "x", TransformType::Workflow)),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        // Catalog.
        (
            "get_collections",
            Row::Same(
                call!(|c| c.catalog().collections().request_id(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "get_collections_unknown",
            Row::Same(
                call!(|c| c
                    .catalog()
                    .collections()
                    .request_id(RequestId::new(99_999_999))),
                Expect::Answer,
            ),
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
        (
            "get_contents",
            Row::Same(
                call!(|c| c.catalog().contents().request_id(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "get_contents_unknown",
            Row::Same(
                call!(|c| c
                    .catalog()
                    .contents()
                    .request_id(RequestId::new(99_999_999))),
                Expect::Answer,
            ),
        ),
        (
            "get_contents_by_collection",
            Row::Same(
                call!(|c| c
                    .catalog()
                    .contents()
                    .scope("HPO")
                    .name("hpo.2026_11_22_12_19_00_488217470output.0..1")),
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
            Row::Same(
                call!(|c| c.catalog().contents_output_ext(RequestId::new(1))),
                Expect::Answer,
            ),
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
        (
            "messages_get_null",
            Row::Same(
                call!(|c| c.messages().get(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
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
                call!(|c| c
                    .messages()
                    .send(RequestId::new(1), [AsyncResult::new(json!({"x": 1}))])),
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
                call!(|c| c
                    .messages()
                    .send_to_clerk(RequestId::new(1), object(json!({"hello": "world"})))),
                Expect::Answer,
            ),
        ),
        (
            "messages_send_empty_list",
            Row::Refused(
                "the server fails for an empty list",
                call!(|c| c.messages().send(RequestId::new(1), [])),
                call!(|c| c
                    .messages()
                    .send(RequestId::new(1), [AsyncResult::new(json!({"x": 1}))])),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "messages_send_command_unknown_status",
            Row::Refused(
                "a command has a call of its own",
                call!(|c| c.messages().send_to_clerk(
                    RequestId::new(1),
                    object(json!({"command": "update_request", "parameters": {}}))
                )),
                call!(|c| c
                    .messages()
                    .send(RequestId::new(1), [AsyncResult::new(json!({"x": 1}))])),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "messages_send_bad_json",
            Row::Differs(
                RESULTS_ONLY,
                call!(|c| c
                    .messages()
                    .send(RequestId::new(1), [AsyncResult::new(json!({"x": 1}))])),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "messages_send_empty",
            Row::Differs(
                RESULTS_ONLY,
                call!(|c| c
                    .messages()
                    .send(RequestId::new(1), [AsyncResult::new(json!({"x": 1}))])),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "messages_send_plain",
            Row::Differs(
                RESULTS_ONLY,
                call!(|c| c
                    .messages()
                    .send(RequestId::new(1), [AsyncResult::new(json!({"x": 1}))])),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "messages_send_resume_enum",
            Row::Same(
                call!(|c| c.requests().resume(RequestId::new(1)).anyway()),
                Expect::Answer,
            ),
        ),
        (
            "messages_send_suspend_enum",
            Row::Same(
                call!(|c| c.requests().suspend(RequestId::new(21)).anyway()),
                Expect::Answer,
            ),
        ),
        (
            "messages_send_suspend",
            Row::Differs(
                "the server ignores a state that is a plain number",
                call!(|c| c.requests().suspend(RequestId::new(1)).anyway()),
                Expect::Answer,
            ),
        ),
    ]
}
