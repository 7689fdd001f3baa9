//! The settings of a client.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use idds_workflow::ServerVersion;

use crate::auth::Credential;
use crate::body::ERROR_PAGE;
use crate::host::Host;
use crate::transport::{HttpTransport, PandaRelay, Store, Trust};
use crate::{Auth, Client, Error, ErrorKind, Retry, Secret, Transport};

/// The settings of a client, before it is built.
///
/// TLS is verified, against the authorities the system trusts (or `SSL_CERT_FILE` and `SSL_CERT_DIR` name instead), those of
/// grids in `/etc/grid-security/certificates` where there are any, and those of [`ca_file`](Self::ca_file) and
/// [`ca_dir`](Self::ca_dir). HTTP proxies are taken from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, never for
/// a server on this machine. Redirects are not followed.
///
/// ```
/// use std::time::Duration;
///
/// use idds_client::{Client, Retry};
/// use idds_workflow::ServerVersion;
///
/// let client = Client::builder("http://localhost:8443/idds")
///     .timeout(Duration::from_secs(30))
///     .deadline(Duration::from_secs(300))
///     .retry(Retry::default().attempts(6))
///     .max_in_flight(8)
///     .server_version(ServerVersion::new(2, 1, 0))
///     .build()?;
/// assert_eq!(client.host(), "http://localhost:8443/idds");
/// # Ok::<(), idds_client::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    host: String,
    server_token: Option<Secret>,
    auth: Auth,
    trust: Trust,
    connect_timeout: Duration,
    timeout: Duration,
    json_outputs: bool,
    transport: Option<Box<dyn Transport>>,
    panda: Option<String>,
    limits: Limits,
    server: ServerVersion,
}

/// What keeps a client from asking too much, or too long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) retry: Retry,
    pub(crate) deadline: Option<Duration>,
    pub(crate) max_in_flight: usize,
    pub(crate) max_body: usize,
    pub(crate) max_answer: usize,
}

/// Longest answer that is held in memory by default: 256 MiB.
pub(crate) const MAX_ANSWER: usize = 256 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            retry: Retry::default(),
            deadline: None,
            max_in_flight: 64,
            max_body: 400_000_000,
            max_answer: MAX_ANSWER,
        }
    }
}

impl ClientBuilder {
    pub(crate) fn new(host: String) -> Self {
        Self {
            host,
            server_token: None,
            auth: Auth::None,
            trust: Trust::default(),
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(120),
            json_outputs: false,
            transport: None,
            panda: None,
            limits: Limits::default(),
            server: ServerVersion::V2_6_21,
        }
    }

    /// Sets how the client says who asks; [`Auth::None`] by default.
    pub fn auth(mut self, auth: impl Into<Auth>) -> Self {
        self.auth = auth.into();
        self
    }

    /// Shows this token to an embedded server, where it does not stand in the address already.
    ///
    /// It is sent in the header `X-IDDS-Server-Token`, whether it comes from here or from the address, and is shown nowhere.
    pub fn server_token(mut self, token: impl Into<Secret>) -> Self {
        self.server_token = Some(token.into());
        self
    }

