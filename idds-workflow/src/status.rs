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

open_enum! {
    /// State of a transform: a work on the server.
    TransformStatus {
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
        /// Coming to its end.
        Terminating = 20,
        /// Its build is running.
        Building = 21,
        /// Its build finished.
        Built = 22,
        /// Waiting in a queue.
        Queue = 23,
        /// Held back because too many are running.
        Throttling = 24,
        /// Waiting for what releases it.
        WaitForTrigger = 25,
    }
}

open_enum! {
    /// State of a processing: one attempt at a transform.
    ProcessingStatus {
        /// Not yet submitted.
        New = 0,
        /// Being submitted.
        Submitting = 1,
        /// Handed to the workload system.
        Submitted = 2,
        /// Running.
        Running = 3,
        /// Everything was done.
        Finished = 4,
        /// Ended without success.
        Failed = 5,
        /// The workload system does not know it any more.
        Lost = 6,
        /// Cancelled by the workload system.
        Cancel = 7,
        /// Finished a step.
        FinishedOnStep = 8,
        /// Finished executing.
        FinishedOnExec = 9,
        /// Finished, for good.
        FinishedTerm = 10,
        /// A part was done.
        SubFinished = 11,
        /// An abort was asked for.
        ToCancel = 12,
        /// Being aborted.
        Cancelling = 13,
        /// Aborted.
        Cancelled = 14,
        /// A suspension was asked for.
        ToSuspend = 15,
        /// Being suspended.
        Suspending = 16,
        /// Suspended.
        Suspended = 17,
        /// A resumption was asked for.
        ToResume = 18,
        /// Being resumed.
        Resuming = 19,
        /// Its lifetime is over.
        ToExpire = 20,
        /// Being ended because its lifetime is over.
        Expiring = 21,
        /// Ended because its lifetime was over.
        Expired = 22,
        /// Took too long.
        TimeOut = 23,
        /// An early end was asked for.
        ToFinish = 24,
        /// An early end with everything counted as finished was asked for.
        ToForceFinish = 25,
        /// Broken.
        Broken = 26,
        /// Coming to its end.
        Terminating = 27,
        /// About to release what waits for it.
        ToTrigger = 28,
        /// Releasing what waits for it.
        Triggering = 29,
        /// Being brought in step with the workload system.
        Synchronizing = 30,
        /// Prepared, not yet submitted.
        Prepared = 31,
    }
}

open_enum! {
    /// State of a collection.
    CollectionStatus {
        /// Not yet looked at.
        New = 0,
        /// Looked at.
        Updated = 1,
        /// Being worked on.
        Processing = 2,
        /// Contents may still come.
        Open = 3,
        /// Complete.
        Closed = 4,
        /// Closed with a part of its contents.
        SubClosed = 5,
        /// Failed.
        Failed = 6,
        /// Deleted.
        Deleted = 7,
        /// Cancelled.
        Cancelled = 8,
        /// Suspended.
        Suspended = 9,
    }
}

open_enum! {
    /// What an agent of the server is told to do.
    CommandType {
        /// None.
        NoneCommand = 0,
        /// Abort a request.
        AbortRequest = 10,
        /// Resume a request.
        ResumeRequest = 11,
        /// End a request whose lifetime is over.
        ExpireRequest = 12,
        /// Close a request.
        CloseRequest = 13,
        /// Abort a transform.
        AbortTransform = 20,
        /// Resume a transform.
        ResumeTransform = 21,
        /// End a transform whose lifetime is over.
        ExpireTransform = 22,
        /// Close a transform.
        CloseTransform = 23,
        /// Abort a processing.
        AbortProcessing = 30,
        /// Resume a processing.
        ResumeProcessing = 31,
        /// End a processing whose lifetime is over.
        ExpireProcessing = 32,
        /// Close a processing.
        CloseProcessing = 33,
    }
}

impl RequestStatus {
    /// Tells whether the request has ended. It can still be retried, which makes it [`RequestStatus::Transforming`] again.
    pub fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Finished
                | Self::SubFinished
                | Self::Failed
                | Self::Cancelled
                | Self::Suspended
                | Self::Expired
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_a_name_survives() {
        let status = RequestStatus::from_code(777);
        assert_eq!(
            (status, status.code(), status.name()),
            (RequestStatus::Unknown(777), 777, None)
        );
        assert_eq!(status.to_string(), "777");
    }

    #[test]
    fn numbers_and_names_belong_together() {
        assert_eq!(RequestStatus::from_code(3), RequestStatus::Finished);
        assert_eq!(RequestType::from_code(99).to_string(), "Other");
    }

    #[test]
    fn a_name_leads_to_its_value() {
        assert_eq!(
            TransformStatus::from_name("WaitForTrigger"),
            Some(TransformStatus::WaitForTrigger)
        );
        assert_eq!(TransformStatus::from_name("waitfortrigger"), None);
    }
}
