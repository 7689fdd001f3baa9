//! The token of the server: who does not show it is not served.
//!
//! The loopback interface is open to every user of the machine. The token stands in the address that clients are given, before
//! `/idds`, or in a header. It is taken out of a request before anything else sees that, so that it stands in no line of a log.

use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::AUTHORIZATION;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use subtle::ConstantTimeEq;
use tempfile::NamedTempFile;

use crate::answer::Failure;
use crate::error::{Error, ErrorKind};
use crate::panda;
use crate::private;

/// Header that a client may show the token in, instead of the address.
const HEADER: HeaderName = HeaderName::from_static("x-idds-server-token");

/// Keeps the address, which may hold the token, from the pages that a link in an answer leads to.
const REFERRER_POLICY: HeaderName = HeaderName::from_static("referrer-policy");

/// How every token begins, so that people, and programs that look for secrets, know it for one.
const PREFIX: &str = "token_";

/// Bytes of randomness, each of which is written as two digits.
const BYTES: usize = 20;

/// What only the clients of this server know.
#[derive(Clone)]
pub(crate) struct Token(Arc<str>);

impl Token {
    /// Draws a token from the randomness of the operating system.
    pub(crate) fn draw() -> Result<Self, Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|source| {
            Error::new(
                ErrorKind::Token,
                "the operating system gives no randomness for the token",
                source,
            )
        })?;
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self(format!("{PREFIX}{digits}").into()))
    }

    /// Reads the token in this file, which is made with a new one when it is not there.
    pub(crate) fn keep(path: &Path) -> Result<Self, Error> {
        let name = path.display();
        let failed = |what: &str| {
            let message = format!("the token file {name} {what}");
            move |source: io::Error| Error::new(ErrorKind::Token, message, source)
        };
        let token = Self::draw()?;
        match store(path, &token) {
            Ok(()) => return Ok(token),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed("cannot be written")(error)),
        }
        let file = private::open(path)
            .map_err(failed("cannot be read"))?
            .map_err(|flaw| {
                let message = format!(
                    "the token file {name} {flaw}; remove it, and the server draws a new token"
                );
                Error::unsourced(ErrorKind::Token, message)
            })?;
        // One byte more than a token and its line have tells that there is more.
        let mut text = String::new();
        let read = (&file)
            .take((PREFIX.len() + 2 * BYTES + 2) as u64)
            .read_to_string(&mut text);
        match read.map(|_| Self::parse(text.trim_end())) {
            Ok(Some(token)) => Ok(token),
            Ok(None) => {
                let message = format!(
                    "the token file {name} holds no token; remove it, and the server draws a new one"
                );
                Err(Error::unsourced(ErrorKind::Token, message))
            }
            Err(error) => Err(failed("cannot be read")(error)),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        let is_token = digits.len() == 2 * BYTES
            && digits
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_token.then(|| Self(text.into()))
    }

    /// Returns the token itself, for the address of the server.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Tells whether this is the token, in a time that does not tell how much of it is right.
    fn is(&self, shown: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(shown).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Makes the file of a token, which is whole from the moment that it is there.
fn store(path: &Path, token: &Token) -> io::Result<()> {
    let directory = path
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    // With mode 0600.
    let mut file = NamedTempFile::new_in(directory)?;
    writeln!(file, "{}", token.expose())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    Ok(())
}

/// What a request has shown of the token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Shown {
    Nothing,
    Wrong,
    Right,
}

