//! The same works as plain structs: what serde_json can do at best with this tree.

use std::io::{self, Write};
use std::time::Instant;

use indexmap::IndexMap;
use serde::Serialize;

use crate::Counted;

/// Writes so many works, and returns the bytes and the seconds.
pub(crate) fn write(works: usize) -> io::Result<(usize, f64)> {
    let work = work();
    let mut sink = Counted::default();
    let start = Instant::now();
    let mut out = io::BufWriter::new(&mut sink);
    for _ in 0..works {
        serde_json::to_writer(&mut out, &work)?;
    }
    out.flush()?;
    drop(out);
    Ok((sink.bytes, start.elapsed().as_secs_f64()))
}

fn work() -> Work {
    Work {
        class_name: "Work".to_owned(),
        module: "idds.workflowv2.work".to_owned(),
        attributes: WorkAttributes {
            collections: IndexMap::from([
                (
                    "00000002".to_owned(),
                    Collection {
                        class_name: "Collection".to_owned(),
                        module: "idds.workflowv2.work".to_owned(),
                        attributes: CollectionAttributes {
                            zip_items: Vec::new(),
                            not_auto_unzip_items: Vec::new(),
                            loading: false,
                            metadata: CollectionMetadata {
                                class_name: "DictMetadata".to_owned(),
                                module: "idds.common.dict_class".to_owned(),
                                attributes: CollectionMetadataAttributes {
                                    zip_items: Vec::new(),
                                    not_auto_unzip_items: Vec::new(),
                                    loading: false,
                                    internal_id: "00000002".to_owned(),
                                    coll_id: (),
                                    coll_type: 1,
                                    status: 0,
                                    substatus: 0,
                                },
                            },
                            scope: "a".to_owned(),
                            name: "i1".to_owned(),
                            coll_metadata: Empty {},
                            collection: (),
                            total_files: 0,
                            processed_files: 0,
                            processing_files: 0,
                            activated_files: 0,
                            preprocessing_files: 0,
                            bytes: 0,
                            new_files: 0,
                            failed_files: 0,
                            missing_files: 0,
                            ext_files: 0,
                            processed_ext_files: 0,
                            failed_ext_files: 0,
                            missing_ext_files: 0,
                        },
                    },
                ),
                (
                    "00000003".to_owned(),
                    Collection {
                        class_name: "Collection".to_owned(),
                        module: "idds.workflowv2.work".to_owned(),
                        attributes: CollectionAttributes {
                            zip_items: Vec::new(),
                            not_auto_unzip_items: Vec::new(),
                            loading: false,
                            metadata: CollectionMetadata {
                                class_name: "DictMetadata".to_owned(),
                                module: "idds.common.dict_class".to_owned(),
                                attributes: CollectionMetadataAttributes {
                                    zip_items: Vec::new(),
                                    not_auto_unzip_items: Vec::new(),
                                    loading: false,
                                    internal_id: "00000003".to_owned(),
                                    coll_id: (),
                                    coll_type: 1,
                                    status: 0,
                                    substatus: 0,
                                },
                            },
                            scope: "a".to_owned(),
                            name: "o1.0".to_owned(),
                            coll_metadata: Empty {},
                            collection: (),
                            total_files: 0,
                            processed_files: 0,
                            processing_files: 0,
                            activated_files: 0,
                            preprocessing_files: 0,
                            bytes: 0,
                            new_files: 0,
                            failed_files: 0,
                            missing_files: 0,
                            ext_files: 0,
                            processed_ext_files: 0,
                            failed_ext_files: 0,
                            missing_ext_files: 0,
                        },
                    },
                ),
            ]),
            primary_input_collection: "00000002".to_owned(),
            primary_output_collection: "00000003".to_owned(),
            other_input_collections: Vec::new(),
            other_output_collections: Vec::new(),
            processings: Empty {},
            zip_items: Vec::new(),
            not_auto_unzip_items: Vec::new(),
            loading: false,
            metadata: WorkMetadata {
                class_name: "DictMetadata".to_owned(),
                module: "idds.common.dict_class".to_owned(),
                attributes: WorkMetadataAttributes {
                    zip_items: Vec::new(),
                    not_auto_unzip_items: Vec::new(),
                    loading: false,
                    internal_id: "00000001".to_owned(),
                    template_work_id: "00000001".to_owned(),
                    initialized: false,
                    sequence_id: 0,
                    parameters: (),
                    work_id: (),
                    work_name: "00000001".to_owned(),
                    transforming: false,
                    workdir: (),
                    has_new_inputs: true,
                    started: false,
                    status: 0,
                    substatus: 0,
                    polling_retries: 0,
                    errors: Vec::new(),
                    next_works: Vec::new(),
                    processings: Empty {},
                    active_processings: Vec::new(),
                    cancelled_processings: Vec::new(),
                    suspended_processings: Vec::new(),
                    old_processings: Vec::new(),
                    output_data: Empty {},
                    tocancel: false,
                    tosuspend: false,
                    toresume: false,
                    toexpire: false,
                    tofinish: false,
                    toforcefinish: false,
                    last_updated_at: "Tue, 05 Mar 2024 06:07:08 UTC".to_owned(),
                    to_update_processings: Empty {},
                    num_run: 0,
                    is_build_work: false,
                },
            },
            is_template: false,
            class_name: "work".to_owned(),
            logger: (),
            setup: (),
            executable: "/bin/hostname".to_owned(),
            arguments: "--index={index}".to_owned(),
            username: (),
            work_type: (),
            work_tag: (),
            exec_type: "local".to_owned(),
            sandbox: (),
            request_id: (),
            log_collections: Vec::new(),
            release_inputs_after_submitting: false,
            work_name_to_coll_map: Vec::new(),
            terminated_msg: "".to_owned(),
            parameters_for_next_task: (),
            status_statistics: Empty {},
            agent_attributes: (),
            proxy: (),
            original_proxy: (),
            backup_to_release_inputs: WorkBackupToReleaseInputs {
                zero: Vec::new(),
                one: Vec::new(),
                two: Vec::new(),
            },
            or_custom_conditions: Empty {},
            and_custom_conditions: Empty {},
            sliced_global_parameters: (),
            func_site_to_cloud: (),
            dispatch_ext_content: false,
        },
    }
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
struct CollectionMetadataAttributes {
    #[serde(rename = "_zip_items")]
    zip_items: Vec<String>,
    #[serde(rename = "_not_auto_unzip_items")]
    not_auto_unzip_items: Vec<String>,
    #[serde(rename = "_loading")]
    loading: bool,
    internal_id: String,
    coll_id: (),
    coll_type: u64,
    status: u64,
    substatus: u64,
}

#[derive(Serialize)]
struct CollectionMetadata {
    #[serde(rename = "class")]
    class_name: String,
    module: String,
    attributes: CollectionMetadataAttributes,
}

#[derive(Serialize)]
struct CollectionAttributes {
    #[serde(rename = "_zip_items")]
    zip_items: Vec<String>,
    #[serde(rename = "_not_auto_unzip_items")]
    not_auto_unzip_items: Vec<String>,
    #[serde(rename = "_loading")]
    loading: bool,
    #[serde(rename = "_metadata")]
    metadata: CollectionMetadata,
    scope: String,
    name: String,
    coll_metadata: Empty,
    #[serde(rename = "_collection")]
    collection: (),
    total_files: u64,
    processed_files: u64,
    processing_files: u64,
    activated_files: u64,
    preprocessing_files: u64,
    bytes: u64,
    new_files: u64,
    failed_files: u64,
    missing_files: u64,
    ext_files: u64,
    processed_ext_files: u64,
    failed_ext_files: u64,
    missing_ext_files: u64,
}

#[derive(Serialize)]
struct Collection {
    #[serde(rename = "class")]
    class_name: String,
    module: String,
    attributes: CollectionAttributes,
}

#[derive(Serialize)]
struct WorkMetadataAttributes {
    #[serde(rename = "_zip_items")]
    zip_items: Vec<String>,
    #[serde(rename = "_not_auto_unzip_items")]
    not_auto_unzip_items: Vec<String>,
    #[serde(rename = "_loading")]
    loading: bool,
    internal_id: String,
    template_work_id: String,
    initialized: bool,
    sequence_id: u64,
    parameters: (),
    work_id: (),
    work_name: String,
    transforming: bool,
    workdir: (),
    has_new_inputs: bool,
    started: bool,
    status: u64,
    substatus: u64,
    polling_retries: u64,
    errors: Vec<String>,
    next_works: Vec<String>,
    processings: Empty,
    active_processings: Vec<String>,
    cancelled_processings: Vec<String>,
    suspended_processings: Vec<String>,
    old_processings: Vec<String>,
    output_data: Empty,
    tocancel: bool,
    tosuspend: bool,
    toresume: bool,
    toexpire: bool,
    tofinish: bool,
    toforcefinish: bool,
    last_updated_at: String,
    to_update_processings: Empty,
    num_run: u64,
    is_build_work: bool,
}

#[derive(Serialize)]
struct WorkMetadata {
    #[serde(rename = "class")]
    class_name: String,
    module: String,
    attributes: WorkMetadataAttributes,
}

#[derive(Serialize)]
struct WorkBackupToReleaseInputs {
    #[serde(rename = "0")]
    zero: Vec<String>,
    #[serde(rename = "1")]
    one: Vec<String>,
    #[serde(rename = "2")]
    two: Vec<String>,
}

#[derive(Serialize)]
struct WorkAttributes {
    #[serde(rename = "_collections")]
    collections: IndexMap<String, Collection>,
    #[serde(rename = "_primary_input_collection")]
    primary_input_collection: String,
    #[serde(rename = "_primary_output_collection")]
    primary_output_collection: String,
    #[serde(rename = "_other_input_collections")]
    other_input_collections: Vec<String>,
    #[serde(rename = "_other_output_collections")]
    other_output_collections: Vec<String>,
    #[serde(rename = "_processings")]
    processings: Empty,
    #[serde(rename = "_zip_items")]
    zip_items: Vec<String>,
    #[serde(rename = "_not_auto_unzip_items")]
    not_auto_unzip_items: Vec<String>,
    #[serde(rename = "_loading")]
    loading: bool,
    #[serde(rename = "_metadata")]
    metadata: WorkMetadata,
    is_template: bool,
    class_name: String,
    logger: (),
    setup: (),
    executable: String,
    arguments: String,
    username: (),
    work_type: (),
    work_tag: (),
    exec_type: String,
    sandbox: (),
    request_id: (),
    log_collections: Vec<String>,
    release_inputs_after_submitting: bool,
    work_name_to_coll_map: Vec<String>,
    terminated_msg: String,
    parameters_for_next_task: (),
    status_statistics: Empty,
    agent_attributes: (),
    proxy: (),
    original_proxy: (),
    backup_to_release_inputs: WorkBackupToReleaseInputs,
    or_custom_conditions: Empty,
    and_custom_conditions: Empty,
    sliced_global_parameters: (),
    func_site_to_cloud: (),
    dispatch_ext_content: bool,
}

#[derive(Serialize)]
struct Work {
    #[serde(rename = "class")]
    class_name: String,
    module: String,
    attributes: WorkAttributes,
}
