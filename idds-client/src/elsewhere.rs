//! Errors for answers that are not from iDDS, or from iDDS at another address.

use http::{Method, StatusCode};
use idds_workflow::printable;

use crate::auth::without_keys;
use crate::host::Host;
use crate::server_error::{ServerError, page_title};
use crate::{Error, ErrorKind};

/// What was asked for, as far as it tells what an answer means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) host: &'a Host,
    pub(crate) method: &'a Method,
    /// Below the address of the server, as it is sent.
    pub(crate) path: &'a str,
    /// The same without what is secret in it.
    pub(crate) shown: &'a str,
    /// Length of the body, in bytes.
    pub(crate) len: usize,
    /// Whether iDDS would answer with a token, so that an answer is not shown.
    pub(crate) is_for_secret: bool,
}

/// Longest beginning of a foreign answer that is shown, in characters.
const SHOWN: usize = 80;

impl Asked<'_> {
    /// Says more of an answer that is not one of iDDS at this address; `body` is the answer, or its beginning.
    pub(crate) fn explain(&self, error: Error, body: &[u8]) -> Error {
        let explained = match error.server() {
            Some(server) if server.status.is_redirection() => Some((
                ErrorKind::Configuration,
                self.redirect(server.status, server.location.as_deref()),
            )),
            Some(server) => self.failure(server, body),
            None if error.kind() == ErrorKind::Answer => {
                Some((ErrorKind::Answer, self.answer(&error, body)))
            }
            None => None,
        };
        match explained {
            Some((kind, what)) => error.saying(kind, what),
            None => error,
        }
    }

    /// Says where a redirect leads, and what to do about it.
    fn redirect(&self, status: StatusCode, location: Option<&str>) -> String {
        let (host, code) = (self.host, status.as_u16());
        let Some(location) = location else {
            return format!(
                "{host} redirects ({code}) and does not say where; is the address right?"
            );
        };
        let place = cleaned(location.split(['?', '#']).next().unwrap_or_default());
        let place = match (
            place.contains("://"),
            place.strip_prefix("//"),
            place.starts_with('/'),
        ) {
            (true, ..) => place,
            (_, Some(_), _) => format!("{}:{place}", self.scheme()),
            (.., true) => format!("{}{place}", host.origin()),
            _ => format!("{}/{place}", host.origin()),
        };
        match self.moved_to(&place).as_deref() {
            Some(prefix) if prefix == host.as_str() => {
                format!(
                    "{host} redirects to itself ({code}): a gateway in front of the server is misconfigured"
                )
            }
            Some(prefix) => {
                format!("the server says that it is at {prefix} ({code}); set the host to that")
            }
            None => {
                let place = if self.path == self.shown {
                    place
                } else {
                    origin(&place)
                };
                let same_machine = format!("https://{}", host.name());
                let wants_tls = !host.is_encrypted()
                    && place
                        .strip_prefix(&same_machine)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']));
                let to = origin(&place);
                let what = match (wants_tls, is_sign_in(&place)) {
                    (true, _) => format!("it wants https; set the host to {}", host.with_other_scheme()),
                    (_, true) => {
                        "that is a page to sign in at by browser, it seems, and iDDS wants a certificate or token"
                            .to_owned()
                    }
                    _ if to != host.origin() => {
                        let path = &host.as_str()[host.origin().len()..];
                        format!("if iDDS has moved there, set the host to {to}{path}")
                    }
                    _ => self.suggestion(),
                };
                format!("{host} redirects to {place} ({code}) instead of answering; {what}")
            }
        }
    }

    /// Returns the address of the server that is meant when it sends to this place: for this route, or for another one of iDDS.
    fn moved_to(&self, place: &str) -> Option<String> {
        let same_route = place.strip_suffix(self.path);
        let start = place.find("://").map_or(0, |index| index + 3);
        let end = |path: &str| {
            path.find("/idds/")
                .or_else(|| path.ends_with("/idds").then(|| path.len() - "/idds".len()))
        };
        let other_route = || Some(&place[..start + end(&place[start..])? + "/idds".len()]);
        let moved = same_route.or_else(|| {
            other_route().filter(|to| *to != self.host.as_str() && !is_sign_in(place))
        })?;
        moved
            .contains("://")
            .then(|| moved.trim_end_matches('/').to_owned())
    }

    /// Says what an answer without success means when iDDS has not given it.
    fn failure(&self, server: &ServerError, body: &[u8]) -> Option<(ErrorKind, String)> {
        let (host, method, path, code) =
            (self.host, self.method, self.shown, server.status.as_u16());
        let text = String::from_utf8_lossy(body);
        let wants_tls = ["plain HTTP", "HTTP request to an HTTPS server"]
            .iter()
            .any(|words| text.contains(words));
        if server.wants_token {
            return Some((server.kind(), self.token()));
        }
        if server.is_of_idds {
            let is_unknown = server
                .message
                .starts_with("The requested REST API is not defined");
            return is_unknown.then(|| {
                let what = format!(
                    "the server at {host} has no call {method} {path} ({code}); {}",
                    self.version_or_address()
                );
                (server.kind(), what)
            });
        }
        match server.status {
            StatusCode::BAD_REQUEST if wants_tls && !host.is_encrypted() => {
                let other = host.with_other_scheme();
                let what = format!(
                    "{host} expects https, and the address says http; set the host to {other}"
                );
                Some((ErrorKind::Configuration, what))
            }
            StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::GONE
            | StatusCode::NOT_IMPLEMENTED
            | StatusCode::HTTP_VERSION_NOT_SUPPORTED => {
                let what = format!(
                    "what answers at {host} is no iDDS server: {code} to {method} {path}{}; {}",
                    said(server),
                    self.suggestion()
                );
                Some((ErrorKind::Configuration, what))
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                let what = format!(
                    "a request of {} bytes is too long for {host} (413); for a workflow with maps, a max_request_length below that \
                     sends it in parts",
                    self.len
                );
                Some((ErrorKind::Refused, what))
            }
            _ => {
                let gist = server.gist();
                let reason = if gist.is_empty() {
                    String::new()
                } else {
                    format!(": {}", printable(&gist))
                };
                let what = match server.kind() {
                    ErrorKind::Unavailable => {
                        format!("{host} cannot serve {method} {path} now ({code}){reason}")
                    }
                    ErrorKind::Unauthorized => {
                        format!(
                            "{host} does not allow {method} {path} to this user ({code}){reason}"
                        )
                    }
                    // A gateway says so, or iDDS when it breaks.
                    _ => format!(
                        "{host} answers {method} {path} with {code}{}, and not as iDDS does; {}",
                        said(server).replacen(" with ", " and ", 1),
                        self.suggestion()
                    ),
                };
                Some((server.kind(), what))
            }
        }
    }

    /// Says of which token an embedded server does not let in without.
    fn token(&self) -> String {
        let host = self.host;
        if host.has_token() {
            return format!(
                "the server at {host} has another token than the one that was sent: take the address that `idds serve` printed \
                 last, or {host} alone, for which `idds` finds the token of a server of yours on this machine"
            );
        }
        format!(
            "the server at {host} requires its token: set the host to the address that `idds serve` printed, which has the token \
             before /idds; without it nobody uses the server of somebody else"
        )
    }

    /// Says what came instead of what iDDS answers.
    fn answer(&self, error: &Error, body: &[u8]) -> String {
        let (host, method, path) = (self.host, self.method, self.shown);
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start();
        let what = match text.chars().next() {
            None => format!("{host} gives an empty answer to {method} {path}, which iDDS does not"),
            Some('<') => {
                let title = page_title(text)
                    .map(|title| cleaned(&title))
                    .unwrap_or_default();
                let shown = if title.is_empty() {
                    String::new()
                } else {
                    format!(", {title:?},")
                };
                let what = format!(
                    "{host} answers {method} {path} with a web page{shown} and not as iDDS does"
                );
                if is_sign_in(&title) {
                    return format!(
                        "{what}; it wants a sign-in by browser, which a program cannot do"
                    );
                }
                what
            }
            Some(_) if !is_json(text) => {
                let line = cleaned(without_keys(text).lines().next().unwrap_or_default());
                format!("{host} answers {method} {path} with {line:?}, and not as iDDS does")
            }
            Some(_) if self.is_for_secret => {
                format!(
                    "{host} answers {method} {path} with {} bytes, and not as iDDS does: {error}",
                    body.len()
                )
            }
            Some(_) => {
                format!(
                    "{host} answers {method} {path} with {}, and not as iDDS does: {error}",
                    beginning(text)
                )
            }
        };
        format!("{what}; {}", self.suggestion())
    }

    /// Says what the address should look like.
    fn suggestion(&self) -> String {
        let (host, origin) = (self.host.as_str(), self.host.origin());
        if host.ends_with("/idds") {
            return "is the address right?".to_owned();
        }
        format!("the address of an iDDS server mostly ends in /idds: try {origin}/idds")
    }

    /// Asks about the address of an iDDS server that lacks a route, unless it is as usual.
    fn version_or_address(&self) -> String {
        if self.host.as_str() == format!("{}/idds", self.host.origin()) {
            "is it a server of this version?".to_owned()
        } else {
            self.suggestion()
        }
    }

    fn scheme(&self) -> &'static str {
        if self.host.is_encrypted() {
            "https"
        } else {
            "http"
        }
    }
}

