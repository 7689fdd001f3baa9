//! Files that only their owner may read.

use std::path::Path;

use crate::{Error, ErrorKind};

/// Reads a file with a secret; `what` names it in the error, such as `the token file`.
pub(crate) fn read_secret(what: &str, path: &Path) -> Result<Vec<u8>, Error> {
    idds_file::read_secret(path).map_err(|why| {
        let text = format!("{what} {} {why}", path.display());
        let error = Error::new(ErrorKind::Credential, text);
        match why.into_source() {
            Some(source) => error.caused_by(source),
            None => error,
        }
    })
}
