//! The error of a call.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use idds_workflow::printable_within;

use crate::ServerError;
use crate::auth::Untimely;

/// Longest clause displayed, in characters.
const SHOWN: usize = 2000;

/// Shared, as a call that cannot be made says so whenever it is asked for its request.
type Source = Arc<dyn std::error::Error + Send + Sync>;

/// The error of a call.
///
/// It displays as one clause, such as `submit failed: no iDDS server answers at https://idds.example:443/idds`. What lies
/// underneath, such as `Connection refused`, is its [source](std::error::Error::source) and not repeated. Whatever a server has
/// said in it, no terminal obeys it: control characters show as Rust writes them in a string.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::{Client, ErrorKind, Retry};
/// use idds_workflow::RequestId;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let recorded = Replay::new([
/// #     Exchange::new("GET", "/idds/transform/7", 503, "<title>Service Unavailable</title>"),
/// # ]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).retry(Retry::none()).build()?;
/// let error = client.transforms().list(RequestId::new(7)).await.expect_err("it is overloaded");
/// let what = "https://idds.example:443/idds cannot serve GET /transform/7 now (503): Service Unavailable";
/// assert_eq!(error.to_string(), format!("list transforms failed: {what}"));
/// assert_eq!((error.kind(), error.is_retryable(), error.attempts()), (ErrorKind::Unavailable, true, 1));
/// assert_eq!(error.request().map(|(method, path)| format!("{method} {path}")).as_deref(), Some("GET /transform/7"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Error {
    kind: ErrorKind,
    what: String,
    operation: Option<&'static str>,
    sent: Option<Box<Sent>>,
    retry_after: Option<Duration>,
    server: Option<Box<ServerError>>,
    source: Option<Source>,
    is_cut_short: bool,
}

/// What was sent before a call failed.
#[derive(Clone, Debug)]
struct Sent {
    method: Method,
    path: String,
    attempts: u32,
    is_repeatable: bool,
}

/// The kinds of failure, told apart by what a caller can do about them.
///
/// "Retried" is what the client does on its own, as its [`Retry`](crate::Retry) says.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting of the client is missing or wrong, or something else than iDDS answers at the address that is set. Not retried.
    Configuration,
    /// The certificate or token is missing, unreadable, expired, or refused in the TLS handshake. Not retried.
    Credential,
    /// An argument that must not be sent, such as a loss that is not a number. Not retried.
    Argument,
    /// A server of this version, or the relay on the way to it, cannot do it, or would do something else. Not retried.
    Unsupported,
    /// A file on this machine cannot be read or written, or is there already. Not retried.
    File,
    /// The server could not be reached; nothing was sent. Retried, whatever the call.
    Connect,
    /// The certificate of the server is not trusted; nothing was sent. Not retried.
    Certificate,
    /// No answer within the time allowed. Retried if the call may be repeated, or was [cut short](Error::is_cut_short).
    Timeout,
    /// The connection broke before the whole answer was there. Retried if the call may be repeated, or was
    /// [cut short](Error::is_cut_short).
    Interrupted,
    /// The server, or a gateway before it, cannot serve now (408, 429, 502, 503, 504). Retried if the call may be repeated.
    Unavailable,
    /// The server does not let this user in, or not do this. Not retried.
    Unauthorized,
    /// The server does not know what the call names. Not retried.
    NotFound,
    /// The server refused the call. Not retried, as iDDS answers 500 to wrong input as well as to its own failures.
    Refused,
    /// The answer could not be understood. Not retried.
    Answer,
    /// The answer is larger than [the client takes](crate::ClientBuilder::max_answer_length). Not retried.
    TooLarge,
    /// Whether a submission made a request, or will make one yet, is not known: look before submitting it again. Not retried.
    Undecided,
}

