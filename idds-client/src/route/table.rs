//! The table: a row for each thing that a client can ask for.
//!
//! A new route is a row here, its name in [`ALL`], and the call that uses it; `IDDS_WRITE_TABLE=1 cargo test -p idds-client --lib table`
//! writes the table of the documentation anew. The routes are those of idds-server 0.5.4, 0.11.15, 1.3.30, 2.1.0, 2.2.0 and 2.6.21.

use super::Relayed::{Adds, Argument, Arguments, NoBody};
use super::Route;
use super::ServerFamily::{V0_11, V1_3, V2_2};
use super::Verb::{Get, Post, Put};

/// Every row, in the order of the documentation.
pub(super) static ALL: [&Route; 50] = [
    &SUBMIT,
    &SUBMIT_BUILD,
    &UPDATE_BUILD,
    &GET_REQUESTS,
    &GET_REQUEST_PARTS,
    &LIST_REQUESTS,
    &FIND_BY_NAME,
    &STATUS_REPORT,
    &EXPLAIN,
    &UPDATE_REQUEST,
    &ABORT,
    &ABORT_TASK,
    &CLOSE,
    &RETRY,
    &SUSPEND,
    &RESUME,
    &FINISH,
    &GET_HYPERPARAMETERS,
    &UPDATE_HYPERPARAMETER,
    &TELL_EARLIER,
    &LIST_TRANSFORMS,
    &GET_TRANSFORM,
    &ADD_TRANSFORM,
    &GET_MESSAGES,
    &SEND_MESSAGES,
    &SEND_TO_CLERK,
    &GET_COLLECTIONS,
    &GET_CONTENTS,
    &GET_CONTENTS_OUTPUT_EXT,
    &ASYNCRESULT_CONFIG,
    &PROMPT_BROKER,
    &REQUEST_STATES,
    &REQUEST_PROGRESS,
    &TRANSFORM_PROGRESS,
    &PROCESSING_PROGRESS,
    &REQUEST_STATISTICS,
    &PROCESSING_STATISTICS,
    &TRANSFORM_STATISTICS,
    &RELATIONS,
    &SIGN_IN_URL,
    &DEVICE_TOKEN,
    &REFRESH_TOKEN,
    &CLIENT_TOKEN,
    &CREATE_WORKFLOW_TASK,
    &ADJUST_WORKFLOW_TASK,
    &CLOSE_WORKFLOW_TASK,
    &UPLOAD,
    &DOWNLOAD,
    &LOGS,
    &PING,
];

/// Commands were messages before 1.3, and those that later servers have no route for still are.
const OLD_MESSAGE: &str = "/message/{request_id}/null";
const MESSAGE: &str = "/message/{request_id}/null/null/null";

/// Rows of requests with their parts; 0.5 has two flags.
const OLD_REQUESTS: &str = "/request/{request_id}/{workload_id}/{with_detail}/{with_metadata}";
const REQUESTS: &str = "/request/{request_id}/{workload_id}/{with_detail}/{with_metadata}/{with_transform}/{with_processing}";

// Requests.

pub(crate) static SUBMIT: Route = Route::new("submit", "requests().submit")
    .relayed("add_request", Adds("request_id"))
    .at(Post, "/request");

pub(crate) static SUBMIT_BUILD: Route = Route::new("submit", "requests().submit_build")
    .relayed("add_request", Adds("request_id"))
    .else_use("submit")
    .since(V1_3, Post, "/request");

/// A part of a workflow that is too big for one request. The server writes it to files that are named after the workflow, so a second
/// time does no harm. It is sent by `requests().submit`, so the documentation has no row for it.
pub(crate) static SUBMIT_PART: Route = Route::new("submit a part", "requests().submit")
    .relayed("add_request", Adds("request_id"))
    .repeatable()
    .at(Post, "/request");

/// How a submission is found again whose answer was lost; the documentation has no row for it.
pub(crate) static LOOK_AT_SUBMISSION: Route =
    Route::new("look at a submission", "requests().submit")
        .relayed("get_requests", NoBody)
        .at(Get, OLD_REQUESTS)
        .since(V0_11, Get, REQUESTS);

pub(crate) static UPDATE_BUILD: Route = Route::new("update build", "requests().update_build")
    .relayed("update_build_request", Arguments)
    .else_use("submit")
    .since(V1_3, Post, "/request/build/{request_id}");

pub(crate) static GET_REQUESTS: Route = Route::new("get requests", "requests().get")
    .relayed("get_requests", NoBody)
    .at(Get, OLD_REQUESTS)
    .since(V0_11, Get, REQUESTS);

