//! Errors of a failed connection, with what to do about them.

use std::error::Error as StdError;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, OtherError};

use super::handover::Missing;
use super::patience::Late;
use crate::deadline::time_for;
use crate::host::Host;
use crate::{Error, ErrorKind, auth};

/// Length from which on many gateways take no request as they come, in bytes.
const USUAL_LIMIT: u64 = 1 << 20;

/// Explains the failures of one connection pool.
pub(super) struct Failure {
    host: Host,
    connect: Duration,
    total: Duration,
    /// The variable that names a proxy on the way, if there is one.
    proxy: Option<&'static str>,
}

impl Failure {
    pub(super) fn new(host: Host, connect: Duration, total: Duration) -> Self {
        let proxy = proxy(&host);
        Self {
            host,
            connect,
            total,
            proxy,
        }
    }

    /// Returns how long an exchange may take whose request is of this length.
    pub(super) fn limit(&self, len: usize) -> Duration {
        self.total.saturating_add(time_for(len))
    }

    /// Says that a transfer stood still, or nearly so.
    pub(super) fn late(&self, late: Late) -> Error {
        let (host, total) = (&self.host, self.total);
        let what = match late {
            Late::Still => format!("no data was exchanged with {host} for {total:?}"),
            Late::Slow(rate) => {
                format!("less than {rate} bytes a second came from {host} for more than {total:?}")
            }
        };
        Error::new(ErrorKind::Timeout, what)
    }

    /// Says that HTTP was spoken to a port of TLS.
    pub(super) fn wants_tls(&self) -> Error {
        let (host, other) = (&self.host, self.host.with_other_scheme());
        Error::new(
            ErrorKind::Configuration,
            format!("{host} expects https, and the address says http; set the host to {other}"),
        )
    }

    /// Says whether TLS is spoken to the server itself, and not by way of a proxy.
    pub(super) fn is_direct_tls(&self) -> bool {
        self.host.is_encrypted() && self.proxy.is_none()
    }

    /// Says that a port takes connections, and then leaves TLS unanswered.
    pub(super) fn answers_no_greeting(&self) -> Error {
        let (host, other) = (&self.host, self.host.with_other_scheme());
        let what = format!(
            "{host} accepts the connection and does not answer the TLS handshake within {:?}; if it does not speak https, set the host to {other}",
            self.connect
        );
        Error::new(ErrorKind::Connect, what)
    }

    /// Turns an error of the HTTP library into ours, with its deepest cause as source; `len` is the length of the request.
    pub(super) fn explain(&self, error: reqwest::Error, len: usize) -> Error {
        let host = &self.host;
        let error = error.without_url();
        if let Some(ours) = find::<Error>(&error) {
            // The body of the request was at fault, not the connection.
            let (kind, what) = (ours.kind(), ours.to_string());
            return Error::new(kind, what).caused_by(error);
        }
        if let Some(tls) = find::<rustls::Error>(&error) {
            return self.tls(tls.clone());
        }
        let (kind, what) = if error.is_builder() {
            (
                ErrorKind::Argument,
                format!("the request to {host} cannot be sent"),
            )
        } else if error.is_connect() {
            (ErrorKind::Connect, self.unconnected(&error))
        } else if error.is_timeout() {
            (
                ErrorKind::Timeout,
                format!("{host} gave no answer within {:?}", self.limit(len)),
            )
        } else if says(&error, "message head is too large") {
            (
                ErrorKind::TooLarge,
                format!(
                    "the head of the answer from {host} is larger than that of any iDDS server"
                ),
            )
        } else if says(&error, "invalid HTTP") {
            (
                ErrorKind::Answer,
                format!(
                    "the program that listens at {host} does not speak HTTP; is the port right?"
                ),
            )
        } else {
            (
                ErrorKind::Interrupted,
                format!("the connection to {host} broke before the answer was there"),
            )
        };
        let explained = Error::new(kind, what);
        match system(&error) {
            Some(cause) => explained.caused_by(cause),
            None => explained.caused_by(error),
        }
    }

    /// Says of a request that broke off that the server has not got it.
    pub(super) fn cut_short(&self, error: Error, missing: Missing) -> Error {
        let (host, Missing { taken, len }) = (&self.host, missing);
        let what = match error.kind() {
            ErrorKind::Interrupted => {
                let hint = if len > USUAL_LIMIT {
                    "; a gateway in front of it may refuse requests of this length"
                } else {
                    ""
                };
                format!(
                    "the connection to {host} broke when {taken} of the {len} bytes of the request were sent{hint}"
                )
            }
            ErrorKind::Timeout => {
                let limit = self.limit(usize::try_from(len).unwrap_or(usize::MAX));
                format!("{host} took {taken} of the {len} bytes of the request within {limit:?}")
            }
            _ => return error,
        };
        let kind = error.kind();
        error.saying(kind, what).cut_short()
    }

