//! What every answer says of the server that gave it, to whom it knows.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};

use crate::token;

/// Says what kind of server it is, with its version, such as `idds-local/0.1.0`; iDDS has no such header.
const SERVER: HeaderName = HeaderName::from_static("x-idds-server");

/// Says which database it is: an id that was drawn when that was made.
const DATABASE: HeaderName = HeaderName::from_static("x-idds-database");

/// What a server is, in the form of headers.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    server: HeaderValue,
    database: HeaderValue,
}

impl Identity {
    /// The identity of a server with this database.
    pub(crate) fn new(rules: Rules, database: &str) -> Self {
        let server = match rules {
            Rules::Own => concat!("idds-local/", env!("CARGO_PKG_VERSION")),
            Rules::V2_6_21 => concat!("idds-local/", env!("CARGO_PKG_VERSION"), "; like=2.6.21"),
        };
        let database =
            HeaderValue::from_str(database).unwrap_or(HeaderValue::from_static("unknown"));
        Self {
            server: HeaderValue::from_static(server),
            database,
        }
    }
}

/// By which rules requests live.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Rules {
    /// Those of this server: what it cannot run fails with the reason, and what it can run comes to its end.
    #[default]
    Own,
    /// Those of iDDS 2.6.21, with the defects that decide how a workflow ends.
    V2_6_21,
}

/// Adds the identity to every answer, errors included, for who has shown the token.
pub(crate) async fn name(
    State(identity): State<Identity>,
    request: Request,
    next: Next,
) -> Response {
    let is_let_in = token::is_shown(&request);
    let mut response = next.run(request).await;
    if !is_let_in {
        return response;
    }
    let headers = response.headers_mut();
    headers.insert(SERVER, identity.server);
    headers.insert(DATABASE, identity.database);
    response
}