/// Takes the token out of a request, and notes what it was worth for [`check`].
pub(crate) async fn take(
    State(token): State<Option<Token>>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut shown: Vec<_> = request
        .headers()
        .get_all(HEADER)
        .iter()
        .map(HeaderValue::as_bytes)
        .map(<[_]>::to_vec)
        .collect();
    request.headers_mut().remove(HEADER);
    if panda::is_of_panda(request.uri().path())
        && let Some(bearer) = bearer(request.headers())
    {
        shown.push(bearer);
        request.headers_mut().remove(AUTHORIZATION);
    }
    // Of several headers, what stands between may have looked at another one.
    let is_doubled = shown.len() > 1;
    if let Some((segment, rest)) = split(request.uri()) {
        shown.push(segment);
        *request.uri_mut() = rest;
    }
    let is_right = |shown: &Vec<u8>| token.as_ref().is_none_or(|token| token.is(shown));
    let worth = match (&token, &shown[..]) {
        (None, _) => Shown::Right,
        (Some(_), []) => Shown::Nothing,
        (Some(_), shown) if !is_doubled && shown.iter().all(is_right) => Shown::Right,
        _ => Shown::Wrong,
    };
    request.extensions_mut().insert(worth);
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Returns the token that stands where a client of PanDA shows its own; what has not the form of one is none.
fn bearer(headers: &HeaderMap) -> Option<Vec<u8>> {
    let shown = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let token = shown.strip_prefix("Bearer ")?.trim();
    is_meant(token).then(|| token.as_bytes().to_vec())
}

/// Returns the first part of a path, when it has the form of a token, and the address without it.
///
/// A part that is no token but was meant for one, as its case is another, is taken out as well: it is not for a log.
fn split(uri: &Uri) -> Option<(Vec<u8>, Uri)> {
    let path = uri.path().strip_prefix('/')?;
    let (segment, rest) = path.split_once('/').map_or((path, "/"), |(segment, _)| {
        (segment, &path[segment.len()..])
    });
    if !is_meant(segment) {
        return None;
    }
    let rest = uri
        .query()
        .map_or_else(|| rest.to_owned(), |query| format!("{rest}?{query}"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(rest).ok()?);
    Some((segment.into(), Uri::from_parts(parts).ok()?))
}

/// Tells whether a part of a path was meant for a token.
pub(crate) fn is_meant(segment: &str) -> bool {
    segment
        .get(..PREFIX.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

/// Tells whether a request has shown the token.
pub(crate) fn is_shown(request: &Request) -> bool {
    request.extensions().get() == Some(&Shown::Right)
}

/// Answers 401 to a request that has not shown the token.
///
/// It is the same answer on every path and says nothing of the server but how to be let in.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    match request.extensions().get() {
        Some(Shown::Right) => next.run(request).await,
        Some(Shown::Wrong) => Failure::unauthorized(
            "this is not the token of this server: take the address that `idds serve` printed last, \
             http://HOST:PORT/TOKEN/idds, or its TOKEN in the header X-IDDS-Server-Token once",
        )
        .into_response(),
        Some(Shown::Nothing) | None => Failure::unauthorized(
            "this server requires its token: use the address that `idds serve` printed, http://HOST:PORT/TOKEN/idds, \
             or send TOKEN in the header X-IDDS-Server-Token",
        )
        .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_drawn_anew_and_never_shows() {
        let (one, other) = (
            Token::draw().expect("a token"),
            Token::draw().expect("a token"),
        );
        assert_ne!(one.expose(), other.expose());
        assert!(Token::parse(one.expose()).is_some_and(|token| token.is(one.expose().as_bytes())));
        assert_eq!(format!("{one:?}"), "[redacted]");
    }

    #[test]
    fn only_the_whole_token_is_the_token() {
        let token = Token::draw().expect("a token");
        let text = token.expose();
        let flipped = text.strip_suffix(['0', '1']).map_or_else(
            || format!("{}0", &text[..text.len() - 1]),
            |rest| format!("{rest}f"),
        );
        for wrong in [
            "",
            PREFIX,
            &text[..text.len() - 1],
            &format!("{text}0"),
            &text.to_uppercase(),
            &flipped,
        ] {
            assert!(!token.is(wrong.as_bytes()), "{wrong:?}");
        }
    }

    #[test]
    fn a_token_is_taken_out_of_the_address_alone() {
        let cases = [
            ("/token_1/idds/ping", Some(("token_1", "/idds/ping"))),
            (
                "http://h:1/token_1/idds/ping?a=token_2",
                Some(("token_1", "http://h:1/idds/ping?a=token_2")),
            ),
            ("/TOKEN_1/idds//ping/", Some(("TOKEN_1", "/idds//ping/"))),
            ("/token_1", Some(("token_1", "/"))),
            ("/token_1?a", Some(("token_1", "/?a"))),
            ("/token_1//idds", Some(("token_1", "//idds"))),
            ("//token_1/idds/ping", None),
            ("/idds/token_1/ping", None),
            ("/%74oken_1/idds/ping", None),
            ("/idds/ping", None),
            ("/", None),
        ];
        for (address, expected) in cases {
            let found = split(&address.parse().expect("an address"));
            let found = found.map(|(segment, rest)| {
                (String::from_utf8(segment).expect("text"), rest.to_string())
            });
            assert_eq!(
                found,
                expected.map(|(segment, rest)| (segment.to_owned(), rest.to_owned())),
                "{address}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_token_is_kept_in_a_file_of_its_owner_alone() {
        use std::fs::{self, Permissions};
        use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("token");
        let first = Token::keep(&path).expect("a token");
        assert_eq!(path.metadata().expect("a file").mode() & 0o777, 0o600);
        assert_eq!(
            Token::keep(&path).expect("a token").expose(),
            first.expose()
        );
        assert_eq!(fs::read_dir(&folder).expect("a directory").count(), 1);

        let refusal = || {
            let error = Token::keep(&path).expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::Token);
            assert!(!error.to_string().contains(first.expose()), "{error}");
            error
                .to_string()
                .replace(&path.display().to_string(), "FILE")
        };
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("a mode");
        assert!(refusal().starts_with(
            "the token file FILE can be read or changed by other users of this machine"
        ));
        fs::remove_file(&path).expect("removed");
        for text in [
            "",
            "token_12\n",
            &first.expose().to_uppercase(),
            &format!("{0}\n{0}", first.expose()),
        ] {
            fs::write(&path, text).expect("written");
            fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("a mode");
            assert!(
                refusal().starts_with("the token file FILE holds no token"),
                "{text}"
            );
        }
        fs::rename(&path, folder.path().join("elsewhere")).expect("moved");
        symlink(folder.path().join("elsewhere"), &path).expect("a link");
        assert_eq!(
            refusal(),
            "the token file FILE is a link; remove it, and the server draws a new token"
        );
    }
}
