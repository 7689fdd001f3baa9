//! Settings of a client from the environment.

use tracing::warn;

use crate::config::process;
use crate::host::Host;
use crate::transport::Store;
use crate::{Auth, AuthType, ClientBuilder, Configuration, Error, ErrorKind, RunningServers};

impl ClientBuilder {
    /// Takes the settings from the files and environment variables of the Python client: [`Configuration`] lists them.
    ///
    /// About TLS, these variables count too:
    ///
    /// | variable | meaning |
    /// | --- | --- |
    /// | `IDDS_ENABLE_JSON_OUTPUTS` | `true` or `false`: [`json_outputs`](Self::json_outputs) |
    /// | `SSL_CERT_FILE`, `SSL_CERT_DIR` | authorities to trust instead of those of the system |
    /// | `X509_CERT_DIR`, `IDDS_AUTH_SSL_VERIFY` | a directory of grid authorities, a file or directory: trusted too |
    /// | `IDDS_AUTH_NO_VERIFY` | not honoured: the log says what to do instead |
    ///
    /// The token of an embedded server is that in its address, or the one that a [server of this user](RunningServers) has announced.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for what is missing or has no meaning, [`ErrorKind::Credential`] when no certificate is
    /// found.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_lookup(process)
    }

    /// Takes the settings as [`from_env`](Self::from_env) does, from a lookup that stands for the environment; the
    /// files are those of its `HOME`.
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
        let configuration = Configuration::from_lookup(&lookup)?;
        let variable = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let host = configuration.host().ok_or_else(|| {
            let what = "IDDS_HOST is not set to the server's address, such as https://iddsserver.cern.ch:443/idds, \
                        and no configuration file has it";
            Error::new(ErrorKind::Configuration, what)
        })?;
        // Before the credential, so that a mistyped address is not answered with a missing certificate.
        let asked = Host::parse(host)?;
        configuration.check_host_holder()?;
        let mut token = configuration.server_token().cloned();
        let mut is_embedded = token.is_some();
        let mut host = asked.as_str().to_owned();
        if !is_embedded
            && let Some(server) =
                RunningServers::of(&configuration).and_then(|servers| servers.at(&asked))
        {
            // By number: somebody else may listen at another address of the name `localhost`.
            (host, token, is_embedded) = (asked.at(server.reachable()), server.token, true);
        }
        // It lets in by its token alone: a certificate is not asked for, and need not be there. Nor can one be shown without TLS.
        let needs_none = is_embedded
            || (!asked.is_encrypted()
                && asked.is_loopback()
                && configuration.x509_proxy().is_none());
        let auth = match configuration.auth_type() {
            AuthType::X509Proxy if needs_none => Auth::None,
            _ => configuration.auth()?,
        };
        if variable("IDDS_AUTH_NO_VERIFY").is_some() {
            warn!(
                "IDDS_AUTH_NO_VERIFY is not honoured: name the authority of the server in SSL_CERT_FILE, \
                 or use danger_accept_invalid_certs"
            );
        }
        let json_outputs = match variable("IDDS_ENABLE_JSON_OUTPUTS")
            .as_deref()
            .map(str::trim)
        {
            None => false,
            Some(text)
                if ["true", "yes", "1"]
                    .iter()
                    .any(|it| text.eq_ignore_ascii_case(it)) =>
            {
                true
            }
            Some(text)
                if ["false", "no", "0"]
                    .iter()
                    .any(|it| text.eq_ignore_ascii_case(it)) =>
            {
                false
            }
            Some(other) => {
                let what = format!("IDDS_ENABLE_JSON_OUTPUTS {other:?} is not one of true, false");
                return Err(Error::new(ErrorKind::Configuration, what));
            }
        };
        let file = variable("SSL_CERT_FILE").map(|file| Store::File(file.into()));
        let directories = variable("SSL_CERT_DIR").unwrap_or_default();
        let directories = std::env::split_paths(&directories)
            .filter(|directory| !directory.as_os_str().is_empty())
            .map(Store::Directory);
        let also = ["X509_CERT_DIR", "IDDS_AUTH_SSL_VERIFY"]
            .into_iter()
            .filter_map(variable);
        let mut builder = Self::new(host);
        if let Some(token) = token {
            builder = builder.server_token(token);
        }
        if let Some(bytes) = configuration.max_answer_length() {
            builder = builder.max_answer_length(bytes);
        }
        Ok(builder
            .auth(auth)
            .json_outputs(json_outputs)
            .trust_only(file.into_iter().chain(directories).collect())
            .trust_also(also.map(|path| Store::at(path.into()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<ClientBuilder, Error> {
        ClientBuilder::from_lookup(|name| {
            variables
                .iter()
                .find(|(it, _)| *it == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    fn complaint(variables: &[(&str, &str)]) -> String {
        from(variables)
            .and_then(ClientBuilder::build)
            .expect_err("refused")
            .to_string()
    }

    const HOST: (&str, &str) = ("IDDS_HOST", "http://localhost/idds");

    #[test]
    fn a_mistyped_host_is_named_before_a_missing_certificate() {
        let message = complaint(&[("IDDS_HOST", "htps://idds.example")]);
        assert!(message.contains("htps://idds.example"), "{message}");
    }

    #[test]
    fn a_host_is_required() {
        for variables in [&[] as &[_], &[("IDDS_HOST", " ")]] {
            assert!(complaint(variables).starts_with("IDDS_HOST is not set"));
        }
    }

    #[test]
    fn a_switch_is_on_off_or_an_error() {
        for (text, expected) in [
            ("true", true),
            ("TRUE", true),
            ("1", true),
            ("False", false),
            ("", false),
        ] {
            let builder = from(&[
                HOST,
                ("IDDS_AUTH_TYPE", "none"),
                ("IDDS_ENABLE_JSON_OUTPUTS", text),
            ]);
            let shown = format!("{:?}", builder.expect("settings"));
            assert!(
                shown.contains(&format!("json_outputs: {expected}")),
                "{text}: {shown}"
            );
        }
        let message = complaint(&[
            HOST,
            ("IDDS_AUTH_TYPE", "none"),
            ("IDDS_ENABLE_JSON_OUTPUTS", "maybe"),
        ]);
        assert_eq!(
            message,
            "IDDS_ENABLE_JSON_OUTPUTS \"maybe\" is not one of true, false"
        );
    }

    #[test]
    fn the_aliases_of_the_token_variables_count() {
        let aliases = [
            HOST,
            ("IDDS_AUTH_TYPE", "oidc"),
            ("OIDC_AUTH_VO", "atlas"),
            ("OIDC_AUTH_ID_TOKEN", "t"),
        ];
        assert!(from(&aliases).and_then(ClientBuilder::build).is_ok());
    }

    #[test]
    fn the_token_file_of_the_python_client_is_the_default() {
        let variables = [
            HOST,
            ("IDDS_AUTH_TYPE", "oidc"),
            ("IDDS_VO", "atlas"),
            ("HOME", "/nowhere"),
        ];
        assert_eq!(
            complaint(&variables),
            "the token file /nowhere/.idds/.token cannot be read"
        );
    }

    #[test]
    fn oidc_needs_a_vo() {
        assert!(
            complaint(&[HOST, ("IDDS_AUTH_TYPE", "oidc"), ("IDDS_OIDC_TOKEN", "t")])
                .starts_with("IDDS_VO")
        );
    }

    #[test]
    fn the_authorities_are_those_the_variables_name() {
        const HTTPS: [(&str, &str); 2] = [
            ("IDDS_HOST", "https://localhost/idds"),
            ("IDDS_AUTH_TYPE", "none"),
        ];
        let with = |more: &[(&str, &str)]| complaint(&[&HTTPS, more].concat());
        assert_eq!(
            with(&[
                ("SSL_CERT_FILE", "/nowhere/ca.pem"),
                ("SSL_CERT_DIR", "/nowhere:/neither")
            ]),
            "no certificate of an authority is in SSL_CERT_FILE /nowhere/ca.pem"
        );
        assert_eq!(
            with(&[("IDDS_AUTH_SSL_VERIFY", "/nowhere/ca.pem")]),
            "the CA file /nowhere/ca.pem cannot be read"
        );
        let empty = tempfile::tempdir().expect("a directory");
        let directory = empty.path().display().to_string();
        assert_eq!(
            with(&[("X509_CERT_DIR", &directory)]),
            format!("the CA directory {directory} holds no certificate (*.pem, *.crt, *.0)")
        );
    }
}
