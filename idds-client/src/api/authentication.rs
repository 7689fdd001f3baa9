//! The steps of signing in with OpenID Connect.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::endpoint::{SecretPath, awaitable, decode, segment, with_value, without_body};
use crate::{Client, Endpoint, Error, ErrorKind, Secret};

/// The calls for signing in, which the server answers to anybody.
///
/// The server passes them on to the OpenID Connect provider of the virtual organisation (VO).
#[derive(Clone, Debug)]
pub struct Authentication {
    client: Client,
}

impl Authentication {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Starts to sign in: asks for the address where the user approves it.
    pub fn sign_in_url(&self, vo: impl Into<String>) -> SignInUrl {
        SignInUrl { client: self.client.clone(), vo: vo.into() }
    }

    /// Asks once for the tokens of a user who was sent to the address.
    pub fn token(&self, vo: impl Into<String>, device_code: impl Into<Secret>) -> GetToken {
        GetToken { client: self.client.clone(), vo: vo.into(), device_code: device_code.into() }
    }

    /// Asks for new tokens; the provider may make the old refresh token invalid.
    pub fn refresh(&self, vo: impl Into<String>, refresh_token: impl Into<Secret>) -> RefreshToken {
        RefreshToken { client: self.client.clone(), vo: vo.into(), refresh_token: refresh_token.into() }
    }
}

/// Starts to sign in: asks for the address where the user approves it.
///
/// # Errors
///
/// [`ErrorKind::Refused`] when the server does not know the VO.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct SignInUrl {
    client: Client,
    vo: String,
}

/// Where the user goes to sign in, as the provider tells it.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct SignIn {
    /// What the tokens are asked for with; who has it can take them.
    pub device_code: Secret,
    /// What the user types in, or compares.
    pub user_code: Option<String>,
    /// Where the user goes.
    pub verification_uri: String,
    /// Where the user goes without having to type the code.
    pub verification_uri_complete: Option<String>,
    /// How long the user may take.
    #[serde(deserialize_with = "seconds")]
    pub expires_in: Duration,
    /// How long to wait between two questions for the tokens; 5 s where the provider does not say.
    #[serde(default = "five_seconds", deserialize_with = "seconds")]
    pub interval: Duration,
    /// Everything else the provider sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

awaitable!(SignInUrl);

impl Endpoint for SignInUrl {
    type Answer = SignIn;

    const OPERATION: &'static str = "get sign-in url";
    const IS_PUBLIC: bool = true;

    fn request(&self) -> Result<Request<Bytes>, Error> {
        let path = format!("/auth/url/{}/oidc", segment("VO", &self.vo)?);
        prepared(&self.client, &self.vo, without_body(Method::GET, &path)?)
    }

    fn answer(&self, response: Response<Bytes>) -> Result<Self::Answer, Error> {
        decode(&response)
    }
}

/// Asks once for the tokens of a user who was sent to the address.
///
/// # Errors
///
/// [`ErrorKind::Refused`] until the user has signed in: the class of its [`server`](Error::server) is
/// `AuthenticationPending` then. When the user said no, took too long, or the code was used before, the message has the
/// error of the provider, such as `access_denied`, `expired_token` or `invalid_grant`.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct GetToken {
    client: Client,
    vo: String,
    device_code: Secret,
}

/// What the provider gives to a user who has signed in.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Tokens {
    /// Says who the user is; what the server wants to see.
    pub id_token: Secret,
    /// Opens the provider's own services.
    pub access_token: Option<Secret>,
    /// Gets new tokens, if the provider allows it.
    pub refresh_token: Option<Secret>,
    /// Kind of the access token, `Bearer`.
    pub token_type: Option<String>,
    /// What the tokens are good for, words with spaces between them.
    pub scope: Option<String>,
    /// How long the access token is valid.
    #[serde(default, deserialize_with = "optional_seconds")]
    pub expires_in: Option<Duration>,
    /// Everything else the provider sends, as it sends it; `Debug` shows only the names.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("id_token", &self.id_token)
            .field("access_token", &self.access_token)
            .field("refresh_token", &self.refresh_token)
            .field("token_type", &self.token_type)
            .field("scope", &self.scope)
            .field("expires_in", &self.expires_in)
            .field("rest", &self.rest.keys().collect::<Vec<_>>())
            .finish()
    }
}

awaitable!(GetToken);

impl Endpoint for GetToken {
    type Answer = Tokens;

    const OPERATION: &'static str = "get token";
    const IS_PUBLIC: bool = true;

    fn request(&self) -> Result<Request<Bytes>, Error> {
        let vo = segment("VO", &self.vo)?;
        let code = segment("device code", self.device_code.expose())
            .map_err(|_| Error::new(ErrorKind::Argument, "the device code is not one the server can have sent"))?;
        // The server does nothing with the two numbers; the Python client sends these.
        let mut request = without_body(Method::GET, &format!("/auth/token/{vo}/{code}/5/60"))?;
        request.extensions_mut().insert(SecretPath);
        prepared(&self.client, &self.vo, request)
    }

