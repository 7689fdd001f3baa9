//! The address of a server.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use http::uri::Scheme;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use crate::{Error, ErrorKind, Secret};

/// Header that the embedded server takes its token in, instead of the address.
const TOKEN: HeaderName = HeaderName::from_static("x-idds-server-token");

/// How a token of the embedded server begins.
const TOKEN_PREFIX: &str = "token_";

/// The address below which all routes of a server lie, such as `https://idds.example:443/idds`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Host {
    /// Without a slash at the end.
    url: String,
    name: String,
    port: u16,
    is_encrypted: bool,
    /// Token of an embedded server, which is not in `url`: addresses are shown.
    token: Option<HeaderValue>,
}

impl Host {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let (text, token) = without_token(text.trim());
        let host = Self::parse_plain(&text)?;
        match token {
            Some(token) => host.with_token(&token),
            None => Ok(host),
        }
    }

    fn parse_plain(text: &str) -> Result<Self, Error> {
        let url = text.trim_end_matches('/');
        if url.contains('@') {
            // The text may hold a password, so it is not repeated.
            return Err(configuration(
                "the host must not contain a user name or password".to_owned(),
            ));
        }
        let wrong = || {
            configuration(format!(
                "the host {text:?} is not a URL such as https://iddsserver.cern.ch:443/idds"
            ))
        };
        let uri: Uri = url.parse().map_err(|error| wrong().caused_by(error))?;
        let is_encrypted = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(wrong()),
        };
        if uri.query().is_some() || url.contains('#') {
            return Err(wrong());
        }
        let name = uri
            .host()
            .filter(|name| !name.is_empty())
            .ok_or_else(wrong)?
            .to_owned();
        let written = uri
            .authority()
            .and_then(|it| it.as_str().rsplit_once(':'))
            .map_or("", |(_, port)| port);
        let is_port = !written.is_empty() && written.bytes().all(|digit| digit.is_ascii_digit());
        if is_port && uri.port_u16().is_none_or(|port| port == 0) {
            let what = format!(
                "the host {text:?} has the port {written}, and there are ports from 1 to 65535"
            );
            return Err(configuration(what));
        }
        let port = uri
            .port_u16()
            .unwrap_or(if is_encrypted { 443 } else { 80 });
        Ok(Self {
            url: url.to_owned(),
            name,
            port,
            is_encrypted,
            token: None,
        })
    }

    /// Returns the same with the token of the server.
    pub(crate) fn with_token(self, token: &Secret) -> Result<Self, Error> {
        let mut token: HeaderValue = token.expose().trim().parse().map_err(|_| {
            configuration(format!(
                "the token of the server at {self} is none that `idds serve` has drawn"
            ))
        })?;
        token.set_sensitive(true);
        Ok(Self {
            token: Some(token),
            ..self
        })
    }

    /// Tells whether the token of the server is known.
    pub(crate) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Shows the server its token.
    pub(crate) fn show_token(&self, headers: &mut HeaderMap) {
        if let Some(token) = &self.token {
            headers.insert(TOKEN, token.clone());
        }
    }

    /// Returns the address, without a slash at the end.
    pub(crate) fn as_str(&self) -> &str {
        &self.url
    }

    /// Returns the address of a route; `path` begins with a slash.
    pub(crate) fn join(&self, path: &Uri) -> Result<Uri, Error> {
        let path = path.path_and_query().map_or("", |path| path.as_str());
        format!("{}{path}", self.url).parse().map_err(|error| {
            Error::new(
                ErrorKind::Argument,
                format!("the path {path:?} cannot be sent"),
            )
            .caused_by(error)
        })
    }

    /// Says whether the connection is encrypted, that is, the scheme is `https`.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// Fails when `what` would go over a network unencrypted.
    pub(crate) fn requires_encryption(&self, what: &str) -> Result<(), Error> {
        if self.is_encrypted || self.is_loopback() {
            return Ok(());
        }
        Err(configuration(format!(
            "{what} is not sent unencrypted to {self}, which is not https"
        )))
    }

    /// Says whether the server is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        let name = self.address();
        name.eq_ignore_ascii_case("localhost")
            || name
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }

    /// Returns the name or number of the machine as a socket takes it, without the brackets of IPv6.
    pub(crate) fn address(&self) -> &str {
        self.name.trim_matches(['[', ']'])
    }

    /// Returns the port of the server.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the address with this number instead of the name of the machine.
    pub(crate) fn at(&self, address: IpAddr) -> String {
        let path = &self.url[self.origin().len()..];
        let scheme = if self.is_encrypted { "https" } else { "http" };
        format!("{scheme}://{}{path}", SocketAddr::new(address, self.port))
    }

    /// Returns the address without its path, such as `https://idds.example:443`.
    pub(crate) fn origin(&self) -> &str {
        let start = self.url.find("://").map_or(0, |index| index + 3);
        let end = self.url[start..]
            .find('/')
            .map_or(self.url.len(), |index| start + index);
        &self.url[..end]
    }

    /// Returns the address with the other scheme, `http` for `https` and back.
    pub(crate) fn with_other_scheme(&self) -> String {
        match self.url.split_once("://") {
            Some((_, rest)) => format!(
                "{}://{rest}",
                if self.is_encrypted { "http" } else { "https" }
            ),
            None => self.url.clone(),
        }
    }

    /// Returns the name or number of the machine.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

