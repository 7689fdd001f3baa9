//! The enumerations of `idds.common.constants`, 2.6.21, that stand in the records of the server only.

use crate::open_enum::open_enum;

open_enum! {
    /// State of a transform, a work on the server.
    TransformStatus {
        /// Accepted, not yet picked up by an agent.
        New = 0,
        /// Picked up, about to be started.
        Ready = 1,
        /// Its processings are running.
        Transforming = 2,
        /// Every output is there.
        Finished = 3,
        /// Ended with a part of the outputs.
        SubFinished = 4,
        /// Ended without outputs.
        Failed = 5,
        /// Its life was extended.
        Extend = 6,
        /// To be cancelled.
        ToCancel = 7,
        /// Being cancelled.
        Cancelling = 8,
        /// Cancelled.
        Cancelled = 9,
        /// To be suspended.
        ToSuspend = 10,
        /// Being suspended.
        Suspending = 11,
        /// Suspended.
        Suspended = 12,
        /// To be taken up again.
        ToResume = 13,
        /// Being taken up again.
        Resuming = 14,
        /// To be ended because its lifetime is over.
        ToExpire = 15,
        /// Being ended because its lifetime is over.
        Expiring = 16,
        /// Ended because its lifetime was over.
        Expired = 17,
        /// To be finished with what there is.
        ToFinish = 18,
        /// To be finished as if everything was there.
        ToForceFinish = 19,
        /// About to end.
        Terminating = 20,
        /// Its build is running.
        Building = 21,
        /// Its build has ended.
        Built = 22,
        /// In a queue.
        Queue = 23,
        /// Held back because there is too much to do.
        Throttling = 24,
        /// Waits for conditions.
        WaitForTrigger = 25,
    }
}

open_enum! {
    /// State of a processing, one attempt to run a transform.
    ProcessingStatus {
        /// Accepted, not yet picked up by an agent.
        New = 0,
        /// Being submitted to the workload system.
        Submitting = 1,
        /// Submitted to the workload system.
        Submitted = 2,
        /// Running in the workload system.
        Running = 3,
        /// Ended, every output is there.
        Finished = 4,
        /// Ended without success.
        Failed = 5,
        /// Not known to the workload system any more.
        Lost = 6,
        /// To be cancelled.
        Cancel = 7,
        /// A step of it is finished.
        FinishedOnStep = 8,
        /// Its execution is finished.
        FinishedOnExec = 9,
        /// Finished by its termination.
        FinishedTerm = 10,
        /// Ended with a part of the outputs.
        SubFinished = 11,
        /// To be cancelled.
        ToCancel = 12,
        /// Being cancelled.
        Cancelling = 13,
        /// Cancelled.
        Cancelled = 14,
        /// To be suspended.
        ToSuspend = 15,
        /// Being suspended.
        Suspending = 16,
        /// Suspended.
        Suspended = 17,
        /// To be taken up again.
        ToResume = 18,
        /// Being taken up again.
        Resuming = 19,
        /// To be ended because its lifetime is over.
        ToExpire = 20,
        /// Being ended because its lifetime is over.
        Expiring = 21,
        /// Ended because its lifetime was over.
        Expired = 22,
        /// Ended because it took too long.
        TimeOut = 23,
        /// To be finished with what there is.
        ToFinish = 24,
        /// To be finished as if everything was there.
        ToForceFinish = 25,
        /// Cannot go on.
        Broken = 26,
        /// About to end.
        Terminating = 27,
        /// To be triggered.
        ToTrigger = 28,
        /// Being triggered.
        Triggering = 29,
        /// Its records are being brought up to date.
        Synchronizing = 30,
        /// Prepared, not yet submitted.
        Prepared = 31,
    }
}

open_enum! {
    /// State of a collection.
    CollectionStatus {
        /// Made, nothing in it yet.
        New = 0,
        /// Changed since it was last looked at.
        Updated = 1,
        /// Being worked on.
        Processing = 2,
        /// More may come into it.
        Open = 3,
        /// Complete.
        Closed = 4,
        /// Closed with a part of its contents.
        SubClosed = 5,
        /// Closed without contents.
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
    /// What a collection is to its transform.
    CollectionRelationType {
        /// The transform reads it.
        Input = 0,
        /// The transform writes it.
        Output = 1,
        /// The transform writes its logs into it.
        Log = 2,
    }
}

open_enum! {
    /// What a content is to its transform.
    ContentRelationType {
        /// The transform reads it.
        Input = 0,
        /// The transform writes it.
        Output = 1,
        /// A log of the transform.
        Log = 2,
        /// Another transform writes it, and this one waits for it.
        InputDependency = 3,
    }
}

open_enum! {
    /// What a content is.
    ContentType {
        /// A file.
        File = 0,
        /// A range of events of a file.
        Event = 1,
        /// Something that stands for a job without a file.
        PseudoContent = 2,
    }
}

open_enum! {
    /// A command that waits to be carried out by an agent.
    CommandType {
        /// None.
        NoneCommand = 0,
        /// Stop a request.
        AbortRequest = 10,
        /// Take a request up again.
        ResumeRequest = 11,
        /// End a request because its lifetime is over.
        ExpireRequest = 12,
        /// Close a request.
        CloseRequest = 13,
        /// Stop a transform.
        AbortTransform = 20,
        /// Take a transform up again.
        ResumeTransform = 21,
        /// End a transform because its lifetime is over.
        ExpireTransform = 22,
        /// Close a transform.
        CloseTransform = 23,
        /// Stop a processing.
        AbortProcessing = 30,
        /// Take a processing up again.
        ResumeProcessing = 31,
        /// End a processing because its lifetime is over.
        ExpireProcessing = 32,
        /// Close a processing.
        CloseProcessing = 33,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_its_value() {
        assert_eq!(TransformStatus::from_name("WaitForTrigger"), Some(TransformStatus::WaitForTrigger));
        assert_eq!(TransformStatus::from_name("waitfortrigger"), None);
    }
}
