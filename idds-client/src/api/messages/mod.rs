//! Messages of requests.

mod get;
mod message;
mod send;

pub use self::get::GetMessages;
pub use self::message::{AsyncResult, Message};
pub use self::send::SendMessages;
use serde_json::{Map, Value};

use self::send::Content;
use crate::{Client, Target};

/// The calls about messages.
///
/// The server needs to know the request. Where only a workload is given, its request is looked up first, and the call
/// refused when there are none or several.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::{AsyncResult, Client, Message};
/// use idds_workflow::RequestId;
/// use serde_json::json;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let recorded = Replay::new([
/// #     Exchange::new(
/// #         "POST",
/// #         "/idds/message/7/null/null/null",
/// #         200,
/// #         r#"{"status": 0, "message": "send message successfully"}"#,
/// #     ),
/// #     Exchange::new(
/// #         "GET",
/// #         "/idds/message/7/null/null/null",
/// #         200,
/// #         r#"[{"headers": {"channel": "asyncresult"}, "body": {"sum": 3}}]"#,
/// #     ),
/// # ]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// let request = RequestId::new(7);
/// client.messages().send(request, [AsyncResult::new(json!({"sum": 3}))]).await?;
/// let messages = client.messages().get(request).await?;
/// assert_eq!(messages, [Message::AsyncResult(AsyncResult::new(json!({"sum": 3})))]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Messages {
    client: Client,
}

impl Messages {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Gets the messages of a request; they stay on the server.
    pub fn get(&self, target: impl Into<Target>) -> GetMessages {
        GetMessages::new(&self.client, target.into())
    }

    /// Sends results of asynchronous functions to a request.
    pub fn send(
        &self,
        target: impl Into<Target>,
        results: impl IntoIterator<Item = AsyncResult>,
    ) -> SendMessages {
        SendMessages::new(
            &self.client,
            target.into(),
            Content::Results(results.into_iter().collect()),
        )
    }

    /// Leaves a message for the agent Clerk.
    ///
    /// The 2.6.21 server stores it, and no agent reads it. One with the key `command` is refused: commands are calls of
    /// [`Requests`](crate::Requests).
    pub fn send_to_clerk(
        &self,
        target: impl Into<Target>,
        message: Map<String, Value>,
    ) -> SendMessages {
        SendMessages::new(&self.client, target.into(), Content::ForClerk(message))
    }
}