pub(crate) static GET_REQUEST_PARTS: Route =
    Route::new("get requests", "requests().get(..).transforms, processings")
        .relayed("get_requests", NoBody)
        .else_use("collections")
        .since(V0_11, Get, REQUESTS);

pub(crate) static LIST_REQUESTS: Route =
    Route::new("list the requests of everybody", "requests().list_all")
        .relayed("get_requests", NoBody)
        .at(Get, OLD_REQUESTS)
        .since(V0_11, Get, REQUESTS);

pub(crate) static FIND_BY_NAME: Route =
    Route::new("find request by name", "requests().find_by_name")
        .relayed("get_request_id_by_name", NoBody)
        .else_use("list_all")
        .since(V1_3, Get, "/request/name/{name}");

pub(crate) static STATUS_REPORT: Route = Route::new("get status", "requests().status_report")
    .relayed("get_requests", NoBody)
    .documented_as("get_requests_status")
    .at(Get, OLD_REQUESTS)
    .since(V0_11, Get, REQUESTS);

/// What no iDDS server says of itself.
pub(crate) static EXPLAIN: Route = Route::new("explain request", "requests().explain")
    .else_use("requests().get(..).collections, and errors of transforms().list")
    .embedded(Get, "/request/explain/{request_id}");

pub(crate) static UPDATE_REQUEST: Route = Route::new("update request", "requests().update")
    .relayed("update_request", Argument("parameters"))
    .at(Put, "/request/{request_id}")
    .differs(
        V1_3,
        (Put, "/request/{request_id}"),
        "say that it was updated and change nothing",
        "abort, close or retry",
    );

// Commands. A server would obey a repeated one twice, and write the refusal of the second into `errors` of the request.

pub(crate) static ABORT: Route = Route::new("abort request", "requests().abort")
    .relayed("abort_request", NoBody)
    .documented_as("abort_requests")
    .once()
    .at(Post, OLD_MESSAGE)
    .since(V1_3, Put, "/request/abort/{request_id}/{workload_id}");

pub(crate) static ABORT_TASK: Route = Route::new("abort task", "requests().abort_task")
    .relayed("abort_request_task", NoBody)
    .documented_as("abort_tasks")
    .once()
    .else_use("abort")
    .since(V0_11, Post, OLD_MESSAGE)
    .differs(
        V1_3,
        (Put, "/request/abort/{request_id}/{workload_id}/{task_id}"),
        "answer 405, and abort the whole request by the one route that it has for it",
        "abort",
    );

pub(crate) static CLOSE: Route = Route::new("close request", "requests().close")
    .relayed("close_request", NoBody)
    .documented_as("close_requests")
    .once()
    .else_use("abort")
    .since(V2_2, Put, "/request/close/{request_id}/{workload_id}");

pub(crate) static RETRY: Route = Route::new("retry request", "requests().retry")
    .relayed("retry_request", NoBody)
    .documented_as("retry_requests")
    .once()
    .at(Post, OLD_MESSAGE)
    .since(V1_3, Put, "/request/retry/{request_id}/{workload_id}");

pub(crate) static SUSPEND: Route = {
    let (effect, instead) = (
        "abort the request",
        "abort, and retry to set it going again",
    );
    Route::new("suspend request", "requests().suspend")
        .documented_as("suspend_requests")
        .once()
        .at(Post, OLD_MESSAGE)
        .differs(V1_3, (Post, OLD_MESSAGE), effect, instead)
        .differs(V2_2, (Post, MESSAGE), effect, instead)
        .embedded(Post, MESSAGE)
};

pub(crate) static RESUME: Route = {
    let (effect, instead) = ("retry the request", "retry");
    Route::new("resume request", "requests().resume")
        .documented_as("resume_requests")
        .once()
        .at(Post, OLD_MESSAGE)
        .differs(V1_3, (Post, OLD_MESSAGE), effect, instead)
        .differs(V2_2, (Post, MESSAGE), effect, instead)
        .embedded(Post, MESSAGE)
};

pub(crate) static FINISH: Route = {
    let (effect, instead) = ("say that it is well and change nothing", "close or abort");
    Route::new("finish request", "requests().finish, force_finish")
        .documented_as("finish_requests")
        .once()
        .at(Post, OLD_MESSAGE)
        .differs(V0_11, (Post, OLD_MESSAGE), effect, instead)
        .differs(V2_2, (Post, MESSAGE), effect, instead)
        .embedded(Post, MESSAGE)
};

// Searches. The server's own filters by status and number fail, so they are never given.

pub(crate) static GET_HYPERPARAMETERS: Route = Route::new("get hyperparameters", "hpo().get")
    .relayed("get_hyperparameters", NoBody)
    .documented_as("get_hyperparameters")
    .at(Get, "/hpo/{workload_id}/{request_id}/{id}/{status}/{limit}");

