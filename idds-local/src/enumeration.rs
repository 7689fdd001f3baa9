//! The enumerations of the server, for reading and writing.
//!
//! They are stated here once more, apart from those of the client side, so that a wrong name cannot pass on both sides.

use serde::Deserialize;
use serde_json::{Value, json};

/// A Python enumeration: its class and its members, in the order of definition.
#[derive(Debug)]
pub(crate) struct Enumeration {
    class: &'static str,
    members: &'static [(i64, &'static str)],
}

/// A member as an object of the wire.
#[derive(Deserialize)]
struct Member {
    class: String,
    module: String,
    attributes: Attributes,
}

#[derive(Deserialize)]
struct Attributes {
    #[serde(rename = "_value_")]
    value: i64,
}

/// Module of every enumeration.
const MODULE: &str = "idds.common.constants";

impl Enumeration {
    /// Returns the Python class.
    pub(crate) const fn class(&self) -> &'static str {
        self.class
    }

    /// Tells whether a member has this number.
    pub(crate) fn contains(&self, code: i64) -> bool {
        self.members.iter().any(|member| member.0 == code)
    }

    /// Returns the number of the member with this name.
    pub(crate) fn code(&self, name: &str) -> Option<i64> {
        self.members
            .iter()
            .find(|member| member.1 == name)
            .map(|member| member.0)
    }

    /// Returns the name of the member with this number.
    pub(crate) fn name(&self, code: i64) -> Option<&'static str> {
        self.members
            .iter()
            .find(|member| member.0 == code)
            .map(|member| member.1)
    }

    /// Reads the number of a member that is written as the server writes objects; `_name_` and `_sort_order_` may be missing.
    pub(crate) fn read(&self, value: &Value) -> Option<i64> {
        self.code_of(Member::deserialize(value).ok()?)
    }

    /// Reads the same from a text of JSON.
    pub(crate) fn read_text(&self, text: &str) -> Option<i64> {
        self.code_of(serde_json::from_str(text).ok()?)
    }

    fn code_of(
        &self,
        Member {
            class,
            module,
            attributes: Attributes { value },
        }: Member,
    ) -> Option<i64> {
        (class == self.class && module == MODULE && self.contains(value)).then_some(value)
    }

    /// Writes the member with this number as the server writes objects; a number without a member stays a number.
    pub(crate) fn member(&self, code: i64) -> Value {
        match self
            .members
            .iter()
            .enumerate()
            .find(|(_, member)| member.0 == code)
        {
            Some((order, (_, name))) => json!({
                "attributes": { "_name_": name, "_sort_order_": order, "_value_": code },
                "class": self.class,
                "module": MODULE,
            }),
            None => code.into(),
        }
    }
}

/// State of a request.
pub(crate) const REQUEST_STATUS: Enumeration = Enumeration {
    class: "RequestStatus",
    members: &[
        (0, "New"),
        (1, "Ready"),
        (2, "Transforming"),
        (3, "Finished"),
        (4, "SubFinished"),
        (5, "Failed"),
        (6, "Extend"),
        (7, "ToCancel"),
        (8, "Cancelling"),
        (9, "Cancelled"),
        (10, "ToSuspend"),
        (11, "Suspending"),
        (12, "Suspended"),
        (13, "ToResume"),
        (14, "Resuming"),
        (15, "ToExpire"),
        (16, "Expiring"),
        (17, "Expired"),
        (18, "ToFinish"),
        (19, "ToForceFinish"),
        (20, "Terminating"),
        (21, "Building"),
        (22, "Built"),
        (23, "Throttling"),
        (24, "ToClose"),
    ],
};

/// What a request asks for.
pub(crate) const REQUEST_TYPE: Enumeration = Enumeration {
    class: "RequestType",
    members: &[
        (0, "Workflow"),
        (1, "EventStreaming"),
        (2, "StageIn"),
        (3, "ActiveLearning"),
        (4, "HyperParameterOpt"),
        (5, "Derivation"),
        (6, "iWorkflow"),
        (7, "iWorkflowLocal"),
        (8, "GenericWorkflow"),
        (9, "WorkData"),
        (99, "Other"),
    ],
};

/// Whether an agent holds a request.
pub(crate) const REQUEST_LOCKING: Enumeration = Enumeration {
    class: "RequestLocking",
    members: &[(0, "Idle"), (1, "Locking")],
};

/// The last command given to a request.
pub(crate) const COMMAND_TYPE: Enumeration = Enumeration {
    class: "CommandType",
    members: &[
        (0, "NoneCommand"),
        (10, "AbortRequest"),
        (11, "ResumeRequest"),
        (12, "ExpireRequest"),
        (13, "CloseRequest"),
    ],
};

/// State of a transform.
pub(crate) const TRANSFORM_STATUS: Enumeration = Enumeration {
    class: "TransformStatus",
    members: &[
        (0, "New"),
        (1, "Ready"),
        (2, "Transforming"),
        (3, "Finished"),
        (4, "SubFinished"),
        (5, "Failed"),
        (6, "Extend"),
        (7, "ToCancel"),
        (8, "Cancelling"),
        (9, "Cancelled"),
        (10, "ToSuspend"),
        (11, "Suspending"),
        (12, "Suspended"),
        (13, "ToResume"),
        (14, "Resuming"),
        (15, "ToExpire"),
        (16, "Expiring"),
        (17, "Expired"),
        (18, "ToFinish"),
        (19, "ToForceFinish"),
        (20, "Terminating"),
        (21, "Building"),
        (22, "Built"),
        (23, "Queue"),
        (24, "Throttling"),
        (25, "WaitForTrigger"),
    ],
};

