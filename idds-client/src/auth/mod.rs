//! Who asks.

mod oidc;
mod secret;
mod validity;
mod x509;

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use rustls::client::ResolvesClientCert;

pub use self::oidc::Oidc;
pub use self::secret::Secret;
pub use self::x509::X509;
use crate::host::Host;
use crate::{Error, ErrorKind};

/// How the client says who asks.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Auth {
    /// Not at all: for a server that asks nobody, such as the embedded one.
    #[default]
    None,
    /// With a certificate in the TLS handshake, plain or a grid proxy.
    X509(X509),
    /// With the ID token of an OpenID Connect provider.
    Oidc(Oidc),
}

impl From<X509> for Auth {
    fn from(x509: X509) -> Self {
        Self::X509(x509)
    }
}

impl From<Oidc> for Auth {
    fn from(oidc: Oidc) -> Self {
        Self::Oidc(oidc)
    }
}

/// A credential in use: read, and checked before every request.
#[derive(Debug)]
pub(crate) enum Credential {
    None,
    X509(x509::Identity),
    Oidc(oidc::Bearer),
}

impl Credential {
    /// Reads the credential that `auth` names, for use with this server.
    pub(crate) fn load(auth: &Auth, host: &Host, now: Timestamp) -> Result<Self, Error> {
        match auth {
            Auth::None => Ok(Self::None),
            Auth::X509(_) if !host.is_encrypted() => Err(Error::new(
                ErrorKind::Configuration,
                format!("a certificate cannot be shown to {host}, which is not https"),
            )),
            Auth::X509(x509) => {
                let identity = x509.load()?;
                identity.check(now)?;
                Ok(Self::X509(identity))
            }
            Auth::Oidc(_) if !host.is_encrypted() && !host.is_loopback() => Err(Error::new(
                ErrorKind::Configuration,
                format!("a token is not sent unencrypted to {host}, which is not https"),
            )),
            Auth::Oidc(oidc) => {
                let bearer = oidc.load()?;
                bearer.token(now)?;
                Ok(Self::Oidc(bearer))
            }
        }
    }

    /// Adds what the server wants to see in the headers.
    ///
    /// Fails when the credential is out of date, so that nothing is sent that will be refused.
    pub(crate) fn identify(&self, headers: &mut HeaderMap, now: Timestamp) -> Result<(), Error> {
        match self {
            Self::None => {}
            Self::X509(identity) => {
                identity.check(now)?;
                headers.insert("x-idds-auth-type", HeaderValue::from_static("x509_proxy"));
            }
            Self::Oidc(bearer) => {
                let token = bearer.token(now)?;
                headers.insert("x-idds-auth-type", HeaderValue::from_static("oidc"));
                headers.insert("x-idds-auth-vo", bearer.vo().clone());
                headers.insert("x-idds-auth-token", token);
            }
        }
        Ok(())
    }

    /// Returns what answers the server's question for a certificate.
    pub(crate) fn certificate(&self) -> Option<Arc<dyn ResolvesClientCert>> {
        match self {
            Self::X509(identity) => Some(identity.resolver()),
            Self::None | Self::Oidc(_) => None,
        }
    }
}

/// Makes an error about a credential.
fn unusable(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Credential, what)
}
