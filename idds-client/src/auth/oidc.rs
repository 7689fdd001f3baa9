//! ID tokens of OpenID Connect.

use std::path::PathBuf;

use http::HeaderValue;

use super::bearer::Bearer;
use super::source::Source;
use super::{Secret, TokenFile};
use crate::{Error, ErrorKind};

/// The ID token of the user, and the virtual organisation (VO) whose provider issued it.
///
/// ```
/// use idds_client::{Client, Oidc};
///
/// let user = Oidc::token_file("atlas", "/home/ada/.idds/.token"); // kept fresh
/// let error = Client::builder("https://idds.example:443/idds").auth(user).build().expect_err("there is no such file");
/// assert_eq!(error.to_string(), "the token file /home/ada/.idds/.token cannot be read");
/// ```
#[derive(Clone, Debug)]
pub struct Oidc {
    vo: String,
    source: Source,
}

impl Oidc {
    /// Uses this ID token, until it expires.
    pub fn token(vo: impl Into<String>, token: impl Into<Secret>) -> Self {
        Self {
            vo: vo.into(),
            source: Source::Value(token.into()),
        }
    }

    /// Uses the ID token in this file, and keeps it fresh.
    ///
    /// The file is a [`TokenFile`]: that of the Python client (`~/.idds/.token`), or a bare token. When it holds a refresh
    /// token, new tokens are asked for through the server before the old ones expire (once, whatever the number of tasks and
    /// processes), and kept in the file before they are used. When another program renews the file, it is read again.
    pub fn token_file(vo: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            vo: vo.into(),
            source: Source::File(TokenFile::new(path)),
        }
    }

    pub(super) fn load(&self) -> Result<Bearer, Error> {
        let vo = self.vo.trim();
        let header = HeaderValue::from_str(vo)
            .ok()
            .filter(|_| !vo.is_empty())
            .ok_or_else(|| {
                let what = format!(
                    "{:?} is not a VO; set IDDS_VO to its name, such as atlas",
                    self.vo
                );
                Error::new(ErrorKind::Configuration, what)
            })?;
        Bearer::new(vo.to_owned(), header, self.source.clone())
    }
}
