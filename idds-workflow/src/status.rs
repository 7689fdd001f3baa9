//! The enumerations of `idds.common.constants`, 2.6.21.

use crate::open_enum::open_enum;

open_enum! {
    /// State of a request on the server.
    RequestStatus {
        /// Accepted, not yet picked up by an agent.
        New = 0,
        /// Picked up, about to be started.
        Ready = 1,
        /// Its works are running.
        Transforming = 2,
        /// Every work finished.
        Finished = 3,
        /// Ended with a part of the work done; also an aborted search that has some losses.
        SubFinished = 4,
        /// Ended without success.
        Failed = 5,
        /// Its life was extended.
        Extend = 6,
        /// An abort was asked for.
        ToCancel = 7,
        /// Being aborted.
        Cancelling = 8,
        /// Aborted.
        Cancelled = 9,
        /// A suspension was asked for.
        ToSuspend = 10,
        /// Being suspended.
        Suspending = 11,
        /// Suspended.
        Suspended = 12,
        /// A resumption was asked for.
        ToResume = 13,
        /// Being resumed.
        Resuming = 14,
        /// Its lifetime is over.
        ToExpire = 15,
        /// Being ended because its lifetime is over.
        Expiring = 16,
        /// Ended because its lifetime was over.
        Expired = 17,
        /// An early end was asked for.
        ToFinish = 18,
        /// An early end with everything counted as finished was asked for.
        ToForceFinish = 19,
        /// Coming to its end.
        Terminating = 20,
        /// Its build work is running.
        Building = 21,
        /// Its build work finished.
        Built = 22,
        /// Held back because too many requests are running.
        Throttling = 23,
        /// Closing was asked for.
        ToClose = 24,
    }
}

open_enum! {
    /// State of a work.
    WorkStatus {
        /// Not yet started.
        New = 0,
        /// Picked up, about to be started.
        Ready = 1,
        /// Running.
        Transforming = 2,
        /// Everything was done.
        Finished = 3,
        /// A part was done.
        SubFinished = 4,
        /// Ended without success.
        Failed = 5,
        /// Its life was extended.
        Extend = 6,
        /// An abort was asked for.
        ToCancel = 7,
        /// Being aborted.
        Cancelling = 8,
        /// Aborted.
        Cancelled = 9,
        /// A suspension was asked for.
        ToSuspend = 10,
        /// Being suspended.
        Suspending = 11,
        /// Suspended.
        Suspended = 12,
        /// A resumption was asked for.
        ToResume = 13,
        /// Being resumed.
        Resuming = 14,
        /// Its lifetime is over.
        ToExpire = 15,
        /// Being ended because its lifetime is over.
        Expiring = 16,
        /// Ended because its lifetime was over.
        Expired = 17,
        /// An early end was asked for.
        ToFinish = 18,
        /// An early end with everything counted as finished was asked for.
        ToForceFinish = 19,
        /// Running.
        Running = 20,
        /// Coming to its end.
        Terminating = 21,
    }
}

open_enum! {
    /// State of a content: a file, or a point of a search.
    ContentStatus {
        /// Not yet there; a point without a loss.
        New = 0,
        /// Being made.
        Processing = 1,
        /// There; a point with a loss.
        Available = 2,
        /// Failed, may be tried again.
        Failed = 3,
        /// Failed for good.
        FinalFailed = 4,
        /// Lost.
        Lost = 5,
        /// Deleted.
        Deleted = 6,
        /// Mapped to an output.
        Mapped = 7,
        /// Counted as there.
        FakeAvailable = 8,
        /// Missing.
        Missing = 9,
        /// Cancelled.
        Cancelled = 10,
        /// Released to run.
        Activated = 11,
        /// Partly there.
        SubAvailable = 12,
        /// Partly there, for good.
        FinalSubAvailable = 13,
        /// Being prepared.
        PreProcessing = 14,
    }
}

open_enum! {
    /// What a collection is.
    CollectionType {
        /// A container of datasets.
        Container = 0,
        /// A dataset.
        Dataset = 1,
        /// A single file.
        File = 2,
        /// A dataset that exists in iDDS only.
        PseudoDataset = 3,
        /// A dataset whose files iDDS does not follow.
        NoContentDataset = 4,
    }
}

open_enum! {
    /// What a request asks for.
    RequestType {
        /// A workflow; what this crate submits.
        Workflow = 0,
        /// Event streaming.
        EventStreaming = 1,
        /// Plain stage-in request of old clients.
        StageIn = 2,
        /// Active learning.
        ActiveLearning = 3,
        /// Plain hyperparameter request of old clients, and of PanDA.
        HyperParameterOpt = 4,
        /// Derivation.
        Derivation = 5,
        /// A workflow of Python functions.
        IWorkflow as "iWorkflow" = 6,
        /// A workflow of Python functions, run locally.
        IWorkflowLocal as "iWorkflowLocal" = 7,
        /// A generic workflow.
        GenericWorkflow = 8,
        /// Data of a work.
        WorkData = 9,
        /// Anything else.
        Other = 99,
    }
}

open_enum! {
    /// What a work does.
    TransformType {
        /// A workflow.
        Workflow = 0,
        /// Event streaming.
        EventStreaming = 1,
        /// Staging data from tape.
        StageIn = 2,
        /// Active learning.
        ActiveLearning = 3,
        /// Hyperparameter optimisation.
        HyperParameterOpt = 4,
        /// Derivation.
        Derivation = 5,
        /// Processing of data by jobs.
        Processing = 6,
        /// A decision made by a program.
        Actuating = 7,
        /// Data handling.
        Data = 8,
        /// A workflow of Python functions.
        IWorkflow as "iWorkflow" = 9,
        /// A Python function.
        IWork as "iWork" = 10,
        /// A generic workflow.
        GenericWorkflow = 11,
        /// A generic work.
        GenericWork = 12,
        /// A build step.
        BuildWork = 13,
        /// Anything else.
        Other = 99,
    }
}

impl RequestStatus {
    /// Tells whether the request has ended. It can still be retried, which makes it [`RequestStatus::Transforming`] again.
    pub fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Finished | Self::SubFinished | Self::Failed | Self::Cancelled | Self::Suspended | Self::Expired
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_a_name_survives() {
        let status = RequestStatus::from_code(777);
        assert_eq!((status, status.code(), status.name()), (RequestStatus::Unknown(777), 777, None));
        assert_eq!(status.to_string(), "777");
    }

    #[test]
    fn numbers_and_names_belong_together() {
        assert_eq!(RequestStatus::from_code(3), RequestStatus::Finished);
        assert_eq!(RequestType::from_code(99).to_string(), "Other");
    }
}
