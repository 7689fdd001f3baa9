//! Asks for messages.

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_workflow::ServerVersion;

use super::Message;
use crate::endpoint::{awaitable_by_request, decode, segment, without_body};
use crate::id::or_null;
use crate::server::Operation;
use crate::{Client, Endpoint, Error, ErrorKind, ServerFamily, Target, TransformId};

/// Asks for the messages of a request, oldest first.
///
/// Those that were sent with a transform and an internal id come too, unless these are asked for.
///
/// # Errors
///
/// [`ErrorKind::Unauthorized`] for the request of another user. By a workload alone, [`ErrorKind::NotFound`] or
/// [`ErrorKind::Argument`] when it is not that of one request. [`ErrorKind::Unsupported`] for a transform or internal id on
/// servers before 2.2.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct GetMessages {
    client: Client,
    target: Target,
    transform: Option<TransformId>,
    internal_id: Option<String>,
}

impl GetMessages {
    pub(super) fn new(client: Client, target: Target) -> Self {
        Self {
            client,
            target,
            transform: None,
            internal_id: None,
        }
    }

    /// Asks for those that were sent with this transform.
    pub fn transform_id(mut self, id: TransformId) -> Self {
        self.transform = Some(id);
        self
    }

    /// Asks for those that were sent with this internal id.
    pub fn internal_id(mut self, id: impl Into<String>) -> Self {
        self.internal_id = Some(id.into());
        self
    }
}

awaitable_by_request!(GetMessages);

impl Endpoint for GetMessages {
    type Answer = Vec<Message>;

    const OPERATION: &'static str = "get messages";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        Operation::GetMessages.check(self.client.server_version())?;
        without_body(
            Method::GET,
            &path(
                self.client.server_version(),
                self.target,
                self.transform,
                self.internal_id.as_deref(),
            )?,
        )
    }

    fn answer(&self, response: Response<Bytes>) -> Result<Self::Answer, Error> {
        decode(&response)
    }
}

/// Returns the path of the messages of a request.
pub(super) fn path(
    server: ServerVersion,
    target: Target,
    transform: Option<TransformId>,
    internal_id: Option<&str>,
) -> Result<String, Error> {
    let (request, workload) = (target.by_request("messages")?, target.workload_segment());
    if ServerFamily::from(server) < ServerFamily::V2_2 {
        if transform.is_some() || internal_id.is_some() {
            let what = format!(
                "iDDS {server} keeps no transform or internal id with a message; leave them out"
            );
            return Err(Error::new(ErrorKind::Unsupported, what));
        }
        return Ok(format!("/message/{request}/{workload}"));
    }
    // The Python client sends `None` here, which the server looks for as a number and fails.
    let internal_id = match internal_id {
        Some(id) => segment("internal id", id)?,
        None => or_null(None::<&str>),
    };
    Ok(format!(
        "/message/{request}/{workload}/{}/{internal_id}",
        or_null(transform)
    ))
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
