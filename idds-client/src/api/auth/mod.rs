//! Signing in at an OpenID Connect provider, through the server.

mod client_token;
mod refresh;
mod sign_in;
mod sign_in_url;
mod token;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use serde_json::Value;

pub use self::client_token::ClientToken;
pub use self::sign_in_url::DeviceAuthorization;
pub use self::token::SignIn;
use crate::endpoint::{decode, refusal};
use crate::{Client, Error, ErrorKind, Secret, ServerError, Tokens};

/// Signing in at the OpenID Connect provider of a VO: [`Client::auth`].
///
/// These calls work without a credential: make their client with [`Auth::None`](crate::Auth::None).
#[derive(Clone, Debug)]
pub struct Authentication {
    client: Client,
}

impl Authentication {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Gets a token for a program instead of a person (client credentials).
    ///
    /// The provider itself is asked: the host of this client is the issuer, such as `https://panda-iam-doma.cern.ch`.
    pub fn client_token(
        &self,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> ClientToken {
        ClientToken::new(&self.client, client_id.into(), client_secret.into())
    }
}

/// Adds the headers that the Python client sends, unless the way to the server is not safe for secrets.
fn prepared(
    client: &Client,
    vo: &str,
    mut request: Request<Bytes>,
) -> Result<Request<Bytes>, Error> {
    client.requires_encryption("what belongs to a sign-in")?;
    let vo = HeaderValue::from_str(vo).map_err(|error| {
        Error::new(ErrorKind::Argument, format!("{vo:?} is not a VO")).caused_by(error)
    })?;
    request
        .headers_mut()
        .insert("x-idds-auth-type", HeaderValue::from_static("oidc"));
    request.headers_mut().insert("x-idds-auth-vo", vo);
    Ok(request)
}

/// Reads tokens out of an answer; what the server says about its failure is shown without `secret`.
fn tokens(response: &Response<Bytes>, secret: &Secret) -> Result<Tokens, Error> {
    succeeded(response, secret)?;
    Tokens::from_json(decode::<Value>(response)?).map_err(|error| {
        Error::new(ErrorKind::Answer, "the answer holds no tokens").caused_by(error)
    })
}

/// Fails with what the server, or the provider behind it, says; `secret` is left out.
fn succeeded(response: &Response<Bytes>, secret: &Secret) -> Result<(), ServerError> {
    let Some(mut error) = refusal(response) else {
        return Ok(());
    };
    error.message = secret.scrub(&error.message);
    Err(error)
}

/// Returns the code of RFC 6749 and 8628 with which a provider explains itself, such as `invalid_grant`.
///
/// The server quotes the provider inside its own message, as JSON or as a Python dictionary.
fn provider_code(error: &ServerError) -> Option<&str> {
    let message = &error.message;
    let after = ["'error': '", "\"error\": \"", "\"error\":\""]
        .iter()
        .find_map(|key| message.find(key).map(|at| &message[at + key.len()..]))?;
    Some(&after[..after.find(['\'', '"'])?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_signs_in_unencrypted_over_a_network() {
        let auth = Client::builder("http://idds.example/idds")
            .build()
            .expect("a client")
            .auth();
        let requests = [
            auth.sign_in_url("v").request(),
            auth.token("v", "d").request(),
            auth.refresh("v", "r").request(),
        ];
        for request in requests {
            let error = request.expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(
                error
                    .to_string()
                    .starts_with("what belongs to a sign-in is not sent unencrypted"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_code_of_the_provider_is_found_in_what_the_server_says() {
        let code = |message: &str| {
            let response = Response::builder()
                .status(500)
                .header("ExceptionMessage", message)
                .body(Bytes::new());
            provider_code(&ServerError::read(&response.expect("a response"))).map(ToOwned::to_owned)
        };
        assert_eq!(
            code("Details: {'error': 'slow_down'}").as_deref(),
            Some("slow_down")
        );
        assert_eq!(
            code(r#"text: {"error":"invalid_grant","error_description":"x"}"#).as_deref(),
            Some("invalid_grant")
        );
        assert_eq!(code("{'error': 'cut"), None);
        assert_eq!(code("no answer"), None);
    }
}
