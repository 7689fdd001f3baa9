//! Every recorded call about requests: made in the same way and understood, or never made.

use idds_workflow::{RequestId, RequestStatus, Workflow, WorkloadId};
use percent_encoding::percent_decode_str;

use super::Requests;
use crate::transport::recorded::{client, exchanges_of, replay};
use crate::{Endpoint, ErrorKind, Target};

/// Recorded calls that this client does not make.
const NEVER_MADE: &[(&str, &str)] = &[
    ("abort_bad_id", "an id is a number"),
    ("abort_task_literal", "it aborts the whole request"),
    ("abort_workload", "a workload alone is looked up first"),
    ("get_request_id_by_name_slash", "the slash is sent as a wildcard"),
    ("get_request_one_part", "there is no such route"),
    ("get_requests_all_flags", "one detail at a time"),
    ("get_requests_bad_id", "an id is a number"),
    ("get_requests_detail_True_metadata_True", "one detail at a time"),
    ("get_requests_huge_id", "an id fits 64 bits"),
    ("get_requests_json_outputs", "errors are read from status and headers"),
    ("get_requests_lower_case_flags", "flags are written as Python writes them"),
    ("get_requests_three_parts", "all flags are sent"),
    ("get_requests_unknown_json_outputs", "errors are read from status and headers"),
    ("get_requests_word_None", "no id is the word null"),
    ("retry_workload", "a workload alone is looked up first"),
    ("update_request_null", "an id is a number"),
];

/// What became of a recorded exchange: the kind of the error if there is one, none where no call makes the request.
type Outcome = Option<Result<(), ErrorKind>>;

fn understood<E: Endpoint>(call: &E, name: &str) -> Outcome {
    Some(replay(call, name).map(|_| ()).map_err(|error| error.kind()))
}

fn target(request: &str, workload: &str) -> Option<Target> {
    match (request.parse().map(RequestId::new), workload.parse().map(WorkloadId::new)) {
        (Ok(request), Ok(workload)) => Some((request, workload).into()),
        (Ok(request), Err(_)) if workload == "null" => Some(request.into()),
        (Err(_), Ok(workload)) if request == "null" => Some(workload.into()),
        _ => None,
    }
}

fn make(requests: &Requests, name: &str, method: &str, path: &str) -> Outcome {
    let parts: Vec<&str> = path.split('/').collect();
    match (method, &parts[..]) {
        ("GET", ["name", pattern]) => {
            let wanted = percent_decode_str(pattern).decode_utf8().expect("text");
            understood(&requests.find_by_name(wanted), name)
        }
        ("GET", ["null", "null", "False", "False", "False", "False"]) => understood(&requests.list_everybody(), name),
        ("GET", [request, workload, flags @ ..]) => {
            let get = requests.get(target(request, workload)?);
            match flags {
                ["False", "False", "False", "False"] => understood(&get, name),
                ["True", "False", "False", "False"] => understood(&get.collections(), name),
                ["False", "True", "False", "False"] => understood(&get.metadata(), name),
                ["False", "False", "True", "False"] => understood(&get.transforms(), name),
                ["False", "False", "False", "True"] => understood(&get.processings(), name),
                _ => None,
            }
        }
        ("PUT", [request]) => {
            let call = requests.update(RequestId::new(request.parse().ok()?), RequestStatus::ToSuspend).anyway();
            understood(&call, name)
        }
        ("PUT", ["abort", request, workload, task]) => {
            let task = WorkloadId::new(task.parse().ok()?);
            understood(&requests.abort_task(target(request, workload)?, task).anyway(), name)
        }
        ("PUT", [command, request, workload]) => match (*command, target(request, workload)?) {
            (_, Target::Workload(_)) => None,
            ("abort", target) => understood(&requests.abort(target), name),
            ("close", target) => understood(&requests.close(target), name),
            ("retry", target) => understood(&requests.retry(target), name),
            _ => None,
        },
        ("POST", ["build", request]) => {
            let workflow = Workflow::builder().build().expect("a workflow");
            let call = requests.update_build(RequestId::new(request.parse().ok()?), "signature", &workflow);
            understood(&call, name)
        }
        _ => None,
    }
}

#[test]
fn every_recorded_call_is_made_and_understood_or_known_as_never_made() {
    let recorded = exchanges_of("/idds/request/");
    assert!(recorded.len() > 60, "{}", recorded.len());
    for (name, method, path) in &recorded {
        let reason = NEVER_MADE.iter().find(|(never, _)| never == name).map(|(_, reason)| reason);
        if reason.is_some() && name.contains("name_slash") {
            continue; // A call for the name exists, and makes another request.
        }
        match (make(&client().requests(), name, method, path), reason) {
            (None, Some(_)) => {}
            (Some(Err(ErrorKind::Answer)), _) => panic!("{name} is not understood"),
            (Some(_), None) => {}
            (Some(_), Some(reason)) => panic!("{name} is made although {reason}"),
            (None, None) => panic!("{name} is never made"),
        }
    }
    for (never, _) in NEVER_MADE {
        assert!(recorded.iter().any(|(name, ..)| name == never), "{never} is not recorded");
    }
}