    /// Says why there is no connection.
    fn unconnected(&self, error: &reqwest::Error) -> String {
        let host = &self.host;
        let system = system(error).map(|cause| cause.kind());
        if error.is_dns() {
            return format!(
                "the host name {}{} is not known",
                host.name(),
                self.by_proxy()
            );
        }
        if says(error, "tunnel error") {
            return format!(
                "the proxy that {} names makes no connection to {host}",
                self.proxy.unwrap_or("HTTPS_PROXY")
            );
        }
        // In the handshake: a port that is not open says so before.
        let is_hung_up =
            system == Some(io::ErrorKind::ConnectionReset) || says(error, "handshake eof");
        let why = match system {
            _ if is_hung_up && host.is_encrypted() => {
                let other = host.with_other_scheme();
                return format!(
                    "{host} closed the connection during the TLS handshake; if it does not speak https, set the host to {other}"
                );
            }
            _ if error.is_timeout() => format!(" within {:?}", self.connect),
            Some(kind) => format!(": {kind}"),
            None => String::new(),
        };
        format!("no iDDS server answers at {host}{why}{}", self.by_proxy())
    }

    fn by_proxy(&self) -> String {
        self.proxy.map_or_else(String::new, |variable| {
            format!(" (through the proxy that {variable} names)")
        })
    }

    fn tls(&self, error: rustls::Error) -> Error {
        let host = &self.host;
        let (kind, what) = match &error {
            rustls::Error::InvalidCertificate(why) => (ErrorKind::Certificate, self.distrust(why)),
            rustls::Error::InvalidCertRevocationList(_) => {
                let what = format!(
                    "a revocation list of the authority of {host} was not made by that authority, or not for it; \
                     renew the lists in X509_CERT_DIR, as with fetch-crl"
                );
                (ErrorKind::Certificate, what)
            }
            rustls::Error::AlertReceived(alert) if blames_the_certificate(*alert) => (
                ErrorKind::Credential,
                format!("{host} refused the certificate of this client"),
            ),
            rustls::Error::InvalidMessage(_) => {
                let other = host.with_other_scheme();
                let what = format!(
                    "{host} does not speak https; if it speaks http, set the host to {other}"
                );
                // The library's word for it, a corrupt message, says less.
                return Error::new(ErrorKind::Configuration, what);
            }
            _ => (
                ErrorKind::Configuration,
                format!("the TLS handshake with {host} failed"),
            ),
        };
        Error::new(kind, what).caused_by(error)
    }

    fn distrust(&self, why: &CertificateError) -> String {
        let (host, name) = (&self.host, self.host.name());
        match why {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
                "the certificate of {host} is signed by an authority that is not trusted; \
                 name the file of its CA in SSL_CERT_FILE or with ca_file"
            ),
            CertificateError::ExpiredContext { time, not_after } => {
                let (now, end) = (moment(*time), moment(*not_after));
                format!(
                    "the certificate of {host} expired at {end}, and this machine's clock says {now}"
                )
            }
            CertificateError::Expired => format!("the certificate of {host} has expired"),
            CertificateError::NotValidYetContext { time, not_before } => {
                let (now, start) = (moment(*time), moment(*not_before));
                format!(
                    "the certificate of {host} is valid only from {start}, and this machine's clock says {now}"
                )
            }
            CertificateError::NotValidYet => format!("the certificate of {host} is not valid yet"),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("the certificate of {host} is not one for {name}")
            }
            CertificateError::Revoked => {
                format!(
                    "the certificate of {host}, or of an authority in between, was revoked, as the list in X509_CERT_DIR says"
                )
            }
            CertificateError::ExpiredRevocationListContext { next_update, .. } => {
                let end = moment(*next_update);
                format!(
                    "whether the certificate of {host} was revoked is not known: the list of its authority is out of date since {end}; \
                     renew the lists in X509_CERT_DIR, as with fetch-crl"
                )
            }
            CertificateError::Other(OtherError(why))
                if why.to_string().contains("CaUsedAsEndEntity") =>
            {
                format!(
                    "the certificate of {host} is that of an authority, as `openssl req -x509` makes it, and not one of a server; make one \
                 with -addext basicConstraints=critical,CA:FALSE -addext subjectAltName={kind}:{name}, and name its file in \
                 SSL_CERT_FILE",
                    kind = if self.host.address().parse::<IpAddr>().is_ok() {
                        "IP"
                    } else {
                        "DNS"
                    },
                    name = self.host.address(),
                )
            }
            _ => format!("the certificate of {host} is not acceptable"),
        }
    }
}

fn moment(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).map_or_else(|_| "an impossible time".to_owned(), auth::moment)
}

fn blames_the_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::CertificateRequired
    )
}

/// Returns the variable that names a proxy for this server, as the HTTP library reads them.
fn proxy(host: &Host) -> Option<&'static str> {
    let names = if host.is_encrypted() {
        ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    } else {
        ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
    };
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_exempt = ["NO_PROXY", "no_proxy"].iter().any(is_set);
    // Which servers NO_PROXY exempts is for the library to say; better no word of the proxy than a wrong one.
    names
        .into_iter()
        .find(is_set)
        .filter(|_| !host.is_loopback() && !is_exempt)
}

/// Returns what the system says below an error.
fn system(error: &(dyn StdError + 'static)) -> Option<io::Error> {
    find::<io::Error>(error)
        .and_then(io::Error::raw_os_error)
        .map(io::Error::from_raw_os_error)
}

/// Says whether an error or one below it says this. The HTTP library has types for few of its errors.
fn says(error: &(dyn StdError + 'static), words: &str) -> bool {
    error.to_string().contains(words) || error.source().is_some_and(|error| says(error, words))
}

/// Finds an error of this type below `error`, also inside `io::Error`, which hides what it wraps.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}