    /// Trusts the authorities in this PEM file too.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.trust.also.push(Store::File(path.into()));
        self
    }

    /// Trusts the authorities in this directory too: its files `*.pem` and `*.crt`, and those with hashed names (`*.0`).
    ///
    /// Directories of grids are laid out like this. Their revocation lists (`*.r0`) are applied, also to authorities in between, as grid
    /// tools do it: an authority without a list revokes nothing, and a server is not trusted whose authority has a list that is out of
    /// date (`fetch-crl` renews it). Their signing policies are not applied.
    pub fn ca_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.trust.also.push(Store::Directory(path.into()));
        self
    }

    /// Talks to a server whatever certificate it shows, as the Python client always does; `false` by default.
    ///
    /// Whoever stands between here and the server can then read tokens and change answers. The log warns of it.
    pub fn danger_accept_invalid_certs(mut self, accept: bool) -> Self {
        self.trust.accepts_invalid = accept;
        self
    }

    /// Trusts what is in these places too.
    pub(crate) fn trust_also(mut self, stores: impl IntoIterator<Item = Store>) -> Self {
        self.trust.also.extend(stores);
        self
    }

    /// Trusts what is in these places instead of what the system trusts.
    pub(crate) fn trust_only(mut self, stores: Vec<Store>) -> Self {
        self.trust.instead = stores;
        self
    }

    /// Sets how long making a connection may take, TLS handshake included; 10 s by default.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Sets how long one attempt may take from connecting to the last byte of the answer; 120 s by default.
    ///
    /// A request with a body gets 20 s more for each megabyte of it, which a server may need to work on it. For files, and lists that are read while they come, it is how long nothing may move.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Sets how long a call may take in all, with its retries and the waits before them; no limit by default.
    ///
    /// [`Client::within`] sets it for some calls.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.limits.deadline = Some(limit);
        self
    }

    /// Sets when calls that failed are sent again; [`Retry::default`] by default.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.limits.retry = retry;
        self
    }

    /// Sets how many requests all clones of the client have on the way at once, at least 1; 64 by default.
    ///
    /// Further ones wait for their turn.
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.limits.max_in_flight = requests;
        self
    }

    /// Sets the size in bytes above which the maps of a workflow are submitted ahead of it, in requests of their own;
    /// 400 000 000 by default, as in Python.
    ///
    /// [`wire::Submission::in_steps`](idds_workflow::wire::Submission::in_steps) says what can be split. What cannot is not sent.
    pub fn max_request_length(mut self, bytes: usize) -> Self {
        self.limits.max_body = bytes;
        self
    }

    /// Sets the largest answer that is taken, in bytes after decompression; 256 MiB by default.
    ///
    /// A larger one ends with [`ErrorKind::TooLarge`], and so does one that holds more values than a sixteenth of it. Of lists that are read
    /// while they come, it is the limit of each item; files go to the disk and may be of any size that fits there.
    pub fn max_answer_length(mut self, bytes: usize) -> Self {
        self.limits.max_answer = bytes;
        self
    }

    /// Sets the version of the server, which chooses the route and the form of each call; 2.6.21 by default.
    ///
    /// [`ServerFamily`](crate::ServerFamily) has a table, and [`Client::probe`] finds it out.
    pub fn server_version(mut self, version: ServerVersion) -> Self {
        self.server = version;
        self
    }

    /// Sets whether the server wraps its answers (`?json_outputs=true`); it does not by default.
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

    /// Has the PanDA server at this address, such as `https://pandaserver.cern.ch/server/panda`, make the calls.
    ///
    /// It is for users whom only PanDA lets in: the certificate or token is shown to PanDA, which asks iDDS for them. PanDA's
    /// relay takes what its own client packs, and knows the calls of requests, transforms, the catalog, points, messages,
    /// settings, workflow tasks and `ping` of servers from 2.2 on. It carries no file, nothing for another user, no
    /// sign-in or renewal of a token, nothing of the monitor, no probe, and no suspend or other command that goes as
    /// a message: these end with [`ErrorKind::Unsupported`], unsent. PanDA's own iDDS client may be older and lack a call, which
    /// ends in the same way. Of failures that PanDA cannot explain it counts as unknown whether iDDS has heard of the call.
    pub fn through_panda(mut self, address: impl Into<String>) -> Self {
        self.panda = Some(address.into());
        self
    }

    /// Makes the client: reads certificates and tokens, and sends nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a host, or address of PanDA, that is not an `http` or `https` URL, or is without
    /// encryption for a credential that needs it, authorities that cannot be read, and a limit of no request on the way or no answer;
    /// [`ErrorKind::Credential`] for a certificate or token that is missing or unreadable. Whether it is out of date is for the calls
    /// to find out, which know the time of the server.
    pub fn build(self) -> Result<Client, Error> {
        let mut host = Host::parse(&self.host)?;
        if let Some(token) = &self.server_token {
            host = host.with_token(token)?;
        }
        if self.limits.max_in_flight == 0 {
            return Err(Error::new(
                ErrorKind::Configuration,
                "max_in_flight is 0, and nothing could be sent",
            ));
        }
        if self.limits.max_answer == 0 {
            return Err(Error::new(
                ErrorKind::Configuration,
                "max_answer_length is 0, and no answer could be taken",
            ));
        }
        let panda = self.panda.as_deref().map(Host::parse).transpose()?;
        let asked = panda.as_ref().unwrap_or(&host);
        let credential = Credential::load(&self.auth, asked)?;
        let mut anonymous = None;
        let mut transport = match self.transport {
            Some(transport) => transport,
            None => {
                let tls = if asked.is_encrypted() {
                    self.trust.config(credential.certificate())?
                } else {
                    Trust::unused()?
                };
                anonymous = credential.certificate().map(|_| Anonymous {
                    host: asked.clone(),
                    trust: self.trust.clone(),
                    connect_timeout: self.connect_timeout,
                    // What it is for only makes an error clearer.
                    timeout: self.timeout.min(Duration::from_secs(10)),
                });
                let (connect, total, most) =
                    (self.connect_timeout, self.timeout, self.limits.max_answer);
                Box::new(HttpTransport::new(asked, tls, connect, total, most)?)
            }
        };
        if let Some(panda) = panda {
            transport = Box::new(PandaRelay::new(panda, host.clone(), transport));
        }
        Ok(Client::new(
            host,
            credential,
            transport,
            anonymous,
            self.limits,
            self.server,
            self.json_outputs,
        ))
    }
}

/// What is needed to connect to the server without a client certificate.
#[derive(Debug)]
pub(crate) struct Anonymous {
    host: Host,
    trust: Trust,
    connect_timeout: Duration,
    timeout: Duration,
}

impl Anonymous {
    /// Makes the connection, and returns the address at its end.
    pub(crate) fn transport(&self) -> Result<(HttpTransport, &Host), Error> {
        let tls = self.trust.config(None)?;
        let transport = HttpTransport::new(
            &self.host,
            tls,
            self.connect_timeout,
            self.timeout,
            ERROR_PAGE,
        )?;
        Ok((transport, &self.host))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("auth", &self.auth)
            .field("trust", &self.trust)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("limits", &self.limits)
            .field("server", &self.server)
            .field("json_outputs", &self.json_outputs)
            .finish_non_exhaustive() // the host may hold a password or token until it is checked
    }
}
