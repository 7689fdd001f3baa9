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

/// Longest answer that is one value, longest line of one that is a list, and longest of an error, in bytes.
const MOST_ANSWER: usize = 16 << 20;
const MOST_LINE: usize = 1 << 20;
const MOST_REFUSAL: usize = 64 << 10;

/// Most items of a list, such as the files of a dataset, and most bytes of all of them.
const MOST_ITEMS: usize = 1_000_000;
const MOST_LIST: usize = 256 << 20;

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
        self.value(Method::GET, &path, None).await
    }

    /// Lists the files of a dataset or a container (`list_files`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is no such thing.
    pub async fn files(&self, did: &Did) -> Result<Vec<FileOfDid>, Error> {
        self.list(&format!("{}/files", of(did))).await
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
        let ids: Vec<String> = self.value(Method::POST, "rules/", Some(&body)).await?;
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
        self.list(&format!("{}/rules", of(did))).await
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
        let path = format!("rules/{}", quoted(id));
        self.value(Method::GET, &path, None).await
    }

    /// Lists how far the files of a rule are (`list_replica_locks`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is no such rule.
    pub async fn locks(&self, id: &str) -> Result<Vec<Lock>, Error> {
        let path = format!("rules/{}/locks", quoted(id));
        self.list(&path).await
    }

    /// Sends a request, and reads an answer that is one value.
    async fn value<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, Error> {
        let answer = self.send(method, path, body).await?;
        read(&bounded(answer, MOST_ANSWER).await?)
    }

    /// Sends a request, and reads an answer that has a value in each line as it comes.
    async fn list<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Error> {
        let mut answer = self.send(Method::GET, path, None).await?;
        let mut lines = Lines::default();
        while let Some(piece) = answer.chunk().await.map_err(broken)? {
            lines.take(&piece)?;
        }
        lines.end()
    }

    /// Sends a request, with a new token when the old one is not good any more, and returns its answer.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response, Error> {
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
                true => Ok(answer),
                false => Err(refusal(answer, &[&token]).await),
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
            return Err(refusal(answer, &config.secrets()).await);
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

fn broken(error: reqwest::Error) -> Error {
    Error::because(
        ErrorKind::Unreachable,
        "an answer of Rucio broke off",
        error.without_url(),
    )
}

fn too_long(most: usize) -> Error {
    let what = format!("an answer of Rucio has more than {} KB", most >> 10);
    Error::new(ErrorKind::Answer, what)
}

/// Reads a body that is not too long.
async fn bounded(mut answer: Response, most: usize) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(broken)? {
        if body.len() + piece.len() > most {
            return Err(too_long(most));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// Reads why Rucio refuses something: a class and a message, in the body or in headers.
///
/// Secrets that went with the request are taken out: what is said here is kept and shown.
async fn refusal(answer: Response, secrets: &[&SecretString]) -> Error {
    let status = answer.status();
    let header = |name: &str| {
        let value = answer.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let (class, message) = (header("ExceptionClass"), header("ExceptionMessage"));
    let body: Value = match bounded(answer, MOST_REFUSAL).await {
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
    let [class, message] = [class, message].map(|text| without(text, secrets));
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

/// Takes secrets out of a text, also parts of them: who quotes a token may cut it.
fn without(text: String, secrets: &[&SecretString]) -> String {
    let mut text = text;
    for secret in secrets {
        let secret = secret.expose_secret();
        let mut at = 0;
        while let Some(rest) = text.get(at..) {
            match longest_part(rest, secret) {
                Some(length) => {
                    text.replace_range(at..at + length, REDACTED);
                    at += REDACTED.len();
                }
                None => at += rest.chars().next().map_or(1, char::len_utf8),
            }
        }
    }
    text
}

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// Shortest secret, and shortest part of a longer one, that is taken out, in bytes.
const LEAST: usize = 16;

/// Returns how long the longest part of a secret is that a text begins with.
fn longest_part(text: &str, secret: &str) -> Option<usize> {
    let least = secret.len().clamp(4, LEAST);
    let starts = secret.char_indices().map(|(start, _)| &secret[start..]);
    let common = |part: &str| {
        let pairs = part.chars().zip(text.chars());
        let same = pairs.take_while(|(one, other)| one == other);
        same.map(|(char, _)| char.len_utf8()).sum::<usize>()
    };
    starts.map(common).max().filter(|length| *length >= least)
}

/// An answer that has a value in each line.
struct Lines<T> {
    items: Vec<T>,
    bytes: usize,
    /// The beginning of a line whose end has not come.
    rest: Vec<u8>,
}

impl<T> Default for Lines<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            bytes: 0,
            rest: Vec::new(),
        }
    }
}

impl<T: DeserializeOwned> Lines<T> {
    fn take(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.bytes += piece.len();
        if self.bytes > MOST_LIST {
            return Err(too_long(MOST_LIST));
        }
        let mut parts = piece.split(|byte| *byte == b'\n');
        let last = parts.next_back().unwrap_or_default();
        for part in parts {
            self.add(part)?;
            let line = std::mem::take(&mut self.rest);
            self.read(&line)?;
        }
        self.add(last)
    }

    fn add(&mut self, part: &[u8]) -> Result<(), Error> {
        if self.rest.len() + part.len() > MOST_LINE {
            return Err(too_long(MOST_LINE));
        }
        self.rest.extend_from_slice(part);
        Ok(())
    }

    fn read(&mut self, line: &[u8]) -> Result<(), Error> {
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        if self.items.len() == MOST_ITEMS {
            let what =
                format!("Rucio lists more than {MOST_ITEMS} items, which are not followed here");
            return Err(Error::new(ErrorKind::Answer, what));
        }
        self.items.push(read(line)?);
        Ok(())
    }

    fn end(mut self) -> Result<Vec<T>, Error> {
        let line = std::mem::take(&mut self.rest);
        self.read(&line)?;
        Ok(self.items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FileOfDid;

    const LINE: &str =
        r#"{"scope": "s", "name": "n", "bytes": 5, "adler32": null, "events": null}"#;

    #[test]
    fn a_list_is_read_as_it_comes_and_within_bounds() {
        let text = format!("{LINE}\n\n{LINE}\r\n{LINE}");
        for length in [1, 7, text.len()] {
            let mut lines = Lines::<FileOfDid>::default();
            for piece in text.as_bytes().chunks(length) {
                lines.take(piece).expect("a piece");
            }
            assert_eq!(lines.end().expect("a list").len(), 3, "{length}");
        }
        let mut endless = Lines::<FileOfDid>::default();
        let piece = vec![b'x'; MOST_LINE / 2 + 1];
        endless.take(&piece).expect("a piece");
        assert!(endless.take(&piece).is_err());
        let mut many = Lines::<Value>::default();
        let piece = "5\n".repeat(MOST_ITEMS);
        many.take(piece.as_bytes()).expect("as many as may be");
        assert!(many.take(b"5\n").is_err());
    }

    #[test]
    fn what_rucio_repeats_of_a_secret_is_taken_out() {
        let secrets: [SecretString; 2] = ["root-ddmlab-webui-5f2c1e9b".into(), "pass".into()];
        let secrets: Vec<_> = secrets.iter().collect();
        let scrubbed = |text: &str| without(text.to_owned(), &secrets);
        assert_eq!(
            scrubbed("no token root-ddmlab-webui-5f2c1e9b, ddmlab-webui-5f2c, pass"),
            "no token [redacted], [redacted], [redacted]"
        );
        assert_eq!(scrubbed("root-ddmlab é"), "root-ddmlab é");
        assert_eq!(without("text".to_owned(), &[]), "text");
    }
}
