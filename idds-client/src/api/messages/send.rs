//! Sends messages.

use bytes::Bytes;
use http::{Request, Response};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::AsyncResult;
use super::get::Correspondence;
use crate::call::{Action, Endpoint};
use crate::endpoint::decode;
use crate::route::{self, Route};
use crate::{BoxFuture, Call, Client, Error, ErrorKind, Target, TransformId};

/// Sends messages to a request.
///
/// # Errors
///
/// [`ErrorKind::Argument`] for no message at all, and for what the server would take without doing anything;
/// [`ErrorKind::Unauthorized`] for the request of another user; [`ErrorKind::Unsupported`] for results, and for a transform or
/// internal id, on servers before 2.2. By a workload alone, [`ErrorKind::NotFound`] or
/// [`ErrorKind::Argument`] when it is not that of one request.
pub type SendMessages = Call<(), Mail>;

/// Messages and their addressee.
#[derive(Clone, Debug)]
pub struct Mail {
    of: Correspondence,
    content: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Results(Vec<AsyncResult>),
    ForClerk(Map<String, Value>),
}

impl SendMessages {
    pub(super) fn new(client: &Client, target: Target, content: Content) -> Self {
        let of = Correspondence::new(target);
        Self::with(client, Mail { of, content })
    }

    /// Says which transform results are for; only results are stored with it.
    pub fn transform_id(mut self, id: TransformId) -> Self {
        self.settings.of.transform = Some(id);
        self
    }

    /// Says which internal id results are for; only results are stored with it.
    pub fn internal_id(mut self, id: impl Into<String>) -> Self {
        self.settings.of.internal_id = Some(id.into());
        self
    }
}

impl Action for Mail {
    type Output = ();

    fn run(mut self, client: Client) -> BoxFuture<'static, Result<(), Error>> {
        Box::pin(async move {
            self.of.resolve(&client).await?;
            client.send(&self).await
        })
    }
}

impl Endpoint for Mail {
    type Answer = ();

    fn route(&self) -> &'static Route {
        match self.content {
            Content::Results(_) => &route::SEND_MESSAGES,
            Content::ForClerk(_) => &route::SEND_TO_CLERK,
        }
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        let draft = self.of.draft(self.route(), client)?;
        let refuse = |what: &str| Err(Error::new(ErrorKind::Argument, what));
        match &self.content {
            Content::Results(results) if results.is_empty() => {
                refuse("there is no message to send")
            }
            Content::Results(results) => draft.json(results),
            Content::ForClerk(message) if message.contains_key("command") => refuse(
                "a message with the key \"command\" is a command: use abort, retry or another call for requests",
            ),
            Content::ForClerk(message) => draft.json(message),
        }
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<(), Error> {
        decode(response).map(|IgnoredAny| ()) // the id of the request, as text
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{RequestId, ServerVersion};
    use serde_json::json;

    use super::*;
    use crate::Messages;
    use crate::transport::recorded::{client, replay};

    fn messages() -> Messages {
        client().messages()
    }

    fn body(call: &SendMessages) -> Value {
        serde_json::from_slice(call.request().expect("a request").body()).expect("JSON")
    }

    #[test]
    fn results_are_sent_in_a_list() {
        let call = messages().send(RequestId::new(1), [AsyncResult::new(json!({"x": 1}))]);
        assert_eq!(
            body(&call),
            json!([{"headers": {"channel": "asyncresult"}, "body": {"x": 1}}])
        );
        assert!(replay(&call, "messages_send").is_ok());
    }

    #[test]
    fn servers_before_2_2_have_shorter_paths_and_no_results() {
        for version in [ServerVersion::new(0, 5, 4), ServerVersion::new(2, 1, 0)] {
            let messages = client().for_server(version).messages();
            let request = messages
                .send_to_clerk(RequestId::new(1), Map::new())
                .request()
                .expect("a request");
            assert_eq!(request.uri(), "/message/1/null");
            assert_eq!(
                messages
                    .get(RequestId::new(1))
                    .request()
                    .expect("a request")
                    .uri(),
                "/message/1/null"
            );
            let results = messages
                .send(RequestId::new(1), [AsyncResult::empty()])
                .request();
            assert_eq!(results.expect_err("refused").kind(), ErrorKind::Unsupported);
            let filtered = messages
                .get(RequestId::new(1))
                .transform_id(TransformId::new(2))
                .request();
            assert_eq!(
                filtered.expect_err("refused").kind(),
                ErrorKind::Unsupported
            );
        }
    }

    #[test]
    fn what_the_server_would_ignore_or_choke_on_is_refused() {
        let request = RequestId::new(1);
        let command = Map::from_iter([("command".to_owned(), json!("update_request"))]);
        for call in [
            messages().send(request, []),
            messages().send_to_clerk(request, command),
        ] {
            assert_eq!(
                call.request().expect_err("refused").kind(),
                ErrorKind::Argument,
                "{call:?}"
            );
        }
    }

    #[test]
    fn a_missing_permission_is_told() {
        let call = messages().send(RequestId::new(1), [AsyncResult::empty()]);
        let error = replay(&call, "messages_send_other_user").expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
    }
}
