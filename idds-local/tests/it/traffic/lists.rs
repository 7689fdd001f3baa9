//! Which recordings are repeated where, and why some are not.

/// Submissions to a server with one request.
pub(super) const SUBMISSIONS: &[&str] = &[
    "submit_bad_json",
    "submit_empty_body",
    "submit_empty_object",
    "submit_form_content_type",
    "submit_json_list",
    "submit_legacy_hpo",
    "submit_legacy_stagein",
    "submit_long_name",
    "submit_metadata_null",
    "submit_name_null",
    "submit_name_unicode",
    "submit_no_lifetime",
    "submit_no_scope",
    "submit_no_workflow",
    "submit_oidc",
    "submit_request_type_number",
    "submit_same_again",
    "submit_status_enum_partial",
    "submit_status_finished",
    "submit_unknown_class",
    "submit_username_other",
    "submit_v1_hpo_nevergrad",
    "submit_v1_hpo_plain",
    "submit_v1_stagein",
    "submit_v2_hpo_container",
    "submit_v2_hpo_nevergrad",
    "submit_v2_hpo_plain",
    "submit_v2_named_workload",
    "submit_v2_stagein",
    "submit_workflow_plain_dict",
    "submit_workload_big",
    "submit_workload_string",
    "submit_workload_word",
];

/// Points of request 1 and their losses.
pub(super) const POINTS: &[&str] = &[
    "hpo_get_all",
    "hpo_get_id",
    "hpo_get_id_unknown",
    "hpo_get_unknown_request",
    "hpo_get_wrong_workload",
    "hpo_get_bad_request_id",
    "hpo_get_limit_none_there",
    "hpo_put",
    "hpo_get_after_put",
    "hpo_put_again",
    "hpo_put_other_user",
    "hpo_put_small",
    "hpo_put_negative",
    "hpo_get_negative",
    "hpo_put_space",
    "hpo_put_underscore",
    "hpo_get_underscore",
    "hpo_put_both_null",
    "hpo_put_comma",
    "hpo_put_hex",
    "hpo_put_word",
    "hpo_put_null",
    "hpo_put_id_empty",
    "hpo_put_id_null",
    "hpo_put_unknown_id",
    "hpo_put_unknown_request",
    "hpo_put_post",
    "hpo_get_both_null",
];

/// Requests: 1 is a running search, 2 has failed.
pub(super) const REQUESTS: &[&str] = &[
    "get_requests_detail_False_metadata_False",
    "get_requests_detail_False_metadata_True",
    "get_requests_detail_True_metadata_False",
    "get_requests_detail_True_metadata_True",
    "get_requests_all_flags",
    "get_requests_lower_case_flags",
    "get_requests_with_transform",
    "get_requests_with_processing",
    "get_requests_three_parts",
    "get_requests_json_outputs",
    "get_requests_unknown_json_outputs",
    "get_requests_other_user",
    "get_requests_both_null",
    "get_status",
    "get_status_detail",
    "get_requests_failed /idds/request/2/null/False/False/False/False",
    "get_requests_failed_v1 /idds/request/2/null/False/False/False/False",
    "get_requests_legacy /idds/request/2/null/False/False/False/False",
    "get_requests_oidc /idds/request/1/null/False/False/False/False",
    "get_requests_unknown",
    "get_requests_zero",
    "get_requests_bad_id",
    "get_requests_huge_id",
    "get_requests_largest_id",
    "get_requests_word_None",
    "get_requests_no_flags",
    "get_request_one_part",
    "trailing_slash",
    "unknown_route",
    "unknown_route_no_auth",
    "ping",
    "ping_post",
    "ping_proxy",
    "ping_oidc",
    "ping_header_dn",
    "ping_json_outputs",
];

/// A search that has finished.
pub(super) const FINISHED: &[&str] = &[
    "get_requests_finished /idds/request/1/null/False/False/False/False",
    "get_requests_finished_detail /idds/request/1/null/True/False/False/False",
];

