//! Gets messages.

use bytes::Bytes;
use http::{Request, Response};

use super::Message;
use crate::call::{Action, Endpoint};
use crate::endpoint::decode;
use crate::route::{self, Draft, Route};
use crate::{BoxFuture, Call, Client, Error, ErrorKind, ServerFamily, Target, TransformId};

/// Gets the messages of a request, oldest first.
///
/// Those that were sent with a transform and an internal id come too, unless these are asked for.
///
/// # Errors
///
/// [`ErrorKind::Unauthorized`] for the request of another user. By a workload alone, [`ErrorKind::NotFound`] or
/// [`ErrorKind::Argument`] when it is not that of one request. [`ErrorKind::Unsupported`] for a transform or internal id on
/// servers before 2.2.
pub type GetMessages = Call<Vec<Message>, Correspondence>;

/// The filter for messages.
#[derive(Clone, Debug)]
pub struct Correspondence {
    pub(super) target: Target,
    pub(super) transform: Option<TransformId>,
    pub(super) internal_id: Option<String>,
}

impl GetMessages {
    pub(super) fn new(client: &Client, target: Target) -> Self {
        Self::with(client, Correspondence::new(target))
    }

    /// Restricts the answer to messages sent with this transform.
    pub fn transform_id(mut self, id: TransformId) -> Self {
        self.settings.transform = Some(id);
        self
    }

    /// Restricts the answer to messages sent with this internal id.
    pub fn internal_id(mut self, id: impl Into<String>) -> Self {
        self.settings.internal_id = Some(id.into());
        self
    }
}

impl Correspondence {
    pub(super) fn new(target: Target) -> Self {
        Self {
            target,
            transform: None,
            internal_id: None,
        }
    }

    /// Finds the request of a workload, without which the server answers nothing.
    pub(super) async fn resolve(&mut self, client: &Client) -> Result<(), Error> {
        self.target = self.target.resolved(client).await?;
        Ok(())
    }

    /// Begins a request to a route about messages.
    pub(super) fn draft(&self, route: &Route, client: &Client) -> Result<Draft, Error> {
        let draft = route.draft(client)?;
        self.target.by_request("messages")?;
        let server = client.server_version();
        let has_more = self.transform.is_some() || self.internal_id.is_some();
        if has_more && ServerFamily::from(server) < ServerFamily::V2_2 {
            let what = format!(
                "iDDS {server} keeps no transform or internal id with a message; leave them out"
            );
            return Err(Error::new(ErrorKind::Unsupported, what));
        }
        let draft = draft
            .target(self.target)
            .set_some("transform_id", self.transform);
        // Where there is none, the Python client sends `None`, which the server looks for as a number and fails.
        match &self.internal_id {
            Some(id) => draft.text("internal_id", "internal id", id),
            None => Ok(draft),
        }
    }
}

impl Action for Correspondence {
    type Output = Vec<Message>;

    fn run(mut self, client: Client) -> BoxFuture<'static, Result<Vec<Message>, Error>> {
        Box::pin(async move {
            self.resolve(&client).await?;
            client.send(&self).await
        })
    }
}

impl Endpoint for Correspondence {
    type Answer = Vec<Message>;

    fn route(&self) -> &'static Route {
        &route::GET_MESSAGES
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        self.draft(self.route(), client)?.bare()
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<Vec<Message>, Error> {
        decode(response)
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{RequestId, WorkloadId};

    use super::*;
    use crate::AsyncResult;
    use crate::transport::recorded::{client, replay};

    fn call() -> GetMessages {
        client().messages().get(RequestId::new(1))
    }

    #[test]
    fn the_messages_of_a_request_are_read() {
        let messages = replay(&call(), "messages_get_null").expect("an answer");
        assert!(
            matches!(&messages[0], Message::Command { command, .. } if command == "update_request")
        );
    }

    #[test]
    fn those_of_a_transform_are_read() {
        let call = call()
            .transform_id(TransformId::new(1))
            .internal_id("abcd1234");
        let messages = replay(&call, "messages_get_ids_null").expect("an answer");
        assert_eq!(
            messages,
            [Message::AsyncResult(AsyncResult::new(
                serde_json::json!({"y": [1, 2]})
            ))]
        );
    }

    #[test]
    fn a_workload_alone_is_not_sent() {
        let call = client().messages().get(WorkloadId::new(7));
        assert_eq!(
            call.request().expect_err("refused").kind(),
            ErrorKind::Argument
        );
        let call = client()
            .messages()
            .get((RequestId::new(1), WorkloadId::new(7)));
        assert_eq!(
            call.request().expect("a request").uri(),
            "/message/1/7/null/null"
        );
    }
}
