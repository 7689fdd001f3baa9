//! Writing the user's configuration file.

use std::path::{Path, PathBuf};

use super::edit::Draft;
use super::{AuthType, wrong_file};
use crate::host::Host;
use crate::{Error, ErrorKind, Secret};
use idds_file::WholeFile;

/// Changes to the user's configuration file: `setup_local_configuration` of the Python client, which reads what this writes.
///
/// Only what is set here is written; everything else in the file stays, comments included. The Python client writes down
/// all variables and the file of the site too, so that later changes to those have no effect.
///
/// ```
/// use idds_client::{AuthType, Configuration, Setup};
///
/// # let home = tempfile::tempdir()?;
/// # let lookup = |name: &str| (name == "HOME").then(|| home.path().display().to_string());
/// let configuration = Configuration::from_lookup(lookup)?; // or from_env()
/// let file = configuration.local_file().ok_or("no home")?;
/// Setup::new().host("https://iddsserver.cern.ch:443/idds").auth_type(AuthType::Oidc).vo("atlas").save(&file)?;
/// assert_eq!(Configuration::from_lookup(lookup)?.vo(), Some("atlas"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is written before it is saved"]
pub struct Setup {
    /// An address may hold the token of an embedded server.
    hosts: Vec<Secret>,
    changes: Vec<(&'static str, &'static str, Secret)>,
}

impl Setup {
    /// Makes an empty set of changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the server for every way to authenticate that has none of its own.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        let host = Secret::new(host);
        self.hosts.push(host.clone());
        self.set("rest", "host", host)
    }

    /// Sets the server for one way to authenticate, which iDDS documents as `auth_type_host`; the Python client ignores it.
    pub fn host_for(mut self, auth_type: AuthType, host: impl Into<String>) -> Self {
        let host = Secret::new(host);
        self.hosts.push(host.clone());
        self.set(auth_type.section().unwrap_or("rest"), "host", host)
    }

    /// Sets the way to authenticate.
    pub fn auth_type(self, auth_type: AuthType) -> Self {
        self.set("common", "auth_type", auth_type.as_str())
    }

    /// Sets the certificate.
    pub fn x509_proxy(self, path: impl Into<PathBuf>) -> Self {
        self.set(
            "x509_proxy",
            "x509_proxy",
            path.into().display().to_string(),
        )
    }

    /// Sets the VO.
    pub fn vo(self, vo: impl Into<String>) -> Self {
        self.set("oidc", "vo", vo.into())
    }

    /// Sets the token file.
    pub fn oidc_token_file(self, path: impl Into<PathBuf>) -> Self {
        self.set("oidc", "oidc_token_file", path.into().display().to_string())
    }

    /// Sets the ID token itself; a token file is better, as it can be renewed.
    pub fn oidc_token(self, token: impl Into<Secret>) -> Self {
        self.set("oidc", "oidc_token", token)
    }

    /// Sets the largest answer that is taken, in bytes.
    pub fn max_answer_length(self, bytes: usize) -> Self {
        self.set("rest", "max_answer_length", bytes.to_string())
    }

    fn set(
        mut self,
        section: &'static str,
        option: &'static str,
        value: impl Into<Secret>,
    ) -> Self {
        self.changes.push((section, option, value.into()));
        self
    }

    /// Writes the changes into this file, which is made if need be and replaced atomically, with mode 0600.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a host that is not an `http` or `https` URL, a value that is empty or not of one line, and
    /// a file that cannot be read, understood or written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        for host in &self.hosts {
            Host::parse(host.expose())?;
        }
        let text = super::read(path)?.map(|(_, text)| text).unwrap_or_default();
        let mut draft = Draft::new(&text).map_err(|error| wrong_file(path, &error))?;
        for (section, option, value) in &self.changes {
            let value = value.expose().trim();
            if value.is_empty() || value.contains(char::is_control) {
                let what = format!("{option} is not one line of text");
                return Err(Error::new(ErrorKind::Configuration, what));
            }
            draft.set(section, option, value);
        }
        WholeFile::private(path)
            .and_then(|file| file.finish_with(draft.text()))
            .map_err(|error| {
                let what = format!(
                    "the configuration file {} cannot be written: {error}",
                    path.display()
                );
                Error::new(ErrorKind::Configuration, what).caused_by(error)
            })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_value_that_would_be_more_than_one_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("idds_local.cfg");
        for setup in [
            Setup::new().vo("atlas\nhost = https://evil"),
            Setup::new().vo(" "),
            Setup::new().host("idds"),
            Setup::new().host_for(AuthType::Oidc, "ftp://h"),
        ] {
            assert_eq!(
                setup.save(&path).expect_err("refused").kind(),
                ErrorKind::Configuration
            );
            assert!(!path.exists());
        }
    }

    #[test]
    fn a_file_that_cannot_be_understood_stays_as_it_is() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("idds_local.cfg");
        fs::write(&path, "no section").expect("written");
        let error = Setup::new().vo("atlas").save(&path).expect_err("refused");
        let why = "line 1 stands before the first [section]";
        assert_eq!(
            error.to_string(),
            format!(
                "the configuration file {} cannot be read: {why}",
                path.display()
            )
        );
        assert_eq!(fs::read_to_string(&path).expect("text"), "no section");
    }

    #[test]
    fn a_token_never_shows() {
        assert!(!format!("{:?}", Setup::new().oidc_token("s3cret")).contains("s3cret"));
        let host = "http://127.0.0.1:8080/token_00112233445566778899/idds";
        assert!(
            !format!(
                "{:?}",
                Setup::new().host(host).host_for(AuthType::Oidc, host)
            )
            .contains("00112233")
        );
    }
}
