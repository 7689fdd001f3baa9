//! TLS settings: trusted authorities and the client's certificate.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::{CertificateResult, load_certs_from_paths, load_native_certs};
use tracing::{debug, warn};

use super::revocation::{self, Lists};
use super::unverified::Unverified;
use crate::auth::plain_pem;
use crate::{Error, ErrorKind};
use idds_file::read_regular;

/// The authorities whose signature on a server's certificate is believed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    /// What `SSL_CERT_FILE` and `SSL_CERT_DIR` name, instead of what the system trusts.
    pub(crate) instead: Vec<Store>,
    /// Further authorities, which have to be there.
    pub(crate) also: Vec<Store>,
    /// Whether every certificate is believed.
    pub(crate) accepts_invalid: bool,
}

/// A place with certificates of authorities.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Store {
    File(PathBuf),
    Directory(PathBuf),
}

/// Where grids keep their authorities.
const GRID: &str = "/etc/grid-security/certificates";

impl Trust {
    /// Makes the configuration of TLS; `certificate` answers the server's question for one.
    pub(crate) fn config(
        &self,
        certificate: Option<Arc<dyn ResolvesClientCert>>,
    ) -> Result<ClientConfig, Error> {
        let roots = self.roots();
        let roots = if self.accepts_invalid {
            roots.unwrap_or_else(|_| RootCertStore::empty())
        } else {
            roots?
        };
        let lists = self.lists();
        let mut config = Self::assemble(roots.clone(), certificate)?;
        if !lists.is_empty() && !self.accepts_invalid {
            let verifier = revocation::verifier(roots, lists).map_err(|error| {
                configuration("the revocation lists of authorities cannot be used".to_owned())
                    .caused_by(error)
            })?;
            // Nothing is weaker than without it: the same verifier, which knows the lists, too.
            config.dangerous().set_certificate_verifier(verifier);
        }
        if self.accepts_invalid {
            warn!(
                "the certificate of the server is not verified: anybody between here and there can read and change everything"
            );
            config
                .dangerous()
                .set_certificate_verifier(Arc::new(Unverified::new(&default_provider())));
        }
        Ok(config)
    }

    /// Makes the configuration of TLS for a server that does not use it: nobody is trusted.
    pub(crate) fn unused() -> Result<ClientConfig, Error> {
        Self::assemble(RootCertStore::empty(), None)
    }

    fn assemble(
        roots: RootCertStore,
        certificate: Option<Arc<dyn ResolvesClientCert>>,
    ) -> Result<ClientConfig, Error> {
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

    /// Reads the revocation lists in the directories whose authorities are trusted.
    fn lists(&self) -> Lists {
        let grid = Store::Directory(GRID.into());
        let grid = (!self.is_replaced()).then_some(&grid);
        let stores = self.instead.iter().chain(&self.also).chain(grid);
        let directories = stores.filter_map(|store| match store {
            Store::Directory(path) => Some(path),
            Store::File(_) => None,
        });
        directories
            .flat_map(|path| revocation::in_directory(path))
            .collect()
    }

    /// Says whether something is trusted instead of what the system trusts: then there is no more than that.
    fn is_replaced(&self) -> bool {
        !self.instead.is_empty() || std::env::var_os("SSL_CERT_FILE").is_some()
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
        if !self.is_replaced()
            && let Ok(grid) = in_directory(Path::new(GRID))
        {
            roots.add_parsable_certificates(grid);
        }
        for store in &self.also {
            store.add_to(&mut roots)?;
        }
        if roots.is_empty() {
            let error = configuration(match self.instead.first() {
                Some(Store::File(path)) => {
                    format!(
                        "no certificate of an authority is in SSL_CERT_FILE {}",
                        path.display()
                    )
                }
                Some(Store::Directory(path)) => {
                    format!(
                        "no certificate of an authority is in SSL_CERT_DIR {}",
                        path.display()
                    )
                }
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
    /// Says that further authorities are there, in a file or in a directory.
    pub(crate) fn at(path: PathBuf) -> Self {
        if path.is_dir() {
            Self::Directory(path)
        } else {
            Self::File(path)
        }
    }

    fn load(&self) -> CertificateResult {
        match self {
            Self::File(path) => load_certs_from_paths(Some(path), None),
            Self::Directory(path) => load_certs_from_paths(None, Some(path)),
        }
    }

    /// Adds what is here, of which there must be something.
    fn add_to(&self, roots: &mut RootCertStore) -> Result<(), Error> {
        match self {
            Self::File(path) => {
                let wrong =
                    |what: &str| configuration(format!("the CA file {} {what}", path.display()));
                let bytes = read_regular(path, LARGEST)
                    .map_err(|error| wrong("cannot be read").caused_by(error))?;
                let text = plain_pem(&String::from_utf8_lossy(&bytes));
                let certificates = CertificateDer::pem_slice_iter(text.as_bytes())
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(|error| wrong("is a damaged PEM file").caused_by(error))?;
                if certificates.is_empty() {
                    return Err(wrong("holds no certificate"));
                }
                for certificate in certificates {
                    roots
                        .add(certificate)
                        .map_err(|error| wrong("holds a damaged certificate").caused_by(error))?;
                }
            }
            Self::Directory(path) => {
                let wrong = |what: &str| {
                    configuration(format!("the CA directory {} {what}", path.display()))
                };
                let certificates =
                    in_directory(path).map_err(|error| wrong("cannot be read").caused_by(error))?;
                // One in hundreds that cannot be read is no reason to trust none of them.
                if roots.add_parsable_certificates(certificates).0 == 0 {
                    return Err(wrong("holds no certificate (*.pem, *.crt, *.0)"));
                }
            }
        }
        Ok(())
    }
}

/// Reads the certificates in a directory as OpenSSL and grids lay it out, each once; other files are passed over.
fn in_directory(path: &Path) -> std::io::Result<Vec<CertificateDer<'static>>> {
    let mut certificates = Vec::new();
    let mut has_policies = false;
    for entry in path.read_dir()? {
        let file = entry?.path();
        let extension = file
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default();
        has_policies |= extension == "signing_policy";
        if !matches!(
            extension,
            "pem" | "crt" | "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9"
        ) {
            continue;
        }
        match read_regular(&file, LARGEST)
            .map_err(PemError::Io)
            .and_then(|bytes: Vec<u8>| {
                CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>()
            }) {
            Ok(found) => certificates.extend(found),
            Err(error) => {
                debug!(file = %file.display(), %error, "an authority that cannot be read is left out");
            }
        }
    }
    if has_policies {
        debug!(directory = %path.display(), "the signing policies of grid authorities are not applied");
    }
    // The hashed names are links to the others.
    certificates.sort_unstable_by(|a, b| a.as_ref().cmp(b.as_ref()));
    certificates.dedup();
    Ok(certificates)
}

/// Largest file of certificates that is read, in bytes: those of all authorities that systems know are 300 KB.
const LARGEST: u64 = 16 << 20;

fn configuration(what: String) -> Error {
    Error::new(ErrorKind::Configuration, what)
}