/// Requests of one name and one workload.
pub(super) const NAMES: &[&str] = &[
    "get_request_id_by_name",
    "get_request_id_by_name_underscore",
    "get_request_id_by_name_wildcard",
    "get_request_id_by_name_unknown",
    "get_requests_workload",
    "hpo_get_by_workload",
    "hpo_put_by_workload",
];

/// Transforms, collections and contents of request 1.
pub(super) const CATALOG: &[&str] = &[
    "get_transform",
    "get_transforms",
    "get_transforms_null",
    "get_transforms_unknown",
    "get_transform_unknown",
    "add_transform",
    "add_transform_no_token",
    "get_collections",
    "get_collections_all_null",
    "get_collections_bad_id",
    "get_collections_output",
    "get_collections_unknown",
    "get_contents",
    "get_contents_by_collection",
    "get_contents_output_ext",
    "get_contents_output_ext_jedi",
    "get_contents_output_ext_null",
    "get_contents_output_new",
    "get_contents_unknown",
    "monitor",
    "monitor_no_auth",
];

/// Messages to request 1, and one that aborts request 2.
pub(super) const MESSAGES: &[&str] = &[
    "relay_other_username",
    "update_request_suspend",
    "update_request_resume",
    "update_request_cancel",
    "update_request_finish",
    "update_request_number",
    "update_request_null",
    "update_request_bad_json",
    "update_request_empty",
    "update_request_unknown",
    "update_request_super_user",
    "messages_send",
    "messages_send_ids",
    "messages_send_dict",
    "messages_send_plain",
    "messages_send_empty",
    "messages_send_empty_list",
    "messages_send_command_unknown_status",
    "messages_send_suspend",
    "messages_send_resume_enum",
    "messages_send_suspend_enum /idds/message/2/null/null/null",
    "messages_get_null",
    "messages_get_ids_null",
    "messages_request_null",
];

/// What came of the messages.
pub(super) const AFTER_MESSAGES: &[&str] = &[
    "get_requests_after_update_request",
    "get_requests_after_message_suspend /idds/request/2/null/False/False/False/False",
];

/// Commands: requests 1 and 2 are running searches with a workload.
pub(super) const COMMANDS: &[&str] = &[
    "abort_bad_id",
    "abort_unknown",
    "close_unknown",
    "retry_unknown",
    "abort_workload",
    "retry_workload",
    "abort_task",
    "abort /idds/request/abort/1/null",
    "get_requests_after_abort /idds/request/1/null/False/False/False/False",
    "abort_finished /idds/request/abort/1/null",
    "get_requests_after_abort_finished /idds/request/1/null/False/False/False/False",
    "retry /idds/request/retry/1/null",
    "get_requests_after_retry /idds/request/1/null/False/False/False/False",
    "abort_task_literal /idds/request/abort/1/null/task_id",
    "abort_super_user /idds/request/abort/1/null",
    "close /idds/request/close/2/null",
    "get_requests_after_close /idds/request/2/null/False/False/False/False",
];

/// Files, logs, brokers, builds, tasks and sign-in. There is no request 3.
pub(super) const OTHERS: &[&str] = &[
    "cacher_upload",
    "cacher_download",
    "cacher_download_other_user",
    "cacher_download_range",
    "cacher_download_unknown",
    "cacher_download_parent",
    "cacher_upload_form",
    "cacher_download_form",
    "cacher_upload_octets",
    "cacher_download_binary",
    "cacher_upload_subdirectory",
    "logs_download",
    "logs_download_workload",
    "logs_download_none",
    "logs_download_unknown",
    "logs_both_null",
    "metainfo_asyncresult",
    "metainfo_prompt_broker",
    "metainfo_unknown",
    "build_empty",
    "build_not_a_build",
    "build_unknown",
    "auth_refresh_form",
    "auth_refresh_no_key",
    "auth_url_unknown_vo",
    "auth_url_x509",
    "workflow_task_create_bad_json",
    "workflow_task_create_empty",
    "workflow_task_create_no_workflow",
    "workflow_task_adjust",
    "workflow_task_adjust_unknown",
    "workflow_task_close",
    "workflow_task_close_old",
    "workflow_task_close_unknown",
];

