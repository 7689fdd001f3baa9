//! The settings that environment variables make.

use std::path::PathBuf;

use crate::host::Host;
use crate::transport::Store;
use crate::{Auth, ClientBuilder, Error, ErrorKind, Oidc, X509};

impl ClientBuilder {
    /// Takes the settings from the environment variables of the Python client.
    ///
    /// | variable | meaning |
    /// | --- | --- |
    /// | `IDDS_HOST` | address of the server; required |
    /// | `IDDS_AUTH_TYPE` | `x509_proxy` (unless set), `oidc`, or `none` |
    /// | `X509_USER_PROXY` | the certificate, as [`X509::discover`] finds it |
    /// | `IDDS_OIDC_TOKEN`, `OIDC_AUTH_ID_TOKEN` | the ID token |
    /// | `IDDS_OIDC_TOKEN_FILE`, `OIDC_AUTH_TOKEN_FILE` | file with the ID token; `~/.idds/.token` unless set |
    /// | `IDDS_LOCAL_CONFIG_ROOT` | directory instead of `~/.idds` |
    /// | `IDDS_VO`, `OIDC_AUTH_VO` | the VO; required with `oidc` |
    /// | `IDDS_ENABLE_JSON_OUTPUTS` | `true` or `false`: [`json_outputs`](Self::json_outputs) |
    /// | `SSL_CERT_FILE`, `SSL_CERT_DIR` | authorities to trust instead of those of the system |
    ///
    /// Of two names for one thing the first counts. An empty variable counts as not set.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a variable that is missing or has no meaning, [`ErrorKind::Credential`] when no
    /// certificate is found.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Takes the settings as [`from_env`](Self::from_env) does, from a lookup that stands for the environment.
    ///
    /// ```
    /// use idds_client::ClientBuilder;
    ///
    /// let client = ClientBuilder::from_lookup(|name| match name {
    ///     "IDDS_HOST" => Some("http://localhost:8443/idds".to_owned()),
    ///     "IDDS_AUTH_TYPE" => Some("none".to_owned()),
    ///     _ => None,
    /// })?
    /// .build()?;
    /// # Ok::<(), idds_client::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`from_env`](Self::from_env).
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let first =
            |names: &[&str]| names.iter().filter_map(|name| lookup(name)).find(|value| !value.trim().is_empty());
        let host = first(&["IDDS_HOST"]).ok_or_else(|| {
            configuration("IDDS_HOST is not set to the server's address, such as https://iddsserver.cern.ch:443/idds")
        })?;
        // Before the credential, so that a mistyped address is not answered with a missing certificate.
        Host::parse(&host)?;
        let auth = match first(&["IDDS_AUTH_TYPE"]).as_deref().map(str::trim) {
            None | Some("x509_proxy") => Auth::from(X509::discover_in(first(&["X509_USER_PROXY"]))?),
            Some("oidc") => Auth::from(oidc(first)?),
            Some("none") => Auth::None,
            Some(other) => {
                return Err(configuration(format!("IDDS_AUTH_TYPE {other:?} is not one of x509_proxy, oidc, none")));
            }
        };
        let json_outputs = match first(&["IDDS_ENABLE_JSON_OUTPUTS"]).as_deref().map(str::trim) {
            None => false,
            Some(text) if ["true", "yes", "1"].iter().any(|it| text.eq_ignore_ascii_case(it)) => true,
            Some(text) if ["false", "no", "0"].iter().any(|it| text.eq_ignore_ascii_case(it)) => false,
            Some(other) => {
                return Err(configuration(format!("IDDS_ENABLE_JSON_OUTPUTS {other:?} is not one of true, false")));
            }
        };
        let file = first(&["SSL_CERT_FILE"]).map(|file| Store::File(file.into()));
        let directories = first(&["SSL_CERT_DIR"]).unwrap_or_default();
        let directories = std::env::split_paths(&directories)
            .filter(|directory| !directory.as_os_str().is_empty())
            .map(Store::Directory);
        let stores = file.into_iter().chain(directories).collect();
        Ok(Self::new(host).auth(auth).json_outputs(json_outputs).trust_only(stores))
    }
}

