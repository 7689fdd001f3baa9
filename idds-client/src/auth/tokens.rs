//! The tokens of a sign-in.

use std::fmt;

use serde_json::{Map, Value};

use super::{Secret, TokenInfo, unusable};
use crate::Error;

/// The tokens of one sign-in: the answer of the provider, which iDDS passes on.
///
/// Its text never shows; [`info`](Self::info) says what is in the token that is sent.
#[derive(Clone)]
pub struct Tokens {
    id_token: Option<Secret>,
    access_token: Option<Secret>,
    refresh_token: Option<Secret>,
    other: Map<String, Value>,
}

impl Tokens {
    /// Reads the JSON of an answer or a file.
    pub(crate) fn from_json(value: Value) -> Result<Self, Error> {
        let Value::Object(mut other) = value else {
            return Err(unusable("what should hold tokens is not a JSON object"));
        };
        let mut take = |name: &str| match other.remove(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(Secret::new(text.trim())),
            _ => None,
        };
        let tokens = (
            take("id_token"),
            take("access_token"),
            take("refresh_token"),
        );
        let tokens = Self {
            id_token: tokens.0,
            access_token: tokens.1,
            refresh_token: tokens.2,
            other,
        };
        if tokens.bearer().is_none() {
            return Err(unusable(
                "there is no \"id_token\", and no \"access_token\" that is a JWT",
            ));
        }
        Ok(tokens)
    }

    /// Wraps an ID token that stands alone.
    pub(super) fn bare(id_token: &str) -> Self {
        Self {
            id_token: Some(Secret::new(id_token.trim())),
            access_token: None,
            refresh_token: None,
            other: Map::new(),
        }
    }

    /// Returns the JSON that the Python client keeps in its token file.
    pub(super) fn to_json(&self) -> Secret {
        let mut all = self.other.clone();
        for (name, token) in [
            ("access_token", &self.access_token),
            ("id_token", &self.id_token),
            ("refresh_token", &self.refresh_token),
        ] {
            if let Some(token) = token {
                all.insert(name.to_owned(), token.expose().into());
            }
        }
        Secret::new(Value::Object(all).to_string())
    }

    /// Takes over what a refresh need not repeat: the refresh token, when the provider does not rotate it.
    pub(super) fn or_refresh_token_of(mut self, old: &Self) -> Self {
        self.refresh_token = self.refresh_token.or_else(|| old.refresh_token.clone());
        self
    }

    /// Returns the ID token; none when the provider gave only an access token, as for client credentials.
    pub fn id_token(&self) -> Option<&Secret> {
        self.id_token.as_ref()
    }

    /// Returns the access token.
    pub fn access_token(&self) -> Option<&Secret> {
        self.access_token.as_ref()
    }

    /// Returns the token that gets new ones.
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// Returns the claims of the token that is sent; none when it is not a JWT.
    pub fn info(&self) -> Option<TokenInfo> {
        TokenInfo::read(self.bearer()?)
    }

    /// Returns the token that is sent: the ID token, else an access token with claims, which the server checks likewise.
    pub(super) fn bearer(&self) -> Option<&Secret> {
        let is_jwt = |token: &&Secret| TokenInfo::read(token).is_some();
        self.id_token
            .as_ref()
            .or_else(|| self.access_token.as_ref().filter(is_jwt))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("id_token", &self.id_token)
            .field("access_token", &self.access_token)
            .field("refresh_token", &self.refresh_token)
            .finish_non_exhaustive() // a provider may hide a secret in any other key
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::jwt;
    use super::*;

    #[test]
    fn everything_a_provider_says_comes_back() {
        let answer = json!({"access_token": "a", "expires_in": 3600, "id_token": "i", "refresh_token": "r", "x": [1]});
        let tokens = Tokens::from_json(answer.clone()).expect("tokens");
        let written: Value = serde_json::from_str(tokens.to_json().expose()).expect("JSON");
        assert_eq!(written, answer);
        assert_eq!(format!("{tokens:?}").matches("[redacted]").count(), 3);
    }

    #[test]
    fn an_access_token_serves_when_it_has_claims() {
        let claims = jwt(r#"{"sub": "robot"}"#);
        let tokens = Tokens::from_json(json!({"access_token": claims})).expect("tokens");
        assert_eq!(
            tokens.info().expect("claims").subject.as_deref(),
            Some("robot")
        );
        for unfit in [
            json!({"access_token": "opaque"}),
            json!({}),
            json!("eyJ"),
            json!({"id_token": ""}),
        ] {
            let error = Tokens::from_json(unfit).expect_err("no token");
            assert!(!format!("{error:?}").contains("eyJ"), "{error:?}");
        }
    }

    #[test]
    fn a_refresh_token_stays_until_it_is_rotated() {
        let old =
            Tokens::from_json(json!({"id_token": "i", "refresh_token": "old"})).expect("tokens");
        for (answer, expected) in [
            (json!({"id_token": "j"}), "old"),
            (json!({"id_token": "j", "refresh_token": "new"}), "new"),
        ] {
            let new = Tokens::from_json(answer)
                .expect("tokens")
                .or_refresh_token_of(&old);
            assert_eq!(new.refresh_token().map(Secret::expose), Some(expected));
        }
    }
}
