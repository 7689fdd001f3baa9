//! The configuration of the Python client: its files and its environment variables.

mod edit;
mod ini;
mod setting;
mod setup;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use self::ini::Options;
pub use self::setting::{Origin, Setting};
pub use self::setup::Setup;
use crate::builder::MAX_ANSWER;
use crate::host::without_token;
use crate::private_file::read_secret;
use crate::{Auth, Error, ErrorKind, Oidc, Secret, X509};
use idds_file as file;

/// What the files and environment variables of the Python client say: which server, and who asks.
///
/// | variable | option | meaning |
/// | --- | --- | --- |
/// | `IDDS_HOST` | `host` in `[x509_proxy]`, `[oidc]`, `[rest]` | address of the server, `https://iddsserver.cern.ch:443/idds` |
/// | `IDDS_AUTH_TYPE` | `auth_type` in `[common]` | `x509_proxy` (the default), `oidc`, or `none` |
/// | `X509_USER_PROXY` | `x509_proxy` in `[x509_proxy]` | the certificate; `/tmp/x509up_u` and the user's number by default |
/// | `IDDS_VO`, `OIDC_AUTH_VO` | `vo` in `[oidc]` | the VO; required with `oidc` |
/// | `IDDS_OIDC_TOKEN`, `OIDC_AUTH_ID_TOKEN` | `oidc_token` in `[oidc]` | the ID token itself; counts before its file |
/// | `IDDS_OIDC_TOKEN_FILE`, `OIDC_AUTH_TOKEN_FILE` | `oidc_token_file` in `[oidc]` | the token file; `~/.idds/.token` by default |
/// | `IDDS_MAX_ANSWER_LENGTH` | `max_answer_length` in `[rest]` | the largest answer that is taken, in bytes; 268435456 by default; the Python client does not know it |
/// | `IDDS_LOCAL_CONFIG_ROOT` | | directory instead of `~/.idds` |
/// | `IDDS_CONFIG` | | the site's file, instead of a search |
///
/// A variable counts before an option, the first of two variables before the second, and an empty one as not set. Two files
/// are read: that of the user, `idds_local.cfg` in `~/.idds`, which counts first, and that of the site: `$IDDS_CONFIG`, else the
/// first of `$IDDS_HOME/etc/idds/idds.cfg`, `/etc/idds/idds.cfg` and `$VIRTUAL_ENV/etc/idds/idds.cfg` that is there. The syntax is
/// that of Python's `ConfigParser`, `%(name)s` included.
///
/// The same files and variables give what they give the Python client 2.6.21, but for this: a server of its own for each way to
/// authenticate, which iDDS documents as `auth_type_host` and no version kept, is `host` in the section of that name; a
/// certificate that is named and missing is an error instead of another certificate; so are a way to authenticate that is
/// unknown and an `IDDS_CONFIG` that cannot be read; and nothing is created by reading. `IDDS_ENABLE_JSON_OUTPUTS`,
/// `IDDS_MAX_REQUEST_LENGTH`, `IDDS_REQUEST_CACHE` and `IDDS_CLIENT_MAX_RETRIES` mean nothing here.
///
/// ```
/// use idds_client::{Configuration, Origin};
///
/// let lookup = |name: &str| (name == "IDDS_HOST").then(|| "https://idds.example:443/idds".to_owned());
/// let configuration = Configuration::from_lookup(lookup)?; // or from_env()
/// assert_eq!(configuration.host(), Some("https://idds.example:443/idds"));
/// for setting in configuration.settings() {
///     if let (Some(value), Origin::Variable(variable)) = (setting.value, setting.origin) {
///         println!("{} is {value}, as {variable} says", setting.name);
///     }
/// }
/// # Ok::<(), idds_client::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Configuration {
    auth_type: AuthType,
    host: Option<String>,
    server_token: Option<Secret>,
    vo: Option<String>,
    x509_proxy: Option<Named>,
    oidc_token: Option<Secret>,
    oidc_token_file: Option<PathBuf>,
    max_answer_length: Option<usize>,
    root: Option<PathBuf>,
    /// What was read, to be sure that it is what is looked at when a secret was in it.
    files: Vec<(PathBuf, Secret)>,
    origins: Vec<(&'static str, Origin)>,
}

/// A file, and what names it.
#[derive(Clone, Debug)]
struct Named {
    by: &'static str,
    path: PathBuf,
}

/// The ways to authenticate, as variables and files name them.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AuthType {
    /// `x509_proxy`: with a certificate, a proxy or not.
    #[default]
    X509Proxy,
    /// `oidc`: with an ID token.
    Oidc,
    /// `none`: no authentication; the Python client does not know it.
    None,
}

