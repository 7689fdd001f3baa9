//! Settings that the server publishes.

use bytes::Bytes;
use http::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::endpoint::decode;
use crate::route::{self, Route};
use crate::{Call, Client, Error, ErrorKind, Secret};

/// The calls about settings of the server; 2.6.21 publishes two kinds.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::Client;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let recorded = Replay::new([
/// #     Exchange::new(
/// #         "GET",
/// #         "/idds/metainfo/asyncresult_config",
/// #         200,
/// #         r#"{"broker_type": "activemq", "broker_password": "s3cret"}"#,
/// #     ),
/// # ]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// let config = client.metainfo().asyncresult_config().await?;
/// assert_eq!(config.broker_type.as_deref(), Some("activemq"));
/// assert!(!format!("{config:?}").contains("s3cret"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct MetaInfo {
    client: Client,
}

impl MetaInfo {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Gets the message broker for results of asynchronous functions; the server gives it, with its password, to every user that it accepts.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when this server does not know the question.
    pub fn asyncresult_config(&self) -> Call<AsyncResultConfig> {
        self.ask(&route::ASYNCRESULT_CONFIG, "asyncresult_config")
    }

    /// Gets the message brokers of prompt processing, passwords included if there are any.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when this server does not know the question.
    pub fn prompt_broker(&self) -> Call<PromptBroker> {
        self.ask(&route::PROMPT_BROKER, "prompt_broker")
    }

    fn ask<T: DeserializeOwned + 'static>(
        &self,
        route: &'static Route,
        name: &'static str,
    ) -> Call<T> {
        Call::plain(
            &self.client,
            route,
            |draft| draft.set("name", name).bare(),
            |response| {
                known(response)?;
                decode(response)
            },
        )
    }
}

/// The message broker for results of asynchronous functions; every field is none where the server has no broker.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct AsyncResultConfig {
    /// Kind of the broker, such as `activemq`.
    pub broker_type: Option<String>,
    /// Addresses, `host:port` with commas between them.
    pub brokers: Option<String>,
    /// Name of the topic or queue.
    pub broker_destination: Option<String>,
    /// Time for an answer, in seconds.
    pub broker_timeout: Option<u64>,
    /// Name of the user.
    pub broker_username: Option<String>,
    /// Password of the user.
    pub broker_password: Option<Secret>,
    /// Whether a certificate is used instead, as the server's configuration spells it.
    pub broker_x509: Option<Value>,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The message brokers of prompt processing, as the server's configuration writes them; none where it has none.
///
/// They may hold passwords, so `Debug` shows only which there are.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct PromptBroker {
    /// The broker that transformers take messages from.
    pub transformer_broker: Option<Value>,
    /// The broker that sends to all transformers.
    pub transformer_broadcast_broker: Option<Value>,
    /// The broker for results.
    pub result_broker: Option<Value>,
    /// The EJFAT load balancers in use, by the number of the run: `instance_uri`, `lifetime` in seconds, `created_at`.
    #[serde(default)]
    pub ejfat: Option<Map<String, Value>>,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl std::fmt::Debug for PromptBroker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |value: &Option<Value>| value.as_ref().map(|_| "[redacted]");
        f.debug_struct("PromptBroker")
            .field("transformer_broker", &shown(&self.transformer_broker))
            .field(
                "transformer_broadcast_broker",
                &shown(&self.transformer_broadcast_broker),
            )
            .field("result_broker", &shown(&self.result_broker))
            .field(
                "ejfat",
                &self
                    .ejfat
                    .as_ref()
                    .map(|ejfat| ejfat.keys().collect::<Vec<_>>()),
            )
            .field("rest", &self.rest.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// The server answers `{}` to a question it does not know.
fn known(response: &Response<Bytes>) -> Result<(), Error> {
    let answer: Map<String, Value> = decode(response)?;
    if answer.is_empty() {
        return Err(Error::new(
            ErrorKind::NotFound,
            "this server does not tell it",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::recorded::{client, read, replay};

    #[test]
    fn the_broker_of_results_is_read_and_its_password_does_not_show() {
        let config = replay(
            &client().metainfo().asyncresult_config(),
            "metainfo_asyncresult",
        )
        .expect("an answer");
        assert_eq!(
            (config.broker_type.as_deref(), config.broker_timeout),
            (Some("activemq"), Some(360))
        );
        assert_eq!(config.brokers.as_deref(), Some("127.0.0.1:61613"));
        assert_eq!(
            config.broker_password.as_ref().map(Secret::expose),
            Some("test")
        );
        assert!(format!("{config:?}").contains("broker_password: Some([redacted])"));
        assert!(config.rest.is_empty());
    }

    #[test]
    fn the_brokers_of_prompt_processing_are_read_and_do_not_show() {
        let call = client().metainfo().prompt_broker();
        let brokers = replay(&call, "metainfo_prompt_broker").expect("an answer");
        assert_eq!((brokers.result_broker, brokers.rest.len()), (None, 0));
        let body = r#"{"result_broker": {"password": "hunter2"}, "ejfat": {"7": {"instance_uri": "ejfat://hunter2@h"}}}"#;
        assert!(!format!("{:?}", read(&call, body).expect("an answer")).contains("hunter2"));
    }

    #[test]
    fn a_server_that_does_not_know_the_question_is_told_from_one_without_brokers() {
        let error = read(&client().metainfo().prompt_broker(), "{}").expect_err("unknown");
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}
