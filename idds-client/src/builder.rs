//! The settings of a client.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::auth::Credential;
use crate::host::Host;
use crate::transport::{HttpTransport, Store, Trust};
use crate::{Auth, Client, Error, Transport};

/// The settings of a client, before it is built.
///
/// TLS is always verified, against the authorities the system trusts (or `SSL_CERT_FILE` and `SSL_CERT_DIR` name) and
/// those of [`ca_file`](Self::ca_file). HTTP proxies are taken from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, never for
/// a server on this machine. Redirects are not followed.
#[must_use]
pub struct ClientBuilder {
    host: String,
    auth: Auth,
    trust: Trust,
    connect_timeout: Duration,
    timeout: Duration,
    json_outputs: bool,
    transport: Option<Box<dyn Transport>>,
}

impl ClientBuilder {
    pub(crate) fn new(host: String) -> Self {
        Self {
            host,
            auth: Auth::None,
            trust: Trust::default(),
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(120),
            json_outputs: false,
            transport: None,
        }
    }

    /// Sets how the client says who asks; [`Auth::None`] unless set.
    pub fn auth(mut self, auth: impl Into<Auth>) -> Self {
        self.auth = auth.into();
        self
    }

    /// Trusts the authorities in this PEM file too.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.trust.also.push(path.into());
        self
    }

    /// Trusts what is in these places instead of what the system trusts.
    pub(crate) fn trust_only(mut self, stores: Vec<Store>) -> Self {
        self.trust.instead = stores;
        self
    }

    /// Sets how long making a connection may take, TLS handshake included; 10 s unless set.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Sets how long one call may take from connecting to the last byte of the answer; 120 s unless set.
    ///
    /// For files, and lists that are read while they come, it is how long nothing may move.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Sets whether the server wraps its answers (`?json_outputs=true`); it does not unless set.
    ///
    /// Then every handler answers with HTTP status 200, and its errors stand in the body instead of in headers: for a way to
    /// the server that loses statuses or headers. Calls give the same answers and errors either way.
    pub fn json_outputs(mut self, is_on: bool) -> Self {
        self.json_outputs = is_on;
        self
    }

    /// Sends through this transport instead of the client's own, to which certificates, authorities and timeouts belong.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Box::new(transport));
        self
    }

    /// Makes the client: reads certificates and tokens, and sends nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for a host that is not an `http` or `https` URL, a
    /// host without encryption for a credential that needs it, and authorities that cannot be read;
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) for a certificate or token that is missing, unreadable or
    /// out of date.
    pub fn build(self) -> Result<Client, Error> {
        let host = Host::parse(&self.host)?;
        let credential = Credential::load(&self.auth, &host, Timestamp::now())?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => {
                let tls =
                    if host.is_encrypted() { self.trust.config(credential.certificate())? } else { Trust::unused()? };
                Box::new(HttpTransport::new(&host, tls, self.connect_timeout, self.timeout)?)
            }
        };
        Ok(Client::new(host, credential, transport, self.json_outputs))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("auth", &self.auth)
            .field("trust", &self.trust)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("json_outputs", &self.json_outputs)
            .finish_non_exhaustive() // the host may hold a password until it is checked
    }
}
