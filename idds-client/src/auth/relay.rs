//! The user on whose behalf a relay makes calls.

use std::fmt;

use http::{HeaderMap, HeaderValue};

use super::secret::Secret;
use crate::{Error, ErrorKind};

/// The user for whom a relay, such as PanDA, makes a call.
///
/// The server believes it of its super users only, and ignores it without a word for everybody else. A relay that shows a
/// certificate is believed the name, or a certificate with its distinguished name, which then counts; one that shows a
/// token is believed the name, or a token, which then counts.
///
/// ```
/// use idds_client::{Client, OriginalUser};
///
/// let relay = Client::builder("https://idds.example:443/idds").build()?;
/// let for_her = relay.on_behalf_of(&OriginalUser::new("CN=Ada Lovelace"))?;
/// # Ok::<(), idds_client::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct OriginalUser {
    name: String,
    certificate: Option<(String, Secret)>,
    token: Option<Secret>,
}

impl OriginalUser {
    /// Makes a user with this name as the server knows it, such as `CN=Ada Lovelace`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            certificate: None,
            token: None,
        }
    }

    /// Adds the user's certificate with its distinguished name.
    #[must_use]
    pub fn certificate(
        mut self,
        user_dn: impl Into<String>,
        certificate: impl Into<String>,
    ) -> Self {
        self.certificate = Some((user_dn.into(), Secret::new(certificate)));
        self
    }

    /// Adds the user's ID token.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(Secret::new(token));
        self
    }

    /// Says whether there is something that nobody else may see.
    pub(crate) fn has_secret(&self) -> bool {
        self.certificate.is_some() || self.token.is_some()
    }

    /// Returns the headers that say so to the server.
    pub(crate) fn headers(&self) -> Result<Headers, Error> {
        let mut headers = HeaderMap::new();
        headers.insert("x-idds-auth-username-original", plain("name", &self.name)?);
        if let Some((user_dn, certificate)) = &self.certificate {
            headers.insert(
                "x-idds-auth-userdn-original",
                plain("distinguished name", user_dn)?,
            );
            headers.insert(
                "x-idds-auth-usercert-original",
                secret("certificate", certificate)?,
            );
        }
        if let Some(token) = &self.token {
            headers.insert("x-idds-auth-usertoken-original", secret("token", token)?);
        }
        Ok(Headers(headers))
    }
}

/// The headers that a relay adds to every request.
#[derive(Clone)]
pub(crate) struct Headers(HeaderMap);

impl Headers {
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        headers.extend(self.0.clone());
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f) // what is secret is marked as sensitive, and does not show
    }
}

fn plain(what: &str, text: &str) -> Result<HeaderValue, Error> {
    text.trim()
        .parse()
        .map_err(|_| unsendable(what, &format!(" {text:?}")))
}

/// Makes a header of a secret, whose lines are joined, as a header has one.
fn secret(what: &str, text: &Secret) -> Result<HeaderValue, Error> {
    let line: Vec<&str> = text
        .expose()
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let value: Result<HeaderValue, _> = line.join(" ").parse();
    let mut value = value.map_err(|_| unsendable(what, ""))?;
    value.set_sensitive(true);
    Ok(value)
}

fn unsendable(what: &str, shown: &str) -> Error {
    let message = format!(
        "the {what}{shown} of the original user does not fit in a header, which takes plain ASCII"
    );
    Error::new(ErrorKind::Argument, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(user: &OriginalUser) -> HeaderMap {
        let mut headers = HeaderMap::new();
        user.headers().expect("headers").add_to(&mut headers);
        headers
    }

    #[test]
    fn a_relay_says_all_it_knows_and_hides_what_is_secret() {
        let user = OriginalUser::new("CN=idds-test")
            .certificate(
                "/DC=test/CN=idds-test",
                "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
            )
            .token("hunter2");
        let headers = headers(&user);
        assert_eq!(headers["x-idds-auth-username-original"], "CN=idds-test");
        assert_eq!(
            headers["x-idds-auth-userdn-original"],
            "/DC=test/CN=idds-test"
        );
        let certificate = &headers["x-idds-auth-usercert-original"];
        assert_eq!(
            certificate,
            "-----BEGIN CERTIFICATE----- MIIB -----END CERTIFICATE-----"
        );
        let shown = format!("{user:?} {headers:?} {:?}", user.headers());
        assert!(
            !shown.contains("hunter2") && !shown.contains("MIIB"),
            "{shown}"
        );
    }

    #[test]
    fn what_nobody_else_may_see_is_not_sent_unencrypted_over_a_network() {
        let user = OriginalUser::new("Ada");
        let relay = |host: &str, user: &OriginalUser| {
            let client = crate::Client::builder(host)
                .transport(crate::Replay::default())
                .build()
                .expect("a client");
            client.on_behalf_of(user).map(|_| ())
        };
        for secret in [
            user.clone().token("t"),
            user.clone().certificate("/CN=Ada", "c"),
        ] {
            let error = relay("http://idds.example/idds", &secret).expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::Configuration);
            let what = "a certificate or token of another user is not sent unencrypted to http://idds.example/idds, which is not https";
            assert_eq!(error.to_string(), what);
            assert!(
                relay("https://idds.example/idds", &secret).is_ok()
                    && relay("http://127.0.0.1:1/idds", &secret).is_ok()
            );
        }
        assert!(relay("http://idds.example/idds", &user).is_ok());
    }

    #[test]
    fn a_name_is_enough() {
        assert_eq!(headers(&OriginalUser::new("CN=idds-test")).len(), 1);
    }

    #[test]
    fn what_is_no_header_is_refused_and_a_secret_not_repeated() {
        let error = OriginalUser::new("Ada\r\nX-Evil: 1")
            .headers()
            .expect_err("two lines");
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(
            error
                .to_string()
                .starts_with("the name \"Ada\\r\\nX-Evil: 1\" of the original user"),
            "{error}"
        );
        let error = OriginalUser::new("Ada")
            .token("hunter2\u{1}")
            .headers()
            .expect_err("a control character");
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
