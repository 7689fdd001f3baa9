//! Refreshing tokens.

use bytes::Bytes;
use http::Response;
use serde_json::json;

use super::{Authentication, prepared, provider_code, succeeded, tokens};
use crate::endpoint::Confided;
use crate::route;
use crate::{Call, Error, ErrorKind, Secret, Tokens};

impl Authentication {
    /// Exchanges a refresh token for new tokens.
    ///
    /// A provider may rotate the refresh token: then the old one is spent, and using it again revokes the new one. A client with
    /// [`Oidc::token_file`](crate::Oidc::token_file) does this by itself.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] when the provider does not take the refresh token (any more): sign in again.
    pub fn refresh(&self, vo: impl Into<String>, refresh_token: impl Into<Secret>) -> Call<Tokens> {
        let (vo, token) = (vo.into(), refresh_token.into());
        let sent = token.clone();
        Call::plain(
            &self.client,
            &route::REFRESH_TOKEN,
            |draft| {
                let body = json!({"refresh_token": sent.expose()});
                let mut request = draft.text("vo", "VO", &vo)?.json(&body)?;
                request.extensions_mut().insert(Confided(sent));
                prepared(&self.client, &vo, request)
            },
            move |response| answer(response, &token),
        )
    }
}

fn answer(response: &Response<Bytes>, token: &Secret) -> Result<Tokens, Error> {
    match succeeded(response, token) {
        Err(refusal) if provider_code(&refusal) == Some("invalid_grant") => {
            let what = "the provider does not accept the refresh token any more; sign in again";
            Err(Error::new(ErrorKind::Credential, what).caused_by(Error::from(refusal)))
        }
        Err(refusal) => Err(refusal.into()),
        Ok(()) => tokens(response, token),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::transport::recorded::{client, replay};

    const OLD: &str = "the-old-one";

    #[test]
    fn new_tokens_come_with_a_new_refresh_token() {
        let call = client().auth().refresh("test", OLD);
        let request = call.request().expect("a request");
        let body: Value = serde_json::from_slice(request.body()).expect("JSON");
        assert_eq!(body, json!({"refresh_token": OLD}));
        assert!(!request.uri().to_string().contains(OLD));
        let tokens = replay(&call, "auth_refresh").expect("tokens");
        assert!(
            tokens
                .refresh_token()
                .is_some_and(|new| new.expose() != OLD)
        );
    }

    #[test]
    fn a_spent_refresh_token_asks_for_a_new_sign_in() {
        for (token, name) in [
            ("any", "auth_refresh_revoked"),
            ("nothing", "auth_refresh_unknown"),
        ] {
            let error = replay(&client().auth().refresh("test", token), name).expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::Credential);
            assert_eq!(
                error.to_string(),
                "the provider does not accept the refresh token any more; sign in again"
            );
        }
    }

    #[test]
    fn a_refresh_token_shows_nowhere() {
        let call = client().auth().refresh("test", "r3fresh");
        let response = Response::builder()
            .status(500)
            .body(Bytes::from("cannot use r3fresh"))
            .expect("a response");
        let error = call.answer(&response).expect_err("refused");
        let odd = call
            .answer(&Response::new(Bytes::from("\"r3fresh\"")))
            .expect_err("no tokens");
        let shown = format!("{call:?} {error:?} {error} {odd:?}");
        assert!(!shown.contains("r3fresh"), "{shown}");
    }
}