pub(crate) static UPDATE_HYPERPARAMETER: Route =
    Route::new("update hyperparameter", "hpo().update")
        .relayed("update_hyperparameter", NoBody)
        .documented_as("update_hyperparameter")
        .at(Put, "/hpo/{workload_id}/{request_id}/{id}/{loss}");

/// What no iDDS server knows: there, a steering program has such trials in its own files.
pub(crate) static TELL_EARLIER: Route = Route::new("tell earlier trials", "hpo().tell_earlier")
    .else_use("initial points, or a steering program that has them")
    .embedded(Put, "/hpo/earlier/{request_id}");

// Transforms.

const NO_TRANSFORMS: &str = "requests().get(..).transforms or collections";

pub(crate) static LIST_TRANSFORMS: Route = Route::new("list transforms", "transforms().list")
    .relayed("get_transforms", NoBody)
    .else_use(NO_TRANSFORMS)
    .since(V2_2, Get, "/transform/{request_id}");

pub(crate) static GET_TRANSFORM: Route = Route::new("get transform", "transforms().get")
    .relayed("get_transform", NoBody)
    .else_use(NO_TRANSFORMS)
    .since(V2_2, Get, "/transform/{request_id}/{transform_id}");

pub(crate) static ADD_TRANSFORM: Route = Route::new("add transform", "transforms().add")
    .relayed("add_transform", Adds("transform_id"))
    .else_use("requests().submit")
    .since(V2_2, Post, "/transform/{request_id}");

// Messages.

const OLD_MESSAGES: &str = "/message/{request_id}/{workload_id}";
const MESSAGES: &str = "/message/{request_id}/{workload_id}/{transform_id}/{internal_id}";

pub(crate) static GET_MESSAGES: Route = Route::new("get messages", "messages().get")
    .relayed("get_messages", NoBody)
    .documented_as("get_messages")
    .at(Get, OLD_MESSAGES)
    .since(V2_2, Get, MESSAGES);

pub(crate) static SEND_MESSAGES: Route = Route::new("send messages", "messages().send")
    .relayed("send_messages", Argument("msgs"))
    .else_use("messages().send_to_clerk")
    .since(V2_2, Post, MESSAGES);

pub(crate) static SEND_TO_CLERK: Route = Route::new("send messages", "messages().send_to_clerk")
    .in_python("send_messages")
    .at(Post, OLD_MESSAGES)
    .since(V2_2, Post, MESSAGES);

// The catalog. What a request asks for is in another order before 2.2.

pub(crate) static GET_COLLECTIONS: Route = Route::new("get collections", "catalog().collections")
    .relayed("get_collections", NoBody)
    .at(
        Get,
        "/catalog/collections/{scope}/{name}/{request_id}/{workload_id}/{relation_type}",
    )
    .since(
        V2_2,
        Get,
        "/catalog/collections/{request_id}/{transform_id}/{workload_id}/{scope}/{name}/{relation_type}",
    );

pub(crate) static GET_CONTENTS: Route = Route::new("get contents", "catalog().contents")
    .relayed("get_contents", NoBody)
    .at(
        Get,
        "/catalog/contents/{coll_scope}/{coll_name}/{request_id}/{workload_id}/{relation_type}/{status}",
    )
    .since(
        V2_2,
        Get,
        "/catalog/contents/{request_id}/{transform_id}/{workload_id}/{coll_scope}/{coll_name}/{relation_type}/{status}",
    );

pub(crate) static GET_CONTENTS_OUTPUT_EXT: Route =
    Route::new("get output contents", "catalog().contents_output_ext")
        .relayed("get_contents_output_ext", NoBody)
        .else_use("requests().get(..).collections")
        .since(
            V1_3,
            Get,
            "/catalog/contents_output_ext/{request_id}/{workload_id}/{transform_id}/{group_by_jedi_task_id}",
        );

// Settings of the server.

pub(crate) static ASYNCRESULT_CONFIG: Route = Route::new(
    "get metainfo asyncresult_config",
    "metainfo().asyncresult_config",
)
.relayed("get_metainfo", NoBody)
.else_use("the settings of the server")
.since(V2_2, Get, "/metainfo/{name}");

pub(crate) static PROMPT_BROKER: Route =
    Route::new("get metainfo prompt_broker", "metainfo().prompt_broker")
        .relayed("get_metainfo", NoBody)
        .else_use("the settings of the server")
        .since(V2_2, Get, "/metainfo/{name}");

// Dashboards, which the server answers to anybody and the Python client has not.

pub(crate) static REQUEST_STATES: Route = Route::new("get states", "monitor().states")
    .public()
    .at(Get, "/monitor/{request_id}/{workload_id}/false/false/false");

