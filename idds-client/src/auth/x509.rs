//! Certificates in the TLS handshake, grid proxies included.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, SigningKey};
use tracing::{debug, warn};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::pem::Pem;
use super::{X509Info, unusable};
use crate::Error;
use crate::private_file::read_secret;

/// A certificate with its private key, in one PEM file.
///
/// The file holds the certificate, its unencrypted key (PKCS#8, PKCS#1 or SEC1) and the chain up to a known authority, in
/// any order: what `voms-proxy-init` writes, with proxies of RFC 3820, or a plain certificate followed by its key. RSA keys
/// need 2048 bits. When the file is renewed, new connections show the new certificate. The log warns half an hour before the end.
///
/// ```
/// use idds_client::{Client, X509};
///
/// # let file = tempfile::NamedTempFile::new()?;
/// # std::fs::write(&file, [std::fs::read("tests/pem/user.crt")?, std::fs::read("tests/pem/user.key")?].concat())?;
/// # let path = file.path();
/// let certificate = X509::file(path); // or X509::discover()?, where grid tools leave it
/// let info = certificate.info()?;
/// println!("{} until {}", info.identity, info.expires_at);
/// let client = Client::builder("https://idds.example:443/idds").auth(certificate);
/// # client.transport(idds_client::Replay::default()).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct X509 {
    path: PathBuf,
}

impl X509 {
    /// Uses the certificate in this file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Finds the user's proxy where grid tools leave it: `$X509_USER_PROXY`, else `/tmp/x509up_u` and the user's number.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) when `$X509_USER_PROXY` names no file, or when it is not set
    /// and the other file is not there.
    pub fn discover() -> Result<Self, Error> {
        let named = std::env::var("X509_USER_PROXY")
            .ok()
            .filter(|path| !path.trim().is_empty());
        Self::discover_in(named.map(|path| ("X509_USER_PROXY", path.into())))
    }

    /// Finds the user's proxy, given a file and what names it.
    ///
    /// The Python client silently takes the default file when the named one is missing, and then asks as somebody else.
    pub(crate) fn discover_in(named: Option<(&str, PathBuf)>) -> Result<Self, Error> {
        if let Some((name, path)) = named {
            return if path.exists() {
                Ok(Self::file(path))
            } else {
                Err(unusable(format!(
                    "{name} names {}, which does not exist",
                    path.display()
                )))
            };
        }
        let default = PathBuf::from(format!(
            "/tmp/x509up_u{}",
            rustix::process::getuid().as_raw()
        ));
        if default.exists() {
            Ok(Self::file(default))
        } else {
            Err(unusable(format!(
                "there is no x509 proxy: X509_USER_PROXY is not set and {} does not exist",
                default.display()
            )))
        }
    }

    /// Says whose certificate it is and how long it is valid.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) when the file cannot be read or holds no certificate with its key.
    pub fn info(&self) -> Result<X509Info, Error> {
        Ok(Current::read(&self.path)?.info)
    }

    pub(super) fn load(&self) -> Result<Identity, Error> {
        Identity::read(&self.path)
    }
}

/// A certificate in use.
#[derive(Debug)]
pub(crate) struct Identity {
    path: PathBuf,
    current: Mutex<Current>,
}

/// The certificate that the file held when it was last looked at.
struct Current {
    certified: Arc<CertifiedKey>,
    info: X509Info,
    stamp: Option<Stamp>,
    looked: Timestamp,
    is_announced: bool,
}

/// What tells one state of a file from another.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
}

/// How often the file is looked at for a renewed certificate, between connections.
const LOOK: SignedDuration = SignedDuration::from_secs(1);

/// From when on the end of a certificate is announced.
const LITTLE: SignedDuration = SignedDuration::from_mins(30);

impl Identity {
    fn read(path: &Path) -> Result<Self, Error> {
        Ok(Self {
            path: path.to_owned(),
            current: Mutex::new(Current::read(path)?),
        })
    }

