//! Rows about files, settings, signing in, and the server itself.

use idds_client::{Client, CreateWorkflowTask, Download, Error, ErrorKind, TransformId};
use idds_workflow::{RequestId, WorkloadId};

use super::{Expect, Row, call};

const A_TARGET_IS_NEEDED: &str =
    "what is not said to be of one request is everything of everybody, or a failure";
const NOT_A_FILE_NAME: &str = "a name is not a path";
const OLD_TOKEN: &str = "the old ID token is not needed for a new one, and may have expired";

fn task(client: &Client) -> CreateWorkflowTask {
    let task = client
        .workflow_tasks()
        .create("EIC", "fast.task")
        .requester("panda")
        .username("idds-test");
    let task = task
        .transform_tag("workflow")
        .cloud("US")
        .campaign("c")
        .campaign_scope("s")
        .campaign_group("g");
    task.campaign_tag("t")
        .run_id("20250101")
        .core_count(1)
        .memory_per_core(2000.0)
        .site("SITE")
}

async fn file(download: Download) -> Result<(), Error> {
    download.body().await?.collect().await.map(|_| ())
}

pub(super) fn rows() -> Vec<(&'static str, Row)> {
    vec![
        // Cacher and logs.
        (
            "cacher_download",
            Row::Same(
                call!(|c| file(c.cacher().download("hello.txt"))),
                Expect::Answer,
            ),
        ),
        (
            "cacher_download_other_user",
            Row::Same(
                call!(|c| file(c.cacher().download("hello.txt"))),
                Expect::Answer,
            ),
        ),
        (
            "cacher_download_binary",
            Row::Same(
                call!(|c| file(c.cacher().download("hello.bin"))),
                Expect::Answer,
            ),
        ),
        (
            "cacher_download_form",
            Row::Same(
                call!(|c| file(c.cacher().download("form.txt"))),
                Expect::Answer,
            ),
        ),
        (
            "cacher_download_client",
            Row::Same(
                call!(|c| file(c.cacher().download("hello2.txt"))),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
        (
            "cacher_download_unknown",
            Row::Same(
                call!(|c| file(c.cacher().download("nothing.txt"))),
                Expect::Error(ErrorKind::NotFound),
            ),
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
        (
            "cacher_upload",
            Row::Same(
                call!(|c| c.cacher().upload_body("hello.txt", "hello\nworld\n")),
                Expect::Answer,
            ),
        ),
        (
            "cacher_upload_client",
            Row::Same(
                call!(|c| c.cacher().upload_body("hello.txt", "hello\nworld\n")),
                Expect::Error(ErrorKind::Unauthorized),
            ),
        ),
        (
            "cacher_upload_octets",
            Row::Same(
                call!(|c| c
                    .cacher()
                    .upload_body("hello.bin", (0..=255).collect::<Vec<u8>>())),
                Expect::Answer,
            ),
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
        (
            "logs_download",
            Row::Same(
                call!(|c| file(c.logs().download(RequestId::new(1)))),
                Expect::Answer,
            ),
        ),
        (
            "logs_download_workload",
            Row::Same(
                call!(|c| file(c.logs().download(WorkloadId::new(77_000_001)))),
                Expect::Answer,
            ),
        ),
        (
            "logs_download_none",
            Row::Same(
                call!(|c| file(c.logs().download(RequestId::new(3)))),
                Expect::Error(ErrorKind::NotFound),
            ),
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
        (
            "metainfo_asyncresult",
            Row::Same(call!(|c| c.metainfo().asyncresult_config()), Expect::Answer),
        ),
        (
            "metainfo_prompt_broker",
            Row::Same(call!(|c| c.metainfo().prompt_broker()), Expect::Answer),
        ),
        (
            "metainfo_unknown",
            Row::Differs(
                "only what the server knows can be asked for",
                call!(|c| c.metainfo().prompt_broker()),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "monitor",
            Row::Same(
                call!(|c| c.monitor().requests(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
        (
            "monitor_no_auth",
            Row::Same(
                call!(|c| c.monitor().request_statistics(RequestId::new(1))),
                Expect::Answer,
            ),
        ),
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
                call!(|c| c
                    .workflow_tasks()
                    .close(RequestId::new(23))
                    .transform_id(TransformId::new(9))),
                Expect::Answer,
            ),
        ),
        (
            "workflow_task_close_unknown",
            Row::Same(
                call!(|c| c.workflow_tasks().close(RequestId::new(99_999_999))),
                Expect::Answer,
            ),
        ),
        (
            "workflow_task_close_old",
            Row::Differs(
                "this is the path of older servers",
                call!(|c| c.workflow_tasks().close(RequestId::new(23))),
                Expect::Answer,
            ),
        ),
        (
            "workflow_task_create",
            Row::Same(call!(|c| task(&c)), Expect::Answer),
        ),
        (
            "workflow_task_create_bad_json",
            Row::Differs(
                "the body is made of a task",
                call!(|c| task(&c)),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "workflow_task_create_empty",
            Row::Differs(
                "the body is made of a task",
                call!(|c| task(&c)),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "workflow_task_create_no_workflow",
            Row::Differs(
                "the body is made of a task",
                call!(|c| task(&c)),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        // Signing in.
        (
            "auth_url",
            Row::Same(call!(|c| c.auth().sign_in_url("test")), Expect::Answer),
        ),
        (
            "auth_url_unknown_vo",
            Row::Same(
                call!(|c| c.auth().sign_in_url("nobody")),
                Expect::Error(ErrorKind::Refused),
            ),
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
            Row::Same(
                call!(|c| c
                    .auth()
                    .token("test", "Q-IdQmRFjt9-Hai_Kvj2XzWB_sFW5AjOwwvO1t2meRq")),
                Expect::Answer,
            ),
        ),
        (
            "auth_token_denied",
            Row::Same(
                call!(|c| c
                    .auth()
                    .token("test", "F9E5RJtUGTJRMugGjNp_xZZwLSodNIKFps_y-5Z0fRW")),
                Expect::Answer,
            ),
        ),
        (
            "auth_token_pending",
            Row::Same(
                call!(|c| c
                    .auth()
                    .token("test", "Q-IdQmRFjt9-Hai_Kvj2XzWB_sFW5AjOwwvO1t2meRq")),
                Expect::Answer,
            ),
        ),
        (
            "auth_token_used",
            Row::Same(
                call!(|c| c
                    .auth()
                    .token("test", "Q-IdQmRFjt9-Hai_Kvj2XzWB_sFW5AjOwwvO1t2meRq")),
                Expect::Error(ErrorKind::Credential),
            ),
        ),
        (
            "auth_token_unknown",
            Row::Same(
                call!(|c| c.auth().token("test", "nothing")),
                Expect::Error(ErrorKind::Credential),
            ),
        ),
        (
            "auth_refresh",
            Row::Differs(
                OLD_TOKEN,
                call!(|c| c
                    .auth()
                    .refresh("test", "ljdukbgJ29nTDsonTi_hvtLsOT63cC2CRfr11iaPg4i")),
                Expect::Answer,
            ),
        ),
        (
            "auth_refresh_revoked",
            Row::Differs(
                OLD_TOKEN,
                call!(|c| c
                    .auth()
                    .refresh("test", "mQropModX4g0-3yZtkq0Ytkg2GtQZIMnnPLDmqrZrhi")),
                Expect::Error(ErrorKind::Credential),
            ),
        ),
        (
            "auth_refresh_unknown",
            Row::Differs(
                OLD_TOKEN,
                call!(|c| c.auth().refresh("test", "nothing")),
                Expect::Error(ErrorKind::Credential),
            ),
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
        (
            "ping_header_dn",
            Row::Same(call!(|c| c.ping()), Expect::Answer),
        ),
        (
            "ping_json_outputs",
            Row::Same(call!(|c| c.ping()), Expect::Answer),
        ),
        ("ping_oidc", Row::Same(call!(|c| c.ping()), Expect::Answer)),
        ("ping_proxy", Row::Same(call!(|c| c.ping()), Expect::Answer)),
        (
            "ping_banned_dn",
            Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized)),
        ),
        (
            "ping_header_dn_only",
            Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized)),
        ),
        (
            "ping_no_certificate",
            Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized)),
        ),
        (
            "ping_oidc_access_token",
            Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized)),
        ),
        (
            "ping_oidc_bad_signature",
            Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized)),
        ),
        (
            "ping_oidc_bearer",
            Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized)),
        ),
        (
            "ping_oidc_garbage",
            Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized)),
        ),
        (
            "ping_oidc_no_token",
            Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized)),
        ),
        (
            "ping_oidc_no_vo",
            Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized)),
        ),
        (
            "ping_oidc_unknown_vo",
            Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized)),
        ),
        (
            "ping_unknown_auth_type",
            Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized)),
        ),
        (
            "ping_unknown_dn",
            Row::Same(call!(|c| c.ping()), Expect::Error(ErrorKind::Unauthorized)),
        ),
        (
            "ping_post",
            Row::Differs(
                "the method is GET",
                call!(|c| c.ping()),
                Expect::Error(ErrorKind::Refused),
            ),
        ),
        (
            "trailing_slash",
            Row::Differs(
                "no call has this path",
                call!(|c| c.ping()),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "unknown_route",
            Row::Differs(
                "no call has this path",
                call!(|c| c.ping()),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
        (
            "unknown_route_no_auth",
            Row::Differs(
                "no call has this path",
                call!(|c| c.ping()),
                Expect::Error(ErrorKind::NotFound),
            ),
        ),
    ]
}
