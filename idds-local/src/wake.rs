//! Who is told that there may be something to do.

use tokio::sync::Notify;

/// Wakes who moves requests on, and who starts jobs.
#[derive(Debug, Default)]
pub(crate) struct Wake {
    agent: Notify,
    runner: Notify,
}

impl Wake {
    /// Wakes both, once for any number of calls before they look.
    pub(crate) fn notify_one(&self) {
        self.agent.notify_one();
        self.runner.notify_one();
    }

    /// Waits until requests may move on.
    pub(crate) async fn for_agent(&self) {
        self.agent.notified().await;
    }

    /// Waits until jobs may be started, or are to be ended.
    pub(crate) async fn for_runner(&self) {
        self.runner.notified().await;
    }
}
