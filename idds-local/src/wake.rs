//! Who is told that there may be something to do.

use tokio::sync::Notify;

/// Wakes who moves requests on, who starts jobs, and who moves data.
#[derive(Debug, Default)]
pub(crate) struct Wake {
    agent: Notify,
    runner: Notify,
    copier: Notify,
    follower: Notify,
}

impl Wake {
    /// Wakes all of them, once for any number of calls before they look.
    pub(crate) fn notify_one(&self) {
        self.agent.notify_one();
        self.runner.notify_one();
        self.copier.notify_one();
        self.follower.notify_one();
    }

    /// Wakes who moves requests on.
    pub(crate) fn notify_agent(&self) {
        self.agent.notify_one();
    }

    /// Waits until requests may move on.
    pub(crate) async fn for_agent(&self) {
        self.agent.notified().await;
    }

    /// Waits until jobs may be started, or are to be ended.
    pub(crate) async fn for_runner(&self) {
        self.runner.notified().await;
    }

    /// Waits until there may be a new dataset to be followed.
    pub(crate) async fn for_follower(&self) {
        self.follower.notified().await;
    }

    /// Waits until files may be copied, or are not to be copied any more.
    pub(crate) async fn for_copier(&self) {
        self.copier.notified().await;
    }
}
