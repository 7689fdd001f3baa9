//! Revocation lists of authorities.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::{VerifierBuilderError, WebPkiServerVerifier};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::PemObject;
use tracing::warn;

use idds_file as file;

/// Certificate revocation lists, as they stand in a directory of authorities.
pub(super) type Lists = Vec<CertificateRevocationListDer<'static>>;

/// Largest list that is read, in bytes; the largest ones of grids have 2 MB.
const LARGEST: u64 = 64 << 20;

/// Reads the lists in a directory, `*.r0` to `*.r9`, in PEM or DER, as OpenSSL and grids lay it out.
pub(super) fn in_directory(path: &Path) -> Lists {
    let Ok(entries) = path.read_dir() else {
        return Lists::new();
    };
    let mut lists = Lists::new();
    for entry in entries.flatten() {
        let file = entry.path();
        let is_list = |end: &str| matches!(end.as_bytes(), [b'r', b'0'..=b'9']);
        if !file
            .extension()
            .and_then(|end| end.to_str())
            .is_some_and(is_list)
        {
            continue;
        }
        // A pipe would be waited for.
        let is_regular = fs::metadata(&file).is_ok_and(|metadata| metadata.is_file());
        match file::read(&file, LARGEST) {
            Ok(bytes) if is_regular => lists.extend(read(&bytes, &file)),
            Ok(_) => {}
            Err(error) => {
                warn!(file = %file.display(), %error, "a revocation list that cannot be read is left out");
            }
        }
    }
    lists
}

fn read(bytes: &[u8], file: &Path) -> Lists {
    if !bytes.trim_ascii_start().starts_with(b"-----") {
        return vec![bytes.to_vec().into()];
    }
    match CertificateRevocationListDer::pem_slice_iter(bytes).collect() {
        Ok(lists) => lists,
        Err(error) => {
            warn!(file = %file.display(), %error, "a revocation list that cannot be read is left out");
            Lists::new()
        }
    }
}

/// Makes what verifies servers: by these authorities, and by their lists where there are some.
///
/// It does as grid tools do: an authority without a list revokes nothing, and one whose list is out of date vouches for nobody. The lists
/// count for authorities in between, too.
pub(super) fn verifier(
    roots: RootCertStore,
    mut lists: Lists,
) -> Result<Arc<WebPkiServerVerifier>, VerifierBuilderError> {
    let roots = Arc::new(roots);
    let build = |lists: Lists| {
        WebPkiServerVerifier::builder_with_provider(roots.clone(), Arc::new(default_provider()))
            .with_crls(lists)
            .allow_unknown_revocation_status()
            .enforce_revocation_expiration()
            .build()
    };
    match build(lists.clone()) {
        // One in hundreds that is damaged, or of an old version, is no reason to trust no server or to apply none of the others.
        Err(VerifierBuilderError::InvalidCrl(_)) => {
            let before = lists.len();
            lists.retain(|list| build(vec![list.clone()]).is_ok());
            warn!(
                "{} of {before} revocation lists cannot be understood and are left out",
                before - lists.len()
            );
            build(lists)
        }
        built => built,
    }
}