/// Takes the token of an embedded server out of an address, such as `http://127.0.0.1:8080/token_3f…/idds`.
///
/// What has only the form of one, since a part of it was lost, is taken out too: nobody else is to see it either.
pub(crate) fn without_token(address: &str) -> (String, Option<Secret>) {
    let is_token = |part: &&str| {
        let digits = part
            .get(..TOKEN_PREFIX.len())
            .filter(|start| start.eq_ignore_ascii_case(TOKEN_PREFIX));
        digits.is_some_and(|start| part.len() >= start.len() + 8)
    };
    let (path, query) = address.split_at(address.find(['?', '#']).unwrap_or(address.len()));
    // No address of a server has a query; the error that says so shows it.
    let query = if query.to_ascii_lowercase().contains(TOKEN_PREFIX) {
        "?[redacted]"
    } else {
        query
    };
    let token = path.split('/').find(is_token).map(Secret::new);
    let parts: Vec<&str> = path.split('/').filter(|part| !is_token(part)).collect();
    (format!("{}{query}", parts.join("/")), token)
}

fn configuration(what: String) -> Error {
    Error::new(ErrorKind::Configuration, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_at_the_end_do_not_matter() {
        let path = Uri::from_static("/ping");
        for text in [
            "https://h:443/idds",
            "https://h:443/idds/",
            " https://h:443/idds// ",
        ] {
            assert_eq!(
                Host::parse(text)
                    .expect("a host")
                    .join(&path)
                    .expect("a URL"),
                "https://h:443/idds/ping"
            );
        }
        assert_eq!(
            Host::parse("http://h")
                .expect("a host")
                .join(&path)
                .expect("a URL"),
            "http://h/ping"
        );
    }

    #[test]
    fn a_bad_host_is_named() {
        for text in [
            "",
            "idds",
            "h:443/idds",
            "ftp://h/idds",
            "https://",
            "https://h/idds?x=1",
            "https://h/#x",
            "https:///idds",
        ] {
            let error = Host::parse(text).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
    }

    #[test]
    fn a_token_is_taken_out_of_the_address_and_shown_to_the_server_alone() {
        let token = "token_00112233445566778899aabbccddeeff00112233";
        for address in [
            format!("http://127.0.0.1:8080/{token}/idds"),
            format!(" http://127.0.0.1:8080/{token}/idds/ "),
            format!("http://127.0.0.1:8080/idds/{token}"),
        ] {
            let host = Host::parse(&address).expect("a host");
            let mut headers = HeaderMap::new();
            host.show_token(&mut headers);
            assert_eq!(
                (host.as_str(), headers[TOKEN].to_str().ok()),
                ("http://127.0.0.1:8080/idds", Some(token))
            );
            assert!(
                headers[TOKEN].is_sensitive()
                    && !format!("{host:?} {host} {headers:?}").contains("00112233")
            );
        }
        let cut = Host::parse(&format!("http://h:8080/{}/idds", &token[..30])).expect("a host");
        assert_eq!(
            (cut.as_str(), cut.has_token()),
            ("http://h:8080/idds", true)
        );
        for address in [
            "http://h/token_/idds",
            "http://h/tokens/idds",
            "http://h/my_token_0011223344/idds",
        ] {
            let host = Host::parse(address).expect("a host");
            assert_eq!((host.as_str(), host.has_token()), (address, false));
        }
        for wrong in [
            format!("h/{token}/idds"),
            format!("http://h:0/{token}/idds"),
            format!("http://h/{token}/idds?{token}"),
        ] {
            let error = Host::parse(&wrong).expect_err("no host");
            assert!(
                !format!("{error:?} {error}").contains("00112233"),
                "{error}"
            );
        }
        let error = Host::parse("http://h/idds")
            .expect("a host")
            .with_token(&Secret::new("s3\ncret"));
        assert!(!error.expect_err("two lines").to_string().contains("cret"));
    }

    #[test]
    fn a_port_that_no_machine_has_is_named() {
        for port in ["99999", "65536", "0"] {
            let text = format!("http://h:{port}/idds");
            let error = Host::parse(&text).expect_err(&text);
            assert_eq!(error.kind(), ErrorKind::Configuration);
            let what = format!(
                "the host {text:?} has the port {port}, and there are ports from 1 to 65535"
            );
            assert_eq!(error.to_string(), what);
        }
        for text in ["http://[::1]/idds", "http://h:/idds"] {
            assert_eq!(Host::parse(text).expect(text).port(), 80, "{text}");
        }
    }

    #[test]
    fn a_password_in_the_host_is_refused_and_not_repeated() {
        let error = Host::parse("https://me:hunter2@h/idds").expect_err("refused");
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn the_port_is_that_of_the_scheme_unless_it_is_named() {
        for (text, address, port, other) in [
            ("https://h/idds", "h", 443, "http://h/idds"),
            ("http://h", "h", 80, "https://h"),
            (
                "http://[::1]:8443/idds",
                "::1",
                8443,
                "https://[::1]:8443/idds",
            ),
        ] {
            let host = Host::parse(text).expect("a host");
            assert_eq!(
                (
                    host.address(),
                    host.port(),
                    host.with_other_scheme().as_str()
                ),
                (address, port, other)
            );
        }
        for (text, origin) in [
            ("http://h:80/a/idds", "http://h:80"),
            ("https://h", "https://h"),
        ] {
            assert_eq!(Host::parse(text).expect("a host").origin(), origin);
        }
    }

    #[test]
    fn loopback_is_known_by_name_and_number() {
        for (text, expected) in [
            ("http://127.0.0.1:80", true),
            ("http://[::1]:80", true),
            ("http://LOCALHOST", true),
            ("http://127.example", false),
        ] {
            assert_eq!(
                Host::parse(text).expect("a host").is_loopback(),
                expected,
                "{text}"
            );
        }
    }
}
