//! A plain HTTP client, which shares nothing with `idds-client`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::{Certificate, Client, Identity, Method};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::Failure;
use crate::support::http;

/// Longest time until the agents of the real server have done something.
const PATIENCE: Duration = Duration::from_secs(180);

/// A server, and the certificates that it takes.
pub(super) struct Plain {
    url: String,
    client: Client,
}

/// An answer, whatever it says.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Headers by lower-case name.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Plain {
    /// Talks to the server at this address, with a CA and a user's certificate where it wants them.
    pub(super) fn new(
        url: String,
        certificates: Option<(PathBuf, PathBuf)>,
    ) -> Result<Self, Failure> {
        let mut builder = http::plain()
            .no_gzip()
            .http1_only()
            .timeout(Duration::from_secs(60));
        if let Some((ca, user)) = certificates {
            builder = builder.tls_certs_only([Certificate::from_pem(&fs::read(ca)?)?]);
            builder = builder.identity(Identity::from_pem(&fs::read(user)?)?);
        }
        Ok(Self {
            url,
            client: builder.build()?,
        })
    }

    /// Sends a request; a body is said to be what `content_type` says.
    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Result<Reply, Failure> {
        let mut request = self.client.request(
            Method::from_bytes(method.as_bytes())?,
            format!("{}{path}", self.url),
        );
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body.to_owned());
        }
        let response = request.send().await?;
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        });
        Ok(Reply {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: response.bytes().await?.to_vec(),
        })
    }

    /// Gets JSON.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        let reply = self.send("GET", path, &[], None).await?;
        serde_json::from_slice(&reply.body)
            .map_err(|error| format!("{path}: {error}: {reply:?}").into())
    }

    /// Asks again and again, until the answer is as it should be.
    pub(super) async fn wait(
        &self,
        path: &str,
        is_as_wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value, Failure> {
        self.wait_for(PATIENCE, path, is_as_wanted).await
    }

    /// Asks until the answer is as wanted, for some time at most.
    pub(super) async fn wait_for(
        &self,
        patience: Duration,
        path: &str,
        is_as_wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value, Failure> {
        let start = Instant::now();
        loop {
            let value = self.get(path).await?;
            if is_as_wanted(&value) {
                return Ok(value);
            }
            if start.elapsed() > patience {
                return Err(format!("{path} is still {value}").into());
            }
            // The agents of the real server look once a second.
            sleep(Duration::from_millis(200)).await;
        }
    }
}
