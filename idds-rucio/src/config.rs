//! The configuration of the Python client of Rucio: `rucio.cfg`, and variables of the environment before it.

use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::{Error, ErrorKind};

/// Most bytes of a configuration, a certificate or a token.
pub(crate) const MOST: u64 = 4 << 20;

/// Where Rucio is, and who asks it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Address of the server.
    pub host: String,
    /// Address of the server that gives tokens.
    pub auth_host: String,
    /// Account that asks; the server finds one unless it is set.
    pub account: Option<String>,
    /// Virtual organisation.
    pub vo: String,
    /// Who asks.
    pub auth: Auth,
    /// File or directory with the certificates of authorities; those of the system by default.
    pub ca_cert: Option<PathBuf>,
}

/// Who asks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Auth {
    /// A name and a password.
    UserPass {
        /// Name.
        username: String,
        /// Password.
        password: SecretString,
    },
    /// A certificate and its key, in PEM.
    X509 {
        /// File of the certificate.
        cert: PathBuf,
        /// File of the key, which its owner alone may read.
        key: PathBuf,
    },
    /// A proxy of a certificate: both, and the key, in one PEM file.
    X509Proxy {
        /// The file.
        proxy: PathBuf,
    },
    /// A token of an identity provider, read from a file each time that a new one is needed.
    Oidc {
        /// Files of which the first that is there has the token, before which `BEARER_TOKEN` comes.
        files: Vec<PathBuf>,
    },
}

impl Config {
    /// Reads what the Python client reads: the file that `RUCIO_CONFIG` names, or else `etc/rucio.cfg` below `RUCIO_HOME`,
    /// `VIRTUAL_ENV`, `CONDA_PREFIX` or `/opt/rucio`, and the variables `RUCIO_*` before it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] when there is none, or it lacks something.
    pub fn from_env() -> Result<Self, Error> {
        let var = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let path = match var("RUCIO_CONFIG") {
            Some(path) => PathBuf::from(path),
            None => {
                let roots = ["RUCIO_HOME", "VIRTUAL_ENV", "CONDA_PREFIX"].map(var);
                let roots = roots.into_iter().flatten().chain(["/opt/rucio".to_owned()]);
                let paths: Vec<_> = roots
                    .map(|root| Path::new(&root).join("etc/rucio.cfg"))
                    .collect();
                paths
                    .iter()
                    .find(|path| path.exists())
                    .cloned()
                    .ok_or_else(|| {
                        let tried: Vec<_> = paths
                            .iter()
                            .map(|path| path.display().to_string())
                            .collect();
                        Error::new(
                            ErrorKind::Config,
                            format!(
                                "there is no rucio.cfg: RUCIO_CONFIG names it, or it is one of {}",
                                tried.join(", ")
                            ),
                        )
                    })?
            }
        };
        Self::read(&path, var)
    }

    /// Reads a configuration; `var` gives the variables of the environment.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] when it cannot be read or lacks something.
    pub fn read(path: &Path, var: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let bytes = idds_file::read(path, MOST).map_err(|error| {
            Error::because(
                ErrorKind::Config,
                format!("{} cannot be read", path.display()),
                error,
            )
        })?;
        let read = |bytes: &[u8]| {
            Self::parse(&String::from_utf8_lossy(bytes), &var)
                .map_err(|why| Error::new(ErrorKind::Config, format!("{}: {why}", path.display())))
        };
        let config = read(&bytes)?;
        match config.auth {
            // A file with a password is one that others may not read.
            Auth::UserPass { .. } => read(&read_secret(path)?),
            _ => Ok(config),
        }
    }