impl Configuration {
    /// Reads the variables of this process, and the files.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a file that cannot be read or understood, and a value that has no meaning.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_lookup(process)
    }

    /// Reads as [`from_env`](Self::from_env) does, with a lookup that stands for the environment; `HOME` is the user's directory.
    ///
    /// # Errors
    ///
    /// Those of [`from_env`](Self::from_env).
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let variable = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let first = |names: &[&str]| names.iter().find_map(|name| variable(name));
        let root = first(&["IDDS_LOCAL_CONFIG_ROOT"]).map(PathBuf::from);
        let root = root.or_else(|| Some(PathBuf::from(first(&["HOME"])?).join(".idds")));

        let mut files = Vec::new();
        let mut options = Options::default();
        if let Some(site) = site(&first)? {
            files.push(site);
        }
        files.extend(
            root.as_ref()
                .and_then(|root| read(&local(root)).transpose())
                .transpose()?,
        );
        for (path, text) in &files {
            options
                .read(text)
                .map_err(|error| wrong_file(path, &error))?;
        }
        let option = |section: &str, name: &str| {
            let value = options.get(section, name).map_err(|error| {
                let names: Vec<String> = files
                    .iter()
                    .map(|(path, _)| path.display().to_string())
                    .collect();
                let what = format!(
                    "an option in the configuration file {} cannot be used: {error}",
                    names.join(" or ")
                );
                Error::new(ErrorKind::Configuration, what)
            })?;
            Ok::<_, Error>(value.filter(|value| !value.trim().is_empty()))
        };
        let either = |names: &[&str], section: &str, name: &str| match first(names) {
            Some(value) => Ok(Some(value)),
            None => option(section, name),
        };

        let auth_type = match either(&["IDDS_AUTH_TYPE"], "common", "auth_type")? {
            Some(name) => name.parse()?,
            None => AuthType::default(),
        };
        let host = match (first(&["IDDS_HOST"]), auth_type.section()) {
            (Some(host), _) => Some(host),
            (None, Some(section)) => match option(section, "host")? {
                Some(host) => Some(host),
                None => option("rest", "host")?,
            },
            (None, None) => option("rest", "host")?,
        };
        let (host, server_token) = match host.map(|host| without_token(&host)) {
            Some((host, token)) => (Some(host), token),
            None => (None, None),
        };
        let x509_proxy = match first(&["X509_USER_PROXY"]) {
            Some(path) => Some(Named {
                by: "X509_USER_PROXY",
                path: path.into(),
            }),
            None => option("x509_proxy", "x509_proxy")?.map(|path| Named {
                by: "x509_proxy in the configuration file",
                path: path.into(),
            }),
        };
        let origin = |setting: &'static str, variables: &[&'static str], sections: &[&str]| {
            let variable = variables
                .iter()
                .find(|name| variable(name).is_some())
                .map(|name| Origin::Variable(name));
            let file = || {
                let has = |section: &&str, text: &str| ini::has(text, section, setting);
                let file = |section| files.iter().rev().find(|(_, text)| has(section, text));
                sections
                    .iter()
                    .find_map(file)
                    .map(|(path, _)| Origin::File(path.clone()))
            };
            (setting, variable.or_else(file).unwrap_or(Origin::Default))
        };
        let origins = vec![
            origin(
                "host",
                &["IDDS_HOST"],
                &[auth_type.section().unwrap_or("rest"), "rest"],
            ),
            origin("auth_type", &["IDDS_AUTH_TYPE"], &["common"]),
            origin("x509_proxy", &["X509_USER_PROXY"], &["x509_proxy"]),
            origin("vo", &["IDDS_VO", "OIDC_AUTH_VO"], &["oidc"]),
            origin(
                "oidc_token",
                &["IDDS_OIDC_TOKEN", "OIDC_AUTH_ID_TOKEN"],
                &["oidc"],
            ),
            origin(
                "oidc_token_file",
                &["IDDS_OIDC_TOKEN_FILE", "OIDC_AUTH_TOKEN_FILE"],
                &["oidc"],
            ),
            origin("max_answer_length", &["IDDS_MAX_ANSWER_LENGTH"], &["rest"]),
        ];
        let max_answer_length =
            match either(&["IDDS_MAX_ANSWER_LENGTH"], "rest", "max_answer_length")? {
                Some(text) => Some(length(&text)?),
                None => None,
            };
        let token_file = either(
            &["IDDS_OIDC_TOKEN_FILE", "OIDC_AUTH_TOKEN_FILE"],
            "oidc",
            "oidc_token_file",
        )?
        .map(PathBuf::from);
        Ok(Self {
            auth_type,
            host,
            server_token,
            vo: either(&["IDDS_VO", "OIDC_AUTH_VO"], "oidc", "vo")?,
            x509_proxy,
            oidc_token: either(
                &["IDDS_OIDC_TOKEN", "OIDC_AUTH_ID_TOKEN"],
                "oidc",
                "oidc_token",
            )?
            .map(Secret::new),
            oidc_token_file: token_file.or_else(|| Some(root.as_ref()?.join(".token"))),
            max_answer_length,
            root,
            files: files
                .into_iter()
                .map(|(path, text)| (path, Secret::new(text)))
                .collect(),
            origins,
        })
    }

    /// Returns the options of a section of the files that is for another program than a client, by their names in lower case; none when
    /// no file has it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a value that refers to what is not set.
    pub fn section(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, Error> {
        let mut options = Options::default();
        for (path, text) in &self.files {
            options
                .read(text.expose())
                .map_err(|error| wrong_file(path, &error))?;
        }
        let Some(names) = options.names(name) else {
            return Ok(None);
        };
        let value = |option: &str| {
            let value = options.get(name, option);
            let value = value.map_err(|error| {
                let what = format!("an option in the configuration file cannot be used: {error}");
                Error::new(ErrorKind::Configuration, what)
            })?;
            Ok((option.to_owned(), value.unwrap_or_default()))
        };
        names.map(value).collect::<Result<_, _>>().map(Some)
    }

    /// Returns the way to authenticate.
    pub fn auth_type(&self) -> AuthType {
        self.auth_type
    }

    /// Returns the address of the server for this way to authenticate, without the token of an embedded server.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Returns the token of an embedded server, when the address has one.
    pub fn server_token(&self) -> Option<&Secret> {
        self.server_token.as_ref()
    }

    /// Returns the directory of the user's own files, `~/.idds` by default; none when there is no home.
    pub fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// Returns the name of the VO.
    pub fn vo(&self) -> Option<&str> {
        self.vo.as_deref()
    }

    /// Returns the certificate that is named; where grid tools leave it is looked when there is none.
    pub fn x509_proxy(&self) -> Option<&Path> {
        self.x509_proxy.as_ref().map(|named| named.path.as_path())
    }

    /// Returns the ID token that is given instead of a file.
    pub fn oidc_token(&self) -> Option<&Secret> {
        self.oidc_token.as_ref()
    }

    /// Returns the token file, which need not be there; none when there is no home either.
    pub fn oidc_token_file(&self) -> Option<&Path> {
        self.oidc_token_file.as_deref()
    }

    /// Returns the size in bytes of the largest answer that is taken, if it is set.
    pub fn max_answer_length(&self) -> Option<usize> {
        self.max_answer_length
    }

    /// Returns the user's configuration file, which need not be there and which [`Setup`] writes.
    pub fn local_file(&self) -> Option<PathBuf> {
        self.root.as_ref().map(|root| local(root))
    }

    /// Returns the settings one by one, each with where it comes from; a token does not show.
    pub fn settings(&self) -> Vec<Setting> {
        let path = |path: &Path| path.display().to_string();
        let value = |name: &str| match name {
            "host" => self.host.clone(),
            "auth_type" => Some(self.auth_type.to_string()),
            "x509_proxy" => self.x509_proxy().map(path),
            "vo" => self.vo.clone(),
            "oidc_token" => self.oidc_token.as_ref().map(|_| "[redacted]".to_owned()),
            "oidc_token_file" => self.oidc_token_file().map(path),
            "max_answer_length" => Some(self.max_answer_length.unwrap_or(MAX_ANSWER).to_string()),
            _ => None,
        };
        let setting = |(name, origin): &(&'static str, Origin)| Setting {
            name,
            value: value(name),
            origin: origin.clone(),
        };
        self.origins.iter().map(setting).collect()
    }

    /// Returns the credential for a client.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] when there is no certificate, [`ErrorKind::Configuration`] when there is no VO or token.
    pub fn auth(&self) -> Result<Auth, Error> {
        match self.auth_type {
            AuthType::None => Ok(Auth::None),
            AuthType::X509Proxy => {
                let named = self.x509_proxy.clone().map(|named| (named.by, named.path));
                Ok(X509::discover_in(named)?.into())
            }
            AuthType::Oidc => {
                let missing = |what: &str| Error::new(ErrorKind::Configuration, what);
                let vo = self.vo.as_ref().ok_or_else(|| {
                    missing("IDDS_VO is not set to the name of the VO, such as atlas, and no configuration file has it")
                })?;
                if let Some(token) = &self.oidc_token {
                    self.check_token_holder()?;
                    return Ok(Oidc::token(vo, token.clone()).into());
                }
                match &self.oidc_token_file {
                    Some(file) => Ok(Oidc::token_file(vo, file).into()),
                    None => Err(missing(
                        "neither IDDS_OIDC_TOKEN nor IDDS_OIDC_TOKEN_FILE is set",
                    )),
                }
            }
        }
    }
}

