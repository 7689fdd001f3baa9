//! Where an ID token comes from.

use super::{Secret, TokenFile, Tokens, unusable};
use crate::Error;

/// The token itself, or the file that it is in.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Value(Secret),
    File(TokenFile),
}

impl Source {
    pub(super) fn read(&self) -> Result<Tokens, Error> {
        match self {
            Self::Value(secret) if secret.expose().trim().is_empty() => {
                Err(unusable("the OIDC token is empty"))
            }
            Self::Value(secret) => Ok(Tokens::bare(secret.expose())),
            Self::File(file) => file.load(),
        }
    }

    pub(super) fn name(&self) -> String {
        match self {
            Self::Value(_) => "the OIDC token".to_owned(),
            Self::File(file) => format!("the OIDC token in {}", file.path().display()),
        }
    }
}
