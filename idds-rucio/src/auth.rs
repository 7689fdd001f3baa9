//! Credentials: what a token is asked for with.

use reqwest::Identity;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::config::{MOST, read_secret};
use crate::{Auth, Config, Error, ErrorKind};

/// How a token is got.
#[derive(Debug)]
pub(crate) enum Source {
    /// It is asked for at this path, with these headers.
    Asked {
        path: &'static str,
        headers: HeaderMap,
    },
    /// It is read.
    Read(SecretString),
}

impl Config {
    /// Returns the certificate by which this client is known, if there is one.
    pub(crate) fn identity(&self) -> Result<Option<Identity>, Error> {
        let (pem, path) = match &self.auth {
            Auth::UserPass { .. } | Auth::Oidc { .. } => return Ok(None),
            Auth::X509 { cert, key } => {
                let mut pem = read_secret(key)?;
                pem.push(b'\n');
                pem.extend(idds_file::read(cert, MOST).map_err(|error| {
                    let what = format!("{} cannot be read", cert.display());
                    Error::because(ErrorKind::Config, what, error)
                })?);
                (pem, cert)
            }
            Auth::X509Proxy { proxy } => (read_secret(proxy)?, proxy),
        };
        let identity = Identity::from_pem(&pem).map_err(|error| {
            let what = format!("{} is no certificate with its key", path.display());
            Error::because(ErrorKind::Config, what, error)
        })?;
        Ok(Some(identity))
    }

    /// Returns what is secret in what a token is asked for with; a key is not sent.
    pub(crate) fn secrets(&self) -> Vec<&SecretString> {
        match &self.auth {
            Auth::UserPass { password, .. } => vec![password],
            _ => Vec::new(),
        }
    }

    /// Returns how a token is got now.
    pub(crate) fn source(&self) -> Result<Source, Error> {
        let mut headers = HeaderMap::new();
        let path = match &self.auth {
            Auth::UserPass { username, password } => {
                let mut add = |name, value: &str| {
                    let mut value = HeaderValue::from_str(value).map_err(|_| {
                        let what = format!("{name} has characters that no header can carry");
                        Error::new(ErrorKind::Config, what)
                    })?;
                    value.set_sensitive(true);
                    headers.insert(HeaderName::from_static(name), value);
                    Ok(())
                };
                add("x-rucio-username", username)?;
                add("x-rucio-password", password.expose_secret())?;
                "auth/userpass"
            }
            Auth::X509 { .. } => "auth/x509",
            Auth::X509Proxy { .. } => "auth/x509_proxy",
            Auth::Oidc { files } => return token(files).map(Source::Read),
        };
        Ok(Source::Asked { path, headers })
    }
}

/// Reads a token that somebody else keeps fresh.
fn token(files: &[std::path::PathBuf]) -> Result<SecretString, Error> {
    let given = std::env::var("BEARER_TOKEN").unwrap_or_default();
    if !given.trim().is_empty() {
        return Ok(given.trim().into());
    }
    for file in files.iter().filter(|file| file.exists()) {
        let bytes = read_secret(file)?;
        let text = String::from_utf8_lossy(&bytes);
        if !text.trim().is_empty() {
            return Ok(text.trim().into());
        }
    }
    let tried: Vec<_> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    Err(Error::new(
        ErrorKind::Credential,
        format!(
            "there is no token: BEARER_TOKEN has it, or a file, one of {}; `rucio whoami` of the Python client signs in",
            tried.join(", ")
        ),
    ))
}