    fn answer(&self, response: Response<Bytes>) -> Result<Self::Answer, Error> {
        decode(&response)
    }
}

/// Asks for new tokens.
///
/// # Errors
///
/// [`ErrorKind::Refused`] when the provider does not take the refresh token: the user has to sign in again.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct RefreshToken {
    client: Client,
    vo: String,
    refresh_token: Secret,
}

awaitable!(RefreshToken);

impl Endpoint for RefreshToken {
    type Answer = Tokens;

    const OPERATION: &'static str = "refresh token";
    const IS_PUBLIC: bool = true;

    fn request(&self) -> Result<Request<Bytes>, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            refresh_token: &'a str,
        }

        let path = format!("/auth/token/{}", segment("VO", &self.vo)?);
        let body = Body { refresh_token: self.refresh_token.expose() };
        prepared(&self.client, &self.vo, with_value(Method::POST, &path, &body)?)
    }

    fn answer(&self, response: Response<Bytes>) -> Result<Self::Answer, Error> {
        decode(&response)
    }
}

/// Adds the headers of the Python client, unless the way to the server is not safe for secrets.
fn prepared(client: &Client, vo: &str, mut request: Request<Bytes>) -> Result<Request<Bytes>, Error> {
    if !client.keeps_secrets() {
        return Err(Error::new(
            ErrorKind::Configuration,
            format!("nobody signs in unencrypted at {}, which is not https", client.host()),
        ));
    }
    let vo = HeaderValue::from_str(vo)
        .map_err(|error| Error::new(ErrorKind::Argument, format!("{vo:?} is not a VO")).caused_by(error))?;
    request.headers_mut().insert("x-idds-auth-type", HeaderValue::from_static("oidc"));
    request.headers_mut().insert("x-idds-auth-vo", vo);
    Ok(request)
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_secs)
}

fn optional_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_secs))
}

fn five_seconds() -> Duration {
    Duration::from_secs(5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::recorded::{client, replay};

    const CODE: &str = "Q-IdQmRFjt9-Hai_Kvj2XzWB_sFW5AjOwwvO1t2meRq";

    fn token() -> GetToken {
        client().auth().token("test", Secret::new(CODE))
    }

    #[test]
    fn the_address_to_sign_in_is_read() {
        let sign_in = replay(&client().auth().sign_in_url("test"), "auth_url").expect("an answer");
        assert_eq!((sign_in.device_code.expose(), sign_in.user_code.as_deref()), (CODE, Some("VWCG-NTND")));
        assert_eq!((sign_in.expires_in, sign_in.interval), (Duration::from_secs(600), Duration::from_secs(5)));
        assert!(sign_in.rest.is_empty());
        assert!(!format!("{sign_in:?}").contains(CODE));
    }

    #[test]
    fn tokens_are_read_and_do_not_show() {
        let tokens = replay(&token(), "auth_token").expect("an answer");
        assert_eq!(tokens.expires_in, Some(Duration::from_secs(3600)));
        assert_eq!(tokens.token_type.as_deref(), Some("Bearer"));
        assert!(tokens.rest.is_empty());
        let shown = format!("{tokens:?} {:?}", token());
        assert!(!shown.contains(tokens.id_token.expose()) && !shown.contains(CODE), "{shown}");
    }

    #[test]
    fn a_user_who_has_not_signed_in_yet_is_told_from_one_who_said_no() {
        let error = replay(&token(), "auth_token_pending").expect_err("pending");
        assert_eq!(error.server().and_then(|server| server.class.as_deref()), Some("AuthenticationPending"));
        let denied = Secret::new("F9E5RJtUGTJRMugGjNp_xZZwLSodNIKFps_y-5Z0fRW");
        let error = replay(&client().auth().token("test", denied), "auth_token_denied").expect_err("denied");
        assert!(error.server().is_some_and(|server| server.message.contains("access_denied")));
    }

    #[test]
    fn a_refresh_token_is_in_the_body() {
        let call = client().auth().refresh("test", Secret::new("ljdukbgJ29nTDsonTi_hvtLsOT63cC2CRfr11iaPg4i"));
        let request = call.request().expect("a request");
        assert!(!request.uri().to_string().contains("ljdukbg"));
        assert_eq!(request.headers()["x-idds-auth-vo"], "test");
        assert!(replay(&call, "auth_refresh").expect("an answer").refresh_token.is_some());
    }

    #[test]
    fn nobody_signs_in_over_an_open_network() {
        let client = Client::builder("http://idds.example/idds").build().expect("a client");
        let error = client.auth().refresh("test", Secret::new("t")).request().expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}