impl Configuration {
    /// Fails when the ID token stands in a configuration file that is not fit for secrets.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] for a file of somebody else, or one that is open to others.
    pub fn check_token_holder(&self) -> Result<(), Error> {
        self.check_holder("oidc_token", "as it holds oidc_token")
    }

    /// Fails when the address of the server has a token and stands in a configuration file that is not fit for secrets.
    pub(crate) fn check_host_holder(&self) -> Result<(), Error> {
        match self.server_token {
            Some(_) => self.check_holder("host", "as its host holds the token of a server"),
            None => Ok(()),
        }
    }

    fn check_holder(&self, setting: &str, why: &str) -> Result<(), Error> {
        match self.origins.iter().find(|(name, _)| *name == setting) {
            Some((_, Origin::File(path))) => {
                let found =
                    read_secret("the configuration file", path).map_err(|error| error.hint(why))?;
                let is_same = |(read, text): &(PathBuf, Secret)| {
                    read == path && text.expose().as_bytes() == found
                };
                if !self.files.iter().any(is_same) {
                    let what = format!(
                        "the configuration file {} was changed while it was read",
                        path.display()
                    );
                    return Err(Error::new(ErrorKind::Credential, what));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Looks up a variable of this process; a user without `HOME` has the directory that the system knows.
pub(crate) fn process(name: &str) -> Option<String> {
    let value = std::env::var(name).ok();
    let home = || std::env::home_dir()?.into_os_string().into_string().ok();
    value.or_else(|| (name == "HOME").then(home).flatten())
}

/// Reads the length of an answer.
fn length(text: &str) -> Result<usize, Error> {
    text.trim()
        .parse()
        .ok()
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| {
            let what = format!(
                "max_answer_length {text:?} is not a number of bytes, such as {MAX_ANSWER}"
            );
            Error::new(ErrorKind::Configuration, what)
        })
}

fn local(root: &Path) -> PathBuf {
    root.join("idds_local.cfg")
}

/// Finds and reads the file of the site.
fn site(first: &impl Fn(&[&str]) -> Option<String>) -> Result<Option<(PathBuf, String)>, Error> {
    if let Some(path) = first(&["IDDS_CONFIG"]).map(PathBuf::from) {
        return match read(&path)? {
            Some(file) => Ok(Some(file)),
            None => {
                let what = format!("IDDS_CONFIG names {}, which does not exist", path.display());
                Err(Error::new(ErrorKind::Configuration, what))
            }
        };
    }
    let places = [
        first(&["IDDS_HOME"]),
        Some(String::new()),
        first(&["VIRTUAL_ENV"]),
    ];
    // What cannot be read is passed over: on a server, the file may be for the service alone.
    let file = |place: String| {
        read(Path::new(&format!("{place}/etc/idds/idds.cfg")))
            .ok()
            .flatten()
    };
    Ok(places.into_iter().flatten().find_map(file))
}

/// Reads a file that need not be there.
fn read(path: &Path) -> Result<Option<(PathBuf, String)>, Error> {
    match file::read_regular(path, LARGEST) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some((path.to_owned(), text))),
            Err(_) => Err(wrong_file(path, &"it is not UTF-8 text")),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong_file(path, &error)),
    }
}

/// Largest configuration file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

fn wrong_file(path: &Path, why: &dyn fmt::Display) -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!(
            "the configuration file {} cannot be read: {why}",
            path.display()
        ),
    )
}

impl AuthType {
    /// Returns the name, which is also that of the section for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::X509Proxy => "x509_proxy",
            Self::Oidc => "oidc",
            Self::None => "none",
        }
    }

    fn section(self) -> Option<&'static str> {
        (self != Self::None).then(|| self.as_str())
    }
}

impl FromStr for AuthType {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let known = [Self::X509Proxy, Self::Oidc, Self::None];
        known
            .into_iter()
            .find(|it| it.as_str() == name.trim())
            .ok_or_else(|| {
                let what = format!("the auth type {name:?} is not one of x509_proxy, oidc, none");
                Error::new(ErrorKind::Configuration, what)
            })
    }
}

impl fmt::Display for AuthType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
