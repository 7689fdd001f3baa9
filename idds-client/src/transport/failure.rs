//! Why an exchange failed, in words that say what to do.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError};

use crate::host::Host;
use crate::{Error, ErrorKind, auth};

/// Explains the failures of one connection pool.
pub(super) struct Failure {
    host: Host,
    connect: Duration,
    total: Duration,
}

impl Failure {
    pub(super) fn new(host: Host, connect: Duration, total: Duration) -> Self {
        Self { host, connect, total }
    }

    /// Says that a transfer stood still.
    pub(super) fn stalled(&self) -> Error {
        Error::new(ErrorKind::Timeout, format!("nothing moved between here and {} for {:?}", self.host, self.total))
    }

    /// Turns an error of the HTTP library into ours, with its deepest cause as source.
    pub(super) fn explain(&self, error: reqwest::Error) -> Error {
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
        let cause = find::<io::Error>(&error).and_then(io::Error::raw_os_error).map(io::Error::from_raw_os_error);
        let (kind, what) = if error.is_builder() {
            (ErrorKind::Argument, format!("the request to {host} cannot be sent"))
        } else if error.is_dns() {
            (ErrorKind::Connect, format!("no machine is known by the name {}", host.name()))
        } else if error.is_connect() && error.is_timeout() {
            (ErrorKind::Connect, format!("no iDDS server answers at {host} within {:?}", self.connect))
        } else if error.is_connect() {
            (ErrorKind::Connect, format!("no iDDS server answers at {host}"))
        } else if error.is_timeout() {
            (ErrorKind::Timeout, format!("{host} gave no answer within {:?}", self.total))
        } else {
            (ErrorKind::Interrupted, format!("the connection to {host} broke before the answer was there"))
        };
        let explained = Error::new(kind, what);
        match cause {
            Some(cause) => explained.caused_by(cause),
            None => explained.caused_by(error),
        }
    }

    fn tls(&self, error: rustls::Error) -> Error {
        let host = &self.host;
        let (kind, what) = match &error {
            rustls::Error::InvalidCertificate(why) => (ErrorKind::Certificate, self.distrust(why)),
            rustls::Error::AlertReceived(alert) if blames_the_certificate(*alert) => {
                (ErrorKind::Credential, format!("{host} refused the certificate of this client"))
            }
            rustls::Error::InvalidMessage(_) => (ErrorKind::Configuration, format!("{host} does not speak https")),
            _ => (ErrorKind::Configuration, format!("no encrypted connection to {host} can be agreed on")),
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
                format!("the certificate of {host} expired at {end}, and this machine's clock says {now}")
            }
            CertificateError::Expired => format!("the certificate of {host} has expired"),
            CertificateError::NotValidYetContext { time, not_before } => {
                let (now, start) = (moment(*time), moment(*not_before));
                format!("the certificate of {host} is valid only from {start}, and this machine's clock says {now}")
            }
            CertificateError::NotValidYet => format!("the certificate of {host} is not valid yet"),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("the certificate of {host} is not one for {name}")
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

/// Finds an error of this type below `error`, also inside `io::Error`, which hides what it wraps.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}
