//! The order of works in a request.

use std::collections::BTreeMap;

use idds_workflow::WorkloadId;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::RequestInfo;

/// A request, and which of its works follow which.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct RequestRelation {
    /// The works that no other work comes before.
    pub relation_map: Vec<Relation>,
    /// The request.
    #[serde(flatten)]
    pub info: RequestInfo,
}

/// A node in the picture of a workflow.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Relation {
    /// A work.
    Work {
        /// The work.
        work: RelationWork,
        /// The works that follow it.
        #[serde(default)]
        next_works: Vec<Relation>,
    },
    /// A sub-workflow.
    Workflow(Vec<Relation>),
    /// A loop: what ran in each round.
    Rounds(BTreeMap<String, Vec<Relation>>),
}

/// A work in the picture of a workflow.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct RelationWork {
    /// Name of the work.
    pub work_name: Option<String>,
    /// Id of its task in the workload system, once it has one.
    pub workload_id: Option<WorkloadId>,
    /// What else identifies it in the workload system.
    pub external_id: Option<Value>,
    /// Names of the works that it follows.
    #[serde(default)]
    pub ancestry_works: Vec<String>,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use idds_workflow::RequestId;
    use serde_json::json;

    use super::*;
    use crate::Error;
    use crate::transport::recorded::client;

    fn relations(map: &Value) -> Result<Vec<Relation>, Error> {
        let body =
            json!([{"request_id": 1, "status": 3, "relation_map": map, "new": 1}]).to_string();
        let answer = client()
            .monitor()
            .relations(RequestId::new(1))
            .answer(&http::Response::new(body.into()))?;
        assert_eq!(Value::from(answer[0].info.rest.clone()), json!({"new": 1}));
        Ok(answer
            .into_iter()
            .flat_map(|relation| relation.relation_map)
            .collect())
    }

    #[test]
    fn works_sub_workflows_and_loops_are_read() {
        let work = |name: &str| json!({"work": {"work_name": name, "workload_id": 7, "external_id": null, "ancestry_works": []}});
        let map = json!([{"work": {"work_name": "a"}, "next_works": [work("b"), [work("c")]]}, {"1": [work("d")], "2": []}]);
        let map = relations(&map).expect("an answer");
        let [Relation::Work { next_works, .. }, Relation::Rounds(rounds)] = map.as_slice() else {
            panic!("{map:?}")
        };
        let [Relation::Work { work, .. }, Relation::Workflow(steps)] = next_works.as_slice() else {
            panic!("{map:?}")
        };
        assert_eq!(
            (work.work_name.as_deref(), work.workload_id),
            (Some("b"), Some(WorkloadId::new(7)))
        );
        assert_eq!(
            (steps.len(), rounds["1"].len(), rounds["2"].len()),
            (1, 1, 0)
        );
    }

    #[test]
    fn a_picture_too_deep_is_an_error() {
        let mut map = json!([]);
        for _ in 0..300 {
            map = json!([map]);
        }
        assert!(relations(&map).is_err());
    }
}
