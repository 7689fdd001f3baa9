//! ID tokens of OpenID Connect.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use jiff::Timestamp;
use serde::Deserialize;

use super::secret::Secret;
use super::unusable;
use super::validity::Validity;
use crate::{Error, ErrorKind};

/// The ID token that says who asks, and the virtual organisation (VO) whose provider made it.
#[derive(Clone, Debug)]
pub struct Oidc {
    vo: String,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Value(Secret),
    File(PathBuf),
}

impl Oidc {
    /// Uses this ID token.
    pub fn token(vo: impl Into<String>, token: impl Into<String>) -> Self {
        Self { vo: vo.into(), source: Source::Value(Secret::new(token)) }
    }

    /// Uses the ID token in this file.
    ///
    /// The file is one the Python client wrote (`~/.idds/.token`: JSON with the key `id_token`), or holds the bare token.
    /// It is read again when the token in use has expired, so another program may renew it.
    pub fn token_file(vo: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self { vo: vo.into(), source: Source::File(path.into()) }
    }

    pub(super) fn load(&self) -> Result<Bearer, Error> {
        let vo = HeaderValue::from_str(self.vo.trim()).ok().filter(|vo| !vo.is_empty()).ok_or_else(|| {
            Error::new(
                ErrorKind::Configuration,
                format!("{:?} is not a VO; set IDDS_VO to its name, such as atlas", self.vo),
            )
        })?;
        let token = self.source.read()?;
        Ok(Bearer { vo, source: self.source.clone(), token: Mutex::new(token) })
    }
}

impl Source {
    fn read(&self) -> Result<Token, Error> {
        match self {
            Self::Value(secret) => Token::parse(secret.expose(), self),
            Self::File(path) => {
                let text = fs::read_to_string(path)
                    .map(Secret::new)
                    .map_err(|error| unusable(format!("{} cannot be read", self.name())).caused_by(error))?;
                let id_token = token_in_file(text.expose(), path)?;
                Token::parse(id_token.expose(), self)
            }
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Value(_) => "the OIDC token".to_owned(),
            Self::File(path) => format!("the OIDC token in {}", path.display()),
        }
    }
}

fn token_in_file(text: &str, path: &Path) -> Result<Secret, Error> {
    #[derive(Deserialize)]
    struct TokenFile {
        id_token: String,
    }

    if !text.trim_start().starts_with('{') {
        return Ok(Secret::new(text));
    }
    // The source is left out: an error of the JSON reader may quote the text.
    serde_json::from_str::<TokenFile>(text)
        .map(|file| Secret::new(file.id_token))
        .map_err(|_| unusable(format!("the token file {} has no \"id_token\"", path.display())))
}

/// A token in use.
#[derive(Debug)]
pub(crate) struct Bearer {
    vo: HeaderValue,
    source: Source,
    token: Mutex<Token>,
}

impl Bearer {
    /// Returns the VO as it stands in its header.
    pub(super) fn vo(&self) -> &HeaderValue {
        &self.vo
    }

    /// Returns a token that is valid now, as it stands in its header.
    pub(super) fn token(&self, now: Timestamp) -> Result<HeaderValue, Error> {
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if token.validity.check("", now).is_err() {
            *token = self.source.read()?;
            token.validity.check(&self.source.name(), now)?;
        }
        Ok(token.header.clone())
    }
}

#[derive(Debug)]
struct Token {
    header: HeaderValue,
    validity: Validity,
}

impl Token {
    fn parse(text: &str, source: &Source) -> Result<Self, Error> {
        let text = text.trim();
        let mut header = HeaderValue::from_str(text)
            .ok()
            .filter(|_| !text.is_empty() && !text.contains(char::is_whitespace))
            .ok_or_else(|| unusable(format!("{} is empty or not a token", source.name())))?;
        header.set_sensitive(true);
        Ok(Self { header, validity: claims(text).unwrap_or_default().into() })
    }
}

/// The part of a token that says when it is valid: only read, never trusted.
#[derive(Default, Deserialize)]
struct Claims {
    exp: Option<f64>,
    nbf: Option<f64>,
}

/// Reads the claims of a JWT; none for a token of another form, about which only the server can judge.
fn claims(token: &str) -> Option<Claims> {
    let payload = token.split('.').nth(1)?.trim_end_matches('=');
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

impl From<Claims> for Validity {
    fn from(claims: Claims) -> Self {
        let moment = |seconds: Option<f64>| Timestamp::from_second(seconds? as i64).ok();
        Self { not_before: moment(claims.nbf), not_after: moment(claims.exp) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), text).expect("written");
        file
    }

    #[test]
    fn an_expired_token_is_refused_before_it_is_sent() {
        let bearer = Oidc::token("atlas", jwt(r#"{"exp": 10000}"#)).load().expect("a token");
        assert!(bearer.token(at(9_999)).is_ok());
        let error = bearer.token(at(10_000 + 3 * 3_600)).expect_err("expired");
        assert_eq!(error.kind(), ErrorKind::Credential);
        assert_eq!(error.to_string(), "the OIDC token expired 3 h ago, at 1970-01-01 02:46:40 UTC");
    }

    #[test]
    fn a_token_never_shows() {
        let token = jwt(r#"{"exp": 10000}"#);
        let oidc = Oidc::token("atlas", &token);
        let bearer = oidc.load().expect("a token");
        let error = bearer.token(at(20_000)).expect_err("expired");
        let header = bearer.token(at(1)).expect("a token");
        assert!(
            ![format!("{oidc:?}"), format!("{bearer:?}"), format!("{error:?} {header:?}")].concat().contains(&token)
        );
    }

    #[test]
    fn a_renewed_file_is_read_when_the_token_expires() {
        let file = file(&format!(r#"{{"access_token": "x", "id_token": "{}"}}"#, jwt(r#"{"exp": 100}"#)));
        let bearer = Oidc::token_file("atlas", file.path()).load().expect("a token");
        let old = bearer.token(at(50)).expect("valid");
        fs::write(file.path(), format!("{}\n", jwt(r#"{"exp": 1000}"#))).expect("written");
        assert_eq!(bearer.token(at(50)).expect("still valid"), old);
        assert_ne!(bearer.token(at(500)).expect("renewed"), old);
        let error = bearer.token(at(5_000)).expect_err("expired");
        assert!(
            error.to_string().starts_with(&format!("the OIDC token in {} expired 66 min ago", file.path().display()))
        );
    }

    #[test]
    fn a_missing_or_foreign_file_is_named() {
        let error = Oidc::token_file("atlas", "/nowhere/token").load().expect_err("missing");
        assert_eq!(error.to_string(), "the OIDC token in /nowhere/token cannot be read");
        let file = file(r#"{"access_token": "secret"}"#);
        let error = Oidc::token_file("atlas", file.path()).load().expect_err("no ID token");
        assert_eq!(error.to_string(), format!("the token file {} has no \"id_token\"", file.path().display()));
        assert!(!format!("{error:?}").contains("secret"));
    }

    #[test]
    fn a_token_of_another_form_is_left_to_the_server() {
        for text in ["opaque", "a.b.c", "a.bnVsbA.c", ""] {
            assert_eq!(Oidc::token("atlas", text).load().is_ok(), !text.is_empty(), "{text:?}");
        }
    }

    #[test]
    fn a_token_needs_a_vo() {
        let error = Oidc::token(" ", "t").load().expect_err("no VO");
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}