fn oidc(first: impl Fn(&[&str]) -> Option<String>) -> Result<Oidc, Error> {
    let vo = first(&["IDDS_VO", "OIDC_AUTH_VO"])
        .ok_or_else(|| configuration("IDDS_VO is not set to the name of the VO, such as atlas"))?;
    if let Some(token) = first(&["IDDS_OIDC_TOKEN", "OIDC_AUTH_ID_TOKEN"]) {
        return Ok(Oidc::token(vo, token));
    }
    let file = first(&["IDDS_OIDC_TOKEN_FILE", "OIDC_AUTH_TOKEN_FILE"]).map(PathBuf::from).or_else(|| {
        let root = first(&["IDDS_LOCAL_CONFIG_ROOT"]).map(PathBuf::from);
        root.or_else(|| first(&["HOME"]).map(|home| PathBuf::from(home).join(".idds"))).map(|root| root.join(".token"))
    });
    match file {
        Some(file) => Ok(Oidc::token_file(vo, file)),
        None => Err(configuration("neither IDDS_OIDC_TOKEN nor IDDS_OIDC_TOKEN_FILE is set")),
    }
}

fn configuration(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<ClientBuilder, Error> {
        ClientBuilder::from_lookup(|name| {
            variables.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn complaint(variables: &[(&str, &str)]) -> String {
        from(variables).expect_err("refused").to_string()
    }

    const HOST: (&str, &str) = ("IDDS_HOST", "http://localhost/idds");

    #[test]
    fn a_mistyped_host_is_named_before_a_missing_certificate() {
        let mistyped = |name: &str| (name == "IDDS_HOST").then(|| "htps://idds.example".to_owned());
        let error = ClientBuilder::from_lookup(mistyped).expect_err("no such scheme");
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("htps://idds.example"), "{error}");
    }

    #[test]
    fn a_host_is_required() {
        for variables in [&[] as &[_], &[("IDDS_HOST", " ")]] {
            assert!(complaint(variables).starts_with("IDDS_HOST is not set"));
        }
    }

    #[test]
    fn an_unknown_way_to_authenticate_is_named() {
        let message = complaint(&[HOST, ("IDDS_AUTH_TYPE", "kerberos")]);
        assert_eq!(message, "IDDS_AUTH_TYPE \"kerberos\" is not one of x509_proxy, oidc, none");
    }

    #[test]
    fn a_switch_is_on_off_or_an_error() {
        for (text, expected) in [("true", true), ("TRUE", true), ("1", true), ("False", false), ("", false)] {
            let builder = from(&[HOST, ("IDDS_AUTH_TYPE", "none"), ("IDDS_ENABLE_JSON_OUTPUTS", text)]);
            let shown = format!("{:?}", builder.expect("settings"));
            assert!(shown.contains(&format!("json_outputs: {expected}")), "{text}: {shown}");
        }
        let message = complaint(&[HOST, ("IDDS_AUTH_TYPE", "none"), ("IDDS_ENABLE_JSON_OUTPUTS", "maybe")]);
        assert_eq!(message, "IDDS_ENABLE_JSON_OUTPUTS \"maybe\" is not one of true, false");
    }

    #[test]
    fn a_named_proxy_that_is_missing_is_not_replaced_by_another() {
        let message = complaint(&[HOST, ("X509_USER_PROXY", "/nowhere/proxy")]);
        assert_eq!(message, "X509_USER_PROXY names /nowhere/proxy, which does not exist");
    }

    #[test]
    fn the_aliases_of_the_token_variables_count() {
        let aliases = [HOST, ("IDDS_AUTH_TYPE", "oidc"), ("OIDC_AUTH_VO", "atlas"), ("OIDC_AUTH_ID_TOKEN", "t")];
        assert!(from(&aliases).and_then(ClientBuilder::build).is_ok());
    }

    #[test]
    fn the_token_file_of_the_python_client_is_the_default() {
        let variables = [HOST, ("IDDS_AUTH_TYPE", "oidc"), ("IDDS_VO", "atlas"), ("HOME", "/nowhere")];
        let error = from(&variables).and_then(ClientBuilder::build).expect_err("no such file");
        assert_eq!(error.to_string(), "the OIDC token in /nowhere/.idds/.token cannot be read");
    }

    #[test]
    fn oidc_needs_a_vo() {
        assert!(complaint(&[HOST, ("IDDS_AUTH_TYPE", "oidc"), ("IDDS_OIDC_TOKEN", "t")]).starts_with("IDDS_VO"));
    }

    #[test]
    fn the_authorities_are_those_the_variables_name() {
        let variables = [
            ("IDDS_HOST", "https://localhost/idds"),
            ("IDDS_AUTH_TYPE", "none"),
            ("SSL_CERT_FILE", "/nowhere/ca.pem"),
            ("SSL_CERT_DIR", "/nowhere:/neither"),
        ];
        let error = from(&variables).and_then(ClientBuilder::build).expect_err("no such file");
        assert_eq!(error.to_string(), "no certificate of an authority is in SSL_CERT_FILE /nowhere/ca.pem");
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}
