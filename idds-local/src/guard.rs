//! Who may talk to the server: no page of a browser, and nobody who knows it by another name than its own.
//!
//! A page that a person visits can have the browser send requests to this machine. What the browser says of them cannot be
//! forged by the page: where the page is from (`Origin`, `Sec-Fetch-Site`), and the name that the page knows the server by (`Host`).
//! Clients of iDDS send neither of the first two.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderName};

use crate::answer::Failure;

/// How a browser relates a request to the page that makes it.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The names that clients may know the server by.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// Whether addresses of other than the loopback interface are among them.
    is_remote_allowed: bool,
    /// Names beside `localhost`, in lower case.
    others: Arc<[String]>,
}

impl Names {
    /// The addresses of the loopback interface and `localhost`; any address and these names when other machines are let in.
    pub(crate) fn new(is_remote_allowed: bool, others: &[String]) -> Self {
        let others = others
            .iter()
            .map(|name| name.to_ascii_lowercase())
            .collect();
        Self {
            is_remote_allowed,
            others,
        }
    }

    /// Tells whether a client may know the server by this name.
    ///
    /// An address is no risk where it can be reached at all: only a name can be made to lead from a page's own server to
    /// this one.
    fn has(&self, authority: &Authority) -> bool {
        let host = authority.host();
        let address = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>();
        match address {
            Ok(address) => self.is_remote_allowed || address.to_canonical().is_loopback(),
            Err(_) => {
                host.eq_ignore_ascii_case("localhost")
                    || self
                        .others
                        .iter()
                        .any(|name| name.eq_ignore_ascii_case(host))
            }
        }
    }
}

/// Answers 403 to what a page of a browser sends, and to requests for another server.
pub(crate) async fn check(State(names): State<Names>, request: Request, next: Next) -> Response {
    match refusal(&names, &request) {
        None => next.run(request).await,
        Some(why) => Failure::forbidden(why).into_response(),
    }
}

/// Returns why a request is not served.
fn refusal(names: &Names, request: &Request) -> Option<String> {
    let headers = request.headers();
    // HTTP/2 has the name in the address, and so has a request in the form that proxies get.
    let mut authorities: Vec<_> = request.uri().authority().cloned().into_iter().collect();
    for host in headers.get_all(HOST) {
        match host
            .to_str()
            .ok()
            .and_then(|host| host.parse::<Authority>().ok())
        {
            Some(authority) => authorities.push(authority),
            None => return Some("the header Host is no name of a server".to_owned()),
        }
    }
    if headers.get_all(HOST).iter().count() > 1 || authorities.is_empty() {
        return Some("a request has the header Host exactly once".to_owned());
    }
    if let Some(foreign) = authorities.iter().find(|authority| !names.has(authority)) {
        return Some(format!(
            "the request is for {:?}, which is none of this server's names; `idds serve --allow_remote --host_name NAME` adds one",
            foreign.host()
        ));
    }
    let is_page = is_of_a_page(headers, &authorities);
    is_page.then(|| "pages in a browser may not use this server".to_owned())
}

/// Tells whether the page of another server makes the request.
fn is_of_a_page(headers: &HeaderMap, authorities: &[Authority]) -> bool {
    let is_own = |origin: &str| {
        let authority = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        authority.is_some_and(|authority| {
            authorities
                .iter()
                .all(|own| own.as_str().eq_ignore_ascii_case(authority))
        })
    };
    let has_foreign_origin = headers
        .get_all(ORIGIN)
        .iter()
        .any(|origin| !origin.to_str().is_ok_and(|it| is_own(it) || is_vo(it)));
    // A person who types the address is `none`.
    let is_fetched_elsewhere = headers
        .get_all(FETCH_SITE)
        .iter()
        .any(|site| !["none", "same-origin"].contains(&site.to_str().unwrap_or("")));
    has_foreign_origin || is_fetched_elsewhere
}

/// Tells whether it is the name of an experiment, which clients of PanDA send where browsers have an address. No page is from a word: its
/// origin has a scheme, or is `null`.
fn is_vo(origin: &str) -> bool {
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    origin != "null" && !origin.is_empty() && origin.bytes().all(is_of_word)
}