    fn parse(text: &str, var: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let client = section(text, "client");
        let get = |name: &str| client.get(name).filter(|value| !value.is_empty()).cloned();
        let need =
            |name: &str| get(name).ok_or_else(|| format!("section client has no option {name}"));
        let path = |text: String| expanded(&text, &var);
        let host = |name: &str| -> Result<String, String> {
            let host = need(name)?;
            match ["http://", "https://"]
                .iter()
                .any(|scheme| host.starts_with(scheme))
            {
                true => Ok(host.trim_end_matches('/').to_owned()),
                false => Err(format!(
                    "{name}: {host:?} begins neither with http:// nor with https://"
                )),
            }
        };
        let account = var("RUCIO_ACCOUNT").or_else(|| get("account"));
        let vo = var("RUCIO_VO")
            .or_else(|| get("vo"))
            .unwrap_or_else(|| "def".to_owned());
        let kind = var("RUCIO_AUTH_TYPE").or_else(|| get("auth_type"));
        let auth = match kind.as_deref() {
            Some("userpass") => Auth::UserPass {
                username: need("username")?,
                password: need("password")?.into(),
            },
            Some("x509") => Auth::X509 {
                cert: path(var("RUCIO_CLIENT_CERT").map_or_else(|| need("client_cert"), Ok)?),
                key: path(var("RUCIO_CLIENT_KEY").map_or_else(|| need("client_key"), Ok)?),
            },
            Some("x509_proxy") => Auth::X509Proxy {
                proxy: var("RUCIO_CLIENT_PROXY")
                    .or_else(|| get("client_x509_proxy"))
                    .or_else(|| var("X509_USER_PROXY"))
                    .map_or_else(
                        || PathBuf::from(format!("/tmp/x509up_u{}", user_id())),
                        path,
                    ),
            },
            Some("oidc") => Auth::Oidc {
                files: token_files(&var, account.as_deref(), &vo, get("auth_token_file_path")),
            },
            Some(other) => {
                return Err(format!(
                    "auth_type: {other:?} is none of userpass, x509, x509_proxy, oidc, which are known here"
                ));
            }
            None => return Err("section client has no option auth_type".to_owned()),
        };
        Ok(Self {
            host: host("rucio_host")?,
            auth_host: host("auth_host")?,
            account,
            vo,
            auth,
            ca_cert: var("X509_CERT_DIR").or_else(|| get("ca_cert")).map(path),
        })
    }
}

/// Returns the files in which a token may be: those of WLCG, and then those into which the Python client puts the one of a person who
/// has signed in.
fn token_files(
    var: &impl Fn(&str) -> Option<String>,
    account: Option<&str>,
    vo: &str,
    named: Option<String>,
) -> Vec<PathBuf> {
    let user = user_id();
    let mut files: Vec<PathBuf> = var("BEARER_TOKEN_FILE")
        .into_iter()
        .map(PathBuf::from)
        .collect();
    files
        .extend(var("XDG_RUNTIME_DIR").map(|root| PathBuf::from(root).join(format!("bt_u{user}"))));
    files.push(PathBuf::from(format!("/tmp/bt_u{user}")));
    match named {
        Some(path) => files.push(expanded(&path, var)),
        None => {
            let name = var("LOGNAME").or_else(|| var("USER")).unwrap_or_default();
            let at = match vo {
                "def" => String::new(),
                vo => format!("@{vo}"),
            };
            let of = account.map_or_else(
                || "for_default_account".to_owned(),
                |account| format!("for_account_{account}"),
            );
            files.push(env::temp_dir().join(format!(".rucio_{name}{at}/auth_token_{of}")));
        }
    }
    files
}

fn user_id() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Replaces `~`, `$NAME` and `${NAME}` at the beginning of a path.
fn expanded(text: &str, var: &impl Fn(&str) -> Option<String>) -> PathBuf {
    let (name, rest) = if let Some(rest) = text.strip_prefix('~') {
        ("HOME", rest)
    } else if let Some((name, rest)) = text
        .strip_prefix("${")
        .and_then(|rest| rest.split_once('}'))
    {
        (name, rest)
    } else if let Some(rest) = text.strip_prefix('$') {
        rest.split_at(rest.find('/').unwrap_or(rest.len()))
    } else {
        return PathBuf::from(text);
    };
    match var(name) {
        Some(value) => PathBuf::from(value + rest),
        None => PathBuf::from(text),
    }
}

