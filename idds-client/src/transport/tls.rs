//! Whom to trust, and what to show to the server.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::{CertificateResult, load_certs_from_paths, load_native_certs};

use crate::{Error, ErrorKind};

/// The authorities whose signature on a server's certificate is believed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    /// What `SSL_CERT_FILE` and `SSL_CERT_DIR` name, instead of what the system trusts.
    pub(crate) instead: Vec<Store>,
    /// Files with further authorities.
    pub(crate) also: Vec<PathBuf>,
}

/// A place with certificates of authorities.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Store {
    File(PathBuf),
    Directory(PathBuf),
}

impl Trust {
    /// Makes the configuration of TLS; `certificate` answers the server's question for one.
    pub(crate) fn config(&self, certificate: Option<Arc<dyn ResolvesClientCert>>) -> Result<ClientConfig, Error> {
        Self::assemble(self.roots()?, certificate)
    }

    /// Makes the configuration of TLS for a server that does not use it: nobody is trusted.
    pub(crate) fn unused() -> Result<ClientConfig, Error> {
        Self::assemble(RootCertStore::empty(), None)
    }

    fn assemble(roots: RootCertStore, certificate: Option<Arc<dyn ResolvesClientCert>>) -> Result<ClientConfig, Error> {
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| configuration("TLS cannot be set up".to_owned()).caused_by(error))?
            .with_root_certificates(roots);
        let mut config = match certificate {
            Some(certificate) => config.with_client_cert_resolver(certificate),
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    fn roots(&self) -> Result<RootCertStore, Error> {
        let mut roots = RootCertStore::empty();
        let found = if self.instead.is_empty() {
            vec![load_native_certs()]
        } else {
            self.instead.iter().map(Store::load).collect()
        };
        let mut first_error = None;
        for CertificateResult { certs, errors, .. } in found {
            // A system may hold certificates rustls cannot read; they are nobody's fault and left out.
            roots.add_parsable_certificates(certs);
            first_error = first_error.or(errors.into_iter().next());
        }
        for path in &self.also {
            let wrong = |what: &str| configuration(format!("the CA file {} {what}", path.display()));
            let certificates = CertificateDer::pem_file_iter(path)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|error| wrong("cannot be read").caused_by(error))?;
            if certificates.is_empty() {
                return Err(wrong("holds no certificate"));
            }
            for certificate in certificates {
                roots.add(certificate).map_err(|error| wrong("holds a damaged certificate").caused_by(error))?;
            }
        }
        if roots.is_empty() {
            let error = configuration(match self.instead.first() {
                Some(store) => format!("no certificate of an authority is in {store}"),
                None => "the system trusts no authority, and SSL_CERT_FILE names none".to_owned(),
            });
            return Err(match first_error {
                Some(cause) => error.caused_by(cause),
                None => error,
            });
        }
        Ok(roots)
    }
}

impl Store {
    fn load(&self) -> CertificateResult {
        match self {
            Self::File(path) => load_certs_from_paths(Some(path), None),
            Self::Directory(path) => load_certs_from_paths(None, Some(path)),
        }
    }
}

impl std::fmt::Display for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "SSL_CERT_FILE {}", path.display()),
            Self::Directory(path) => write!(f, "SSL_CERT_DIR {}", path.display()),
        }
    }
}

fn configuration(what: String) -> Error {
    Error::new(ErrorKind::Configuration, what)
}
