//! What the lines of a journal say.

use std::time::Duration;

use idds_client::PointId;
use idds_workflow::{OptSpace, RequestId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{Direction, EarlierTrial, Loss, RequestIdentity, StopReason};

/// One line of a journal: something that happened to a search.
///
/// Times are since the start of the search, on the line as whole microseconds.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Entry {
    /// What the journal is about: its first line, and only that.
    Journal(Header),
    /// The space that is searched.
    Space {
        /// Its parameters.
        space: OptSpace,
    },
    /// A trial of an earlier search counts in this one.
    Earlier(EarlierTrial),
    /// A process began to run the search.
    Session {
        /// When.
        #[serde(with = "micros")]
        at: Duration,
        /// Number of the process.
        pid: u32,
    },
    /// A point appeared on the server.
    Point {
        /// When it was seen.
        #[serde(with = "micros")]
        at: Duration,
        /// Its id.
        point: PointId,
        /// Its parameters.
        parameters: Value,
    },
    /// A point is about to be evaluated; for the second time at once when its evaluation takes unusually long.
    Leased {
        /// When.
        #[serde(with = "micros")]
        at: Duration,
        /// The point.
        point: PointId,
        /// Which of the evaluations that run at once it is: 0, 1, ….
        slot: usize,
    },
    /// An evaluation told an intermediate value.
    Intermediate {
        /// When.
        #[serde(with = "micros")]
        at: Duration,
        /// The point.
        point: PointId,
        /// Step of the evaluation.
        step: u64,
        /// The value, as a loss.
        loss: Loss,
        /// Which evaluation of the point it is: 1, 2, …; absent for the one begun last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attempt: Option<u32>,
    },
    /// An evaluation failed: the point is to be evaluated again or left open, unless another evaluation of it runs.
    Failed {
        /// When.
        #[serde(with = "micros")]
        at: Duration,
        /// The point.
        point: PointId,
        /// Why.
        why: String,
        /// Which evaluation of the point it is: 1, 2, …; none for the one begun last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attempt: Option<u32>,
    },
    /// A point has a loss, which is about to be reported. Other evaluations of the point that run are given up.
    Evaluated {
        /// When.
        #[serde(with = "micros")]
        at: Duration,
        /// The point.
        point: PointId,
        /// The loss.
        loss: Loss,
        /// Why the loss is a made-up one; absent for one that was evaluated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made_up: Option<String>,
        /// Step at which the evaluation was cut short; absent for one that ran to its end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stopped_at: Option<u64>,
        /// Which evaluation of the point it is: 1, 2, …; absent for the one begun last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attempt: Option<u32>,
        /// Point with the same parameters whose loss this is; absent when the point itself was evaluated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        same_as: Option<PointId>,
    },
    /// A point is given up without a loss.
    LeftOpen {
        /// When.
        #[serde(with = "micros")]
        at: Duration,
        /// The point.
        point: PointId,
    },
    /// The server acknowledged the loss of a point.
    Reported {
        /// When.
        #[serde(with = "micros")]
        at: Duration,
        /// The point.
        point: PointId,
    },
    /// The server shows a loss of a point.
    Confirmed {
        /// When.
        #[serde(with = "micros")]
        at: Duration,
        /// The point.
        point: PointId,
        /// The loss; absent when it is NaN or infinite.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        loss: Option<Loss>,
    },
    /// The server shows no loss of a point any more, though it had one: what is known is reported again.
    Lost {
        /// When that was seen.
        #[serde(with = "micros")]
        at: Duration,
        /// The point.
        point: PointId,
    },
    /// The process ended its run of the search.
    Stopped {
        /// When.
        #[serde(with = "micros")]
        at: Duration,
        /// Why.
        reason: StopReason,
        /// The error, when the reason is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
}

/// What a journal is about.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Header {
    /// Version of the format, [`Header::VERSION`].
    pub version: u32,
    /// Request that is searched.
    pub request: RequestId,
    /// Address of the server.
    pub server: String,
    /// What tells the request from another one of its number.
    #[serde(default)] // so that a journal of an older version is named as such
    pub identity: RequestIdentity,
    /// Whether the objective is minimized or maximized.
    pub direction: Direction,
    /// Start of the search, in microseconds since 1970.
    pub started: u64,
    /// Name and version of the program that began the journal.
    pub program: String,
}

impl Header {
    /// Version of the format that this crate writes and reads.
    pub const VERSION: u32 = 2;

    /// Describes a search that starts at this time since 1970.
    pub fn new(
        request: RequestId,
        server: impl Into<String>,
        direction: Direction,
        started: Duration,
    ) -> Self {
        Self {
            version: Self::VERSION,
            request,
            server: server.into(),
            identity: RequestIdentity::default(),
            direction,
            started: whole_micros(started),
            program: concat!("idds-hpo ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// Says which request it is.
    pub fn identity(mut self, identity: RequestIdentity) -> Self {
        self.identity = identity;
        self
    }

    /// Returns the start of the search as time since 1970.
    pub(crate) fn started(&self) -> Duration {
        Duration::from_micros(self.started)
    }
}

impl Entry {
    /// Returns the point that it is about.
    pub fn point(&self) -> Option<&PointId> {
        match self {
            Self::Journal(_)
            | Self::Space { .. }
            | Self::Earlier(_)
            | Self::Session { .. }
            | Self::Stopped { .. } => None,
            Self::Point { point, .. }
            | Self::Leased { point, .. }
            | Self::Intermediate { point, .. }
            | Self::Failed { point, .. }
            | Self::Evaluated { point, .. }
            | Self::LeftOpen { point, .. }
            | Self::Reported { point, .. }
            | Self::Confirmed { point, .. }
            | Self::Lost { point, .. } => Some(point),
        }
    }

    /// Returns when it happened; what the search is about has no time.
    pub fn at(&self) -> Option<Duration> {
        match self {
            Self::Journal(_) | Self::Space { .. } | Self::Earlier(_) => None,
            Self::Session { at, .. }
            | Self::Point { at, .. }
            | Self::Leased { at, .. }
            | Self::Intermediate { at, .. }
            | Self::Failed { at, .. }
            | Self::Evaluated { at, .. }
            | Self::LeftOpen { at, .. }
            | Self::Reported { at, .. }
            | Self::Confirmed { at, .. }
            | Self::Lost { at, .. }
            | Self::Stopped { at, .. } => Some(*at),
        }
    }
}

/// The time as lines have it.
fn whole_micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

mod micros {
    use super::*;

    pub(super) fn serialize<S: Serializer>(
        time: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        whole_micros(*time).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_micros)
    }
}
