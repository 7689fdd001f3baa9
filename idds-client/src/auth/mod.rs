//! Authentication and credentials.

mod bearer;
mod device;
mod oidc;
mod pem;
mod relay;
mod renewal;
mod scrub;
mod secret;
mod source;
mod token_file;
mod token_info;
mod tokens;
mod validity;
mod x509;
mod x509_info;

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use rustls::client::ResolvesClientCert;

pub use self::device::{DeviceFlow, DeviceStep};
pub use self::oidc::Oidc;
pub(crate) use self::pem::plain as plain_pem;
pub(crate) use self::relay::Headers as RelayHeaders;
pub use self::relay::OriginalUser;
pub(crate) use self::scrub::{Scrub, Scrubs, without_keys};
pub use self::secret::Secret;
pub use self::token_file::TokenFile;
pub use self::token_info::TokenInfo;
pub use self::tokens::Tokens;
pub(crate) use self::validity::{Untimely, moment, span};
pub use self::x509::X509;
pub use self::x509_info::X509Info;
use crate::host::Host;
use crate::{Client, Error, ErrorKind};

/// The header that a token stands in.
pub(crate) const TOKEN: HeaderName = HeaderName::from_static("x-idds-auth-token");

/// How the client authenticates.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Auth {
    /// No authentication: for the embedded server, which requires only the token in its address.
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
    X509(Arc<x509::Identity>),
    Oidc(Arc<bearer::Bearer>),
}

impl Credential {
    /// Reads the credential that `auth` names, for use with this server.
    pub(crate) fn load(auth: &Auth, host: &Host) -> Result<Self, Error> {
        match auth {
            Auth::None => Ok(Self::None),
            // The embedded server requires its token alone; the Python client still requires the name of a certificate.
            Auth::X509(_) if !host.is_encrypted() && host.is_loopback() => Ok(Self::None),
            Auth::X509(_) if !host.is_encrypted() => Err(Error::new(
                ErrorKind::Configuration,
                format!("a certificate cannot be shown to {host}, which is not https"),
            )),
            Auth::X509(x509) => Ok(Self::X509(Arc::new(x509.load()?))),
            Auth::Oidc(oidc) => {
                host.requires_encryption("a token")?;
                Ok(Self::Oidc(Arc::new(oidc.load()?)))
            }
        }
    }

    /// Fails when the credential is out of date, and cannot be renewed.
    pub(crate) fn check(&self, now: Timestamp) -> Result<(), Error> {
        match self {
            Self::None => Ok(()),
            Self::X509(identity) => identity.check(now),
            Self::Oidc(bearer) => bearer.check(now),
        }
    }

    /// Adds the credential to the headers; `client` renews a token that is about to expire.
    ///
    /// Fails when the credential is out of date, so that nothing is sent that will be refused.
    pub(crate) async fn identify(
        &self,
        headers: &mut HeaderMap,
        client: &Client,
        now: Timestamp,
    ) -> Result<(), Error> {
        match self {
            Self::None => {}
            Self::X509(identity) => {
                identity.check(now)?;
                headers.insert("x-idds-auth-type", HeaderValue::from_static("x509_proxy"));
            }
            Self::Oidc(bearer) => {
                // A renewal is a call of its own; few calls have it, and none shall carry its size.
                let token = Box::pin(bearer.token(client, now)).await?;
                headers.insert("x-idds-auth-type", HeaderValue::from_static("oidc"));
                headers.insert("x-idds-auth-vo", bearer.vo().clone());
                headers.insert(TOKEN, token);
            }
        }
        Ok(())
    }

    /// Says whether there is another token than this one, which the server refused; `client` renews it.
    pub(crate) async fn replaces(
        &self,
        refused: &HeaderValue,
        client: &Client,
        now: Timestamp,
    ) -> bool {
        match self {
            Self::None | Self::X509(_) => false,
            Self::Oidc(bearer) => Box::pin(bearer.replaces(refused, client, now)).await,
        }
    }

    /// Returns what answers the server's question for a certificate.
    pub(crate) fn certificate(&self) -> Option<Arc<dyn ResolvesClientCert>> {
        match self {
            Self::X509(identity) => Some(identity.clone()),
            Self::None | Self::Oidc(_) => None,
        }
    }
}

/// Makes an error about a credential.
fn unusable(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Credential, what)
}

#[cfg(test)]
fn jwt(claims: &str) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
}
