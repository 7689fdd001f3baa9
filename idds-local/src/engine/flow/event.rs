//! What a machine is told, and what it asks for.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::key::RunKey;

/// How a run of a work, or a workflow, has ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub(crate) enum Status {
    /// All of it is done.
    Finished,
    /// Some of it is done.
    SubFinished,
    /// Nothing of it is done.
    Failed,
    /// It was stopped by its user.
    Cancelled,
    /// It is held by its user.
    Suspended,
    /// Its time was over.
    Expired,
}

impl Status {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Finished,
        Self::SubFinished,
        Self::Failed,
        Self::Cancelled,
        Self::Suspended,
        Self::Expired,
    ];

    /// Returns the number that iDDS stores, for requests, transforms and works alike.
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Finished => 3,
            Self::SubFinished => 4,
            Self::Failed => 5,
            Self::Cancelled => 9,
            Self::Suspended => 12,
            Self::Expired => 17,
        }
    }

    /// Returns the name that iDDS shows.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Finished => "Finished",
            Self::SubFinished => "SubFinished",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
            Self::Suspended => "Suspended",
            Self::Expired => "Expired",
        }
    }
}

/// What happens to a workflow. It is stored before it is handled.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) enum FlowEvent {
    /// The request is looked at for the first time.
    Begin,
    /// A run of a work has ended.
    Ended {
        /// Which one.
        run: RunKey,
        /// How.
        status: Status,
        /// What it says about itself, `output_data` of 2.6.21: custom conditions, global parameters and links read it.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        output: Map<String, Value>,
    },
    /// Something in a run has moved on (a job has ended), so that the pending time of the workflow begins anew.
    Progress,
    /// Time has passed; see [`Machine::deadline`](super::Machine::deadline).
    Time,
    /// The user asks for something.
    Asked(UserCommand),
    /// A work was added to the request (`POST /transform`). It starts at once.
    Added {
        /// Id of the work, which no other work of the workflow has.
        id: String,
        /// Name of the work.
        name: String,
    },
}

/// What a user asks a workflow to do.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum UserCommand {
    /// Stop what runs. No other round of a loop begins. What conditions ask for when a work is stopped still starts, as in 2.6.21.
    Abort,
    /// Hold everything until it is resumed.
    Suspend,
    /// Go on with what is held.
    Resume,
    /// Run again whatever has ended without being Finished.
    Retry,
    /// End with what is done; nothing else starts.
    Finish,
    /// End as Finished, whatever is done; nothing else starts.
    SetAllFinished,
}

/// What has to be done, in the order of the list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Command {
    /// Start a run of a work. From now on the machine counts it as running, and waits for [`FlowEvent::Ended`].
    Start(Box<Start>),
    /// A sub-workflow begins; nothing has to be done but to tell it.
    Begins {
        /// The sub-workflow.
        workflow: RunKey,
    },
    /// A workflow begins another round of its loop; nothing has to be done but to tell it.
    Round {
        /// The sub-workflow, or nothing for the whole workflow.
        workflow: Option<RunKey>,
        /// Number of the round; the first one is 1.
        number: u32,
    },
    /// A sub-workflow has ended; nothing has to be done but to tell it.
    Ends {
        /// The sub-workflow.
        workflow: RunKey,
        /// How it has ended.
        status: Status,
    },
    /// End a run of a work early. [`FlowEvent::Ended`] says how it has ended: what is done counts.
    End {
        /// Which one.
        run: RunKey,
        /// Why.
        ending: Ending,
    },
    /// Start no new jobs of a run until [`Command::Resume`].
    Suspend(RunKey),
    /// Go on with a run that is held.
    Resume(RunKey),
    /// Run again what has failed in a run that has ended. It counts as running, and has the parameters that it had.
    Retry(RunKey),
    /// The whole workflow has ended. A later [`UserCommand::Retry`] or [`FlowEvent::Added`] opens it again.
    Ended(Status),
}

/// Why a run is to end early.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ending {
    /// Its user aborts the request.
    Abort,
    /// The lifetime or pending time of the request is over.
    Expire,
    /// Its user is content with what is done.
    Finish,
    /// Its user wants it to be Finished, whatever is done.
    SetAllFinished,
}

/// A run of a work that starts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Start {
    /// The run.
    pub(crate) run: RunKey,
    /// Ids on the way to the work in the stored workflow, from the outside in; the last one is that of the work.
    pub(crate) path: Vec<String>,
    /// Whether this is the build work of its workflow, which stands outside `_works`.
    pub(crate) is_build: bool,
    /// Whether the work is not in the stored workflow but was [added](FlowEvent::Added).
    pub(crate) is_added: bool,
    /// Number of the run of each workflow around it, from the outside in; 1 where there is no loop, 0 for a build work.
    pub(crate) rounds: Vec<u32>,
    /// What is appended to the names of the collections that it writes, unless `___idds___` is in them.
    pub(crate) suffix: String,
    /// Number of works of its workflow that have started before it, `sequence_id` of 2.6.21.
    pub(crate) sequence: u64,
    /// `parameters` of the work, where links lead to it.
    pub(crate) parameters: Option<Map<String, Value>>,
    /// Attributes of the work that are to be set: by links, then by global parameters, sliced or whole.
    pub(crate) attributes: IndexMap<String, Arc<Value>>,
    /// Ids of the works of the same workflow whose outputs its jobs wait for.
    pub(crate) parents: Vec<String>,
    /// Why it starts now, for a reader.
    pub(crate) because: String,
}
