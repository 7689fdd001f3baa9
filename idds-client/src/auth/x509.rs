//! Certificates in the TLS handshake, grid proxies included.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::unusable;
use super::validity::Validity;
use crate::Error;

/// A certificate with its private key, in one PEM file.
///
/// The file holds the certificate, its unencrypted key (PKCS#8, PKCS#1 or SEC1) and the chain up to a known authority, in
/// any order: what `voms-proxy-init` writes, with proxies of RFC 3820, or a plain certificate followed by its key. RSA keys
/// need 2048 bits. The file is read once, when the client is built.
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
        Self::discover_in(std::env::var("X509_USER_PROXY").ok())
    }

    /// Finds the user's proxy, given what `X509_USER_PROXY` says.
    ///
    /// The Python client silently takes the default file when the named one is missing, and then asks as somebody else.
    pub(crate) fn discover_in(named: Option<String>) -> Result<Self, Error> {
        if let Some(path) = named.filter(|path| !path.trim().is_empty()).map(PathBuf::from) {
            return if path.exists() {
                Ok(Self::file(path))
            } else {
                Err(unusable(format!("X509_USER_PROXY names {}, which does not exist", path.display())))
            };
        }
        let default = PathBuf::from(format!("/tmp/x509up_u{}", rustix::process::getuid().as_raw()));
        if default.exists() {
            Ok(Self::file(default))
        } else {
            Err(unusable(format!(
                "there is no x509 proxy: X509_USER_PROXY is not set and {} does not exist",
                default.display()
            )))
        }
    }

    pub(super) fn load(&self) -> Result<Identity, Error> {
        let pem = fs::read(&self.path).map_err(|error| {
            unusable(format!("the x509 proxy {} cannot be read", self.path.display())).caused_by(error)
        })?;
        Identity::parse(&pem, &self.path)
    }
}

/// A certificate in use.
pub(crate) struct Identity {
    resolver: Arc<SingleCertAndKey>,
    validity: Validity,
    name: String,
}

impl Identity {
    fn parse(pem: &[u8], path: &Path) -> Result<Self, Error> {
        let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<_, _>>()
            .map_err(|error| unusable(format!("{} is not a PEM file", path.display())).caused_by(error))?;
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
            PemError::NoItemsFound if holds_encrypted_key(pem) => {
                unusable(format!("the private key in {} is encrypted", path.display()))
            }
            PemError::NoItemsFound => unusable(format!("{} holds no private key", path.display())),
            error => unusable(format!("{} is not a PEM file", path.display())).caused_by(error),
        })?;
        let key = default_provider().key_provider.load_private_key(key).map_err(|error| {
            unusable(format!("the private key in {} cannot be used (RSA keys need 2048 bits)", path.display()))
                .caused_by(error)
        })?;
        let (chain, validity) = chain(&certificates, &*key, path)?;
        // Not `with_client_auth_cert`, whose check of the key does not know the critical extension of a proxy.
        let resolver = Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key)));
        Ok(Self { resolver, validity, name: format!("the certificate in {}", path.display()) })
    }

    /// Fails when the certificate, or one it depends on, is not valid now.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), Error> {
        self.validity.check(&self.name, now)
    }

    pub(super) fn resolver(&self) -> Arc<dyn ResolvesClientCert> {
        self.resolver.clone()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with [redacted] key, {:?}", self.name, self.validity)
    }
}

fn holds_encrypted_key(pem: &[u8]) -> bool {
    String::from_utf8_lossy(pem).contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
}