/// Every list of recordings that are repeated.
pub(super) const REPEATED: &[&[&str]] = &[
    SUBMISSIONS,
    POINTS,
    REQUESTS,
    FINISHED,
    NAMES,
    CATALOG,
    MESSAGES,
    AFTER_MESSAGES,
    COMMANDS,
    OTHERS,
];

/// Recordings of what is deliberately different; the page of the crate says the same. Other tests show what happens instead.
pub(super) const DIFFERENT: &[(&str, &str)] = &[
    ("hpo_get_limit", "the limit works"),
    ("hpo_get_status_available_number", "the status works"),
    ("hpo_get_status_enum", "the status works"),
    ("hpo_get_status_name", "the status works"),
    ("hpo_get_status_new_number", "the status works"),
    ("hpo_put_inf", "a loss must be finite"),
    ("hpo_put_nan", "a loss must be finite"),
    ("hpo_put_overflow", "a loss must be finite"),
    ("hpo_get_inf", "a loss must be finite"),
    ("hpo_get_nan", "a loss must be finite"),
    ("get_request_id_by_name_slash", "a slash in a name is found"),
    (
        "submit_status_unknown",
        "a number that is no status is refused",
    ),
    (
        "get_requests_both_null_broken",
        "a number that is no status is refused",
    ),
    ("messages_get", "`None` is as good as `null`"),
    ("messages_get_unknown", "`None` is as good as `null`"),
    ("messages_get_ids", "recorded before the message was sent"),
    (
        "messages_send_bad_json",
        "the text of the JSON reader is another one",
    ),
    ("workflow_task_create", "answers what was made"),
];

/// Recordings of what has no meaning here.
pub(super) const NOT_APPLICABLE: &[(&str, &str)] = &[
    (
        "abort_other_user",
        "of two users: `hostile/users.rs` has them",
    ),
    (
        "abort_x509_of_oidc",
        "nobody is asked for a certificate or an ID token",
    ),
    ("auth_refresh", "there is no identity provider"),
    ("auth_refresh_revoked", "there is no identity provider"),
    ("auth_refresh_unknown", "there is no identity provider"),
    ("auth_token", "there is no identity provider"),
    ("auth_token_denied", "there is no identity provider"),
    ("auth_token_pending", "there is no identity provider"),
    ("auth_token_unknown", "there is no identity provider"),
    ("auth_token_used", "there is no identity provider"),
    ("auth_url", "there is no identity provider"),
    (
        "cacher_download_client",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "cacher_upload_client",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "close_no_auth",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "close_other_user",
        "of two users: `hostile/users.rs` has them",
    ),
    (
        "hpo_put_no_auth",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "messages_get_other_user",
        "of two users: `hostile/users.rs` has them",
    ),
    (
        "messages_send_other_user",
        "of two users: `hostile/users.rs` has them",
    ),
    (
        "ping_banned_dn",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "ping_header_dn_only",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "ping_no_certificate",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "ping_oidc_access_token",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "ping_oidc_bad_signature",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "ping_oidc_bearer",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "ping_oidc_garbage",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "ping_oidc_no_token",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "ping_oidc_no_vo",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "ping_oidc_unknown_vo",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "ping_unknown_auth_type",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "ping_unknown_dn",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "relay_not_super",
        "of two users: `hostile/users.rs` has them",
    ),
    (
        "retry_other_user",
        "of two users: `hostile/users.rs` has them",
    ),
    (
        "submit_no_auth",
        "nobody is asked for a certificate or an ID token",
    ),
    (
        "submit_username_other_abort",
        "of two users: `hostile/users.rs` has them",
    ),
    (
        "update_request_other_user",
        "of two users: `hostile/users.rs` has them",
    ),
];
