//! The calls.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Method, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::auth::Source;
use crate::config::MOST;
use crate::{Config, Did, DidMetadata, Error, ErrorKind, FileOfDid, Lock, NewRule, Rule};

/// Longest answer, in bytes: the list of a million files.
const MOST_ANSWER: usize = 512 << 20;

/// Longest error that is shown, in characters.
const MOST_SAID: usize = 500;

/// How long a connection may take, and an answer.
const CONNECT: Duration = Duration::from_secs(30);
const ANSWER: Duration = Duration::from_secs(300);

/// What stands for itself in a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~');

/// A handle to a Rucio; clones share its connections and its token.
#[derive(Clone, Debug)]
pub struct Rucio {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: Config,
    http: reqwest::Client,
    token: Mutex<Option<SecretString>>,
}

impl Rucio {
    /// Makes a client; nothing is asked yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] when a certificate cannot be used.
    pub fn new(config: Config) -> Result<Self, Error> {
        let unusable =
            |error| Error::because(ErrorKind::Config, "no connections can be made", error);
        // The library has none of its own; where the program has chosen one, that stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("idds-rucio/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(ANSWER);
        if let Some(identity) = config.identity()? {
            builder = builder.identity(identity);
        }
        if let Some(path) = &config.ca_cert
            && config.host.starts_with("https")
        {
            builder = builder.tls_certs_only(authorities(path)?);
        }
        let inner = Inner {
            http: builder.build().map_err(unusable)?,
            config,
            token: Mutex::default(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Returns the address of the server.
    pub fn host(&self) -> &str {
        &self.inner.config.host
    }

    /// Returns what is known of a dataset or a container (`get_metadata`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is none.
    pub async fn metadata(&self, did: &Did) -> Result<DidMetadata, Error> {
        let path = format!("{}/meta?plugin=DID_COLUMN", of(did));
        let body = self.send(Method::GET, &path, None).await?;
        read(&body)
    }

    /// Lists the files of a dataset or a container (`list_files`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is no such thing.
    pub async fn files(&self, did: &Did) -> Result<Vec<FileOfDid>, Error> {
        let body = self
            .send(Method::GET, &format!("{}/files", of(did)), None)
            .await?;
        read_lines(&body)
    }

    /// Makes a rule, and returns its id (`add_replication_rule`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Duplicate`] when there is one for the same account and place.
    pub async fn add_rule(&self, rule: &NewRule<'_>) -> Result<String, Error> {
        let body = json!({
            "dids": [rule.did],
            "copies": 1,
            "rse_expression": rule.rse_expression,
            "weight": null,
            "lifetime": rule.lifetime,
            "grouping": "DATASET",
            "account": self.inner.config.account,
            "locked": false,
            "source_replica_expression": rule.source,
            "activity": null,
            "notify": "N",
            "purge_replicas": false,
            "ignore_availability": false,
            "comment": null,
            "ask_approval": false,
            "asynchronous": false,
            "delay_injection": null,
            "priority": 3,
            "meta": null,
        });
        let body = self.send(Method::POST, "rules/", Some(&body)).await?;
        let ids: Vec<String> = read(&body)?;
        ids.into_iter()
            .next()
            .ok_or_else(|| Error::new(ErrorKind::Answer, "Rucio made no rule, and said nothing"))
    }

    /// Lists the rules of a dataset (`list_did_rules`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is no such dataset.
    pub async fn rules_of(&self, did: &Did) -> Result<Vec<Rule>, Error> {
        let body = self
            .send(Method::GET, &format!("{}/rules", of(did)), None)
            .await?;
        read_lines(&body)
    }

    /// Returns the rule of a dataset that brings it there, which is made unless this account has one.
    ///
    /// # Errors
    ///
    /// Those of [`add_rule`](Self::add_rule) but for a rule that is there already.
    pub async fn rule_for(&self, rule: &NewRule<'_>) -> Result<String, Error> {
        let error = match self.add_rule(rule).await {
            Err(error) if error.kind() == ErrorKind::Duplicate => error,
            other => return other,
        };
        let account = self.inner.config.account.as_deref();
        let rules = self.rules_of(rule.did).await?;
        rules
            .into_iter()
            .find(|known| {
                known.rse_expression == rule.rse_expression
                    && account.is_none_or(|account| account == known.account)
            })
            .map_or(Err(error), |known| Ok(known.id))
    }

    /// Returns how far a rule is (`get_replication_rule`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is none, or no longer.
    pub async fn rule(&self, id: &str) -> Result<Rule, Error> {
        let body = self
            .send(Method::GET, &format!("rules/{}", quoted(id)), None)
            .await?;
        read(&body)
    }

    /// Lists how far the files of a rule are (`list_replica_locks`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is no such rule.
    pub async fn locks(&self, id: &str) -> Result<Vec<Lock>, Error> {
        let path = format!("rules/{}/locks", quoted(id));
        let body = self.send(Method::GET, &path, None).await?;
        read_lines(&body)
    }

    /// Sends a request, with a new token when the old one is not good any more, and returns the body of its answer.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Vec<u8>, Error> {
        let Inner { config, http, .. } = &*self.inner;
        let url = format!("{}/{path}", config.host);
        let mut refused: Option<SecretString> = None;
        loop {
            let token = self.token(refused.as_ref()).await?;
            let mut request = http
                .request(method.clone(), &url)
                .headers(self.headers()?)
                .header("X-Rucio-Auth-Token", sensitive(token.expose_secret())?);
            if let Some(body) = body {
                request = request.body(body.to_string());
            }
            let answer = request
                .send()
                .await
                .map_err(|error| unreachable(&url, error))?;
            if answer.status() == StatusCode::UNAUTHORIZED && refused.is_none() {
                refused = Some(token);
                continue;
            }
            return match answer.status().is_success() {
                true => bounded(answer).await,
                false => Err(refusal(answer).await),
            };
        }
    }

    /// Returns a token other than the one that was refused.
    async fn token(&self, refused: Option<&SecretString>) -> Result<SecretString, Error> {
        let Inner {
            config,
            http,
            token,
        } = &*self.inner;
        // One of all clones asks.
        let mut kept = token.lock().await;
        let is_refused = |token: &SecretString| {
            refused.is_some_and(|refused| refused.expose_secret() == token.expose_secret())
        };
        if let Some(token) = kept.as_ref().filter(|token| !is_refused(token)) {
            return Ok(token.clone());
        }
        *kept = None;
        let (path, headers) = match config.source()? {
            Source::Asked { path, headers } => (path, headers),
            Source::Read(token) if is_refused(&token) => {
                return Err(Error::new(
                    ErrorKind::Credential,
                    "Rucio refuses the token; it may be out of date: get a new one",
                ));
            }
            Source::Read(token) => return Ok(kept.insert(token).clone()),
        };
        let url = format!("{}/{path}", config.auth_host);
        let request = http.get(&url).headers(self.headers()?).headers(headers);
        let answer = request
            .send()
            .await
            .map_err(|error| unreachable(&url, error))?;
        if !answer.status().is_success() {
            return Err(refusal(answer).await);
        }
        let found = answer.headers().get("x-rucio-auth-token");
        let token = found.and_then(|value| value.to_str().ok()).ok_or_else(|| {
            Error::new(
                ErrorKind::Answer,
                format!("{url} gives no token: this is no Rucio"),
            )
        })?;
        Ok(kept.insert(token.into()).clone())
    }

    fn headers(&self) -> Result<HeaderMap, Error> {
        let config = &self.inner.config;
        let mut headers = HeaderMap::new();
        headers.insert("x-rucio-vo", sensitive(&config.vo)?);
        if let Some(account) = &config.account {
            headers.insert("x-rucio-account", sensitive(account)?);
        }
        Ok(headers)
    }
}

fn of(did: &Did) -> String {
    format!("dids/{}/{}", quoted(&did.scope), quoted(&did.name))
}

fn quoted(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

fn sensitive(text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        Error::new(
            ErrorKind::Config,
            "an account, a vo or a token has characters that no header can carry",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Reads the certificates of a file, or of all files of a directory that have some.
fn authorities(path: &Path) -> Result<Vec<Certificate>, Error> {
    let unreadable = |error| {
        Error::because(
            ErrorKind::Config,
            format!("{} cannot be read", path.display()),
            error,
        )
    };
    let files = match path.is_dir() {
        false => vec![path.to_owned()],
        true => std::fs::read_dir(path)
            .map_err(unreadable)?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| {
                path.extension()
                    .is_some_and(|end| end == "0" || end == "pem" || end == "crt")
            })
            .collect(),
    };
    let mut found = Vec::new();
    for file in files {
        let bytes = idds_file::read(&file, MOST).map_err(unreadable)?;
        if let Ok(certificates) = Certificate::from_pem_bundle(&bytes) {
            found.extend(certificates);
        }
    }
    match found.is_empty() {
        true => Err(Error::new(
            ErrorKind::Config,
            format!("{} has no certificates of authorities", path.display()),
        )),
        false => Ok(found),
    }
}

fn unreachable(url: &str, error: reqwest::Error) -> Error {
    Error::because(
        ErrorKind::Unreachable,
        format!("{url} cannot be reached"),
        error.without_url(),
    )
}

/// Reads a body that is not too long.
async fn bounded(mut answer: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    let broken = |error: reqwest::Error| {
        Error::because(
            ErrorKind::Unreachable,
            "an answer of Rucio broke off",
            error.without_url(),
        )
    };
    while let Some(piece) = answer.chunk().await.map_err(broken)? {
        if body.len() + piece.len() > MOST_ANSWER {
            let what = format!("an answer of Rucio has more than {} MB", MOST_ANSWER >> 20);
            return Err(Error::new(ErrorKind::Answer, what));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// Reads why Rucio refuses something: a class and a message, in the body or in headers.
async fn refusal(answer: Response) -> Error {
    let status = answer.status();
    let header = |name: &str| {
        let value = answer.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let (class, message) = (header("ExceptionClass"), header("ExceptionMessage"));
    let body: Value = match bounded(answer).await {
        Ok(body) => serde_json::from_slice(&body).unwrap_or_default(),
        Err(_) => Value::Null,
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let class = text("ExceptionClass").or(class).unwrap_or_default();
    let message = text("ExceptionMessage").or(message).unwrap_or_default();
    let kind = match (&*class, status) {
        ("DuplicateRule", _) => ErrorKind::Duplicate,
        ("ReplicationRuleCreationTemporaryFailed", _) => ErrorKind::Unreachable,
        (_, StatusCode::UNAUTHORIZED) => ErrorKind::Credential,
        (_, StatusCode::NOT_FOUND) => ErrorKind::NotFound,
        (_, status) if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            ErrorKind::Unreachable
        }
        _ => ErrorKind::Refused,
    };
    let said: String = message.chars().take(MOST_SAID).collect();
    let what = match (class.is_empty(), said.is_empty()) {
        (true, true) => format!("Rucio answers {status}"),
        (true, false) => said,
        (false, true) => class.chars().take(MOST_SAID).collect(),
        (false, false) => format!("{class}: {said}"),
    };
    Error::new(kind, what)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body)
        .map_err(|error| Error::because(ErrorKind::Answer, "the answer is not one of Rucio", error))
}

/// Reads an answer that has a value in each line.
fn read_lines<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, Error> {
    let lines = body.split(|byte| *byte == b'\n');
    lines
        .filter(|line| !line.trim_ascii().is_empty())
        .map(read)
        .collect()
}
