//! The kind of server: iDDS or the embedded one.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use http::{HeaderMap, StatusCode};

/// Header by which the embedded server says what it is.
const HEADER: &str = "x-idds-server";

/// Header by which the embedded server says which database it has.
const DATABASE: &str = "x-idds-database";

/// Which kind of server answers.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Server {
    /// An iDDS server, or the embedded one that plays its version 2.6.21 with its defects.
    Idds,
    /// The embedded server by its own rules: what `idds serve` starts, and what the crate `idds-local` is.
    Embedded,
}

/// What the last answer said about the server.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    kind: AtomicU8,
    database: Mutex<Option<String>>,
}

const IDDS: u8 = 1;
const EMBEDDED: u8 = 2;

impl Seen {
    /// Records what an answer says about its server.
    ///
    /// What does not say that it comes from the embedded server is iDDS's only when it is a success: it may come from a gateway.
    pub(crate) fn note(&self, status: StatusCode, headers: &HeaderMap) {
        let kind = match headers
            .get(HEADER)
            .map(|value| value.to_str().unwrap_or_default())
        {
            Some(server) if server.starts_with("idds-local/") && !server.contains("like=") => {
                EMBEDDED
            }
            Some(_) => IDDS,
            None if status.is_success() => IDDS,
            None => return,
        };
        self.kind.store(kind, Ordering::Relaxed);
        let id = headers.get(DATABASE).and_then(|id| id.to_str().ok());
        let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        if database.as_deref() != id {
            *database = id.map(str::to_owned);
        }
    }

    /// Returns the id of the database; none where the server has not told it.
    pub(crate) fn database(&self) -> Option<String> {
        self.database
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the kind; none before the first answer.
    pub(crate) fn kind(&self) -> Option<Server> {
        match self.kind.load(Ordering::Relaxed) {
            IDDS => Some(Server::Idds),
            EMBEDDED => Some(Server::Embedded),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_server_is_known_by_its_last_answer() {
        let seen = Seen::default();
        let says = |status: u16, server: Option<&'static str>| {
            let headers = server.map(|server| {
                (
                    http::HeaderName::from_static(HEADER),
                    HeaderValue::from_static(server),
                )
            });
            seen.note(
                StatusCode::from_u16(status).expect("a status"),
                &headers.into_iter().collect(),
            );
            seen.kind()
        };
        assert_eq!(says(502, None), None);
        assert_eq!(says(404, Some("idds-local/0.1.0")), Some(Server::Embedded));
        assert_eq!(says(502, None), Some(Server::Embedded));
        assert_eq!(
            says(200, Some("idds-local/0.1.0; like=2.6.21")),
            Some(Server::Idds)
        );
        assert_eq!(says(200, Some("idds-local/0.1.0")), Some(Server::Embedded));
        assert_eq!(says(200, None), Some(Server::Idds));
    }

    #[test]
    fn a_database_is_known_by_the_last_answer_of_its_server() {
        let seen = Seen::default();
        let says = |status: u16, id: Option<&'static str>| {
            let headers = id.map(|id| {
                (
                    http::HeaderName::from_static(DATABASE),
                    HeaderValue::from_static(id),
                )
            });
            seen.note(
                StatusCode::from_u16(status).expect("a status"),
                &headers.into_iter().collect(),
            );
            seen.database()
        };
        assert_eq!(says(200, Some("a")).as_deref(), Some("a"));
        assert_eq!(says(502, None).as_deref(), Some("a"), "a gateway has none");
        assert_eq!(says(200, Some("b")).as_deref(), Some("b"));
        assert_eq!(says(200, None), None);
    }
}