/// What a transform does.
pub(crate) const TRANSFORM_TYPE: Enumeration = Enumeration {
    class: "TransformType",
    members: &[
        (0, "Workflow"),
        (1, "EventStreaming"),
        (2, "StageIn"),
        (3, "ActiveLearning"),
        (4, "HyperParameterOpt"),
        (5, "Derivation"),
        (6, "Processing"),
        (7, "Actuating"),
        (8, "Data"),
        (9, "iWorkflow"),
        (10, "iWork"),
        (11, "GenericWorkflow"),
        (12, "GenericWork"),
        (13, "BuildWork"),
        (99, "Other"),
    ],
};

/// Whether an agent holds a transform.
pub(crate) const TRANSFORM_LOCKING: Enumeration = Enumeration {
    class: "TransformLocking",
    members: &[(0, "Idle"), (1, "Locking")],
};

/// What a collection is.
pub(crate) const COLLECTION_TYPE: Enumeration = Enumeration {
    class: "CollectionType",
    members: &[
        (0, "Container"),
        (1, "Dataset"),
        (2, "File"),
        (3, "PseudoDataset"),
        (4, "NoContentDataset"),
    ],
};

/// What a collection is to its transform.
pub(crate) const COLLECTION_RELATION: Enumeration = Enumeration {
    class: "CollectionRelationType",
    members: &[(0, "Input"), (1, "Output"), (2, "Log")],
};

/// Whether an agent holds a collection.
pub(crate) const COLLECTION_LOCKING: Enumeration = Enumeration {
    class: "CollectionLocking",
    members: &[(0, "Idle"), (1, "Locking")],
};

/// What a content is.
pub(crate) const CONTENT_TYPE: Enumeration = Enumeration {
    class: "ContentType",
    members: &[(0, "File"), (1, "Event"), (2, "PseudoContent")],
};

/// What a content is to its transform.
pub(crate) const CONTENT_RELATION: Enumeration = Enumeration {
    class: "ContentRelationType",
    members: &[
        (0, "Input"),
        (1, "Output"),
        (2, "Log"),
        (3, "InputDependency"),
    ],
};

/// Whether an agent holds a content.
pub(crate) const CONTENT_LOCKING: Enumeration = Enumeration {
    class: "ContentLocking",
    members: &[(0, "Idle"), (1, "Locking")],
};

/// State of a collection.
pub(crate) const COLLECTION_STATUS: Enumeration = Enumeration {
    class: "CollectionStatus",
    members: &[
        (0, "New"),
        (1, "Updated"),
        (2, "Processing"),
        (3, "Open"),
        (4, "Closed"),
        (5, "SubClosed"),
        (6, "Failed"),
        (7, "Deleted"),
        (8, "Cancelled"),
        (9, "Suspended"),
    ],
};

/// State of a processing.
pub(crate) const PROCESSING_STATUS: Enumeration = Enumeration {
    class: "ProcessingStatus",
    members: &[
        (0, "New"),
        (1, "Submitting"),
        (2, "Submitted"),
        (3, "Running"),
        (4, "Finished"),
        (5, "Failed"),
        (6, "Lost"),
        (7, "Cancel"),
        (8, "FinishedOnStep"),
        (9, "FinishedOnExec"),
        (10, "FinishedTerm"),
        (11, "SubFinished"),
        (12, "ToCancel"),
        (13, "Cancelling"),
        (14, "Cancelled"),
        (15, "ToSuspend"),
        (16, "Suspending"),
        (17, "Suspended"),
        (18, "ToResume"),
        (19, "Resuming"),
        (20, "ToExpire"),
        (21, "Expiring"),
        (22, "Expired"),
        (23, "TimeOut"),
        (24, "ToFinish"),
        (25, "ToForceFinish"),
        (26, "Broken"),
        (27, "Terminating"),
        (28, "ToTrigger"),
        (29, "Triggering"),
        (30, "Synchronizing"),
        (31, "Prepared"),
    ],
};

/// State of a content; a point is one.
pub(crate) const CONTENT_STATUS: Enumeration = Enumeration {
    class: "ContentStatus",
    members: &[
        (0, "New"),
        (1, "Processing"),
        (2, "Available"),
        (3, "Failed"),
        (4, "FinalFailed"),
        (5, "Lost"),
        (6, "Deleted"),
        (7, "Mapped"),
        (8, "FakeAvailable"),
        (9, "Missing"),
        (10, "Cancelled"),
        (11, "Activated"),
        (12, "SubAvailable"),
        (13, "FinalSubAvailable"),
        (14, "PreProcessing"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_written_with_its_place_in_the_definition() {
        assert_eq!(
            REQUEST_TYPE.member(99),
            json!({
                "class": "RequestType",
                "module": "idds.common.constants",
                "attributes": { "_value_": 99, "_name_": "Other", "_sort_order_": 10 }
            })
        );
        assert_eq!(REQUEST_TYPE.member(777), 777);
    }
}