    /// Fails when the certificate, or one it depends on, is not valid now; says in the log when its end is near.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), Error> {
        let mut current = self.current();
        if now.duration_since(current.looked).abs() >= LOOK {
            current.look(&self.path, now);
        }
        let name = format!("the certificate in {}", self.path.display());
        current.info.validity().check(&name, now)?;
        let remaining = current.info.remaining(now);
        if remaining < LITTLE && !current.is_announced {
            current.is_announced = true;
            warn!(
                "{name} expires in {} min: renew it, and the client reads it again",
                remaining.as_mins()
            );
        }
        Ok(())
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Current {
    fn read(path: &Path) -> Result<Self, Error> {
        let stamp = Stamp::of(path);
        let pem = read_secret("the x509 proxy", path)?;
        let (certified, info) = parse(&pem, path)?;
        let (certified, looked) = (Arc::new(certified), Timestamp::now());
        Ok(Self {
            certified,
            info,
            stamp,
            looked,
            is_announced: false,
        })
    }

    /// Takes up what is in the file if that has changed.
    fn look(&mut self, path: &Path, now: Timestamp) {
        self.looked = now;
        let stamp = Stamp::of(path);
        if stamp == self.stamp {
            return;
        }
        self.stamp = stamp; // what cannot be read is said once
        match Self::read(path) {
            Ok(renewed) => {
                debug!(path = %path.display(), until = %renewed.info.expires_at, "the certificate is read again");
                *self = Self {
                    looked: now,
                    ..renewed
                };
            }
            // Perhaps it is just being written: the old one serves as long as it is valid.
            Err(error) => warn!(%error, "the certificate cannot be read again"),
        }
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            modified: metadata.modified().ok(),
            length: metadata.len(),
        })
    }
}

/// New connections show the certificate that is in the file then.
impl ResolvesClientCert for Identity {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let mut current = self.current();
        current.look(&self.path, Timestamp::now());
        Some(current.certified.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Current")
            .field("info", &self.info)
            .field("key", &"[redacted]")
            .finish_non_exhaustive()
    }
}

fn parse(pem: &[u8], path: &Path) -> Result<(CertifiedKey, X509Info), Error> {
    let Pem { certificates, key } = Pem::read(pem, path)?;
    let key = default_provider()
        .key_provider
        .load_private_key(key)
        .map_err(|_| {
            let what =
                "cannot be used: RSA keys need 2048 to 4096 bits, EC keys the curve P-256 or P-384";
            unusable(format!("the private key in {} {what}", path.display()))
        })?;
    let (chain, info) = chain(&certificates, &*key, path)?;
    // Not `with_client_auth_cert`, whose check of the key does not know the critical extension of a proxy.
    Ok((CertifiedKey::new(chain, key), info))
}