pub(crate) static REQUEST_PROGRESS: Route =
    Route::new("get request progress", "monitor().requests")
        .public()
        .at(Get, "/monitor/{request_id}/{workload_id}/true/false/false");

pub(crate) static TRANSFORM_PROGRESS: Route =
    Route::new("get transform progress", "monitor().transforms")
        .public()
        .at(Get, "/monitor/{request_id}/{workload_id}/false/true/false");

pub(crate) static PROCESSING_PROGRESS: Route =
    Route::new("get processing progress", "monitor().processings")
        .public()
        .at(Get, "/monitor/{request_id}/{workload_id}/false/false/true");

pub(crate) static REQUEST_STATISTICS: Route =
    Route::new("get statistics", "monitor().request_statistics")
        .public()
        .at(Get, "/monitor_request/{request_id}/{workload_id}");

pub(crate) static PROCESSING_STATISTICS: Route =
    Route::new("get statistics", "monitor().processing_statistics")
        .public()
        .at(Get, "/monitor_processing/{request_id}/{workload_id}");

pub(crate) static TRANSFORM_STATISTICS: Route =
    Route::new("get transform statistics", "monitor().transform_statistics")
        .public()
        .at(Get, "/monitor_transform/{request_id}/{workload_id}");

pub(crate) static RELATIONS: Route = Route::new("get relations", "monitor().relations")
    .public()
    .else_use("monitor().transforms")
    .since(
        V0_11,
        Get,
        "/monitor_request_relation/{request_id}/{workload_id}",
    );

// Signing in, before which there is no credential.

pub(crate) static SIGN_IN_URL: Route = Route::new("get the sign-in address", "auth().sign_in_url")
    .in_python("get_oidc_sign_url")
    .public()
    .else_use("a certificate")
    .since(V0_11, Get, "/auth/url/{vo}/oidc");

/// The answer may have been the tokens, which are given once.
pub(crate) static DEVICE_TOKEN: Route = Route::new("get a token", "auth().token")
    .in_python("get_id_token")
    .public()
    .once()
    .else_use("a certificate")
    .since(
        V0_11,
        Get,
        "/auth/token/{vo}/{device_code}/{interval}/{expires_in}",
    );

pub(crate) static REFRESH_TOKEN: Route = Route::new("refresh the token", "auth().refresh")
    .in_python("refresh_id_token")
    .public()
    .else_use("a certificate")
    .since(V0_11, Post, "/auth/token/{vo}");

/// It is asked of the provider and not of iDDS.
pub(crate) static CLIENT_TOKEN: Route =
    Route::new("get a token for a program", "auth().client_token")
        .public()
        .at(Post, "/token");

// Prompt processing; releases of 2.2 to 2.4.7 answer 404.

pub(crate) static CREATE_WORKFLOW_TASK: Route =
    Route::new("create workflow task", "workflow_tasks().create")
        .relayed("create_workflow_task", Arguments)
        .else_use("requests().submit")
        .since(V2_2, Post, "/workflow_task");

pub(crate) static ADJUST_WORKFLOW_TASK: Route =
    Route::new("adjust workflow task", "workflow_tasks().adjust")
        .relayed("adjust_worker", Arguments)
        .else_use("requests().submit")
        .since(
            V2_2,
            Put,
            "/workflow_task/{request_id}/{transform_id}/{workload_id}/adjust",
        );

pub(crate) static CLOSE_WORKFLOW_TASK: Route =
    Route::new("close workflow task", "workflow_tasks().close")
        .relayed("close_workflow_task", Arguments)
        .else_use("requests().submit")
        .since(V2_2, Put, "/workflow_task/{request_id}/close");

// Files. The same file in the place of itself does no harm.

pub(crate) static UPLOAD: Route = Route::new("upload", "cacher().upload")
    .in_python("upload")
    .documented_as("upload_to_cacher")
    .repeatable()
    .at(Post, "/cacher/{filename}");

pub(crate) static DOWNLOAD: Route = Route::new("download", "cacher().download")
    .in_python("download")
    .documented_as("download_from_cacher")
    .at(Get, "/cacher/{filename}");

pub(crate) static LOGS: Route = Route::new("download logs", "logs().download")
    .in_python("download_logs")
    .documented_as("download_logs")
    .at(Get, "/logs/{workload_id}/{request_id}");

// The server itself.

pub(crate) static PING: Route = Route::new("ping", "ping")
    .relayed("ping", NoBody)
    .else_use("probe")
    .since(V0_11, Get, "/ping");

/// What is asked is whether other routes are there, with `OPTIONS`; so the documentation has no row for it.
pub(crate) static PROBE: Route = Route::new("probe", "probe").at(Get, OLD_REQUESTS);
