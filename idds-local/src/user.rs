//! Who asks, as far as that decides whose requests they may command.
//!
//! iDDS knows a user by their certificate or token, and lets its super users, such as PanDA, say for whom they ask. Neither can be
//! shown without TLS and a provider. Here, who has the token of the server is what a super user is there: the name that they give
//! counts, and without one it is that of everybody who gives none.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use rusqlite::{Connection, OptionalExtension};

use crate::answer::Failure;

/// Header by which a client says for whom it asks: `set_original_user(user_name=…)` of the Python client.
const ORIGINAL: &str = "x-idds-auth-username-original";

/// Name of who gives none.
const LOCAL: &str = "local";

/// The user who asks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct User(String);

impl User {
    /// Everybody who gives no name.
    #[cfg(test)]
    pub(crate) fn local() -> Self {
        Self(LOCAL.to_owned())
    }

    /// The user that a request to the server is made for.
    fn of(parts: &Parts) -> Self {
        // As Python's servers read headers, byte by byte.
        let name = parts.headers.get(ORIGINAL).map(|name| {
            name.as_bytes()
                .iter()
                .copied()
                .map(char::from)
                .collect::<String>()
        });
        Self(
            name.as_deref()
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .unwrap_or(LOCAL)
                .to_owned(),
        )
    }

    /// Returns the name.
    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    /// Tells whether a request of this owner is theirs to command; one without an owner is everybody's.
    pub(crate) fn may_command(&self, owner: Option<&str>) -> bool {
        owner.is_none_or(|owner| owner.is_empty() || owner == self.0)
    }

    /// Refuses what is for the owner of a request alone; `what` says what it is, such as `update`.
    ///
    /// A request that is not there is nobody's.
    pub(crate) fn check(
        &self,
        connection: &Connection,
        request: i64,
        what: &str,
    ) -> rusqlite::Result<Result<(), Failure>> {
        let sql = "SELECT username FROM requests WHERE request_id = ?1";
        let owner: Option<Option<String>> = connection
            .prepare_cached(sql)?
            .query_row([request], |row| row.get(0))
            .optional()?;
        if self.may_command(owner.flatten().as_deref()) {
            return Ok(Ok(()));
        }
        let details = format!(
            "User {} has no permission to {what} request {request}",
            self.0
        );
        Ok(Err(Failure::no_permission(&details)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn named(name: Option<&str>) -> User {
        let mut request = Request::builder();
        if let Some(name) = name {
            request = request.header(ORIGINAL, name);
        }
        User::of(&request.body(()).expect("a request").into_parts().0)
    }

    #[test]
    fn a_user_has_the_name_that_is_given() {
        for (given, name) in [
            (None, LOCAL),
            (Some(""), LOCAL),
            (Some("  "), LOCAL),
            (Some(" CN=Ada "), "CN=Ada"),
        ] {
            assert_eq!(named(given).name(), name);
        }
    }

    #[test]
    fn a_request_is_commanded_by_its_owner_alone_and_one_without_by_everybody() {
        let ada = named(Some("ada"));
        for (owner, may) in [
            (None, true),
            (Some(""), true),
            (Some("ada"), true),
            (Some("Ada"), false),
            (Some("bob"), false),
        ] {
            assert_eq!(ada.may_command(owner), may, "{owner:?}");
        }
    }
}
