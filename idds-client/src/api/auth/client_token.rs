//! Tokens for programs: client credentials.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{provider_code, succeeded, tokens};
use crate::call::{Endpoint, Single};
use crate::endpoint::Confided;
use crate::route::{self, Route};
use crate::{Call, Client, Error, ErrorKind, Secret, Tokens};

/// Asks the provider for a token for a program (client credentials, RFC 6749 section 4.4).
///
/// The host of its client is the issuer, whose route `/token` the Python client uses too. The answer has an access token and
/// often no ID token; the server takes the access token when it is a JWT for its audience. It has no refresh token: ask
/// again before it expires.
///
/// ```no_run
/// use idds_client::{Client, TokenFile};
///
/// # async fn robot() -> Result<(), Box<dyn std::error::Error>> {
/// let issuer = Client::builder("https://panda-iam-doma.cern.ch").build()?;
/// let secret = std::env::var("ROBOT_SECRET")?;
/// let tokens = issuer.auth().client_token("my-robot", secret).scope("openid profile").audience("idds").await?;
/// TokenFile::new("/home/robot/.idds/.token_client").save(&tokens)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`ErrorKind::Configuration`] when the secret would go out unencrypted, [`ErrorKind::Credential`] when the provider does not
/// take id and secret.
pub type ClientToken = Call<Tokens, ClientCredentials>;

/// Id and secret of a program, with scope and audience of its token.
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    client_id: String,
    client_secret: Secret,
    scope: Option<String>,
    audience: Option<String>,
}

/// What stands for itself in a form.
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl ClientToken {
    pub(super) fn new(client: &Client, client_id: String, client_secret: Secret) -> Self {
        let credentials = ClientCredentials {
            client_id,
            client_secret,
            scope: None,
            audience: None,
        };
        Self::with(client, credentials)
    }

    /// Sets the scopes of the token, separated by spaces; those that the provider gives by default.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.settings.scope = Some(scope.into());
        self
    }

    /// Sets the service that the token is for: an iDDS server expects its own client id or audience.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.settings.audience = Some(audience.into());
        self
    }
}

impl Single for ClientCredentials {}

impl Endpoint for ClientCredentials {
    type Answer = Tokens;

    fn route(&self) -> &'static Route {
        &route::CLIENT_TOKEN
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        client.requires_encryption("a client secret")?;
        let fields = [
            ("client_id", Some(self.client_id.as_str())),
            ("client_secret", Some(self.client_secret.expose())),
            ("grant_type", Some("client_credentials")),
            ("scope", self.scope.as_deref()),
            ("audience", self.audience.as_deref()),
        ];
        let form: Vec<String> = fields
            .into_iter()
            .filter_map(|(name, value)| {
                Some(format!("{name}={}", utf8_percent_encode(value?, FORM)))
            })
            .collect();
        let draft = self.route().draft(client)?;
        let mut request = draft.with_body(Bytes::from(form.join("&")))?;
        request
            .extensions_mut()
            .insert(Confided(self.client_secret.clone()));
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(header::CONTENT_TYPE, form);
        Ok(request)
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<Tokens, Error> {
        match succeeded(response, &self.client_secret) {
            Err(refusal) if provider_code(&refusal) == Some("invalid_client") => {
                let what = format!(
                    "the provider does not accept the client {:?} with this secret",
                    self.client_id
                );
                Err(Error::new(ErrorKind::Credential, what).caused_by(Error::from(refusal)))
            }
            Err(refusal) => Err(refusal.into()),
            Ok(()) => tokens(response, &self.client_secret),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::recorded::client;

    #[test]
    fn the_form_is_that_of_the_python_client() {
        let call = client()
            .auth()
            .client_token("me", "s p&=")
            .scope("openid profile")
            .audience("idds");
        let request = call.request().expect("a request");
        assert_eq!(request.uri(), "/token");
        let expected = "client_id=me&client_secret=s%20p%26%3D&grant_type=client_credentials&scope=openid%20profile&audience=idds";
        assert_eq!(request.body(), expected);
        assert!(!format!("{call:?}").contains("s p&="));
    }

    #[test]
    fn a_wrong_secret_is_told_and_not_shown() {
        let body = r#"{"error":"invalid_client","error_description":"hunter2 is wrong"}"#;
        let response = Response::builder()
            .status(401)
            .body(Bytes::from(body))
            .expect("a response");
        let error = client()
            .auth()
            .client_token("me", "hunter2")
            .answer(&response)
            .expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Credential);
        assert_eq!(
            error.to_string(),
            "the provider does not accept the client \"me\" with this secret"
        );
        assert!(!format!("{error:?}").contains("hunter2"));
    }

    #[test]
    fn a_secret_is_not_sent_unencrypted_over_a_network() {
        let issuer = Client::builder("http://iam.example")
            .build()
            .expect("a client");
        let error = issuer
            .auth()
            .client_token("me", "s")
            .request()
            .expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}
