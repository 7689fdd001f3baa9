//! The claims of a token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::Secret;
use super::validity::Validity;

/// The claims of an ID token: read without checking its signature, never trusted, and safe to show.
///
/// What the Python client prints as `get_oidc_token_info`, without the token itself.
///
/// ```
/// use idds_client::{Secret, TokenInfo};
///
/// let token = Secret::new("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEiLCJleHAiOjE2MDAwMDAwMDB9.");
/// let info = TokenInfo::read(&token).ok_or("it has no claims")?;
/// assert_eq!(info.subject.as_deref(), Some("ada"));
/// assert_eq!(info.expires_at.map(|end| end.as_second()), Some(1_600_000_000));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TokenInfo {
    /// Address of the provider that made it (`iss`).
    pub issuer: Option<String>,
    /// The holder as the provider knows them (`sub`).
    pub subject: Option<String>,
    /// The name that iDDS gives to the requests of the holder (`name`); without one they belong to nobody.
    pub name: Option<String>,
    /// Address for mail (`email`).
    pub email: Option<String>,
    /// For whom it was made (`aud`): the server wants exactly its own client id or audience.
    pub audience: Vec<String>,
    /// When it was made (`iat`).
    pub issued_at: Option<Timestamp>,
    /// From when it is valid (`nbf`).
    pub not_before: Option<Timestamp>,
    /// Until when it is valid (`exp`).
    pub expires_at: Option<Timestamp>,
    /// Every claim as it stands in the token, those above included.
    pub claims: Map<String, Value>,
}

impl TokenInfo {
    /// Reads the claims of a JWT; none for a token of another form, about which only the server can judge.
    pub fn read(token: &Secret) -> Option<Self> {
        let payload = token.expose().split('.').nth(1)?.trim_end_matches('=');
        let claims: Map<String, Value> =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        let text = |name: &str| claims.get(name)?.as_str().map(ToOwned::to_owned);
        let moment = |name: &str| Timestamp::from_second(claims.get(name)?.as_f64()? as i64).ok();
        let audience = match claims.get("aud") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(all)) => all
                .iter()
                .filter_map(Value::as_str)
                .map(ToOwned::to_owned)
                .collect(),
            _ => Vec::new(),
        };
        Some(Self {
            issuer: text("iss"),
            subject: text("sub"),
            name: text("name"),
            email: text("email"),
            audience,
            issued_at: moment("iat"),
            not_before: moment("nbf"),
            expires_at: moment("exp"),
            claims,
        })
    }

    /// Returns how long it is still valid; negative once it has expired, none when it never expires.
    pub fn remaining(&self, now: Timestamp) -> Option<SignedDuration> {
        Some(self.expires_at?.duration_since(now))
    }

    pub(super) fn validity(&self) -> Validity {
        Validity {
            not_before: self.not_before,
            not_after: self.expires_at,
        }
    }

    /// Returns from when on a new token should be asked for: a tenth of the lifetime before the end, at most 5 minutes.
    pub(super) fn renewal(&self) -> Option<Timestamp> {
        let end = self.expires_at?;
        let margin = match self.issued_at {
            Some(start) => (end.duration_since(start) / 10)
                .clamp(SignedDuration::ZERO, SignedDuration::from_mins(5)),
            None => SignedDuration::from_mins(1),
        };
        Some(end.saturating_sub(margin).unwrap_or(end))
    }
}

#[cfg(test)]
mod tests {
    use super::super::jwt;
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn claims_are_read_and_the_token_does_not_show() {
        let token = Secret::new(jwt(
            r#"{"iss": "https://iam.example", "sub": "4711", "name": "Ada", "aud": "idds", "exp": 7200, "iat": 3600.9}"#,
        ));
        let info = TokenInfo::read(&token).expect("claims");
        assert_eq!(info.issuer.as_deref(), Some("https://iam.example"));
        assert_eq!(
            (info.subject.as_deref(), info.name.as_deref()),
            (Some("4711"), Some("Ada"))
        );
        assert_eq!(info.audience, ["idds"]);
        assert_eq!(
            (info.issued_at, info.expires_at),
            (Some(at(3600)), Some(at(7200)))
        );
        assert_eq!(info.remaining(at(7080)), Some(SignedDuration::from_mins(2)));
        assert!(
            info.remaining(at(7201))
                .is_some_and(|left| left.is_negative())
        );
        assert!(!format!("{info:?}").contains(token.expose()));
    }

    #[test]
    fn a_token_is_renewed_a_tenth_of_its_life_before_the_end() {
        let renewal = |claims: &str| {
            TokenInfo::read(&Secret::new(jwt(claims)))
                .expect("claims")
                .renewal()
        };
        assert_eq!(renewal(r#"{"iat": 0, "exp": 600}"#), Some(at(540)));
        assert_eq!(renewal(r#"{"iat": 0, "exp": 36000}"#), Some(at(35_700)));
        assert_eq!(renewal(r#"{"iat": 900, "exp": 600}"#), Some(at(600)));
        assert_eq!(renewal(r#"{"exp": 600}"#), Some(at(540)));
        assert_eq!(renewal("{}"), None);
    }

    #[test]
    fn a_token_of_another_form_has_no_claims() {
        for token in ["opaque", "a.b.c", "a.bnVsbA.c", ""] {
            assert_eq!(TokenInfo::read(&Secret::new(token)), None, "{token:?}");
        }
        let odd = TokenInfo::read(&Secret::new(jwt(
            r#"{"exp": "soon", "aud": [7], "iat": 1e300}"#,
        )))
        .expect("claims");
        assert_eq!(
            (odd.expires_at, odd.audience.len(), odd.issued_at),
            (None, 0, None)
        );
    }
}