impl Error {
    /// Makes an error of this kind; `what` is one lower-case clause without full stop.
    ///
    /// For implementations of [`Transport`](crate::Transport); the client adds which call failed.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        let what = what.into();
        Self {
            kind,
            what,
            operation: None,
            sent: None,
            retry_after: None,
            server: None,
            source: None,
            is_cut_short: false,
        }
    }

    /// Adds what lies underneath.
    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into().into());
        self
    }

    /// Says that the request was not handed over to its end, and never will be, so that nobody can act on it.
    ///
    /// For implementations of [`Transport`](crate::Transport) that count what they hand over. What is JSON is none without its
    /// last byte, however late it is delivered and by whom; so such a request is sent again, whatever the call.
    #[must_use]
    pub fn cut_short(mut self) -> Self {
        self.is_cut_short = true;
        self
    }

    /// Adds a clause that helps to put it right.
    pub(crate) fn hint(mut self, hint: &str) -> Self {
        self.what.push_str(", ");
        self.what.push_str(hint);
        self
    }

    /// Names the call that failed.
    pub(crate) fn during(mut self, operation: &'static str) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Says what was sent, how often, and whether sending it twice does what sending it once does.
    pub(crate) fn after_sending(
        mut self,
        method: &Method,
        path: &str,
        attempts: u32,
        is_repeatable: bool,
    ) -> Self {
        let (method, path) = (method.clone(), path.to_owned());
        self.sent = Some(Box::new(Sent {
            method,
            path,
            attempts,
            is_repeatable,
        }));
        self
    }

    /// Keeps how long the server wants to be left alone.
    pub(crate) fn not_before(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// Returns the kind, to decide what to do.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Says whether sending the same call again is harmless and may succeed.
    ///
    /// True for [`ErrorKind::Connect`], for what a server was too busy to look at (429, or 503 with an
    /// exception of iDDS and `Retry-After`), and for
    /// [`ErrorKind::Timeout`], [`ErrorKind::Interrupted`] and [`ErrorKind::Unavailable`] when the call
    /// can be repeated or was [cut short](Self::is_cut_short). Everything else fails again in
    /// the same way. The client has then
    /// tried [so often](Self::attempts) already as its [`Retry`](crate::Retry) allows.
    pub fn is_retryable(&self) -> bool {
        match self.kind {
            ErrorKind::Connect => true,
            ErrorKind::Unavailable if self.is_unheard() => true,
            ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::Unavailable => {
                self.is_cut_short || self.sent.as_ref().is_some_and(|sent| sent.is_repeatable)
            }
            _ => false,
        }
    }

    /// Says whether the request is known to have been broken off before its end was handed over, so that nobody can act on it.
    ///
    /// False also when that is not known. A connection that breaks proves nothing once the whole of a request was handed over:
    /// what stands between may deliver it later.
    pub fn is_cut_short(&self) -> bool {
        self.is_cut_short
    }

    /// Says whether the server may have done what it was asked all the same, or may do it yet, because no answer of iDDS came.
    pub(crate) fn is_lost(&self) -> bool {
        match (self.kind, &self.server) {
            (
                ErrorKind::Timeout
                | ErrorKind::Interrupted
                | ErrorKind::Answer
                | ErrorKind::TooLarge,
                _,
            ) => !self.is_cut_short,
            (ErrorKind::Unavailable | ErrorKind::Refused, Some(server)) => server.leaves_open(),
            (ErrorKind::Unavailable, None) => true,
            _ => false,
        }
    }

    /// Says whether a credential was refused here because of the time, as the clock of this machine has it.
    pub(crate) fn is_untimely(&self) -> bool {
        self.source
            .as_ref()
            .is_some_and(|source| source.is::<Untimely>())
    }

    /// Says whether it comes from an embedded server that was not shown its token.
    pub(crate) fn wants_token(&self) -> bool {
        self.server
            .as_ref()
            .is_some_and(|server| server.wants_token)
    }

    /// Says whether the server knows not who asks, other than that it does not let them do this.
    pub(crate) fn is_turned_away(&self) -> bool {
        let status = self.server.as_ref().map(|server| server.status);
        matches!(
            status,
            Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        )
    }

    fn is_unheard(&self) -> bool {
        self.server
            .as_ref()
            .is_some_and(|server| match server.status {
                StatusCode::TOO_MANY_REQUESTS => true,
                // The embedded server has no room for the body. A gateway, which names no exception, may have handed it on.
                StatusCode::SERVICE_UNAVAILABLE => {
                    server.class.is_some() && self.retry_after.is_some()
                }
                _ => false,
            })
    }

    /// Returns the clause without what was being done.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    /// Says something else of the same failure.
    pub(crate) fn saying(mut self, kind: ErrorKind, what: String) -> Self {
        (self.kind, self.what) = (kind, what);
        self
    }

    /// Returns what was being done, such as `submit`; none for an error in the settings of the client.
    pub fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// Returns method and path of the request that failed, the path as it stands below the server's address; none when
    /// no request was made.
    pub fn request(&self) -> Option<(&Method, &str)> {
        self.sent
            .as_ref()
            .map(|sent| (&sent.method, sent.path.as_str()))
    }

    /// Returns how often the request was sent, or tried to be; 0 when none was made.
    pub fn attempts(&self) -> u32 {
        self.sent.as_ref().map_or(0, |sent| sent.attempts)
    }

    /// Returns how long the server asks to wait before the next attempt, if it sent `Retry-After`.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns the answer of the server, when the server refused the call.
    pub fn server(&self) -> Option<&ServerError> {
        self.server.as_deref()
    }
}

impl From<ServerError> for Error {
    fn from(server: ServerError) -> Self {
        Self {
            server: Some(Box::new(server.clone())),
            ..Self::new(server.kind(), server.to_string())
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = Prefix(self.operation, self.sent.as_deref());
        write!(f, "{prefix}{}", printable_within(&self.what, SHOWN))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // Not the `Arc`, which is an error too: callers look for the type of what is in it.
        self.source.as_deref().map(|source| source as _)
    }
}

struct Prefix<'a>(Option<&'static str>, Option<&'a Sent>);

impl fmt::Display for Prefix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (None, _) => Ok(()),
            (
                Some(operation),
                Some(Sent {
                    attempts: attempts @ 2..,
                    ..
                }),
            ) => {
                write!(f, "{operation} failed in {attempts} attempts: ")
            }
            (Some(operation), _) => write!(f, "{operation} failed: "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(kind: ErrorKind, is_repeatable: bool) -> Error {
        Error::new(kind, "no answer")
            .during("get requests")
            .after_sending(&Method::GET, "/request/1", 1, is_repeatable)
    }

    fn answered(status: StatusCode, class: Option<&str>) -> Error {
        ServerError::new(status, class.map(str::to_owned), String::new()).into()
    }

    #[test]
    fn a_timeout_is_retried_only_when_repeating_is_harmless() {
        assert!(after(ErrorKind::Timeout, true).is_retryable());
        assert!(!after(ErrorKind::Timeout, false).is_retryable());
    }

    #[test]
    fn what_was_never_heard_can_be_sent_again() {
        assert!(after(ErrorKind::Connect, false).is_retryable());
        let busy = answered(StatusCode::TOO_MANY_REQUESTS, None);
        assert!(busy.is_retryable() && !busy.is_lost());
        let full = |class| {
            answered(StatusCode::SERVICE_UNAVAILABLE, class)
                .not_before(Some(Duration::from_secs(1)))
        };
        assert!(
            full(Some("IDDSException")).is_retryable() && !full(Some("IDDSException")).is_lost()
        );
        assert!(!full(None).is_retryable() && full(None).is_lost());
    }

    #[test]
    fn only_an_exception_of_idds_says_that_nothing_was_done() {
        assert!(!answered(StatusCode::INTERNAL_SERVER_ERROR, Some("DatabaseException")).is_lost());
        assert!(!answered(StatusCode::BAD_REQUEST, None).is_lost());
        for status in [500, 502, 503, 504, 408] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert!(answered(status, None).is_lost(), "{status}");
        }
        for status in [301, 302, 400, 401, 404, 405, 413, 429, 501, 505] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert!(!answered(status, None).is_lost(), "{status}");
        }
        assert!(
            after(ErrorKind::Interrupted, false).is_lost()
                && !after(ErrorKind::Connect, false).is_lost()
        );
    }

    #[test]
    fn what_was_cut_short_was_not_done_and_can_be_sent_again() {
        for kind in [ErrorKind::Timeout, ErrorKind::Interrupted] {
            let error = after(kind, false).cut_short();
            assert!(
                error.is_retryable() && !error.is_lost() && error.is_cut_short(),
                "{kind:?}"
            );
        }
        assert!(
            !after(ErrorKind::Certificate, false)
                .cut_short()
                .is_retryable()
        );
    }

    #[test]
    fn it_displays_as_one_clause_without_its_source() {
        let error = after(ErrorKind::Connect, false).caused_by("refused");
        assert_eq!(error.to_string(), "get requests failed: no answer");
        assert_eq!(error.request(), Some((&Method::GET, "/request/1")));
        assert!(std::error::Error::source(&error).is_some());
        let error = error.after_sending(&Method::GET, "/request/1", 4, false);
        assert_eq!(
            error.to_string(),
            "get requests failed in 4 attempts: no answer"
        );
    }
}