/// Puts the certificate of the key first and each issuer after what it issued; says when all of them are valid.
fn chain(
    certificates: &[CertificateDer<'static>],
    key: &dyn SigningKey,
    path: &Path,
) -> Result<(Vec<CertificateDer<'static>>, Validity), Error> {
    let mut parsed = Vec::with_capacity(certificates.len());
    for certificate in certificates {
        let (_, it) = X509Certificate::from_der(certificate)
            .map_err(|error| unusable(format!("{} holds a damaged certificate", path.display())).caused_by(error))?;
        parsed.push(it);
    }
    let public_key = key.public_key();
    let leaf = parsed
        .iter()
        .position(|it| public_key.as_ref().is_some_and(|key| it.public_key().raw == key.as_ref()))
        .ok_or_else(|| unusable(format!("{} holds no certificate of its private key", path.display())))?;

    let mut order = vec![leaf];
    let mut last = leaf;
    while let Some(issuer) = (0..parsed.len())
        .find(|index| !order.contains(index) && parsed[*index].subject().as_raw() == parsed[last].issuer().as_raw())
    {
        order.push(issuer);
        last = issuer;
    }
    let validity = order.iter().map(|&index| validity(&parsed[index])).fold(Validity::default(), Validity::and);
    Ok((order.into_iter().map(|index| certificates[index].clone()).collect(), validity))
}

fn validity(certificate: &X509Certificate<'_>) -> Validity {
    let moment = |seconds| Timestamp::from_second(seconds).ok();
    let validity = certificate.validity();
    Validity { not_before: moment(validity.not_before.timestamp()), not_after: moment(validity.not_after.timestamp()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = include_str!("../../tests/pem/proxy.crt");
    const PROXY_KEY: &str = include_str!("../../tests/pem/proxy.key");
    const USER: &str = include_str!("../../tests/pem/user.crt");
    const AUTHORITY: &str = include_str!("../../tests/pem/ca.crt");

    fn parse(parts: &[&str]) -> Result<Identity, Error> {
        Identity::parse(parts.concat().as_bytes(), Path::new("proxy.pem"))
    }

    fn complaint(parts: &[&str]) -> String {
        let error = parse(parts).expect_err("refused");
        assert_eq!(error.kind(), crate::ErrorKind::Credential);
        error.to_string()
    }

    fn chain_of(identity: &Identity) -> Vec<CertificateDer<'static>> {
        identity.resolver.resolve(&[], &[]).map(|certified| certified.cert.clone()).unwrap_or_default()
    }

    fn der(pem: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate")
    }

    #[test]
    fn a_proxy_is_read_whatever_the_order_of_its_parts() {
        let expected = [PROXY, USER, AUTHORITY].map(der);
        for parts in [[PROXY, PROXY_KEY, USER, AUTHORITY], [AUTHORITY, USER, PROXY_KEY, PROXY]] {
            assert_eq!(chain_of(&parse(&parts).expect("a proxy")), expected);
        }
    }

    #[test]
    fn each_form_of_key_is_read() {
        let pkcs8 = include_str!("../../tests/pem/proxy-pkcs8.key");
        assert!(parse(&[PROXY, pkcs8, USER]).is_ok());
        let pkcs1 = [include_str!("../../tests/pem/rsa.crt"), include_str!("../../tests/pem/rsa.key")];
        assert_eq!(chain_of(&parse(&pkcs1).expect("a certificate")).len(), 1);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        assert_eq!(complaint(&[PROXY, USER]), "proxy.pem holds no private key");
        assert_eq!(complaint(&[USER, PROXY_KEY]), "proxy.pem holds no certificate of its private key");
        assert_eq!(complaint(&["hello"]), "proxy.pem holds no private key");
        assert_eq!(complaint(&[&PROXY[..200]]), "proxy.pem is not a PEM file");
        let encrypted = include_str!("../../tests/pem/proxy-encrypted.key");
        assert_eq!(complaint(&[PROXY, encrypted]), "the private key in proxy.pem is encrypted");
        let short = [include_str!("../../tests/pem/rsa1024.crt"), include_str!("../../tests/pem/rsa1024.key")];
        assert_eq!(complaint(&short), "the private key in proxy.pem cannot be used (RSA keys need 2048 bits)");
        let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(complaint(&[damaged, PROXY_KEY]), "proxy.pem holds a damaged certificate");
    }

    #[test]
    fn a_certificate_is_refused_outside_its_time() {
        let identity = parse(&[PROXY, PROXY_KEY, USER]).expect("a proxy");
        let at = |text: &str| identity.check(text.parse().expect("a time"));
        assert!(at("2030-01-01T00:00:00Z").is_ok());
        let error = at("2200-01-01T00:00:00Z").expect_err("expired");
        assert!(error.to_string().starts_with("the certificate in proxy.pem expired "), "{error}");
        let error = at("2020-01-01T00:00:00Z").expect_err("too early");
        assert!(error.to_string().starts_with("the certificate in proxy.pem is valid only in "), "{error}");
    }

    #[test]
    fn a_private_key_never_shows() {
        let identity = parse(&[PROXY, PROXY_KEY, USER]).expect("a proxy");
        let key = PROXY_KEY.lines().nth(1).expect("a line of the key");
        assert!(!format!("{identity:?}").contains(key));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = X509::file("/nowhere/proxy").load().expect_err("missing");
        assert_eq!(error.to_string(), "the x509 proxy /nowhere/proxy cannot be read");
    }
}