/// Puts the certificate of the key first and each issuer after what it issued; says when all of them are valid.
fn chain(
    certificates: &[CertificateDer<'static>],
    key: &dyn SigningKey,
    path: &Path,
) -> Result<(Vec<CertificateDer<'static>>, X509Info), Error> {
    let mut parsed = Vec::with_capacity(certificates.len());
    for certificate in certificates {
        let (_, it) = X509Certificate::from_der(certificate).map_err(|error| {
            unusable(format!("{} holds a damaged certificate", path.display())).caused_by(error)
        })?;
        parsed.push(it);
    }
    let public_key = key.public_key();
    let leaf = parsed
        .iter()
        .position(|it| {
            public_key
                .as_ref()
                .is_some_and(|key| it.public_key().raw == key.as_ref())
        })
        .ok_or_else(|| {
            let what = match parsed.len() {
                1 => {
                    "the certificate and the private key in FILE do not belong together".to_owned()
                }
                count => format!(
                    "the private key in FILE belongs to none of the {count} certificates there"
                ),
            };
            unusable(what.replace("FILE", &path.display().to_string()))
        })?;

    let mut order = vec![leaf];
    let mut last = leaf;
    while let Some(issuer) = (0..parsed.len()).find(|index| {
        !order.contains(index)
            && parsed[*index].subject().as_raw() == parsed[last].issuer().as_raw()
    }) {
        order.push(issuer);
        last = issuer;
    }
    let info = X509Info::of_chain(order.iter().map(|&index| &parsed[index])).ok_or_else(|| {
        unusable(format!(
            "{} holds a certificate with an impossible date",
            path.display()
        ))
    })?;
    Ok((
        order
            .into_iter()
            .map(|index| certificates[index].clone())
            .collect(),
        info,
    ))
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::pem::PemObject;

    use super::*;

    const PROXY: &str = include_str!("../../tests/pem/proxy.crt");
    const PROXY_KEY: &str = include_str!("../../tests/pem/proxy.key");
    const USER: &str = include_str!("../../tests/pem/user.crt");
    const AUTHORITY: &str = include_str!("../../tests/pem/ca.crt");

    fn parse(parts: &[&str]) -> Result<(CertifiedKey, X509Info), Error> {
        super::parse(parts.concat().as_bytes(), Path::new("proxy.pem"))
    }

    fn write(path: &Path, parts: &[&str]) {
        fs::write(path, parts.concat()).expect("written");
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn complaint(parts: &[&str]) -> String {
        let error = parse(parts).expect_err("refused");
        assert_eq!(error.kind(), crate::ErrorKind::Credential);
        error.to_string()
    }

    fn der(pem: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate")
    }

    #[test]
    fn a_proxy_is_read_whatever_the_order_of_its_parts() {
        let expected = [PROXY, USER, AUTHORITY].map(der);
        for parts in [
            [PROXY, PROXY_KEY, USER, AUTHORITY],
            [AUTHORITY, USER, PROXY_KEY, PROXY],
        ] {
            assert_eq!(parse(&parts).expect("a proxy").0.cert, expected);
        }
    }

    #[test]
    fn each_form_of_key_is_read() {
        let pkcs8 = include_str!("../../tests/pem/proxy-pkcs8.key");
        assert!(parse(&[PROXY, pkcs8, USER]).is_ok());
        let pkcs1 = [
            include_str!("../../tests/pem/rsa.crt"),
            include_str!("../../tests/pem/rsa.key"),
        ];
        assert_eq!(parse(&pkcs1).expect("a certificate").0.cert.len(), 1);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        assert_eq!(
            complaint(&[USER, PROXY_KEY]),
            "the certificate and the private key in proxy.pem do not belong together"
        );
        assert_eq!(
            complaint(&[USER, PROXY_KEY, AUTHORITY]),
            "the private key in proxy.pem belongs to none of the 2 certificates there"
        );
        let short = [
            include_str!("../../tests/pem/rsa1024.crt"),
            include_str!("../../tests/pem/rsa1024.key"),
        ];
        assert_eq!(
            complaint(&short),
            "the private key in proxy.pem cannot be used: RSA keys need 2048 to 4096 bits, EC keys the curve \
             P-256 or P-384"
        );
        let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(
            complaint(&[damaged, PROXY_KEY]),
            "proxy.pem holds a damaged certificate"
        );
    }

    #[test]
    fn a_certificate_is_refused_outside_its_time() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        write(file.path(), &[PROXY, PROXY_KEY, USER]);
        let identity = X509::file(file.path()).load().expect("a proxy");
        assert!(identity.check(at("2030-01-01T00:00:00Z")).is_ok());
        let name = format!("the certificate in {}", file.path().display());
        let error = identity
            .check(at("2200-01-01T00:00:00Z"))
            .expect_err("expired");
        assert!(
            error.to_string().starts_with(&format!("{name} expired ")),
            "{error}"
        );
        let error = identity
            .check(at("2020-01-01T00:00:00Z"))
            .expect_err("too early");
        assert!(
            error
                .to_string()
                .starts_with(&format!("{name} is valid only in ")),
            "{error}"
        );
    }

    #[test]
    fn a_renewed_certificate_is_taken_up() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        write(file.path(), &[PROXY, PROXY_KEY, USER]);
        let identity = X509::file(file.path()).load().expect("a proxy");
        let shown = || {
            identity
                .resolve(&[], &[])
                .expect("a certificate")
                .cert
                .clone()
        };
        assert_eq!(shown(), [PROXY, USER].map(der));
        write(file.path(), &["half a file"]);
        assert_eq!(shown(), [PROXY, USER].map(der));
        write(
            file.path(),
            &[USER, include_str!("../../tests/pem/user.key")],
        );
        assert_eq!(shown(), [USER].map(der));
        write(file.path(), &[PROXY, PROXY_KEY, USER]);
        assert!(
            identity
                .check(Timestamp::now() + SignedDuration::from_secs(5))
                .is_ok()
        );
        assert!(identity.current().info.is_proxy);
    }

    #[test]
    fn a_private_key_never_shows() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        write(file.path(), &[PROXY, PROXY_KEY, USER]);
        let identity = X509::file(file.path()).load().expect("a proxy");
        let key = PROXY_KEY.lines().nth(1).expect("a line of the key");
        assert!(!format!("{identity:?}").contains(key));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = X509::file("/nowhere/proxy").load().expect_err("missing");
        assert_eq!(
            error.to_string(),
            "the x509 proxy /nowhere/proxy cannot be read"
        );
    }
}
