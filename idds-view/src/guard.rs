//! Who may use the page: its reader, from the page itself.
//!
//! Every user of this machine can connect to the loopback interface, and every page that the reader visits can have the browser
//! send requests there. The token in the address keeps out the former. The latter is told by what the browser says of a request, which a
//! page cannot forge: where it comes from (`Origin`, `Sec-Fetch-Site`), and the name that the page knows the server by (`Host`).

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderValue};
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderName, Method, StatusCode, Uri};

use crate::page::trouble;
use crate::token::Token;

/// What the page may load and where it may lead: nothing but this server, and no script that stands in the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the server is known by.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) token: Token,
    pub(crate) port: u16,
}

/// Takes the token out of a request and lets it in, or refuses it.
pub(crate) async fn check(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let response = match door.open(&mut request) {
        Ok(()) => next.run(request).await,
        Err((status, why)) => trouble(None, status, why).into_response(),
    };
    with_policy(response)
}

/// Adds what tells the browser to keep the page apart from all others.
fn with_policy(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    // With `no-referrer`, browsers say `Origin: null` in what the forms of the page send, too. The token goes to nobody else.
    set(header::REFERRER_POLICY, "same-origin");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

impl Door {
    /// Takes the token out of the address of a request that may be served.
    fn open(&self, request: &mut Request) -> Result<(), (StatusCode, &'static str)> {
        if !self.is_for_us(request.uri(), request.headers()) {
            let why = "The request is for another server: the page is at http://127.0.0.1 or http://localhost, with its port.";
            return Err((StatusCode::FORBIDDEN, why));
        }
        let Some((token, rest)) = split(request.uri()) else {
            return Err((StatusCode::UNAUTHORIZED, LET_IN));
        };
        if !self.token.is(&token) {
            return Err((StatusCode::UNAUTHORIZED, LET_IN));
        }
        if !is_of_the_page(request.method(), request.headers()) {
            let why = "Only the page itself may send this.";
            return Err((StatusCode::FORBIDDEN, why));
        }
        *request.uri_mut() = rest;
        Ok(())
    }

    /// Tells whether a request is for this server, by a name that nobody else can give it.
    fn is_for_us(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return false;
        };
        let host = host.to_str().ok().and_then(|host| host.parse().ok());
        let named = uri.authority().is_none_or(|named| self.is_ours(named));
        named && host.is_some_and(|host| self.is_ours(&host))
    }

    fn is_ours(&self, authority: &Authority) -> bool {
        let host = authority.host();
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let is_loopback = match address.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => host.eq_ignore_ascii_case("localhost"),
        };
        is_loopback && authority.port_u16().unwrap_or(80) == self.port
    }
}

/// What is said to who does not show the token; the same on every path.
const LET_IN: &str = "This page is only for the user who started it: take the address that the command printed last, with its token, \
                      http://127.0.0.1:PORT/TOKEN/.";

/// Tells whether the page itself, or its reader, sends a request.
fn is_of_the_page(method: &Method, headers: &HeaderMap) -> bool {
    let Some(host) = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
    else {
        return false;
    };
    let is_own = |origin: &HeaderValue| {
        let origin = origin.to_str().ok();
        let authority = origin.and_then(|origin| origin.strip_prefix("http://"));
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
    };
    if !headers.get_all(header::ORIGIN).iter().all(is_own) {
        return false;
    }
    let says = |name: &str, word: &str| headers.get(name).is_some_and(|value| value == word);
    // A link in a mail or a chat may lead to the page, as a whole and in a window of its own.
    let is_visit = *method == Method::GET
        && says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document");
    let mut sites = headers.get_all("sec-fetch-site").iter();
    is_visit || sites.all(|site| site == "same-origin" || site == "none" && *method == Method::GET)
}

/// Returns the first part of a path, which is to be the token, and the address without it.
fn split(uri: &Uri) -> Option<(String, Uri)> {
    let path = uri.path().strip_prefix('/')?;
    let (token, rest) = match path.find('/') {
        Some(at) => path.split_at(at),
        None => (path, "/"),
    };
    let rest = match uri.query() {
        Some(query) => format!("{rest}?{query}"),
        None => rest.to_owned(),
    };
    let rest = PathAndQuery::try_from(rest).ok()?;
    Some((token.to_owned(), rest.into()))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn door() -> Door {
        Door {
            token: Token::draw().expect("a token"),
            port: 8500,
        }
    }

    fn opened(method: &str, door: &Door, headers: &[(&str, &str)]) -> Result<String, u16> {
        let path = format!("/{}/request/3?a=b", door.token.expose());
        let mut builder = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            builder = builder.header("host", "127.0.0.1:8500");
        }
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let mut request = builder.body(Body::empty()).expect("a request");
        match door.open(&mut request) {
            Ok(()) => Ok(request.uri().to_string()),
            Err((status, _)) => Err(status.as_u16()),
        }
    }

    #[test]
    fn the_token_is_taken_out_of_the_address() {
        let door = door();
        assert_eq!(opened("GET", &door, &[]), Ok("/request/3?a=b".to_owned()));
        for (path, expected) in [("/", false), ("/token_00/", false), ("/x/request/3", false)] {
            let mut request = Request::builder()
                .uri(path)
                .header("host", "localhost:8500");
            request = request.method("GET");
            let mut request = request.body(Body::empty()).expect("a request");
            assert_eq!(door.open(&mut request).is_ok(), expected, "{path}");
        }
    }

    #[test]
    fn only_names_of_the_loopback_interface_with_the_port_are_ours() {
        let door = door();
        for (host, expected) in [
            ("localhost:8500", Ok(())),
            ("[::1]:8500", Ok(())),
            ("127.0.0.1:8501", Err(403)),
            ("127.0.0.1", Err(403)),
            ("attacker.example:8500", Err(403)),
            ("localhost.attacker.example:8500", Err(403)),
            ("192.0.2.1:8500", Err(403)),
        ] {
            let opened = opened("GET", &door, &[("host", host)]).map(drop);
            assert_eq!(opened, expected, "{host}");
        }
    }

    #[test]
    fn another_page_can_neither_read_nor_do_anything() {
        let door = door();
        let visit = [
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        for (method, headers, expected) in [
            ("GET", vec![("sec-fetch-site", "same-origin")], true),
            ("GET", vec![("sec-fetch-site", "none")], true),
            ("GET", vec![("sec-fetch-site", "cross-site")], false),
            // Another port of this machine is another origin of the same site.
            ("GET", vec![("sec-fetch-site", "same-site")], false),
            (
                "GET",
                [vec![("sec-fetch-site", "cross-site")], visit.to_vec()].concat(),
                true,
            ),
            (
                "POST",
                [vec![("sec-fetch-site", "cross-site")], visit.to_vec()].concat(),
                false,
            ),
            (
                "POST",
                vec![
                    ("sec-fetch-site", "same-origin"),
                    ("origin", "http://127.0.0.1:8500"),
                ],
                true,
            ),
            ("POST", vec![("origin", "http://127.0.0.1:8501")], false),
            ("POST", vec![("origin", "https://127.0.0.1:8500")], false),
            ("POST", vec![("origin", "null")], false),
            ("POST", vec![("sec-fetch-site", "none")], false),
            (
                "POST",
                vec![
                    ("origin", "http://127.0.0.1:8500"),
                    ("origin", "http://x.example"),
                ],
                false,
            ),
            // No browser: who has the token may use it.
            ("POST", vec![], true),
        ] {
            let opened = opened(method, &door, &headers);
            assert_eq!(opened.is_ok(), expected, "{method} {headers:?}");
        }
    }
}