/// Says whether a text begins as JSON does.
fn is_json(text: &str) -> bool {
    text.starts_with([
        '{', '[', '"', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
    ]) || ["null", "true", "false"]
        .iter()
        .any(|word| text.starts_with(word))
}

/// Shows the beginning of an answer in one line.
fn beginning(text: &str) -> String {
    let mut words = String::new();
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
        if words.len() > 4 * SHOWN {
            break;
        }
    }
    match words.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", printable(&words[..end])),
        None => printable(&words).into_owned(),
    }
}

/// Shows what something else than iDDS says about a failure, if it says anything.
fn said(server: &ServerError) -> String {
    let gist = server.gist();
    match gist.as_str() {
        "" => String::new(),
        json if is_json(json) => format!(" with {}", beginning(json)),
        text => format!(" with {text:?}"),
    }
}

/// Says whether a page is one to sign in at, by the words in its title or address.
fn is_sign_in(text: &str) -> bool {
    let text = text.to_lowercase();
    let words = [
        "login",
        "log in",
        "logon",
        "signin",
        "sign in",
        "sign-in",
        "sso",
        "oauth",
        "saml",
        "openid",
        "shibboleth",
    ];
    words.iter().any(|word| text.contains(word))
        || text.contains("/auth")
        || text.contains("://auth")
}

/// Takes away what is no part of a line, and the end of what is very long.
fn cleaned(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Returns the address without its path.
fn origin(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return String::new();
    };
    format!("{scheme}://{}", rest.split('/').next().unwrap_or_default())
}