/// Reads the options of a section, as Python's ConfigParser does.
fn section(text: &str, wanted: &str) -> HashMap<String, String> {
    let mut options = HashMap::new();
    let mut is_in = false;
    let mut last: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            (is_in, last) = (name == wanted, None);
            continue;
        }
        if !is_in {
            continue;
        }
        // A line that begins with white space goes on with the value before it.
        if line.starts_with([' ', '\t'])
            && let Some(value) = last.as_ref().and_then(|name| options.get_mut(name))
        {
            let value: &mut String = value;
            value.push('\n');
            value.push_str(trimmed);
            continue;
        }
        if let Some(at) = trimmed.find(['=', ':']) {
            let name = trimmed[..at].trim().to_lowercase();
            let value = trimmed[at + 1..].trim().replace("%%", "%");
            options.insert(name.clone(), value);
            last = Some(name);
        }
    }
    options
}

/// Reads a file with a secret, which others may not.
pub(crate) fn read_secret(path: &Path) -> Result<Vec<u8>, Error> {
    idds_file::read_secret(path).map_err(|why| {
        let what = format!("{} {why}", path.display());
        match why.into_source() {
            Some(source) => Error::because(ErrorKind::Config, what, source),
            None => Error::new(ErrorKind::Config, what),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
[common]
account = wrong
[client]
rucio_host = https://rucio.example:443/
auth_host: https://auth.example
auth_type = userpass
# a comment
username = ddmlab
password = 100%% secret
account = root
";

    fn none(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn a_configuration_is_read_as_python_reads_it() {
        let config = Config::parse(TEXT, none).expect("a configuration");
        assert_eq!(
            (&*config.host, &*config.auth_host, config.account.as_deref()),
            (
                "https://rucio.example:443",
                "https://auth.example",
                Some("root")
            )
        );
        let Auth::UserPass { username, password } = &config.auth else {
            panic!("{config:?}");
        };
        let password = secrecy::ExposeSecret::expose_secret(password);
        assert_eq!((&**username, password), ("ddmlab", "100% secret"));
        assert!(!format!("{config:?}").contains("secret\""), "{config:?}");
    }

    #[test]
    fn a_file_with_a_password_is_closed_to_others() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("rucio.cfg");
        let without = TEXT.replace("= userpass", "= x509_proxy");
        for (text, mode, is_read) in [
            (TEXT, 0o600, true),
            (TEXT, 0o644, false),
            (TEXT, 0o660, false),
            (&without, 0o644, true),
        ] {
            std::fs::write(&path, text).expect("written");
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("a mode");
            let read = Config::read(&path, none);
            assert_eq!(read.is_ok(), is_read, "{mode:o}");
            if let Err(error) = read {
                let text = error.to_string();
                assert!(text.contains("run: chmod 600 "), "{text}");
            }
        }
    }

    #[test]
    fn variables_come_before_the_file() {
        let var = |name: &str| match name {
            "RUCIO_AUTH_TYPE" => Some("x509_proxy".to_owned()),
            "RUCIO_ACCOUNT" => Some("me".to_owned()),
            "X509_USER_PROXY" => Some("~/proxy".to_owned()),
            "HOME" => Some("/home/me".to_owned()),
            _ => None,
        };
        let config = Config::parse(TEXT, var).expect("a configuration");
        assert_eq!(config.account.as_deref(), Some("me"));
        let Auth::X509Proxy { proxy } = config.auth else {
            panic!("no proxy");
        };
        assert_eq!(proxy, Path::new("/home/me/proxy"));
    }

    #[test]
    fn what_is_missing_is_named() {
        let told = |text: &str| Config::parse(text, none).expect_err("wrong");
        assert_eq!(told("[client]\n"), "section client has no option auth_type");
        assert_eq!(
            told(&TEXT.replace("userpass", "gss")),
            "auth_type: \"gss\" is none of userpass, x509, x509_proxy, oidc, which are known here"
        );
        assert_eq!(
            told(&TEXT.replace("https://auth", "auth")),
            "auth_host: \"auth.example\" begins neither with http:// nor with https://"
        );
    }
}
